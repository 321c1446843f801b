//! Documents with what a client sees otherwise put in: what is between is copied as it is kept.

use std::ops::Range;
use std::sync::Arc;
use std::vec;

use bytes::Bytes;
use oneroster_standard::query::ObjectForm;

use super::collection::Collection;

/// Rows of a collection, edited as they are sent.
#[derive(Clone)]
pub(super) struct EditedRows {
    collection: Arc<Collection>,
    runs: vec::IntoIter<Range<usize>>,
    /// What is left of the run that is being written.
    run: Range<usize>,
    form: ObjectForm,
    /// Whether a comma comes first.
    comma: bool,
}

impl EditedRows {
    /// Returns `true` if clients of this form see any of these rows otherwise than it is kept.
    pub(super) fn is_needed(collection: &Collection, runs: &[Range<usize>], form: ObjectForm) -> bool {
        collection.may_be_edited(form)
            && runs.iter().cloned().flatten().any(|row| {
                let [first, second] = collection.edits(row, form);
                first.is_some() || second.is_some()
            })
    }

    pub(super) fn of_runs(collection: &Arc<Collection>, runs: Vec<Range<usize>>, form: ObjectForm) -> Self {
        Self {
            collection: Arc::clone(collection),
            runs: runs.into_iter(),
            run: 0..0,
            form,
            comma: false,
        }
    }

    /// Returns how long they are in bytes, if nothing was written yet.
    pub(super) fn length(&self) -> usize {
        let runs = self.runs.as_slice();
        let kept: usize = runs.iter().map(|run| self.collection.text(run).len()).sum();
        let (mut put, mut replaced) = (0, 0);
        for row in runs.iter().cloned().flatten() {
            for edit in self.collection.edits(row, self.form).into_iter().flatten() {
                put += edit.length();
                replaced += edit.at.len();
            }
        }
        kept + put - replaced + runs.len().saturating_sub(1)
    }

    /// Writes the next documents: about so many bytes, and fewer at the end.
    pub(super) fn chunk(&mut self, bytes_max: usize) -> Option<Bytes> {
        let mut written = Vec::new();
        while written.len() < bytes_max {
            if self.run.is_empty() {
                let Some(run) = self.runs.next() else {
                    break;
                };
                self.run = run;
                continue;
            }
            written.reserve(bytes_max.min(self.collection.text(&self.run).len()));
            if std::mem::replace(&mut self.comma, true) {
                written.push(b',');
            }
            self.write(&mut written, bytes_max);
        }
        Some(Bytes::from(written)).filter(|written| !written.is_empty())
    }

    /// Writes rows of the run until so much is written or it ends.
    fn write(&mut self, written: &mut Vec<u8>, bytes_max: usize) {
        let blob = &self.collection.blob;
        let kept = |part: Range<usize>| blob.get(part).unwrap_or_default();
        let Some(whole) = self.collection.span(&self.run) else {
            self.run = 0..0;
            return;
        };
        let mut copied = whole.start;
        let mut end = whole.start;
        for row in self.run.by_ref() {
            let Some(document) = self.collection.span(&(row..row + 1)) else {
                break;
            };
            for edit in self.collection.edits(row, self.form).into_iter().flatten() {
                written.extend_from_slice(kept(copied..document.start + edit.at.start));
                for text in edit.text {
                    written.extend_from_slice(text.as_bytes());
                }
                copied = document.start + edit.at.end;
            }
            end = document.end;
            if written.len() + (end - copied) >= bytes_max {
                break;
            }
        }
        written.extend_from_slice(kept(copied..end));
    }
}
