//! The content of objects, word for word as it is served. Borrowed from the stored text: a file has hundreds of thousands of rows.

use std::borrow::Cow;

use oneroster_standard::Kind;
use serde::Deserialize;

use super::Error;

/// A reference.
#[derive(Debug, Deserialize)]
pub(super) struct Reference<'c> {
    #[serde(rename = "sourcedId", borrow)]
    pub(super) id: Cow<'c, str>,
}

/// A word of a list.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Word<'c>(#[serde(borrow)] pub(super) Cow<'c, str>);

/// An org. Owned: there are few, and they are kept at hand.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Org {
    pub(super) name: String,
    pub(super) r#type: String,
    #[serde(default)]
    pub(super) identifier: Option<String>,
    #[serde(default)]
    pub(super) parent: Option<OwnedReference>,
}

/// An academic session. Owned, as an org.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session {
    pub(super) title: String,
    pub(super) r#type: String,
    pub(super) start_date: String,
    pub(super) end_date: String,
    pub(super) school_year: String,
    #[serde(default)]
    pub(super) parent: Option<OwnedReference>,
}

/// A reference of an org or a session.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OwnedReference {
    pub(super) sourced_id: String,
}

/// A course.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Course<'c> {
    #[serde(borrow)]
    pub(super) title: Cow<'c, str>,
    #[serde(rename = "courseCode", borrow, default)]
    pub(super) code: Option<Cow<'c, str>>,
    #[serde(borrow)]
    pub(super) org: Reference<'c>,
    #[serde(borrow, default)]
    pub(super) school_year: Option<Reference<'c>>,
    #[serde(borrow, default)]
    pub(super) subjects: Vec<Word<'c>>,
    #[serde(borrow, default)]
    pub(super) subject_codes: Vec<Word<'c>>,
}

/// A class.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Class<'c> {
    #[serde(borrow)]
    pub(super) title: Cow<'c, str>,
    #[serde(rename = "classCode", borrow, default)]
    pub(super) code: Option<Cow<'c, str>>,
    #[serde(rename = "classType", borrow)]
    pub(super) r#type: Cow<'c, str>,
    #[serde(borrow)]
    pub(super) course: Reference<'c>,
    #[serde(borrow)]
    pub(super) school: Reference<'c>,
    #[serde(borrow)]
    pub(super) terms: Vec<Reference<'c>>,
    #[serde(borrow, default)]
    pub(super) subjects: Vec<Word<'c>>,
    #[serde(borrow, default)]
    pub(super) subject_codes: Vec<Word<'c>>,
    #[serde(borrow, default)]
    pub(super) periods: Vec<Word<'c>>,
}

/// A user.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User<'c> {
    #[serde(borrow)]
    pub(super) username: Cow<'c, str>,
    #[serde(borrow)]
    pub(super) given_name: Cow<'c, str>,
    #[serde(borrow)]
    pub(super) family_name: Cow<'c, str>,
    #[serde(borrow)]
    pub(super) role: Cow<'c, str>,
    #[serde(rename = "enabledUser", borrow)]
    pub(super) is_enabled: Cow<'c, str>,
    #[serde(borrow, default)]
    pub(super) identifier: Option<Cow<'c, str>>,
    #[serde(borrow)]
    pub(super) orgs: Vec<Reference<'c>>,
}

/// An enrollment.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Enrollment<'c> {
    #[serde(borrow)]
    pub(super) user: Reference<'c>,
    #[serde(borrow)]
    pub(super) class: Reference<'c>,
    #[serde(borrow)]
    pub(super) school: Reference<'c>,
    #[serde(borrow)]
    pub(super) role: Cow<'c, str>,
    #[serde(borrow, default)]
    pub(super) primary: Option<Cow<'c, str>>,
    #[serde(borrow, default)]
    pub(super) begin_date: Option<Cow<'c, str>>,
    #[serde(borrow, default)]
    pub(super) end_date: Option<Cow<'c, str>>,
}

/// The word of the role of pupils; every other is of staff.
pub(super) const STUDENT: &str = "student";

/// The word of the role of teachers.
pub(super) const TEACHER: &str = "teacher";

/// Reads the content of an object.
pub(super) fn read<'c, T: Deserialize<'c>>(
    kind: Kind,
    sourced_id: &str,
    content: &'c str,
) -> Result<T, Error> {
    serde_json::from_str(content).map_err(|source| Error::Content {
        kind,
        sourced_id: sourced_id.to_owned(),
        source,
    })
}

/// Joins a list for one cell.
pub(super) fn joined<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    words.into_iter().collect::<Vec<_>>().join(",")
}

/// Joins words of a list for one cell.
pub(super) fn words(words: &[Word<'_>]) -> String {
    joined(words.iter().map(|word| word.0.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_borrowed_unless_it_has_escapes() {
        let text =
            r#"{"title":"a\"b","courseCode":"3A","org":{"sourcedId":"o","href":"/orgs/o","type":"org"}}"#;
        let course: Course<'_> = read(Kind::Courses, "c", text).unwrap();
        assert!(matches!(course.title, Cow::Owned(ref title) if title == "a\"b"));
        assert!(matches!(course.org.id, Cow::Borrowed("o")));
        let broken = read::<Org>(Kind::Orgs, "o1", "{}").unwrap_err();
        assert!(broken.to_string().contains("orgs/o1"), "{broken}");
    }
}
