//! A username record as the database has it.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use oneroster_school::tenant::Domain;
use oneroster_school::username::{DomainOrigin, GivenDomain, Identity, Origin, Record, WaitReason};
use uuid::Uuid;

use super::Error;

/// A row of `username.record`.
pub(super) struct Row {
    pub(super) rowguid: Uuid,
    pub(super) local_part: String,
    pub(super) domain: Option<String>,
    pub(super) domain_origin: Option<String>,
    pub(super) sync: bool,
    pub(super) origin: String,
    pub(super) needs_review: bool,
    pub(super) waits_for: Vec<String>,
    pub(super) answered: Vec<String>,
    pub(super) resembles: Option<Uuid>,
    pub(super) handed_to: Option<Uuid>,
    pub(super) p_persoon: Option<i64>,
    pub(super) given_name: Option<String>,
    pub(super) family_name: Option<String>,
    pub(super) birth_date: Option<NaiveDate>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) taken_over_at: Option<DateTime<Utc>>,
}

impl Row {
    pub(super) fn into_record(self) -> Result<Record, Error> {
        let rowguid = self.rowguid;
        let inconsistent = |column: &str, text: &str| Error::Inconsistent {
            rowguid,
            problem: format!("{column} = {text:?} is not what this build writes"),
        };
        let origin = Origin::from_word(&self.origin).ok_or_else(|| inconsistent("origin", &self.origin))?;
        let reasons = |column, words: Vec<String>| {
            let reason =
                |word: String| WaitReason::from_word(&word).ok_or_else(|| inconsistent(column, &word));
            words.into_iter().map(reason).collect::<Result<BTreeSet<_>, _>>()
        };
        let domain = match (self.domain.as_deref(), self.domain_origin.as_deref()) {
            (None, _) => None,
            (Some(text), who) => Some(GivenDomain {
                domain: text.parse::<Domain>().map_err(|_| inconsistent("domain", text))?,
                origin: who
                    .and_then(DomainOrigin::from_word)
                    .ok_or_else(|| inconsistent("domain_origin", who.unwrap_or_default()))?,
            }),
        };
        Ok(Record {
            rowguid,
            local_part: self.local_part,
            domain,
            sync: self.sync,
            origin,
            needs_review: self.needs_review,
            waits_for: reasons("waits_for", self.waits_for)?,
            answered: reasons("answered", self.answered)?,
            resembles: self.resembles,
            handed_to: self.handed_to,
            identity: self.p_persoon.map(|p_persoon| Identity {
                p_persoon,
                given_name: self.given_name.unwrap_or_default(),
                family_name: self.family_name.unwrap_or_default(),
                birth_date: self.birth_date,
            }),
            created_at: self.created_at,
            taken_over_at: self.taken_over_at,
        })
    }
}

/// Returns reasons as one text: a list does not nest in what a statement takes.
pub(super) fn joined(reasons: &BTreeSet<WaitReason>) -> String {
    let words: Vec<&str> = reasons.iter().map(|reason| reason.as_str()).collect();
    words.join(",")
}
