//! Forms that pages send.

use super::error::DeskError;
use crate::edge;

/// Longest form that is read, in bytes.
pub(super) const FORM_BYTES_MAX: usize = 64 << 10;

/// The fields of a form.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form, or the query of an address.
    pub(super) fn read(body: &[u8]) -> Result<Self, DeskError> {
        if body.len() > FORM_BYTES_MAX {
            return Err(DeskError::Malformed);
        }
        let text = std::str::from_utf8(body).map_err(|_| DeskError::Malformed)?;
        edge::query_parameters(text).map(Self).ok_or(DeskError::Malformed)
    }

    /// Returns the value of a field; of several the first.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut fields = self.0.iter();
        let found = fields.find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}
