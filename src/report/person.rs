//! Reports of `oneroster person`.

use std::fmt::{Display, Formatter};

use oneroster_standard::counted;
use serde::Serialize;
use uuid::Uuid;

use super::words::printable;
use crate::accounts::{Erased, NameForgotten};

/// What was erased of a person, and what is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonErasedReport {
    /// Their `sourcedId`.
    pub person: Uuid,
    /// The other ids of the same person, erased with it; left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Uuid>,
    /// When they were erased before, if they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<ErasedBefore>,
    /// What was erased.
    pub erased: ErasedOfPerson,
    /// What is kept.
    pub kept: KeptOfPerson,
}

/// An erasure of before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErasedBefore {
    /// The day, in Brussels.
    pub day: chrono::NaiveDate,
    /// Who did it; `system` after `history.people_retention_days`.
    pub by: String,
}

/// What was erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErasedOfPerson {
    /// Whether there was a username, with its history.
    pub username: bool,
    /// Published versions that were blanked.
    pub versions: u64,
}

/// What is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeptOfPerson {
    /// Usernames kept as hashes, so that nobody else gets one.
    pub name_hashes: usize,
    /// Whether consumers still get the tombstone, by the id.
    pub tombstone: bool,
}

impl PersonErasedReport {
    /// Reports it.
    pub fn new(person: Uuid, erased: Erased) -> Self {
        Self {
            person,
            others: erased.others,
            before: erased.before.map(|before| ErasedBefore {
                day: before.day,
                by: before.by,
            }),
            erased: ErasedOfPerson {
                username: erased.had_record,
                versions: erased.versions,
            },
            kept: KeptOfPerson {
                name_hashes: erased.name_hashes,
                tombstone: erased.has_tombstone,
            },
        }
    }
}

impl Display for PersonErasedReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let versions = usize::try_from(self.erased.versions).unwrap_or(usize::MAX);
        if let Some(ErasedBefore { day, by }) = &self.before {
            let by = printable(by);
            let again = if self.erased.username {
                "had a username again since"
            } else {
                "had no username any more; it was done once more"
            };
            writeln!(
                formatter,
                "{} was erased already on {day}, by {by}, and {again}",
                self.person
            )?;
        }
        writeln!(
            formatter,
            "{} is erased: {}{}",
            self.person,
            if self.erased.username {
                "their username with its history, "
            } else {
                ""
            },
            counted(versions, "published version", "published versions")
        )?;
        for other in &self.others {
            writeln!(
                formatter,
                "{other} is erased with it: their name was handed over, so it is the same person"
            )?;
        }
        write!(
            formatter,
            "kept: their id{}, and {} that nobody else gets",
            if self.kept.tombstone {
                " with a tombstone for consumers"
            } else {
                ""
            },
            counted(self.kept.name_hashes, "username as a hash", "usernames as hashes")
        )
    }
}

/// What was forgotten: a former username, which is not said again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NameForgottenReport {
    /// Whose it was, by `sourcedId`.
    pub person: Uuid,
    /// Under which ids they had it.
    pub ids: Vec<Uuid>,
    /// Published versions that have their present username instead.
    pub versions: u64,
    /// Whether the name is kept as a hash, so that nobody else gets it; it is not if somebody else has it, or had it last.
    pub name_hash: bool,
}

impl NameForgottenReport {
    /// Reports it.
    pub fn new(person: Uuid, forgotten: NameForgotten) -> Self {
        Self {
            person,
            ids: forgotten.people,
            versions: forgotten.versions,
            name_hash: forgotten.has_hash,
        }
    }
}

impl Display for NameForgottenReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let versions = usize::try_from(self.versions).unwrap_or(usize::MAX);
        writeln!(
            formatter,
            "the former username of {} is forgotten: {} with the present one instead",
            self.person,
            counted(versions, "published version", "published versions")
        )?;
        formatter.write_str(if self.name_hash {
            "kept: a hash of it, so that nobody else gets it"
        } else {
            "somebody else has it by now, or had it last: it stays theirs"
        })
    }
}
