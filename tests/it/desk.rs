//! The desk: the pages of a school's admin, and their API.

mod list;
mod outlook;
