//! What an admin should know of an export that was made: rules with counts and the first ids, no names.

use std::collections::BTreeMap;

use serde::Serialize;

/// How many ids a note names.
pub const IDS_SHOWN: usize = 20;

/// Something to know about an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoteRule {
    /// A publication is held: the last visible generation was exported.
    PublicationHeld,
    /// Rows in which line breaks or other control characters became spaces.
    ControlCharacters,
    /// Rows in which blanks were taken from the ends of a value.
    OuterBlanks,
    /// Titles with characters that a profile of Microsoft's may replace.
    SpecialCharacters,
    /// People who belong to more schools than their row says.
    MoreSchools,
    /// People who also belong to schools that are not exported.
    InOtherExport,
    /// People whose home school is not among the schools exported.
    HomeElsewhere,
    /// People who are staff and pupil, and stand in both files.
    StaffAndPupil,
    /// People without a password.
    NoPassword,
    /// Entries of the passwords file for nobody in the export.
    UnusedPassword,
    /// People whose username has a domain, while the username of others has none.
    MixedDomains,
    /// Orgs whose id stands under `DfE Number`.
    DfeNumber,
    /// Files with more rows than the consumer is known to take.
    ManyRows,
    /// Sections with more teachers than there are columns for.
    MoreTeachers,
    /// Sections left out since they have no primary teacher or no pupils.
    SectionLeftOut,
    /// Memberships left out with their sections.
    MembershipLeftOut,
}

impl NoteRule {
    /// Returns what it says, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::PublicationHeld => {
                "a publication is held: what was published before it was exported (`oneroster publish --help`)"
            }
            Self::ControlCharacters => {
                "rows in which a line break, a tab or another control character became a space"
            }
            Self::OuterBlanks => "rows in which blanks were taken from the ends of a value",
            Self::SpecialCharacters => {
                "titles with one of \" \\ / : * ? < > | # % & ~ { }: the profile of School Data Sync can replace them"
            }
            Self::MoreSchools => {
                "people of more schools: a row has one, their home school; the others' security groups lack them"
            }
            Self::InOtherExport => {
                "people who also belong to schools that are not exported: they stand in the exports of those too"
            }
            Self::HomeElsewhere => {
                "people whose home school is not exported: they stand at one of the schools that are"
            }
            Self::StaffAndPupil => {
                "people who are staff and in a class as pupil: they stand among the staff and among the pupils"
            }
            Self::NoPassword => {
                "people without a password: a profile can only match their accounts, not make them (--passwords)"
            }
            Self::UnusedPassword => "entries of the passwords file that belong to nobody in the export",
            Self::MixedDomains => {
                "people whose username has a domain, while others' have none: a profile of V1 has one setting for all"
            }
            Self::DfeNumber => {
                "schools: what stands under DfE Number is the id of the org, as everywhere else"
            }
            Self::ManyRows => "files with more than 500,000 rows",
            Self::MoreTeachers => "sections with more than four teachers: the others are left out",
            Self::SectionLeftOut => {
                "sections left out: Clever takes none without a primary teacher or without pupils"
            }
            Self::MembershipLeftOut => "memberships left out with their sections",
        }
    }
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// What it says.
    pub rule: NoteRule,
    /// Of how many.
    pub count: u64,
    /// The first [`IDS_SHOWN`] of them; none where it is not about objects.
    pub sourced_ids: Vec<String>,
}

/// The notes of an export while it is made.
#[derive(Debug, Default)]
pub(super) struct Notes(BTreeMap<NoteRule, (u64, Vec<String>)>);

impl Notes {
    /// Notes it of an object.
    pub(super) fn add(&mut self, rule: NoteRule, sourced_id: &str) {
        let (count, ids) = self.0.entry(rule).or_default();
        *count += 1;
        if ids.len() < IDS_SHOWN {
            ids.push(sourced_id.to_owned());
        }
    }

    /// Notes it of so many of what has no id.
    pub(super) fn add_count(&mut self, rule: NoteRule, count: u64) {
        self.0.entry(rule).or_default().0 += count;
    }

    /// Takes a note back.
    pub(super) fn remove(&mut self, rule: NoteRule) {
        self.0.remove(&rule);
    }

    /// Returns of how many something was noted.
    #[cfg(test)]
    pub(super) fn count(&self, rule: NoteRule) -> u64 {
        self.0.get(&rule).map_or(0, |(count, _)| *count)
    }

    /// Returns the notes, in the order of [`NoteRule`].
    pub(super) fn into_list(self) -> Vec<Note> {
        self.0
            .into_iter()
            .map(|(rule, (count, sourced_ids))| Note {
                rule,
                count,
                sourced_ids,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_counts_all_and_names_the_first() {
        let mut notes = Notes::default();
        for number in 0..25 {
            notes.add(NoteRule::MoreSchools, &format!("u{number}"));
        }
        notes.add_count(NoteRule::PublicationHeld, 1);
        notes.add(NoteRule::MoreTeachers, "c");
        notes.remove(NoteRule::MoreTeachers);
        assert_eq!(notes.count(NoteRule::MoreSchools), 25);
        let list = notes.into_list();
        assert_eq!(list.len(), 2);
        assert_eq!((list[0].rule, list[0].count), (NoteRule::PublicationHeld, 1));
        assert_eq!(list[1].count, 25);
        assert_eq!(list[1].sourced_ids.len(), IDS_SHOWN);
        assert_eq!(list[1].sourced_ids[19], "u19");
    }
}
