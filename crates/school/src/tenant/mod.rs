//! Tenants: one school group with its configuration, as written in a tenant file (`docs/tenant-file.md`).
//!
//! A leaf: it uses nothing else of this crate. Ids, domains, school years and formats are types that only hold what is
//! allowed; they are parsed when a tenant file or a stored configuration is read, and written as the text they were read from.

mod braces;
pub mod change;
mod check;
pub mod configuration;
mod document;
pub mod domain;
pub mod file;
pub mod id;
pub mod school_year;
pub mod team_name_format;
mod text;
pub mod username_format;

pub use configuration::Configuration;
pub use domain::Domain;
pub use id::TenantId;
pub use school_year::SchoolYear;
pub use team_name_format::TeamNameFormat;
pub use username_format::UsernameFormat;
