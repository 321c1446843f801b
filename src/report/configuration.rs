//! Reports of `oneroster tenant apply`: what was stored, and what that means for people.

use std::fmt::{Display, Formatter};

use serde::Serialize;

use super::policy::{Names, remarks};
use super::words::counted;
use crate::publication::Consequences;
use crate::publication::configure::Configured;
use crate::tenants::Applied;

/// What applying a tenant file did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigurationReport {
    /// The tenant.
    pub tenant: String,
    /// Whether it is new, was changed, or was so already.
    pub state: Applied,
    /// The revision of the configuration then: a file that says an older one is refused.
    pub revision: i64,
    /// Whether nothing was to be stored.
    pub dry_run: bool,
    /// Usernames that were made.
    pub usernames_created: usize,
    /// Usernames of staff that were given a domain.
    pub domains_set: usize,
    /// What an admin should know.
    pub warnings: Vec<String>,
    /// What the change does to the roster; `null` where nothing changed or nothing can be published yet.
    pub consequences: Option<Consequences>,
}

impl ConfigurationReport {
    /// Reports what applying a file did.
    pub fn new(tenant_id: &str, configured: Configured, dry_run: bool) -> Self {
        let mut warnings: Vec<String> = configured
            .entra_tenant_shared_with
            .iter()
            .map(|other| {
                format!(
                    "tenant {other} is synchronised to the same Entra tenant: equal usernames would clash"
                )
            })
            .collect();
        if let Some(change) = &configured.change {
            let names = Names::new(&change.usernames_before, &change.usernames_after);
            let consequences = configured.consequences.clone().unwrap_or_default();
            warnings.extend(remarks(&change.policies, &names, &consequences));
        }
        warnings.extend(configured.warnings);
        Self {
            tenant: tenant_id.to_owned(),
            state: configured.state,
            revision: configured.revision,
            dry_run,
            usernames_created: configured.usernames_created,
            domains_set: configured.domains_set,
            warnings,
            consequences: configured.consequences,
        }
    }
}

impl Display for ConfigurationReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let state = match self.state {
            Applied::Created => "created",
            Applied::Changed => "changed",
            Applied::Unchanged => "unchanged",
        };
        write!(
            formatter,
            "tenant {}: {state}, revision {}, {} created, {} of staff set",
            self.tenant,
            self.revision,
            counted(self.usernames_created, "username", "usernames"),
            counted(self.domains_set, "domain", "domains"),
        )?;
        if self.dry_run {
            formatter.write_str("\ndry run: nothing was kept")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use chrono::DateTime;
    use oneroster_school::tenant::change::PolicyChanges;
    use oneroster_school::username::{GivenDomain, Record};
    use uuid::Uuid;

    use super::*;
    use crate::publication::Movement;
    use crate::publication::configure::Change;
    use crate::report::snapshot;

    fn record(number: u128, sync: bool, domain: Option<&str>) -> (Uuid, Record) {
        let rowguid = Uuid::from_u128(number);
        let record = Record {
            domain: domain.map(|domain| GivenDomain::system(domain.parse().unwrap())),
            sync,
            ..Record::new(rowguid, format!("u{number}"), DateTime::UNIX_EPOCH)
        };
        (rowguid, record)
    }

    fn configured() -> Configured {
        Configured {
            state: Applied::Created,
            usernames_created: 1,
            domains_set: 0,
            entra_tenant_shared_with: Vec::new(),
            change: None,
            consequences: None,
            warnings: Vec::new(),
            revision: 1,
        }
    }

    #[test]
    fn a_new_tenant_is_reported_without_consequences() {
        snapshot::assert(
            "tenant_apply",
            &ConfigurationReport::new("zandpoort", configured(), false),
        );
    }

    #[test]
    fn a_change_is_reported_with_what_it_means_for_people() {
        let change = Change {
            policies: PolicyChanges {
                for_new_names: vec!["username_format"],
                is_sync_default_changed: true,
                brake_percent: Some((20, 30)),
                domains_gone: vec!["oud.example".parse().unwrap()],
                ..PolicyChanges::default()
            },
            usernames_before: HashMap::from([record(1, true, None), record(2, false, Some("oud.example"))]),
            usernames_after: HashMap::from([
                record(1, true, Some("school.example")),
                record(2, false, Some("oud.example")),
                record(3, true, None),
            ]),
        };
        let consequences = Consequences {
            orgs: Movement {
                come: Vec::new(),
                go: vec!["001507-2".to_owned()],
            },
            users: Movement { come: 1, go: 2 },
            addresses_changed: 2,
            lifts_hold: true,
            ..Consequences::default()
        };
        let configured = Configured {
            state: Applied::Changed,
            usernames_created: 1,
            domains_set: 1,
            entra_tenant_shared_with: vec!["duinen".to_owned()],
            change: Some(change),
            consequences: Some(consequences),
            warnings: vec!["of the file itself".to_owned()],
            revision: 4,
        };
        snapshot::assert(
            "tenant_apply_changed",
            &ConfigurationReport::new("zandpoort", configured, true),
        );
    }
}
