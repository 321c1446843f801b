//! What the plug-ins make of the answers: their rules, written from what was recorded of them, and nothing of the server's.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use serde::Deserialize;
use serde_json::Value;

use crate::m365::Connection;

/// How a plug-in works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plugin {
    /// Reads the enrollments of a school, and looks at the end of each.
    Certified,
    /// Reads the members of each class, and at what is no longer there.
    ByClass,
}

#[derive(Deserialize)]
struct Recorded {
    token: String,
    limit: usize,
    certified: BTreeMap<String, Vec<String>>,
    by_class: BTreeMap<String, Vec<String>>,
}

fn recorded() -> Recorded {
    toml::from_str(include_str!("../moodle.toml")).unwrap()
}

/// The requests of one synchronisation, in their order.
pub(super) struct Requests(Vec<String>);

impl Requests {
    /// The certified plug-in, everything.
    pub(super) fn full() -> Self {
        Self(recorded().certified.remove("full").unwrap())
    }

    /// The certified plug-in, what changed since a day.
    pub(super) fn delta(since: &str) -> Self {
        let requests = recorded().certified.remove("delta").unwrap();
        Self(
            requests
                .iter()
                .map(|path| path.replace("{since}", since))
                .collect(),
        )
    }

    /// The plug-in that works by class, everything.
    pub(super) fn by_class() -> Self {
        Self(recorded().by_class.remove("full").unwrap())
    }
}

/// Reads with one token.
pub(super) struct Reader {
    http: reqwest::Client,
    base_url: String,
    token: String,
}

impl Reader {
    /// Takes a token as Moodle does: id and secret are URL-encoded before they are put together.
    pub(super) async fn begin(connection: Connection, body: &'static str) -> Self {
        let http = reqwest::Client::new();
        let encoded = |text: &str| text.bytes().map(percent).collect::<String>();
        let pair = format!(
            "{}:{}",
            encoded(&connection.client_id),
            encoded(&connection.client_secret)
        );
        let answer = http
            .post(&connection.token_url)
            .header(
                "authorization",
                format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair)),
            )
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .unwrap();
        let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert!(
            answer["expires_in"].as_i64().unwrap() > 0,
            "it computes with it: {answer}"
        );
        Self {
            http,
            base_url: connection.base_url,
            token: answer["access_token"].as_str().unwrap().to_owned(),
        }
    }

    /// Reads a path page by page, until one is short. A single object comes as one.
    pub(super) async fn all(&self, path: &str, limit: usize) -> Vec<Value> {
        let mut rows = Vec::new();
        loop {
            let sign = if path.contains('?') { '&' } else { '?' };
            let url = format!("{}{path}{sign}limit={limit}&offset={}", self.base_url, rows.len());
            let answer = self
                .http
                .get(&url)
                .header("accept", "application/json")
                .bearer_auth(&self.token)
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status(), 200, "{url}");
            let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
            let answered = body.as_object().unwrap().values().next().unwrap();
            let Some(page) = answered.as_array().cloned() else {
                return vec![answered.clone()];
            };
            let is_last = page.len() < limit;
            rows.extend(page);
            if is_last {
                return rows;
            }
        }
    }
}

fn percent(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) username: String,
    pub(super) email: String,
    pub(super) is_suspended: bool,
}

/// Somebody's place in a course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Enrolment {
    pub(super) start: Option<String>,
    pub(super) end: Option<String>,
    pub(super) is_suspended: bool,
}

/// A Moodle that a plug-in keeps.
#[derive(Debug, Clone)]
pub(super) struct Moodle {
    plugin: Plugin,
    connection: Connection,
    school: String,
    year: String,
    /// By `sourcedId`.
    pub(super) accounts: BTreeMap<String, Account>,
    /// Users of whom no account can be made, with why.
    pub(super) refused: BTreeMap<String, String>,
    /// By `sourcedId`, whether pupils see it.
    courses: BTreeMap<String, bool>,
    /// By user, class and role.
    enrolments: BTreeMap<(String, String, String), Enrolment>,
}

impl PartialEq for Moodle {
    fn eq(&self, other: &Self) -> bool {
        (&self.accounts, &self.courses, &self.enrolments)
            == (&other.accounts, &other.courses, &other.enrolments)
    }
}

impl Moodle {
    /// An empty Moodle whose settings name a school and a school year.
    pub(super) fn new(plugin: Plugin, connection: Connection, school: &str, year: &str) -> Self {
        Self {
            plugin,
            connection,
            school: school.to_owned(),
            year: year.to_owned(),
            accounts: BTreeMap::new(),
            refused: BTreeMap::new(),
            courses: BTreeMap::new(),
            enrolments: BTreeMap::new(),
        }
    }

    /// Sends the requests with a new token, and takes in what comes.
    pub(super) async fn synchronise(&mut self, requests: &Requests) {
        let recorded = recorded();
        let reader = Reader::begin(self.connection.clone(), recorded.token.leak()).await;
        let mut classes = vec![String::new()];
        for path in &requests.0 {
            let path = path
                .replace("{school}", &self.school)
                .replace("{year}", &self.year);
            let of_class = path.contains("{class}");
            for class in classes
                .clone()
                .iter()
                .filter(|class| class.is_empty() != of_class)
            {
                let rows = reader.all(&path.replace("{class}", class), recorded.limit).await;
                let read = self.take(&path, &rows);
                classes.extend(read);
                if of_class && path.starts_with("/enrollments") {
                    self.keep_only(class, &rows);
                }
            }
        }
    }

