//! A held publication in words, as far as somebody may see the schools it is about.

use std::collections::BTreeMap;

use oneroster_school::rights::{Access, Rights};

use crate::desk::dates;
use crate::desk::language::{Language, text, text_with};
use crate::desk::reasons;
use crate::roster::{Hold, Reason};

/// A held publication.
pub(super) struct Held {
    /// What it is called: a decision names it, so that nobody decides about another.
    pub(super) hold: String,
    /// Since when, in words.
    pub(super) intro: String,
    /// Why.
    pub(super) reasons: Vec<String>,
}

/// Returns the words for what is held.
pub(super) fn held(
    language: Language,
    rights: &Rights,
    site_names: &BTreeMap<String, String>,
    hold: &Hold,
) -> Held {
    let since = dates::moment(hold.held_at);
    let mut reasons: Vec<String> = hold
        .reasons
        .iter()
        .filter(|reason| is_visible(rights, reason))
        .map(|reason| reasons::words(language, site_names, reason))
        .collect();
    // The same may be lost since the last publication and since the last pull.
    reasons.dedup();
    if reasons.is_empty() {
        reasons.push(text(language, "overview-held-elsewhere"));
    }
    Held {
        hold: hold.fingerprint.clone(),
        intro: text_with(language, "overview-held-intro", [("since", since.into())]),
        reasons,
    }
}

/// What is counted over the whole group also counts schools that somebody may not see.
fn is_visible(rights: &Rights, reason: &Reason) -> bool {
    match &reason.org {
        Some(org) => rights.org_access(org) >= Access::Read,
        None => rights.is_operator(),
    }
}

#[cfg(test)]
mod tests {
    use oneroster_school::rights::Grant;

    use super::*;
    use crate::roster::{Role, Summary, Test};

    fn reason(test: Test, org: Option<&str>, role: Option<Role>) -> Reason {
        Reason {
            test,
            org: org.map(str::to_owned),
            role,
            before: 300,
            after: 239,
            since: None,
        }
    }

    #[test]
    fn who_may_not_see_the_school_reads_no_count_of_it() {
        let hold = Hold {
            fingerprint: "3fa9".to_owned(),
            reasons: vec![
                reason(Test::UsersRemoved, Some("001507-1"), None),
                reason(Test::UsersRemoved, None, None),
            ],
            summary: Summary::default(),
            held_at: chrono::DateTime::UNIX_EPOCH,
            seen_at: chrono::DateTime::UNIX_EPOCH,
            is_discarded: false,
        };
        let reader = |instelnr: &str| {
            Rights::of([Grant {
                instelnr: instelnr.to_owned(),
                vestnr: None,
                access: Access::Read,
                is_manager: false,
            }])
        };
        let said = |rights: &Rights| held(Language::Dutch, rights, &BTreeMap::new(), &hold).reasons;
        assert_eq!(said(&Rights::operator()).len(), 2);
        assert_eq!(said(&reader("001507")).len(), 1);
        let elsewhere = said(&reader("001508"));
        assert_eq!(elsewhere, [text(Language::Dutch, "overview-held-elsewhere")]);
    }
}
