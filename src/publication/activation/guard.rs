//! The guard of a school year: why a year may not become the active one. Pure.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use oneroster_standard::{Moment, counted, first_few};

use crate::publication::movement::OrgMovement;
use crate::roster::{Hold, Role};

/// How many days ahead of its start a school year may be activated: from 1 June for 1 September.
pub const DAYS_AHEAD_MAX: i64 = 92;

/// An org must keep at least one in this many of its pupils, and of its staff.
const USERS_KEPT_ONE_IN: usize = 2;

/// Fewest staff of an org that are counted: below, one person who retires would be too many.
const STAFF_LEAST: usize = 5;

/// How many titles a message names.
const TITLES_NAMED: usize = 3;

/// The rules that can be accepted, by their words.
pub const ACCEPTABLE_RULES: [&str; 6] = [
    "not_the_next_year",
    "too_early",
    "publication_held",
    "org_without_class",
    "org_below_half",
    "class_id_reused",
];

/// Why a school year is not activated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is active already.
    #[error("{year} is the active school year already")]
    AlreadyActive {
        /// The year.
        year: String,
    },
    /// The mirror does not know it.
    #[error("the school year {year} is not in the mirror, which knows {}: import it with schooljaar.csv", known.join(", "))]
    Unknown {
        /// The year.
        year: String,
        /// Those that are.
        known: Vec<String>,
    },
    /// It does not follow the active one.
    #[error("{year} does not follow {active}, the active school year")]
    NotNext {
        /// The year.
        year: String,
        /// The active one.
        active: String,
    },
    /// It starts too far ahead.
    #[error(
        "{year} starts on {starts}, {days} days ahead; it may be activated from {DAYS_AHEAD_MAX} days before"
    )]
    TooEarly {
        /// The year.
        year: String,
        /// Its first day.
        starts: NaiveDate,
        /// How many days ahead that is.
        days: i64,
    },
    /// A publication is held, which this one would take along.
    #[error(
        "a publication is held since {} (hold {hold:.12}), and the switch would publish the same data: look at it with \
         `oneroster publish`, then release it (--release) or set it aside (--discard)",
        Moment::from(*held_at)
    )]
    Held {
        /// Its fingerprint.
        hold: String,
        /// Since when.
        held_at: DateTime<Utc>,
    },
    /// An org would have no class left.
    #[error("org {org} ({name}) would have no class; now it has {before}")]
    OrgWithoutClass {
        /// The org.
        org: String,
        /// Its name.
        name: String,
        /// How many classes it has.
        before: usize,
    },
    /// An org would keep fewer than half as many pupils, or staff.
    #[error(
        "org {org} ({name}) would have {after} {}; now it has {before}, and half of them is the least",
        role.as_str()
    )]
    OrgBelowHalf {
        /// The org.
        org: String,
        /// Its name.
        name: String,
        /// Pupils or staff.
        role: Role,
        /// How many it has.
        before: usize,
        /// How many it would have.
        after: usize,
    },
    /// Classes of an org would come back with the ids of classes that were served before.
    #[error(
        "org {org} ({name}) would have {} with the id of a class of the old year ({}): Microsoft continues those Teams, their \
         members, files and chats; give them new ids in Informat and import again",
        counted(titles.len(), "class", "classes"),
        first_few(&quoted(titles), TITLES_NAMED)
    )]
    ClassIdReused {
        /// The org.
        org: String,
        /// Its name.
        name: String,
        /// The new titles of those classes.
        titles: Vec<String>,
    },
}

impl Refusal {
    /// Returns the word of its rule, for programs.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::AlreadyActive { .. } => "already_active",
            Self::Unknown { .. } => "unknown_year",
            Self::NotNext { .. } => "not_the_next_year",
            Self::TooEarly { .. } => "too_early",
            Self::Held { .. } => "publication_held",
            Self::OrgWithoutClass { .. } => "org_without_class",
            Self::OrgBelowHalf { .. } => "org_below_half",
            Self::ClassIdReused { .. } => "class_id_reused",
        }
    }

    /// Returns the role it is about.
    pub const fn role(&self) -> Option<Role> {
        match self {
            Self::OrgBelowHalf { role, .. } => Some(*role),
            Self::AlreadyActive { .. }
            | Self::Unknown { .. }
            | Self::NotNext { .. }
            | Self::TooEarly { .. }
            | Self::Held { .. }
            | Self::OrgWithoutClass { .. }
            | Self::ClassIdReused { .. } => None,
        }
    }

    /// Returns the org it is about.
    pub fn org(&self) -> Option<&str> {
        match self {
            Self::OrgWithoutClass { org, .. }
            | Self::OrgBelowHalf { org, .. }
            | Self::ClassIdReused { org, .. } => Some(org),
            Self::AlreadyActive { .. }
            | Self::Unknown { .. }
            | Self::NotNext { .. }
            | Self::TooEarly { .. }
            | Self::Held { .. } => None,
        }
    }

    /// Returns `true` if `--force` overrides it. A year without dates has no roster, and the active one is active already.
    pub const fn can_be_forced(&self) -> bool {
        match self {
            Self::AlreadyActive { .. } | Self::Unknown { .. } => false,
            Self::NotNext { .. }
            | Self::TooEarly { .. }
            | Self::Held { .. }
            | Self::OrgWithoutClass { .. }
            | Self::OrgBelowHalf { .. }
            | Self::ClassIdReused { .. } => true,
        }
    }
}

