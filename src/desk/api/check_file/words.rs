//! What is said of the rows of a check file, in the language of the page.

use crate::accounts::check_file::{RemarkKind, Rule};
use crate::desk::language::{Language, text, text_with};
use crate::tabular::Fault;

/// Says what is wrong with a cell, a row or the file, and what to type.
pub(super) fn of_fault(language: Language, fault: &Fault<Rule>) -> String {
    let has_domain = fault.value.as_deref().is_some_and(|value| value.contains('@'));
    let key = match fault.rule {
        Rule::CellCount => "check-file-fault-cell-count",
        Rule::DomainForm if has_domain => "check-file-fault-domain-refused",
        Rule::DomainForm => "check-file-fault-domain-missing",
        Rule::DuplicateColumn => "check-file-fault-duplicate-column",
        Rule::DuplicatePerson => "check-file-fault-duplicate-person",
        Rule::EmptyFile => "check-file-fault-empty-file",
        Rule::IdForm => "check-file-fault-id-form",
        Rule::MissingColumn => "check-file-fault-missing-column",
        Rule::NameForm => "check-file-fault-name-form",
        Rule::NameHeld => "check-file-fault-name-held",
        Rule::NameLength => "check-file-fault-name-length",
        Rule::NameSwap => "check-file-fault-name-swap",
        Rule::NameTwice => "check-file-fault-name-twice",
        Rule::NotText => "check-file-fault-not-text",
        Rule::NotThisPerson => "check-file-fault-not-this-person",
        Rule::OtherOrg => "check-file-fault-other-org",
        Rule::QuoteForm => "check-file-fault-quote-form",
        Rule::ReadOnly => "check-file-fault-read-only",
        Rule::SpreadsheetCell => "check-file-fault-spreadsheet-cell",
        Rule::TooLarge => "check-file-fault-too-large",
        Rule::UnknownPerson => "check-file-fault-unknown-person",
        Rule::WorkbookForm => "check-file-fault-workbook-form",
    };
    text(language, key)
}

/// Says what should be known of a row or the file.
pub(super) fn of_remark(language: Language, kind: &RemarkKind) -> String {
    let counted = |key, count: usize| text_with(language, key, [("count", count.into())]);
    match kind {
        RemarkKind::NotUtf8 => text(language, "check-file-remark-not-utf8"),
        RemarkKind::Slipped => text(language, "check-file-remark-slipped"),
        RemarkKind::MoreSlipped { count } => counted("check-file-remark-more-slipped", *count),
        RemarkKind::OtherOrg { count } => counted("check-file-remark-other-org", *count),
        RemarkKind::ReadOnly { count } => counted("check-file-remark-read-only", *count),
        RemarkKind::ChangedSince => text(language, "check-file-remark-changed-since"),
        RemarkKind::WasOfAnother => text(language, "check-file-remark-was-of-another"),
        RemarkKind::DomainStays => text(language, "check-file-remark-domain-stays"),
    }
}
