//! Texts as they came from outside: whether they were damaged on the way, and the form in which they are kept.
//!
//! [`judge()`] first, on the text as it came, before anything is trimmed; only healthy text is then given to [`clean()`].
//! [`receive()`] does both.
//!
//! ```
//! use oneroster_school::text::{Damage, TextUse, clean, judge};
//!
//! assert_eq!(judge("JosÃ©", TextUse::PersonName), Some(Damage::DoublyEncoded));
//! assert_eq!(judge("JOÃO", TextUse::PersonName), None);
//! assert_eq!(clean("Zoe\u{308}\u{200B}"), "Zoë");
//! ```

mod clean;
mod damage;
mod double_encoding;
mod html_entity;
mod placeholder;
pub(crate) mod punctuation;
mod receive;
mod script;
#[cfg(test)]
mod tests;

pub use clean::clean;
pub use damage::{Damage, TextUse, judge};
pub use placeholder::is_placeholder_person;
pub use receive::{Received, receive};
