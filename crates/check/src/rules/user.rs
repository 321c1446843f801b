//! Rules about users.

use oneroster_standard::{Kind, counted};
use serde_json::Value;

use super::subject::{RecordRule, Subject, text};
use super::words::{ORG_REFERENCE_TYPES, ROLES, word_outside};
use crate::client::clip;

const USERS: &[Kind] = &[Kind::Users];
/// Entra ID's limits on a user principal name: the part before the `@`, and the whole.
const LOCAL_PART_MAX: usize = 64;
const USERNAME_MAX: usize = 113;
/// E.164 allows 15 digits.
const PHONE_DIGITS_MAX: usize = 15;

pub(super) const RULES: [RecordRule; 7] = [
    RecordRule {
        id: "user-required-fields",
        kinds: USERS,
        inactive: false,
        expected: "username, givenName, familyName and identifier, none empty",
        check: |subject| subject.missing(&["username", "givenName", "familyName", "identifier"]),
    },
    RecordRule {
        id: "user-role",
        kinds: USERS,
        inactive: false,
        expected: "a role of OneRoster 1.1: administrator, aide, guardian, parent, proctor, relative, student, teacher",
        check: |subject| word_outside(subject, "role", &ROLES),
    },
    RecordRule {
        id: "user-orgs-not-empty",
        kinds: USERS,
        inactive: false,
        expected: "orgs: an array of at least one reference, each with a sourcedId that is a string",
        check: orgs,
    },
    RecordRule {
        id: "user-org-ref-type",
        kinds: USERS,
        inactive: false,
        expected: "the type of each org reference: org, department, school, district, local, state or national",
        check: org_types,
    },
    RecordRule {
        id: "username-entra-characters",
        kinds: USERS,
        inactive: false,
        expected: "A-Z a-z 0-9 . - _ ' ! # ^ ~, no dot at either end or twice in a row, at most 64 characters before \
                   an @ and 113 in all",
        check: |subject| username_problem(subject.text("username")?),
    },
    RecordRule {
        id: "email-form",
        kinds: USERS,
        inactive: false,
        expected: "an address with one @ and no blanks, where there is an email",
        check: |subject| {
            let email = subject.text("email")?;
            let good = email.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty() && domain.contains('.') && !domain.contains('@') && !email.contains(' ')
            });
            (!good).then(|| format!("email {:?}", clip(email)))
        },
    },
    RecordRule {
        id: "phone-e164",
        kinds: USERS,
        inactive: false,
        expected: "+ and up to 15 digits, where there is a phone or sms",
        check: |subject| {
            ["phone", "sms"]
                .into_iter()
                .find_map(|member| phone_problem(subject, member))
        },
    },
];

fn orgs(subject: &Subject<'_>) -> Option<String> {
    let Some(orgs) = subject.value.get("orgs").and_then(Value::as_array) else {
        return Some("no orgs".to_owned());
    };
    if orgs.is_empty() {
        return Some("orgs is empty".to_owned());
    }
    let bad = orgs.iter().find(|org| text(org, "sourcedId").is_none())?;
    Some(format!("org without a sourcedId: {}", clip(&bad.to_string())))
}

fn org_types(subject: &Subject<'_>) -> Option<String> {
    let orgs = subject.value.get("orgs").and_then(Value::as_array)?;
    let bad = orgs
        .iter()
        .find(|org| !text(org, "type").is_some_and(|word| ORG_REFERENCE_TYPES.contains(&word)))?;
    Some(format!("org reference {}", clip(&bad.to_string())))
}

fn phone_problem(subject: &Subject<'_>, member: &str) -> Option<String> {
    let phone = subject.text(member)?;
    let digits = phone.strip_prefix('+').unwrap_or_default();
    let good =
        (1..=PHONE_DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    (!good).then(|| format!("{member} {:?}", clip(phone)))
}

/// Returns why a username cannot become a user principal name; with or without a domain.
fn username_problem(username: &str) -> Option<String> {
    let (local, domain) = username
        .split_once('@')
        .map_or((username, None), |(local, domain)| (local, Some(domain)));
    let is_allowed = |character: char| character.is_ascii_alphanumeric() || ".-_'!#^~".contains(character);
    let reason = if local.is_empty() {
        "nothing before the @".to_owned()
    } else if let Some(character) = local.chars().find(|character| !is_allowed(*character)) {
        format!("character {character:?}")
    } else if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        "a dot at an end or twice in a row".to_owned()
    } else if local.len() > LOCAL_PART_MAX {
        format!("{} before the @", counted(local.len(), "character", "characters"))
    } else if username.len() > USERNAME_MAX {
        counted(username.len(), "character", "characters")
    } else {
        let bad_domain = domain.filter(|domain| {
            let is_allowed = |character: char| character.is_ascii_alphanumeric() || ".-".contains(character);
            domain.is_empty() || !domain.chars().all(is_allowed)
        })?;
        format!("domain {:?}", clip(bad_domain))
    };
    Some(format!("username {:?}: {reason}", clip(username)))
}

#[cfg(test)]
mod tests {
    use super::username_problem;

    #[test]
    fn usernames_that_entra_takes() {
        for name in [
            "bert.ameels",
            "b.bal_EX",
            "o'neil",
            "a@school.example",
            &"a".repeat(64),
        ] {
            assert_eq!(username_problem(name), None, "{name}");
        }
    }

    #[test]
    fn usernames_that_entra_refuses() {
        let long = "a".repeat(65);
        let long_domain = format!("a@{}.example", "b".repeat(110));
        for name in [
            "bert ameels",
            "zoé",
            ".a",
            "a.",
            "a..b",
            "@x.example",
            "a@",
            "a@b@c",
            "a&b",
            &long,
            &long_domain,
        ] {
            assert!(username_problem(name).is_some(), "{name}");
        }
    }
}
