//! The desk: the pages of a school's admin, and their API.

mod access;
mod askers;
mod asking;
mod begun;
mod bulk;
mod changes_elsewhere;
mod check_file;
mod clients;
mod crowd;
mod described;
mod edits;
mod from_elsewhere;
mod gone;
mod guessing;
mod history;
mod hostile;
mod list;
mod list_rights;
#[cfg(feature = "openid")]
mod openid;
mod outlook;
mod overview;
mod page_files;
mod password;
mod preferences;
mod rights;
mod rights_of_bulk;
mod rights_of_files;
mod rights_of_pages;
mod role_world;
mod search;
mod sessions;
mod settings;
mod texts;
mod unseen;
mod wording;
