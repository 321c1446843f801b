//! Usernames: normalise names, fill the format, allocate without clashes (R31–R59).
//!
//! Records outlive the mirror row of their person.

pub mod allocate;
pub(crate) mod candidate;
mod comparable;
mod departed;
pub mod edit;
pub mod entra;
pub mod fill;
pub mod generate;
mod given_domain;
mod identity;
pub mod normalise;
pub mod plan;
pub mod record;
mod shared;
pub mod taken_over;
pub mod unserved;
mod wait_reason;

pub use allocate::{ErasedName, ErasedOwner, Unavailable};
pub use comparable::comparable;
pub use generate::{is_name_of, made_name};
pub use given_domain::{DomainOrigin, GivenDomain};
pub use identity::{Identity, PersonKey};
pub use record::{Origin, Record};
pub use shared::shared_names;
pub use wait_reason::WaitReason;
