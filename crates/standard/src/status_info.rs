//! The error and warning payload (OneRoster 1.1 §7).
//!
//! Three shapes are in the wild; one object carries the members of all three, so that every consumer finds its own, each in
//! the words of its own list.

use schemars::JsonSchema;
use serde::Serialize;

/// Outcome class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CodeMajor {
    /// The request was answered; with a warning, perhaps.
    Success,
    /// The request was refused.
    Failure,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Answered, but not as asked.
    Warning,
    /// Not answered.
    Error,
}

/// What is the matter, in the words of the published list: blanks and underscores exactly so (OneRoster 1.1 §7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CodeMinor {
    /// No such object or path.
    #[serde(rename = "unknown object")]
    UnknownObject,
    /// The request is malformed.
    #[serde(rename = "invalid data")]
    InvalidData,
    /// No valid token.
    Unauthorized,
    /// The token does not reach so far.
    Forbidden,
    /// `sort` names no field of the collection.
    InvalidSortField,
    /// `filter` names no field of the collection.
    InvalidFilterField,
    /// `fields` names no field of the collection.
    InvalidSelectionField,
    /// `fields` is blank.
    InvalidBlankSelectionField,
    /// Try again later.
    ServerBusy,
    /// A fault of the server. Not in the published list, which has no word for it.
    InternalServerError,
}

impl CodeMinor {
    /// Returns the word for it in the standard's `OpenAPI` document, whose list is another one: clients that are generated
    /// from that document cannot read any other word. Where the list has none, the nearest.
    pub const fn openapi_word(self) -> &'static str {
        match self {
            Self::UnknownObject => "unknownobject",
            Self::InvalidData => "invaliddata",
            Self::Unauthorized | Self::Forbidden => "unauthorisedrequest",
            Self::InvalidSortField => "invalid_sort_field",
            // The list of the document lacks it, and clients in the field know it.
            Self::InvalidFilterField => "invalid_filter_field",
            Self::InvalidSelectionField | Self::InvalidBlankSelectionField => "invalid_selection_field",
            Self::ServerBusy | Self::InternalServerError => "targetreadfailure",
        }
    }
}

/// One entry of status information.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusInfo {
    /// Outcome class.
    pub code_major: CodeMajor,
    /// How bad it is.
    pub severity: Severity,
    /// What is the matter.
    pub code_minor: CodeMinor,
    /// In words: what was wrong, where, what is allowed.
    pub description: String,
}

/// One entry as `statusInfoSet` holds it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SetEntry<'a> {
    #[serde(rename = "imsx_codeMajor")]
    code_major: CodeMajor,
    #[serde(rename = "imsx_severity")]
    severity: Severity,
    #[serde(rename = "imsx_messageRefIdentifier")]
    message_ref_identifier: &'a str,
    #[serde(rename = "imsx_description")]
    description: &'a str,
    #[serde(rename = "imsx_codeMinor")]
    code_minor: CodeMinor,
}

impl StatusInfo {
    /// Makes an entry of a refused request.
    pub fn error(code_minor: CodeMinor, description: impl Into<String>) -> Self {
        Self {
            code_major: CodeMajor::Failure,
            severity: Severity::Error,
            code_minor,
            description: description.into(),
        }
    }

    /// Makes an entry beside the data of an answered request.
    pub fn warning(code_minor: CodeMinor, description: impl Into<String>) -> Self {
        Self {
            code_major: CodeMajor::Success,
            severity: Severity::Warning,
            code_minor,
            description: description.into(),
        }
    }

    /// Returns the entry as `statusInfoSet` holds it, with the id of the request.
    pub fn set_entry<'a>(&'a self, request_id: &'a str) -> SetEntry<'a> {
        SetEntry {
            code_major: self.code_major,
            severity: self.severity,
            message_ref_identifier: request_id,
            description: &self.description,
            code_minor: self.code_minor,
        }
    }

    /// Returns the whole body of a refused request, in the three known shapes at once.
    pub fn body(&self, request_id: &str) -> serde_json::Value {
        let minor = serde_json::json!(self.code_minor);
        serde_json::json!({
            "statusInfoSet": [self.set_entry(request_id)],
            "imsx_codeMajor": self.code_major,
            "imsx_severity": self.severity,
            "imsx_messageRefIdentifier": request_id,
            "imsx_description": self.description,
            "imsx_CodeMinor": {"imsx_codeMinorField": [
                {
                    "imsx_codeMinorFieldName": "OneRoster provider",
                    "imsx_codeMinorFieldValue": self.code_minor.openapi_word(),
                },
            ]},
            "CodeMajor": self.code_major,
            "Severity": self.severity,
            "CodeMinor": minor,
            "Description": self.description,
        })
    }
}
