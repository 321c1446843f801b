//! Files that hold a table: delimited text and workbooks into rows and cells and back, and what is wrong with such a file, by
//! line and column.
//!
//! A leaf: bundles and check files are read with it, each by rules of its own.

mod fault;
pub(crate) mod formula;
mod sheet;
pub(crate) mod text;
pub(crate) mod workbook;

pub(crate) use oneroster_delimited as csv;

pub(crate) use fault::shown;
pub use fault::{FAULT_LIMIT, Fault, Faults};
pub(crate) use sheet::sheet;
pub use workbook::WorkbookError;
