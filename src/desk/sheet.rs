//! The sheet of a school: what the wizard of School Data Sync asks, in its words, Dutch and English beside each other (R144). One
//! page of HTML that needs nothing else, to print or to send.

use std::collections::BTreeSet;

use askama::Template;
use oneroster_school::tenant::Configuration;
use oneroster_school::tenant::configuration::DomainMode;

use super::language::{Language, text, text_with};

/// What School Data Sync shows as the provider.
const PROVIDER: &str = "Informat";

/// The attribute by which accounts are matched.
const MATCHED: &str = "UserPrincipalName";

/// The order of August, a key each.
const STEPS: [&str; 4] = [
    "sheet-august-stop",
    "sheet-august-clean",
    "sheet-august-switch",
    "sheet-august-start",
];

/// The client that the sheet is for.
#[derive(Clone, Copy)]
pub struct SheetClient<'a> {
    /// Its id.
    pub client_id: &'a str,
    /// Its secret, where it is known: when the client, or the secret, was just made.
    pub client_secret: Option<&'a str>,
}

/// Where the sheet's values come from.
#[derive(Clone, Copy)]
pub struct SheetSource<'a> {
    /// The tenant file.
    pub configuration: &'a Configuration,
    /// Where consumers reach the server, without a path.
    pub server_url: &'a str,
    /// The client; without one the school gets its id and secret apart.
    pub client: Option<SheetClient<'a>>,
    /// The nonce of the style, where a page is answered under a policy; empty in a file.
    pub nonce: &'a str,
}

/// Writes the sheet as HTML. With a secret in it, whoever stores it sees to it that nobody else reads it.
pub fn sheet(source: &SheetSource<'_>) -> Result<String, askama::Error> {
    let sheet = Sheet {
        name: &source.configuration.name,
        nonce: source.nonce,
        is_secret_known: source.client.is_some_and(|client| client.client_secret.is_some()),
        parts: parts(source),
        nl: Words(Language::Dutch),
        en: Words(Language::English),
    };
    sheet.render()
}

#[derive(Template)]
#[template(path = "sheet.html")]
struct Sheet<'a> {
    name: &'a str,
    nonce: &'a str,
    is_secret_known: bool,
    parts: Vec<Part>,
    nl: Words,
    en: Words,
}

/// A screen of the wizard.
struct Part {
    title: &'static str,
    rows: Vec<Row>,
}

/// A field of it.
struct Row {
    /// For whom, where rules are split.
    of: Option<&'static str>,
    field: &'static str,
    value: SheetValue,
}

/// What is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
enum SheetValue {
    /// This text.
    Typed(String),
    /// The choice of this key.
    Chosen(&'static str),
    /// One of these domains.
    OneOf(Vec<String>),
}

/// The texts of a language.
struct Words(Language);

impl Words {
    fn text(&self, key: &str) -> String {
        text(self.0, key)
    }

