//! People beside the accounts of Microsoft, as the API answers it: within the rights of who asks, in their language.
//!
//! The accounts come from the file that they brought, so they see every one of it. Of people they see those of their places: an
//! account that is somebody else's looks to them like one that is nobody's.

use std::collections::HashSet;

use oneroster_entra::{
    Account, AccountMatch, AddedDomain, Candidate, DomainSource, Kind, Likeness, Mark, Verdict,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::accounts::matching::{Matched, word};
use crate::desk::language::{Language, text, text_with};

/// How many people are listed: those to look at first.
const PEOPLE_MAX: usize = 5000;

/// How many accounts that match nobody are listed.
const ACCOUNTS_MAX: usize = 2000;

/// How many accounts a person is shown with.
const CANDIDATES_MAX: usize = 3;

/// The verdicts, those to look at first.
const VERDICTS: [Verdict; 5] = [
    Verdict::Ambiguous,
    Verdict::Taken,
    Verdict::OtherName,
    Verdict::New,
    Verdict::Linked,
];

/// What is said of a file of accounts.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::desk) struct MatchAnswer {
    /// What it comes to, in words.
    summary: String,
    /// How many have each verdict.
    counts: Vec<VerdictCount>,
    /// How many usernames are proposed.
    proposals: usize,
    /// Which domains were added to usernames, and what should be known of the file, in words.
    remarks: Vec<String>,
    /// The people, those to look at first.
    people: Vec<MatchRow>,
    /// How many more there are.
    people_left_off: usize,
    /// What is said above the accounts, in words.
    accounts_title: String,
    /// The accounts that are nobody's whom who asks may see.
    accounts: Vec<MatchAccount>,
    /// How many more there are.
    accounts_left_off: usize,
}

/// How many have a verdict.
#[derive(Debug, Serialize, JsonSchema)]
struct VerdictCount {
    /// `linked`, `new`, `other_name`, `taken` or `ambiguous`.
    verdict: &'static str,
    /// The verdict in words.
    label: String,
    count: usize,
}

/// A person with their verdict.
#[derive(Debug, Serialize, JsonSchema)]
struct MatchRow {
    id: String,
    name: String,
    username: String,
    verdict: &'static str,
    /// The username that is proposed.
    proposal: Option<String>,
    /// Accounts that may be theirs, the most likely first.
    accounts: Vec<MatchCandidate>,
}

/// An account that may be somebody's.
#[derive(Debug, Serialize, JsonSchema)]
struct MatchCandidate {
    username: String,
    /// Its object id, if the file has it.
    object_id: Option<String>,
    /// How likely, 0 to 100.
    score: u8,
    /// Why, in words.
    because: String,
}

/// An account that is nobody's.
#[derive(Debug, Serialize, JsonSchema)]
struct MatchAccount {
    username: String,
    object_id: Option<String>,
    /// What should be known of it, in words.
    note: String,
}

impl MatchAnswer {
    pub(super) fn new(language: Language, matched: &Matched) -> Self {
        let seen: Vec<usize> = (0..matched.people.len())
            .filter(|place| matched.sees(*place))
            .collect();
        let of = |verdict: Verdict| {
            seen.iter()
                .copied()
                .filter(move |place| matched.verdict(*place) == verdict)
        };
        let counts = VERDICTS.iter().map(|verdict| VerdictCount {
            verdict: word(*verdict),
            label: verdict_words(language, *verdict),
            count: of(*verdict).count(),
        });
        let ordered = VERDICTS.iter().flat_map(|verdict| of(*verdict));
        let people = ordered
            .take(PEOPLE_MAX)
            .filter_map(|place| row(language, matched, place));
        let mut accounts = unmatched(language, matched, &seen);
        let accounts_left_off = accounts.len().saturating_sub(ACCOUNTS_MAX);
        accounts.truncate(ACCOUNTS_MAX);
        let proposals = seen
            .iter()
            .filter(|place| matched.proposal(**place).is_some())
            .count();
        let numbers = [
            ("people", seen.len().into()),
            ("accounts", matched.file.accounts.len().into()),
            ("proposals", proposals.into()),
        ];
        Self {
            summary: text_with(language, "match-summary", numbers),
            counts: counts.collect(),
            proposals,
            remarks: remarks(language, matched, &seen),
            people: people.collect(),
            people_left_off: seen.len().saturating_sub(PEOPLE_MAX),
            accounts_title: text(
                language,
                if matched.sees_all() {
                    "match-accounts-nobody"
                } else {
                    "match-accounts-nobody-seen"
                },
            ),
            accounts,
            accounts_left_off,
        }
    }
}

