//! Tenants: one school group with its configuration, as written in a tenant file (`docs/tenant-file.md`).

pub mod braces;
pub mod change;
pub mod configuration;
pub mod file;

pub use configuration::Configuration;