    fn several(&self, domains: &[String]) -> String {
        let domains = domains.join(", ").into();
        text_with(self.0, "sheet-domain-several", [("domains", domains)])
    }
}

fn parts(source: &SheetSource<'_>) -> Vec<Part> {
    let row = |field, value| Row {
        of: None,
        field,
        value,
    };
    let typed = |text: &str| SheetValue::Typed(text.to_owned());
    let off = |field| row(field, SheetValue::Chosen("sheet-off"));
    let url = source.server_url;
    let client_id = source
        .client
        .map_or(SheetValue::Chosen("sheet-client-id-later"), |client| {
            typed(client.client_id)
        });
    let secret = source.client.and_then(|client| client.client_secret);
    let secret = secret.map_or(SheetValue::Chosen("sheet-secret-once"), typed);
    vec![
        Part {
            title: "sheet-connect",
            rows: vec![
                row("sheet-format", typed("API")),
                row("sheet-provider", typed(PROVIDER)),
                row("sheet-standard", typed("OneRoster 1.1")),
                row("sheet-base-url", typed(&format!("{url}/ims/oneroster/v1p1"))),
                row("sheet-client-id", client_id),
                row("sheet-secret", secret),
                row("sheet-token-url", typed(&format!("{url}/connect/token"))),
            ],
        },
        Part {
            title: "sheet-optional",
            rows: vec![
                off("sheet-demographics"),
                off("sheet-contacts"),
                off("sheet-flags"),
            ],
        },
        Part {
            title: "sheet-identity",
            rows: identity(source.configuration),
        },
        Part {
            title: "sheet-dates",
            rows: vec![row("sheet-end", SheetValue::Typed(end(source.configuration)))],
        },
        Part {
            title: "sheet-manage",
            rows: vec![off("sheet-manage-contacts")],
        },
    ]
}

/// The rules by which accounts are matched: split where pupils and staff need another choice of the domain.
fn identity(configuration: &Configuration) -> Vec<Row> {
    let (pupils, staff) = (domain_of_pupils(configuration), domain_of_staff(configuration));
    let is_split = pupils != staff;
    let kinds = if is_split {
        vec![("sheet-staff", staff), ("sheet-pupils", pupils)]
    } else {
        vec![("sheet-both", staff)]
    };
    let split = if is_split {
        "sheet-split-on"
    } else {
        "sheet-split-off"
    };
    let mut rows = vec![Row {
        of: None,
        field: "sheet-split",
        value: SheetValue::Chosen(split),
    }];
    for (kind, domain) in kinds {
        let of_kind = |field, value| Row {
            of: Some(kind),
            field,
            value,
        };
        rows.push(of_kind("sheet-attribute", SheetValue::Chosen("sheet-username")));
        rows.push(of_kind("sheet-domain", domain));
        rows.push(of_kind("sheet-match", SheetValue::Typed(MATCHED.to_owned())));
    }
    rows
}

fn domain_of_pupils(configuration: &Configuration) -> SheetValue {
    let given = configuration
        .email_domain
        .pupils
        .as_ref()
        .map(ToString::to_string);
    let sites = configuration.schools.iter().flat_map(|school| &school.sites);
    let sites = sites.filter(|site| site.sync);
    let of_sites = sites
        .filter_map(|site| site.pupil_domain.as_ref())
        .map(ToString::to_string);
    domain(configuration.domain_mode.pupils, given, of_sites.collect())
}

fn domain_of_staff(configuration: &Configuration) -> SheetValue {
    let given = configuration.email_domain.staff.as_ref().map(ToString::to_string);
    let schools = configuration.schools.iter();
    let of_schools = schools
        .filter_map(|school| school.teacher_domain.as_ref())
        .map(ToString::to_string);
    domain(configuration.domain_mode.staff, given, of_schools.collect())
}

/// What is chosen as the domain: none where we send it, else the one that is known.
fn domain(mode: DomainMode, given: Option<String>, known: BTreeSet<String>) -> SheetValue {
    if mode == DomainMode::Informat {
        return SheetValue::Chosen("sheet-domain-none");
    }
    let mut known: Vec<String> = given.map_or_else(|| known.into_iter().collect(), |domain| vec![domain]);
    match known.len() {
        0 => SheetValue::Chosen("sheet-domain-unknown"),
        1 => SheetValue::Typed(known.pop().unwrap_or_default()),
        _ => SheetValue::OneOf(known),
    }
}

/// The last day of the school year, as a person writes it.
fn end(configuration: &Configuration) -> String {
    let year = configuration.active_school_year.as_str();
    let begin: i32 = year
        .get(..4)
        .and_then(|begin| begin.parse().ok())
        .unwrap_or_default();
    format!("30/06/{}", begin + 1)
}

#[cfg(test)]
mod tests {
    use oneroster_school::tenant::file;

    use super::*;

