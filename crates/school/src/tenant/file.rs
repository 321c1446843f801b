//! Reading a tenant file.
//!
//! Unknown and missing keys and wrong types are reported one by one, by line; of a file without those, everything that
//! cannot be is reported at once.

use super::check;
use super::configuration::Configuration;
use super::document::{Rejected, TenantDocument};

pub use super::check::warnings;

/// A tenant file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not TOML, an unknown key, a missing key or a value of the wrong type.
    #[error("the tenant file is not valid:\n{0}")]
    Parse(Box<toml::de::Error>),
    /// Well formed, but it says something that cannot be.
    #[error("the tenant file is not valid:\n{}", .0.iter().map(|problem| format!("  - {problem}")).collect::<Vec<_>>().join("\n"))]
    Invalid(Vec<String>),
}

/// Reads the text of a tenant file.
///
/// ```
/// use oneroster_school::tenant::file;
///
/// let text = r#"
/// id = "zandpoort"
/// name = "Scholengroep Zandpoort"
/// active_school_year = "2026-27"
/// team_name_format = "{klas} - {vestiging}"
/// username_format = "{voornaam}.{familienaam}"
/// [[schools]]
/// instelnr = "001507"
/// sites = [{ vestnr = 1 }]
/// "#;
/// assert_eq!(file::parse(text)?.id.as_str(), "zandpoort");
/// let error = file::parse(&text.replace("2026-27", "2026-28")).unwrap_err();
/// assert!(error.to_string().contains("active_school_year = \"2026-28\": two years in a row"));
/// # Ok::<(), file::Error>(())
/// ```
pub fn parse(text: &str) -> Result<Configuration, Error> {
    read(text).map(|file| file.configuration)
}

/// What a tenant file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantFile {
    /// The configuration.
    pub configuration: Configuration,
    /// The revision of the stored configuration that it was written from; `None` if it says none.
    pub revision: Option<i64>,
}

