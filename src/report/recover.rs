//! Report of `oneroster recover`.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};

use oneroster_standard::Moment;
use serde::Serialize;

use super::words::{counted, lines};
use crate::audit::{Recovered, RecoveredTenant};

/// What a database lacked, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecoverReport {
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// Whether nothing is missing any more, or would be.
    pub complete: bool,
    /// The tenants of which something was missing, by id.
    pub tenants: Vec<RecoveredTenantReport>,
}

/// What was missing of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecoveredTenantReport {
    /// Its id.
    pub tenant: String,
    /// How many entries were missing.
    pub entries: usize,
    /// How many of each kind.
    pub kinds: BTreeMap<String, usize>,
    /// Whether generations were lost: the next publication gives everything a new date.
    pub redates: bool,
    /// What is published next is dated later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dated_past: Option<Moment>,
    /// Who has entries that are still missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub still_missing: Option<String>,
}

impl RecoverReport {
    /// Reports it.
    pub fn new(recovered: Recovered, dry_run: bool) -> Self {
        Self {
            dry_run,
            complete: !recovered.is_incomplete(),
            tenants: recovered.tenants.into_iter().map(of_tenant).collect(),
        }
    }

    /// Returns what is left to do.
    pub fn remarks(&self) -> Vec<String> {
        let still = self.tenants.iter().filter_map(|tenant| {
            let noticed_by = tenant.still_missing.as_ref()?;
            let id = &tenant.tenant;
            Some(format!(
                "tenant {id} still lacks entries that {noticed_by} has: run `oneroster recover` with that folder"
            ))
        });
        let mut remarks: Vec<String> = still.collect();
        if !self.dry_run && self.complete && !self.tenants.is_empty() {
            remarks.push(
                "import the newest export of each school group before it is published: Informat's data are those of the backup"
                    .to_owned(),
            );
        }
        remarks
    }
}

fn of_tenant(tenant: RecoveredTenant) -> RecoveredTenantReport {
    RecoveredTenantReport {
        entries: tenant.lack.entries(),
        tenant: tenant.lack.tenant_id,
        kinds: tenant.lack.kinds,
        redates: tenant.redates,
        dated_past: tenant.dated_past.map(Moment::from),
        still_missing: tenant.still_missing,
    }
}

/// What is to be said of entries of a kind whose text alone comes back.
fn of_kind(kind: &str) -> &'static str {
    match kind {
        "key_rotated" => {
            " (the entry only: the new key is in no file; `oneroster keys rotate` makes another)"
        }
        "encryption_key_changed" => {
            " (the entry only: keys are encrypted as they were; `oneroster keys change-encryption-key` again)"
        }
        _ => "",
    }
}

impl Display for RecoverReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        if self.tenants.is_empty() {
            return formatter.write_str("the database lacks nothing that these files have");
        }
        let made = if self.dry_run {
            "would be made again"
        } else {
            "made again"
        };
        let texts = self.tenants.iter().map(|tenant| {
            let entries = counted(tenant.entries, "entry", "entries");
            let kinds = tenant
                .kinds
                .iter()
                .map(|(kind, count)| format!("\n  {count} {kind}{}", of_kind(kind)));
            let dates = match (tenant.dated_past, tenant.redates) {
                (Some(past), true) => format!("\n  the next publication gives everything a date past {past}"),
                (Some(past), false) => format!("\n  what is published next is dated past {past}"),
                (None, _) => String::new(),
            };
            format!(
                "tenant {}: {entries} {made}{}{dates}",
                tenant.tenant,
                kinds.collect::<String>()
            )
        });
        lines(formatter, texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::TenantLack;
    use crate::report::snapshot::{self, instant};

    #[test]
    fn what_was_missing_is_told_by_tenant_and_kind() {
        let lack = |tenant_id: &str, kinds: &[(&str, usize)]| TenantLack {
            tenant_id: tenant_id.to_owned(),
            kinds: kinds
                .iter()
                .map(|(kind, count)| ((*kind).to_owned(), *count))
                .collect(),
            ..TenantLack::default()
        };
        let recovered = Recovered {
            tenants: vec![
                RecoveredTenant {
                    lack: lack("duinen", &[]),
                    redates: false,
                    dated_past: Some(instant(0)),
                    still_missing: None,
                },
                RecoveredTenant {
                    lack: lack("_accounts", &[("encryption_key_changed", 1), ("key_rotated", 1)]),
                    redates: false,
                    dated_past: None,
                    still_missing: None,
                },
                RecoveredTenant {
                    lack: lack("zandpoort", &[("client_revoked", 1), ("username_created", 12)]),
                    redates: true,
                    dated_past: Some(instant(0)),
                    still_missing: None,
                },
            ],
        };
        snapshot::assert("recover", &RecoverReport::new(recovered.clone(), false));
        snapshot::assert("recover_dry_run", &RecoverReport::new(recovered, true));
        snapshot::assert(
            "recover_nothing",
            &RecoverReport::new(Recovered::default(), false),
        );
    }
}
