//! What a consumer may ask: filter, sort, fields, paging (`OneRoster` 1.1 §3–§6).
//!
//! Pure: text in, a checked question out; `serving` answers it.
