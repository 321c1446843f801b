//! The Informat side: its tables, reading and checking a bundle, loading it into the mirror.
//!
//! The only place, with its migration and the source side of [`oneroster_school::projection`], where Dutch names live.
//! A bundle goes through two gates: [`Bundle::read`] checks what each file says by itself, [`load()`] checks it
//! against the other files and the mirror, in the transaction that loads it. A file that the mirror holds already passes both
//! ([`KnownFiles`]). `docs/bundle.md` has the rules.

mod acceptance;
pub mod bundle;
mod known;
mod known_texts;
mod layout;
pub mod load;
pub mod memory;
mod named;
pub mod read;
mod remark;
mod rule;
mod silence;

pub use acceptance::{Acceptance, GuardReport};
pub use bundle::{Bundle, BundleFiles, ColumnFill, KnownFiles, Mode};
pub use known::{keep_hands_off, known_files};
pub use load::{Loaded, load};
pub use named::{Named, named};
pub use read::read;
pub use remark::{Example, Remark, Subject};
pub use rule::{Fault, Faults, Rule};
