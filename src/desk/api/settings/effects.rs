//! What a change of the settings does, in the user's words.

use std::collections::BTreeMap;

use crate::desk::language::{Language, text, text_with};
use crate::desk::reasons;
use crate::publication::Consequences;
use crate::publication::configure::Configured;

/// How many schools are named.
const NAMED_MAX: usize = 5;

/// Returns what a change does: first to usernames by their rules, then to what is published.
pub(super) fn effects(
    language: Language,
    site_names: &BTreeMap<String, String>,
    configured: &Configured,
) -> Vec<String> {
    let counted = |key: &str, count: usize| text_with(language, key, [("count", count.into())]);
    let mut effects = Vec::new();
    if let Some(change) = &configured.change {
        let existing = change.usernames_before.len();
        let policies = &change.policies;
        if !policies.for_new_names.is_empty() {
            effects.push(counted("settings-effect-new-names", existing));
        }
        if policies.is_sync_default_changed {
            effects.push(counted("settings-effect-sync-default", existing));
        }
        for domain in &policies.domains_gone {
            let domain = domain.as_str();
            effects.push(text_with(
                language,
                "settings-effect-domain-gone",
                [("domain", domain.into())],
            ));
        }
        if policies.is_entra_tenant_changed {
            effects.push(text(language, "settings-effect-entra"));
        }
        if let Some((before, after)) = policies.brake_percent {
            let arguments = [("before", before.into()), ("after", after.into())];
            effects.push(text_with(language, "settings-effect-brake", arguments));
        }
    }
    for (key, count) in [
        ("settings-effect-created", configured.usernames_created),
        ("settings-effect-domains-set", configured.domains_set),
    ] {
        if count > 0 {
            effects.push(counted(key, count));
        }
    }
    if let Some(consequences) = &configured.consequences {
        effects.extend(on_roster(language, site_names, consequences));
    }
    effects
}

/// Returns why the next publication would be held.
pub(super) fn held(
    language: Language,
    site_names: &BTreeMap<String, String>,
    configured: &Configured,
) -> Vec<String> {
    let reasons = configured.consequences.iter().flat_map(|found| &found.held);
    reasons
        .map(|reason| reasons::words(language, site_names, reason))
        .collect()
}

fn on_roster(
    language: Language,
    site_names: &BTreeMap<String, String>,
    consequences: &Consequences,
) -> Vec<String> {
    let Consequences {
        orgs,
        classes,
        classes_retitled,
        users,
        users_renamed,
        addresses_changed,
        memberships,
        held: _,
        lifts_hold,
    } = consequences;
    let counts = [
        ("settings-effect-renamed", *users_renamed),
        ("settings-effect-addresses", *addresses_changed),
        ("settings-effect-retitled", *classes_retitled),
        ("settings-effect-users-go", users.go),
        ("settings-effect-users-come", users.come),
        ("settings-effect-classes-go", classes.go),
        ("settings-effect-classes-come", classes.come),
        ("settings-effect-memberships-go", memberships.go),
        ("settings-effect-memberships-come", memberships.come),
    ];
    let mut effects: Vec<String> = counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(key, count)| text_with(language, key, [("count", count.into())]))
        .collect();
    for (key, ids) in [
        ("settings-effect-orgs-go", &orgs.go),
        ("settings-effect-orgs-come", &orgs.come),
    ] {
        if !ids.is_empty() {
            effects.push(text_with(
                language,
                key,
                [("names", names(site_names, ids).into())],
            ));
        }
    }
    if *lifts_hold {
        effects.push(text(language, "settings-effect-lifts-hold"));
    }
    effects
}

fn names(site_names: &BTreeMap<String, String>, ids: &[String]) -> String {
    let named = ids.iter().take(NAMED_MAX).map(|id| {
        let site: String = id.split('-').take(2).collect::<Vec<_>>().join("-");
        site_names.get(&site).map_or(id.as_str(), String::as_str)
    });
    let mut text = named.collect::<Vec<_>>().join(", ");
    if ids.len() > NAMED_MAX {
        text.push_str(", …");
    }
    text
}
