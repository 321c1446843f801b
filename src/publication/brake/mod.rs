//! The brake: a publication that takes too much away is held until somebody decides.
//!
//! [`judge`] has the tests, `count` what they count, `compared` the states that a publication is compared with, `decision` what
//! becomes of a publication that fails a test, [`announce`] what a server reports of holds in its log and at `/readyz`. The
//! holds are stored by [`crate::roster::holds`].

pub mod announce;
pub(super) mod compared;
mod count;
pub(super) mod decision;
mod fingerprint;
pub mod judge;
