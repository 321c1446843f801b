//! The texts of the pages, in Dutch and English. They stand in `language/nl` and `language/en` and nowhere else.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, static_loader};

static_loader! {
    static TEXTS = {
        locales: "./src/desk/language",
        fallback_language: "nl",
        // Invisible marks around what is put in would be copied with it.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// A language of the pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// Dutch.
    #[default]
    Dutch,
    /// English.
    English,
}

impl Language {
    /// Returns its code, as `lang` of HTML has it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Dutch => "nl",
            Self::English => "en",
        }
    }

    /// Finds a language by its code.
    pub fn of_code(code: &str) -> Option<Self> {
        match code {
            "nl" => Some(Self::Dutch),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    fn identifier(self) -> LanguageIdentifier {
        self.code().parse().unwrap_or_default()
    }
}

/// Returns a text by its key.
pub(super) fn text(language: Language, key: &str) -> String {
    TEXTS.lookup(&language.identifier(), key)
}

/// Returns a text by its key, with what is put into it.
pub(super) fn text_with<'a>(
    language: Language,
    key: &str,
    arguments: impl IntoIterator<Item = (&'static str, FluentValue<'a>)>,
) -> String {
    let arguments: HashMap<Cow<'static, str>, FluentValue<'_>> = arguments
        .into_iter()
        .map(|(name, value)| (Cow::Borrowed(name), value))
        .collect();
    TEXTS.lookup_with_args(&language.identifier(), key, &arguments)
}

/// Returns every text of a file of `language/nl` in a language, for scripts: what is put into a text stands in it as `{name}`.
pub(super) fn texts_of(language: Language, file: &'static str) -> BTreeMap<&'static str, String> {
    let keys = file.lines().filter_map(|line| {
        let (key, _) = line.split_once('=')?;
        let key = key.trim_end();
        let is_key = key.starts_with(|first: char| first.is_ascii_lowercase());
        is_key.then_some(key)
    });
    let arguments: HashMap<Cow<'static, str>, FluentValue<'_>> = file
        .split('$')
        .skip(1)
        .filter_map(|rest| rest.split([' ', '}', ',', ')']).next())
        .map(|name| (Cow::Borrowed(name), FluentValue::from(format!("{{{name}}}"))))
        .collect();
    let identifier = language.identifier();
    keys.map(|key| (key, TEXTS.lookup_with_args(&identifier, key, &arguments)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_get_each_text_with_a_name_where_something_is_put_in() {
        let file = "# A remark = none\nneeds-javascript = …\nusernames-selected = { $count } …\n    continued = yes\n";
        let texts = texts_of(Language::English, file);
        assert_eq!(
            texts.keys().copied().collect::<Vec<_>>(),
            ["needs-javascript", "usernames-selected"]
        );
        assert!(texts["needs-javascript"].starts_with("This page needs"));
        assert!(
            texts["usernames-selected"].contains("{count}"),
            "{}",
            texts["usernames-selected"]
        );
    }
}
