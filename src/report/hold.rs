//! A held publication in reports: of `publish`, `tenant activate-year` and `tenant apply`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Display, Formatter};

use oneroster_standard::{Kind, Moment};
use serde::Serialize;

use crate::roster::{Compared, Hold, Reason, Role, Test};

/// How many characters of a fingerprint name a held publication on the screen.
const NAME_LENGTH: usize = 12;

/// A held publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HoldReport {
    /// The fingerprint of what it would do; its first characters name it.
    pub hold: String,
    /// Since when publications have been held without a break.
    pub held_at: Moment,
    /// When it was last computed with this outcome.
    pub seen_at: Moment,
    /// Which tests of the brake it fails.
    pub reasons: Vec<ReasonReport>,
    /// How many objects it would add.
    pub added: BTreeMap<Kind, usize>,
    /// How many it would change.
    pub changed: BTreeMap<Kind, usize>,
    /// How many it would remove.
    pub removed: BTreeMap<Kind, usize>,
}

/// A test of the brake that a publication fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonReport {
    /// The test, where, for whom, and the counts.
    #[serde(flatten)]
    pub reason: Reason,
    /// The share that would be lost or changed, in per cent, rounded up.
    pub percent: usize,
    /// The same in words.
    pub message: String,
    /// What to look at, and the command that mends it.
    pub advice: &'static str,
}

impl From<&Reason> for ReasonReport {
    fn from(reason: &Reason) -> Self {
        Self {
            reason: reason.clone(),
            percent: reason.percent(),
            message: message(reason),
            advice: advice(reason.test),
        }
    }
}

impl From<&Hold> for HoldReport {
    fn from(hold: &Hold) -> Self {
        Self {
            hold: hold.fingerprint.clone(),
            held_at: hold.held_at.into(),
            seen_at: hold.seen_at.into(),
            reasons: hold.reasons.iter().map(ReasonReport::from).collect(),
            added: hold.summary.added.clone(),
            changed: hold.summary.changed.clone(),
            removed: hold.summary.removed.clone(),
        }
    }
}

impl HoldReport {
    /// Returns what it is called on the command line: the beginning of its fingerprint.
    pub fn name(&self) -> &str {
        self.hold.get(..NAME_LENGTH).unwrap_or(&self.hold)
    }
}

/// Says since when it is held, with a line for each reason and one for what to do about each test.
impl Display for HoldReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "hold {} since {}", self.name(), self.held_at)?;
        for reason in &self.reasons {
            write!(formatter, "\n- {}", reason.message)?;
        }
        let tests: BTreeSet<Test> = self.reasons.iter().map(|reason| reason.reason.test).collect();
        for test in tests {
            write!(formatter, "\n{}: {}", test.as_str(), advice(test))?;
        }
        Ok(())
    }
}

/// Says in words which test failed, where, and since when if that is not the last generation.
pub(super) fn message(reason: &Reason) -> String {
    let what = what(reason);
    let Some(since) = reason.since else { return what };
    let moment = Moment::from(since.published_at);
    match since.compared {
        Compared::LastPublished => what,
        Compared::LastRead => {
            format!("{what}, since the generation of {moment} that was last read completely")
        }
        Compared::LastReleased => format!("{what}, since the generation of {moment} that was released last"),
    }
}

fn what(reason: &Reason) -> String {
    let place = match &reason.org {
        Some(org) => format!("in org {org}"),
        None => "in the whole tenant".to_owned(),
    };
    let Reason { before, after, .. } = reason;
    let (lost, percent) = (reason.lost(), reason.percent());
    match reason.test {
        Test::UsersRemoved => {
            let who = reason.role.map_or("users", Role::as_str);
            format!("{lost} of {before} {who} would go {place} ({percent} %)")
        }
        Test::ClassesRemoved => {
            format!("{lost} of {before} classes with members would go {place} ({percent} %)")
        }
        Test::FewerMemberships => {
            let whose = reason
                .role
                .map_or_else(String::new, |role| format!(" of {}", role.as_str()));
            format!("{before} memberships{whose} would become {after} {place} ({percent} % fewer)")
        }
        Test::UsernamesChanged => {
            format!("{lost} of {before} users that stay would get another username {place} ({percent} %)")
        }
        Test::NamesLost => {
            format!(
                "{lost} of {before} users that stay would lose a given or family name {place} ({percent} %)"
            )
        }
        Test::NamesChanged => {
            format!(
                "{lost} of {before} users that stay would get another given or family name {place} ({percent} %)"
            )
        }
        Test::PupilsMoved => {
            format!(
                "{lost} of {before} pupils that stay would be in none of the classes they had {place} ({percent} %)"
            )
        }
        Test::ClassesRetitled => {
            format!(
                "{lost} of {before} classes that stay would get another title by their own name, or a doubtful one, {place} \
                 ({percent} %)"
            )
        }
    }
}

