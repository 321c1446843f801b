//! A view: the rows of a tenant with what consumers were served and read.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use oneroster_school::informat::school_year::UnknownSchoolYear;
use oneroster_school::projection;

use super::rows::Rows;
use crate::publication::listing::{Listing, Readings};
use crate::roster::ListingState;

/// The people of a tenant on a day, with what consumers were served and read of them.
#[derive(Debug)]
pub struct View {
    state: ListingState,
    /// How many records it was made from.
    pub(super) records: usize,
    pub(super) rows: Arc<Rows>,
    read: Arc<Read>,
}

/// What consumers were served and read of the people of some rows: it stays as it is when somebody's record is edited.
#[derive(Debug)]
pub(super) struct Read {
    number: i64,
    newest: Option<DateTime<Utc>>,
    served: Vec<bool>,
    last_read_ms: Vec<Option<i64>>,
    newest_pull_ms: Option<i64>,
}

impl Read {
    fn new(rows: &Rows, readings: &Readings) -> Self {
        let mut served = rows.people.is_taken_over.clone();
        let mut last_read_ms = vec![None; rows.len()];
        for presence in &readings.presence {
            let Some(row) = rows.people.find(presence.rowguid) else {
                continue;
            };
            if let Some(served) = served.get_mut(row) {
                *served = true;
            }
            let read = readings.pulls.iter().find(|pull| presence.contains(pull.number));
            if let (Some(read), Some(last)) = (read, last_read_ms.get_mut(row)) {
                *last = (*last).max(Some(read.at.timestamp_millis()));
            }
        }
        if let Some(unknown_until) = readings.unknown_until {
            let unknown_until = unknown_until.timestamp_millis();
            for (served, created_ms) in served.iter_mut().zip(&rows.people.created_ms) {
                *served |= *created_ms <= unknown_until;
            }
        }
        Self {
            number: readings.state.number,
            newest: readings.state.read_at,
            served,
            last_read_ms,
            newest_pull_ms: readings.pulls.first().map(|pull| pull.at.timestamp_millis()),
        }
    }
}

impl View {
    /// Makes the view of a tenant.
    pub fn new(listing: &Listing, readings: &Readings) -> Result<Self, UnknownSchoolYear> {
        let state = (listing.state, listing.usernames.len());
        Ok(Self::with_rows(Arc::new(rows(listing)?), state, readings))
    }

    /// Makes the view anew from rows that hold: what was served or read is another.
    pub(super) fn with_rows(rows: Arc<Rows>, state: (ListingState, usize), readings: &Readings) -> Self {
        let read = Arc::new(Read::new(&rows, readings));
        Self::of(rows, state, read)
    }

    /// Makes the view anew from rows of the same people at the same places: what was served and read of them is the same.
    pub(super) fn with_records(&self, rows: Arc<Rows>, state: (ListingState, usize)) -> Self {
        Self::of(rows, state, Arc::clone(&self.read))
    }

    fn of(rows: Arc<Rows>, (state, records): (ListingState, usize), read: Arc<Read>) -> Self {
        Self {
            state: ListingState {
                number: read.number,
                read_at: read.newest,
                ..state
            },
            records,
            rows,
            read,
        }
    }

    /// Returns the state that it holds in.
    pub const fn state(&self) -> &ListingState {
        &self.state
    }

    /// Returns the day of which people are listed.
    pub fn reference_date(&self) -> NaiveDate {
        self.rows.people.reference_date
    }

    /// Returns its version: another one is another list.
    pub fn version(&self) -> String {
        let ListingState {
            mirror,
            configuration,
            usernames,
            change_id,
            today,
            number,
            read_at,
        } = self.state;
        let read = read_at.map_or(0, |at| at.timestamp_millis());
        format!("{mirror}.{configuration}.{usernames}.{change_id}.{today}.{number}.{read}")
    }

    /// Returns how many people are listed.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns `true` if nobody is listed.
    pub fn is_empty(&self) -> bool {
        self.rows.len() == 0
    }

    /// Returns how much memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        self.rows.bytes() + self.rows.len() * (size_of::<bool>() + size_of::<Option<i64>>())
    }

    /// Returns when a complete pull was made last, in milliseconds.
    pub(super) fn newest_pull_ms(&self) -> Option<i64> {
        self.read.newest_pull_ms
    }

    /// Returns when a row's person was last read.
    pub(super) fn last_read_ms(&self, row: usize) -> Option<i64> {
        self.read.last_read_ms.get(row).copied().flatten()
    }

    /// Returns `true` if a row's username was served, or may have been.
    pub(super) fn is_served(&self, row: usize) -> bool {
        self.read.served.get(row).copied().unwrap_or_default()
    }
}

/// Makes the rows of a tenant.
pub(super) fn rows(listing: &Listing) -> Result<Rows, UnknownSchoolYear> {
    let listed = projection::listed(
        &listing.mirror,
        &listing.usernames,
        &listing.configuration,
        listing.state.today,
    )?;
    Ok(Rows::new(listed, |id| listing.switched_by_hand.contains(id)))
}
