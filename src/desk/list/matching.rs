//! Whether a row is meant by a filter, as somebody with certain rights sees it.

use chrono::{Days, NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Europe::Brussels;

use super::question::{Column, ColumnFilter, Filter, Kind, Mark};
use super::rows::Flags;
use super::seen::Seen;
use crate::accounts::folded;

/// A filter made ready: texts are folded, and places and classes are looked through once.
pub(super) struct Matcher {
    words: Vec<Word>,
    tests: Vec<Test>,
    kind: Option<Kind>,
    mark: Option<Mark>,
}

/// A word that is searched for.
struct Word {
    text: String,
    places: Vec<bool>,
    classes: Vec<bool>,
}

/// What a column must hold.
enum Test {
    Text(Column, TextTest),
    /// Which values of a place or class will do; `blank` if there must be none, or some.
    Among(Column, Vec<bool>, ColumnBlank),
    Sync(bool),
    /// From a moment or day until before another, in milliseconds or days.
    Between(Column, Option<i64>, Option<i64>, ColumnBlank),
}

/// Whether a column must be empty or filled, if that was asked.
type ColumnBlank = Option<bool>;

struct TextTest {
    contains: Option<String>,
    starts: Option<String>,
    equals: Option<String>,
    blank: ColumnBlank,
}

impl TextTest {
    fn of(filter: &ColumnFilter) -> Self {
        let text = |text: &Option<String>| {
            let text = text.as_deref().map(|text| folded(text.trim()));
            text.filter(|text| !text.is_empty())
        };
        Self {
            contains: text(&filter.contains),
            starts: text(&filter.starts),
            equals: text(&filter.equals),
            blank: filter.blank,
        }
    }

    /// `text` is folded.
    fn holds(&self, text: &str) -> bool {
        self.contains
            .as_ref()
            .is_none_or(|part| text.contains(part.as_str()))
            && self
                .starts
                .as_ref()
                .is_none_or(|start| text.starts_with(start.as_str()))
            && self.equals.as_ref().is_none_or(|whole| text == whole)
    }

    const fn is_any(&self) -> bool {
        self.contains.is_none() && self.starts.is_none() && self.equals.is_none()
    }
}

impl Matcher {
    /// Makes a filter ready for what somebody sees.
    pub(super) fn new(filter: &Filter, seen: &Seen<'_>) -> Self {
        let rows = &seen.view.rows;
        let words = folded(&filter.search);
        let words = words.split_whitespace().map(|word| Word {
            text: word.to_owned(),
            places: rows
                .people
                .places
                .iter()
                .map(|place| place.school.folded.contains(word) || place.site.folded.contains(word))
                .collect(),
            classes: rows
                .people
                .classes
                .iter()
                .map(|class| class.name.folded.contains(word))
                .collect(),
        });
        let tests = filter.columns.iter();
        Self {
            words: words.collect(),
            tests: tests
                .map(|(column, filter)| test(*column, filter, seen))
                .collect(),
            kind: filter.kind,
            mark: filter.mark,
        }
    }

    /// Returns `true` if a row that is seen is meant.
    pub(super) fn matches(&self, seen: &Seen<'_>, row: usize) -> bool {
        self.matches_but_mark(seen, row) && self.mark.is_none_or(|mark| seen.has_mark(row, mark))
    }

    /// Returns `true` if a row that is seen is meant, whatever its marks.
    pub(super) fn matches_but_mark(&self, seen: &Seen<'_>, row: usize) -> bool {
        self.is_of_kind(seen, row) && self.matches_texts(seen, row)
    }

    /// Returns `true` if a row is of the kind that is meant.
    pub(super) fn is_of_kind(&self, seen: &Seen<'_>, row: usize) -> bool {
        let is_staff = seen.view.rows.flags(row).has(Flags::STAFF);
        self.kind.is_none_or(|kind| (kind == Kind::Staff) == is_staff)
    }

    /// Returns `true` if a row has the mark that is meant.
    pub(super) fn has_mark(&self, seen: &Seen<'_>, row: usize) -> bool {
        self.mark.is_none_or(|mark| seen.has_mark(row, mark))
    }

    /// Returns `true` if a row that is seen is meant, whatever its kind and marks.
    pub(super) fn matches_texts(&self, seen: &Seen<'_>, row: usize) -> bool {
        self.tests.iter().all(|test| holds(test, seen, row))
            && self.words.iter().all(|word| is_found(word, seen, row))
    }
}

fn test(column: Column, filter: &ColumnFilter, seen: &Seen<'_>) -> Test {
    let rows = &seen.view.rows;
    match column {
        Column::FamilyName | Column::GivenName | Column::Username | Column::Domain => {
            Test::Text(column, TextTest::of(filter))
        }
        Column::School | Column::Site | Column::Class => {
            let text = TextTest::of(filter);
            // A list of empty texts only is not filled, and a test that asks for nothing asks for no value.
            let holds = |shown: &str| text.holds(shown);
            let among = match column {
                Column::Class => rows
                    .people
                    .classes
                    .iter()
                    .map(|class| holds(&class.name.folded))
                    .collect(),
                Column::School => rows
                    .people
                    .places
                    .iter()
                    .map(|place| holds(&place.school.folded))
                    .collect(),
                Column::FamilyName
                | Column::GivenName
                | Column::Sync
                | Column::Username
                | Column::Domain
                | Column::Site
                | Column::BirthDate
                | Column::CreatedAt
                | Column::LastRead => rows
                    .people
                    .places
                    .iter()
                    .map(|place| holds(&place.site.folded))
                    .collect(),
            };
            Test::Among(column, if text.is_any() { Vec::new() } else { among }, text.blank)
        }
        Column::Sync => filter
            .is
            .map_or_else(|| Test::Between(Column::CreatedAt, None, None, None), Test::Sync),
        Column::BirthDate => {
            let day = |day: NaiveDate| i64::from(day.to_epoch_days());
            Test::Between(
                column,
                filter.from.map(day),
                filter.to.map(|to| day(to).saturating_add(1)),
                filter.blank,
            )
        }
        Column::CreatedAt | Column::LastRead => Test::Between(
            column,
            filter.from.and_then(begin_ms),
            filter
                .to
                .and_then(|to| to.checked_add_days(Days::new(1)))
                .and_then(begin_ms),
            filter.blank,
        ),
    }
}

/// Returns when a day begins in Brussels.
fn begin_ms(day: NaiveDate) -> Option<i64> {
    let midnight = Brussels
        .from_local_datetime(&day.and_time(NaiveTime::MIN))
        .earliest()?;
    Some(midnight.timestamp_millis())
}

fn holds(test: &Test, seen: &Seen<'_>, row: usize) -> bool {
    let rows = &seen.view.rows;
    match test {
        Test::Text(column, asked) => {
            let shown = match column {
                Column::FamilyName => rows.people.family_folded.get(row),
                Column::GivenName => rows.people.given_folded.get(row),
                Column::Username => rows.username_folded.get(row),
                Column::Sync
                | Column::Domain
                | Column::School
                | Column::Site
                | Column::Class
                | Column::BirthDate
                | Column::CreatedAt
                | Column::LastRead => rows
                    .people
                    .domain(row)
                    .map_or("", |domain| domain.folded.as_str()),
            };
            asked.holds(shown) && asked.blank.is_none_or(|blank| blank == shown.is_empty())
        }
        Test::Among(column, among, blank) => {
            let will_do = |value: usize| among.is_empty() || among.get(value).copied().unwrap_or_default();
            let (mut values, is_any_asked) = (seen.values(row, *column), !among.is_empty());
            match blank {
                Some(true) => values.next().is_none(),
                Some(false) => values.any(will_do),
                None => !is_any_asked || values.any(will_do),
            }
        }
        Test::Sync(is_on) => rows.flags(row).has(Flags::SYNC) == *is_on,
        Test::Between(column, from, before, blank) => {
            let value = match column {
                Column::BirthDate => rows
                    .people
                    .birth_date
                    .get(row)
                    .copied()
                    .flatten()
                    .map(|day| i64::from(day.to_epoch_days())),
                Column::LastRead => seen.view.last_read_ms(row),
                Column::FamilyName
                | Column::GivenName
                | Column::Sync
                | Column::Username
                | Column::Domain
                | Column::School
                | Column::Site
                | Column::Class
                | Column::CreatedAt => rows.people.created_ms.get(row).copied(),
            };
            let is_bound = from.is_some() || before.is_some();
            let is_within = value.map_or(!is_bound, |value| {
                from.is_none_or(|from| from <= value) && before.is_none_or(|before| value < before)
            });
            is_within && blank.is_none_or(|blank| blank == value.is_none())
        }
    }
}

/// Returns `true` if a word stands in any column of a row, as it is seen.
fn is_found(word: &Word, seen: &Seen<'_>, row: usize) -> bool {
    let rows = &seen.view.rows;
    let text = word.text.as_str();
    let is_among = |among: &[bool], value: usize| among.get(value).copied().unwrap_or_default();
    rows.people.family_folded.get(row).contains(text)
        || rows.people.given_folded.get(row).contains(text)
        || rows.username_folded.get(row).contains(text)
        || seen
            .values(row, Column::Site)
            .any(|place| is_among(&word.places, place))
        || seen
            .values(row, Column::Class)
            .any(|class| is_among(&word.classes, class))
        || rows
            .people
            .domain(row)
            .is_some_and(|domain| domain.folded.contains(text))
        || (text.contains('/') && is_born(rows.people.birth_date.get(row).copied().flatten(), text))
}

fn is_born(birth_date: Option<NaiveDate>, text: &str) -> bool {
    birth_date.is_some_and(|day| day.format("%d/%m/%Y").to_string().contains(text))
}
