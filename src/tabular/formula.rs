//! Cells that a spreadsheet would run as a formula: made harmless when written, restored when read.
//!
//! A name such as `=HYPERLINK(…)` may have been typed into a form by anybody. An apostrophe before it makes it text
//! everywhere.

/// Returns `true` if a spreadsheet may take a cell for a formula, in any locale.
fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// Makes a cell harmless. What looks as if that had been done already is marked too, so that [`restore`] is exact.
pub(crate) fn harmless(cell: &str) -> String {
    if is_formula(cell.trim_start_matches('\'')) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// Takes back what [`harmless`] did.
pub(crate) fn restore(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(rest.trim_start_matches('\'')) => rest,
        Some(_) | None => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text_and_names_stay_as_they_are() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("+32", "'+32"),
            ("-", "'-"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("'=1", "''=1"),
            ("'t Jolle", "'t Jolle"),
            ("jan-piet", "jan-piet"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell), written);
        }
    }

    proptest::proptest! {
        #[test]
        fn r55_restoring_is_exact_and_nothing_written_is_a_formula(cell in "['=+@a\t-]{0,6}") {
            let written = harmless(&cell);
            proptest::prop_assert!(!is_formula(&written));
            proptest::prop_assert_eq!(restore(&written), cell);
        }
    }
}
