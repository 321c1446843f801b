//! Reports of `oneroster tenant list`, `show` and `decisions`.

use std::fmt::{Display, Formatter};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use oneroster_school::tenant::Configuration;
use oneroster_standard::Moment;
use serde::Serialize;
use serde_json::Value;

use super::words::{counted, lines, printable};
use crate::audit::Listed;
use crate::tenants::RecordedDecision;

/// Every tenant: `tenant list`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TenantsReport {
    /// Their configurations, by id.
    pub tenants: Vec<Configuration>,
}

impl Display for TenantsReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        lines(
            formatter,
            self.tenants.iter().map(|tenant| {
                let Configuration {
                    id,
                    active_school_year,
                    name,
                    ..
                } = tenant;
                format!("{id}\t{active_school_year}\t{}", printable(name))
            }),
        )
    }
}

/// A tenant's configuration, for people as a tenant file: `tenant show`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TenantReport {
    /// Counts the changes of the configuration: a file written from an older one is refused.
    revision: i64,
    #[serde(flatten)]
    configuration: Configuration,
    #[serde(skip)]
    file: String,
}

impl TenantReport {
    /// Reports a configuration with its revision.
    pub fn new(configuration: Configuration, revision: i64) -> Result<Self, toml::ser::Error> {
        let file = toml::to_string_pretty(&configuration)?;
        Ok(Self {
            revision,
            configuration,
            file: format!("revision = {revision}\n{file}"),
        })
    }
}

impl Display for TenantReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.file.trim_end())
    }
}

/// What people decided about a tenant's publications and what else is in its audit trail, the oldest first: `tenant decisions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionsReport {
    /// The tenant.
    pub tenant: String,
    /// The decisions.
    pub decisions: Vec<DecisionReport>,
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionReport {
    /// When.
    pub decided_at: Moment,
    /// Who.
    pub decided_by: String,
    /// `release`, `discard`, `activate_year`, or a kind of the audit trail.
    pub decision: String,
    /// About what, as recorded.
    pub detail: Value,
}

impl DecisionsReport {
    /// Reports decisions about a tenant, and the rest of its audit trail.
    pub fn new(tenant_id: &str, decisions: Vec<RecordedDecision>, trail: Vec<Listed>) -> Self {
        let report = |mut decided: RecordedDecision| {
            show_moments(&mut decided.detail);
            DecisionReport {
                decided_at: decided.decided_at.into(),
                decided_by: decided.decided_by,
                decision: decided.decision,
                detail: decided.detail,
            }
        };
        let of_trail = |listed: Listed| DecisionReport {
            decided_at: listed.at.into(),
            decided_by: listed.by,
            decision: listed.kind,
            detail: listed.detail,
        };
        let decided = decisions.into_iter().map(report);
        let mut decisions: Vec<DecisionReport> = decided.chain(trail.into_iter().map(of_trail)).collect();
        decisions.sort_by_key(|decision| decision.decided_at);
        Self {
            tenant: tenant_id.to_owned(),
            decisions,
        }
    }
}

/// Writes the moments of a recorded detail in the form of every report; they are stored to the microsecond.
fn show_moments(detail: &mut Value) {
    let Value::Object(members) = detail else { return };
    for (name, member) in members {
        let instant = member
            .as_str()
            .filter(|_| name == "held_at")
            .and_then(|text| text.parse::<DateTime<Utc>>().ok());
        match instant {
            Some(instant) => *member = Value::String(Moment::from(instant).rfc3339()),
            None => show_moments(member),
        }
    }
}

impl Display for DecisionsReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        lines(
            formatter,
            self.decisions.iter().map(|decision| {
                let DecisionReport {
                    decided_at,
                    decided_by,
                    decision,
                    detail,
                } = decision;
                format!("{decided_at}\t{}\t{decision}\t{detail}", printable(decided_by))
            }),
        )
    }
}

/// What `oneroster tenant remove` did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TenantRemovedReport {
    /// The tenant that is gone.
    pub tenant: String,
    /// The file with its audit trail.
    pub audit: PathBuf,
    /// How many entries it has.
    pub entries: usize,
}

impl Display for TenantRemovedReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "tenant {} is removed; its audit trail is in {} ({})",
            self.tenant,
            self.audit.display(),
            counted(self.entries, "entry", "entries")
        )
    }
}

#[cfg(test)]
mod tests {
    use oneroster_school::tenant::file;
    use serde_json::json;

    use super::*;
    use crate::report::snapshot::{self, instant};

    const FILE: &str = r#"
id = "zandpoort"
name = "Scholengroep Zandpoort"
active_school_year = "2026-27"
team_name_format = "{klas}"
username_format = "{voornaam}"
[[schools]]
instelnr = "001507"
[[schools.sites]]
vestnr = 1
"#;

    #[test]
    fn tenants_are_listed_and_one_is_shown_as_its_file() {
        let configuration = file::parse(FILE).unwrap();
        snapshot::assert(
            "tenant_list",
            &TenantsReport {
                tenants: vec![configuration.clone()],
            },
        );
        let report = TenantReport::new(configuration.clone(), 3).unwrap();
        snapshot::assert("tenant_show", &report);
        let shown = file::read(&report.to_string()).unwrap();
        assert_eq!((shown.configuration, shown.revision), (configuration, Some(3)));
    }

    #[test]
    fn decisions_are_listed_with_their_moments_in_the_form_of_every_report() {
        let decided = |seconds, decision: &str, detail| RecordedDecision {
            decided_at: instant(seconds),
            decided_by: "Els".to_owned(),
            decision: decision.to_owned(),
            detail,
        };
        let hold = json!({ "hold": "3fa9", "held_at": "2026-11-26T20:02:32.123456Z", "reasons": [] });
        let year = json!({ "from": "2026-27", "to": "2027-28", "overridden": [], "replaced_hold": hold });
        let trail = vec![Listed {
            at: instant(30),
            by: "os:root".to_owned(),
            kind: "client_revoked".to_owned(),
            detail: json!({ "client": "zandpoort.x", "origin": "oneroster client on server1" }),
            people: Vec::new(),
            value: None,
            position: 1,
        }];
        let decisions = vec![decided(0, "discard", hold), decided(60, "activate_year", year)];
        snapshot::assert(
            "tenant_decisions",
            &DecisionsReport::new("zandpoort", decisions, trail),
        );
    }
}
