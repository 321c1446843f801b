//! A question about a collection, and what a client must get for it: the query language on whole documents, as plainly as it can be written.

use std::collections::BTreeMap;

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

/// A client's settings by key, and its token.
pub(super) struct Client {
    pub(super) settings: BTreeMap<&'static str, bool>,
    pub(super) token: String,
}

impl Client {
    pub(super) fn has(&self, key: &str) -> bool {
        self.settings.get(key).copied().unwrap_or(false)
    }

    pub(super) fn hides_tombstones(&self) -> bool {
        self.settings.get("include_tombstones") == Some(&false)
    }
}

/// What a question is about, beside the path.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    filter: Option<(&'static str, &'static str, String)>,
    sort: Option<(&'static str, bool)>,
    fields: Option<Vec<&'static str>>,
}

fn scalar(document: &Value, field: &str) -> Option<String> {
    let (name, member) = field.split_once('.').unwrap_or((field, ""));
    let value = if member.is_empty() {
        &document[name]
    } else {
        &document[name][member]
    };
    value.as_str().map(str::to_owned)
}

impl Asked {
    /// Makes one up: about fields that clients see in several ways, more often than not.
    pub(super) fn any(random: &mut ChaCha8Rng, collection: &str, sample: Option<&Value>) -> Self {
        let fields: &[&'static str] = match collection {
            "users" => &[
                "email",
                "enabledUser",
                "username",
                "familyName",
                "status",
                "dateLastModified",
            ],
            "enrollments" => &["endDate", "beginDate", "role", "status", "dateLastModified"],
            "orgs" => &[
                "parent.sourcedId",
                "type",
                "name",
                "identifier",
                "status",
                "dateLastModified",
            ],
            "demographics" => &["status", "dateLastModified"],
            _ => &["title", "status", "dateLastModified"],
        };
        let mut asked = Self::default();
        if random.random_bool(0.7) {
            let field = *fields.choose(random).unwrap();
            let predicate = match field {
                "dateLastModified" => ">",
                "enabledUser" => "=",
                _ => *["=", "!=", "~"].choose(random).unwrap(),
            };
            let value = match field {
                "dateLastModified" => "2020-01-01T00:00:00.000Z".to_owned(),
                "enabledUser" => ["true", "false"].choose(random).unwrap().to_string(),
                "endDate" | "beginDate" => {
                    let text = *["2026-11-25", "2026-09-01", "2027-06-30"].choose(random).unwrap();
                    if predicate == "~" { "2026-11" } else { text }.to_owned()
                }
                "parent.sourcedId" => "district-zand".to_owned(),
                "email" if random.random_bool(0.3) => "@B.example".to_owned(),
                field => sample
                    .and_then(|sample| scalar(sample, field))
                    .unwrap_or_else(|| "x".to_owned()),
            };
            asked.filter = Some((field, predicate, value));
        }
        let sortable: Vec<&'static str> = fields
            .iter()
            .copied()
            .filter(|name| !name.contains('.'))
            .collect();
        if random.random_bool(0.4) {
            asked.sort = Some((sortable.choose(random).unwrap(), random.random_bool(0.5)));
        }
        if random.random_bool(0.3) {
            asked.fields = Some(vec!["sourcedId", sortable.choose(random).unwrap()]);
        }
        asked
    }

    pub(super) fn query(&self) -> String {
        let mut parts = Vec::new();
        if let Some((field, predicate, value)) = &self.filter {
            let filter = format!("{field}{predicate}'{}'", value.replace('\'', "''"));
            let encoded = filter.bytes().map(|byte| format!("%{byte:02X}"));
            parts.push(format!("filter={}", encoded.collect::<String>()));
        }
        if let Some((field, descending)) = self.sort {
            parts.push(format!(
                "sort={field}&orderBy={}",
                if descending { "desc" } else { "asc" }
            ));
        }
        if let Some(fields) = &self.fields {
            parts.push(format!("fields={}", fields.join(",")));
        }
        parts.iter().flat_map(|part| ["&", part]).collect()
    }

    /// Returns `true` if a client that gives neither `limit` nor `offset` gets all of it at once.
    pub(super) fn is_whole_for(&self, client: &Client) -> bool {
        let is_delta = matches!(self.filter, Some(("dateLastModified", ..)));
        client.has("unpaged_full") || is_delta && client.settings.get("unpaged_delta") != Some(&false)
    }

    fn meets(&self, document: &Value) -> bool {
        let Some((field, predicate, value)) = &self.filter else {
            return true;
        };
        let lower = |text: &str| text.to_lowercase();
        let actual = scalar(document, field);
        let is_equal = |actual: &str| match *field {
            "username" | "email" => lower(actual) == lower(value),
            _ => actual == value,
        };
        match *predicate {
            "=" => actual.is_some_and(|actual| is_equal(&actual)),
            "!=" => !actual.is_some_and(|actual| is_equal(&actual)),
            "~" => actual.is_some_and(|actual| lower(&actual).contains(&lower(value))),
            ">" => actual.is_some_and(|actual| actual > *value),
            other => panic!("{other}"),
        }
    }

    /// What a client gets of these documents, which are in the order of ids.
    pub(super) fn answer(&self, client: &Client, mut documents: Vec<Value>) -> Vec<Value> {
        let named = self.filter.as_ref().map(|(field, ..)| *field);
        let asks_for_them = matches!(named, Some("status" | "dateLastModified"));
        if client.hides_tombstones() && !asks_for_them {
            documents.retain(|document| document["status"] == "active");
        }
        documents.retain(|document| self.meets(document));
        if let Some((field, descending)) = self.sort {
            documents.sort_by(|a, b| {
                let ordering = scalar(a, field).cmp(&scalar(b, field));
                if descending { ordering.reverse() } else { ordering }
            });
        }
        for document in &mut documents {
            self.write(client, document);
        }
        documents
    }

    pub(super) fn write(&self, client: &Client, document: &mut Value) {
        let members = document.as_object_mut().unwrap();
        if let Some(fields) = &self.fields {
            members.retain(|name, _| fields.contains(&name.as_str()));
        }
        for name in ["enabledUser", "primary"] {
            if let Some(value) = members.get_mut(name).filter(|_| client.has("native_booleans")) {
                *value = json!(*value == "true");
            }
        }
    }
}
