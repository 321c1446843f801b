//! Two servers side by side: both pulled whole, and what differs per object and member.

mod differ;
mod object;
mod pull;

pub use differ::{Aspect, Difference, Differences, differences};
pub use object::{KINDS, Roster};
pub use pull::{Provider, PullError, pull};
