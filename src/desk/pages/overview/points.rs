//! The points of attention: what data quality found, by severity and rule, with what to do.

use std::collections::BTreeMap;

use oneroster_school::data_quality::{Reach, Rule, Severity};
use oneroster_school::rights::{Access, Rights};
use oneroster_standard::Kind;

use crate::desk::address::query_value;
use crate::desk::language::{Language, text, text_with};
use crate::publication::{Examination, PlacedFinding};

/// How many objects of a rule are named.
const NAMED_MAX: usize = 10;

/// The findings of one severity.
pub(super) struct Group {
    /// The severity in words.
    pub(super) heading: String,
    /// What it means.
    pub(super) help: String,
    /// The class of its badge.
    pub(super) badge: &'static str,
    /// The rules that found something.
    pub(super) rules: Vec<RulePoint>,
}

/// The findings of one rule.
pub(super) struct RulePoint {
    /// What is found.
    pub(super) title: String,
    /// What to do.
    pub(super) advice: String,
    /// How often.
    pub(super) count: usize,
    /// Some of the objects.
    pub(super) named: Vec<Named>,
    /// How many more there are, in words.
    pub(super) more: Option<String>,
}

/// An object that something was found about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    /// What people call it.
    pub(super) label: String,
    /// Where it is, as far as who asks may see that.
    pub(super) place: String,
    /// What finds it in the list of usernames; `None` of what is no person, or has no name.
    pub(super) query: Option<String>,
}

/// Returns the findings about what somebody may see.
pub(super) fn groups(language: Language, rights: &Rights, examination: &Examination) -> Vec<Group> {
    let visible = examination
        .findings
        .iter()
        .filter(|placed| is_visible(rights, examination, placed));
    let mut by_severity: BTreeMap<Severity, BTreeMap<Rule, Vec<&PlacedFinding>>> = BTreeMap::new();
    for placed in visible {
        let rules = by_severity.entry(placed.finding.severity).or_default();
        rules.entry(placed.finding.rule).or_default().push(placed);
    }
    let groups = by_severity.into_iter().map(|(severity, rules)| Group {
        heading: text(language, &format!("overview-severity-{}", severity.as_str())),
        help: text(language, &format!("overview-severity-{}-help", severity.as_str())),
        badge: match severity {
            Severity::Error => "bad",
            Severity::Warning => "warn",
            Severity::Info => "info",
        },
        rules: rules
            .into_iter()
            .map(|(rule, found)| rule_point(language, rights, examination, rule, &found))
            .collect(),
    });
    groups.collect()
}

/// What concerns the tenant as a whole is for whoever manages a school; what is nowhere, for operators. What may tell that somebody is
/// at another place too is for who sees that place.
fn is_visible(rights: &Rights, examination: &Examination, placed: &PlacedFinding) -> bool {
    if placed.finding.kind == Kind::AcademicSessions {
        return rights.is_manager();
    }
    let sees = |site: &String| rights.org_access(site) >= Access::Read;
    let sites = &placed.sites;
    rights.is_operator()
        || match placed.finding.rule.reach() {
            Reach::Person => sites.iter().any(sees),
            Reach::Places => !sites.is_empty() && sites.iter().all(sees),
            Reach::Elsewhere => sites.iter().any(sees) && examination.site_names.keys().all(sees),
        }
}

fn rule_point(
    language: Language,
    rights: &Rights,
    examination: &Examination,
    rule: Rule,
    found: &[&PlacedFinding],
) -> RulePoint {
    // What concerns the tenant as a whole is about no object.
    let objects = found
        .iter()
        .filter(|placed| placed.finding.kind != Kind::AcademicSessions);
    let mut named: Vec<Named> = objects
        .map(|placed| Named {
            label: placed
                .label
                .clone()
                .unwrap_or_else(|| text(language, "overview-unnamed")),
            place: places(rights, examination, placed),
            query: (placed.finding.kind == Kind::Users)
                .then(|| placed.label.as_deref().map(query_value))
                .flatten(),
        })
        .collect();
    named.sort();
    named.dedup();
    let more = named.len().saturating_sub(NAMED_MAX);
    named.truncate(NAMED_MAX);
    let id = rule.id();
    RulePoint {
        title: text(language, &format!("overview-rule-{id}")),
        advice: text(language, &format!("overview-rule-{id}-do")),
        count: found.len(),
        named,
        more: (more > 0).then(|| text_with(language, "overview-more", [("count", more.into())])),
    }
}

/// Names the sites of a finding that somebody may see.
fn places(rights: &Rights, examination: &Examination, placed: &PlacedFinding) -> String {
    let is_site = placed.finding.kind == Kind::Orgs;
    let seen = placed
        .sites
        .iter()
        .filter(|site| rights.org_access(site) >= Access::Read);
    let names: Vec<&str> = seen
        .filter_map(|site| examination.site_names.get(site).map(String::as_str))
        .collect();
    // A site is its own place.
    if is_site { String::new() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_and_severity_has_its_words_in_both_languages() {
        for language in [Language::Dutch, Language::English] {
            for rule in Rule::ALL {
                for end in ["", "-do"] {
                    let key = format!("overview-rule-{}{end}", rule.id());
                    let words = text(language, &key);
                    assert!(!words.contains(rule.id()), "{key}: {words}");
                }
            }
        }
        assert_ne!(
            text(Language::Dutch, "overview-rule-two-classes"),
            text(Language::English, "overview-rule-two-classes")
        );
    }
}