/// Says a verdict.
pub(super) fn verdict_words(language: Language, verdict: Verdict) -> String {
    let key = match verdict {
        Verdict::Linked => "match-verdict-linked",
        Verdict::New => "match-verdict-new",
        Verdict::OtherName => "match-verdict-other-name",
        Verdict::Taken => "match-verdict-taken",
        Verdict::Ambiguous => "match-verdict-ambiguous",
    };
    text(language, key)
}

/// Says why an account may be somebody's.
pub(super) fn because(language: Language, candidate: &Candidate) -> String {
    let marks = candidate.marks.iter().map(|mark| mark_words(language, *mark));
    let marks: Vec<String> = marks.collect();
    marks.join("; ")
}

fn mark_words(language: Language, mark: Mark) -> String {
    let key = match mark {
        Mark::Family(likeness) => return like(language, "match-mark-family", likeness),
        Mark::Given(likeness) => return like(language, "match-mark-given", likeness),
        Mark::UsernameOnly => "match-mark-username-only",
        Mark::BirthDate => "match-mark-birth-date",
        Mark::OtherBirthDate => "match-mark-other-birth-date",
        Mark::SisId => "match-mark-sis-id",
        Mark::OtherSisId => "match-mark-other-sis-id",
        Mark::SameClass => "match-mark-same-class",
        Mark::OtherClass => "match-mark-other-class",
        Mark::OtherKind => "match-mark-other-kind",
        Mark::Blocked => "match-mark-blocked",
        Mark::Former => "match-mark-former",
        Mark::Service => "match-mark-service",
        Mark::Rare => "match-mark-rare",
        Mark::NameOfAnother => "match-mark-name-of-another",
        // Whether somebody has the other id is not said.
        Mark::NameOfOtherId => "match-mark-name-of-other-id",
        Mark::OtherUsername => "match-mark-other-username",
        Mark::Exchanged => "match-mark-exchanged",
        Mark::OlderThanPerson => "match-mark-older-than-person",
        Mark::NamesakeLeft => "match-mark-namesake-left",
        Mark::Chosen => "match-mark-chosen",
    };
    text(language, key)
}

fn like(language: Language, part: &str, likeness: Likeness) -> String {
    let how = match likeness {
        Likeness::Equal => "match-like-equal",
        Likeness::Spelling => "match-like-spelling",
        Likeness::Shorter => "match-like-shorter",
        Likeness::Called => "match-like-called",
        Likeness::Typo => "match-like-typo",
        Likeness::Sound => "match-like-sound",
        Likeness::Shortened => "match-like-shortened",
        Likeness::Initial => "match-like-initial",
        Likeness::Different => "match-like-different",
    };
    text_with(language, part, [("how", text(language, how).into())])
}

fn row(language: Language, matched: &Matched, place: usize) -> Option<MatchRow> {
    let (person, found) = (matched.people.get(place)?, matched.verdicts.people.get(place)?);
    let candidates = found.candidates.iter().take(CANDIDATES_MAX);
    let accounts = candidates.filter_map(|candidate| {
        let account = matched.file.accounts.get(candidate.account)?;
        Some(MatchCandidate {
            username: account.username.clone(),
            object_id: object_id(account),
            score: candidate.score,
            because: because(language, candidate),
        })
    });
    Some(MatchRow {
        id: person.sourced_id.clone(),
        name: format!("{} {}", person.given, person.family),
        username: person.username.clone(),
        verdict: word(matched.verdict(place)),
        proposal: matched.proposal(place).map(str::to_owned),
        accounts: accounts.collect(),
    })
}

fn object_id(account: &Account) -> Option<String> {
    (!account.id.is_empty()).then(|| account.id.clone())
}