    /// Takes the answer to one request in. Returns the classes whose members are to be read.
    fn take(&mut self, path: &str, rows: &[Value]) -> Vec<String> {
        let collection = path
            .split('?')
            .next()
            .and_then(|path| path.rsplit('/').next())
            .unwrap();
        rows.iter().for_each(assert_parses);
        match collection {
            "users" | "students" | "teachers" => rows.iter().for_each(|user| self.take_user(user)),
            "classes" => {
                for class in rows {
                    self.courses.insert(id(class), class["status"] == "active");
                }
                return rows
                    .iter()
                    .filter(|class| class["status"] == "active")
                    .map(id)
                    .collect();
            }
            "enrollments" => rows.iter().for_each(|row| self.take_enrollment(row)),
            "terms" => assert!(!rows.is_empty(), "it stops where there are no terms"),
            _ => assert!(
                rows.iter().any(|org| id(org) == self.school),
                "{path}: the school is there"
            ),
        }
        Vec::new()
    }

    /// The account is named by the identifier in lower case. Moodle refuses one without an address.
    fn take_user(&mut self, user: &Value) {
        let text = |member: &str| user[member].as_str().unwrap_or_default().to_owned();
        let email = text("email");
        if text("identifier").is_empty() {
            self.refused
                .insert(id(user), "the username cannot be blank".to_owned());
        } else if !email.contains('@') {
            self.refused.insert(id(user), format!("no address: {email:?}"));
        } else {
            assert!(
                !text("givenName").is_empty() && !text("familyName").is_empty(),
                "{user}"
            );
            let is_suspended = self.plugin == Plugin::ByClass && !is_true(&user["enabledUser"]);
            self.accounts.insert(
                id(user),
                Account {
                    username: text("identifier").to_lowercase(),
                    email,
                    is_suspended,
                },
            );
        }
    }

    /// What is stored changes only where the end does.
    fn take_enrollment(&mut self, row: &Value) {
        let of = |member: &str| row[member]["sourcedId"].as_str().unwrap().to_owned();
        let key = (of("user"), of("class"), row["role"].as_str().unwrap().to_owned());
        if !self.accounts.contains_key(&key.0) || !self.courses.contains_key(&key.1) {
            return;
        }
        let date = |member: &str| row[member].as_str().map(str::to_owned);
        let read = Enrolment {
            start: date("beginDate"),
            end: date("endDate"),
            is_suspended: row["status"] != "active",
        };
        let is_same = self
            .enrolments
            .get(&key)
            .is_some_and(|stored| stored.end == read.end);
        if !is_same {
            self.enrolments.insert(key, read);
        }
    }

    /// Takes away from a class whoever is not among its enrollments.
    fn keep_only(&mut self, class: &str, rows: &[Value]) {
        let users: BTreeSet<&str> = rows
            .iter()
            .filter_map(|row| row["user"]["sourcedId"].as_str())
            .collect();
        self.enrolments
            .retain(|(user, of, _), _| of != class || users.contains(user.as_str()));
    }

    /// The courses that pupils see.
    pub(super) fn visible_courses(&self) -> BTreeSet<String> {
        let seen = self.courses.iter().filter(|(_, is_visible)| **is_visible);
        seen.map(|(course, _)| course.clone()).collect()
    }

    /// Who can work in a course that is seen, as what.
    pub(super) fn active_enrolments(&self) -> BTreeSet<(String, String, String)> {
        self.enrolments
            .iter()
            .filter(|((_, class, _), enrolment)| !enrolment.is_suspended && self.courses[class])
            .map(|(key, _)| key.clone())
            .collect()
    }

    /// The places of one account.
    pub(super) fn enrolments_of(&self, user: &str) -> Vec<&Enrolment> {
        let of_user = self.enrolments.iter().filter(|((of, ..), _)| of == user);
        of_user.map(|(_, enrolment)| enrolment).collect()
    }
}

fn id(row: &Value) -> String {
    row["sourcedId"].as_str().unwrap().to_owned()
}

fn is_true(value: &Value) -> bool {
    value == "true" || value == true
}

/// What the parser stops at: its date needs the fraction, lists must be there, words are exact, and nothing is null.
fn assert_parses(row: &Value) {
    let modified = row["dateLastModified"].as_str().unwrap();
    let (_, fraction) = modified.split_once('.').unwrap_or_else(|| panic!("{row}"));
    assert!(fraction.len() == 4 && fraction.ends_with('Z'), "{row}");
    assert!(
        row["status"] == "active" || row["status"] == "tobedeleted",
        "{row}"
    );
    let members = row.as_object().unwrap();
    assert!(
        members.values().all(|value| !value.is_null() && value != ""),
        "{row}"
    );
    if members.contains_key("username") {
        assert!(row["agents"].is_array() && row["orgs"].is_array(), "{row}");
    }
    for member in ["startDate", "endDate", "beginDate"] {
        if let Some(day) = row[member].as_str() {
            assert!(day.parse::<chrono::NaiveDate>().is_ok(), "{row}");
        }
    }
}
