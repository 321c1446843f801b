//! What somebody accepted before a load, and what its guards said.

use std::collections::BTreeSet;

use oneroster_school::door::Guard;
use serde::Serialize;

/// The guards that somebody accepted for one load, and who.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    guards: BTreeSet<Guard>,
    by: String,
}

impl Acceptance {
    /// Accepts nothing.
    pub const fn none() -> Self {
        Self {
            guards: BTreeSet::new(),
            by: String::new(),
        }
    }

    /// Accepts guards in the name of `by`, who goes on record.
    pub fn new(guards: impl IntoIterator<Item = Guard>, by: &str) -> Self {
        Self {
            guards: guards.into_iter().collect(),
            by: by.to_owned(),
        }
    }

    /// Returns `true` if the guard was accepted.
    pub fn accepts(&self, guard: Guard) -> bool {
        self.guards.contains(&guard)
    }

    /// Returns who accepted.
    pub fn by(&self) -> &str {
        &self.by
    }
}

/// A guard that spoke.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuardReport {
    /// Which.
    pub guard: Guard,
    /// How many things it is about.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// What it means, what to do and what to type. Keys and ids only.
    pub message: String,
    /// Whether somebody accepted it for this load.
    pub accepted: bool,
}

impl std::fmt::Display for GuardReport {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verdict = if self.accepted { "accepted" } else { "refused" };
        write!(formatter, "{verdict}: {}: {}", self.guard, self.message)
    }
}
