//! What a tenant file may say besides what its types allow, and what in it deserves a second look.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use email_address::EmailAddress;

use super::configuration::{Configuration, DomainMode};
use super::document::{DEFAULT_USERNAME_MAX_LENGTH, SchoolEntry, SiteEntry, TenantDocument};
use super::username_format::LOCAL_PART_MAX_LENGTH;

/// Longest text of a name or login, in characters.
const TEXT_MAX_LENGTH: usize = 200;
/// What `username_max_length` may be, in characters.
const USERNAME_MAX_LENGTHS: RangeInclusive<usize> = 8..=75;
/// What `staff_grace_days` may be.
const STAFF_GRACE_DAYS: RangeInclusive<u32> = 0..=366;
/// What `brake_percent` may be.
const BRAKE_PERCENTS: RangeInclusive<u32> = 1..=100;
/// What a number of licences may be.
const LICENCES: RangeInclusive<u32> = 1..=10_000_000;
/// What `vestnr` may be.
const SITE_NUMBERS: RangeInclusive<i32> = 0..=999_999;
/// Digits of an institution's number.
const INSTELNR_LENGTH: usize = 6;
/// Digits of a main structure's code.
const HOOFDSTRUCTUUR_LENGTH: usize = 3;

/// Lists what is not allowed, each with the key it stands at and what is.
pub(super) fn problems(document: &TenantDocument) -> Vec<String> {
    let mut problems = Vec::new();
    for (key, text) in [
        ("name", Some(&document.name)),
        ("entra_tenant_id", document.entra_tenant_id.as_ref()),
        ("contact", document.contact.as_ref()),
    ] {
        if let Some(text) = text.filter(|text| !is_text(text)) {
            problems.push(format!("{key} = {text:?}: {}", text_rule()));
        }
    }
    if let Some(text) = document.contact_mail.as_ref().filter(|text| !is_mail(text)) {
        problems.push(format!("contact_mail = {text:?}: {MAIL_RULE}"));
    }
    if let Some(revision) = document.revision.filter(|revision| *revision < 1) {
        problems.push(format!(
            "revision = {revision}: 1 or more, as `oneroster tenant show` writes it"
        ));
    }
    let length = document.username_max_length;
    if !USERNAME_MAX_LENGTHS.contains(&length) {
        problems.push(out_of_range("username_max_length", length, &USERNAME_MAX_LENGTHS));
    }
    let days = document.staff_grace_days;
    if !STAFF_GRACE_DAYS.contains(&days) {
        problems.push(out_of_range("staff_grace_days", days, &STAFF_GRACE_DAYS));
    }
    let percent = document.brake_percent;
    if !BRAKE_PERCENTS.contains(&percent) {
        problems.push(out_of_range("brake_percent", percent, &BRAKE_PERCENTS));
    }
    let licences = [
        ("pupils", document.licences.pupils),
        ("staff", document.licences.staff),
    ];
    for (kind, number) in licences {
        if let Some(number) = number.filter(|number| !LICENCES.contains(number)) {
            problems.push(out_of_range(&format!("licences: {kind}"), number, &LICENCES));
        }
    }
    if document.schools.is_empty() {
        problems.push("no [[schools]]: at least one institution must take part".to_owned());
    }
    let mut seen = BTreeSet::new();
    for school in &document.schools {
        if !seen.insert(&school.instelnr) {
            problems.push(format!("{} stands twice", school.label()));
        }
    }
    for school in &document.schools {
        school_problems(school, document, &mut problems);
    }
    problems
}

/// What `contact_mail` may be.
const MAIL_RULE: &str = "one e-mail address, such as beheer@zandpoort.example";

/// Longest e-mail address, in characters (RFC 5321 §4.5.3.1.3).
const MAIL_MAX: usize = 254;

/// Returns `true` for an address that e-mail can be sent to: by the rules of what sends it, and in its plain form, without quotes, comments and
/// addresses of machines.
fn is_mail(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let is_plain = |character: char| character.is_ascii_graphic() && !",;<>()[]\"\\".contains(character);
    text.len() <= MAIL_MAX
        && text.chars().all(is_plain)
        && domain.contains('.')
        && EmailAddress::is_valid_local_part(local)
        && EmailAddress::is_valid_domain(domain)
}