    fn configuration(lines: &str) -> Configuration {
        let text = format!(
            "id = \"zandpoort\"\nname = \"Zand & <b>poort</b> \\\"Z\\\"\"\nactive_school_year = \"2026-27\"\n\
             team_name_format = \"{{klas}}\"\nusername_format = \"{{voornaam}}.{{familienaam}}\"\n{lines}\n\
             [[schools]]\ninstelnr = \"001507\"\nteacher_domain = \"zandpoort.example\"\n\
             sites = [{{ vestnr = 1, pupil_domain = \"leerling.zandpoort.example\" }}]\n"
        );
        file::parse(&text).unwrap()
    }

    fn html(lines: &str, client: Option<SheetClient<'_>>) -> String {
        let source = SheetSource {
            configuration: &configuration(lines),
            server_url: "https://sis.example",
            client,
            nonce: "",
        };
        sheet(&source).unwrap()
    }

    #[test]
    fn r144_it_has_all_that_the_wizard_asks_in_both_languages() {
        let client = SheetClient {
            client_id: "zandpoort.k7f2m9q4x1w8",
            client_secret: Some("<s3cret>&\""),
        };
        let html = html("", Some(client));
        for said in [
            "https://sis.example/ims/oneroster/v1p1",
            "https://sis.example/connect/token",
            "zandpoort.k7f2m9q4x1w8",
            "URL voor webtoegang",
            "URL van toegangstoken (vereist voor OAuth2)",
            "Vlaggen opnemen",
            "Include flags",
            "30/06/2027",
            "Entra ID-kenmerk waarmee moet worden overeenkomend",
            "Entra ID attribute to match to",
            "1 augustus",
        ] {
            assert!(html.contains(said), "{said}: {html}");
        }
        assert!(!html.contains("sheet-"), "a text is missing: {html}");
        assert!(
            !html.contains("http-equiv") && !html.contains("src=") && !html.contains("<script"),
            "it needs nothing else"
        );
        // What is put in is text, whatever it holds.
        assert!(!html.contains("<b>") && !html.contains("<s3cret>"), "{html}");
        assert!(
            html.contains("&#60;s3cret&#62;") && html.contains("Zand &#38; "),
            "{html}"
        );
    }

    #[test]
    fn r144_without_a_secret_it_says_so_and_no_warning() {
        let html = html("", None);
        assert!(html.contains("apart gekregen") && !html.contains("class=\"keep\""));
    }

    #[test]
    fn r144_the_domain_is_chosen_by_mode_and_rules_are_split_where_they_differ() {
        let choices = |lines: &str| {
            (
                domain_of_pupils(&configuration(lines)),
                domain_of_staff(&configuration(lines)),
            )
        };
        let typed = |domain: &str| SheetValue::Typed(domain.to_owned());
        let none = SheetValue::Chosen("sheet-domain-none");
        assert_eq!(
            choices("domain_mode = \"informat\""),
            (none.clone(), none.clone())
        );
        assert!(html("domain_mode = \"informat\"", None).contains("Geen domeinnaam toevoegen"));
        let mixed = "domain_mode = { pupils = \"informat\", staff = \"microsoft\" }";
        assert_eq!(choices(mixed), (none, typed("zandpoort.example")));
        assert!(html(mixed, None).contains("Studenten: Domein"));
        let one = "email_domain = { pupils = \"z.example\", staff = \"z.example\" }";
        assert_eq!(choices(one), (typed("z.example"), typed("z.example")));
        let html = html(one, None);
        assert!(
            html.contains("Personeel en studenten: Domein") && !html.contains("Studenten: Domein<"),
            "{html}"
        );
        let several = domain(
            DomainMode::Microsoft,
            None,
            ["a.be".to_owned(), "b.be".to_owned()].into(),
        );
        assert_eq!(
            several,
            SheetValue::OneOf(vec!["a.be".to_owned(), "b.be".to_owned()])
        );
        assert_eq!(
            domain(DomainMode::Microsoft, None, BTreeSet::new()),
            SheetValue::Chosen("sheet-domain-unknown")
        );
    }
}
