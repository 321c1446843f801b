//! Bodies of answers: slices of the blob where documents stand together, else copied, edited or rewritten while they are
//! sent. A body takes little memory, however many documents it holds.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use oneroster_standard::query::{ObjectForm, Select};

use super::collection::Collection;
use super::edited_rows::EditedRows;
use super::rewrite::{DocumentRewrite, RewrittenRows};

/// Up to so many runs of documents are sent as slices; more, and copying them is cheaper.
const RUNS_MAX: usize = 16;

/// Bodies up to so many bytes are one chunk: copying them is cheaper than sending three.
const ONE_CHUNK_BYTES_MAX: usize = 16 << 10;

/// How much is copied, or read to be rewritten, at a time, in bytes. The next chunk takes the memory of the last one, which is still at hand for
/// the processor; a buffer for a whole page would be fetched from the system and given back each time.
pub(super) const COPIED_BYTES: usize = 256 << 10;

/// A whole JSON body of known length, handed out in chunks.
#[derive(Clone)]
pub struct Body {
    opening: Option<Bytes>,
    documents: Documents,
    closing: Option<Bytes>,
    remaining: usize,
}

/// What stands between the opening and the closing.
#[derive(Clone)]
pub(super) enum Documents {
    /// Written already.
    Written(Bytes),
    /// Rows of the blob, with commas between the runs.
    Runs {
        collection: Arc<Collection>,
        runs: std::vec::IntoIter<Range<usize>>,
        /// How they are handed out.
        form: ChunkForm,
    },
    /// Rows with what a client sees otherwise put in.
    Edited(EditedRows),
    /// Rows that are rewritten. Boxed to keep the common body small: few are of this kind.
    Rewritten(Box<RewrittenRows>),
}

/// How runs are handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChunkForm {
    /// Each as a slice. `comma` is `true` if one comes first.
    Slices { comma: bool },
    /// Copied. `comma` is `true` if one comes first.
    Copies { comma: bool },
}

impl Documents {
    /// Returns runs of rows as documents with commas between them, with the selected fields, as a client of this form sees them.
    pub(super) fn of_runs(
        collection: &Arc<Collection>,
        runs: Vec<Range<usize>>,
        (select, form): (&Select, ObjectForm),
    ) -> Self {
        if let Some(rewrite) = DocumentRewrite::of(collection.kind, select, form) {
            return Self::Rewritten(Box::new(RewrittenRows::of_runs(collection, runs, rewrite)));
        }
        if EditedRows::is_needed(collection, &runs, form) {
            return Self::Edited(EditedRows::of_runs(collection, runs, form));
        }
        let form = if runs.len() > RUNS_MAX {
            ChunkForm::Copies { comma: false }
        } else {
            ChunkForm::Slices { comma: false }
        };
        Self::Runs {
            collection: Arc::clone(collection),
            runs: runs.into_iter(),
            form,
        }
    }

    /// Returns how long they are in bytes. What is rewritten is written once to know that, and not kept: it may be
    /// as much as a whole collection.
    fn length(&self) -> usize {
        match self {
            Self::Written(bytes) => bytes.len(),
            Self::Runs { collection, runs, .. } => {
                let runs = runs.as_slice();
                let of_documents: usize = runs.iter().map(|run| collection.text(run).len()).sum();
                of_documents + runs.len().saturating_sub(1)
            }
            Self::Edited(edited) => edited.length(),
            Self::Rewritten(rewritten) => {
                let mut copy = rewritten.clone();
                std::iter::from_fn(|| copy.chunk(COPIED_BYTES))
                    .map(|chunk| chunk.len())
                    .sum()
            }
        }
    }

    fn next(&mut self) -> Option<Bytes> {
        match self {
            Self::Written(bytes) => Some(std::mem::take(bytes)).filter(|bytes| !bytes.is_empty()),
            Self::Runs {
                collection,
                runs,
                form: ChunkForm::Slices { comma },
            } => {
                if *comma && !runs.as_slice().is_empty() {
                    *comma = false;
                    return Some(Bytes::from_static(b","));
                }
                *comma = true;
                Some(collection.slice(&runs.next()?))
            }
            Self::Runs {
                collection,
                runs,
                form: ChunkForm::Copies { comma },
            } => {
                let mut copy = Vec::with_capacity(COPIED_BYTES);
                while let Some(run) = runs.as_slice().first() {
                    let bytes = collection.text(run);
                    if !copy.is_empty() && copy.len() + bytes.len() >= COPIED_BYTES {
                        break;
                    }
                    if std::mem::replace(comma, true) {
                        copy.push(b',');
                    }
                    copy.extend_from_slice(bytes);
                    runs.next();
                }
                Some(Bytes::from(copy)).filter(|copy| !copy.is_empty())
            }
            Self::Edited(edited) => edited.chunk(COPIED_BYTES),
            Self::Rewritten(rewritten) => rewritten.chunk(COPIED_BYTES),
        }
    }
}

impl Body {
    pub(super) fn new(opening: String, documents: Documents, closing: String) -> Self {
        let remaining = opening.len() + documents.length() + closing.len();
        let body = Self {
            opening: Some(Bytes::from(opening)),
            documents,
            closing: Some(Bytes::from(closing)),
            remaining,
        };
        if remaining > ONE_CHUNK_BYTES_MAX {
            return body;
        }
        Self {
            opening: None,
            documents: Documents::Written(Bytes::from(body.concat())),
            closing: None,
            remaining,
        }
    }

    /// Returns how many bytes are still to be handed out.
    pub fn remaining(&self) -> usize {
        self.remaining
    }

    /// Returns all that is still to be handed out, in one piece.
    pub fn concat(&self) -> Vec<u8> {
        let mut whole = Vec::with_capacity(self.remaining);
        for chunk in self.clone() {
            whole.extend_from_slice(&chunk);
        }
        whole
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Body")
            .field("remaining", &self.remaining)
            .finish_non_exhaustive()
    }
}

impl Iterator for Body {
    type Item = Bytes;

    /// Hands out the next chunk; none is empty.
    fn next(&mut self) -> Option<Bytes> {
        let chunk = self
            .opening
            .take()
            .or_else(|| self.documents.next())
            .or_else(|| self.closing.take())?;
        self.remaining = self.remaining.saturating_sub(chunk.len());
        Some(chunk)
    }
}