fn school_problems(school: &SchoolEntry, document: &TenantDocument, problems: &mut Vec<String>) {
    let (instelnr, label) = (&school.instelnr, school.label());
    if !is_digits(instelnr, INSTELNR_LENGTH) {
        problems.push(format!("instelnr = {instelnr:?}: six digits, in quotes"));
    }
    if school.sites.is_empty() {
        problems.push(format!(
            "{label} has no [[schools.sites]]: at least one entry is needed"
        ));
    }
    if school.contact.as_ref().is_some_and(|text| !is_text(text)) {
        problems.push(format!("{label}: contact: {}", text_rule()));
    }
    if let Some(text) = school.contact_mail.as_ref().filter(|text| !is_mail(text)) {
        problems.push(format!("{label}: contact_mail = {text:?}: {MAIL_RULE}"));
    }
    if school.teacher_domain.is_none() && document.domain_mode.staff == DomainMode::Informat {
        problems.push(format!(
            "{label} has no teacher_domain, which domain_mode \"informat\" for staff needs"
        ));
    }
    let mut seen = BTreeSet::new();
    for site in &school.sites {
        site_problems(site, school, document, problems);
        if !seen.insert((site.vestnr, &site.hoofdstructuur)) {
            problems.push(format!("{} stands twice", site.label(school)));
        }
    }
}

fn site_problems(
    site: &SiteEntry,
    school: &SchoolEntry,
    document: &TenantDocument,
    problems: &mut Vec<String>,
) {
    let (number, label) = (site.vestnr, site.label(school));
    if !SITE_NUMBERS.contains(&number) {
        problems.push(out_of_range(&format!("{label}: vestnr"), number, &SITE_NUMBERS));
    }
    if let Some(code) = &site.hoofdstructuur
        && !is_digits(code, HOOFDSTRUCTUUR_LENGTH)
    {
        problems.push(format!(
            "{label}: hoofdstructuur = {code:?}: three digits, in quotes"
        ));
    }
    let needs_domain = site.sync && document.domain_mode.pupils == DomainMode::Informat;
    if site.pupil_domain.is_none() && needs_domain {
        problems.push(format!(
            "{label} has no pupil_domain, which domain_mode \"informat\" for pupils needs"
        ));
    }
}

fn out_of_range<T: std::fmt::Display>(key: &str, value: T, allowed: &RangeInclusive<T>) -> String {
    format!("{key} = {value}: {} to {}", allowed.start(), allowed.end())
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_text(text: &str) -> bool {
    let length = text.chars().count();
    (1..=TEXT_MAX_LENGTH).contains(&length) && text.trim() == text && !text.chars().any(char::is_control)
}

fn text_rule() -> String {
    format!("1 to {TEXT_MAX_LENGTH} characters, no control characters")
}

/// Lists what a configuration says that is allowed but deserves a second look.
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
    let (modes, domains) = (configuration.domain_mode, &configuration.email_domain);
    for (kind, mode, domain) in [
        ("pupils", modes.pupils, &domains.pupils),
        ("staff", modes.staff, &domains.staff),
    ] {
        if let (DomainMode::Informat, Some(domain)) = (mode, domain) {
            warnings.push(format!(
                "email_domain: {kind} = \"{domain}\" has no effect: with domain_mode \"informat\" the username is the address"
            ));
        }
    }
    // Above Entra's limit, but for the default: only a length that somebody chose can be reconsidered.
    let length = configuration.username_max_length;
    if length > LOCAL_PART_MAX_LENGTH && length != DEFAULT_USERNAME_MAX_LENGTH {
        warnings.push(format!(
            "username_max_length = {length}: Microsoft Entra takes {LOCAL_PART_MAX_LENGTH} at the most, \
             which is what is applied"
        ));
    }
    warnings
}
