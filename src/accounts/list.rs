//! Looking up usernames: who has which, who is published with it, and what it was before.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use oneroster_school::projection::Person;
use oneroster_school::username::Record;
use oneroster_standard::{Moment, RoleType, moment};
use serde::Serialize;
use sqlx::PgPool;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use uuid::Uuid;

use super::{Error, Refusal, begin_look, everyone};
use crate::accounts::records::{self, lookup::Change, lookup::Retired};

/// Whether a person is active, as far as publishing is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Active on the reference date.
    Current,
    /// Active from a future day on.
    Future,
    /// In Informat's data, but active neither now nor in the future.
    Absent,
    /// No longer in Informat's data.
    Gone,
}

/// A username with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The person: `persoon.rowguid`.
    pub sourced_id: Uuid,
    /// The username as it is sent, or would be if released; the record's for somebody who is not active.
    pub username: String,
    /// The part before the `@`.
    pub local_part: String,
    /// The domain given explicitly to this person, if any.
    pub domain: Option<String>,
    /// Whether the person is released.
    pub sync: bool,
    /// Where the person is.
    pub state: State,
    /// As what the person is published.
    pub role: Option<RoleType>,
    /// The first day, of a future person.
    pub first_day: Option<NaiveDate>,
    /// Ids of the orgs, the home org first.
    pub orgs: Vec<String>,
    /// Official given name.
    pub given_name: Option<String>,
    /// Official family name.
    pub family_name: Option<String>,
    /// Birth date.
    pub birth_date: Option<NaiveDate>,
    /// `generated`, `manual` or `csv`.
    pub origin: &'static str,
    /// Whether somebody should look at the name.
    pub needs_review: bool,
    /// Why the person waits for somebody's answer, the gravest first.
    pub waits_for: Vec<&'static str>,
    /// Who a person who waits probably is.
    pub resembles: Option<Uuid>,
    /// When the record was made.
    #[serde(serialize_with = "moment::serialize")]
    pub created_at: DateTime<Utc>,
    /// When the name was taken over from another server, where it was served.
    pub taken_over_at: Option<Moment>,
    /// Names this person gave up and nobody took: not given out again.
    pub retired_names: Vec<String>,
    /// Who was handed this person's name, if anybody was.
    pub handed_to: Option<Uuid>,
}

/// Lists the usernames of a tenant in which every word of `search` is found: in an id, a name or a username, present or
/// former, whatever case and accents. Former ones are found though somebody took them since. By family name, given name and id.
pub async fn list(pool: &PgPool, tenant_id: &str, search: &[String]) -> Result<Vec<Entry>, Error> {
    let (mut transaction, configuration) = begin_look(pool, tenant_id).await?;
    let records = records::read(&mut transaction, tenant_id).await?;
    let people = everyone(&mut transaction, tenant_id, &configuration)
        .await?
        .people;
    let retired = records::lookup::retired(&mut transaction, tenant_id).await?;
    let handed_on: HashMap<Uuid, Uuid> = records::lookup::handed_on(&mut transaction, tenant_id)
        .await?
        .into_iter()
        .collect();
    let listed: Vec<Uuid> = records.keys().copied().collect();
    let mut held_before: HashMap<Uuid, Vec<String>> = HashMap::new();
    for (rowguid, name) in records::lookup::former_names(&mut transaction, tenant_id, &listed).await? {
        held_before.entry(rowguid).or_default().push(name);
    }
    transaction.commit().await?;
    let people: HashMap<Uuid, Person> = people
        .into_iter()
        .map(|person| (person.rowguid, person))
        .collect();
    let mut former: HashMap<Uuid, Vec<String>> = HashMap::new();
    for Retired { name, rowguid } in retired {
        former.entry(rowguid).or_default().push(name);
    }
    let words: Vec<String> = search
        .iter()
        .flat_map(|text| text.split_whitespace())
        .map(folded)
        .collect();
    let mut entries: Vec<Entry> = records
        .into_values()
        .map(|record| {
            let retired_names = former.remove(&record.rowguid).unwrap_or_default();
            let handed_to = handed_on.get(&record.rowguid).copied();
            entry(&record, people.get(&record.rowguid), retired_names, handed_to)
        })
        .filter(|entry| {
            let before = held_before.get(&entry.sourced_id);
            matches(entry, before.map(Vec::as_slice).unwrap_or_default(), &words)
        })
        .collect();
    entries.sort_by_cached_key(|entry| {
        let folded = |part: &Option<String>| folded(part.as_deref().unwrap_or_default());
        (
            folded(&entry.family_name),
            folded(&entry.given_name),
            entry.sourced_id,
        )
    });
    Ok(entries)
}

