//! Documents with what a client sees otherwise put in: what is between is copied as it is kept.

use std::ops::Range;
use std::sync::Arc;
use std::vec;

use bytes::Bytes;
use oneroster_standard::query::ObjectForm;

use super::collection::Collection;

/// By how much a chunk may be longer than asked: what is put into one document, and a comma.
const CHUNK_ROOM_BYTES: usize = 4 << 10;

/// Rows of a collection, edited as they are sent.
#[derive(Clone)]
pub(super) struct EditedRows {
    collection: Arc<Collection>,
    runs: vec::IntoIter<Range<usize>>,
    /// Rows of the run that is being written whose edits are still to be put in.
    rows: Range<usize>,
    /// What is left of the run, as it is kept, in bytes of the blob.
    kept: Range<usize>,
    form: ObjectForm,
    /// Whether a comma comes before the next run.
    comma: bool,
}

impl EditedRows {
    /// Returns `true` if clients of this form see any of these rows otherwise than it is kept.
    pub(super) fn is_needed(collection: &Collection, runs: &[Range<usize>], form: ObjectForm) -> bool {
        collection.may_be_edited(form)
            && runs
                .iter()
                .any(|run| collection.edits(run.clone(), form).next().is_some())
    }

    pub(super) fn of_runs(collection: &Arc<Collection>, runs: Vec<Range<usize>>, form: ObjectForm) -> Self {
        Self {
            collection: Arc::clone(collection),
            runs: runs.into_iter(),
            rows: 0..0,
            kept: 0..0,
            form,
            comma: false,
        }
    }

    /// Returns how long they are in bytes, if nothing was written yet.
    pub(super) fn length(&self) -> usize {
        let runs = self.runs.as_slice();
        let kept: usize = runs.iter().map(|run| self.collection.text(run).len()).sum();
        let (mut put, mut replaced) = (0, 0);
        for run in runs {
            for (_, edit) in self.collection.edits(run.clone(), self.form) {
                put += edit.length();
                replaced += edit.at.len();
            }
        }
        kept + put - replaced + runs.len().saturating_sub(1)
    }

    /// Writes what comes next: about so many bytes, and fewer at the end.
    pub(super) fn chunk(&mut self, bytes_max: usize) -> Option<Bytes> {
        let mut written = Vec::with_capacity(bytes_max + CHUNK_ROOM_BYTES);
        while written.len() < bytes_max {
            if self.kept.is_empty() {
                let Some(run) = self.runs.next() else {
                    break;
                };
                let Some(kept) = self.collection.span(&run) else {
                    continue;
                };
                (self.rows, self.kept) = (run, kept);
                if std::mem::replace(&mut self.comma, true) {
                    written.push(b',');
                }
            }
            self.write(&mut written, bytes_max);
        }
        Some(Bytes::from(written)).filter(|written| !written.is_empty())
    }

    /// Writes the run until so much is written or it ends. The edits of one row are written together.
    fn write(&mut self, written: &mut Vec<u8>, bytes_max: usize) {
        let blob = &self.collection.blob;
        let mut at = self.kept.start;
        let mut last_row = None;
        let copy = |written: &mut Vec<u8>, from: usize, to: usize| {
            written.extend_from_slice(blob.get(from..to).unwrap_or_default());
        };
        for (row, edit) in self.collection.edits(self.rows.clone(), self.form) {
            let room = bytes_max.saturating_sub(written.len());
            if last_row != Some(row) && edit.at.start - at >= room {
                copy(written, at, at + room);
                self.kept.start = at + room;
                self.rows.start = row;
                return;
            }
            copy(written, at, edit.at.start);
            for text in edit.text {
                written.extend_from_slice(text);
            }
            at = edit.at.end;
            last_row = Some(row);
        }
        let room = bytes_max.saturating_sub(written.len());
        let end = self.kept.end.min(at + room);
        copy(written, at, end);
        self.kept.start = end;
        self.rows.start = self.rows.end;
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use oneroster_standard::{Kind, StatusType};

    use super::*;
    use crate::serving::collection_builder::{CollectionBuilder, StoredObject};

    const FORM: ObjectForm = ObjectForm {
        native_booleans: false,
        email: true,
        enabled_users: true,
        ended_enrollments: true,
        district_org: false,
    };

    /// Every second object is active; every third user has a domain, every fourth enrollment an end of its own.
    fn collection(kind: Kind) -> Arc<Collection> {
        let mut builder = CollectionBuilder::new(kind, 0);
        for number in 0..40 {
            let content = match kind {
                Kind::Users => {
                    format!(r#"{{"username":"ann{number}","enabledUser":"false","role":"student"}}"#)
                }
                _ if number % 4 == 3 => r#"{"role":"student","endDate":"2027-06-30"}"#.to_owned(),
                Kind::AcademicSessions | Kind::Orgs | Kind::Courses | Kind::Classes | Kind::Enrollments => {
                    r#"{"role":"student","primary":"false"}"#.to_owned()
                }
            };
            let is_active = number % 2 == 0;
            let stored = StoredObject {
                sourced_id: &format!("{number:02}"),
                status: if is_active {
                    StatusType::Active
                } else {
                    StatusType::ToBeDeleted
                },
                date: 0,
                date_text: "1970-01-01T00:00:00.000Z",
                content: &content,
                email_domain: (kind == Kind::Users && number % 3 == 0).then_some("school.example"),
                ended_on: NaiveDate::from_ymd_opt(2026, 11, 25).filter(|_| kind != Kind::Users && !is_active),
            };
            builder.push(&stored, "").unwrap();
        }
        Arc::new(builder.finish())
    }

    #[test]
    fn chunks_of_any_size_are_the_documents_as_the_client_sees_them() {
        for kind in [Kind::Users, Kind::Enrollments] {
            let collection = collection(kind);
            let runs = [0..7, 9..9, 9..10, 11..40];
            let expected: Vec<String> = (runs.iter().cloned().flatten())
                .map(|row| {
                    collection
                        .edited_document(row, FORM, &mut String::new())
                        .to_owned()
                })
                .collect();
            let expected = expected.join(",");
            for bytes_max in [1, 2, 30, 100, 101, 500, 1 << 20] {
                let runs = runs.iter().filter(|run| !run.is_empty()).cloned().collect();
                let mut rows = EditedRows::of_runs(&collection, runs, FORM);
                let length = rows.length();
                let chunks: Vec<Bytes> = std::iter::from_fn(|| rows.chunk(bytes_max)).collect();
                assert_eq!(
                    String::from_utf8(chunks.concat()).unwrap(),
                    expected,
                    "{bytes_max}"
                );
                assert_eq!(length, expected.len());
            }
        }
    }
}