/// Says what to look at, and the command that mends it. `oneroster publish --dry-run` lists the objects.
const fn advice(test: Test) -> &'static str {
    match test {
        Test::UsersRemoved => {
            "was the export cut off (registrations, assignments), or did somebody switch Sync flags? Import it again whole \
             (oneroster import), or switch the flags back (oneroster usernames sync)"
        }
        Test::ClassesRemoved => {
            "does the export have all classes, with the ids they had? Import it again (oneroster import): a Team that loses the \
             id of its class loses its files"
        }
        Test::FewerMemberships => {
            "does the export have everybody's classes, and the class teachers? Import it again whole (oneroster import)"
        }
        Test::UsernamesChanged => {
            "did a domain or the domain mode change? Apply the tenant file of before (oneroster tenant apply), or correct the \
             names (oneroster usernames import)"
        }
        Test::NamesLost => {
            "is a column of names empty in the export? Export again, and import it (oneroster import)"
        }
        Test::NamesChanged => {
            "compare some of the people with Informat: columns may have been exchanged, or sorted apart from each other. Export \
             again, and import it (oneroster import)"
        }
        Test::PupilsMoved => {
            "did the school really make its classes anew? Else the export has other classes, such as next year's under this \
             year's: export again, and import it (oneroster import)"
        }
        Test::ClassesRetitled => {
            "look at the new titles: are the names of the classes, or of a site, damaged? Export again as UTF-8, and import it \
             (oneroster import)"
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::report::snapshot::{self, instant};
    use crate::roster::{Since, Summary};
    use uuid::Uuid;

    /// A hold of three reasons.
    pub(in crate::report) fn hold() -> Hold {
        Hold {
            fingerprint: "3fa94c21".repeat(8),
            reasons: vec![
                reason(Test::UsersRemoved, Some("001507-1"), None),
                reason(Test::FewerMemberships, None, Some(Role::Staff)),
                Reason {
                    since: Some(since(Compared::LastRead)),
                    ..reason(Test::PupilsMoved, None, None)
                },
            ],
            summary: Summary {
                removed: BTreeMap::from([(Kind::Users, 61), (Kind::Enrollments, 1)]),
                ..Summary::default()
            },
            held_at: instant(0),
            seen_at: instant(90),
            is_discarded: false,
        }
    }

    fn since(compared: Compared) -> Since {
        Since {
            generation: Uuid::from_u128(1),
            published_at: instant(0),
            compared,
        }
    }

    fn reason(test: Test, org: Option<&str>, role: Option<Role>) -> Reason {
        Reason {
            test,
            org: org.map(str::to_owned),
            role,
            before: 300,
            after: 239,
            since: Some(since(Compared::LastPublished)),
        }
    }

    #[test]
    fn a_hold_is_named_by_the_beginning_of_its_fingerprint() {
        let report = HoldReport::from(&hold());
        assert_eq!(report.name(), "3fa94c213fa9");
        snapshot::assert("hold", &report);
    }

    #[test]
    fn a_reason_says_since_which_state_if_that_is_not_the_last_generation() {
        for (compared, words) in [
            (Compared::LastRead, "that was last read completely"),
            (Compared::LastReleased, "that was released last"),
        ] {
            let reason = Reason {
                since: Some(since(compared)),
                ..reason(Test::NamesChanged, None, None)
            };
            let said = message(&reason);
            let moment = Moment::from(instant(0));
            assert!(
                said.ends_with(&format!(", since the generation of {moment} {words}")),
                "{said}"
            );
        }
    }

    #[test]
    fn every_test_names_the_command_that_mends() {
        for test in Test::ALL {
            assert!(advice(test).contains("(oneroster "), "{test:?}");
        }
    }

    #[test]
    fn a_reason_is_told_in_words() {
        for (reason, words) in [
            (
                reason(Test::UsersRemoved, Some("001507-1"), None),
                "61 of 300 users would go in org 001507-1 (21 %)",
            ),
            (
                reason(Test::ClassesRemoved, None, None),
                "61 of 300 classes with members would go in the whole tenant (21 %)",
            ),
            (
                reason(Test::FewerMemberships, None, None),
                "300 memberships would become 239 in the whole tenant (21 % fewer)",
            ),
            (
                reason(Test::UsersRemoved, None, Some(Role::Staff)),
                "61 of 300 staff would go in the whole tenant (21 %)",
            ),
            (
                reason(Test::FewerMemberships, None, Some(Role::Staff)),
                "300 memberships of staff would become 239 in the whole tenant (21 % fewer)",
            ),
            (
                reason(Test::UsernamesChanged, None, None),
                "61 of 300 users that stay would get another username in the whole tenant (21 %)",
            ),
            (
                reason(Test::NamesLost, None, None),
                "61 of 300 users that stay would lose a given or family name in the whole tenant (21 %)",
            ),
            (
                reason(Test::NamesChanged, None, None),
                "61 of 300 users that stay would get another given or family name in the whole tenant (21 %)",
            ),
            (
                reason(Test::PupilsMoved, Some("001507-1"), None),
                "61 of 300 pupils that stay would be in none of the classes they had in org 001507-1 (21 %)",
            ),
            (
                reason(Test::ClassesRetitled, None, None),
                "61 of 300 classes that stay would get another title by their own name, or a doubtful one, in the whole \
                 tenant (21 %)",
            ),
        ] {
            assert_eq!(message(&reason), words);
        }
    }
}
