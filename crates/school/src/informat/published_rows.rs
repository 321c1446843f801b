//! Which rows of `schoolvest` a tenant publishes, and as which org (R2, R3, R20, R123).

use std::cmp::Ordering;
use std::collections::HashMap;

use chrono::NaiveDate;

use super::{Opdracht, Schoolvest};
use crate::tenant::configuration::{Configuration, School, Site};

/// A published row of `schoolvest`, with the entries of the tenant file that cover it.
#[derive(Debug, Clone)]
pub struct PublishedRow<'a> {
    /// The row.
    pub row: &'a Schoolvest,
    /// The org it is published as.
    pub org_id: String,
    /// The institution's entry.
    pub school: &'a School,
    /// The site's entry.
    pub site: &'a Site,
}

/// The published rows of a tenant, in key order.
#[derive(Debug, Clone)]
pub struct PublishedRows<'a> {
    rows: Vec<PublishedRow<'a>>,
    by_key: HashMap<(&'a str, i32, &'a str), usize>,
}

impl<'a> PublishedRows<'a> {
    /// Selects the rows that are active and whose entry has `sync = true`.
    pub fn new(schoolvest: &'a [Schoolvest], configuration: &'a Configuration) -> Self {
        let mut rows: Vec<PublishedRow<'a>> = schoolvest
            .iter()
            .filter(|row| row.actief)
            .filter_map(|row| {
                let (school, site) = entry_for(row, configuration)?;
                site.sync.then(|| PublishedRow {
                    row,
                    org_id: org_id(row, configuration),
                    school,
                    site,
                })
            })
            .collect();
        rows.sort_by(|a, b| key(a.row).cmp(&key(b.row)));
        let by_key = rows
            .iter()
            .enumerate()
            .map(|(index, published)| (key(published.row), index))
            .collect();
        Self { rows, by_key }
    }

    /// Returns the published row with this key, if it is published.
    pub fn get(&self, instelnr: &str, vestnrdiscimus: i32, hfdstructuur: &str) -> Option<&PublishedRow<'a>> {
        // The map borrows from the mirror; a shorter-lived key compares equal all the same.
        let index = *self.by_key.get(&(instelnr, vestnrdiscimus, hfdstructuur))?;
        self.rows.get(index)
    }

    /// Returns every published row that agrees with what the assignment names.
    pub fn covered_by<'s>(&'s self, opdracht: &'s Opdracht) -> impl Iterator<Item = &'s PublishedRow<'a>> {
        self.rows
            .iter()
            .filter(|published| agrees(published.row, opdracht))
    }

    /// Returns every published row, in key order.
    pub fn iter(&self) -> impl Iterator<Item = &PublishedRow<'a>> {
        self.rows.iter()
    }
}

/// A registration or assignment in a published row. An assignment without a start lies before all others.
#[derive(Debug, Clone, Copy)]
pub struct SitePeriod<'a> {
    /// The first day.
    pub begin: Option<NaiveDate>,
    /// Where.
    pub row: &'a PublishedRow<'a>,
}

impl SitePeriod<'_> {
    /// Orders places by start, then org, then structure: the first of a person decides the home org.
    pub fn order(&self, other: &Self) -> Ordering {
        fn key<'p>(place: &'p SitePeriod<'_>) -> (Option<NaiveDate>, &'p str, &'p str) {
            (place.begin, &place.row.org_id, &place.row.row.hfdstructuur)
        }
        key(self).cmp(&key(other))
    }
}

/// Returns `true` if a row, published or not, agrees with what an assignment names.
pub fn agrees(row: &Schoolvest, opdracht: &Opdracht) -> bool {
    row.instelnr == opdracht.instelnr
        && opdracht
            .vestnrdiscimus
            .is_none_or(|number| row.vestnrdiscimus == number)
        && opdracht
            .hfdstructuur
            .as_deref()
            .is_none_or(|code| row.hfdstructuur == code)
}

fn key(row: &Schoolvest) -> (&str, i32, &str) {
    (&row.instelnr, row.vestnrdiscimus, &row.hfdstructuur)
}

/// Finds the entry of the tenant file that holds for a row: the one that names its structure, else the site's.
pub fn entry_for<'a>(row: &Schoolvest, configuration: &'a Configuration) -> Option<(&'a School, &'a Site)> {
    let school = configuration
        .schools
        .iter()
        .find(|school| school.instelnr == row.instelnr)?;
    let of_site = || {
        school
            .sites
            .iter()
            .filter(|site| site.vestnr == row.vestnrdiscimus)
    };
    let site = of_site()
        .find(|site| site.hoofdstructuur.as_deref() == Some(row.hfdstructuur.as_str()))
        .or_else(|| of_site().find(|site| site.hoofdstructuur.is_none()))?;
    Some((school, site))
}

