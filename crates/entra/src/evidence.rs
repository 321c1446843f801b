//! What an account says besides a name: whose kind it is, whether its owner left, whether it is nobody's own.

use crate::account::{Account, local_part};
use crate::name::words;
use crate::person::Kind;

/// Words of departments and titles.
const PUPIL_WORDS: &[&str] = &[
    "leerling",
    "leerlingen",
    "student",
    "students",
    "studenten",
    "pupil",
    "pupils",
    "lln",
];
const STAFF_WORDS: &[&str] = &[
    "leerkracht",
    "leerkrachten",
    "leraar",
    "leraars",
    "lerares",
    "leraren",
    "lkr",
    "personeel",
    "staff",
    "teacher",
    "teachers",
    "faculty",
    "docent",
    "docenten",
    "directie",
    "directeur",
    "directrice",
    "secretariaat",
    "zorgcoordinator",
    "opvoeder",
    "opvoeders",
    "ict",
];

/// Licences of Microsoft 365 Education by their id, where the name is not given.
const PUPIL_LICENCES: &[&str] = &[
    "student",
    "stuusebnft",
    "314c4481-f395-4525-be8b-2ec4bb1e9d91",
    "7cfd9a2b-e110-4c39-bf20-c6a3f36a3121",
    "18250162-5d87-4436-a834-d795c15c80f3",
    "46c119d4-0379-4a9d-85e4-97c66d3f909e",
    "31d57bc7-3a05-4867-ab53-97a17835a411",
];
const STAFF_LICENCES: &[&str] = &[
    "faculty",
    "94763226-9b3c-4e75-a931-5c89701abe66",
    "4b590615-0888-425a-a965-b3bf7789848d",
    "e97c048c-37a4-45fb-ab50-922fbf07a370",
];

/// Words by which schools mark who left.
const FORMER_WORDS: &[&str] = &[
    "oud",
    "oudleerling",
    "oudleerlingen",
    "exleerling",
    "ex",
    "uitgeschreven",
    "uitgeschrevenen",
    "alumni",
    "alumnus",
    "vertrokken",
    "former",
    "left",
    "leaver",
    "leavers",
    "inactief",
    "inactive",
    "afgestudeerd",
    "afgestudeerden",
    "graduated",
    "archief",
    "archived",
    "zz",
    "zzz",
    "gestopt",
    "verlaten",
    "oudpersoneel",
];

/// Words of accounts that are nobody's own, or not the one somebody works with.
const SERVICE_WORDS: &[&str] = &[
    "admin",
    "adm",
    "admins",
    "administrator",
    "beheer",
    "beheerder",
    "svc",
    "service",
    "test",
    "tester",
    "scanner",
    "printer",
    "kopieer",
    "copier",
    "lokaal",
    "room",
    "zaal",
    "info",
    "noreply",
    "secretariaat",
    "directie",
    "boekhouding",
    "helpdesk",
    "ict",
    "kiosk",
    "tablet",
    "gast",
    "guest",
    "sync",
    "backup",
    "alias",
    "postmaster",
    "webmaster",
    "global",
    "globaladmin",
    "breakglass",
    "sharedmailbox",
    "mailbox",
];

/// What stands beside the name of an account.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    /// Whose kind it is, by licence, department or title.
    pub(crate) kind: Option<Kind>,
    /// Whether something says that its owner left.
    pub(crate) is_former: bool,
    /// Whether it is a guest, a room, an administrator's second account.
    pub(crate) is_service: bool,
    /// The words of the display name without those marks.
    pub(crate) shown: Vec<String>,
    /// The words of the part before the `@`, without the numbers at their ends.
    pub(crate) local: Vec<String>,
    /// Department, as classes are compared.
    pub(crate) class: String,
}

impl Evidence {
    pub(crate) fn of(account: &Account) -> Self {
        let (shown, shown_is_former, shown_is_service) = shown(&account.display_name);
        let local = local_words(&account.local_part());
        let place: Vec<String> = [words(&account.department), words(&account.title)].concat();
        let has = |known: &[&str]| place.iter().any(|word| known.contains(&word.as_str()));
        // `Oud-leerlingen` is two words, and the second one of its own is not meant.
        let is_former =
            shown_is_former || has(FORMER_WORDS) || place.windows(2).any(|two| two == ["uit", "dienst"]);
        let is_service = account.is_guest
            || account.username.to_lowercase().contains("#ext#")
            || shown_is_service
            || local.iter().any(|word| SERVICE_WORDS.contains(&word.as_str()));
        let kind =
            kind_of_licence(&account.licences).or_else(|| match (has(PUPIL_WORDS), has(STAFF_WORDS)) {
                (true, false) => Some(Kind::Pupil),
                (false, true) => Some(Kind::Staff),
                (true, true) | (false, false) => None,
            });
        Self {
            kind,
            is_former,
            is_service,
            shown,
            local,
            class: class(&account.department),
        }
    }
}

fn kind_of_licence(licences: &str) -> Option<Kind> {
    let licences = licences.to_lowercase();
    let has = |known: &[&str]| known.iter().any(|name| licences.contains(name));
    match (has(PUPIL_LICENCES), has(STAFF_LICENCES)) {
        (true, false) => Some(Kind::Pupil),
        (false, true) => Some(Kind::Staff),
        (true, true) | (false, false) => None,
    }
}

/// Returns the words of a display name, and which marks were among them: in brackets, or first or last of at least three.
fn shown(name: &str) -> (Vec<String>, bool, bool) {
    let mut outside = String::new();
    let mut inside = String::new();
    let mut depth = 0_u32;
    for letter in name.chars() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ if depth > 0 => inside.push(letter),
            _ => outside.push(letter),
        }
        if matches!(letter, '(' | '[' | '{' | ')' | ']' | '}') {
            outside.push(' ');
            inside.push(' ');
        }
    }
    let mut found = words(&inside);
    let mut words = words(&outside);
    for _ in 0..2 {
        let is_mark = |word: Option<&String>| {
            word.is_some_and(|word| {
                FORMER_WORDS.contains(&word.as_str()) || SERVICE_WORDS.contains(&word.as_str())
            })
        };
        if words.len() >= 3 && is_mark(words.last()) {
            found.extend(words.pop());
        }
        if words.len() >= 3 && is_mark(words.first()) {
            found.push(words.remove(0));
        }
    }
    let has = |known: &[&str]| found.iter().any(|word| known.contains(&word.as_str()));
    let is_service = has(SERVICE_WORDS);
    (words, has(FORMER_WORDS), is_service)
}

/// Returns the words of a local part: `jan.peeters2` is `jan` and `peeters`.
pub(crate) fn local_words(local: &str) -> Vec<String> {
    let local = local_part(local);
    words(&local)
        .into_iter()
        .filter(|word| !word.starts_with(|letter: char| letter.is_ascii_digit()))
        .map(|word| {
            word.trim_end_matches(|letter: char| letter.is_ascii_digit())
                .to_owned()
        })
        .collect()
}

/// Returns a class, or what a department says of one, as they are compared.
pub(crate) fn class(text: &str) -> String {
    words(text).concat()
}
