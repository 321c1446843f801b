//! The screens: one file each. Most are frames that scripts fill over [`super::api`], so that a screen shows nothing else than the API
//! gives; those that only show are whole when they come.

mod check_file;
mod outlook;
mod usernames;

pub(super) use check_file::page as check_file;
pub(super) use outlook::page as outlook;
pub(super) use usernames::page as usernames;
