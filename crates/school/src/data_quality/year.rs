//! Time: the school year that is active, and the date of the newest state.

use chrono::{Datelike, NaiveDate, TimeDelta};
use chrono_tz::Europe::Brussels;
use oneroster_standard::Kind;

use super::facts::Facts;
use super::{Finding, Newest, Rule};

/// By which day of the summer the next school year should be active: 15 August (R115).
const ACTIVATE_BY: (u32, u32) = (8, 15);

/// How far ahead of the clock a generation may be dated for a good reason: tokens live 12 hours at the most, a generation
/// is dated five minutes after the last of them; the rest is room.
const AHEAD_MAX_HOURS: i64 = 13;

/// How many days ahead of the clock the day may be: a clock set back over midnight is behind it for a while.
const DAYS_AHEAD_MAX: i64 = 1;

pub(super) fn examine(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let year = &facts.candidates.year.schooljaar;
    let messages = [
        (Rule::SchoolYearOver, school_year_over(facts)),
        (
            Rule::GenerationAhead,
            facts
                .subject
                .newest
                .and_then(|newest| generation_ahead(newest, facts.subject.today)),
        ),
    ];
    for (rule, message) in messages {
        findings.extend(message.map(|message| Finding::new(rule, Kind::AcademicSessions, year, message)));
    }
}

fn school_year_over(facts: &Facts<'_>) -> Option<String> {
    let year = facts.candidates.year;
    let today = facts.subject.today;
    let (month, day) = ACTIVATE_BY;
    let deadline = NaiveDate::from_ymd_opt(year.einddatum.year(), month, day)?;
    if today <= year.einddatum || today <= deadline {
        return None;
    }
    let next = facts
        .subject
        .source
        .schooljaar
        .iter()
        .filter(|other| other.begindatum > year.einddatum)
        .min_by_key(|other| other.begindatum);
    let todo = next.map_or_else(
        || "import the next one and activate it".to_owned(),
        |next| format!("activate {}", next.schooljaar),
    );
    Some(format!(
        "the school year {} ended on {} and is still active, so its last day is what is published: {todo}",
        year.schooljaar, year.einddatum
    ))
}

fn generation_ahead(newest: Newest, today: NaiveDate) -> Option<String> {
    let ahead = newest.published_at - newest.now;
    let clock_day = newest.now.with_timezone(&Brussels).date_naive();
    let days = (today - clock_day).num_days();
    let is_dated_ahead = ahead > TimeDelta::hours(AHEAD_MAX_HOURS);
    if !is_dated_ahead && days <= DAYS_AHEAD_MAX {
        return None;
    }
    let dated = is_dated_ahead.then(|| {
        format!(
            "the newest state is dated {} hours ahead of the database's clock, which must have been wrong when it was \
             published: nothing is lost, but until then consumers read every change more than once; see that the clock is right",
            ahead.num_hours()
        )
    });
    let of_day = (days > 0).then(|| {
        format!(
            "what is published is the state of {today}, {days} days ahead of the database's clock, and stays so until then: \
             once the clock is right, `oneroster publish --redate` goes back to its day"
        )
    });
    Some(
        [dated, of_day]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("; "),
    )
}
