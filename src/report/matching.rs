//! The report of `oneroster match`: people beside the accounts of the school's Microsoft tenant.

use std::collections::{HashMap, HashSet};
use std::fmt::{Display, Formatter};

use oneroster_entra::{Account, AccountMatch, DomainSource, Kind, Person, Verdict};
use serde::Serialize;

use super::match_file::{ClassReport, ColumnReport, columns_line, without_domain_line};
use super::words::{counted, lines, printable};
use crate::accounts::matching::{Matched, word};

/// Everyone of the check file, and every account, each with one verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MatchReport {
    /// The tenant.
    pub tenant: String,
    /// The domains that Microsoft adds to usernames sent without one, and from where they are known.
    pub domains: Vec<DomainReport>,
    /// People, in the order of Informat's data.
    pub people: Vec<PersonReport>,
    /// Accounts, in the order of their file.
    pub accounts: Vec<AccountReport>,
    /// Of whom no domain is known: `pupil` or `staff`. Nobody of them can be linked.
    pub without_domain: Vec<&'static str>,
    /// Whether the classes that accounts say are used.
    pub classes: ClassReport,
    /// The columns that were used, and as what; empty for JSON.
    pub columns: Vec<ColumnReport>,
    /// The columns that were not.
    pub unused_columns: Vec<String>,
    /// What the administrator should know about the file.
    pub remarks: Vec<RemarkReport>,
}

/// A domain that was added to usernames.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DomainReport {
    /// Whose: `pupil` or `staff`.
    pub kind: &'static str,
    /// The domain.
    pub domain: String,
    /// `given` with the command, `tenant-file`, or `commonest` of that kind among the accounts.
    pub from: &'static str,
    /// How many people it was added for.
    pub people: usize,
    /// How many accounts have it.
    pub accounts: usize,
}

/// A person's verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonReport {
    /// Their `sourcedId`.
    pub user: String,
    /// The username that is sent.
    pub username: String,
    /// `linked`, `new`, `other_name`, `taken` or `ambiguous`.
    pub verdict: &'static str,
    /// Accounts that may be theirs, the most likely first; of a taken name the one that has it.
    pub accounts: Vec<CandidateReport>,
    /// The username that the check file proposes: beyond doubt the one of their account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposal: Option<String>,
    /// The account that has their username and is not theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_by: Option<String>,
    #[serde(skip)]
    name: String,
}

/// An account that may be somebody's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CandidateReport {
    /// Its user principal name.
    pub username: String,
    /// Its object id, if the file has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
    /// How likely, 0 to 100.
    pub score: u8,
    /// Why.
    pub because: String,
}

/// An account's verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountReport {
    /// Its user principal name.
    pub username: String,
    /// Its object id, if the file has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
    /// `linked`, `proposed` or `unmatched`.
    pub verdict: &'static str,
    /// Of an unmatched one, whose it looks like: `pupil` or `staff`.
    pub looks_like: Option<&'static str>,
    /// It comes from the school's own Active Directory: its name is changed there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub synchronised: bool,
    /// The id with which School Data Sync has matched it before, if nobody of the check file has that id, or another person than
    /// the one whose username it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sis_id: Option<String>,
    /// It is two people's: one has its username, the other the id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_two: Option<OfTwo>,
}

/// The two people whose account one seems to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfTwo {
    /// `sourcedId` of the one with the username.
    pub username_of: String,
    /// `sourcedId` of the one with whom School Data Sync has matched it.
    pub sis_id_of: String,
    #[serde(skip)]
    names: [String; 2],
}

/// A remark on the file of accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RemarkReport {
    /// What.
    pub rule: &'static str,
    /// How many rows.
    pub count: u64,
    /// The first line, or user of the JSON.
    pub line: u64,
}

