//! The report beside a bundle that was put away: that of the import, how the bundle was meant, and what to type to import it after all.

use std::path::Path;

use oneroster_school::tenant::TenantId;
use serde::Serialize;

use crate::mirror::Mode;
use crate::report::import::ImportReport;

/// What is written beside a bundle.
#[derive(Serialize)]
struct Beside<'a> {
    tenant: &'a str,
    delta: bool,
    #[serde(flatten)]
    report: &'a ImportReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<String>,
}

/// Writes the report of a bundle that stands at `path` from now on. `error` is why it was neither loaded nor refused, if it was neither.
pub(super) fn report_beside(
    path: &Path,
    (tenant, mode): (&TenantId, Mode),
    report: &ImportReport,
    error: Option<&str>,
) -> Vec<u8> {
    let beside = Beside {
        tenant: tenant.as_str(),
        delta: mode == Mode::Delta,
        report,
        error,
        command: command(path, tenant, mode, report, error),
    };
    // It is always JSON.
    serde_json::to_vec_pretty(&beside).unwrap_or_default()
}

/// Returns what imports the bundle, with the guards accepted that refused it. What has faults besides must be exported again.
fn command(
    path: &Path,
    tenant: &TenantId,
    mode: Mode,
    report: &ImportReport,
    error: Option<&str>,
) -> Option<String> {
    let guards: Vec<String> = report
        .guards
        .iter()
        .filter(|guard| !guard.accepted)
        .map(|guard| format!(" --accept {}", guard.guard))
        .collect();
    if report.accepted || (guards.is_empty() && error.is_none()) {
        return None;
    }
    let delta = if mode == Mode::Delta { " --delta" } else { "" };
    let by = if guards.is_empty() {
        ""
    } else {
        " --by 'YOUR NAME'"
    };
    // As a shell takes it, whatever is in it.
    let path = path.display().to_string().replace('\'', r"'\''");
    Some(format!(
        "oneroster import --tenant {tenant}{delta} '{path}'{}{by}",
        guards.concat()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::import::Imported;
    use crate::mirror::{Fault, GuardReport, Rule};
    use oneroster_school::door::Guard;

    fn written(mode: Mode, report: &ImportReport, error: Option<&str>) -> serde_json::Value {
        let tenant = "t".parse().unwrap();
        let path = Path::new("/in box/refused/it's.zip");
        serde_json::from_slice(&report_beside(path, (&tenant, mode), report, error)).unwrap()
    }

    /// A delta that is imported as the whole state deletes what it lacks.
    #[test]
    fn the_command_beside_a_refused_bundle_says_how_it_is_meant() {
        let fault = Fault::of_file("a.zip", Rule::Unreadable, "x");
        let mut report = ImportReport::of_no_bundle(fault);
        let faulty = written(Mode::Delta, &report, None);
        assert_eq!(
            (&faulty["delta"], &faulty["command"]),
            (&true.into(), &serde_json::Value::Null)
        );
        report.guards.push(GuardReport {
            guard: Guard::NamesChanged,
            count: 37,
            of: 180,
            message: String::new(),
            accepted: false,
        });
        assert_eq!(
            written(Mode::Delta, &report, None)["command"],
            r"oneroster import --tenant t --delta '/in box/refused/it'\''s.zip' --accept names-changed --by 'YOUR NAME'"
        );
        let nothing = ImportReport {
            accepted: false,
            ..ImportReport::accepted(Imported::default(), false)
        };
        let failed = written(Mode::Full, &nothing, Some("why"));
        assert_eq!(
            (&failed["error"], &failed["command"], &failed["accepted"]),
            (
                &"why".into(),
                &r"oneroster import --tenant t '/in box/refused/it'\''s.zip'".into(),
                &false.into()
            )
        );
        let loaded = written(
            Mode::Full,
            &ImportReport::accepted(Imported::default(), false),
            None,
        );
        assert_eq!((&loaded["tenant"], loaded.get("command")), (&"t".into(), None));
    }
}
