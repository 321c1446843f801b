//! Reading and checking a tenant file. What is not written as it should be is told one by one; in a file that is well formed,
//! everything that cannot be is told at once.

use std::collections::BTreeSet;

use super::configuration::{Configuration, DomainMode, School};
use crate::projection::team_name::TeamNameFormat;
use crate::username::format::Format;

/// Longest domain after the `@` that Entra takes, in characters.
pub const DOMAIN_MAX_LENGTH: usize = 48;
/// Longest text of a name or login, in characters.
const TEXT_MAX_LENGTH: usize = 200;

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

/// Reads the text of a tenant file. A domain is kept in lower case.
pub fn parse(text: &str) -> Result<Configuration, Error> {
    let mut configuration: Configuration =
        toml::from_str(text).map_err(|error| Error::Parse(Box::new(error)))?;
    lower_domains(&mut configuration);
    let problems = problems(&configuration);
    if problems.is_empty() {
        Ok(configuration)
    } else {
        Err(Error::Invalid(problems))
    }
}

fn lower_domains(configuration: &mut Configuration) {
    let schools = &mut configuration.schools;
    let of_schools = schools.iter_mut().flat_map(|school| {
        school.teacher_domain.iter_mut().chain(
            school
                .sites
                .iter_mut()
                .filter_map(|site| site.pupil_domain.as_mut()),
        )
    });
    for domain in configuration.extra_domains.iter_mut().chain(of_schools) {
        domain.make_ascii_lowercase();
    }
}

/// Lists what cannot be, each with the key it stands at and what is allowed.
fn problems(configuration: &Configuration) -> Vec<String> {
    let mut problems = Vec::new();
    let mut check = |fine: bool, problem: String| {
        if !fine {
            problems.push(problem);
        }
    };
    let Configuration {
        id,
        name,
        active_school_year,
        ..
    } = configuration;
    check(
        is_tenant_id(id),
        format!("id = {id:?}: 1 to 63 of a-z, 0-9 and -, beginning with a letter or digit"),
    );
    check(
        is_text(name),
        format!("name = {name:?}: 1 to {TEXT_MAX_LENGTH} characters, no control characters"),
    );
    check(
        is_school_year(active_school_year),
        format!("active_school_year = {active_school_year:?}: two years in a row, such as 2026-27"),
    );
    if let Err(error) = TeamNameFormat::parse(&configuration.team_name_format) {
        check(
            false,
            format!("team_name_format = {:?}: {error}", configuration.team_name_format),
        );
    }
    if let Err(error) = Format::parse(&configuration.username_format) {
        check(
            false,
            format!("username_format = {:?}: {error}", configuration.username_format),
        );
    }
    let length = configuration.username_max_length;
    check(
        (8..=75).contains(&length),
        format!("username_max_length = {length}: 8 to 75"),
    );
    let grace = configuration.staff_grace_days;
    check(grace <= 366, format!("staff_grace_days = {grace}: 0 to 366"));
    let brake = configuration.brake_percent;
    check(
        (1..=100).contains(&brake),
        format!("brake_percent = {brake}: 1 to 100"),
    );
    for (key, text) in [
        ("entra_tenant_id", &configuration.entra_tenant_id),
        ("contact", &configuration.contact),
    ] {
        if let Some(text) = text {
            check(
                is_text(text),
                format!("{key} = {text:?}: 1 to {TEXT_MAX_LENGTH} characters, no control characters"),
            );
        }
    }
    problems.extend(list_problems(configuration));
    problems
}

/// Lists what cannot be among the domains and schools.
fn list_problems(configuration: &Configuration) -> Vec<String> {
    let mut problems = Vec::new();
    let mut check = |fine: bool, problem: String| {
        if !fine {
            problems.push(problem);
        }
    };
    for domain in &configuration.extra_domains {
        check(is_domain(domain), bad_domain("extra_domains", domain));
    }
    check(
        !configuration.schools.is_empty(),
        "no [[schools]]: at least one institution must take part".to_owned(),
    );
    let mut seen = BTreeSet::new();
    for school in &configuration.schools {
        check(
            seen.insert(&school.instelnr),
            format!("school {:?} stands twice", school.instelnr),
        );
    }
    problems.extend(
        configuration
            .schools
            .iter()
            .flat_map(|school| school_problems(school, configuration)),
    );
    problems
}