impl MatchReport {
    /// Reports what matching came to.
    pub fn new(tenant_id: &str, matched: &Matched) -> Self {
        let username = |place: usize| {
            let account = matched.file.accounts.get(place);
            account
                .map(|account| account.username.clone())
                .unwrap_or_default()
        };
        let object_id = |place: usize| object_id(matched.file.accounts.get(place)?);
        let people = matched.people.iter().zip(&matched.verdicts.people);
        let people = people.map(|(person, verdict)| PersonReport {
            user: person.sourced_id.clone(),
            username: person.username.clone(),
            verdict: word(verdict.verdict),
            accounts: verdict
                .candidates
                .iter()
                .map(|candidate| CandidateReport {
                    username: username(candidate.account),
                    object_id: object_id(candidate.account),
                    score: candidate.score,
                    because: candidate.because(),
                })
                .collect(),
            proposal: verdict.proposal.clone(),
            taken_by: verdict.taken_by.map(username),
            name: name(person),
        });
        let domains = matched.verdicts.domains.iter().map(|added| DomainReport {
            kind: kind_word(added.kind),
            domain: added.domain.clone(),
            from: match added.source {
                DomainSource::Given => "given",
                DomainSource::School => "tenant-file",
                DomainSource::Commonest => "commonest",
            },
            people: added.people,
            accounts: added.accounts,
        });
        let remarks = matched.file.remarks.iter().map(|remark| RemarkReport {
            rule: remark.rule.as_str(),
            count: remark.count,
            line: remark.first,
        });
        Self {
            tenant: tenant_id.to_owned(),
            domains: domains.collect(),
            people: people.collect(),
            accounts: accounts(matched),
            without_domain: matched
                .verdicts
                .without_domain
                .iter()
                .copied()
                .map(kind_word)
                .collect(),
            classes: ClassReport::of(matched.verdicts.classes),
            columns: ColumnReport::of(&matched.file),
            unused_columns: matched.file.unused_columns.clone(),
            remarks: remarks.collect(),
        }
    }

    /// Returns what the administrator should know about the file and the domains, in words.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        let remarks = self.remarks.iter().map(|remark| {
            let RemarkReport { rule, count, line } = remark;
            format!(
                "{rule}: {}, the first on line {line}",
                counted(*count, "row", "rows")
            )
        });
        let unknown = self.without_domain.iter().map(|kind| without_domain_line(kind));
        let empty = self.domains.iter().filter(|domain| domain.accounts == 0);
        let empty = empty.map(|domain| format!("no account is in the domain {}", printable(&domain.domain)));
        let classes = self.classes.warning();
        remarks.chain(unknown).chain(empty).chain(classes)
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.people
            .iter()
            .filter(|person| person.verdict == word(verdict))
            .count()
    }
}

const fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Pupil => "pupil",
        Kind::Staff => "staff",
    }
}

fn object_id(account: &Account) -> Option<String> {
    (!account.id.is_empty()).then(|| account.id.clone())
}

fn name(person: &Person) -> String {
    format!("{} {}", person.given, person.family)
}

fn accounts(matched: &Matched) -> Vec<AccountReport> {
    let ids: HashSet<&str> = matched
        .people
        .iter()
        .map(|person| person.sourced_id.as_str())
        .collect();
    let of_two: HashMap<usize, OfTwo> = matched
        .accounts_of_two()
        .into_iter()
        .filter_map(|two| {
            let (one, other) = (
                matched.people.get(two.username_of)?,
                matched.people.get(two.sis_id_of)?,
            );
            let people = OfTwo {
                username_of: one.sourced_id.clone(),
                sis_id_of: other.sourced_id.clone(),
                names: [name(one), name(other)],
            };
            Some((two.account, people))
        })
        .collect();
    let accounts = matched.file.accounts.iter().zip(&matched.verdicts.accounts);
    let report = accounts.enumerate().map(|(place, (account, verdict))| {
        let (verdict, looks_like) = match verdict {
            AccountMatch::Linked => ("linked", None),
            AccountMatch::Proposed => ("proposed", None),
            AccountMatch::Unmatched(kind) => ("unmatched", kind.map(kind_word)),
        };
        let of_two = of_two.get(&place).cloned();
        let is_nobodys = !ids.contains(account.sis_id.to_lowercase().as_str());
        let is_told = !account.sis_id.is_empty() && (is_nobodys || of_two.is_some());
        AccountReport {
            username: account.username.clone(),
            object_id: object_id(account),
            verdict,
            looks_like,
            synchronised: account.is_synchronised == Some(true),
            sis_id: is_told.then(|| account.sis_id.clone()),
            of_two,
        }
    });
    report.collect()
}

