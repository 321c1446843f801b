//! Why a bundle was neither loaded nor refused, as far as it matters to whoever tries again.

use super::archive::Error;
use crate::causes;

/// Why a bundle was neither loaded nor refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It passes by itself: the bundle has nothing to do with it.
    Passing(String),
    /// It may be the bundle's fault: after a few times nothing more is tried.
    OfBundle(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let causes = causes::with_causes(&error);
        if error.is_unavailable() {
            Self::Passing(causes)
        } else {
            Self::OfBundle(causes)
        }
    }
}
