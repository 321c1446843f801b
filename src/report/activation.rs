//! Reports of `oneroster tenant activate-year`.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};

use chrono::NaiveDate;
use oneroster_standard::{Kind, Moment};
use serde::Serialize;
use uuid::Uuid;

use super::hold::HoldReport;
use super::publication::indented;
use super::words::{counted, first_few, printable};
use crate::publication::activation::{Activation, Objection, RuleCount};
use crate::publication::movement::{ClassMovement, NamedUser, OrgMovement};
use crate::roster::Role;

/// How many usernames of those who go are named for people, by org and role.
const NAMED_MAX: usize = 20;

/// What activating a school year came to, or would. What follows from it is `null` where there can be no roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActivationReport {
    /// The tenant.
    pub tenant: String,
    /// The school year to be active.
    pub year: String,
    /// The one that was active.
    pub active_before: String,
    /// Whether nothing speaks against it, or all that does was overridden.
    pub accepted: bool,
    /// Whether nothing was to be stored.
    pub dry_run: bool,
    /// What speaks against it, or was overridden.
    pub refusals: Vec<RefusalReport>,
    /// The day that the roster is the state of.
    pub reference_date: Option<NaiveDate>,
    /// Usernames that had to be made.
    pub usernames_created: Option<usize>,
    /// The generation it was published as.
    pub generation: Option<Uuid>,
    /// The date of that generation.
    pub published_at: Option<Moment>,
    /// How many objects it adds.
    pub added: Option<BTreeMap<Kind, usize>>,
    /// How many it changes.
    pub changed: Option<BTreeMap<Kind, usize>>,
    /// How many it removes.
    pub removed: Option<BTreeMap<Kind, usize>>,
    /// What it does to each org.
    pub orgs: Option<Vec<OrgMovement>>,
    /// What the data quality rules find in the new year, by rule.
    pub findings: Option<Vec<RuleCount>>,
    /// The list of the Teams of the year that ends, if one was written.
    pub teams: Option<TeamsReport>,
    /// What is held and would be replaced by this publication.
    pub replaces_hold: Option<HoldReport>,
}

/// A list of Teams that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TeamsReport {
    /// The file.
    pub file: String,
    /// How many Teams are in it.
    pub count: usize,
}

/// Something that speaks against activating a school year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusalReport {
    /// The id of its rule.
    pub rule: &'static str,
    /// The org it is about.
    pub org: Option<String>,
    /// Pupils or staff, where it is about one of them.
    pub role: Option<Role>,
    /// What it is, in words.
    pub message: String,
    /// Whether `--accept` and `--force` override it.
    pub can_be_forced: bool,
    /// Whether it was overridden.
    pub accepted: bool,
}

impl From<&Objection> for RefusalReport {
    fn from(Objection { refusal, is_accepted }: &Objection) -> Self {
        Self {
            rule: refusal.rule(),
            org: refusal.org().map(str::to_owned),
            role: refusal.role(),
            message: refusal.to_string(),
            can_be_forced: refusal.can_be_forced(),
            accepted: *is_accepted,
        }
    }
}

impl ActivationReport {
    /// Reports what activating `year` came to.
    pub fn new(
        tenant_id: &str,
        year: &str,
        dry_run: bool,
        activation: Activation,
        teams: Option<TeamsReport>,
    ) -> Self {
        let (generation, published_at) = activation.published.unzip();
        let mut report = Self {
            tenant: tenant_id.to_owned(),
            year: year.to_owned(),
            active_before: activation.active_before,
            accepted: activation.is_allowed,
            dry_run,
            refusals: activation.objections.iter().map(RefusalReport::from).collect(),
            reference_date: None,
            usernames_created: None,
            generation,
            published_at: published_at.map(Moment::from),
            added: None,
            changed: None,
            removed: None,
            orgs: None,
            findings: None,
            teams,
            replaces_hold: None,
        };
        if let Some(outcome) = activation.outcome {
            report.reference_date = Some(outcome.reference_date);
            report.usernames_created = Some(outcome.usernames_created);
            report.added = Some(outcome.summary.added);
            report.changed = Some(outcome.summary.changed);
            report.removed = Some(outcome.summary.removed);
            report.orgs = Some(outcome.orgs);
            report.findings = Some(outcome.findings);
            report.replaces_hold = outcome.held.as_ref().map(HoldReport::from);
        }
        report
    }