/// Reads the text of a tenant file, with the revision that it says.
pub fn read(text: &str) -> Result<TenantFile, Error> {
    let document: TenantDocument = toml::from_str(text).map_err(|error| Error::Parse(Box::new(error)))?;
    let mut problems = Vec::new();
    let configuration = document.parse(&mut problems);
    problems.extend(check::problems(&document));
    match configuration {
        Ok(configuration) if problems.is_empty() => Ok(TenantFile {
            configuration,
            revision: document.revision,
        }),
        Ok(_) | Err(Rejected) => Err(Error::Invalid(problems)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::configuration::{DomainMode, FuturePupils};

    const GOOD: &str = r#"
id = "zandpoort"
name = "Scholengroep Zandpoort"
entra_tenant_id = "6f0c"
active_school_year = "2026-27"
team_name_format = "{schoolyear} {klas} - {vestiging}"
username_format = "{voornaam}.{familienaam}"
[[schools]]
instelnr = "001507"
teacher_domain = "Zandpoort.example"
[[schools.sites]]
vestnr = 1
pupil_domain = "leerling.zandpoort.example"
[[schools.sites]]
vestnr = 1
hoofdstructuur = "211"
sync = false
"#;

    fn refusal(text: &str) -> String {
        parse(text).expect_err("must be refused").to_string()
    }

    /// Of several wrong types the first is reported: where it is, and what is allowed there.
    #[test]
    fn r33_a_domain_mode_that_is_none_is_refused_with_the_ones_there_are() {
        for wrong in ["\"both\"", "7", "{ pupils = \"informat\" }"] {
            let refusal = refusal(&GOOD.replacen('\n', &format!("\ndomain_mode = {wrong}\n"), 1));
            for said in ["domain_mode", "\"microsoft\"", "\"informat\"", "pupils", "staff"] {
                assert!(refusal.contains(said), "{said}: {refusal}");
            }
            assert!(!refusal.contains("DomainModesForm"), "{refusal}");
        }
    }

    #[test]
    fn r13_r16_r20_r21_r33_defaults_are_the_documented_ones() {
        let configuration = parse(GOOD).unwrap();
        assert_eq!(configuration.username_max_length, 75);
        assert_eq!(configuration.future_pupils, FuturePupils::Exclude);
        assert_eq!(configuration.brake_percent, 20);
        assert_eq!(configuration.domain_mode.pupils, DomainMode::Microsoft);
        let site = &configuration.schools[0].sites[0];
        assert!(site.sync, "R20: a listed entry is linked by default");
        assert!(!site.sync_default, "R21: the default of the Sync flag is off");
        assert_eq!(
            configuration.schools[0].teacher_domain.as_deref(),
            Some("zandpoort.example")
        );
    }

    #[test]
    fn r143_licences_are_given_per_kind_and_come_back_as_they_were_written() {
        let none = parse(GOOD).unwrap();
        assert!(none.licences.is_empty());
        assert!(!toml::to_string(&none).unwrap().contains("licences"));
        let text = "licences = { pupils = 5000 }\n[[schools]]";
        let some = parse(&GOOD.replacen("[[schools]]", text, 1)).unwrap();
        assert_eq!((some.licences.pupils, some.licences.staff), (Some(5000), None));
        let again = parse(&toml::to_string(&some).unwrap()).unwrap();
        assert_eq!(again.licences, some.licences);
    }

    #[test]
    fn r5_a_domain_mode_per_kind_or_for_both() {
        let both =
            parse(&GOOD.replacen("[[schools]]", "domain_mode = \"informat\"\n[[schools]]", 1)).unwrap();
        assert_eq!(
            (both.domain_mode.pupils, both.domain_mode.staff),
            (DomainMode::Informat, DomainMode::Informat)
        );
        let mode = "domain_mode = { pupils = \"informat\", staff = \"microsoft\" }\n[[schools]]";
        let each = parse(&GOOD.replacen("[[schools]]", mode, 1)).unwrap();
        assert_eq!(
            (each.domain_mode.pupils, each.domain_mode.staff),
            (DomainMode::Informat, DomainMode::Microsoft)
        );
    }

    #[test]
    fn every_fault_is_named_with_what_is_allowed() {
        for (from, to, expected) in [
            ("id = \"zandpoort\"", "id = \"Zand poort\"", "a-z, 0-9"),
            ("\"2026-27\"", "\"2026-28\"", "two years in a row"),
            ("{klas}", "{klasje}", "klasje"),
            ("{familienaam}", "{achternaam}", "achternaam"),
            ("\"001507\"", "\"1507\"", "six digits"),
            (
                "vestnr = 1\npupil",
                "vestnr = 1\nvestnummer = 2\npupil",
                "vestnummer",
            ),
            ("name = ", "naam = ", "naam"),
            ("leerling.zandpoort.example", "leerling@zandpoort", "without @"),
            (
                "hoofdstructuur = \"211\"",
                "hoofdstructuur = \"2\"",
                "three digits",
            ),
            ("hoofdstructuur = \"211\"\n", "", "stands twice"),
            ("[[schools]]", "username_max_length = 4\n[[schools]]", "8 to 75"),
            ("[[schools]]", "brake_percent = 0\n[[schools]]", "1 to 100"),
            (
                "[[schools]]",
                "licences = { pupils = 0 }\n[[schools]]",
                "licences: pupils = 0: 1 to",
            ),
            (
                "[[schools]]",
                "licences = { pupils = \"veel\" }\n[[schools]]",
                "licences",
            ),
            (
                "[[schools]]",
                "contact_mail = \"beheer\"\n[[schools]]",
                "one e-mail address",
            ),
            (
                "instelnr = \"001507\"",
                "instelnr = \"001507\"\ncontact_mail = \"a@b.be, c@d.be\"",
                "one e-mail address",
            ),
            (
                "[[schools]]",
                "contact_mail = \"een..twee@zandpoort.example\"\n[[schools]]",
                "contact_mail = \"een..twee@zandpoort.example\": one e-mail address",
            ),
            (
                "[[schools]]",
                "contact_mail = \"beheer@zandpoort..example\"\n[[schools]]",
                "one e-mail address",
            ),
            (
                "[[schools]]",
                "domain_mode = \"both\"\n[[schools]]",
                "domain_mode",
            ),
        ] {
            let text = GOOD.replacen(from, to, 1);
            assert_ne!(text, GOOD, "{from:?} must stand in the good file");
            let message = refusal(&text);
            assert!(message.contains(expected), "{from:?} → {to:?}: {message}");
        }
    }

    #[test]
    fn everything_that_is_not_allowed_is_reported_at_once() {
        let mut text = GOOD.to_owned();
        let wrong = [
            ("id = \"zandpoort\"", "id = \"-\"", "id = \"-\": 1 to 63 of a-z"),
            ("2026-27", "2026", "active_school_year = \"2026\": two years"),
            (
                "{klas}",
                "{klas",
                "team_name_format = \"{schoolyear} {klas - {vestiging}\": ",
            ),
            (
                "{voornaam}.",
                "{voornaam} ",
                "username_format = \"{voornaam} {familienaam}\": ' ' at character 11",
            ),
            (
                "Zandpoort.example",
                "zandpoort",
                "school \"001507\": teacher_domain = \"zandpoort\": a domain such as",
            ),
            (
                "pupil_domain = \"",
                "pupil_domain = \"@",
                "school \"001507\", site 1: pupil_domain = \"@leerling",
            ),
            (
                "hoofdstructuur = \"211\"\n",
                "",
                "school \"001507\", site 1 stands twice",
            ),
            (
                "[[schools]]",
                "extra_domains = [\"a\", \"b\"]\nbrake_percent = 0\n[[schools]]",
                "brake_percent = 0: 1 to 100",
            ),
        ];
        for (from, to, _) in wrong {
            text = text.replacen(from, to, 1);
        }
        let refusal = refusal(&text);
        for (.., said) in wrong {
            assert!(refusal.contains(said), "{said}: {refusal}");
        }
        assert_eq!(refusal.matches("extra_domains = ").count(), 2, "{refusal}");
        assert_eq!(refusal.lines().count(), 1 + wrong.len() + 2, "{refusal}");
    }

    /// What is stored is what the file says, and is read as the same.
    #[test]
    fn a_configuration_is_stored_as_its_text_and_read_again() {
        let configuration = parse(GOOD).unwrap();
        let stored = serde_json::to_value(&configuration).unwrap();
        assert_eq!(
            stored,
            serde_json::json!({
                "id": "zandpoort", "name": "Scholengroep Zandpoort", "entra_tenant_id": "6f0c",
                "active_school_year": "2026-27", "team_name_format": "{schoolyear} {klas} - {vestiging}",
                "username_format": "{voornaam}.{familienaam}", "username_max_length": 75, "future_pupils": "exclude",
                "domain_mode": "microsoft", "extra_domains": [], "org_id_with_hoofdstructuur": false,
                "staff_grace_days": 0, "brake_percent": 20,
                "schools": [{"instelnr": "001507", "teacher_domain": "zandpoort.example", "sites": [
                    {"vestnr": 1, "sync": true, "sync_default": false, "pupil_domain": "leerling.zandpoort.example"},
                    {"vestnr": 1, "hoofdstructuur": "211", "sync": false, "sync_default": false}]}]
            })
        );
        assert_eq!(
            serde_json::from_value::<Configuration>(stored.clone()).unwrap(),
            configuration
        );
        assert_eq!(
            parse(&toml::to_string(&configuration).unwrap()).unwrap(),
            configuration
        );
        let mut broken = stored;
        broken["team_name_format"] = "{klasje}".into();
        let refusal = serde_json::from_value::<Configuration>(broken).unwrap_err();
        assert!(
            refusal.to_string().contains("{klasje} at character 1"),
            "{refusal}"
        );
    }

    #[test]
    fn r39_informat_mode_needs_its_domains() {
        let staff = GOOD
            .replacen(
                "[[schools]]",
                "domain_mode = { pupils = \"microsoft\", staff = \"informat\" }\n[[schools]]",
                1,
            )
            .replace("teacher_domain = \"Zandpoort.example\"\n", "");
        assert!(refusal(&staff).contains("teacher_domain"));
        let pupils = GOOD
            .replacen("[[schools]]", "domain_mode = \"informat\"\n[[schools]]", 1)
            .replace("pupil_domain = \"leerling.zandpoort.example\"\n", "");
        assert!(refusal(&pupils).contains("pupil_domain"));
    }

    #[test]
    fn the_domains_of_addresses_are_both_or_one_of_them() {
        let with = |entry: &str| GOOD.replacen("[[schools]]", &format!("{entry}\n[[schools]]"), 1);
        assert!(parse(GOOD).unwrap().email_domain.is_empty());
        let text = with("email_domain = { pupils = \"Leerling.example\", staff = \"school.example\" }");
        let configuration = parse(&text).unwrap();
        let domains = &configuration.email_domain;
        assert_eq!(domains.pupils.as_deref(), Some("leerling.example"));
        assert_eq!(domains.staff.as_deref(), Some("school.example"));
        assert!(
            configuration
                .own_domains()
                .iter()
                .any(|domain| ***domain == *"leerling.example")
        );
        assert_eq!(
            parse(&toml::to_string(&configuration).unwrap()).unwrap(),
            configuration
        );
        assert!(warnings(&configuration).is_empty());
        let one = parse(&with("email_domain = { staff = \"school.example\" }")).unwrap();
        assert_eq!(
            (one.email_domain.pupils, one.email_domain.staff.is_some()),
            (None, true)
        );

        for (entry, said) in [
            (
                "email_domain = { pupils = \"leerling\" }",
                "email_domain: pupils = \"leerling\": a domain such as",
            ),
            (
                "email_domain = { staff = \"a@b.example\" }",
                "email_domain: staff = \"a@b.example\": ",
            ),
            (
                "email_domain = { teachers = \"a.example\" }",
                "expected `pupils` or `staff`",
            ),
            (
                "email_domain = \"a.example\"",
                "{ pupils = \"leerling.school.example\", staff = \"school.example\" }",
            ),
        ] {
            let refusal = refusal(&with(entry));
            assert!(refusal.contains(said), "{entry}: {refusal}");
        }
        let unused = with("domain_mode = \"informat\"\nemail_domain = { staff = \"school.example\" }")
            .replace("sync = false", "sync = false\npupil_domain = \"b.example\"");
        let warned = warnings(&parse(&unused).unwrap());
        assert!(
            warned.iter().any(|warning| warning.contains("has no effect")),
            "{warned:?}"
        );
    }

    #[test]
    fn a_school_without_an_entry_is_refused() {
        let (text, _) = GOOD.split_once("[[schools.sites]]").unwrap();
        assert!(refusal(text).contains("at least one entry"));
    }

    #[test]
    fn unchecked_release_is_warned_about() {
        assert_eq!(warnings(&parse(GOOD).unwrap()), Vec::<String>::new());
        let text = GOOD.replacen("[[schools]]", "username_max_length = 70\n[[schools]]", 1);
        assert_eq!(
            warnings(&parse(&text).unwrap()).len(),
            1,
            "70 is above what Entra takes"
        );
        let text = GOOD.replacen("vestnr = 1\n", "vestnr = 1\nsync_default = true\n", 1);
        assert!(
            warnings(&parse(&text).unwrap())
                .iter()
                .any(|warning| warning.contains("nobody has checked"))
        );
    }
}
