//! The desk: the pages of a school's admin, and their API.

mod check_file;
mod list;
mod outlook;