/// Judges the year itself: `years` are those of the mirror with their first days.
pub fn of_year(years: &[(&str, NaiveDate)], active: &str, year: &str, today: NaiveDate) -> Vec<Refusal> {
    if year == active {
        return vec![Refusal::AlreadyActive {
            year: year.to_owned(),
        }];
    }
    let Some((_, starts)) = years.iter().find(|(label, _)| *label == year) else {
        return vec![Refusal::Unknown {
            year: year.to_owned(),
            known: years.iter().map(|(label, _)| (*label).to_owned()).collect(),
        }];
    };
    let days = (*starts - today).num_days();
    let not_next = (next(active).as_deref() != Some(year)).then(|| Refusal::NotNext {
        year: year.to_owned(),
        active: active.to_owned(),
    });
    let too_early = (days > DAYS_AHEAD_MAX).then(|| Refusal::TooEarly {
        year: year.to_owned(),
        starts: *starts,
        days,
    });
    not_next.into_iter().chain(too_early).collect()
}

/// Judges a held publication: unless it was discarded, no person has decided about it.
pub fn of_hold(hold: Option<&Hold>) -> Option<Refusal> {
    hold.filter(|hold| !hold.is_discarded).map(|hold| Refusal::Held {
        hold: hold.fingerprint.clone(),
        held_at: hold.held_at,
    })
}

/// Judges what the year would leave of each org that is published now, org by org. `reused` are the titles of classes with an id
/// that was served before, by org.
pub fn of_orgs(movements: &[OrgMovement], reused: &BTreeMap<String, Vec<String>>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for movement in movements {
        let (org, name) = (&movement.org, &movement.name);
        let classes = movement.classes.counts;
        if classes.before > 0 && classes.after == 0 {
            refusals.push(Refusal::OrgWithoutClass {
                org: org.clone(),
                name: name.clone(),
                before: classes.before,
            });
        }
        for role in [Role::Pupils, Role::Staff] {
            let users = movement.users.of(role);
            let is_counted = role == Role::Pupils || users.before >= STAFF_LEAST;
            if is_counted && users.after * USERS_KEPT_ONE_IN < users.before {
                refusals.push(Refusal::OrgBelowHalf {
                    org: org.clone(),
                    name: name.clone(),
                    role,
                    before: users.before,
                    after: users.after,
                });
            }
        }
        if let Some(titles) = reused.get(org) {
            refusals.push(Refusal::ClassIdReused {
                org: org.clone(),
                name: name.clone(),
                titles: titles.clone(),
            });
        }
    }
    refusals
}

fn quoted(titles: &[String]) -> Vec<String> {
    titles.iter().map(|title| format!("{title:?}")).collect()
}

