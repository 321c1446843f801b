//! Whose names make the same username (R48, R137).

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::Record;
use super::allocate::shorten;
use super::fill::fill;
use crate::informat::Mirror;
use crate::tenant::Configuration;
use crate::tenant::username_format::LOCAL_PART_MAX_LENGTH;

/// Returns the people with a record whose names make the same username, by `p_persoon`, sorted; each group has two or more.
///
/// Holders who are no longer at school count: the account is still theirs.
pub fn shared_names(
    source: &Mirror,
    usernames: &HashMap<Uuid, Record>,
    configuration: &Configuration,
) -> Vec<Vec<i64>> {
    let max_length = configuration.username_max_length.min(LOCAL_PART_MAX_LENGTH);
    let mut holders: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for person in &source.persoon {
        if usernames.contains_key(&person.rowguid) {
            let filled = fill(
                &configuration.username_format,
                person.voornaam.as_deref().unwrap_or_default(),
                person.naam.as_deref().unwrap_or_default(),
            );
            let base = shorten(&filled.text, max_length);
            holders.entry(base).or_default().push(person.p_persoon);
        }
    }
    let several = holders
        .into_iter()
        .filter(|(base, people)| !base.is_empty() && people.len() > 1);
    several
        .map(|(_, mut people)| {
            people.sort_unstable();
            people
        })
        .collect()
}
