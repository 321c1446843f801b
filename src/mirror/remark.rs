//! What a person should know of a load, though it is no fault.

use serde::Serialize;

use crate::tabular::shown;

/// How many examples a remark has.
const EXAMPLES_LIMIT: usize = 5;

/// What a remark is about. `docs/bundle.md` lists them by the id they serialise to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "docs/bundle.md explains each; a test sees to it")]
pub enum Subject {
    ClassIdChanged,
    DamagedText,
    PersonIdChanged,
    PersonKeyReused,
    PlaceholderPerson,
    ReplacementCharacter,
}

impl Subject {
    /// Every subject, in the order of its id.
    pub const ALL: [Self; 6] = [
        Self::ClassIdChanged,
        Self::DamagedText,
        Self::PersonIdChanged,
        Self::PersonKeyReused,
        Self::PlaceholderPerson,
        Self::ReplacementCharacter,
    ];

    /// What it means and what to do.
    const fn message(self) -> &'static str {
        match self {
            Self::ClassIdChanged => {
                "known classes come with another scoodle_id: Microsoft will make new Teams for them and archive those \
                 they have, with the files in them; have the old ids restored in Informat and import again before the \
                 next synchronisation"
            }
            Self::DamagedText => {
                "texts look damaged: encoded twice, with ? for letters, or with HTML entities; export again as UTF-8 \
                 and import that; usernames made of such names wait for review"
            }
            Self::PersonIdChanged => {
                "known people come with another rowguid: they would get a second account; if they are the same \
                 people, hand their usernames over with oneroster usernames transfer, once this is imported"
            }
            Self::PersonKeyReused => {
                "known p_persoon come with another rowguid, another name and another birth date: they are somebody \
                 else now, and get accounts of their own; never hand over the usernames of the former people"
            }
            Self::PlaceholderPerson => {
                "people seem to hold a place only (N.N., onbekend, vacature, test): their usernames wait for review; \
                 replace them in Informat as soon as the person is known"
            }
            Self::ReplacementCharacter => {
                "texts hold U+FFFD, the sign for characters that were lost, which was accepted; export again as UTF-8 \
                 and import that; usernames made of such names wait for review"
            }
        }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.serialize(formatter)
    }
}

/// A remark: what, how often, and where for example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// What it is about.
    pub rule: Subject,
    /// How often.
    pub count: u64,
    /// What it means and what to do.
    pub message: &'static str,
    /// The first places.
    pub examples: Vec<Example>,
}

impl std::fmt::Display for Remark {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            rule,
            count,
            message,
            examples,
        } = self;
        write!(formatter, "{rule} ({count}): {message}")?;
        for example in examples {
            write!(formatter, "\n  {example}")?;
        }
        let more = count.saturating_sub(examples.len() as u64);
        if more > 0 {
            write!(formatter, "\n  and {more} more")?;
        }
        Ok(())
    }
}

/// A place in a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// The file.
    pub file: &'static str,
    /// The line as an editor counts it.
    pub line: Option<u64>,
    /// The column or columns.
    pub column: &'static str,
    /// The value, cut after 200 characters. May be personal: never logged.
    pub value: String,
    /// The command that mends it, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

impl Example {
    /// Makes an example without a command.
    pub(super) fn new(file: &'static str, line: u64, column: &'static str, value: &str) -> Self {
        Self {
            file,
            line: Some(line),
            column,
            value: shown(value),
            command: None,
        }
    }
}

impl std::fmt::Display for Example {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.file)?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
        }
        // A file must not steer the terminal.
        let value = self.value.escape_debug();
        write!(formatter, " {} {value}", self.column)?;
        match &self.command {
            Some(command) => write!(formatter, ": {command}"),
            None => Ok(()),
        }
    }
}

/// Places that are counted, of which the first are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Places {
    count: u64,
    examples: Vec<Example>,
}

impl Places {
    /// Makes them of what was kept before.
    pub(super) const fn new(count: u64, examples: Vec<Example>) -> Self {
        Self { count, examples }
    }

    /// Returns how many there are.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// Returns the first of them.
    pub(super) fn examples(&self) -> &[Example] {
        &self.examples
    }

    /// Counts a place; `example` is called only while examples are wanted.
    pub(super) fn add(&mut self, example: impl FnOnce() -> Example) {
        self.count += 1;
        if self.examples.len() < EXAMPLES_LIMIT {
            self.examples.push(example());
        }
    }

    /// Adds the places of another file.
    pub(super) fn extend(&mut self, others: &Self) {
        self.count += others.count;
        let room = EXAMPLES_LIMIT.saturating_sub(self.examples.len());
        self.examples.extend(others.examples.iter().take(room).cloned());
    }

    /// Returns the remark about them, if there is any.
    pub(super) fn remark(self, subject: Subject) -> Option<Remark> {
        (self.count > 0).then_some(Remark {
            rule: subject,
            count: self.count,
            message: subject.message(),
            examples: self.examples,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_remark_is_explained_in_the_manual() {
        let manual = include_str!("../../docs/bundle.md");
        for subject in Subject::ALL {
            let id = serde_json::to_value(subject).unwrap();
            let row = format!("| `{}` |", id.as_str().unwrap());
            assert!(manual.contains(&row), "docs/bundle.md has no row {row:?}");
        }
    }

    #[test]
    fn places_beyond_the_first_are_counted_only() {
        let mut places = Places::default();
        for line in 0..7 {
            places.add(|| Example::new("persoon.csv", line, "naam", "x"));
        }
        let mut all = Places::default();
        all.extend(&places);
        all.extend(&places);
        let remark = all.remark(Subject::DamagedText).unwrap();
        assert_eq!((remark.count, remark.examples.len()), (14, EXAMPLES_LIMIT));
    }
}
