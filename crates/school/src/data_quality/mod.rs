//! Data quality: what Microsoft would refuse, or what is probably not intended, before it is synchronised.
//!
//! Pure: looks at what the projection is made from and at what it made, and writes none of its rules a second time.
//! One file per subject; `docs/health.md` has a row for every rule.

mod addresses;
mod classes;
mod damaged_text;
mod default_sync;
mod facts;
mod gaps;
mod identity;
mod names;
mod neighbour;
mod not_a_school;
mod other_name;
mod registrations;
mod rule;
mod sites;
mod teachers;
#[cfg(test)]
mod tests;
mod unlinked;
mod usernames;
mod year;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use oneroster_standard::Kind;
use serde::Serialize;
use uuid::Uuid;

pub use neighbour::Neighbour;
pub use rule::{Reach, Rule, Severity};

use crate::door::IdChange;
use crate::informat::Mirror;
use crate::informat::published_rows::PublishedRows;
use crate::informat::school_year::UnknownSchoolYear;
use crate::projection::{project, roster_candidates};
use crate::tenant::Configuration;
use crate::username::Record;
use crate::username::candidate::candidates;
use facts::Facts;

/// What is examined: the inputs of a publication, and the newest state published so far.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Informat's data.
    pub source: &'a Mirror,
    /// Username records by person.
    pub usernames: &'a HashMap<Uuid, Record>,
    /// The tenant file.
    pub configuration: &'a Configuration,
    /// The day in Brussels.
    pub today: NaiveDate,
    /// The newest generation; none before the first.
    pub newest: Option<Newest>,
    /// Keys that ever came with an id nobody had before, the oldest load first.
    pub id_changes: &'a [IdChange],
    /// People whose username was served, or of which it cannot be shown that it never was.
    pub final_usernames: &'a HashSet<Uuid>,
    /// Whether a consumer has read everyone, to the last row, at least once.
    pub was_read_completely: bool,
    /// Whether a client of the tenant is told addresses.
    pub asks_for_addresses: bool,
    /// Other tenants that are synchronised to the same Entra tenant.
    pub neighbours: &'a [Neighbour],
}

/// When the newest generation is dated, and what the clock said when it was looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Newest {
    /// Its date.
    pub published_at: DateTime<Utc>,
    /// The database's clock.
    pub now: DateTime<Utc>,
}

/// Something a rule found, about one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// How bad it is.
    pub severity: Severity,
    /// The kind of the object; what concerns the tenant as a whole stands at its academic session.
    pub kind: Kind,
    /// The object's id. It need not be published: often that is what is wrong.
    pub sourced_id: String,
    /// What is wrong and what to do, in plain words. Names usernames and class titles, so it is never logged.
    pub message: String,
}

impl Finding {
    fn new(rule: Rule, kind: Kind, sourced_id: impl Into<String>, message: String) -> Self {
        Self {
            rule,
            severity: rule.severity(),
            kind,
            sourced_id: sourced_id.into(),
            message,
        }
    }
}

/// Examines a tenant's data. Findings are sorted by severity, rule id, object and message.
///
/// ```
/// use std::collections::{HashMap, HashSet};
///
/// use oneroster_school::data_quality::{Subject, examine};
/// use oneroster_school::informat::Mirror;
/// use oneroster_school::tenant;
///
/// let configuration = tenant::file::parse(
///     r#"
///     id = "zandpoort"
///     name = "Scholengroep Zandpoort"
///     active_school_year = "2026-27"
///     team_name_format = "{klas}"
///     username_format = "{voornaam}.{familienaam}"
///     schools = [{ instelnr = "001507", sites = [{ vestnr = 1 }] }]
///     "#,
/// )?;
/// let error = examine(&Subject {
///     source: &Mirror::default(),
///     usernames: &HashMap::new(),
///     configuration: &configuration,
///     today: "2026-10-01".parse()?,
///     newest: None,
///     id_changes: &[],
///     final_usernames: &HashSet::new(),
///     was_read_completely: false,
///     asks_for_addresses: false,
///     neighbours: &[],
/// })
/// .unwrap_err();
/// assert!(error.to_string().contains("2026-27 is not in the mirror"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn examine(subject: &Subject<'_>) -> Result<Vec<Finding>, UnknownSchoolYear> {
    let configuration = subject.configuration;
    let rows = PublishedRows::new(&subject.source.schoolvest, configuration);
    let roster_candidates = roster_candidates(subject.source, configuration, &rows, subject.today)?;
    let expected = candidates(subject.source, configuration, &rows, subject.today)?;
    let roster = project(
        subject.source,
        subject.usernames,
        configuration,
        &configuration.active_school_year,
        subject.today,
    )?;
    let expected = expected.into_keys().collect();
    let facts = Facts::new(*subject, &rows, &roster_candidates, &roster, expected);
    let mut findings = Vec::new();
    for examine in [
        usernames::examine,
        addresses::examine,
        names::examine,
        damaged_text::examine,
        identity::examine,
        other_name::examine,
        neighbour::examine,
        registrations::examine,
        gaps::examine,
        classes::examine,
        unlinked::examine,
        teachers::examine,
        sites::examine,
        not_a_school::examine,
        default_sync::examine,
        year::examine,
    ] {
        examine(&facts, &mut findings);
    }
    findings.sort_by(|a, b| {
        let key = |finding: &'_ Finding| (finding.severity, finding.rule.id());
        (key(a), &a.sourced_id, &a.message).cmp(&(key(b), &b.sourced_id, &b.message))
    });
    Ok(findings)
}
