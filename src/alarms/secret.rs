//! Secrets that settings name by a file.

use std::path::Path;

use super::failure::SetupError;

/// Reads a secret from a file, without the end of its line.
pub(super) fn secret(file: &Path) -> Result<String, SetupError> {
    let text = std::fs::read_to_string(file).map_err(|error| SetupError::Secret(file.to_owned(), error))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.trim().is_empty() {
        return Err(SetupError::EmptySecret(file.to_owned()));
    }
    Ok(text.to_owned())
}
