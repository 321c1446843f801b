//! The desk: the pages of a school's admin, and their API.

mod bulk;
mod check_file;
mod crowd;
mod list;
mod outlook;
mod rights;
mod search;
mod sessions;
