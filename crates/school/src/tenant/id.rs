//! Ids of tenants.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::text::text_type;

/// Longest id of a tenant, in characters.
pub const TENANT_ID_MAX_LENGTH: usize = 63;

/// The id of a tenant: 1 to 63 of `a-z`, `0-9` and `-`, beginning with a letter or digit.
///
/// ```
/// use oneroster_school::tenant::TenantId;
///
/// assert_eq!("zandpoort".parse::<TenantId>()?.as_str(), "zandpoort");
/// assert!("Zand poort".parse::<TenantId>().is_err());
/// # Ok::<(), oneroster_school::tenant::id::TenantIdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TenantId {
    text: String,
}

/// A text that cannot name a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("1 to {TENANT_ID_MAX_LENGTH} of a-z, 0-9 and -, beginning with a letter or digit")]
pub struct TenantIdError;

text_type!(TenantId);

impl FromStr for TenantId {
    type Err = TenantIdError;

    fn from_str(text: &str) -> Result<Self, TenantIdError> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_id = (1..=TENANT_ID_MAX_LENGTH).contains(&text.len())
            && !text.starts_with('-')
            && text.bytes().all(allowed);
        if is_id {
            Ok(Self {
                text: text.to_owned(),
            })
        } else {
            Err(TenantIdError)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_1_to_63_of_a_z_0_9_and_dash() {
        let longest = "a".repeat(63);
        for good in ["a", "7", "a-", "scholengroep-14", &longest] {
            assert_eq!(good.parse::<TenantId>().unwrap().as_str(), good);
        }
        for bad in ["", "-a", "A", "a b", "a_b", "é", &format!("{longest}a")] {
            assert_eq!(bad.parse::<TenantId>(), Err(TenantIdError), "{bad:?}");
        }
    }
}