fn school_problems(school: &School, configuration: &Configuration) -> Vec<String> {
    let instelnr = &school.instelnr;
    let at = format!("school {instelnr:?}");
    let mut problems = Vec::new();
    if instelnr.len() != 6 || !instelnr.bytes().all(|byte| byte.is_ascii_digit()) {
        problems.push(format!("instelnr = {instelnr:?}: six digits, in quotes"));
    }
    if school.sites.is_empty() {
        problems.push(format!(
            "{at} has no [[schools.sites]]: at least one entry is needed"
        ));
    }
    if school.contact.as_ref().is_some_and(|text| !is_text(text)) {
        problems.push(format!(
            "{at}: contact: 1 to {TEXT_MAX_LENGTH} characters, no control characters"
        ));
    }
    match &school.teacher_domain {
        Some(domain) if !is_domain(domain) => {
            problems.push(bad_domain(&format!("{at}: teacher_domain"), domain));
        }
        None if configuration.domain_mode.staff == DomainMode::Informat => {
            problems.push(format!(
                "{at} has no teacher_domain, which domain_mode \"informat\" for staff needs"
            ));
        }
        Some(_) | None => {}
    }
    let mut seen = BTreeSet::new();
    for site in &school.sites {
        let number = site.vestnr;
        let at = match &site.hoofdstructuur {
            None => format!("{at}, site {number}"),
            Some(code) => format!("{at}, site {number} structure {code:?}"),
        };
        if !(0..=999_999).contains(&number) {
            problems.push(format!("{at}: vestnr = {number}: 0 to 999999"));
        }
        if let Some(code) = &site.hoofdstructuur
            && (code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_digit()))
        {
            problems.push(format!(
                "{at}: hoofdstructuur = {code:?}: three digits, in quotes"
            ));
        }
        if !seen.insert((number, &site.hoofdstructuur)) {
            problems.push(format!("{at} stands twice"));
        }
        match &site.pupil_domain {
            Some(domain) if !is_domain(domain) => {
                problems.push(bad_domain(&format!("{at}: pupil_domain"), domain));
            }
            None if site.sync && configuration.domain_mode.pupils == DomainMode::Informat => {
                problems.push(format!(
                    "{at} has no pupil_domain, which domain_mode \"informat\" for pupils needs"
                ));
            }
            Some(_) | None => {}
        }
    }
    problems
}

/// Lists what the file says that is allowed but deserves a second look.
pub fn warnings(configuration: &Configuration) -> Vec<String> {
    let mut warnings = Vec::new();
    let released: Vec<String> = configuration
        .schools
        .iter()
        .flat_map(|school| school.sites.iter().map(move |site| (school, site)))
        .filter(|(_, site)| site.sync && site.sync_default)
        .map(|(school, site)| format!("{}-{}", school.instelnr, site.vestnr))
        .collect();
    if let Some((first, others)) = released.split_first() {
        let others = if others.is_empty() {
            String::new()
        } else {
            format!(" and {} more", others.len())
        };
        warnings.push(format!(
            "sync_default = true (site {first}{others}) releases new usernames that nobody has checked"
        ));
    }
    // 75 is the default of the documents; only who chose a length has something to reconsider.
    if (65..75).contains(&configuration.username_max_length) {
        warnings.push(format!(
            "username_max_length = {}: Microsoft Entra takes 64 at the most, which is what is applied",
            configuration.username_max_length
        ));
    }
    warnings
}

fn bad_domain(key: &str, domain: &str) -> String {
    format!(
        "{key} = {domain:?}: a domain such as leerling.school.example, at most {DOMAIN_MAX_LENGTH} characters, without @"
    )
}

/// Says whether a text can name a tenant: 1 to 63 of `a-z`, `0-9` and `-`, beginning with a letter or digit.
pub fn is_tenant_id(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&id.len()) && !id.starts_with('-') && id.bytes().all(allowed)
}

fn is_text(text: &str) -> bool {
    let length = text.chars().count();
    (1..=TEXT_MAX_LENGTH).contains(&length) && text.trim() == text && !text.chars().any(char::is_control)
}

/// Says whether a domain can stand after the `@` of a user principal name (informat-domain §7).
pub fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    domain.len() <= DOMAIN_MAX_LENGTH && domain.contains('.') && domain.split('.').all(label)
}

/// Says whether a text is a school year's label: `2026-27`, the second year following the first.
pub fn is_school_year(label: &str) -> bool {
    let Some((first, second)) = label.split_once('-') else {
        return false;
    };
    let digits =
        |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(first, 4) || !digits(second, 2) {
        return false;
    }
    let (Ok(first), Ok(second)) = (first.parse::<u32>(), second.parse::<u32>()) else {
        return false;
    };
    (first + 1) % 100 == second
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::configuration::FuturePupils;

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

    /// Of what is not as it should be written, the first is told; where, and what may stand there.
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
            ("{familienaam}", "{naam}", "naam"),
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
