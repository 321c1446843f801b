//! A simulated Microsoft 365 tenant, fed by a simulated School Data Sync (SDS).
//!
//! Written from the two manuals (chapters 3 and 4, Appendix 2) and from what is known of SDS as a consumer alone. It shares
//! nothing with the server: HTTP, JSON and types of its own. Two halves, as the manual has them:
//!
//! - **Connect Data** ([`Sds::read_full`], [`Sds::read_delta`]) reads the roster and keeps it ([`Sis`]). A full pull decides by
//!   presence: what is not seen is inactive. A delta pull asks for what changed since the last run began. Neither changes
//!   anything in Microsoft 365 (R28).
//! - **Manage Data** ([`Sds::manage`]) brings [`Microsoft365`] to what was read: accounts, class Teams, security groups.
//!
//! A profile may be fed by uploaded files instead ([`Upload`], [`Sds::upload`]): a set is whole every time.
//!
//! What it does with an account, in the manual's words where it has any:
//!
//! 1. Who has its SIS id is it (R129); else an account of that name that belongs to nobody present gets it (R130); else it is
//!    made (R128), and joins its groups from the second sync on.
//! 2. A name that differs from Informat's is changed, and the address before becomes an alias (R131–R133).
//! 3. An address that another account has, as its name or as an alias, is a conflict: it is reported, and nothing changes for
//!    either party (R139, R140).
//! 4. Nobody is ever deleted: who is no longer read leaves the groups and keeps the account (R92, R134).
//! 5. Groups of the school's own, and Teams of a profile that was stopped, are left alone (R108, R116).
//!
//! Not simulated, since the manual leaves it to settings that are off: contacts, demographics, flags, licences, administrative
//! units, passwords.

mod directory;
mod files;
mod identity;
mod manage;
mod reader;
mod records;
mod sds;
mod tests;
mod twins;

pub(crate) use directory::Microsoft365;
pub(crate) use files::Upload;
pub(crate) use identity::IdentityRule;
pub(crate) use manage::{Conflict, Report};
pub(crate) use reader::Connection;
pub(crate) use records::Sis;
pub(crate) use sds::{Profile, Sds};
pub(crate) use twins::Twins;
