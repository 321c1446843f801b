//! The list as somebody with certain rights sees it: what they may not see is in no row, no count, no order and no search.

use chrono::{DateTime, Utc};
use oneroster_school::rights::{Access, Rights};
use oneroster_school::username::WaitReason;
use oneroster_standard::Moment;
use uuid::Uuid;

use super::answer::{Person, State};
use super::question::{Column, Kind, Mark};
use super::rows::Flags;
use super::shown::Shown;
use super::view::View;

/// A view through somebody's rights.
pub struct Seen<'v> {
    pub(super) view: &'v View,
    /// What they may do at each place.
    access: Vec<Access>,
}

impl<'v> Seen<'v> {
    /// Looks at a view with these rights.
    pub fn new(view: &'v View, rights: &Rights) -> Self {
        let places = view.rows.people.places.iter();
        Self {
            view,
            access: places.map(|place| rights.org_access(&place.org_id)).collect(),
        }
    }

    fn access_at(&self, place: usize) -> Access {
        self.access.get(place).copied().unwrap_or_default()
    }

    /// Returns the strongest of what they may do with a row.
    pub(super) fn access(&self, row: usize) -> Access {
        let places = self.view.rows.people.places_of.get(row);
        places
            .map(|place| self.access_at(place))
            .max()
            .unwrap_or_default()
    }

