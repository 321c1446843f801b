//! Bundles that come by themselves: into a watched folder, or over HTTP (`docs/bundle.md`).
//!
//! Both import as the command does, through every guard of the door; nobody is there who could accept one, so what a guard speaks
//! about is refused.

mod archive;
mod beside;
mod directory;
mod failure;
mod filing;
mod folder;
mod note;
mod place;
mod renames;
mod signs;
mod uploads;
mod watch;

pub use archive::{Archive, Error, import_archive};
pub use failure::Failure;
pub use signs::{FeedSigns, SilentFeed};
pub use uploads::{ImportPlace, NoTurn, Turn, UPLOAD_BYTES_MAX, UPLOADS_MAX, Uploads};
pub use watch::{STILL_FOR, Watch, WatchError, Watched};
