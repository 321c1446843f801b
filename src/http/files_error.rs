//! Why a request for files was refused.

use axum::http::StatusCode;
use oneroster_standard::status_info::CodeMinor;

use crate::export::{Format, Refusal};

/// A refusal that only files have.
#[derive(Debug, thiserror::Error)]
pub(super) enum FilesError {
    /// The client may not have files of this format.
    #[error(
        "this client has no setting `files`: it may have {} only",
        Format::OneRosterCsv
    )]
    NotOpen,
    /// There is no format of this name.
    #[error("the formats are {}", Format::ALL.map(Format::name).join(", "))]
    UnknownFormat,
    /// A rule of the format does not hold.
    #[error("this roster cannot be written in this format: {}", told(.0))]
    Refused(Box<Refusal>),
    /// The tenant, or all together, have as many exports under way as they may.
    #[error("as many exports as may be are under way: try again later")]
    TooMany,
}

impl FilesError {
    /// Returns the status of the answer and its code.
    pub(super) const fn code(&self) -> (StatusCode, CodeMinor) {
        match self {
            Self::NotOpen => (StatusCode::FORBIDDEN, CodeMinor::Forbidden),
            Self::UnknownFormat => (StatusCode::NOT_FOUND, CodeMinor::UnknownObject),
            Self::Refused(_) => (StatusCode::CONFLICT, CodeMinor::InvalidData),
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, CodeMinor::ServerBusy),
        }
    }
}

/// Returns which rule does not hold, where, and of which object: by ids.
fn told(refusal: &Refusal) -> String {
    let Refusal {
        rule,
        file,
        column,
        sourced_id,
        ..
    } = refusal;
    let places = [("in", file), ("column", column), ("of", sourced_id)];
    let told = places
        .into_iter()
        .filter_map(|(word, place)| Some(format!("{word} {}", place.as_ref()?)));
    let told: Vec<String> = [rule.words().to_owned()].into_iter().chain(told).collect();
    told.join(", ")
}
