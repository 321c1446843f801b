//! The counts of a run: a number beside a word.

use crate::name::words;

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Counted {
    /// Everyone.
    Users,
    /// Pupils.
    Pupils,
    /// Staff.
    Staff,
    /// Classes.
    Classes,
    /// Memberships.
    Memberships,
    /// Schools.
    Orgs,
    /// People without an account.
    Unmatched,
    /// Errors.
    Errors,
    /// Warnings.
    Warnings,
}

/// A number with what it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// What.
    pub of: Counted,
    /// The words beside it, as Microsoft writes them.
    pub label: String,
    /// How many.
    pub number: u64,
}

/// Words in English and Dutch; the first kind with one of them counts, so that "unmatched students" are unmatched.
const WORDS: [(Counted, &[&str]); 9] = [
    (
        Counted::Unmatched,
        &[
            "unmatched",
            "unmatchedpeoplebyrole",
            "niet",
            "ongekoppeld",
            "ongekoppelde",
        ],
    ),
    (Counted::Errors, &["error", "errors", "fout", "fouten"]),
    (
        Counted::Warnings,
        &["warning", "warnings", "waarschuwing", "waarschuwingen"],
    ),
    (
        Counted::Memberships,
        &[
            "membership",
            "memberships",
            "enrollment",
            "enrollments",
            "lidmaatschappen",
            "inschrijvingen",
        ],
    ),
    (
        Counted::Pupils,
        &[
            "student",
            "students",
            "studenten",
            "leerling",
            "leerlingen",
            "pupils",
        ],
    ),
    (
        Counted::Staff,
        &[
            "teacher",
            "teachers",
            "staff",
            "leerkracht",
            "leerkrachten",
            "personeel",
            "docenten",
            "faculty",
            "educators",
        ],
    ),
    (
        Counted::Classes,
        &[
            "class", "classes", "section", "sections", "klas", "klassen", "groups", "groepen",
        ],
    ),
    (
        Counted::Orgs,
        &[
            "org",
            "orgs",
            "organizations",
            "organisaties",
            "school",
            "schools",
            "scholen",
        ],
    ),
    (
        Counted::Users,
        &[
            "user",
            "users",
            "people",
            "persons",
            "gebruikers",
            "personen",
            "mensen",
        ],
    ),
];

/// Returns what words say a number counts.
pub(super) fn of_label(label: &str, number: u64) -> Option<Count> {
    let in_label = words(label);
    let of = WORDS
        .iter()
        .find(|(_, known)| in_label.iter().any(|word| known.contains(&word.as_str())))?;
    Some(Count {
        of: of.0,
        label: label.trim().to_owned(),
        number,
    })
}

/// Reads a row of words and one number: `Students,812`, or `Leerlingen: 4.809`.
pub(super) fn in_cells(cells: &[&str]) -> Option<Count> {
    let text = cells.join(" ");
    let text = text.trim();
    let start = text.find(|letter: char| letter.is_ascii_digit())?;
    let (label, number) = text.split_at_checked(start)?;
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let is_number = number
        .chars()
        .all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | ',' | ' ' | '\u{A0}' | '\u{202F}'));
    if !is_number || label.len() > 100 {
        return None;
    }
    of_label(
        label.trim_end_matches([' ', ':', '=', '\t']),
        digits.parse().ok()?,
    )
}
