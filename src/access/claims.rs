//! What a provider's word gives somebody for the life of their session: values of a claim, such as
//! `001507:iLeerlingen:Alles_schrijven`, `001507-1:…` for one site, and `manager:001507`.

use oneroster_school::rights::{Access, Grant, Role};
use oneroster_school::tenant::Configuration;
use serde::{Deserialize, Serialize};

/// What a value begins with that makes a manager of a school (R4).
const MANAGER: &str = "manager:";

/// What a provider said of somebody when they signed in. The next sign-in replaces it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The values that give something.
    values: Vec<String>,
    /// The Entra tenant whose word it is; `None` for a provider that is not Entra.
    entra_tenant_id: Option<String>,
    /// Whether it makes an operator.
    is_operator: bool,
}

impl Claims {
    /// Keeps those values that give something.
    pub fn new(values: Vec<String>, entra_tenant_id: Option<String>, is_operator: bool) -> Self {
        let values = values.into_iter().filter(|value| grant(value).is_some());
        Self {
            values: values.collect(),
            entra_tenant_id,
            is_operator,
        }
    }

    /// Returns `true` if they make an operator.
    pub const fn is_operator(&self) -> bool {
        self.is_operator
    }

    /// Returns `true` if they come from the Entra tenant of a tenant, or from no Entra tenant. The word of one Entra tenant
    /// counts for no other: whoever administers it gives out the roles there.
    pub fn count_in(&self, configuration: &Configuration) -> bool {
        self.entra_tenant_id.as_deref().is_none_or(|theirs| {
            let ours = configuration.entra_tenant_id.as_deref();
            ours.is_some_and(|ours| ours.eq_ignore_ascii_case(theirs))
        })
    }

    /// Returns what they give in a tenant: at its own schools.
    pub fn grants(&self, configuration: &Configuration) -> Vec<Grant> {
        if !self.count_in(configuration) {
            return Vec::new();
        }
        let given = self.values.iter().filter_map(|value| grant(value));
        given
            .filter(|grant| {
                let mut schools = configuration.schools.iter();
                schools.any(|school| school.instelnr.as_str() == grant.instelnr)
            })
            .collect()
    }
}

/// Reads what a value gives; `None` if it gives nothing here: another program's role, one that opens nothing, or one
/// that nobody knows.
///
/// Entra allows no blanks in the value of an app role: `_` stands for one.
fn grant(value: &str) -> Option<Grant> {
    let value = value.trim();
    if let Some(school) = value.strip_prefix(MANAGER) {
        return Some(Grant {
            instelnr: school_number(school)?,
            vestnr: None,
            access: Access::Write,
            is_manager: true,
        });
    }
    let (place, role) = value.split_once(':')?;
    let access = Role::find(&role.replace('_', " "))?.access;
    if access == Access::None {
        return None;
    }
    let (school, site) = match place.split_once('-') {
        Some((school, site)) => (school, Some(site.trim().parse().ok()?)),
        None => (place, None),
    };
    Some(Grant {
        instelnr: school_number(school)?,
        vestnr: site,
        access,
        is_manager: false,
    })
}

/// Reads the number of a school: six digits at the most, as Informat writes it.
fn school_number(text: &str) -> Option<String> {
    let text = text.trim();
    let is_number = (1..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| format!("{text:0>6}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r85_r86_r87_a_value_gives_what_the_role_opens_at_the_school_or_site() {
        for (value, vestnr, access, is_manager) in [
            ("001507:iLeerlingen: Alles schrijven", None, Access::Write, false),
            ("001507:iLeerlingen:Alles_schrijven", None, Access::Write, false),
            ("1507:iPersoneel:Alles_lezen", None, Access::Read, false),
            (
                "001507-2:iBasis:Algemeen_lezen,_rest_schrijven",
                Some(2),
                Access::Write,
                false,
            ),
            ("manager:001507", None, Access::Write, true),
        ] {
            let expected = Grant {
                instelnr: "001507".to_owned(),
                vestnr,
                access,
                is_manager,
            };
            assert_eq!(grant(value), Some(expected), "{value}");
        }
    }

    #[test]
    fn what_is_no_grant_gives_nothing() {
        for value in [
            "",
            "operator",
            "001507",
            "001507:",
            "001507:iLeerlingen:Stages",
            "001507:iLeerlingen:Alles",
            "001507-x:iLeerlingen:Alles_lezen",
            "school:iLeerlingen:Alles_lezen",
            "0015070:iLeerlingen:Alles_lezen",
            "manager:",
            "manager:001507-1",
            "*:iLeerlingen:Alles_lezen",
        ] {
            assert_eq!(grant(value), None, "{value}");
        }
    }
}
