//! The people of the check file compared with the accounts of the school's Microsoft tenant (R142). Nothing is changed.

use std::collections::{HashMap, HashSet};

use oneroster_entra::{AccountFile, Candidate, Domains, Kind, Match, PersonMatch, Verdict, match_people};
use oneroster_school::informat::school_year::UnknownSchoolYear;
use oneroster_school::projection::{self, Person};
use oneroster_school::tenant::{Configuration, Domain};
use oneroster_school::username::Record;
use oneroster_school::username::edit::key;
use oneroster_standard::RoleType;
use sqlx::PgPool;
use uuid::Uuid;

use super::check_file::{self, CheckFile, FileFormat, RowNote};
use super::{Error, begin_look, records};
use crate::mirror;
use crate::tabular::WorkbookError;

/// How many accounts a row of the check file names.
const NOTED_MAX: usize = 3;

/// Everyone of the check file with their verdict, and every account with its own.
#[derive(Debug)]
pub struct Matched {
    /// Who was compared.
    pub people: Vec<oneroster_entra::Person>,
    /// The accounts, and what was remarked on their file.
    pub file: AccountFile,
    /// The verdicts. A proposal is made only if nobody else keeps the name and its domain is the tenant's; a check file is
    /// refused for names of people who were erased as well.
    pub verdicts: Match,
    listed: Vec<Person>,
    records: HashMap<Uuid, Record>,
}

/// Compares everyone of the check file with the accounts of a file. `domains` are those that Microsoft adds, before what the tenant
/// file says; what neither says is found in the accounts.
pub async fn match_accounts(
    pool: &PgPool,
    tenant_id: &str,
    file: AccountFile,
    domains: Domains,
) -> Result<Matched, Error> {
    let (mut transaction, configuration) = begin_look(pool, tenant_id).await?;
    let records = records::read(&mut transaction, tenant_id).await?;
    let source = mirror::read::read(&mut transaction, tenant_id).await?;
    let today = records::today(&mut transaction).await?;
    transaction.commit().await?;
    // On a thread for blocking work: a large group takes seconds.
    let matching = tokio::task::spawn_blocking(move || {
        let mut listed = projection::people(&source, &configuration, today)?.people;
        let classes = projection::class_names(&source, &configuration, today)?;
        let mut people = Vec::new();
        listed.retain(|person| {
            let found = compared(person, &records, &classes);
            let is_listed = found.is_some();
            people.extend(found);
            is_listed
        });
        let mut verdicts = match_people(&people, &file.accounts, domains);
        withdraw_refused(&mut verdicts.people, &listed, &records, &configuration);
        Ok::<_, UnknownSchoolYear>(Matched {
            people,
            file,
            verdicts,
            listed,
            records,
        })
    });
    Ok(matching.await.map_err(|_| Error::Interrupted)??)
}

/// Returns a person as they are compared; `None` for somebody whom the check file does not list.
fn compared(
    person: &Person,
    records: &HashMap<Uuid, Record>,
    classes: &HashMap<Uuid, Vec<String>>,
) -> Option<oneroster_entra::Person> {
    let record = records.get(&person.rowguid)?;
    let naming = &person.published_as.as_ref()?.naming;
    Some(oneroster_entra::Person {
        username: naming
            .username(record)
            .unwrap_or_else(|| record.name().to_string()),
        added_domain: naming.added_domain().map(|domain| domain.as_str().to_owned()),
        given: person.given_name.clone().unwrap_or_default(),
        family: person.family_name.clone().unwrap_or_default(),
        birth_date: person.birth_date.map(|day| day.to_string()),
        kind: if naming.role == RoleType::Student {
            Kind::Pupil
        } else {
            Kind::Staff
        },
        classes: classes.get(&person.rowguid).cloned().unwrap_or_default(),
        sourced_id: person.rowguid.to_string(),
    })
}

/// Takes back proposals that the check file would be refused for: a name that somebody else keeps, a domain that is not the tenant's. Names of
/// people who were erased are not looked at: they need the encryption key.
fn withdraw_refused(
    verdicts: &mut [PersonMatch],
    listed: &[Person],
    records: &HashMap<Uuid, Record>,
    configuration: &Configuration,
) {
    let holders: HashMap<String, Uuid> = records
        .values()
        .map(|record| (key(&record.local_part), record.rowguid))
        .collect();
    let own: HashSet<&str> = configuration
        .own_domains()
        .into_iter()
        .map(Domain::as_str)
        .collect();
    let wanted_key = |verdict: &PersonMatch| {
        let proposal = verdict.proposal.as_deref()?;
        Some(key(proposal.split('@').next().unwrap_or_default()))
    };
    loop {
        let moves: HashSet<Uuid> = verdicts
            .iter()
            .zip(listed)
            .filter(|(verdict, _)| verdict.proposal.is_some())
            .map(|(_, person)| person.rowguid)
            .collect();
        let mut is_settled = true;
        for (verdict, person) in verdicts.iter_mut().zip(listed) {
            let Some(wanted) = wanted_key(verdict) else {
                continue;
            };
            let domain = verdict.proposal.as_deref().and_then(|name| name.split_once('@'));
            let is_foreign = domain.is_some_and(|(_, domain)| !own.contains(domain.to_lowercase().as_str()));
            let is_kept = holders
                .get(&wanted)
                .is_some_and(|holder| *holder != person.rowguid && !moves.contains(holder));
            if is_kept || is_foreign {
                verdict.proposal = None;
                is_settled = false;
            }
        }
        if is_settled {
            return;
        }
    }
}

impl Matched {
    /// Writes the check file with what was found: the third column has what is beyond doubt.
    pub fn check_file(&self, format: FileFormat) -> Result<CheckFile, WorkbookError> {
        let notes: HashMap<Uuid, RowNote> = self
            .listed
            .iter()
            .zip(&self.verdicts.people)
            .map(|(person, verdict)| (person.rowguid, self.note(verdict)))
            .collect();
        check_file::with_notes(&self.listed, &self.records, &notes, format)
    }

    fn note(&self, verdict: &PersonMatch) -> RowNote {
        let accounts: Vec<String> = verdict
            .candidates
            .iter()
            .take(NOTED_MAX)
            .filter_map(|candidate| {
                let account = self.file.accounts.get(candidate.account)?;
                let Candidate { score, because, .. } = candidate;
                Some(format!("{} ({score}: {because})", account.username))
            })
            .collect();
        RowNote {
            correction: verdict.proposal.clone().unwrap_or_default(),
            verdict: word(verdict.verdict).to_owned(),
            accounts: accounts.join(" | "),
        }
    }
}

/// Returns a verdict as programs and the check file have it.
pub const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Linked => "linked",
        Verdict::New => "new",
        Verdict::OtherName => "other_name",
        Verdict::Taken => "taken",
        Verdict::Ambiguous => "ambiguous",
    }
}
