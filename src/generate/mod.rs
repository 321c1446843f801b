//! A deterministic synthetic Flemish school group, written as a bundle and a tenant file.
