//! The list of the page for usernames: one view in memory per tenant and day, and what each user sees of it.
//!
//! [`Lists`] keeps the views, [`Seen`] is a view through somebody's rights: it answers what is asked ([`Filter`], [`Sort`]).

mod answer;
mod asked;
mod cells;
mod columns;
mod lists;
mod matching;
mod people;
mod printed;
mod question;
mod rows;
mod seen;
mod shown;
mod view;

pub use answer::{Counts, Person, State};
pub use asked::Selection;
pub use cells::{cell, heading};
pub use lists::Lists;
pub use printed::{PrintedClass, PrintedPerson};
pub use question::{Column, ColumnFilter, Filter, Kind, Mark, Sort};
pub use seen::{NO_CLASS, Seen};
pub use view::View;