/// Returns the org id of a row: `{instelnr}-{vestnrdiscimus}`, with `-{hfdstructuur}` if so configured (R123).
pub fn org_id(row: &Schoolvest, configuration: &Configuration) -> String {
    org_id_at(key(row), configuration)
}

/// Returns the org id of the row with this key, whether or not there is one.
pub fn org_id_at(
    (instelnr, vestnrdiscimus, hfdstructuur): (&str, i32, &str),
    configuration: &Configuration,
) -> String {
    if configuration.org_id_with_hoofdstructuur {
        format!("{instelnr}-{vestnrdiscimus}-{hfdstructuur}")
    } else {
        format!("{instelnr}-{vestnrdiscimus}")
    }
}

/// Returns `true` if a row's org has this id in either form, whichever is configured (R123).
pub fn is_org_id_of(row: &Schoolvest, org_id: &str) -> bool {
    let short = format!("{}-{}", row.instelnr, row.vestnrdiscimus);
    org_id
        .strip_prefix(&short)
        .is_some_and(|rest| rest.is_empty() || rest.strip_prefix('-') == Some(&row.hfdstructuur))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(instelnr: &str, vestnrdiscimus: i32, hfdstructuur: &str) -> Schoolvest {
        Schoolvest {
            instelnr: instelnr.to_owned(),
            vestnrdiscimus,
            hfdstructuur: hfdstructuur.to_owned(),
            vestiging: "Dorp".to_owned(),
            vestcode: None,
            actief: true,
            changed: None,
        }
    }

    fn configuration(org_id_with_hoofdstructuur: bool) -> Configuration {
        serde_json::from_value(serde_json::json!({
            "id": "t", "name": "T", "active_school_year": "2026-27", "team_name_format": "{klas}",
            "username_format": "{voornaam}", "org_id_with_hoofdstructuur": org_id_with_hoofdstructuur,
            "schools": [{"instelnr": "001507", "sites": [
                {"vestnr": 1},
                {"vestnr": 1, "hoofdstructuur": "211", "sync": false},
                {"vestnr": 2, "hoofdstructuur": "311"}]}]
        }))
        .unwrap()
    }

    fn rows() -> Vec<Schoolvest> {
        vec![
            row("001507", 2, "311"),
            row("001507", 1, "111"),
            row("001507", 1, "211"), // left out by its own entry, though the site's has sync
            row("001507", 2, "312"), // no entry names it
            Schoolvest {
                actief: false,
                ..row("001507", 1, "311")
            },
            row("009999", 1, "111"),
        ]
    }

    #[test]
    fn r3_r20_only_active_rows_whose_entry_has_sync_are_published() {
        let (rows, configuration) = (rows(), configuration(false));
        let published = PublishedRows::new(&rows, &configuration);
        let keys: Vec<_> = published.iter().map(|published| key(published.row)).collect();
        assert_eq!(keys, [("001507", 1, "111"), ("001507", 2, "311")]);
        assert!(published.get("001507", 1, "211").is_none());
        assert_eq!(published.get("001507", 2, "311").unwrap().site.vestnr, 2);
    }

    #[test]
    fn r123_org_ids_carry_the_structure_if_so_configured() {
        let rows = rows();
        for (with, expected) in [
            (false, ["001507-1", "001507-2"]),
            (true, ["001507-1-111", "001507-2-311"]),
        ] {
            let configuration = configuration(with);
            let published = PublishedRows::new(&rows, &configuration);
            assert_eq!(
                published
                    .iter()
                    .map(|published| published.org_id.as_str())
                    .collect::<Vec<_>>(),
                expected
            );
        }
    }

    #[test]
    fn an_assignment_covers_every_published_row_that_agrees_with_what_it_names() {
        let (rows, configuration) = (rows(), configuration(false));
        let published = PublishedRows::new(&rows, &configuration);
        for (site, structure, expected) in [
            (None, None, vec!["001507-1", "001507-2"]),
            (Some(1), None, vec!["001507-1"]),
            (None, Some("311"), vec!["001507-2"]),
            (Some(1), Some("311"), vec![]),
            (Some(1), Some("211"), vec![]),
        ] {
            let opdracht = Opdracht {
                p_opdracht: 1,
                p_persoon: 1,
                instelnr: "001507".to_owned(),
                vestnrdiscimus: site,
                hfdstructuur: structure.map(str::to_owned),
                begindatum: None,
                einddatum: None,
                changed: None,
            };
            let covered: Vec<_> = published
                .covered_by(&opdracht)
                .map(|row| row.org_id.as_str())
                .collect();
            assert_eq!(covered, expected, "{site:?} {structure:?}");
        }
    }
}
