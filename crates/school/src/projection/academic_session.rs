//! The academic session: the active school year (R122).

use oneroster_standard::{AcademicSession, SessionType};

use super::Identified;
use crate::informat::Schooljaar;

/// Makes the session of a school year. Its `schoolYear` is the calendar year in which it ends.
pub(super) fn from_schooljaar(year: &Schooljaar) -> Identified<AcademicSession> {
    Identified {
        sourced_id: year.schooljaar.clone(),
        content: AcademicSession {
            title: format!("Schooljaar {}", year.schooljaar),
            start_date: year.begindatum,
            end_date: year.einddatum,
            r#type: SessionType::SchoolYear,
            parent: None,
            children: Vec::new(),
            school_year: year.einddatum.format("%Y").to_string(),
            metadata: serde_json::Map::new(),
        },
    }
}
