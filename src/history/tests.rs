//! Reasons, from made-up versions.
