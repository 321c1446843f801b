//! The judgement without a database: rosters of days, and what the brake says of going from one to the other.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use oneroster::publication::brake::judge::{Limits, PublishedState, judge};
use oneroster::publication::roster_counts::RosterCounts;
use oneroster::roster::{Compared, Reason, Since};
use oneroster_school::informat::Mirror;
use oneroster_school::projection;
use oneroster_school::tenant::Configuration;
use oneroster_school::username::Record;
use uuid::Uuid;

/// The roster of a day, as counted.
pub(super) fn counted(
    mirror: &Mirror,
    names: &HashMap<Uuid, Record>,
    configuration: &Configuration,
    year: &str,
    today: &str,
) -> RosterCounts {
    let today = today.parse().unwrap();
    let roster = projection::project(mirror, names, configuration, year, today).unwrap();
    let mut counts = RosterCounts {
        class_facts: projection::class_facts(mirror, configuration, year, today).unwrap(),
        ..RosterCounts::default()
    };
    for (kind, sourced_id, content) in projection::contents(&roster) {
        counts.add(kind, &sourced_id, &content).unwrap();
    }
    counts
}

/// Which tests fail on a reference date of 2026-27.
pub(super) fn judged(
    before: &RosterCounts,
    after: &RosterCounts,
    reference_date: &str,
    percent: u32,
) -> Vec<Reason> {
    let last = PublishedState {
        counts: before.clone(),
        since: Since {
            generation: Uuid::nil(),
            published_at: DateTime::<Utc>::UNIX_EPOCH,
            compared: Compared::LastPublished,
        },
        accepted: BTreeSet::new(),
    };
    let limits = Limits::new(
        percent,
        &"2026-27".parse().unwrap(),
        reference_date.parse().unwrap(),
    );
    judge(&last, None, after, limits)
}
