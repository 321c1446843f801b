//! What a publication would do to readers, as a fingerprint. Pure.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::roster::{Action, Change};

/// Returns the fingerprint of what changes would do to readers, in hexadecimal. Tombstones removed by age do not
/// count, nor new dates alone.
pub(super) fn fingerprint(changes: &[Change]) -> String {
    let mut digest = Sha256::new();
    for change in changes {
        let content: &[u8] = match (change.action, &change.content) {
            (Action::Purged | Action::Redated, _) => continue,
            (Action::Added | Action::Returned | Action::Changed, Some((_, hash))) => hash,
            (Action::Removed, _) | (Action::Added | Action::Returned | Action::Changed, None) => b"removed",
        };
        for part in [
            change.kind.collection().as_bytes(),
            change.sourced_id.as_bytes(),
            content,
        ] {
            // Each part with its length, so that no two lists of changes run together.
            digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(part);
        }
    }
    digest.finalize().iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use oneroster_standard::{Kind, StatusType};

    use super::*;
    use crate::roster::hash;

    fn change(action: Action, sourced_id: &str, content: &str) -> Change {
        Change {
            action,
            kind: Kind::Users,
            sourced_id: sourced_id.to_owned(),
            status: StatusType::Active,
            content: (action != Action::Removed).then(|| (content.to_owned(), hash(content, None))),
            email_domain: None,
        }
    }

    #[test]
    fn a_fingerprint_is_that_of_what_readers_would_see() {
        let changes = [
            change(Action::Removed, "a", ""),
            change(Action::Changed, "b", "x"),
        ];
        let same = fingerprint(&changes);
        assert_eq!(same.len(), 64);
        let purged = [
            changes.as_slice(),
            &[change(Action::Purged, "c", ""), change(Action::Redated, "d", "y")],
        ];
        assert_eq!(
            fingerprint(&purged.concat()),
            same,
            "what leaves by age or gets a date only"
        );
        let mut returned = changes.clone();
        returned[1].action = Action::Returned;
        assert_eq!(fingerprint(&returned), same, "however the content comes about");
        for other in [
            vec![changes[0].clone()],
            vec![changes[0].clone(), change(Action::Changed, "b", "z")],
            vec![changes[0].clone(), change(Action::Removed, "b", "")],
            vec![changes[0].clone(), change(Action::Changed, "bx", "")],
        ] {
            assert_ne!(fingerprint(&other), same, "{other:?}");
        }
    }
}
