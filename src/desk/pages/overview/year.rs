//! The card of the transition to the next school year, from 15 June to 15 September (manual 002 §6.1, R115, R116).

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use oneroster_school::rights::{Access, Rights};

use crate::desk::dates;
use crate::desk::language::{Language, text, text_with};
use crate::publication::Examination;
use crate::synclog::{Mode, Run};

/// The first and last day of the card, and the day by which the past year is no longer read: month and day.
const FIRST_DAY: (u32, u32) = (6, 15);
/// See [`FIRST_DAY`].
const LAST_DAY: (u32, u32) = (9, 15);
/// See [`FIRST_DAY`].
const STOP_DAY: (u32, u32) = (8, 1);

/// What is known of the transition besides the data themselves.
pub(super) struct Seen<'a> {
    /// When the coming year was activated; `None` while it is not, or of a tenant that began with it.
    pub(super) activated_at: Option<DateTime<Utc>>,
    /// Readings of consumers, the newest first.
    pub(super) runs: &'a [Run],
    /// Whether who asks may make the file that archives the Teams of the past year.
    pub(super) archives: bool,
}

/// The card.
pub(super) struct YearCard {
    /// Its title.
    pub(super) title: String,
    /// The steps in their order.
    pub(super) steps: Vec<Step>,
    /// The school year that is over.
    pub(super) past_year: String,
    /// What is said of the file that archives its Teams, to who may make it.
    pub(super) teams_words: Option<String>,
}

/// A step.
pub(super) struct Step {
    /// What is to be done.
    pub(super) words: String,
    /// What we see of it.
    pub(super) seen: Option<String>,
    /// Whether it is done, as far as we see.
    pub(super) is_done: bool,
    /// Done, to be done, or not to be seen by us.
    pub(super) state: String,
}

/// Returns `true` on the days of the card.
pub(super) fn is_shown_on(today: NaiveDate) -> bool {
    let day = (today.month(), today.day());
    (FIRST_DAY..=LAST_DAY).contains(&day)
}

/// Returns the card; `None` on other days.
pub(super) fn card(
    language: Language,
    rights: &Rights,
    examination: &Examination,
    seen: &Seen<'_>,
) -> Option<YearCard> {
    if !is_shown_on(examination.today) {
        return None;
    }
    let (year, _) = &examination.coming_year;
    let named = |key: &str| text_with(language, key, [("year", year.as_str().into())]);
    let step = |words: String, is_done: bool, seen: Option<String>| Step {
        words,
        seen,
        is_done,
        state: text(
            language,
            if is_done {
                "overview-year-done"
            } else {
                "overview-year-open"
            },
        ),
    };
    let (is_stopped, stop_seen) = stopped(language, examination, seen);
    let (is_ready, counts) = ready(language, rights, examination);
    let is_switched = examination.school_year == *year;
    let switched_at = seen.activated_at.filter(|_| is_switched).map(|at| {
        let at = dates::moment(at);
        text_with(language, "overview-year-switched-at", [("at", at.into())])
    });
    let first = first_pull(seen).filter(|_| is_switched).map(|at| {
        let at = dates::moment(at);
        text_with(language, "overview-year-start-seen", [("at", at.into())])
    });
    let cleanup = Step {
        state: text(language, "overview-year-unseen"),
        ..step(named("overview-year-cleanup"), false, None)
    };
    let past_year = past_year(year);
    let teams = [("year", past_year.as_str().into())];
    Some(YearCard {
        teams_words: seen.archives.then(|| text_with(language, "teams-intro", teams)),
        past_year,
        title: named("overview-year-title"),
        steps: vec![
            step(named("overview-year-stop"), is_stopped, stop_seen),
            step(named("overview-year-ready"), is_ready, Some(counts)),
            cleanup,
            step(named("overview-year-switched"), is_switched, switched_at),
            step(named("overview-year-start"), first.is_some(), first),
        ],
    })
}

/// Returns the school year before one such as `2026-27`.
fn past_year(year: &str) -> String {
    let begin: i32 = year
        .split('-')
        .next()
        .and_then(|begin| begin.parse().ok())
        .unwrap_or_default();
    format!("{}-{:02}", begin - 1, begin.rem_euclid(100))
}

/// Whether nobody reads the past year any more since 1 August, and what was read last.
fn stopped(language: Language, examination: &Examination, seen: &Seen<'_>) -> (bool, Option<String>) {
    let today = examination.today;
    let (month, day) = STOP_DAY;
    let stop = NaiveDate::from_ymd_opt(today.year(), month, day).unwrap_or(today);
    let past = seen.runs.iter().filter(|run| {
        let is_past_year = seen.activated_at.is_none_or(|at| run.first_request_at < at);
        is_past_year && run.mode() != Mode::None
    });
    let last = past.map(|run| run.last_request_at).max();
    let is_late = last.is_some_and(|at| dates::day_of(at) >= stop);
    let key = if is_late {
        "overview-year-stop-read"
    } else {
        "overview-year-stop-seen"
    };
    let is_stopped = today >= stop && !is_late;
    let words = last
        .filter(|_| today >= stop)
        .map(|at| text_with(language, key, [("at", dates::moment(at).into())]));
    (is_stopped, words)
}

