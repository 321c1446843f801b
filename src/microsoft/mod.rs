//! What Microsoft's side says, read back by what was published: the error report of School Data Sync and the counts of a run; and
//! which Teams are of a school year that is over.

mod old_classes;
mod run_report;
mod runs;

pub use old_classes::{OldClasses, OldClassesError, old_classes};
pub use run_report::{Comparison, Error, Group, Told, ToldRow, Whom, tell};
pub use runs::{KeptCount, KeptRun, counted_word, keep_run, kept_runs};
