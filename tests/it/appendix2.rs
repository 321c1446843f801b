//! Appendix 2 of the manual, case by case (R128–R140): bundle, import, publication, a server over HTTP, a simulated sync, an
//! edit by command, the next sync; asserted both on the API and in the simulated tenant.
//!
//! Every case runs twice at once, fed by full pulls and by deltas: see [`crate::m365::Twins`].

mod accounts;
mod domains;
mod future;
mod identity;
mod names;
mod renames;
mod school;