impl Display for MatchReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        writeln!(
            formatter,
            "{}: {} linked, {} new, {} under another name ({} of them beyond doubt), {} whose name is taken, {} to be looked at",
            counted(self.people.len(), "person", "people"),
            self.count(Verdict::Linked),
            self.count(Verdict::New),
            self.count(Verdict::OtherName),
            self.people
                .iter()
                .filter(|person| person.proposal.is_some())
                .count(),
            self.count(Verdict::Taken),
            self.count(Verdict::Ambiguous),
        )?;
        let unmatched = self
            .accounts
            .iter()
            .filter(|account| account.looks_like.is_some());
        writeln!(
            formatter,
            "{}, of which {} look like a pupil's or a member of staff's and match nobody",
            counted(self.accounts.len(), "account", "accounts"),
            unmatched.clone().count(),
        )?;
        for domain in &self.domains {
            writeln!(formatter, "{}", domain_line(domain))?;
        }
        if !self.columns.is_empty() {
            writeln!(formatter, "{}", columns_line(&self.columns, &self.unused_columns))?;
        }
        let is_fine = |verdict: &str| verdict == word(Verdict::Linked) || verdict == word(Verdict::New);
        let people = self
            .people
            .iter()
            .filter(|person| !is_fine(person.verdict))
            .map(person_line);
        let synchronised = self
            .accounts
            .iter()
            .filter(|account| account.synchronised)
            .count();
        let accounts = unmatched.map(|account| {
            let looks_like = account.looks_like.unwrap_or_default();
            let id = account.object_id.as_deref().unwrap_or_default();
            format!(
                "unmatched\t{looks_like}\t{}\t{}",
                printable(&account.username),
                printable(id)
            )
        });
        let of_two = self.accounts.iter().filter_map(of_two_line);
        lines(formatter, people.chain(of_two).chain(accounts))?;
        if synchronised > 0 {
            write!(
                formatter,
                "\n{} from the school's own Active Directory: their names are changed there",
                counted(synchronised, "account comes", "accounts come")
            )?;
        }
        Ok(())
    }
}

fn domain_line(added: &DomainReport) -> String {
    let DomainReport {
        kind,
        domain,
        from,
        people,
        accounts,
    } = added;
    let from = match *from {
        "given" => "given",
        "tenant-file" => "of the tenant file",
        _ => "the commonest",
    };
    format!(
        "domain of {}: {}, {from}, for {}; {} it",
        if *kind == "pupil" { "pupils" } else { "staff" },
        printable(domain),
        counted(*people, "person", "people"),
        counted(*accounts, "account has", "accounts have"),
    )
}

fn of_two_line(account: &AccountReport) -> Option<String> {
    let two = account.of_two.as_ref()?;
    let [one, other] = two.names.each_ref().map(|name| printable(name));
    Some(format!(
        "of two\t{}\tthe username is that of {one}; School Data Sync has matched it with {other}",
        printable(&account.username)
    ))
}

fn person_line(person: &PersonReport) -> String {
    let accounts: Vec<String> = person
        .accounts
        .iter()
        .map(|account| {
            format!(
                "{} ({}: {})",
                printable(&account.username),
                account.score,
                account.because
            )
        })
        .collect();
    format!(
        "{}\t{}\t{}\t{}",
        person.verdict.replace('_', " "),
        printable(&person.name),
        printable(&person.username),
        accounts.join(" | ")
    )
}
