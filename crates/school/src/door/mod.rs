//! The door: what a load would do that is hard to undo, judged over rows before and after it.
//!
//! A [`Guard`] that speaks refuses the load until a person accepts it by name; what stays below its threshold is a remark.
//! Shares are of what was there before, whether the load is the whole state or a delta.

mod change;
mod guard;
mod id_change;
mod likeness;
mod people;
#[cfg(test)]
mod tests;
mod texts;

pub use change::{Change, Class, OrgShare, Person, Share};
pub use guard::{Guard, UnknownGuard};
pub use id_change::{
    FoundIdChange, IdChange, IdVerdict, ORG_LEAST, class_id_changes, person_id_changes, speaks_for_org,
    too_many_ids_changed,
};
pub use likeness::{Likeness, likeness};
pub use people::{ChangedNames, Turnover, changed_names, turnover};
pub use texts::{FirstTexts, damaged_texts, turned_names, turned_titles, turns_doubtful};
