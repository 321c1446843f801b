//! What a file is recognised by when it comes again.

use sha2::{Digest, Sha256};

/// SHA-256 of a file, together with the table it is for and the code that reads and judges it: the same bytes may be read otherwise
/// by another version of this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Makes the fingerprint of a file as it came.
    pub(super) fn of(table: &str, bytes: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        for part in [env!("JUDGING_CODE"), table] {
            hasher.update(part);
            hasher.update([0]);
        }
        hasher.update(bytes);
        Self(hasher.finalize().into())
    }

    /// Reads a stored one.
    pub(in crate::mirror) fn from_stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Returns it as it is stored.
    pub(in crate::mirror) const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
