//! What an operator or a school must know of, told by e-mail and webhook (`docs/operations.md`).
//!
//! A server looks what is the matter now and then, and writes in the transaction that saw it which alarms began and ended, with messages to
//! the school, and of the end; what began is told to the operator once all school groups were looked at, since many are told as one (`storm`).
//! Messages are sent by whichever server takes them, at least once, each time with the same id. Nothing that is done waits for that.

mod background;
mod disk;
mod failure;
mod kind;
mod look;
mod outbox;
mod outlets;
mod parts;
mod secret;
mod states;
mod store;
mod storm;
mod webhook;

pub use background::run;
pub use failure::SetupError;
pub use kind::AlarmKind;
pub use outlets::Outlets;
pub use parts::{Alarms, Counts};
