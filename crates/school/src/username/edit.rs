//! What may be typed as a username, and what it makes of a record (R71–R73, R75, informat-domain §6.4 and §7).

use super::given_domain::GivenDomain;
use crate::tenant::Domain;
use crate::tenant::username_format::LOCAL_PART_MAX_LENGTH;

/// Characters of a local part besides letters and digits: what Entra takes before the `@`.
pub(super) const LOCAL_PART_SIGNS: &str = ".-_'!#^~";

/// How many of the tenant's domains a message names.
const DOMAINS_SHOWN: usize = 20;

/// Whether a domain may, must or must not be typed: it differs by kind of person and domain mode (R73).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DomainRule {
    /// Microsoft adds it: none may be typed. One in the record stays there, unsent.
    Refused,
    /// A pupil whose domain we send: a typed one stays theirs (R37), without one it follows their site (R35). One that the
    /// system gave them for a job stays, unsent (R147).
    Optional,
    /// Staff whose domain we send: they have it nowhere but in the record (R39).
    Required,
    /// Neither pupil nor staff at present, in a tenant that sends domains: left out, the record's stays.
    Unsettled,
}

/// A username as it stands in a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username {
    /// The part before the `@`, as typed.
    pub local_part: String,
    /// The domain given explicitly, if any, and by whom.
    pub domain: Option<GivenDomain>,
}

impl Username {
    /// Returns what the name is compared by: its local part in lower case, whatever the domain (R50).
    pub fn key(&self) -> String {
        key(&self.local_part)
    }
}

impl std::fmt::Display for Username {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.local_part)?;
        match &self.domain {
            Some(domain) => write!(formatter, "@{domain}"),
            None => Ok(()),
        }
    }
}

/// Returns what a local part is compared by.
pub fn key(local_part: &str) -> String {
    local_part.to_lowercase()
}

/// What was typed is no username.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsernameError {
    /// Nothing, or nothing before the `@` (R72).
    #[error("a username cannot be empty")]
    Empty,
    /// Longer than Entra takes.
    #[error("{0} characters before the @ are too many: at most {LOCAL_PART_MAX_LENGTH}")]
    TooLong(usize),
    /// A character that Entra does not take.
    #[error(
        "{character:?} at character {position} is not allowed: only letters without accents, digits and . - _ ' ! # ^ ~ are"
    )]
    Character {
        /// The character.
        character: char,
        /// Where it stands, counted from 1.
        position: usize,
    },
    /// A dot where none may stand.
    #[error("a dot may not stand at the beginning, before the @, or beside another dot")]
    Dot,
    /// More than one `@`.
    #[error("there may be one @ at most, before the domain")]
    AtSign,
    /// A domain where Microsoft adds it.
    #[error("Microsoft adds the domain for this kind of person: type only what stands before the @")]
    DomainRefused,
    /// No domain for staff whose domain we send.
    #[error(
        "for staff the domain is sent along, so it must be typed too, after an @: one of this tenant's ({0})"
    )]
    DomainMissing(String),
    /// A domain that is not the tenant's.
    #[error("{domain:?} is not a domain of this tenant ({own})")]
    DomainUnknown {
        /// What was typed.
        domain: String,
        /// The tenant's.
        own: String,
    },
}

impl UsernameError {
    /// No domain, though one is needed; `own` are the tenant's.
    pub(super) fn domain_missing(own: &[&Domain]) -> Self {
        Self::DomainMissing(shown(own))
    }
}

/// Reads what was typed, `local` or `local@domain`, blanks around it left off. `stored` is the record's domain.
///
/// The local part is kept as typed. A domain must be one of `own`, in any case, and is kept as written there. It is the
/// admin's from then on, unless it had to be typed and is the one that the record has.
pub fn read(
    text: &str,
    rule: DomainRule,
    own: &[&Domain],
    stored: Option<&GivenDomain>,
) -> Result<Username, UsernameError> {
    let text = text.trim();
    let (local_part, domain) = match text.split_once('@') {
        Some((local_part, domain)) => (local_part, Some(domain)),
        None => (text, None),
    };
    if domain.is_some_and(|domain| domain.contains('@')) {
        return Err(UsernameError::AtSign);
    }
    check_local_part(local_part)?;
    let domain = match (rule, domain) {
        (DomainRule::Refused, Some(_)) => return Err(UsernameError::DomainRefused),
        (DomainRule::Refused | DomainRule::Unsettled, None) => stored.cloned(),
        (DomainRule::Optional, None) => stored.filter(|stored| !stored.is_of_admin()).cloned(),
        (DomainRule::Required, None) => return Err(UsernameError::DomainMissing(shown(own))),
        (DomainRule::Optional | DomainRule::Required | DomainRule::Unsettled, Some(domain)) => {
            let typed = own_domain(domain, own)?;
            let had_to_be_typed = rule == DomainRule::Required;
            let same = stored.filter(|stored| had_to_be_typed && stored.domain == typed);
            Some(same.cloned().unwrap_or(GivenDomain::admin(typed)))
        }
    };
    Ok(Username {
        local_part: local_part.to_owned(),
        domain,
    })
}

