//! Why a publication is held, in the user's words.

use std::collections::BTreeMap;

use super::language::{Language, text, text_with};
use crate::roster::Reason;

/// Returns a reason in words.
pub(super) fn words(language: Language, site_names: &BTreeMap<String, String>, reason: &Reason) -> String {
    let place = match &reason.org {
        Some(org) => {
            let site: String = org.split('-').take(2).collect::<Vec<_>>().join("-");
            let name = site_names.get(&site).unwrap_or(org);
            text_with(language, "overview-held-at", [("place", name.as_str().into())])
        }
        None => text(language, "overview-held-whole"),
    };
    let role = reason
        .role
        .map_or_else(String::new, |role| format!("-{}", role.as_str()));
    let key = format!("overview-held-{}{role}", reason.test.as_str());
    let arguments = [
        ("lost", reason.lost().into()),
        ("before", reason.before.into()),
        ("after", reason.after.into()),
        ("percent", reason.percent().into()),
        ("place", place.into()),
    ];
    text_with(language, &key, arguments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::{Role, Test};

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
    fn every_test_of_the_brake_has_its_words() {
        let names = BTreeMap::from([("001507-1".to_owned(), "De Zandpoort - Markt".to_owned())]);
        for test in Test::ALL {
            for role in [None, Some(Role::Pupils), Some(Role::Staff)] {
                let is_by_role = matches!(test, Test::UsersRemoved | Test::FewerMemberships);
                if role.is_some() && !is_by_role {
                    continue;
                }
                for language in [Language::Dutch, Language::English] {
                    let said = words(language, &names, &reason(test, Some("001507-1-211"), role));
                    assert!(said.contains("De Zandpoort - Markt"), "{said}");
                    assert!(said.contains("300") && said.contains("21 %"), "{said}");
                }
            }
        }
        let said = words(
            Language::Dutch,
            &names,
            &reason(Test::UsersRemoved, None, Some(Role::Pupils)),
        );
        assert_eq!(
            said,
            "61 van de 300 leerlingen zouden verdwijnen in de hele scholengroep (21 %)."
        );
    }
}
