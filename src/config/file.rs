//! The settings file: TOML, one table for each section.
//!
//! Before there were sections, every key stood at the top. Such a file is still read; each old key is reported with the
//! name it has today.

use std::path::Path;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::{Error, Settings};

/// The keys of before there were sections: old name, section and key of today.
const OLD_KEYS: [(&str, &str, &str, &str); 13] = [
    ("cache_bytes", "cache", "bytes", "cache.bytes"),
    ("data_dir", "database", "data_dir", "database.data_dir"),
    (
        "database_connections",
        "database",
        "connections",
        "database.connections",
    ),
    ("database_url", "database", "url", "database.url"),
    ("history_days", "history", "days", "history.days"),
    ("listen", "server", "listen", "server.listen"),
    ("log_json", "log", "json", "log.json"),
    (
        "metrics_listen",
        "server",
        "metrics_listen",
        "server.metrics_listen",
    ),
    (
        "poll_silence_h",
        "synclog",
        "poll_silence_h",
        "synclog.poll_silence_h",
    ),
    (
        "postgres_bin",
        "database",
        "postgres_bin",
        "database.postgres_bin",
    ),
    ("public_url", "server", "public_url", "server.public_url"),
    (
        "publish_interval_s",
        "publication",
        "interval_s",
        "publication.interval_s",
    ),
    ("token_lifetime_s", "tokens", "lifetime_s", "tokens.lifetime_s"),
];

/// A key that has another name today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldKey {
    /// As the file has it.
    pub old: &'static str,
    /// As it is called today, with its section.
    pub new: &'static str,
}

/// Reads the text of a settings file; `path` is for messages only.
pub(super) fn parse(path: &Path, text: &str) -> Result<(Settings, Vec<OldKey>), Error> {
    let invalid = |error: toml::de::Error| parse_error(path, text, &error);
    let mut root = DeTable::parse(text).map_err(invalid)?;
    let old_keys = move_old_keys(root.get_mut())?;
    let settings = Settings::deserialize(Deserializer::from(root)).map_err(invalid)?;
    Ok((settings, old_keys))
}

/// Moves old keys to where they belong today, with their places in the text.
fn move_old_keys(root: &mut DeTable<'_>) -> Result<Vec<OldKey>, Error> {
    let mut found = Vec::new();
    for (old, section, key, new) in OLD_KEYS {
        let Some((place, value)) = root.remove_entry(old) else {
            continue;
        };
        let section = root
            .entry(Spanned::new(place.span(), section.into()))
            .or_insert_with(|| Spanned::new(place.span(), DeValue::Table(DeTable::new())));
        // What is no table is refused by its own place later.
        if let DeValue::Table(section) = section.get_mut() {
            let key = Spanned::new(place.span(), key.into());
            if section.insert(key, value).is_some() {
                return Err(Error::Value {
                    key: new,
                    problem: format!("is given twice: also by its old name `{old}`"),
                });
            }
        }
        found.push(OldKey { old, new });
    }
    Ok(found)
}

/// Returns where a file is wrong and how, without its text.
fn parse_error(path: &Path, text: &str, error: &toml::de::Error) -> Error {
    let place = error.span().map_or(0, |span| span.start);
    let before = text.get(..place).unwrap_or_default();
    let of_line = before.rsplit('\n').next().unwrap_or_default();
    Error::Parse {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        column: of_line.chars().count() + 1,
        problem: without_value(error.message()),
    }
}

/// Returns a message without the text that serde repeats: `invalid type: string "…", expected u32`.
fn without_value(message: &str) -> String {
    for kind in ["invalid type: string", "invalid value: string"] {
        if message.starts_with(kind)
            && let Some((_, expected)) = message.rsplit_once(", expected ")
        {
            return format!("{kind}, expected {expected}");
        }
    }
    message.to_owned()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// Everything that a person may get to see of an error.
    fn told(error: &Error) -> String {
        let mut text = format!("{error} {error:?}");
        let mut cause = std::error::Error::source(error);
        while let Some(error) = cause {
            let _ = write!(text, " {error} {error:?}");
            cause = error.source();
        }
        text
    }

    #[test]
    fn a_mistake_in_the_file_is_reported_by_its_place_and_never_by_its_line() {
        for text in [
            "[database]\nurl = \"postgres://u:secret@h/d\n",
            "[database]\nurl = postgres://u:secret@h/d\n",
            "log_json = true\nlog_json = false # secret\n",
            "[database]\n  uri = \"postgres://u:secret@h/d\"\n",
            "[database]\nurl = [\"postgres://u:secret@h/d\"]\n",
            "log_json = true\ndatabase_url = [\"postgres://u:secret@h/d\"]\n",
            "log_json = true\n  database = \"postgres://u:secret@h/d\"\n",
            "[database]\nconnections = \"postgres://u:secret@h/d, expected\"\n",
            "[database]\nsecret_url = 1\n",
        ] {
            let path = Path::new("/etc/oneroster/settings.toml");
            let error = parse(path, text).unwrap_err();
            let told = told(&error);
            assert!(!told.contains("secret@") && !told.contains("u:secret"), "{told}");
            assert!(told.contains("line 2, column "), "{told}");
            assert!(told.contains("/etc/oneroster/settings.toml"), "{told}");
        }
    }

    #[test]
    fn every_key_of_before_there_were_sections_is_still_read_and_reported_with_its_name_of_today() {
        let old = r#"
            cache_bytes = 1
            data_dir = "/d"
            database_connections = 2
            database_url = "postgres://h/d"
            history_days = 32
            listen = "127.0.0.1:1"
            log_json = true
            metrics_listen = "127.0.0.1:2"
            poll_silence_h = 14
            postgres_bin = "/b"
            public_url = "https://a.example"
            publish_interval_s = 5
            token_lifetime_s = 61
        "#;
        let new = r#"
            [cache]
            bytes = 1
            [database]
            data_dir = "/d"
            connections = 2
            url = "postgres://h/d"
            postgres_bin = "/b"
            [history]
            days = 32
            [server]
            listen = "127.0.0.1:1"
            metrics_listen = "127.0.0.1:2"
            public_url = "https://a.example"
            [log]
            json = true
            [synclog]
            poll_silence_h = 14
            [publication]
            interval_s = 5
            [tokens]
            lifetime_s = 61
        "#;
        let (of_old, reported) = parse(Path::new("f"), old).unwrap();
        let (of_new, nothing) = parse(Path::new("f"), new).unwrap();
        assert_eq!(of_old, of_new);
        assert!(nothing.is_empty());
        let reported: Vec<&str> = reported.iter().map(|key| key.old).collect();
        assert_eq!(reported, OLD_KEYS.map(|(old, ..)| old));
        for (_, section, key, new) in OLD_KEYS {
            assert_eq!(format!("{section}.{key}"), new);
        }
    }

    #[test]
    fn old_keys_and_sections_may_stand_together_but_not_say_the_same() {
        let (settings, old_keys) =
            parse(Path::new("f"), "history_days = 32\n[database]\nconnections = 3\n").unwrap();
        assert_eq!((settings.history.days, settings.database.connections), (32, 3));
        assert_eq!(
            old_keys,
            [OldKey {
                old: "history_days",
                new: "history.days"
            }]
        );
        let error = parse(Path::new("f"), "history_days = 32\n[history]\ndays = 33\n").unwrap_err();
        assert!(error.to_string().contains("old name `history_days`"), "{error}");
    }
}
