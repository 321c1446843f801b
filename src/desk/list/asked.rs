//! What is asked of the list, answered through somebody's rights: people in an order, ranges of them, counts.

use std::cmp::Ordering;

use oneroster_school::rights::Access;
use uuid::Uuid;

use super::answer::{Counts, Person};
use super::matching::Matcher;
use super::question::{Column, Filter, Sort};
use super::rows::Flags;
use super::seen::Seen;

/// People that are meant, in an order.
#[derive(Debug, Clone)]
pub struct Selection {
    pub(super) rows: Vec<usize>,
}

impl Selection {
    /// Returns how many there are.
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns `true` if there are none.
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl Seen<'_> {
    /// Returns the rows that are meant by a filter, in the list's own order: family name, given name, id.
    pub(super) fn matching(&self, filter: &Filter) -> Vec<usize> {
        let matcher = Matcher::new(filter, self);
        (0..self.view.rows.len())
            .filter(|row| self.access(*row) >= Access::Read && matcher.matches(self, *row))
            .collect()
    }

    /// Returns the ids of everybody who is meant by a filter.
    pub fn ids(&self, filter: &Filter) -> Vec<Uuid> {
        let ids = &self.view.rows.people.ids;
        let rows = self.matching(filter).into_iter();
        rows.filter_map(|row| ids.get(row).copied()).collect()
    }

    /// Returns the people that are meant by a filter, in an order.
    pub fn people(&self, filter: &Filter, sort: &[Sort]) -> Selection {
        let mut rows = self.matching(filter);
        self.sort(&mut rows, sort);
        Selection { rows }
    }

    fn sort(&self, rows: &mut [usize], sort: &[Sort]) {
        let Some(first) = sort.first() else { return };
        // One column of names or dates is most of what is asked: a number for each row.
        if let ([_], Some(key)) = (sort, self.simple_key(first.column)) {
            if first.descending {
                rows.sort_by_key(|row| std::cmp::Reverse(key(*row)));
            } else {
                rows.sort_by_key(|row| key(*row));
            }
            return;
        }
        rows.sort_by(|a, b| {
            let orders = sort.iter().map(|sort| {
                let order = self.compare(*a, *b, sort.column);
                if sort.descending { order.reverse() } else { order }
            });
            orders.fold(Ordering::Equal, Ordering::then)
        });
    }

    /// Returns what a row is sorted by in a column where that is one number.
    fn simple_key(&self, column: Column) -> Option<Box<dyn Fn(usize) -> i64 + '_>> {
        let rows = &self.view.rows;
        let ranks = match column {
            Column::FamilyName => Some(rows.people.family_ranks()),
            Column::GivenName => Some(rows.people.given_ranks()),
            Column::Username => Some(rows.username_ranks()),
            Column::Sync
            | Column::Domain
            | Column::School
            | Column::Site
            | Column::Class
            | Column::BirthDate
            | Column::CreatedAt
            | Column::LastRead => None,
        };
        if let Some(ranks) = ranks {
            return Some(Box::new(|row| ranks.get(row).copied().map_or(-1, i64::from)));
        }
        Some(match column {
            Column::Sync => Box::new(|row| i64::from(rows.flags(row).has(Flags::SYNC))),
            Column::Domain => Box::new(|row| rows.people.domain(row).map_or(-1, |domain| domain.rank.into())),
            Column::BirthDate => Box::new(|row| {
                let day = rows.people.birth_date.get(row).copied().flatten();
                day.map_or(i64::MIN, |day| day.to_epoch_days().into())
            }),
            Column::CreatedAt => Box::new(|row| rows.people.created_ms.get(row).copied().unwrap_or(i64::MIN)),
            Column::LastRead => Box::new(|row| self.view.last_read_ms(row).unwrap_or(i64::MIN)),
            Column::FamilyName
            | Column::GivenName
            | Column::Username
            | Column::School
            | Column::Site
            | Column::Class => return None,
        })
    }

    fn compare(&self, a: usize, b: usize, column: Column) -> Ordering {
        match column {
            Column::School | Column::Site | Column::Class => {
                let ranks = |row| self.shown_once(row, column).map(|shown| shown.rank);
                ranks(a).cmp(ranks(b))
            }
            Column::FamilyName
            | Column::GivenName
            | Column::Username
            | Column::Sync
            | Column::Domain
            | Column::BirthDate
            | Column::CreatedAt
            | Column::LastRead => self
                .simple_key(column)
                .map_or(Ordering::Equal, |key| key(a).cmp(&key(b))),
        }
    }

    /// Returns the people of a part of a selection.
    pub fn range(&self, selection: &Selection, from: usize, to: usize) -> Vec<Person> {
        let rows = selection.rows.get(from..to.min(selection.rows.len()));
        let rows = rows.unwrap_or_default().iter();
        rows.filter_map(|row| self.person(*row)).collect()
    }

    /// Counts the people that are meant, and how many of them have each mark: as if that mark alone were asked for.
    pub fn counts(&self, filter: &Filter) -> Counts {
        let matcher = Matcher::new(filter, self);
        let mut counts = Counts::default();
        for row in 0..self.view.rows.len() {
            if self.access(row) < Access::Read || !matcher.matches_texts(self, row) {
                continue;
            }
            let is_staff = self.view.rows.flags(row).has(Flags::STAFF);
            if matcher.has_mark(self, row) {
                counts.total += usize::from(matcher.is_of_kind(self, row));
                counts.staff += usize::from(is_staff);
                counts.pupils += usize::from(!is_staff);
            }
            if matcher.is_of_kind(self, row) {
                counts.add(|mark| self.has_mark(row, mark));
            }
        }
        counts
    }
}
