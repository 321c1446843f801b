//! What is refused or warned of when a username is edited, in the language of who edits.
//!
//! Nobody is named whom they may not see.

use oneroster_school::username::edit::UsernameError;
use uuid::Uuid;

use crate::accounts::{Holder, Refusal, Warning};
use crate::desk::language::{Language, text, text_with};
use crate::desk::list::Seen;
use crate::desk::refusal::Refused;

/// Says why an edit is refused.
pub(super) fn refused(language: Language, seen: &Seen<'_>, refusal: &Refusal) -> Refused {
    let code = refusal.rule();
    let hint = |key| Some(text(language, key));
    match refusal {
        Refusal::Name(error) => name(language, code, error),
        Refusal::Held { name, holder } => {
            let message = match visible(seen, holder) {
                Some(holder) => text_with(
                    language,
                    "list-refused-name-held",
                    [("name", name.clone().into()), ("holder", holder.into())],
                ),
                None => text_with(
                    language,
                    "list-refused-name-held-hidden",
                    [("name", name.clone().into())],
                ),
            };
            Refused::unprocessable(code, message, hint("list-hint-name-held"))
        }
        Refusal::ChangedMeanwhile(_) => {
            Refused::conflict(code, text(language, "list-refused-changed-meanwhile"))
        }
        Refusal::Served { name } => Refused::conflict(
            code,
            text_with(
                language,
                "list-refused-confirm-rename",
                [("name", name.clone().into())],
            ),
        ),
        Refusal::OfErased { name } => Refused::unprocessable(
            code,
            text_with(
                language,
                "list-refused-name-of-erased",
                [("name", name.clone().into())],
            ),
            hint("list-hint-name-held"),
        ),
        // The others are about what no page asks for; their texts name people only by id.
        Refusal::UnknownPerson(_)
        | Refusal::UnknownUsername { .. }
        | Refusal::OtherDomain { .. }
        | Refusal::AmbiguousPerson { .. }
        | Refusal::UnknownOrg { .. }
        | Refusal::StillInMirror(_)
        | Refusal::NotInMirror(_)
        | Refusal::StillInSource(_)
        | Refusal::StillPublished(_)
        | Refusal::StillRead { .. }
        | Refusal::Forget(_)
        | Refusal::SamePerson
        | Refusal::Swap(_)
        | Refusal::AlreadyHandedOver { .. }
        | Refusal::SomebodyElse { .. } => Refused::unprocessable(
            code,
            text_with(language, "list-refused-other", [("message", code.into())]),
            None,
        ),
    }
}

fn name(language: Language, code: &'static str, error: &UsernameError) -> Refused {
    let said = |key: &str| text(language, key);
    let (message, hint) = match error {
        UsernameError::Empty => (said("list-refused-empty"), None),
        UsernameError::TooLong(count) => (
            text_with(language, "list-refused-too-long", [("count", (*count).into())]),
            None,
        ),
        UsernameError::Character { character, position } => (
            text_with(
                language,
                "list-refused-character",
                [
                    ("character", character.to_string().into()),
                    ("position", (*position).into()),
                ],
            ),
            Some(said("list-hint-character")),
        ),
        UsernameError::Dot => (said("list-refused-dot"), None),
        UsernameError::AtSign => (said("list-refused-at-sign"), None),
        UsernameError::DomainRefused => (said("list-refused-domain-refused"), None),
        UsernameError::DomainMissing(own) => {
            (said("list-refused-domain-missing"), Some(domains(language, own)))
        }
        UsernameError::DomainUnknown { domain, own } => (
            text_with(
                language,
                "list-refused-domain-unknown",
                [("domain", domain.clone().into())],
            ),
            Some(domains(language, own)),
        ),
    };
    Refused::unprocessable(code, message, hint)
}

fn domains(language: Language, own: &str) -> String {
    text_with(
        language,
        "list-hint-domains",
        [("domains", own.to_owned().into())],
    )
}

/// Says what may need a hand in Microsoft 365.
pub(super) fn warned(language: Language, seen: &Seen<'_>, warning: &Warning) -> String {
    match warning {
        Warning::WasOfAnother { name, last_holder } => {
            let holder = visible(seen, last_holder);
            let holder = holder.unwrap_or_else(|| text(language, "list-warning-somebody"));
            text_with(
                language,
                "list-warning-was-of-another",
                [("name", name.clone().into()), ("holder", holder.into())],
            )
        }
        Warning::DomainStays { domain } => text_with(
            language,
            "list-warning-domain-stays",
            [("domain", domain.clone().into())],
        ),
        Warning::WasReleasedAs { name } => text_with(
            language,
            "list-warning-was-released-as",
            [("name", name.to_string().into())],
        ),
    }
}

/// Returns what somebody is called if they may be seen.
fn visible(seen: &Seen<'_>, holder: &Holder) -> Option<String> {
    let id: Uuid = holder.rowguid;
    Some(seen.name(id)).filter(|name| !name.is_empty())
}

/// Says that somebody may be seen and not changed.
pub(super) fn read_only(language: Language) -> Refused {
    Refused::forbidden(
        "read-only",
        text(language, "list-refused-read-only"),
        Some(text(language, "list-hint-read-only")),
    )
}