/// Returns the accounts that are nobody's of those whom who asks may see. Whose they look like is told to who sees everyone: of an account
/// that is somebody else's it is not known.
fn unmatched(language: Language, matched: &Matched, seen: &[usize]) -> Vec<MatchAccount> {
    let theirs: HashSet<usize> = seen
        .iter()
        .filter(|place| matched.verdict(**place) != Verdict::Taken)
        .filter_map(|place| matched.verdicts.people.get(*place))
        .flat_map(|found| found.candidates.iter().map(|candidate| candidate.account))
        .collect();
    let accounts = matched
        .file
        .accounts
        .iter()
        .zip(&matched.verdicts.accounts)
        .enumerate();
    let free = accounts.filter(|(place, _)| !theirs.contains(place));
    free.map(|(_, (account, found))| {
        let mut notes = Vec::new();
        if matched.sees_all() {
            notes.extend(match found {
                AccountMatch::Unmatched(Some(Kind::Pupil)) => Some("match-account-pupil"),
                AccountMatch::Unmatched(Some(Kind::Staff)) => Some("match-account-staff"),
                AccountMatch::Unmatched(None) | AccountMatch::Linked | AccountMatch::Proposed => None,
            });
        }
        notes.extend((account.is_synchronised == Some(true)).then_some("match-account-synchronised"));
        notes.extend((!account.sis_id.is_empty()).then_some("match-account-sis-id"));
        let notes: Vec<String> = notes.into_iter().map(|key| text(language, key)).collect();
        MatchAccount {
            username: account.username.clone(),
            object_id: object_id(account),
            note: notes.join(", "),
        }
    })
    .collect()
}

fn remarks(language: Language, matched: &Matched, seen: &[usize]) -> Vec<String> {
    // The domain of a school tells that there is one: it is told to who sees somebody of it.
    let is_theirs = |added: &&AddedDomain| {
        let of_somebody = |place: &usize| {
            let person = matched.people.get(*place);
            person.is_some_and(|person| person.added_domain.as_ref() == Some(&added.domain))
        };
        added.source != DomainSource::School || seen.iter().any(of_somebody)
    };
    let mut remarks: Vec<String> = matched
        .verdicts
        .domains
        .iter()
        .filter(is_theirs)
        .map(|added| domain_words(language, added))
        .collect();
    remarks.extend(whole_file_words(language, matched));
    for account in matched.accounts_of_two() {
        let names = [account.username_of, account.sis_id_of];
        if names.iter().all(|place| matched.sees(*place)) {
            let name = |place: usize| {
                let person = matched.people.get(place);
                person.map_or_else(String::new, |person| {
                    format!("{} {}", person.given, person.family)
                })
            };
            let arguments = [
                ("account", account.username.into()),
                ("one", name(account.username_of).into()),
                ("other", name(account.sis_id_of).into()),
            ];
            remarks.push(text_with(language, "match-account-of-two", arguments));
        }
    }
    remarks.extend(matched.file.remarks.iter().map(|remark| {
        let key = format!("match-remark-{}", remark.rule.as_str());
        let count = usize::try_from(remark.count).unwrap_or(usize::MAX);
        text_with(
            language,
            &key,
            [("count", count.into()), ("line", remark.first.into())],
        )
    }));
    remarks
}

/// Says of which kind no domain is known, and that the classes of accounts are not used.
fn whole_file_words(language: Language, matched: &Matched) -> Vec<String> {
    let unknown = matched.verdicts.without_domain.iter().map(|kind| {
        let key = match kind {
            Kind::Pupil => "match-no-domain-pupils",
            Kind::Staff => "match-no-domain-staff",
        };
        text(language, key)
    });
    let classes = matched.verdicts.classes;
    let numbers = [
        ("away", classes.away.into()),
        ("compared", classes.compared.into()),
    ];
    let unused = (!classes.is_used()).then(|| text_with(language, "match-classes-not-used", numbers));
    unknown.chain(unused).collect()
}

fn domain_words(language: Language, added: &AddedDomain) -> String {
    let key = match (added.source, added.kind) {
        (DomainSource::Commonest, Kind::Pupil) => "match-domain-commonest-pupils",
        (DomainSource::Commonest, Kind::Staff) => "match-domain-commonest-staff",
        (DomainSource::Given | DomainSource::School, Kind::Pupil) => "match-domain-known-pupils",
        (DomainSource::Given | DomainSource::School, Kind::Staff) => "match-domain-known-staff",
    };
    let arguments = [
        ("domain", added.domain.clone().into()),
        ("accounts", added.accounts.into()),
    ];
    text_with(language, key, arguments)
}
