//! The codes of School Data Sync: what each means, what to do, and who can.

/// Who can do something about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Nobody needs to: the next sync does.
    Nobody,
    /// The school, in Informat or on the desk.
    School,
    /// Whoever runs this service.
    Informat,
    /// An administrator of the Microsoft tenant.
    MicrosoftAdmin,
}

impl Who {
    /// Returns the word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::School => "school",
            Self::Informat => "informat",
            Self::MicrosoftAdmin => "microsoft-admin",
        }
    }
}

/// What is said of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remedy {
    /// What it means.
    pub means: &'static str,
    /// What to do.
    pub what_to_do: &'static str,
    /// Who can.
    pub who: Who,
}

/// A code of Microsoft's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// As Microsoft writes it.
    pub name: &'static str,
    /// What is said of it.
    pub remedy: Remedy,
}

const fn code(name: &'static str, who: Who, means: &'static str, what_to_do: &'static str) -> Code {
    Code {
        name,
        remedy: Remedy {
            means,
            what_to_do,
            who,
        },
    }
}

const CODES: [Code; 13] = [
    code(
        "None",
        Who::School,
        "a pupil or a class was not added: it is there twice, or its name has characters that Microsoft does not take",
        "look whether the person has two records or the class two of one name in Informat, and run `oneroster health`",
    ),
    code(
        "UnSpecified",
        Who::School,
        "a person was not changed: their SIS id is invalid, or hangs on an account that is not synchronised",
        "look whether their Sync flag is on, and whose SIS id the account in Microsoft 365 has; `oneroster why` says what is sent",
    ),
    code(
        "AzureActiveDirectoryInvalidLicense",
        Who::MicrosoftAdmin,
        "the licence that the sync profile gives is not one the tenant has",
        "choose another licence in the profile of School Data Sync",
    ),
    code(
        "AzureActiveDirectoryNoAvailableLicenses",
        Who::MicrosoftAdmin,
        "no licence was left for the account",
        "order licences, or take them from accounts of those who left; the next sync gives them",
    ),
    code(
        "AzureActiveDirectoryReplicaUnavailable",
        Who::Nobody,
        "Microsoft's directory could not be reached for a moment",
        "nothing: the next sync tries again; ask Microsoft if it stays for days",
    ),
    code(
        "AzureActiveDirectoryRequestThrottledTemporarily",
        Who::Nobody,
        "Microsoft's directory was asked too much at once",
        "nothing: the next sync goes on",
    ),
    code(
        "AzureActiveDirectoryInvalidUserUsageLocation",
        Who::MicrosoftAdmin,
        "the account has no usage location, without which no licence can be given",
        "set the usage location of the account, or the default one of the profile, to Belgium",
    ),
    code(
        "AzureActiveDirectoryInvalidPropertyValue",
        Who::Informat,
        "a value is not allowed in Microsoft's directory: of a class mostly the mail nickname that is made from its id",
        "run `oneroster health`, and tell Informat which class or person it is",
    ),
    code(
        "UnmatchedEntry",
        Who::School,
        "no account in Microsoft 365 has this username, and the profile makes no new ones",
        "run `oneroster match`: the person probably has an account under another name; else let the profile make new accounts",
    ),
    code(
        "InvalidOrMissingReferenceCode",
        Who::Informat,
        "a value is none that Microsoft knows, such as a grade or a role",
        "tell Informat which value the row names",
    ),
    code(
        "UnsynchronizableChange",
        Who::MicrosoftAdmin,
        "a change cannot be made by the sync",
        "make the change by hand in Microsoft 365",
    ),
    code(
        "DuplicateTargetEntries",
        Who::MicrosoftAdmin,
        "two accounts in Microsoft 365 have one SIS id",
        "take the SIS id from the account that is not theirs",
    ),
    code(
        "InvalidLookupReference",
        Who::School,
        "it refers to something that was not synchronised, such as a class whose pupil is not sent",
        "look whether the Sync flag of the person is on; it is solved with the error of what it refers to",
    ),
];

/// Shortest word that counts as a code nobody knows.
const LENGTH_MIN: usize = 6;

/// Returns what is known of a code, whatever its case.
pub fn code_of(name: &str) -> Option<&'static Code> {
    CODES.iter().find(|code| code.name.eq_ignore_ascii_case(name))
}

/// Finds the code of a row: a known one in any cell, else the first word of the form of one.
pub(super) fn find(cells: &[&str]) -> Option<String> {
    let cells = || cells.iter().map(|cell| cell.trim());
    let known = cells().find(|cell| code_of(cell).is_some());
    let inside = || {
        // `None` is an ordinary word, and the code only where it stands alone.
        let words = |cell: &str| -> Option<&'static str> {
            let mut words = cell.split(|letter: char| !letter.is_ascii_alphanumeric());
            words
                .find_map(|word| code_of(word).filter(|code| code.name.len() >= LENGTH_MIN))
                .map(|code| code.name)
        };
        cells().find_map(words)
    };
    let unknown = || cells().find(|cell| has_form(cell));
    known.or_else(inside).or_else(unknown).map(str::to_owned)
}

/// Returns `true` for one word with two capitals or more and small letters: the form of every code.
fn has_form(cell: &str) -> bool {
    cell.len() >= LENGTH_MIN
        && cell.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && cell.starts_with(|letter: char| letter.is_ascii_uppercase())
        && cell.bytes().any(|byte| byte.is_ascii_lowercase())
        && cell.bytes().filter(u8::is_ascii_uppercase).count() >= 2
}
