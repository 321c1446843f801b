//! The door: what a load would do that is hard to undo, judged over rows before and after it.
//!
//! A [`Guard`] that speaks refuses the load until a person accepts it by name; what stays below its threshold is a remark.

mod guard;
mod id_change;

pub use guard::{Guard, UnknownGuard};
pub use id_change::{IdChange, IdVerdict};
