//! People as messages show them.

use std::fmt::{Display, Formatter};

use chrono::NaiveDate;
use oneroster_school::projection::Person;
use oneroster_school::username::Identity;
use uuid::Uuid;

/// Somebody who has or had a name, as a message shows them. Personal: never logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The person.
    pub rowguid: Uuid,
    /// Their name as Informat has it; `None` if they are no longer in its data.
    pub name: Option<String>,
}

impl Holder {
    pub(super) fn of(rowguid: Uuid, person: Option<&Person>) -> Self {
        Self {
            rowguid,
            name: person.map(full_name),
        }
    }
}

impl Display for Holder {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        match &self.name {
            Some(name) => write!(formatter, "{name} ({})", self.rowguid),
            None => write!(
                formatter,
                "somebody who is not in Informat's data any more ({})",
                self.rowguid
            ),
        }
    }
}

/// Somebody with what they are told apart by, as a message shows them. Personal: never logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPerson {
    /// The person.
    pub rowguid: Uuid,
    /// Given and family name in the form in which names are compared.
    pub names: String,
    /// Birth date.
    pub birth_date: Option<NaiveDate>,
}

impl KnownPerson {
    pub(super) fn new(rowguid: Uuid, identity: &Identity) -> Self {
        let names = [identity.given_name.as_str(), identity.family_name.as_str()];
        Self {
            rowguid,
            names: names.join(" ").trim().to_owned(),
            birth_date: identity.birth_date,
        }
    }
}

impl Display for KnownPerson {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} ({}", self.names, self.rowguid)?;
        match self.birth_date {
            Some(born) => write!(formatter, ", born {born})"),
            None => formatter.write_str(")"),
        }
    }
}

/// Returns given and family name as one text.
pub(super) fn full_name(person: &Person) -> String {
    let parts = [person.given_name.as_deref(), person.family_name.as_deref()];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    parts.join(" ")
}