    fn fmt_outcome(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        if let Some(day) = self.reference_date {
            writeln!(formatter, "roster of {day}")?;
        }
        for org in self.orgs.iter().flatten() {
            fmt_org(formatter, org)?;
            for role in [Role::Pupils, Role::Staff] {
                let is_refused = |refusal: &RefusalReport| {
                    refusal.role == Some(role) && refusal.org.as_deref() == Some(&org.org)
                };
                if self.refusals.iter().any(is_refused) {
                    fmt_leaving(formatter, org, role)?;
                }
            }
        }
        if let Some(created) = self.usernames_created.filter(|created| *created > 0) {
            writeln!(formatter, "usernames created: {created}")?;
        }
        for found in self.findings.iter().flatten() {
            fmt_found(formatter, found)?;
        }
        if let Some(TeamsReport { file, count }) = &self.teams {
            let listed = counted(*count, "Team", "Teams");
            writeln!(
                formatter,
                "{listed} of {} listed in {}",
                self.active_before,
                printable(file)
            )?;
        }
        if let Some(hold) = &self.replaces_hold {
            formatter.write_str(
                "what is held would be replaced by this publication, which is made from the same data:",
            )?;
            indented(formatter, hold, 2)?;
            writeln!(formatter)?;
        }
        Ok(())
    }
}

impl Display for ActivationReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        self.fmt_outcome(formatter)?;
        for refusal in &self.refusals {
            let word = if refusal.accepted { "overridden" } else { "refused" };
            writeln!(
                formatter,
                "{word} ({}): {}",
                refusal.rule,
                printable(&refusal.message)
            )?;
        }
        if self
            .refusals
            .iter()
            .any(|refusal| !refusal.accepted && refusal.can_be_forced)
        {
            writeln!(
                formatter,
                "--accept ORG accepts all that is said of an org, --accept RULE a rule everywhere, --force everything; it is recorded"
            )?;
        }
        let (id, year, active) = (&self.tenant, &self.year, &self.active_before);
        match (self.generation, self.published_at) {
            (Some(generation), Some(date)) => write!(
                formatter,
                "tenant {id}: {year} is the active school year, after {active}\n  generation {generation} of {date}"
            ),
            _ if self.accepted && self.dry_run => {
                write!(
                    formatter,
                    "tenant {id}: {year} can be activated; nothing was changed"
                )
            }
            _ => write!(formatter, "tenant {id}: {active} stays the active school year"),
        }
    }
}

fn fmt_org(formatter: &mut Formatter<'_>, movement: &OrgMovement) -> std::fmt::Result {
    let OrgMovement {
        org,
        name,
        users,
        classes,
        memberships,
    } = movement;
    writeln!(formatter, "org {org} ({})", printable(name))?;
    writeln!(
        formatter,
        "  pupils {} -> {}, staff {} -> {}: {} added, {} removed, {} with another username",
        users.pupils.before,
        users.pupils.after,
        users.staff.before,
        users.staff.after,
        users.come.len(),
        users.go.len(),
        users.renamed.len()
    )?;
    writeln!(
        formatter,
        "  classes {} -> {}, memberships {} -> {}",
        classes.counts.before, classes.counts.after, memberships.before, memberships.after
    )?;
    let lists: [(&str, &[ClassMovement]); 3] = [
        ("added", &classes.come),
        ("removed", &classes.go),
        ("changed", &classes.changed),
    ];
    for (what, list) in lists {
        for class in list {
            let added = counted(class.members_come, "member", "members");
            writeln!(
                formatter,
                "    {what}: {} ({added} added, {} removed)",
                printable(&class.title),
                class.members_go
            )?;
        }
    }
    Ok(())
}

/// Names those of a role who leave an org.
fn fmt_leaving(formatter: &mut Formatter<'_>, movement: &OrgMovement, role: Role) -> std::fmt::Result {
    let of_role = |user: &&NamedUser| user.role == role;
    let leaving = movement.users.go.iter().filter(of_role);
    let names: Vec<String> = leaving.map(|user| printable(&user.username)).collect();
    if names.is_empty() {
        return Ok(());
    }
    let role = role.as_str();
    writeln!(formatter, "  {role} removed: {}", first_few(&names, NAMED_MAX))
}