/// Whether Informat has the coming year, as far as somebody may see.
fn ready(language: Language, rights: &Rights, examination: &Examination) -> (bool, String) {
    let (_, sites) = &examination.coming_year;
    let seen = sites
        .iter()
        .filter(|year| rights.org_access(&year.site) >= Access::Read);
    let (classes, registrations) = seen.fold((0, 0), |(classes, registrations), year| {
        (classes + year.classes, registrations + year.registrations)
    });
    let arguments = [
        ("classes", classes.into()),
        ("registrations", registrations.into()),
    ];
    let words = text_with(language, "overview-year-ready-counts", arguments);
    (classes > 0 && registrations > 0, words)
}

/// When somebody first read the coming year to the last row.
fn first_pull(seen: &Seen<'_>) -> Option<DateTime<Utc>> {
    let since = seen.activated_at.unwrap_or(DateTime::<Utc>::MIN_UTC);
    let complete = seen
        .runs
        .iter()
        .filter(|run| run.is_complete_pull() && run.first_request_at >= since);
    complete.map(|run| run.last_request_at).min()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::TimeDelta;
    use oneroster_school::rights::YearAtSite;
    use oneroster_school::sample::Sample;
    use uuid::Uuid;

    use super::*;
    use crate::synclog::{PathReading, Question, RowRanges};

    fn examination(today: &str, school_year: &str) -> Examination {
        let year = YearAtSite {
            site: "001507-1".to_owned(),
            classes: 12,
            registrations: 300,
        };
        Examination {
            findings: Vec::new(),
            waiting: Vec::new(),
            to_review: 0,
            site_names: BTreeMap::new(),
            coming_year: ("2027-28".to_owned(), vec![year]),
            today: today.parse().unwrap(),
            school_year: school_year.to_owned(),
            sample: Sample::default(),
        }
    }

    fn pull(at: &str) -> Run {
        let at: DateTime<Utc> = at.parse().unwrap();
        let reading = |path: &str| PathReading {
            path: path.to_owned(),
            pages: 1,
            rows: 1,
            unchanged: 0,
            failures: 0,
            questions: vec![Question {
                is_delta: false,
                total: 0,
                read: RowRanges::default(),
                last_request_at: at,
            }],
        };
        Run {
            client_id: "zand.a".to_owned(),
            token_id: Uuid::nil(),
            run_number: 1,
            generation_number: Some(1),
            first_request_at: at,
            last_request_at: at + TimeDelta::seconds(1),
            is_complete: true,
            readings: ["/users", "/classes", "/enrollments"].map(reading).into(),
        }
    }

    fn done(today: &str, school_year: &str, activated_at: Option<&str>, runs: &[Run]) -> Vec<bool> {
        let seen = Seen {
            activated_at: activated_at.map(|at| at.parse().unwrap()),
            runs,
            archives: false,
        };
        let examination = examination(today, school_year);
        let card = card(Language::Dutch, &Rights::operator(), &examination, &seen).unwrap();
        card.steps.iter().map(|step| step.is_done).collect()
    }

    #[test]
    fn r115_the_card_is_there_from_15_june_to_15_september() {
        for (day, expected) in [
            ("2027-06-14", false),
            ("2027-06-15", true),
            ("2027-08-15", true),
            ("2027-09-15", true),
            ("2027-09-16", false),
            ("2027-01-01", false),
        ] {
            assert_eq!(is_shown_on(day.parse().unwrap()), expected, "{day}");
        }
    }

    #[test]
    fn r116_the_steps_are_ticked_where_we_see_them() {
        let before = pull("2027-07-20T04:00:00Z");
        assert_eq!(
            done("2027-07-25", "2026-27", None, std::slice::from_ref(&before)),
            [false, true, false, false, false],
            "it is not August yet"
        );
        assert_eq!(
            done("2027-08-05", "2026-27", None, std::slice::from_ref(&before)),
            [true, true, false, false, false]
        );
        let late = pull("2027-08-02T04:00:00Z");
        assert_eq!(
            done("2027-08-05", "2026-27", None, &[late, before.clone()]),
            [false, true, false, false, false],
            "the past year was read in August"
        );
        let after = pull("2027-08-16T04:00:00Z");
        assert_eq!(
            done(
                "2027-08-20",
                "2027-28",
                Some("2027-08-14T09:00:00Z"),
                &[after, before]
            ),
            [true, true, false, true, true]
        );
    }
}
