//! The log: one line per event, as text or JSON, on stderr.
