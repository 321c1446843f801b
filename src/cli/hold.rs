//! How a held publication is shown, and named on the command line.

use serde_json::{Value, json};

use super::output;
use crate::roster::{Hold, Reason, Role, Test};

/// How many characters of a fingerprint name a held publication on the screen.
const NAME_LENGTH: usize = 12;

/// Fewest characters of a fingerprint that name a held publication.
const NAME_MIN: usize = 8;

/// Reads the beginning of a fingerprint; nothing at all stands for whatever is held.
pub(crate) fn parse(text: &str) -> Result<String, String> {
    let is_hexadecimal = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if text.is_empty() || (text.len() >= NAME_MIN && is_hexadecimal) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "use what `oneroster publish` shows as hold, {NAME_MIN} characters of it at least"
    ))
}

/// Shows what is held, for programs and people.
pub(crate) fn shown(hold: &Hold) -> Value {
    let reason = |reason: &Reason| {
        let mut shown = json!(reason);
        if let Some(members) = shown.as_object_mut() {
            members.insert("percent".to_owned(), json!(reason.percent()));
            members.insert("message".to_owned(), json!(message(reason)));
        }
        shown
    };
    json!({
        "hold": hold.fingerprint,
        "held_at": hold.held_at,
        "seen_at": hold.seen_at,
        "reasons": hold.reasons.iter().map(reason).collect::<Vec<_>>(),
        "added": hold.summary.added,
        "changed": hold.summary.changed,
        "removed": hold.summary.removed,
    })
}

/// Says in words which test failed and where.
pub(crate) fn message(reason: &Reason) -> String {
    let place = reason
        .org
        .as_ref()
        .map_or_else(|| "in the whole tenant".to_owned(), |org| format!("in org {org}"));
    let Reason { before, after, .. } = reason;
    let (lost, percent) = (before.saturating_sub(*after), reason.percent());
    let whose = reason
        .role
        .map_or_else(String::new, |role| format!(" of {}", role.as_str()));
    match reason.test {
        Test::UsersRemoved => {
            let who = reason.role.map_or("users", Role::as_str);
            format!("{lost} of {before} {who} would go {place} ({percent} %)")
        }
        Test::ClassesRemoved => format!("{lost} of {before} classes would go {place} ({percent} %)"),
        Test::FewerMemberships => {
            format!("{before} memberships{whose} would become {after} {place} ({percent} % fewer)")
        }
        Test::UsernamesChanged => {
            format!("{lost} of {before} users that stay would get another username {place} ({percent} %)")
        }
        Test::NamesLost => {
            format!(
                "{lost} of {before} users that stay would lose a given or family name {place} ({percent} %)"
            )
        }
    }
}

/// Returns a text of a report; `-` if it has none.
pub(crate) fn text(of: &Value, key: &str) -> String {
    of.get(key).and_then(Value::as_str).unwrap_or("-").to_owned()
}

/// Returns what a shown hold is called on the command line.
pub(crate) fn name(shown: &Value) -> String {
    text(shown, "hold").chars().take(NAME_LENGTH).collect()
}

/// Prints since when something is held, and why.
pub(crate) fn print(shown: &Value, indent: &str) {
    let since = text(shown, "held_at");
    let since = since
        .parse()
        .map_or(since, |instant: chrono::DateTime<chrono::Utc>| {
            output::local(instant).to_string()
        });
    output::line(format!("{indent}hold {} since {since}", name(shown)));
    let reasons = shown.get("reasons").and_then(Value::as_array);
    for reason in reasons.into_iter().flatten() {
        output::line(format!("{indent}- {}", text(reason, "message")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_is_named_by_the_beginning_of_its_fingerprint() {
        assert_eq!(parse("3fa94c21"), Ok("3fa94c21".to_owned()));
        assert_eq!(parse(""), Ok(String::new()), "whatever is held");
        for bad in ["3fa94c2", "3FA94C21", "yesterday"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        let fingerprint = "3fa94c21".repeat(8);
        assert_eq!(name(&json!({ "hold": fingerprint })), "3fa94c213fa9");
    }

    #[test]
    fn a_reason_is_told_in_words() {
        let reason = |test, org: Option<&str>| Reason {
            test,
            org: org.map(str::to_owned),
            role: None,
            before: 300,
            after: 239,
        };
        let of_staff = |test| Reason {
            role: Some(Role::Staff),
            ..reason(test, None)
        };
        assert_eq!(
            message(&reason(Test::UsersRemoved, Some("001507-1"))),
            "61 of 300 users would go in org 001507-1 (21 %)"
        );
        assert_eq!(
            message(&reason(Test::FewerMemberships, None)),
            "300 memberships would become 239 in the whole tenant (21 % fewer)"
        );
        assert_eq!(
            message(&of_staff(Test::UsersRemoved)),
            "61 of 300 staff would go in the whole tenant (21 %)"
        );
        assert_eq!(
            message(&of_staff(Test::FewerMemberships)),
            "300 memberships of staff would become 239 in the whole tenant (21 % fewer)"
        );
        assert_eq!(
            message(&reason(Test::NamesLost, None)),
            "61 of 300 users that stay would lose a given or family name in the whole tenant (21 %)"
        );
    }
}
