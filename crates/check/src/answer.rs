//! What single requests gave: answers, the rows in them, and pulls of many pages. Plain data.

use std::time::Duration;

use oneroster_standard::Kind;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::client::clip;
use super::link::Links;

/// What the body of an answer should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExpectedBody {
    /// A page of a collection.
    List(Kind),
    /// One object.
    Single(Kind),
}

/// An answer that should have been 200, without its rows.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    /// Path and query, readable.
    pub(super) request: String,
    pub(super) wanted: ExpectedBody,
    /// Whether one rule of its own judges the status.
    pub(super) edge: bool,
    /// Why no answer came.
    pub(super) fault: Option<String>,
    /// Whether the fault was the time limit.
    pub(super) timed_out: bool,
    /// HTTP status; 0 without an answer.
    pub(super) status: u16,
    /// The answer in a few words.
    pub(super) described: String,
    pub(super) content_type: Option<String>,
    /// `X-Total-Count` as sent.
    pub(super) total_count: Option<String>,
    /// `X-Count` as sent, an extension: how many rows the page has.
    pub(super) count: Option<String>,
    /// `Link`, read; `None` when the header is missing.
    pub(super) links: Option<Result<Links, String>>,
    /// `X-Roster-Generation`, an extension: which published state was served.
    pub(super) generation: Option<String>,
    pub(super) elapsed: Duration,
    /// Why the body could not be read.
    pub(super) body_problem: Option<String>,
    /// First member of the body.
    pub(super) first_key: Option<String>,
    /// Whether the expected envelope key is there.
    pub(super) has_key: bool,
    /// Rows in the answer.
    pub(super) row_count: usize,
}

impl Answer {
    /// Returns `true` if the answer calls itself JSON.
    pub(super) fn says_json(&self) -> bool {
        self.content_type
            .as_deref()
            .is_some_and(|value| value.to_ascii_lowercase().contains("application/json"))
    }

    /// Returns `X-Total-Count` as a number.
    pub(super) fn total(&self) -> Option<usize> {
        self.total_count
            .as_deref()
            .and_then(|text| text.trim().parse().ok())
    }

    /// Returns the links if the header is there and well-formed.
    pub(super) fn links(&self) -> Option<&Links> {
        self.links.as_ref().and_then(|links| links.as_ref().ok())
    }

    /// Returns why nothing could be read from it.
    pub(super) fn trouble(&self) -> String {
        let reason = self
            .fault
            .as_ref()
            .or(self.body_problem.as_ref())
            .unwrap_or(&self.described);
        format!("{}: {reason}", self.request)
    }
}

/// An answer with its rows; `None` when there was no collection to read.
#[derive(Debug)]
pub(super) struct List {
    pub(super) answer: Answer,
    pub(super) rows: Option<Vec<ReceivedRow>>,
}

/// One object of a collection: its JSON, and the members that concern a sync.
#[derive(Debug, Clone)]
pub(super) struct ReceivedRow {
    /// The object as sent.
    pub(super) raw: Box<RawValue>,
    /// `sourcedId`, if it is a string that is not empty.
    pub(super) id: Option<String>,
    /// `status`, if it is a string.
    pub(super) status: Option<String>,
    /// `dateLastModified`, if it is a string.
    pub(super) modified: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Head {
    sourced_id: Option<Value>,
    status: Option<Value>,
    date_last_modified: Option<Value>,
}

impl ReceivedRow {
    /// Reads the members that concern a sync; a row that is no object has none.
    pub(super) fn new(raw: Box<RawValue>) -> Self {
        let head: Head = serde_json::from_str(raw.get()).unwrap_or_default();
        let id = text(head.sourced_id).filter(|id| !id.is_empty());
        Self {
            raw,
            id,
            status: text(head.status),
            modified: text(head.date_last_modified),
        }
    }

    /// Returns the object; `Null` for what is none.
    pub(super) fn value(&self) -> Value {
        serde_json::from_str(self.raw.get()).unwrap_or_default()
    }

    /// Returns `true` if the object is current.
    pub(super) fn is_active(&self) -> bool {
        self.status.as_deref() == Some("active")
    }

    /// Returns `true` if the object is logically deleted.
    pub(super) fn is_tombstone(&self) -> bool {
        self.status.as_deref() == Some("tobedeleted")
    }

    /// Names the object in a report.
    pub(super) fn label(&self, kind: Kind) -> String {
        let id = self
            .id
            .as_deref()
            .map_or_else(|| "(no sourcedId)".to_owned(), clip);
        format!("{}/{id}", kind.collection())
    }
}

fn text(value: Option<Value>) -> Option<String> {
    value.and_then(|value| value.as_str().map(str::to_owned))
}

/// The full pull of one collection: `status='active'`, pages of 5,000.
#[derive(Debug)]
pub(super) struct FullPull {
    pub(super) rows: Vec<ReceivedRow>,
    pub(super) pages: Vec<Answer>,
    /// Why it ended before its end.
    pub(super) broken: Option<String>,
}

/// A second pull of the same rows in small pages, by `Link` where there is one.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) limit: usize,
    pub(super) pages: Vec<WalkPage>,
    pub(super) broken: Option<String>,
}

/// One page of a walk.
#[derive(Debug)]
pub(super) struct WalkPage {
    /// Where the page begins.
    pub(super) offset: usize,
    pub(super) answer: Answer,
    pub(super) ids: Vec<Option<String>>,
}

/// One row of a delta.
#[derive(Debug)]
pub(super) struct DeltaRow {
    pub(super) id: Option<String>,
    pub(super) modified: Option<String>,
    pub(super) is_active: bool,
    pub(super) is_tombstone: bool,
}

/// A delta: every row modified after an instant.
#[derive(Debug)]
pub(super) struct Delta {
    /// The instant asked for.
    pub(super) after: String,
    pub(super) rows: Vec<DeltaRow>,
    /// What the first answer said there is.
    pub(super) total: Option<usize>,
    pub(super) page_count: usize,
    pub(super) broken: Option<String>,
}

/// An answer that is judged as received: usually a refusal.
#[derive(Debug)]
pub(super) struct RawAnswer {
    pub(super) request: String,
    /// HTTP status; 0 without an answer.
    pub(super) status: u16,
    /// Whether the body is a JSON object.
    pub(super) json: bool,
    pub(super) described: String,
    /// `Allow` as sent.
    pub(super) allow: Option<String>,
    /// `X-Total-Count` as sent.
    pub(super) total_count: Option<String>,
    /// The body, cut short.
    pub(super) body: String,
}
