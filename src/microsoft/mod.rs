//! What Microsoft's side says, read back by what was published: the error report of School Data Sync and the counts of a run.

mod run_report;

pub use run_report::{Comparison, Error, Group, Told, ToldRow, Whom, tell};
