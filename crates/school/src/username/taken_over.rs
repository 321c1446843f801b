//! The domain of a name that another server served, as a record here has it.

use super::edit::{DomainRule, UsernameError, own_domain};
use super::given_domain::GivenDomain;
use crate::tenant::Domain;
use crate::tenant::configuration::Configuration;

/// How the domain of a person is judged.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// Whether they may, must or must not have one of their own.
    pub rule: DomainRule,
    /// That of their site, of a pupil.
    pub site_domain: Option<&'a Domain>,
    /// The one in their record here.
    pub stored: Option<&'a GivenDomain>,
}

/// Returns the domain that a record gets for a name that was served with `served`, so that it is sent as it was.
///
/// A pupil's that is the one of their site follows it from now on (R35, R36); another stays theirs (R37). One of a school for its staff is as
/// the system gives it (R38). Of somebody who is neither at present, the tenant file tells which it is. Where Microsoft adds the domain the
/// record keeps its own, whichever of the tenant's the other server names. One that the system gave stays where nothing else is to be stored:
/// it counts for a job only.
pub fn domain(
    served: Option<&str>,
    judged: Judged<'_>,
    configuration: &Configuration,
) -> Result<Option<GivenDomain>, UsernameError> {
    let Judged {
        rule,
        site_domain,
        stored,
    } = judged;
    let own = configuration.own_domains();
    let served = served.map(|served| own_domain(served, &own)).transpose()?;
    let of_school = |domain: &Domain| {
        let mut schools = configuration.schools.iter();
        schools.any(|school| school.teacher_domain.as_ref() == Some(domain))
    };
    let of_site = |domain: &Domain| {
        let mut sites = configuration.schools.iter().flat_map(|school| &school.sites);
        sites.any(|site| site.pupil_domain.as_ref() == Some(domain))
    };
    let of_job = || stored.filter(|stored| !stored.is_of_admin()).cloned();
    Ok(match (rule, served) {
        (DomainRule::Refused, _) => stored.cloned(),
        (DomainRule::Required, None) => return Err(UsernameError::domain_missing(&own)),
        (DomainRule::Optional | DomainRule::Unsettled, None) => of_job(),
        (DomainRule::Optional, Some(served)) if site_domain == Some(&served) => of_job(),
        (DomainRule::Required | DomainRule::Unsettled, Some(served)) if of_school(&served) => {
            Some(GivenDomain::system(served))
        }
        (DomainRule::Unsettled, Some(served)) if of_site(&served) => of_job(),
        (_, Some(served)) => Some(GivenDomain::admin(served)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::file;

    fn configuration() -> Configuration {
        let text = r#"
id = "t"
name = "t"
active_school_year = "2026-27"
team_name_format = "{klas}"
username_format = "{voornaam}.{familienaam}"
domain_mode = "informat"
extra_domains = ["extra.example"]
[[schools]]
instelnr = "001507"
teacher_domain = "school.example"
[[schools.sites]]
vestnr = 1
pupil_domain = "leerling.example"
[[schools.sites]]
vestnr = 2
pupil_domain = "markt.example"
"#;
        file::parse(text).unwrap()
    }

    /// What becomes of a domain: whose it is, and which.
    fn became(served: Option<&str>, rule: DomainRule, stored: Option<&GivenDomain>) -> String {
        let site: Domain = "leerling.example".parse().unwrap();
        let judged = Judged {
            rule,
            site_domain: Some(&site),
            stored,
        };
        match domain(served, judged, &configuration()) {
            Ok(Some(given)) => format!("{} {given}", given.origin.as_str()),
            Ok(None) => "none".to_owned(),
            Err(UsernameError::DomainMissing(_)) => "missing".to_owned(),
            Err(UsernameError::DomainUnknown { .. }) => "unknown".to_owned(),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn r35_r37_r38_a_domain_is_stored_so_that_it_is_sent_as_it_was() {
        use DomainRule::{Optional, Refused, Required, Unsettled};
        for (served, rule, expected) in [
            (None, Refused, "none"),
            (Some("school.example"), Refused, "none"),
            (Some("other.example"), Refused, "unknown"),
            (None, Optional, "none"),
            (Some("Leerling.Example"), Optional, "none"),
            (Some("markt.example"), Optional, "admin markt.example"),
            (Some("other.example"), Optional, "unknown"),
            (None, Required, "missing"),
            (Some("SCHOOL.example"), Required, "system school.example"),
            (Some("extra.example"), Required, "admin extra.example"),
            (None, Unsettled, "none"),
            (Some("school.example"), Unsettled, "system school.example"),
            (Some("markt.example"), Unsettled, "none"),
            (Some("extra.example"), Unsettled, "admin extra.example"),
        ] {
            assert_eq!(became(served, rule, None), expected, "{served:?} {rule:?}");
        }
    }

    /// R147: one that the system gave for a job stays beside a pupil's.
    #[test]
    fn r147_the_domain_of_a_job_stays_and_one_that_somebody_typed_here_does_not() {
        let of_job = GivenDomain::system("school.example".parse().unwrap());
        let typed = GivenDomain::admin("extra.example".parse().unwrap());
        for rule in [DomainRule::Optional, DomainRule::Unsettled] {
            assert_eq!(
                became(Some("leerling.example"), rule, Some(&of_job)),
                "system school.example"
            );
            assert_eq!(became(Some("leerling.example"), rule, Some(&typed)), "none");
        }
        assert_eq!(
            became(None, DomainRule::Refused, Some(&typed)),
            "admin extra.example"
        );
    }
}
