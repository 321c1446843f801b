//! What differs between two tenant files of one tenant, as far as an operator must know.

use std::collections::{BTreeMap, BTreeSet};

use super::configuration::Configuration;
use super::domain::Domain;

/// The policies that differ, of those whose meaning is not seen in the roster alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyChanges {
    /// Keys that are for names made from now on (R11–R13).
    pub for_new_names: Vec<&'static str>,
    /// Whether some site releases new names that did not, or the other way round (R21).
    pub is_sync_default_changed: bool,
    /// Whether org ids get another form (R123).
    pub is_org_id_form_changed: bool,
    /// Whether another Entra tenant is named (R1).
    pub is_entra_tenant_changed: bool,
    /// The limit of the brake, before and after.
    pub brake_percent: Option<(u32, u32)>,
    /// Domains that are no longer the tenant's.
    pub domains_gone: Vec<Domain>,
    /// Domains that are the tenant's and no longer given to staff of any school.
    pub teacher_domains_gone: Vec<Domain>,
}

/// Compares two tenant files.
pub fn policy_changes(before: &Configuration, after: &Configuration) -> PolicyChanges {
    let mut for_new_names = Vec::new();
    if before.username_format != after.username_format {
        for_new_names.push("username_format");
    }
    if before.username_max_length != after.username_max_length {
        for_new_names.push("username_max_length");
    }
    let own = after.own_domains();
    let (gone, still_own): (Vec<&Domain>, Vec<&Domain>) = before
        .own_domains()
        .into_iter()
        .partition(|domain| !own.contains(domain));
    let (teachers_before, teachers_after) = (teacher_domains(before), teacher_domains(after));
    let teachers_gone = still_own
        .into_iter()
        .filter(|domain| teachers_before.contains(domain) && !teachers_after.contains(domain));
    let percents = (before.brake_percent, after.brake_percent);
    PolicyChanges {
        for_new_names,
        is_sync_default_changed: sync_defaults(before) != sync_defaults(after),
        is_org_id_form_changed: before.org_id_with_hoofdstructuur != after.org_id_with_hoofdstructuur,
        is_entra_tenant_changed: before.entra_tenant_id != after.entra_tenant_id,
        brake_percent: (percents.0 != percents.1).then_some(percents),
        domains_gone: gone.into_iter().cloned().collect(),
        teacher_domains_gone: teachers_gone.cloned().collect(),
    }
}

/// Lists what differs between two tenant files, `KEY: BEFORE → AFTER`, each value with the keys that lead to it. A value that one
/// of them does not have is `-`.
///
/// Schools and sites are told apart by their numbers, not by their place in the file.
pub fn difference(before: &Configuration, after: &Configuration) -> Vec<String> {
    let (before, after) = (values(before), values(after));
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differing = keys.into_iter().filter_map(|key| {
        let (before, after) = (before.get(key), after.get(key));
        let text = |value: Option<&String>| value.cloned().unwrap_or_else(|| "-".to_owned());
        (before != after).then(|| format!("{key}: {} → {}", text(before), text(after)))
    });
    differing.collect()
}

/// Every value of a configuration by its keys.
fn values(configuration: &Configuration) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    if let Ok(document) = serde_json::to_value(configuration) {
        flatten("", &document, &mut values);
    }
    values
}

fn flatten(key: &str, value: &serde_json::Value, values: &mut BTreeMap<String, String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, member) in members {
                let separator = if key.is_empty() { "" } else { ", " };
                flatten(&format!("{key}{separator}{name}"), member, values);
            }
        }
        serde_json::Value::Array(entries) if entries.iter().all(serde_json::Value::is_object) => {
            let list = key.rsplit(", ").next().unwrap_or(key);
            let parent = key.strip_suffix(list).unwrap_or_default();
            for entry in entries {
                flatten(&format!("{parent}{}", label(list, entry)), entry, values);
            }
        }
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_)
        | serde_json::Value::Array(_) => {
            values.insert(key.to_owned(), value.to_string());
        }
    }
}

/// Says which school or site an entry is.
fn label(list: &str, entry: &serde_json::Value) -> String {
    let part = |name: &str| match entry.get(name) {
        Some(serde_json::Value::String(text)) => Some(text.clone()),
        Some(value) => Some(value.to_string()),
        None => None,
    };
    let parts = ["instelnr", "vestnr", "hoofdstructuur"].map(part);
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let word = list.strip_suffix('s').unwrap_or(list);
    format!("{word} {}", parts.join(" structure "))
}

/// The sites where new names are released.
fn sync_defaults(configuration: &Configuration) -> BTreeSet<(&str, i32, Option<&str>)> {
    let sites = configuration
        .schools
        .iter()
        .flat_map(|school| school.sites.iter().map(move |site| (school, site)));
    sites
        .filter(|(_, site)| site.sync && site.sync_default)
        .map(|(school, site)| {
            let structure = site.hoofdstructuur.as_deref();
            (school.instelnr.as_str(), site.vestnr, structure)
        })
        .collect()
}

fn teacher_domains(configuration: &Configuration) -> BTreeSet<&Domain> {
    let schools = configuration.schools.iter();
    schools
        .filter_map(|school| school.teacher_domain.as_ref())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::difference;
    use crate::tenant::file;

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
[[schools.sites]]
vestnr = 2
hoofdstructuur = "211"
"#;

    #[test]
    fn what_differs_is_listed_with_the_keys_that_lead_to_it() {
        let before = file::parse(FILE).unwrap();
        assert_eq!(difference(&before, &before), Vec::<String>::new());
        let text = FILE
            .replace("{klas}", "{klascode}")
            .replace(
                "vestnr = 1",
                "vestnr = 1\nsync = false\npupil_domain = \"a.example\"",
            )
            .replace("[[schools.sites]]\nvestnr = 2\nhoofdstructuur = \"211\"\n", "");
        let after = file::parse(&text).unwrap();
        assert_eq!(
            difference(&before, &after),
            [
                "school 001507, site 1, pupil_domain: - → \"a.example\"",
                "school 001507, site 1, sync: true → false",
                "school 001507, site 2 structure 211, hoofdstructuur: \"211\" → -",
                "school 001507, site 2 structure 211, sync: true → -",
                "school 001507, site 2 structure 211, sync_default: false → -",
                "school 001507, site 2 structure 211, vestnr: 2 → -",
                "team_name_format: \"{klas}\" → \"{klascode}\"",
            ]
        );
    }
}
