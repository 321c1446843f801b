//! What a class is called: the team name format, filled in (R7–R10).

use crate::tenant::TeamNameFormat;
use crate::tenant::team_name_format::{Field, Piece};

/// The values of one class.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClassValues<'a> {
    /// The class's code.
    pub(super) klascode: &'a str,
    /// The class's name.
    pub(super) klas: &'a str,
    /// The site's name.
    pub(super) vestiging: &'a str,
    /// The site's code.
    pub(super) vestcode: &'a str,
    /// The school's code.
    pub(super) schoolcode: &'a str,
    /// The school year's label, such as `2026-27`.
    pub(super) schooljaar: &'a str,
}

/// Fills in the format; runs of blanks become one, and there are none at the ends.
pub(super) fn fill(format: &TeamNameFormat, values: &ClassValues<'_>) -> String {
    let filled: String = format
        .pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Field(field) => value(*field, values),
        })
        .collect();
    filled.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the values that the format puts into a title, one by one.
pub(super) fn parts<'a>(
    format: &'a TeamNameFormat,
    values: &'a ClassValues<'_>,
) -> impl Iterator<Item = &'a str> {
    format.pieces().iter().filter_map(|piece| match piece {
        Piece::Text(_) => None,
        Piece::Field(field) => Some(value(*field, values)),
    })
}

fn value<'a>(field: Field, values: &ClassValues<'a>) -> &'a str {
    match field {
        Field::Klascode => values.klascode,
        Field::Klas => values.klas,
        Field::Vestiging => values.vestiging,
        Field::Vestcode => values.vestcode,
        Field::Schoolcode => values.schoolcode,
        Field::SchoolYear => values.schooljaar,
        Field::StartYear => values.schooljaar.split('-').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLASS: ClassValues<'_> = ClassValues {
        klascode: "3a",
        klas: "Derde leerjaar A",
        vestiging: "Markt",
        vestcode: "MK",
        schoolcode: "ZP",
        schooljaar: "2024-25",
    };

    fn filled(format: &str, values: &ClassValues<'_>) -> String {
        fill(&format.parse().unwrap(), values)
    }

    #[test]
    fn r7_r8_r9_r10_the_placeholders_and_the_two_examples() {
        for (format, expected) in [
            ("{klasomschrijving} - {vestiging}", "Derde leerjaar A - Markt"),
            (
                "{schoolyear} {klas} - {vestiging}",
                "2024-25 Derde leerjaar A - Markt",
            ),
            ("{klascode}", "3a"),
            ("{startyear}_{schoolcode}-{vestcode}-{klascode}", "2024_ZP-MK-3a"),
            ("Klas {klascode} (é)", "Klas 3a (é)"),
        ] {
            assert_eq!(filled(format, &CLASS), expected, "{format}");
        }
    }

    #[test]
    fn blanks_that_an_empty_value_leaves_behind_become_one() {
        let values = ClassValues {
            vestcode: "",
            klas: "  3  A ",
            ..CLASS
        };
        assert_eq!(filled(" {vestcode} {klas}  {vestiging}", &values), "3 A Markt");
    }

    #[test]
    fn a_value_that_looks_like_a_placeholder_is_just_text() {
        assert_eq!(
            filled(
                "{klas}",
                &ClassValues {
                    klas: "{vestiging}",
                    ..CLASS
                }
            ),
            "{vestiging}"
        );
    }
}
