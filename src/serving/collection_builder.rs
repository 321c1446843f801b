//! Builds a collection, document by document.

use std::ops::Range;

use bytes::Bytes;
use chrono::NaiveDate;
use oneroster_standard::{Kind, StatusType};

use super::collection::{Collection, ROLES};
use super::edit::EditColumns;
use super::json;

/// Builds a collection, document by document in `sourcedId` order.
pub(super) struct CollectionBuilder {
    kind: Kind,
    blob: Vec<u8>,
    starts: Vec<usize>,
    id_lengths: Vec<u32>,
    statuses: Vec<StatusType>,
    dates: Vec<i64>,
    roles: Vec<u8>,
    edits: EditColumns,
}

/// An object as it is stored.
pub(super) struct StoredObject<'a> {
    pub(super) sourced_id: &'a str,
    pub(super) status: StatusType,
    /// Milliseconds since 1970.
    pub(super) date: i64,
    /// The same as text: `YYYY-MM-DDTHH:mm:ss.SSSZ`.
    pub(super) date_text: &'a str,
    /// JSON without the three common members, with relative hrefs.
    pub(super) content: &'a str,
    /// Of a user: the domain of its email where the username has none.
    pub(super) email_domain: Option<&'a str>,
    /// Of a removed enrollment: the last day it was true.
    pub(super) ended_on: Option<NaiveDate>,
}

impl CollectionBuilder {
    /// Starts an empty collection with room for a blob of so many bytes.
    pub(super) fn new(kind: Kind, bytes: usize) -> Self {
        Self {
            kind,
            blob: Vec::with_capacity(bytes),
            starts: Vec::new(),
            id_lengths: Vec::new(),
            statuses: Vec::new(),
            dates: Vec::new(),
            roles: Vec::new(),
            edits: EditColumns::default(),
        }
    }

    /// Returns how large the documents are so far, in bytes.
    pub(super) const fn blob_bytes(&self) -> usize {
        self.blob.len()
    }

    /// Adds an object, expanding relative hrefs; `root` stands before their slash and is JSON-escaped.
    /// `Err` says what about the content cannot be served.
    pub(super) fn push(&mut self, object: &StoredObject<'_>, root: &str) -> Result<(), String> {
        let kind = self.kind;
        let wrong = |what: &str| format!("{} {:?}: {what}", kind.collection(), object.sourced_id);
        let members = object
            .content
            .strip_prefix('{')
            .ok_or_else(|| wrong("its content is no JSON object"))?;
        let role = match json::member(object.content, "role") {
            Some(value) if matches!(self.kind, Kind::Users | Kind::Enrollments) => {
                let place = ROLES
                    .iter()
                    .position(|role| value.get(1..value.len() - 1) == Some(*role));
                place
                    .and_then(|place| u8::try_from(place + 1).ok())
                    .ok_or_else(|| wrong("its role is unknown"))?
            }
            Some(_) | None => 0,
        };
        let id = serde_json::to_string(object.sourced_id).map_err(|error| wrong(&error.to_string()))?;
        let id_length = u32::try_from(id.len() - 2).map_err(|error| wrong(&error.to_string()))?;
        self.begin(id_length, object.status, object.date, role);
        for part in [
            "{\"sourcedId\":",
            &id,
            ",\"status\":\"",
            object.status.as_str(),
            "\",\"dateLastModified\":\"",
        ] {
            self.blob.extend_from_slice(part.as_bytes());
        }
        self.blob.extend_from_slice(object.date_text.as_bytes());
        self.blob
            .extend_from_slice(if members == "}" { b"\"" } else { b"\"," });
        self.extend_with_hrefs(members, root);
        self.note_edits(object).map_err(|problem| wrong(&problem))
    }

    /// Notes where in the last document stands what some clients see otherwise.
    fn note_edits(&mut self, object: &StoredObject<'_>) -> Result<(), String> {
        if self.kind != Kind::Users && object.ended_on.is_none() {
            return Ok(());
        }
        let start = self.starts.last().copied().unwrap_or_default();
        let document = self.blob.get(start..).unwrap_or_default();
        let document = std::str::from_utf8(document).map_err(|error| error.to_string())?;
        match (self.kind, object.ended_on) {
            (Kind::Users, _) => self.edits.push_user(document, object.email_domain),
            (_, Some(date)) => self.edits.push_ended(self.starts.len() - 1, document, date),
            (_, None) => Ok(()),
        }
    }

    fn begin(&mut self, id_length: u32, status: StatusType, date: i64, role: u8) {
        if !self.starts.is_empty() {
            self.blob.push(b',');
        }
        self.starts.push(self.blob.len());
        self.id_lengths.push(id_length);
        self.statuses.push(status);
        self.dates.push(date);
        self.roles.push(role);
    }

    /// Copies JSON, putting `root` before every relative href. What is looked for cannot stand inside a string:
    /// its quotes would be escaped there.
    fn extend_with_hrefs(&mut self, json: &str, root: &str) {
        const RELATIVE: &str = "\"href\":\"/";
        let mut rest = json;
        while let Some((before, after)) = rest.split_once(RELATIVE) {
            self.blob.extend_from_slice(before.as_bytes());
            self.blob.extend_from_slice(b"\"href\":\"");
            self.blob.extend_from_slice(root.as_bytes());
            self.blob.push(b'/');
            rest = after;
        }
        self.blob.extend_from_slice(rest.as_bytes());
    }

    /// Copies rows of another collection.
    pub(super) fn copy(&mut self, from: &Collection, rows: Range<usize>) {
        let Some(span) = from.span(&rows) else {
            return;
        };
        if !self.starts.is_empty() {
            self.blob.push(b',');
        }
        let (old, new) = (span.start, self.blob.len());
        self.blob
            .extend_from_slice(from.blob.get(span).unwrap_or_default());
        self.starts.extend(
            from.starts
                .get(rows.clone())
                .unwrap_or_default()
                .iter()
                .map(|start| start - old + new),
        );
        self.id_lengths
            .extend_from_slice(from.id_lengths.get(rows.clone()).unwrap_or_default());
        self.edits.copy(&from.edits, rows.clone(), self.statuses.len());
        self.statuses
            .extend_from_slice(from.statuses.get(rows.clone()).unwrap_or_default());
        self.dates
            .extend_from_slice(from.dates.get(rows.clone()).unwrap_or_default());
        self.roles
            .extend_from_slice(from.roles.get(rows).unwrap_or_default());
    }

    /// Ends the collection.
    pub(super) fn finish(mut self) -> Collection {
        self.blob.shrink_to_fit();
        self.starts.shrink_to_fit();
        self.id_lengths.shrink_to_fit();
        self.statuses.shrink_to_fit();
        self.dates.shrink_to_fit();
        self.roles.shrink_to_fit();
        self.edits.shrink_to_fit();
        Collection {
            kind: self.kind,
            blob: Bytes::from(self.blob),
            latest: self.dates.iter().copied().max().unwrap_or(i64::MIN),
            starts: self.starts,
            id_lengths: self.id_lengths,
            statuses: self.statuses,
            dates: self.dates,
            roles: self.roles,
            edits: self.edits,
        }
    }
}
