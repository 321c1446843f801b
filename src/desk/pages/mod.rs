//! The screens: one file each. They are frames that scripts fill over [`super::api`], so that a screen shows nothing else than the API gives.

mod usernames;

pub(super) use usernames::page as usernames;
