//! Tenants that are synchronised to one Entra tenant (R139): institutions and usernames that both send. Compared by ids only:
//! of the other tenant nothing is named but its id, ids of people, and usernames that this one has too.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use oneroster_standard::Kind;
use uuid::Uuid;

use super::facts::{Facts, some};
use super::{Finding, Rule};
use crate::informat::Mirror;
use crate::informat::published_rows::PublishedRows;
use crate::informat::school_year::UnknownSchoolYear;
use crate::projection::roster_candidates;
use crate::tenant::Configuration;
use crate::username::Record;

/// What another tenant of the same Entra tenant sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// The other tenant.
    tenant_id: String,
    /// Institutions it publishes a site of.
    institutions: BTreeSet<String>,
    /// The usernames of its people of the day, released or not, in lower case, by the part before the `@`.
    usernames: BTreeMap<String, Vec<Sent>>,
}

/// A username as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sent {
    /// Whose it is.
    rowguid: Uuid,
    /// What follows the `@`, in lower case; `None` where Microsoft adds it.
    domain: Option<String>,
}

impl Neighbour {
    /// Collects what a tenant sends on `today` in Brussels.
    pub fn of(
        source: &Mirror,
        usernames: &HashMap<Uuid, Record>,
        configuration: &Configuration,
        today: NaiveDate,
    ) -> Result<Self, UnknownSchoolYear> {
        let rows = PublishedRows::new(&source.schoolvest, configuration);
        let candidates = roster_candidates(source, configuration, &rows, today)?;
        let mut sent: BTreeMap<String, Vec<Sent>> = BTreeMap::new();
        for person in &source.persoon {
            let present = candidates.people.get(&person.p_persoon);
            let record = usernames.get(&person.rowguid);
            let username = present
                .zip(record)
                .and_then(|(present, record)| present.naming.username(record));
            if let Some(username) = username {
                let (local_part, domain) = parts(&username);
                let rowguid = person.rowguid;
                sent.entry(local_part).or_default().push(Sent { rowguid, domain });
            }
        }
        Ok(Self {
            tenant_id: configuration.id.to_string(),
            institutions: rows
                .iter()
                .map(|published| published.row.instelnr.clone())
                .collect(),
            usernames: sent,
        })
    }

    /// Returns who is sent with a username, as far as can be told, but for the person themselves.
    fn holder(&self, rowguid: Uuid, username: &str) -> Option<&Sent> {
        let (local_part, domain) = parts(username);
        self.usernames.get(&local_part)?.iter().find(|sent| {
            let is_one_account = match (&sent.domain, &domain) {
                (Some(theirs), Some(ours)) => theirs == ours,
                _ => true,
            };
            is_one_account && sent.rowguid != rowguid
        })
    }
}

/// Splits a username into the part before the `@` and the domain, in lower case.
fn parts(username: &str) -> (String, Option<String>) {
    let username = username.to_lowercase();
    match username.split_once('@') {
        Some((local_part, domain)) => (local_part.to_owned(), Some(domain.to_owned())),
        None => (username, None),
    }
}

pub(super) fn examine(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    for neighbour in facts.subject.neighbours {
        institutions(facts, neighbour, findings);
        usernames(facts, neighbour, findings);
    }
}

fn institutions(facts: &Facts<'_>, neighbour: &Neighbour, findings: &mut Vec<Finding>) {
    let mut orgs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for published in facts.rows.iter() {
        if neighbour.institutions.contains(&published.row.instelnr) {
            let of_institution = orgs.entry(&published.row.instelnr).or_default();
            of_institution.insert(&published.org_id);
        }
    }
    for (instelnr, orgs) in orgs {
        let ids: Vec<String> = orgs.iter().map(|id| (*id).to_owned()).collect();
        let message = format!(
            "school {instelnr} ({}) is published by the tenant {:?} too, which goes to the same Entra tenant: two synchronisations \
             take the same people and groups from each other; leave it out of one of the tenant files (sync = false) and \
             `oneroster tenant apply` that",
            some(&ids),
            neighbour.tenant_id
        );
        let first = orgs.first().copied().unwrap_or_default();
        findings.push(Finding::new(
            Rule::InstitutionAlsoInTenant,
            Kind::Orgs,
            first,
            message,
        ));
    }
}

fn usernames(facts: &Facts<'_>, neighbour: &Neighbour, findings: &mut Vec<Finding>) {
    for (p_persoon, present) in &facts.candidates.people {
        let username = facts
            .record(*p_persoon)
            .and_then(|record| present.naming.username(record));
        let rowguid = facts.person(*p_persoon).map(|person| person.rowguid);
        let Some((username, rowguid)) = username.zip(rowguid) else {
            continue;
        };
        let Some(holder) = neighbour.holder(rowguid, &username) else {
            continue;
        };
        let is_told = username.contains('@') && holder.domain.is_some();
        let unless = if is_told {
            ""
        } else {
            ", unless School Data Sync adds another domain in each of them"
        };
        let id = facts.id(*p_persoon);
        let message = format!(
            "the username {username:?} is also sent for {} of the tenant {:?}, which goes to the same Entra tenant: one of both gets no \
             account{unless}; edit one of them: {}",
            holder.rowguid.hyphenated(),
            neighbour.tenant_id,
            facts.command("usernames set", &format!("--user {id} NAME")),
        );
        findings.push(Finding::new(Rule::UsernameAlsoInTenant, Kind::Users, id, message));
    }
}
