//! The report of `oneroster match`: people beside the accounts of the school's Microsoft tenant.

use std::fmt::{Display, Formatter};

use oneroster_entra::{AccountMatch, Kind, Verdict};
use serde::Serialize;

use super::words::{counted, lines, printable};
use crate::accounts::matching::{Matched, word};

/// Everyone of the check file, and every account, each with one verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MatchReport {
    /// The tenant.
    pub tenant: String,
    /// The domains that Microsoft adds to usernames sent without one: said, or the commonest.
    pub domains: DomainsReport,
    /// People, in the order of Informat's data.
    pub people: Vec<PersonReport>,
    /// Accounts, in the order of their file.
    pub accounts: Vec<AccountReport>,
    /// What the administrator should know about the file.
    pub remarks: Vec<RemarkReport>,
}

/// Domains by kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DomainsReport {
    /// Of pupils.
    pub pupils: Option<String>,
    /// Of staff.
    pub staff: Option<String>,
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
    /// `linked`, `proposed` or `unmatched`.
    pub verdict: &'static str,
    /// Of an unmatched one, whose it looks like: `pupil` or `staff`.
    pub looks_like: Option<&'static str>,
    /// It comes from the school's own Active Directory: its name is changed there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub synchronised: bool,
    /// The id with which School Data Sync has matched it before, if nobody of the check file has that id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sis_id: Option<String>,
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
                    score: candidate.score,
                    because: candidate.because.clone(),
                })
                .collect(),
            proposal: verdict.proposal.clone(),
            taken_by: verdict.taken_by.map(username),
            name: format!("{} {}", person.given, person.family),
        });
        let domains = &matched.verdicts.domains;
        let remarks = matched.file.remarks.iter().map(|remark| RemarkReport {
            rule: remark.rule.as_str(),
            count: remark.count,
            line: remark.first,
        });
        Self {
            tenant: tenant_id.to_owned(),
            domains: DomainsReport {
                pupils: domains.pupils.clone(),
                staff: domains.staff.clone(),
            },
            people: people.collect(),
            accounts: accounts(matched),
            remarks: remarks.collect(),
        }
    }

    /// Returns what the administrator should know about the file, in words.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        self.remarks.iter().map(|remark| {
            let RemarkReport { rule, count, line } = remark;
            format!(
                "{rule}: {}, the first on line {line}",
                counted(*count, "row", "rows")
            )
        })
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.people
            .iter()
            .filter(|person| person.verdict == word(verdict))
            .count()
    }
}

fn accounts(matched: &Matched) -> Vec<AccountReport> {
    let sent: std::collections::HashSet<&str> = matched
        .people
        .iter()
        .map(|person| person.sourced_id.as_str())
        .collect();
    let accounts = matched.file.accounts.iter().zip(&matched.verdicts.accounts);
    let report = accounts.map(|(account, verdict)| {
        let (verdict, looks_like) = match verdict {
            AccountMatch::Linked => ("linked", None),
            AccountMatch::Proposed => ("proposed", None),
            AccountMatch::Unmatched(None) => ("unmatched", None),
            AccountMatch::Unmatched(Some(Kind::Pupil)) => ("unmatched", Some("pupil")),
            AccountMatch::Unmatched(Some(Kind::Staff)) => ("unmatched", Some("staff")),
        };
        let sis_id = account.sis_id.to_lowercase();
        AccountReport {
            username: account.username.clone(),
            verdict,
            looks_like,
            synchronised: account.is_synchronised == Some(true),
            sis_id: (!sis_id.is_empty() && !sent.contains(sis_id.as_str())).then(|| account.sis_id.clone()),
        }
    });
    report.collect()
}

impl Display for MatchReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let domain = |domain: &Option<String>| domain.clone().unwrap_or_else(|| "none".to_owned());
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
            "{}, of which {} look like a pupil's or a member of staff's and match nobody; domain of pupils: {}, of staff: {}",
            counted(self.accounts.len(), "account", "accounts"),
            unmatched.clone().count(),
            domain(&self.domains.pupils),
            domain(&self.domains.staff),
        )?;
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
            format!("unmatched\t{looks_like}\t{}", printable(&account.username))
        });
        lines(formatter, people.chain(accounts))?;
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