/// Writes what a rule finds in the new year, with the first of it.
fn fmt_found(formatter: &mut Formatter<'_>, found: &RuleCount) -> std::fmt::Result {
    let RuleCount {
        rule,
        severity,
        count,
        examples,
    } = found;
    writeln!(formatter, "{} {}: {count}", severity.as_str(), rule.id())?;
    for finding in examples {
        let kind = finding.kind.collection();
        let message = printable(&finding.message);
        writeln!(formatter, "  {kind}/{}: {message}", finding.sourced_id)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::hold::tests::hold;
    use super::*;
    use oneroster_school::data_quality::{Finding, Rule};

    use crate::publication::activation::guard::Refusal;
    use crate::publication::activation::{Outcome, guard};
    use crate::publication::movement::{ClassesMovement, Counts, UserMovement};
    use crate::report::snapshot::{self, instant};
    use crate::roster::Summary;

    fn class(title: &str, members_come: usize, members_go: usize) -> ClassMovement {
        ClassMovement {
            sourced_id: "c1".to_owned(),
            title: title.to_owned(),
            members_come,
            members_go,
        }
    }

    fn movement() -> OrgMovement {
        OrgMovement {
            org: "001507-1".to_owned(),
            name: "001507 - Zandpoort - Markt".to_owned(),
            users: UserMovement {
                counts: Counts { before: 2, after: 2 },
                pupils: Counts { before: 1, after: 2 },
                staff: Counts { before: 1, after: 0 },
                come: vec![NamedUser {
                    sourced_id: "u1".to_owned(),
                    role: Role::Pupils,
                    username: "jan".to_owned(),
                }],
                go: vec![NamedUser {
                    sourced_id: "u2".to_owned(),
                    role: Role::Staff,
                    username: "bert".to_owned(),
                }],
                renamed: Vec::new(),
            },
            classes: ClassesMovement {
                counts: Counts { before: 1, after: 1 },
                come: vec![class("2027-28 3A", 1, 0)],
                go: vec![class("2026-27 3A", 0, 2)],
                changed: vec![class("2027-28 4A", 2, 1)],
            },
            memberships: Counts { before: 2, after: 1 },
        }
    }

    fn activation() -> Activation {
        Activation {
            active_before: "2026-27".to_owned(),
            objections: Vec::new(),
            is_allowed: true,
            outcome: Some(Outcome {
                reference_date: "2027-09-01".parse().unwrap(),
                summary: Summary {
                    added: BTreeMap::from([(Kind::Classes, 1)]),
                    ..Summary::default()
                },
                orgs: vec![movement()],
                usernames_created: 1,
                findings: vec![RuleCount {
                    rule: Rule::ClassWithoutTeacher,
                    severity: Rule::ClassWithoutTeacher.severity(),
                    count: 2,
                    examples: vec![Finding {
                        rule: Rule::ClassWithoutTeacher,
                        severity: Rule::ClassWithoutTeacher.severity(),
                        kind: Kind::Classes,
                        sourced_id: "c1".to_owned(),
                        message: "class \"2027-28 3A\" has no class teacher".to_owned(),
                    }],
                }],
                teams: None,
                held: None,
            }),
            published: Some((Uuid::from_u128(0x57), instant(0))),
        }
    }

    #[test]
    fn an_activated_year_is_reported_org_by_org_with_its_generation() {
        let teams = TeamsReport {
            file: "teams.csv".to_owned(),
            count: 1,
        };
        snapshot::assert(
            "activate_year",
            &ActivationReport::new("zandpoort", "2027-28", false, activation(), Some(teams)),
        );
        let rehearsed = Activation {
            published: None,
            ..activation()
        };
        let report = ActivationReport::new("zandpoort", "2027-28", true, rehearsed, None);
        assert!(
            report
                .to_string()
                .ends_with("2027-28 can be activated; nothing was changed")
        );
    }

    #[test]
    fn what_speaks_against_it_is_reported_or_was_overridden() {
        let below_half = Refusal::OrgBelowHalf {
            org: "001507-1".to_owned(),
            name: "001507 - Zandpoort - Markt".to_owned(),
            role: Role::Staff,
            before: 1,
            after: 0,
        };
        let objections = |is_accepted: bool| {
            let refusals = guard::of_hold(Some(&hold()))
                .into_iter()
                .chain([below_half.clone()]);
            let objections = refusals.map(|refusal| Objection { refusal, is_accepted });
            objections.collect::<Vec<_>>()
        };
        let mut refused = Activation {
            objections: objections(false),
            is_allowed: false,
            published: None,
            ..activation()
        };
        if let Some(outcome) = &mut refused.outcome {
            outcome.held = Some(hold());
        }
        snapshot::assert(
            "activate_year_refused",
            &ActivationReport::new("zandpoort", "2027-28", false, refused.clone(), None),
        );
        refused.is_allowed = true;
        refused.objections = objections(true);
        refused.published = activation().published;
        let forced = ActivationReport::new("zandpoort", "2027-28", false, refused, None).to_string();
        assert!(
            forced.contains("overridden (publication_held): a publication is held since"),
            "{forced}"
        );
        let unknown = Activation {
            objections: vec![Objection {
                refusal: Refusal::AlreadyActive {
                    year: "2026-27".to_owned(),
                },
                is_accepted: false,
            }],
            is_allowed: false,
            outcome: None,
            published: None,
            ..activation()
        };
        snapshot::assert(
            "activate_year_without_roster",
            &ActivationReport::new("zandpoort", "2026-27", true, unknown, None),
        );
    }
}
