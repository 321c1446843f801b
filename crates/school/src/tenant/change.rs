//! What differs between two tenant files of one tenant, as far as an operator must know.

use std::collections::BTreeSet;

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
