//! What an operator or a school must know of, told by e-mail and webhook (`docs/operations.md`).
//!
//! A server looks what is the matter now and then, and writes in the transaction that saw it which alarms began and ended, with a message for
//! each. Messages are sent by whichever server takes them, at least once, each time with the same id. Nothing that is done waits for that.

mod background;
mod disk;
mod kind;
mod look;
mod outbox;
mod outlets;
mod parts;
mod states;
mod store;

pub use background::run;
pub use kind::AlarmKind;
pub use outlets::{Outlets, SetupError};
pub use parts::Alarms;
