//! The guard of a school year: why a year may not become the active one. Pure.

use chrono::{DateTime, NaiveDate, Utc};
use oneroster_standard::Moment;

use crate::publication::movement::OrgMovement;
use crate::roster::Hold;

/// How many days ahead of its start a school year may be activated: from 1 June for 1 September.
pub const DAYS_AHEAD_MAX: i64 = 92;

/// An org must keep at least one in this many of its users.
const USERS_KEPT_ONE_IN: usize = 2;

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
    /// An org would keep fewer than half as many users.
    #[error(
        "org {org} ({name}) would have {after} users; now it has {before}, and half of them is the least"
    )]
    OrgBelowHalf {
        /// The org.
        org: String,
        /// Its name.
        name: String,
        /// How many users it has.
        before: usize,
        /// How many it would have.
        after: usize,
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
        }
    }

    /// Returns the org it is about.
    pub fn org(&self) -> Option<&str> {
        match self {
            Self::OrgWithoutClass { org, .. } | Self::OrgBelowHalf { org, .. } => Some(org),
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
            | Self::OrgBelowHalf { .. } => true,
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

/// Judges what the year would leave of each org that is published now.
pub fn of_orgs(movements: &[OrgMovement]) -> Vec<Refusal> {
    movements
        .iter()
        .flat_map(|movement| {
            let (users, classes) = (movement.users.counts, movement.classes.counts);
            let without_class =
                (classes.before > 0 && classes.after == 0).then(|| Refusal::OrgWithoutClass {
                    org: movement.org.clone(),
                    name: movement.name.clone(),
                    before: classes.before,
                });
            let below_half =
                (users.after * USERS_KEPT_ONE_IN < users.before).then(|| Refusal::OrgBelowHalf {
                    org: movement.org.clone(),
                    name: movement.name.clone(),
                    before: users.before,
                    after: users.after,
                });
            without_class.into_iter().chain(below_half)
        })
        .collect()
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

    fn org(users: (usize, usize), classes: (usize, usize)) -> OrgMovement {
        let counts = |(before, after)| Counts { before, after };
        OrgMovement {
            org: "001507-1".to_owned(),
            name: "Markt".to_owned(),
            users: UserMovement {
                counts: counts(users),
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

    #[test]
    fn an_org_must_keep_a_class_and_half_its_users() {
        for (users, classes, expected) in [
            ((10, 5), (3, 1), [""; 0].as_slice()),
            ((11, 5), (3, 1), &["org_below_half"]),
            ((10, 4), (3, 1), &["org_below_half"]),
            ((10, 10), (1, 0), &["org_without_class"]),
            ((3, 0), (1, 0), &["org_without_class", "org_below_half"]),
            // A site that has nothing yet loses nothing; one that opens gains.
            ((0, 0), (0, 0), &[]),
            ((0, 30), (0, 0), &[]),
        ] {
            let refusals = of_orgs(&[org(users, classes)]);
            let found: Vec<&str> = refusals.iter().map(Refusal::rule).collect();
            assert_eq!(found, expected, "{users:?} {classes:?}");
            assert!(refusals.iter().all(|refusal| refusal.org() == Some("001507-1")));
        }
    }
}
