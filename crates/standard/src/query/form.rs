//! How objects are written for a client, where consumers disagree about what an object says.

/// What a client sees otherwise than others do; nothing by default.
///
/// A filter, an order and a choice of fields are about what the client sees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of a client, and any may go with any"
)]
pub struct ObjectForm {
    /// Booleans are JSON booleans instead of the strings `"true"` and `"false"`.
    pub native_booleans: bool,
    /// A user has `email`: the username with its domain, where that is known.
    pub email: bool,
    /// `enabledUser` is true for active users.
    pub enabled_users: bool,
    /// A removed enrollment ends on the last day it was true.
    pub ended_enrollments: bool,
    /// The school group is an org of type `district` above the schools.
    pub district_org: bool,
}
