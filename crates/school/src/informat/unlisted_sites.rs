//! Sites that a tenant file forgets (design §4.4).

use super::Schoolvest;
use super::published_rows::entry_for;
use crate::tenant::Configuration;

/// Returns every active row of a school in the tenant file that no entry names: it is not published, perhaps unintendedly.
pub fn unlisted_sites<'a>(
    schoolvest: &'a [Schoolvest],
    configuration: &Configuration,
) -> Vec<&'a Schoolvest> {
    schoolvest
        .iter()
        .filter(|row| row.actief)
        .filter(|row| {
            configuration
                .schools
                .iter()
                .any(|school| school.instelnr == row.instelnr)
        })
        .filter(|row| entry_for(row, configuration).is_none())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(instelnr: &str, vestnrdiscimus: i32, hfdstructuur: &str, actief: bool) -> Schoolvest {
        Schoolvest {
            instelnr: instelnr.to_owned(),
            vestnrdiscimus,
            hfdstructuur: hfdstructuur.to_owned(),
            vestiging: "Dorp".to_owned(),
            vestcode: None,
            actief,
            changed: None,
        }
    }

    #[test]
    fn names_active_rows_of_listed_schools_that_no_entry_names() {
        let configuration: Configuration = serde_json::from_value(serde_json::json!({
            "id": "t", "name": "T", "active_school_year": "2026-27", "team_name_format": "{klas}",
            "username_format": "{voornaam}",
            "schools": [{"instelnr": "001507", "sites": [
                {"vestnr": 1}, {"vestnr": 2, "hoofdstructuur": "211", "sync": false}]}]
        }))
        .unwrap();
        let rows = [
            row("001507", 1, "111", true), // named: an entry without structure holds for every structure
            row("001507", 2, "211", true), // named, if only to leave it out
            row("001507", 2, "311", true), // another structure of that site
            row("001507", 3, "211", true), // another site
            row("001507", 4, "211", false), // no longer in use
            row("009999", 1, "211", true), // a school the tenant does not list
        ];
        assert_eq!(unlisted_sites(&rows, &configuration), [&rows[2], &rows[3]]);
    }
}