    /// Returns the places, or of column `Class` the classes, that a row shows them.
    pub(super) fn values(&self, row: usize, column: Column) -> impl Iterator<Item = usize> + Clone + '_ {
        let rows = &self.view.rows;
        let is_class = column == Column::Class;
        let values = if is_class {
            rows.people.classes_of.get(row)
        } else {
            rows.people.places_of.get(row)
        };
        values.filter(move |value| {
            let place = if is_class {
                rows.people.classes.get(*value).map(|class| class.place)
            } else {
                Some(*value)
            };
            place.is_some_and(|place| self.access_at(place) >= Access::Read)
        })
    }

    /// Returns the shown texts of a column of places or classes.
    pub(super) fn shown(&self, row: usize, column: Column) -> impl Iterator<Item = &'v Shown> + '_ {
        let rows = &self.view.rows;
        self.values(row, column).filter_map(move |value| match column {
            Column::Class => rows.people.classes.get(value).map(|class| &class.name),
            Column::School => rows.people.places.get(value).map(|place| &place.school),
            Column::FamilyName
            | Column::GivenName
            | Column::Sync
            | Column::Username
            | Column::Domain
            | Column::Site
            | Column::BirthDate
            | Column::CreatedAt
            | Column::LastRead => rows.people.places.get(value).map(|place| &place.site),
        })
    }

    /// Returns the same, each text once: somebody at two sites of a school shows that school once.
    pub(super) fn shown_once(&self, row: usize, column: Column) -> impl Iterator<Item = &'v Shown> + '_ {
        let all = self.shown(row, column).enumerate();
        all.filter(move |(place, shown)| {
            let mut before = self.shown(row, column).take(*place);
            !before.any(|before| before.text == shown.text)
        })
        .map(|(_, shown)| shown)
    }

    /// Returns `true` if a row has a mark.
    pub(super) fn has_mark(&self, row: usize, mark: Mark) -> bool {
        let flags = self.view.rows.flags(row);
        let is_on = flags.has(Flags::SYNC);
        match mark {
            Mark::New => !is_on && !flags.has(Flags::SWITCHED),
            Mark::Off => !is_on && flags.has(Flags::SWITCHED),
            Mark::On => is_on,
            Mark::Review => flags.has(Flags::REVIEW),
            Mark::Namesake => flags.has(Flags::NAMESAKE),
            Mark::ProbablyMerged => flags.has(Flags::MERGED),
            Mark::TooLong => flags.has(Flags::TOO_LONG),
            Mark::Waits => flags.has(Flags::WAITS),
        }
    }

    /// Returns a person as the list shows them.
    pub(super) fn person(&self, row: usize) -> Option<Person> {
        let rows = &self.view.rows;
        let flags = rows.flags(row);
        let marks = [
            Mark::Review,
            Mark::Waits,
            Mark::Namesake,
            Mark::ProbablyMerged,
            Mark::TooLong,
        ];
        let has = |mark: &Mark| self.has_mark(row, *mark);
        let is_staff = flags.has(Flags::STAFF);
        let class = self.joined(row, Column::Class);
        Some(Person {
            id: rows.people.ids.get(row).copied()?,
            family_name: rows.people.family.get(row).to_owned(),
            given_name: rows.people.given.get(row).to_owned(),
            sync: flags.has(Flags::SYNC),
            username: rows.username.get(row).to_owned(),
            domain: rows
                .people
                .domain(row)
                .map(|domain| domain.text.clone())
                .unwrap_or_default(),
            school: self.joined(row, Column::School),
            site: self.joined(row, Column::Site),
            // R62: a pupil without a class shows so.
            class: if class.is_empty() && !is_staff {
                NO_CLASS.to_owned()
            } else {
                class
            },
            birth_date: rows.people.birth_date.get(row).copied().flatten(),
            created_at: Moment::from(moment(rows.people.created_ms.get(row).copied()?)?),
            last_read: self.view.last_read_ms(row).and_then(moment).map(Moment::from),
            kind: if is_staff { Kind::Staff } else { Kind::Pupil },
            state: match (flags.has(Flags::SYNC), flags.has(Flags::SWITCHED)) {
                (true, _) => State::On,
                (false, true) => State::Off,
                (false, false) => State::New,
            },
            marks: marks.into_iter().filter(has).collect(),
            may_edit: self.access(row) == Access::Write,
            served: self.view.is_served(row),
            stamp: format!("{:016x}", rows.stamp(row)),
        })
    }

    /// Returns the texts that a column of places or classes shows.
    fn joined(&self, row: usize, column: Column) -> String {
        let texts = self.shown_once(row, column);
        texts
            .map(|shown| shown.text.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Finds a person whom they may see.
    pub fn find(&self, id: Uuid) -> Option<Person> {
        let row = self.view.rows.people.find(id)?;
        (self.access(row) >= Access::Read).then(|| self.person(row))?
    }

    /// Returns what a person whom they may see is called; nothing for anybody else.
    pub fn name(&self, id: Uuid) -> String {
        let row = self.view.rows.people.find(id);
        let row = row.filter(|row| self.access(*row) >= Access::Read);
        row.map_or_else(String::new, |row| {
            let people = &self.view.rows.people;
            let name = [people.given.get(row), people.family.get(row)].join(" ");
            name.trim().to_owned()
        })
    }

    /// Returns whether a person is released, and why they wait.
    pub fn standing(&self, id: Uuid) -> Option<(bool, Option<WaitReason>)> {
        let row = self.view.rows.people.find(id)?;
        let rows = &self.view.rows;
        Some((rows.flags(row).has(Flags::SYNC), rows.waits_for(row)))
    }

    /// Returns `true` if a person's username was served, or may have been.
    pub fn is_served(&self, id: Uuid) -> bool {
        let row = self.view.rows.people.find(id);
        row.is_some_and(|row| self.view.is_served(row))
    }

    /// Returns `true` if a complete pull since a moment read a person as released, or read that they are not.
    pub fn was_read_as(&self, id: Uuid, released: bool, since: DateTime<Utc>) -> bool {
        let Some(row) = self.view.rows.people.find(id) else {
            return false;
        };
        let since = since.timestamp_millis();
        let (newest, theirs) = (self.view.newest_pull_ms(), self.view.last_read_ms(row));
        if released {
            theirs.is_some_and(|at| at > since)
        } else {
            newest.is_some_and(|at| at > since) && theirs != newest
        }
    }

    /// Returns what somebody may do with a person; nothing with one who is not listed.
    pub fn access_to(&self, id: Uuid) -> Access {
        let row = self.view.rows.people.find(id);
        row.map(|row| self.access(row)).unwrap_or_default()
    }
}

/// What stands for the class of a pupil who has none.
pub const NO_CLASS: &str = "<Geen>";

/// Returns a moment of so many milliseconds.
fn moment(ms: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(ms)
}
