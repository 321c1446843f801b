//! What was seen of one collection. Plain data, gathered by `pull` and `probe`.

use oneroster_standard::Kind;

use super::answer::{Delta, FullPull, List, RawAnswer, ReceivedRow, Walk};

/// One object read on its own.
#[derive(Debug)]
pub(super) struct Single {
    pub(super) label: String,
    /// What is different from the collection's, or why it could not be compared.
    pub(super) difference: Option<String>,
}

/// One reference followed.
#[derive(Debug)]
pub(super) struct Followed {
    /// Which reference of which object.
    pub(super) label: String,
    /// What was wrong with what it leads to.
    pub(super) problem: Option<String>,
}

/// Everything seen of one collection.
#[derive(Debug)]
pub(super) struct Collection {
    pub(super) kind: Kind,
    pub(super) full: FullPull,
    /// Rows of the delta that are not active: usually deleted ones.
    pub(super) inactive: Vec<ReceivedRow>,
    /// What was asked after the full pull; `None` when that broke off.
    pub(super) probes: Option<Box<Probes>>,
}

/// What was asked of one collection after its full pull.
#[derive(Debug)]
pub(super) struct Probes {
    pub(super) walk: Walk,
    /// `offset=2&limit=1`.
    pub(super) third: List,
    /// A page that begins where the collection ends.
    pub(super) past_end: List,
    /// `limit=10000`.
    pub(super) ten_thousand: List,
    /// Unfiltered, `limit=1`.
    pub(super) unfiltered: List,
    /// Unfiltered, beginning at the last row that `X-Total-Count` promises.
    pub(super) unfiltered_last: Option<List>,
    /// `sourcedId='norecords'`.
    pub(super) no_records: List,
    /// `status='norecords'`.
    pub(super) outside_vocabulary: List,
    /// `sourcedId='…'` of the first row.
    pub(super) by_id: Option<List>,
    /// A parameter nobody knows.
    pub(super) stray_parameter: List,
    /// `status='tobedeleted'`, `limit=1`.
    pub(super) tombstone_count: List,
    /// After 1970: everything.
    pub(super) delta_all: Delta,
    /// After an instant in the middle, if rows have more than one.
    pub(super) delta_middle: Option<Delta>,
    /// After the newest instant seen.
    pub(super) delta_newest: Option<Delta>,
    /// After a date without a time.
    pub(super) delta_by_day: List,
    pub(super) unknown_object: RawAnswer,
    pub(super) unknown_field: RawAnswer,
    pub(super) singles: Vec<Single>,
    pub(super) followed: Vec<Followed>,
}
