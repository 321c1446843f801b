//! The texts of a file, judged as they came.

use std::borrow::Cow;

use oneroster_school::door::FirstTexts;
use oneroster_school::text::{Damage, Received, is_placeholder_person, receive};

use crate::mirror::layout::{Column, Kind, PERSOON};
use crate::mirror::remark::{Example, Places};

/// A cell with the replacement character U+FFFD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReplacedCell {
    pub(crate) line: u64,
    pub(crate) column: &'static str,
    pub(crate) value: String,
}

/// The columns of [`Texts::placeholders`].
pub(crate) const NAME_COLUMNS: &str = "voornaam, naam";

/// What the texts of a file look like.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts {
    /// How many cells hold text.
    pub(crate) count: u64,
    /// How they would be judged in a first load.
    pub(crate) first: FirstTexts,
    /// Doubtful ones, but for those with the replacement character.
    pub(in crate::mirror) doubtful: Places,
    /// Those with the replacement character: whether that is a fault depends on what the mirror holds.
    pub(crate) replaced: Vec<ReplacedCell>,
    /// People who seem to hold a place only.
    pub(in crate::mirror) placeholders: Places,
}

impl Texts {
    /// Brings a cell into the form in which it is kept, and notes what is doubtful. What is no text is trimmed only.
    pub(super) fn receive<'c>(
        &mut self,
        file: &'static str,
        line: u64,
        column: &Column,
        raw: &'c str,
    ) -> Received<'c> {
        let Kind::Text(_, text_use) = column.kind else {
            return Received {
                text: Cow::Borrowed(raw.trim()),
                damage: None,
            };
        };
        let received = receive(raw, text_use);
        if received.text.is_empty() {
            return received;
        }
        self.count += 1;
        match received.damage {
            None if !received.text.is_ascii() => {
                let has_letter = |character: char| !character.is_ascii() && character.is_alphabetic();
                self.first.healthy_beyond_ascii += u64::from(received.text.contains(has_letter));
            }
            None => {}
            Some(damage) => {
                self.first.doubtful += 1;
                let example = || Example::new(file, line, column.name, &received.text);
                if damage == Damage::ReplacementCharacter {
                    self.replaced.push(ReplacedCell {
                        line,
                        column: column.name,
                        value: received.text.clone().into_owned(),
                    });
                } else {
                    self.doubtful.add(example);
                }
            }
        }
        received
    }

    /// Notes a person who seems to be none.
    pub(super) fn note_person(&mut self, file: &'static str, line: u64, given: &str, family: &str) {
        if is_placeholder_person(given, family) {
            let name = format!("{given} {family}");
            self.placeholders
                .add(|| Example::new(file, line, NAME_COLUMNS, name.trim()));
        }
    }
}

/// The file that holds people.
pub(super) fn is_of_people(table: &str) -> bool {
    table == PERSOON
}
