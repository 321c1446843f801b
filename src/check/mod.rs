//! The consumer's side: what the School Data Sync wizard and a sync run do, against any provider.
//!
//! Shares nothing with the server but the entity types of [`crate::oneroster`].
