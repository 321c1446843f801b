//! Arguments that several commands take, and how their values are read: what cannot be read says the form it must have.

use chrono::NaiveDate;
use clap::Args;
use oneroster_school::tenant::TenantId;

/// The tenant that a command is about.
#[derive(Debug, Clone, Args)]
pub(crate) struct Tenant {
    /// The tenant, by its id.
    #[arg(long = "tenant", id = "tenant", value_name = "ID")]
    pub(crate) id: TenantId,
}

/// The tenant that a command is about, also as the first argument.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct TenantOrFirst {
    /// The tenant, by its id.
    #[arg(long = "tenant", id = "tenant", value_name = "ID")]
    by_name: Option<TenantId>,
    /// The tenant, without --tenant.
    #[arg(id = "tenant_first", value_name = "ID")]
    first: Option<TenantId>,
}

impl TenantOrFirst {
    /// Returns the tenant's id, however it was given.
    pub(crate) fn id(&self) -> &str {
        // One of the two is there: the group requires it.
        self.by_name
            .as_ref()
            .or(self.first.as_ref())
            .map_or("", TenantId::as_str)
    }
}

/// Reads a day.
pub(crate) fn day(text: &str) -> Result<NaiveDate, String> {
    // chrono also takes days of one digit, and blanks.
    let is_form = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    text.parse()
        .ok()
        .filter(|_| is_form)
        .ok_or_else(|| "a day is written YYYY-MM-DD, such as 2026-09-01".to_owned())
}

/// Reads the number of a generation.
pub(crate) fn generation(text: &str) -> Result<i64, String> {
    text.parse().ok().filter(|number| *number >= 1).ok_or_else(|| {
        "a generation is named by its number, 1 or more, as `oneroster history` lists them".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_says_the_form_it_must_have() {
        assert_eq!(
            day("2028-02-29"),
            Ok(NaiveDate::from_ymd_opt(2028, 2, 29).unwrap())
        );
        for bad in [
            "2027-02-29",
            "1-9-2026",
            "01/09/2026",
            "2026-9-1",
            "+026-09-01",
            "morgen",
            "",
        ] {
            assert!(day(bad).unwrap_err().contains("YYYY-MM-DD"), "{bad}");
        }
        assert_eq!(generation("57"), Ok(57));
        for bad in ["0", "-1", "newest", "5b0e", ""] {
            assert!(generation(bad).unwrap_err().contains("number"), "{bad}");
        }
    }
}
