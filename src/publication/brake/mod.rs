//! The brake: a publication that takes too much away is held until somebody decides.
//!
//! [`judge`] has the tests, [`decision`] what becomes of a publication that fails one, [`store`] the hold of each tenant,
//! and [`announce`] what a server reports of holds in its log and at `/readyz`.

pub mod announce;
pub(super) mod decision;
pub mod judge;
pub(super) mod store;
