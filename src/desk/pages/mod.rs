//! The screens: one file each. Most are frames that scripts fill over [`super::api`], so that a screen shows nothing else than the API
//! gives; those that only show are whole when they come.

mod access;
mod check_file;
mod client_sheet;
mod clients;
mod guide;
mod history;
mod outlook;
mod overview;
mod print;
mod settings;
mod tenants;
mod usernames;

pub(super) use access::page as access;
pub(super) use check_file::page as check_file;
pub(super) use client_sheet::page as client_sheet;
pub(super) use clients::page as clients;
pub(super) use guide::guide;
pub(super) use history::page as history;
pub(super) use outlook::page as outlook;
pub(super) use overview::page as overview;
pub(super) use print::page as print;
pub(super) use settings::page as settings;
pub(super) use tenants::page as tenants;
pub(super) use usernames::page as usernames;
