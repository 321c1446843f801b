//! The people of the check file compared with the accounts of the school's Microsoft tenant (R142). Nothing is changed.

use std::collections::{HashMap, HashSet};

use oneroster_entra::{
    Account, AccountFile, Candidate, Choice, Domains, Kind, Left, Mark, Match, PersonMatch, ReadError,
    Verdict, match_people, read,
};
use oneroster_school::informat::school_year::UnknownSchoolYear;
use oneroster_school::projection::{self, Naming, Person};
use oneroster_school::rights::Rights;
use oneroster_school::tenant::{Configuration, Domain};
use oneroster_school::username::edit::key;
use oneroster_school::username::{Origin, Record, WaitReason};
use oneroster_standard::RoleType;
use sqlx::PgPool;
use uuid::Uuid;

use super::check_file::{self, CheckFile, FileFormat, Reach, RowNote};
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
    /// Whom who asks may see and change; `None` = all.
    reach: Option<Reach>,
    sees_all: bool,
}

/// An account that is two people's: one has its username, School Data Sync has matched it with the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfTwo<'m> {
    /// Its place in the list of accounts.
    pub account: usize,
    /// Its user principal name.
    pub username: &'m str,
    /// The place of the person with that username.
    pub username_of: usize,
    /// The place of the person with the id that it carries.
    pub sis_id_of: usize,
}

/// Returns `true` for a file of accounts: its header names usernames as Microsoft does, and it is no check file. One that breaks off is one
/// as well.
pub fn is_account_file(bytes: &[u8]) -> bool {
    !check_file::is_headed(bytes)
        && match read(bytes, &[]) {
            Ok(_) | Err(ReadError::CutOff { .. } | ReadError::NoAccounts | ReadError::TooMany) => true,
            Err(ReadError::Quotes { line, .. }) => line > 1,
            Err(_) => false,
        }
}

