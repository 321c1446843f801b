//! One collection of a generation: ready JSON, and beside it the columns consumers filter by.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;

use bytes::Bytes;
use oneroster_standard::query::ObjectForm;
use oneroster_standard::{Kind, StatusType};

use super::edit::{self, Edit, EditColumns};
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
    pub(super) blob: Bytes,
    /// Where each document begins in the blob.
    pub(super) starts: Vec<usize>,
    /// How long each `sourcedId` is in its document, escapes included.
    pub(super) id_lengths: Vec<u32>,
    pub(super) statuses: Vec<StatusType>,
    /// `dateLastModified` in milliseconds since 1970.
    pub(super) dates: Vec<i64>,
    /// See [`ROLES`].
    pub(super) roles: Vec<u8>,
    /// The latest of `dates`.
    pub(super) latest: i64,
    /// What some clients see otherwise.
    pub(super) edits: EditColumns,
}

impl Collection {
    /// Returns the number of documents.
    pub(super) const fn len(&self) -> usize {
        self.starts.len()
    }

    /// Returns how much memory the collection takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        const ROW: usize =
            size_of::<usize>() + size_of::<u32>() + size_of::<StatusType>() + size_of::<i64>() + 1;
        self.blob.len() + self.starts.len() * ROW + self.edits.bytes()
    }

    /// Returns how long the blob is, in bytes.
    pub(super) const fn blob_bytes(&self) -> usize {
        self.blob.len()
    }

    /// Returns where in the blob these rows stand, with the commas between them; `None` for no rows.
    pub(super) fn span(&self, rows: &Range<usize>) -> Option<Range<usize>> {
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

    /// Returns `true` if clients of this form may see documents otherwise than they are kept.
    pub(super) const fn may_be_edited(&self, form: ObjectForm) -> bool {
        match self.kind {
            Kind::Users => form.enabled_users || (form.email && self.edits.has_addresses()),
            Kind::Enrollments => form.ended_enrollments && self.edits.has_ended(),
            Kind::AcademicSessions | Kind::Orgs | Kind::Courses | Kind::Classes => false,
        }
    }

    /// Returns what to put into documents of these rows for clients of this form, with the row, in the order of places. Those are places in the
    /// blob.
    pub(super) fn edits(
        &self,
        rows: Range<usize>,
        form: ObjectForm,
    ) -> impl Iterator<Item = (usize, Edit<'_>)> {
        let is_edited = self.may_be_edited(form);
        let users = if is_edited && self.kind == Kind::Users {
            rows.clone()
        } else {
            0..0
        };
        let of_user = move |row: usize| {
            let document = self.blob.get(self.start(row)..).unwrap_or_default();
            let edits = self.edits.of_user(row, (document, self.status(row)), form);
            edits.into_iter().flatten().map(move |edit| (row, edit))
        };
        let enrollments = if is_edited && self.kind == Kind::Enrollments {
            rows
        } else {
            0..0
        };
        let ended = self.edits.of_ended(enrollments);
        let of_removed = ended.filter(|&(row, _)| self.status(row) == StatusType::ToBeDeleted);
        users.flat_map(of_user).chain(of_removed).map(|(row, edit)| {
            let start = self.start(row);
            let at = start + edit.at.start..start + edit.at.end;
            (row, Edit { at, ..edit })
        })
    }

    fn start(&self, row: usize) -> usize {
        self.starts.get(row).copied().unwrap_or_default()
    }

    /// Returns a document as clients of this form see it; written to `edited` where that is not as it is kept.
    pub(super) fn edited_document<'a>(
        &'a self,
        row: usize,
        form: ObjectForm,
        edited: &'a mut String,
    ) -> &'a str {
        let document = self.document(row);
        if !self.may_be_edited(form) {
            return document;
        }
        edited.clear();
        let start = self.start(row);
        let mut copied = 0;
        for (_, edit) in self.edits(row..row + 1, form) {
            edited.push_str(document.get(copied..edit.at.start - start).unwrap_or_default());
            for text in edit.text {
                edited.push_str(std::str::from_utf8(text).unwrap_or_default());
            }
            copied = edit.at.end - start;
        }
        edited.push_str(document.get(copied..).unwrap_or_default());
        edited
    }

    /// Returns the text of a field that clients of this form see otherwise than it is kept; `None` where they see what is kept.
    pub(super) fn edited_text(&self, row: usize, field: &str, form: ObjectForm) -> Option<Cow<'_, str>> {
        if !edit::is_edited(self.kind, field, form) {
            return None;
        }
        self.edits
            .text(row, field, (self.text(&(row..row + 1)), self.status(row)))
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
