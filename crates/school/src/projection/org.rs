//! Orgs: the published school sites (R123).

use std::collections::BTreeMap;

use oneroster_standard::{Org, OrgType};

use super::{Identified, ProjectionContext};
use crate::informat::published_rows::{PublishedRow, PublishedRows};
use crate::informat::{Mirror, School};
use crate::tenant::Configuration;

/// Returns the names of the published orgs, by id.
pub fn org_names(source: &Mirror, configuration: &Configuration) -> BTreeMap<String, String> {
    let rows = PublishedRows::new(&source.schoolvest, configuration);
    let orgs = from_rows(&source.school, &rows).into_iter();
    orgs.map(|org| (org.sourced_id, org.content.name)).collect()
}

/// Makes the orgs. Rows with one id are one org, named by its lowest structure.
pub(super) fn orgs(context: &ProjectionContext<'_>) -> Vec<Identified<Org>> {
    from_rows(&context.source.school, context.rows)
}

fn from_rows(schools: &[School], rows: &PublishedRows<'_>) -> Vec<Identified<Org>> {
    let mut first_rows: BTreeMap<&str, &PublishedRow<'_>> = BTreeMap::new();
    // Rows come in the order of their key, so the first of an org has its lowest structure.
    for row in rows.iter() {
        first_rows.entry(&row.org_id).or_insert(row);
    }
    first_rows
        .into_values()
        .map(|row| org_from_schoolvest(schools, row))
        .collect()
}

fn org_from_schoolvest(schools: &[School], published: &PublishedRow<'_>) -> Identified<Org> {
    let row = published.row;
    let school = schools.iter().find(|school| school.instelnr == row.instelnr);
    let parts = [
        Some(row.instelnr.as_str()),
        school.map(|school| school.school.trim()),
        Some(row.vestiging.trim()),
    ];
    let parts: Vec<&str> = parts
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    Identified {
        sourced_id: published.org_id.clone(),
        content: Org {
            name: parts.join(" - "),
            r#type: OrgType::School,
            identifier: Some(published.org_id.clone()),
            parent: None,
            children: Vec::new(),
            metadata: serde_json::Map::new(),
        },
    }
}