/// Returns every change of a person's record, oldest first.
pub async fn history(pool: &PgPool, tenant_id: &str, rowguid: Uuid) -> Result<Vec<Change>, Error> {
    let (mut transaction, _) = begin_look(pool, tenant_id).await?;
    if records::read_one(&mut transaction, tenant_id, rowguid)
        .await?
        .is_none()
    {
        return Err(Refusal::UnknownPerson(rowguid).into());
    }
    let changes = records::lookup::history(&mut transaction, tenant_id, rowguid).await?;
    transaction.commit().await?;
    Ok(changes)
}

fn entry(
    record: &Record,
    person: Option<&Person>,
    retired_names: Vec<String>,
    handed_to: Option<Uuid>,
) -> Entry {
    let published_as = person.and_then(|person| person.published_as.as_ref());
    let state = match (person, published_as) {
        (None, _) => State::Gone,
        (Some(_), None) => State::Absent,
        (Some(_), Some(published_as)) if published_as.is_future => State::Future,
        (Some(_), Some(_)) => State::Current,
    };
    Entry {
        sourced_id: record.rowguid,
        username: published_as
            .and_then(|published_as| published_as.naming.username(record))
            .unwrap_or_else(|| record.name().to_string()),
        local_part: record.local_part.clone(),
        domain: record.domain.as_ref().map(ToString::to_string),
        sync: record.sync,
        state,
        role: published_as.map(|published_as| published_as.naming.role),
        first_day: published_as
            .filter(|published_as| published_as.is_future)
            .map(|published_as| published_as.day),
        orgs: published_as
            .map(|published_as| published_as.org_ids.clone())
            .unwrap_or_default(),
        given_name: person.and_then(|person| person.given_name.clone()),
        family_name: person.and_then(|person| person.family_name.clone()),
        birth_date: person.and_then(|person| person.birth_date),
        origin: record.origin.as_str(),
        needs_review: record.needs_review,
        waits_for: record.waits_for.iter().map(|reason| reason.as_str()).collect(),
        resembles: record.resembles,
        created_at: record.created_at,
        taken_over_at: record.taken_over_at.map(Moment::from),
        retired_names,
        handed_to,
    }
}

/// `held_before` are the names the person had, also those that are somebody else's now.
fn matches(entry: &Entry, held_before: &[String], words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let id = entry.sourced_id.to_string();
    let texts = [
        Some(id.as_str()),
        Some(entry.username.as_str()),
        entry.given_name.as_deref(),
        entry.family_name.as_deref(),
    ];
    let texts = texts.into_iter().flatten();
    let all: Vec<String> = texts
        .chain(entry.retired_names.iter().chain(held_before).map(String::as_str))
        .map(folded)
        .collect();
    words
        .iter()
        .all(|word| all.iter().any(|text| text.contains(word)))
}

/// Returns a text in lower case without accents.
pub fn folded(text: &str) -> String {
    text.nfkd()
        .filter(|character| !is_combining_mark(*character))
        .collect::<String>()
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_finds_words_whatever_case_and_accents() {
        let record = Record::new(
            Uuid::from_u128(0xABC),
            "zoe.tjolle".to_owned(),
            DateTime::UNIX_EPOCH,
        );
        let person = Person {
            rowguid: record.rowguid,
            given_name: Some("Zoë".to_owned()),
            family_name: Some("’t Jolle".to_owned()),
            birth_date: None,
            published_as: None,
            org_ids: Vec::new(),
        };
        let entry = entry(&record, Some(&person), vec!["zoetje".to_owned()], None);
        assert_eq!(entry.state, State::Absent);
        for (search, found) in [
            ("ZOË jolle", true),
            ("zoetje", true),
            ("zoetje zotte", true),
            ("ABC", true),
            ("zoe.tj", true),
            ("zoe peeters", false),
            ("", true),
        ] {
            let words: Vec<String> = search.split_whitespace().map(folded).collect();
            assert_eq!(matches(&entry, &["zotte".to_owned()], &words), found, "{search}");
        }
    }
}
