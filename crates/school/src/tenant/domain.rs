//! Domains of usernames.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::text::text_type;

/// Longest domain after the `@` that Entra takes, in characters.
pub const DOMAIN_MAX_LENGTH: usize = 48;
/// Longest label of a domain, in characters (RFC 1035 §2.3.4).
const LABEL_MAX_LENGTH: usize = 63;

/// A domain that can stand after the `@` of a user principal name (informat-domain §7), kept in lower case.
///
/// ```
/// use oneroster_school::tenant::Domain;
///
/// assert_eq!("Leerling.School.example".parse::<Domain>()?.as_str(), "leerling.school.example");
/// assert!("leerling@school.example".parse::<Domain>().is_err());
/// # Ok::<(), oneroster_school::tenant::domain::DomainError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Domain {
    text: String,
}

/// A text that is no domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a domain such as leerling.school.example, at most {DOMAIN_MAX_LENGTH} characters, without @")]
pub struct DomainError;

text_type!(Domain);

impl FromStr for Domain {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, DomainError> {
        let is_domain =
            text.len() <= DOMAIN_MAX_LENGTH && text.contains('.') && text.split('.').all(is_label);
        if is_domain {
            Ok(Self {
                text: text.to_ascii_lowercase(),
            })
        } else {
            Err(DomainError)
        }
    }
}

fn is_label(label: &str) -> bool {
    (1..=LABEL_MAX_LENGTH).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_labels_with_dots_between_in_lower_case() {
        let longest = format!("{}.example", "d".repeat(40));
        for good in ["a.be", "LEERLING.school-1.be", &longest] {
            assert_eq!(
                good.parse::<Domain>().unwrap().as_str(),
                good.to_ascii_lowercase()
            );
        }
        for bad in [
            "",
            "school",
            "a@b.be",
            "a..be",
            ".be",
            "be.",
            "-a.be",
            "a-.be",
            "é.be",
            "a b.be",
            &format!("d{longest}"),
        ] {
            assert_eq!(bad.parse::<Domain>(), Err(DomainError), "{bad:?}");
        }
    }
}