/// Compares everyone of the check file with the accounts of a file. `domains` are those that Microsoft adds, before what the tenant
/// file says; what neither says is found in the accounts. Everyone is compared, whatever the rights of who asks: somebody whom they
/// may not see can be the one whose account it is. What they are shown is theirs alone: see [`Matched::sees`].
pub async fn match_accounts(
    pool: &PgPool,
    tenant_id: &str,
    file: AccountFile,
    domains: Domains,
    rights: Option<&Rights>,
) -> Result<Matched, Error> {
    let (mut transaction, configuration) = begin_look(pool, tenant_id).await?;
    let records = records::read(&mut transaction, tenant_id).await?;
    let source = mirror::read::read(&mut transaction, tenant_id).await?;
    let today = records::today(&mut transaction).await?;
    transaction.commit().await?;
    let rights = rights.cloned();
    // On a thread for blocking work: a large group takes seconds.
    let matching = tokio::task::spawn_blocking(move || {
        let mut listed = projection::people(&source, &configuration, today)?.people;
        let classes = projection::class_names(&source, &configuration, today)?;
        let domains_there: HashSet<String> = file.accounts.iter().map(Account::domain).collect();
        let added = |naming: &Naming| added_domain(naming, &configuration, &domains_there);
        let (mut people, mut left) = (Vec::new(), Vec::new());
        listed.retain(|person| {
            let found = compared(person, &records, &classes, added);
            let is_listed = found.is_some();
            if !is_listed {
                left.push(left_person(person));
            }
            people.extend(found);
            is_listed
        });
        let mut verdicts = match_people(&people, &left, &file.accounts, domains);
        let reach = rights.map(|rights| Reach::of(&rights, &listed));
        let changes = |person: &Person| reach.as_ref().is_none_or(|reach| reach.writes(person.rowguid));
        withdraw_refused(&mut verdicts.people, &listed, changes, (&records, &configuration));
        Ok::<_, UnknownSchoolYear>(Matched {
            people,
            file,
            verdicts,
            sees_all: reach
                .as_ref()
                .is_none_or(|reach| listed.iter().all(|person| reach.sees(person.rowguid))),
            reach,
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
    added_domain: impl Fn(&Naming) -> Option<String>,
) -> Option<oneroster_entra::Person> {
    let record = records.get(&person.rowguid)?;
    let naming = &person.published_as.as_ref()?.naming;
    Some(oneroster_entra::Person {
        username: naming
            .username(record)
            .unwrap_or_else(|| record.name().to_string()),
        added_domain: added_domain(naming),
        choice: choice(record),
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

/// Returns the domain that Microsoft adds to a username by the tenant file: `email_domain`, whether or not any account has it. The domain
/// of a site or school, which may be a remnant of another mode, counts where some account has it.
fn added_domain(
    naming: &Naming,
    configuration: &Configuration,
    domains_there: &HashSet<String>,
) -> Option<String> {
    let given = &configuration.email_domain;
    let is_given = if naming.role == RoleType::Student {
        given.pupils.is_some()
    } else {
        given.staff.is_some()
    };
    let domain = naming.added_domain()?.as_str();
    (is_given || domains_there.contains(domain)).then(|| domain.to_owned())
}

/// Returns somebody whom Informat has and the check file does not list.
fn left_person(person: &Person) -> Left {
    Left {
        given: person.given_name.clone().unwrap_or_default(),
        family: person.family_name.clone().unwrap_or_default(),
        birth_date: person.birth_date.map(|day| day.to_string()),
    }
}

/// Returns whether somebody chose a username: who wrote or confirmed it in a check file may have seen what was found.
fn choice(record: &Record) -> Choice {
    match record.origin {
        // Nobody looked at the accounts when names were taken over. Of who was corrected since, the record does not tell.
        Origin::Csv if record.is_taken_over() => Choice::Typed,
        Origin::Csv => Choice::CheckFile,
        Origin::Manual => Choice::Typed,
        Origin::Generated if record.answered.contains(&WaitReason::Review) => Choice::CheckFile,
        Origin::Generated => Choice::None,
    }
}

/// Takes back proposals that the check file would be refused for: a name that somebody else keeps, since nothing is proposed for them or
/// who asks may not change theirs (`changes`); one that is proposed twice, in two domains; a domain that is not the tenant's. Names of people who were erased are not looked at: they
/// need the encryption key.
fn withdraw_refused(
    verdicts: &mut [PersonMatch],
    listed: &[Person],
    changes: impl Fn(&Person) -> bool,
    (records, configuration): (&HashMap<Uuid, Record>, &Configuration),
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
            .filter(|(verdict, person)| verdict.proposal.is_some() && changes(person))
            .map(|(_, person)| person.rowguid)
            .collect();
        let mut asked: HashMap<String, usize> = HashMap::new();
        for wanted in verdicts.iter().filter_map(wanted_key) {
            *asked.entry(wanted).or_default() += 1;
        }
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
            let is_asked_twice = asked.get(&wanted).is_some_and(|count| *count > 1);
            if is_kept || is_foreign || is_asked_twice {
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
    /// Returns `true` if who asks may see the person at a place of the list.
    pub fn sees(&self, place: usize) -> bool {
        self.is_reached(place, Reach::sees)
    }

    /// Returns `true` if they may change that person's username.
    pub fn writes(&self, place: usize) -> bool {
        self.is_reached(place, Reach::writes)
    }

    fn is_reached(&self, place: usize, may: fn(&Reach, Uuid) -> bool) -> bool {
        let person = self.listed.get(place);
        person.is_some_and(|person| self.reach.as_ref().is_none_or(|reach| may(reach, person.rowguid)))
    }

    /// Returns `true` if they may see everyone of the list.
    pub const fn sees_all(&self) -> bool {
        self.sees_all
    }

    /// Returns the verdict on a person as who asks may know it: whether the id of an account is that of somebody whom they may not see,
    /// or nobody's, looks the same.
    pub fn verdict(&self, place: usize) -> Verdict {
        let Some(found) = self.verdicts.people.get(place) else {
            return Verdict::New;
        };
        let is_by_id = found
            .candidates
            .iter()
            .any(|candidate| candidate.marks.contains(&Mark::NameOfOtherId));
        if found.verdict == Verdict::Taken && is_by_id && !self.sees_all {
            Verdict::Ambiguous
        } else {
            found.verdict
        }
    }

    /// Returns the username that is proposed for a person, if who asks may change theirs.
    pub fn proposal(&self, place: usize) -> Option<&str> {
        let found = self.verdicts.people.get(place).filter(|_| self.writes(place))?;
        found.proposal.as_deref()
    }

    /// Returns the accounts that are two people's.
    pub fn accounts_of_two(&self) -> Vec<OfTwo<'_>> {
        let ids = self.people.iter().enumerate();
        let by_id: HashMap<&str, usize> = ids
            .map(|(place, person)| (person.sourced_id.as_str(), place))
            .collect();
        let named = self.verdicts.people.iter().enumerate();
        let named = named.filter_map(|(place, found)| {
            let account = self.file.accounts.get(found.named?)?;
            let owner = *by_id.get(account.sis_id.to_lowercase().as_str())?;
            (owner != place).then_some(OfTwo {
                account: found.named?,
                username: &account.username,
                username_of: place,
                sis_id_of: owner,
            })
        });
        named.collect()
    }

    /// Writes the check file of those whom who asks may see, with what was found: the third column has what is beyond doubt. `verdict`
    /// and `because` say in words what is said of a person, and why an account may be theirs.
    pub fn check_file(
        &self,
        format: FileFormat,
        verdict: impl Fn(Verdict) -> String,
        because: impl Fn(&Candidate) -> String,
    ) -> Result<CheckFile, WorkbookError> {
        let seen = self
            .listed
            .iter()
            .enumerate()
            .filter(|(place, _)| self.sees(*place));
        let mut notes = HashMap::new();
        let mut people = Vec::new();
        for (place, person) in seen {
            let note = RowNote {
                correction: self.proposal(place).unwrap_or_default().to_owned(),
                verdict: verdict(self.verdict(place)),
                accounts: self.accounts_of(place, &because),
            };
            notes.insert(person.rowguid, note);
            people.push(person.clone());
        }
        check_file::with_notes(&people, &self.records, &notes, format)
    }

    fn accounts_of(&self, place: usize, because: impl Fn(&Candidate) -> String) -> String {
        let candidates = self.verdicts.people.get(place).map(|found| &found.candidates);
        let accounts: Vec<String> = candidates
            .into_iter()
            .flatten()
            .take(NOTED_MAX)
            .filter_map(|candidate| {
                let account = self.file.accounts.get(candidate.account)?;
                Some(format!(
                    "{} ({}: {})",
                    account.username,
                    candidate.score,
                    because(candidate)
                ))
            })
            .collect();
        accounts.join(" | ")
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
