//! One collection of a generation: ready JSON, and beside it the columns consumers filter by.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Mutex;

use bytes::Bytes;
use oneroster_standard::{Kind, StatusType};

use super::evaluate::Kept;
use super::index::Indexes;
use super::json;

/// The words of the role column; a document's code is a word's place here plus one, 0 for a document without role.
pub(super) const ROLES: [&str; 8] = [
    "administrator",
    "aide",
    "guardian",
    "parent",
    "proctor",
    "relative",
    "student",
    "teacher",
];

/// The documents of a kind, in `sourcedId` order (of bytes), in one blob with a comma between.
///
/// Rows are counted from 0. The columns all have one entry per row.
pub(super) struct Collection {
    pub(super) kind: Kind,
    blob: Bytes,
    /// Where each document begins in the blob.
    starts: Vec<usize>,
    /// How long each `sourcedId` is in its document, escapes included.
    id_lengths: Vec<u32>,
    statuses: Vec<StatusType>,
    /// `dateLastModified` in milliseconds since 1970.
    dates: Vec<i64>,
    /// See [`ROLES`].
    roles: Vec<u8>,
    /// The latest of `dates`.
    latest: i64,
    /// Which rows recent questions were about.
    pub(super) kept: Mutex<Kept>,
    /// Where documents with a given value are, for fields asked about so.
    pub(super) indexes: Indexes,
}

impl Collection {
    /// Returns the number of documents.
    pub(super) const fn len(&self) -> usize {
        self.starts.len()
    }

    /// Returns how much memory the collection takes in bytes, what it may keep of answers and indexes included.
    pub(super) const fn bytes(&self) -> usize {
        const ROW: usize =
            size_of::<usize>() + size_of::<u32>() + size_of::<StatusType>() + size_of::<i64>() + 1;
        self.blob.len() + self.starts.len() * ROW + self.kept_bytes_max() + self.indexes_bytes_max()
    }

    /// Returns how much memory kept answers may take, in bytes.
    pub(super) const fn kept_bytes_max(&self) -> usize {
        self.blob.len() / 8
    }

    /// Returns how much memory indexes may take, in bytes.
    pub(super) const fn indexes_bytes_max(&self) -> usize {
        self.blob.len() / 8
    }

    /// Returns how long the blob is, in bytes.
    pub(super) const fn blob_bytes(&self) -> usize {
        self.blob.len()
    }

    /// Returns where in the blob these rows stand, with the commas between them; `None` for no rows.
    fn span(&self, rows: &Range<usize>) -> Option<Range<usize>> {
        if rows.is_empty() {
            return None;
        }
        let start = *self.starts.get(rows.start)?;
        let end = self.starts.get(rows.end).map_or(self.blob.len(), |next| next - 1);
        (start <= end && end <= self.blob.len()).then_some(start..end)
    }

    /// Returns these rows, with commas between them, without copying. Empty for rows that are not there.
    pub(super) fn slice(&self, rows: &Range<usize>) -> Bytes {
        self.span(rows)
            .map_or_else(Bytes::new, |span| self.blob.slice(span))
    }

    /// Returns these rows as [`Self::slice`] does, for copying.
    pub(super) fn text(&self, rows: &Range<usize>) -> &[u8] {
        self.span(rows)
            .and_then(|span| self.blob.get(span))
            .unwrap_or_default()
    }

    /// Returns a document.
    pub(super) fn document(&self, row: usize) -> &str {
        let bytes = self.text(&(row..row + 1));
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// Returns a document's `sourcedId`.
    pub(super) fn sourced_id(&self, row: usize) -> Cow<'_, str> {
        let prefix = r#"{"sourcedId":"#.len();
        let quoted = self
            .starts
            .get(row)
            .zip(self.id_lengths.get(row))
            .and_then(|(&start, &length)| {
                let start = start + prefix;
                self.blob.get(start..start + length as usize + 2)
            });
        let quoted = std::str::from_utf8(quoted.unwrap_or_default()).unwrap_or_default();
        json::text(quoted).unwrap_or_default()
    }

    /// Returns a document's status.
    pub(super) fn status(&self, row: usize) -> StatusType {
        self.statuses.get(row).copied().unwrap_or(StatusType::ToBeDeleted)
    }

    /// Returns a document's date in milliseconds since 1970.
    pub(super) fn date(&self, row: usize) -> i64 {
        self.dates.get(row).copied().unwrap_or(i64::MIN)
    }

    /// Returns the code of a document's role: see [`ROLES`].
    pub(super) fn role(&self, row: usize) -> usize {
        self.roles.get(row).copied().map_or(0, usize::from)
    }

    /// Returns the latest date, in milliseconds since 1970; the earliest possible when there are no documents.
    pub(super) const fn latest(&self) -> i64 {
        self.latest
    }

    /// Finds the row with this id, or where it would stand.
    pub(super) fn search(&self, sourced_id: &str) -> Result<usize, usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.sourced_id(middle).as_ref().cmp(sourced_id) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Ok(middle),
            }
        }
        Err(low)
    }
}

/// Builds a collection, document by document in `sourcedId` order.
pub(super) struct Builder {
    kind: Kind,
    blob: Vec<u8>,
    starts: Vec<usize>,
    id_lengths: Vec<u32>,
    statuses: Vec<StatusType>,
    dates: Vec<i64>,
    roles: Vec<u8>,
}

/// An object as it is stored.
pub(super) struct Stored<'a> {
    pub(super) sourced_id: &'a str,
    pub(super) status: StatusType,
    /// Milliseconds since 1970.
    pub(super) date: i64,
    /// The same as text: `YYYY-MM-DDTHH:mm:ss.SSSZ`.
    pub(super) date_text: &'a str,
    /// JSON without the three common members, with relative hrefs.
    pub(super) content: &'a str,
}

impl Builder {
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
        }
    }

    /// Adds an object, expanding relative hrefs; `root` stands before their slash and is JSON-escaped.
    /// `Err` says what about the content cannot be served.
    pub(super) fn push(&mut self, object: &Stored<'_>, root: &str) -> Result<(), String> {
        let wrong = |what: &str| format!("{} {:?}: {what}", self.kind.collection(), object.sourced_id);
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
        Ok(())
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
        Collection {
            kind: self.kind,
            blob: Bytes::from(self.blob),
            latest: self.dates.iter().copied().max().unwrap_or(i64::MIN),
            starts: self.starts,
            id_lengths: self.id_lengths,
            statuses: self.statuses,
            dates: self.dates,
            roles: self.roles,
            kept: Mutex::default(),
            indexes: Indexes::default(),
        }
    }
}