/// Finds a domain among the tenant's own, in any case.
pub(super) fn own_domain(typed: &str, own: &[&Domain]) -> Result<Domain, UsernameError> {
    let known = own.iter().find(|known| known.eq_ignore_ascii_case(typed));
    let known = known.ok_or_else(|| UsernameError::DomainUnknown {
        domain: typed.to_owned(),
        own: shown(own),
    })?;
    Ok((*known).clone())
}

/// Returns `true` if Entra takes a character before the `@`.
pub(super) fn is_for_local_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || LOCAL_PART_SIGNS.contains(character)
}

fn check_local_part(local_part: &str) -> Result<(), UsernameError> {
    if local_part.is_empty() {
        return Err(UsernameError::Empty);
    }
    for (index, character) in local_part.chars().enumerate() {
        if !is_for_local_part(character) {
            return Err(UsernameError::Character {
                character,
                position: index + 1,
            });
        }
    }
    if local_part.starts_with('.') || local_part.ends_with('.') || local_part.contains("..") {
        return Err(UsernameError::Dot);
    }
    match local_part.chars().count() {
        length if length > LOCAL_PART_MAX_LENGTH => Err(UsernameError::TooLong(length)),
        _ => Ok(()),
    }
}

fn shown(own: &[&Domain]) -> String {
    if own.is_empty() {
        return "none is configured".to_owned();
    }
    let named: Vec<&str> = own
        .iter()
        .take(DOMAINS_SHOWN)
        .map(|domain| domain.as_str())
        .collect();
    let left_off = own.len().saturating_sub(DOMAINS_SHOWN);
    let rest = if left_off > 0 {
        format!(" and {left_off} more")
    } else {
        String::new()
    };
    named.join(", ") + &rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: [&str; 2] = ["leerling.zandpoort.example", "zandpoort.example"];
    const EVERY_RULE: [DomainRule; 4] = [
        DomainRule::Refused,
        DomainRule::Optional,
        DomainRule::Required,
        DomainRule::Unsettled,
    ];

    fn read_own(
        text: &str,
        rule: DomainRule,
        stored: Option<&GivenDomain>,
    ) -> Result<Username, UsernameError> {
        let own = OWN.map(|domain| domain.parse::<Domain>().unwrap());
        read(text, rule, &own.each_ref(), stored)
    }

    fn typed(text: &str, rule: DomainRule) -> Result<String, UsernameError> {
        let stored = GivenDomain::admin("stored.example".parse().unwrap());
        read_own(text, rule, Some(&stored)).map(|name| name.to_string())
    }

    /// R72: a username cannot be emptied, by no rule and in no spelling of nothing.
    #[test]
    fn r72_nothing_is_no_username() {
        for rule in EVERY_RULE {
            for text in ["", "  ", "\t", "@zandpoort.example", "\u{a0}"] {
                assert_eq!(typed(text, rule), Err(UsernameError::Empty), "{text:?}");
            }
        }
    }

    #[test]
    fn what_entra_takes_is_kept_as_typed() {
        let longest = "a".repeat(64);
        for text in [
            "Jan.Janssens",
            "o'neill",
            "b.bal_EX",
            "-x-",
            "a!#^~2",
            "7",
            longest.as_str(),
        ] {
            assert_eq!(
                read_own(&format!(" {text}\t"), DomainRule::Optional, None),
                Ok(Username {
                    local_part: text.to_owned(),
                    domain: None
                })
            );
        }
    }

    #[test]
    fn what_entra_refuses_is_refused_with_its_place() {
        for (text, error) in [
            (
                "zoé",
                UsernameError::Character {
                    character: 'é',
                    position: 3,
                },
            ),
            (
                "jan janssens",
                UsernameError::Character {
                    character: ' ',
                    position: 4,
                },
            ),
            (
                "jan&co",
                UsernameError::Character {
                    character: '&',
                    position: 4,
                },
            ),
            (
                "=1+1",
                UsernameError::Character {
                    character: '=',
                    position: 1,
                },
            ),
            (".jan", UsernameError::Dot),
            ("jan.", UsernameError::Dot),
            ("jan..j", UsernameError::Dot),
            ("jan@a@b", UsernameError::AtSign),
        ] {
            assert_eq!(typed(text, DomainRule::Optional), Err(error), "{text}");
        }
        assert_eq!(
            typed(&"a".repeat(65), DomainRule::Refused),
            Err(UsernameError::TooLong(65))
        );
        assert_eq!(
            typed("jan.@zandpoort.example", DomainRule::Optional),
            Err(UsernameError::Dot)
        );
    }

    /// R73: what may be typed differs by kind of person and domain mode; R75: a specific domain may be given.
    #[test]
    fn r73_r75_whether_a_domain_may_or_must_be_typed_depends_on_the_rule() {
        let plain = "jan";
        let own = "jan@Zandpoort.Example";
        let missing =
            || UsernameError::DomainMissing("leerling.zandpoort.example, zandpoort.example".to_owned());
        let ok = |text: &str| Ok(text.to_owned());
        for (rule, without, with) in [
            (
                DomainRule::Refused,
                ok("jan@stored.example"),
                Err(UsernameError::DomainRefused),
            ),
            (DomainRule::Optional, ok("jan"), ok("jan@zandpoort.example")),
            (DomainRule::Required, Err(missing()), ok("jan@zandpoort.example")),
            (
                DomainRule::Unsettled,
                ok("jan@stored.example"),
                ok("jan@zandpoort.example"),
            ),
        ] {
            assert_eq!(typed(plain, rule), without, "{rule:?}");
            assert_eq!(typed(own, rule), with, "{rule:?}");
        }
    }

    /// R147: what the system gave is the admin's once typed of one's own accord; where it had to be typed it stays what it was.
    #[test]
    fn r147_a_domain_of_the_system_stays_the_systems_unless_somebody_chose_it() {
        let stored = GivenDomain::system("zandpoort.example".parse().unwrap());
        let chosen = GivenDomain::admin("zandpoort.example".parse().unwrap());
        let domain = |text, rule| read_own(text, rule, Some(&stored)).unwrap().domain;
        for rule in [DomainRule::Refused, DomainRule::Optional, DomainRule::Unsettled] {
            assert_eq!(domain("jan", rule), Some(stored.clone()), "{rule:?}: left off");
        }
        let typed = "jan@Zandpoort.example";
        assert_eq!(domain(typed, DomainRule::Required), Some(stored.clone()));
        assert_eq!(domain(typed, DomainRule::Optional), Some(chosen.clone()));
        assert_eq!(domain(typed, DomainRule::Unsettled), Some(chosen));
        let other = domain("jan@leerling.zandpoort.example", DomainRule::Required).unwrap();
        assert!(other.is_of_admin());
    }

    #[test]
    fn a_domain_must_be_the_tenants_own() {
        for text in [
            "jan@elders.example",
            "jan@",
            "jan@zandpoort.example.",
            "jan@ zandpoort.example",
        ] {
            let refusal = typed(text, DomainRule::Required).unwrap_err();
            assert!(matches!(refusal, UsernameError::DomainUnknown { .. }), "{text}");
            assert!(refusal.to_string().contains("leerling.zandpoort.example"));
        }
        let refusal = read("jan@x.example", DomainRule::Optional, &[], None).unwrap_err();
        assert!(refusal.to_string().contains("none is configured"));
        let domain = "x.example".parse().unwrap();
        assert!(shown(&[&domain; 25]).ends_with(" and 5 more"));
    }

    proptest::proptest! {
        /// Whatever is typed: what is accepted is what Entra takes, and reads as itself when typed again.
        #[test]
        fn r71_r73_what_is_accepted_can_be_sent_and_typed_again(
            text in "[a-zA-Z0-9.'_!#^~@ é=-]{0,70}(@zandpoort\\.example)?",
            rule in proptest::sample::select(EVERY_RULE.to_vec()),
        ) {
            let Ok(name) = read_own(&text, rule, None) else { return Ok(()) };
            let dotted = format!(".{}.", name.local_part);
            proptest::prop_assert!((1..=64).contains(&name.local_part.len()));
            proptest::prop_assert!(name.local_part.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'@'));
            proptest::prop_assert!(!dotted.contains(".."));
            proptest::prop_assert!(name.domain.as_ref().is_none_or(|domain| OWN.contains(&domain.as_str())));
            proptest::prop_assert!(rule != DomainRule::Required || name.domain.is_some());
            proptest::prop_assert!(rule != DomainRule::Refused || name.domain.is_none());
            proptest::prop_assert_eq!(read_own(&name.to_string(), rule, name.domain.as_ref()), Ok(name));
        }
    }
}
