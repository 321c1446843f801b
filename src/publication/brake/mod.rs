//! The brake: a publication that takes too much away is held until somebody decides.
//!
//! [`judge`] has the tests, `decision` what becomes of a publication that fails one, [`announce`] what a server reports of
//! holds in its log and at `/readyz`. The holds are stored by [`crate::roster::holds`].

pub mod announce;
pub(super) mod decision;
pub mod judge;
