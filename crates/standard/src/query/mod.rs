//! What a consumer may ask: filter, sort, fields, paging (`OneRoster` 1.1 §3–§6).
//!
//! Pure: text in, a checked question out; `serving` answers it. Nothing of what a consumer writes reaches an
//! interpreter: a field is one of a table, a value is typed by its field, a comparison is Rust.

mod error;
mod field;
mod filter;
mod filter_parser;
mod form;
mod instant;
mod list;
mod misspelt;
mod page;
mod select;
mod sort;

pub use error::QueryError;
pub use field::{Field, Shape, fields};
pub use filter::{Clause, Connective, Filter, Operand, Path, Predicate};
pub use filter_parser::FILTER_CHARACTERS_MAX;
pub use form::ObjectForm;
pub use instant::{date_in_brussels, parse_instant};
pub use list::{ListQuery, Policy, SingleQuery};
pub use misspelt::meant_parameter;
pub use page::{LIMIT_DEFAULT, LIMIT_MAX, Page};
pub use select::Select;
pub use sort::{Direction, Sort};