/// Returns the school year after one: `2027-28` after `2026-27`. `None` for a text that is no school year.
fn next(year: &str) -> Option<String> {
    let (first, _) = year.split_once('-')?;
    let first = first.parse::<u32>().ok()?.checked_add(1)?;
    Some(format!("{first}-{:02}", first.checked_add(1)? % 100))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publication::movement::{ClassesMovement, Counts, UserMovement};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rules(active: &str, year: &str, today: &str) -> Vec<&'static str> {
        let years = [
            ("2025-26", day("2025-09-01")),
            ("2026-27", day("2026-09-01")),
            ("2027-28", day("2027-09-01")),
            ("2028-29", day("2028-09-01")),
        ];
        of_year(&years, active, year, day(today))
            .iter()
            .map(Refusal::rule)
            .collect()
    }

    /// R115: in the summer, at the latest on 15 August; so the whole summer must be open for it, and nothing before.
    #[test]
    fn r115_the_next_year_may_be_activated_from_92_days_before_it_starts() {
        assert_eq!(rules("2026-27", "2027-28", "2027-05-31"), ["too_early"]);
        for today in [
            "2027-06-01",
            "2027-08-15",
            "2027-08-31",
            "2027-09-01",
            "2028-02-01",
        ] {
            assert_eq!(rules("2026-27", "2027-28", today), [""; 0], "{today}");
        }
    }

    #[test]
    fn another_year_than_the_next_is_refused() {
        assert_eq!(rules("2026-27", "2028-29", "2028-08-15"), ["not_the_next_year"]);
        assert_eq!(rules("2026-27", "2025-26", "2026-08-15"), ["not_the_next_year"]);
        assert_eq!(
            rules("2026-27", "2028-29", "2027-08-15"),
            ["not_the_next_year", "too_early"],
            "every reason at once"
        );
        assert_eq!(next("2098-99").as_deref(), Some("2099-00"));
    }

    #[test]
    fn an_unknown_year_and_the_active_one_cannot_be_forced() {
        let years = [("2026-27", day("2026-09-01"))];
        for (year, rule) in [("2027-28", "unknown_year"), ("2026-27", "already_active")] {
            let refusals = of_year(&years, "2026-27", year, day("2027-08-15"));
            assert_eq!(refusals[0].rule(), rule);
            assert!(!refusals[0].can_be_forced());
        }
    }

    fn org(pupils: (usize, usize), staff: (usize, usize), classes: (usize, usize)) -> OrgMovement {
        let counts = |(before, after)| Counts { before, after };
        OrgMovement {
            org: "001507-1".to_owned(),
            name: "Markt".to_owned(),
            users: UserMovement {
                counts: counts((pupils.0 + staff.0, pupils.1 + staff.1)),
                pupils: counts(pupils),
                staff: counts(staff),
                come: Vec::new(),
                go: Vec::new(),
                renamed: Vec::new(),
            },
            classes: ClassesMovement {
                counts: counts(classes),
                come: Vec::new(),
                go: Vec::new(),
                changed: Vec::new(),
            },
            memberships: Counts::default(),
        }
    }

    /// What is said of one org, by rule and role.
    fn said(pupils: (usize, usize), staff: (usize, usize), classes: (usize, usize)) -> Vec<String> {
        let refusals = of_orgs(&[org(pupils, staff, classes)], &BTreeMap::new());
        assert!(refusals.iter().all(|refusal| refusal.org() == Some("001507-1")));
        let words = refusals.iter().map(|refusal| match refusal.role() {
            Some(role) => format!("{} {}", refusal.rule(), role.as_str()),
            None => refusal.rule().to_owned(),
        });
        words.collect()
    }

    #[test]
    fn an_org_must_keep_a_class_and_half_its_pupils() {
        for (pupils, classes, expected) in [
            ((10, 5), (3, 1), [""; 0].as_slice()),
            ((11, 5), (3, 1), &["org_below_half pupils"]),
            ((10, 4), (3, 1), &["org_below_half pupils"]),
            ((10, 10), (1, 0), &["org_without_class"]),
            ((3, 0), (1, 0), &["org_without_class", "org_below_half pupils"]),
            // A site that has nothing yet loses nothing; one that opens gains.
            ((0, 0), (0, 0), &[]),
            ((0, 30), (0, 0), &[]),
        ] {
            assert_eq!(said(pupils, (4, 4), classes), expected, "{pupils:?} {classes:?}");
        }
    }

    /// However many pupils stay, and the other way round: each role for itself.
    #[test]
    fn an_org_must_keep_half_of_its_staff_from_five_on() {
        for (staff, expected) in [
            ((4, 0), [""; 0].as_slice()),
            ((5, 2), &["org_below_half staff"]),
            ((5, 3), &[]),
            ((6, 3), &[]),
            ((24, 4), &["org_below_half staff"]),
        ] {
            assert_eq!(said((200, 200), staff, (8, 8)), expected, "{staff:?}");
        }
        assert_eq!(
            said((40, 10), (40, 10), (8, 8)),
            ["org_below_half pupils", "org_below_half staff"]
        );
        let refusals = of_orgs(&[org((200, 200), (24, 4), (8, 8))], &BTreeMap::new());
        assert_eq!(
            refusals[0].to_string(),
            "org 001507-1 (Markt) would have 4 staff; now it has 24, and half of them is the least"
        );
    }

    #[test]
    fn r117_class_ids_of_the_old_year_that_come_back_are_refused_by_title() {
        let titles = ["1A", "1B", "1C", "1D"].map(str::to_owned).to_vec();
        let reused = BTreeMap::from([("001507-1".to_owned(), titles)]);
        let refusals = of_orgs(&[org((9, 9), (4, 4), (3, 3))], &reused);
        assert_eq!((refusals.len(), refusals[0].rule()), (1, "class_id_reused"));
        let message = refusals[0].to_string();
        assert!(
            message.starts_with(
                "org 001507-1 (Markt) would have 4 classes with the id of a class of the old year (\"1A\", \"1B\", \"1C\" and 1 more)"
            ),
            "{message}"
        );
    }

    #[test]
    fn every_rule_that_can_be_accepted_is_in_the_list() {
        let (org, name) = ("001507-1".to_owned(), "Markt".to_owned());
        let of_org = [
            Refusal::OrgWithoutClass {
                org: org.clone(),
                name: name.clone(),
                before: 1,
            },
            Refusal::OrgBelowHalf {
                org: org.clone(),
                name: name.clone(),
                role: Role::Staff,
                before: 5,
                after: 1,
            },
            Refusal::ClassIdReused {
                org,
                name,
                titles: Vec::new(),
            },
            Refusal::Held {
                hold: String::new(),
                held_at: DateTime::UNIX_EPOCH,
            },
        ];
        let of_years = rules("2026-27", "2028-29", "2027-08-15");
        let words = of_org.iter().map(Refusal::rule).chain(of_years);
        let words: std::collections::BTreeSet<&str> = words.collect();
        assert_eq!(words, ACCEPTABLE_RULES.into_iter().collect());
        assert!(of_org.iter().all(Refusal::can_be_forced));
    }
}
