//! What the classes are called that pupils are in, for whoever tells people apart by them.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use uuid::Uuid;

use super::candidates::roster_candidates;
use crate::informat::Mirror;
use crate::informat::published_rows::PublishedRows;
use crate::informat::school_year::UnknownSchoolYear;
use crate::tenant::Configuration;

/// Returns codes and names of the published classes that each pupil is in on `today` in Brussels, by the pupil's `rowguid`.
pub fn class_names(
    source: &Mirror,
    configuration: &Configuration,
    today: NaiveDate,
) -> Result<HashMap<Uuid, Vec<String>>, UnknownSchoolYear> {
    let rows = PublishedRows::new(&source.schoolvest, configuration);
    let candidates = roster_candidates(source, configuration, &rows, today)?;
    let rowguids: BTreeMap<i64, Uuid> = source
        .persoon
        .iter()
        .map(|person| (person.p_persoon, person.rowguid))
        .collect();
    let mut classes: HashMap<Uuid, Vec<String>> = HashMap::new();
    for group in candidates.classes.values() {
        for rowguid in group.students.iter().filter_map(|pupil| rowguids.get(pupil)) {
            let names = classes.entry(*rowguid).or_default();
            names.push(group.klas.klascode.clone());
            names.extend(group.klas.klas.clone());
        }
    }
    Ok(classes)
}
