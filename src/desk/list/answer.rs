//! What the list answers.

use chrono::NaiveDate;
use oneroster_standard::Moment;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::question::{Kind, Mark};

/// How far a person's release is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The flag is off, and nobody ever set it.
    New,
    /// Somebody switched the flag off.
    Off,
    /// The flag is on.
    On,
}

/// A person as the list shows them, to somebody who may see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Person {
    /// The lasting id.
    pub id: Uuid,
    /// Official family name.
    pub family_name: String,
    /// Official given name.
    pub given_name: String,
    /// Whether they are released.
    pub sync: bool,
    /// The username, with the domain where it is the person's own and is sent.
    pub username: String,
    /// The domain that is configured for their place.
    pub domain: String,
    /// The schools that may be seen, joined by `, `.
    pub school: String,
    /// The sites that may be seen, joined likewise.
    pub site: String,
    /// The classes that may be seen, joined likewise.
    pub class: String,
    /// Birth date.
    pub birth_date: Option<NaiveDate>,
    /// When the username was made.
    #[schemars(with = "String")]
    pub created_at: Moment,
    /// When Microsoft last read them.
    #[schemars(with = "Option<String>")]
    pub last_read: Option<Moment>,
    /// Pupil or staff.
    pub kind: Kind,
    /// How far their release is.
    pub state: State,
    /// What asks for attention.
    pub marks: Vec<Mark>,
    /// Whether the name and the flag may be changed by who asks.
    pub may_edit: bool,
    /// Whether the username was served, or may have been.
    pub served: bool,
    /// Changes when the record does: goes along with an edit.
    pub stamp: String,
}

/// How many people are meant, and how many of them have each mark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// All that are meant.
    pub total: usize,
    /// Those whose flag nobody ever set.
    pub new: usize,
    /// Those somebody switched off.
    pub off: usize,
    /// Those who are released.
    pub on: usize,
    /// Those whose name somebody should look at.
    pub review: usize,
    /// Those whose names are shared.
    pub namesake: usize,
    /// Those who probably have a username already.
    pub probably_merged: usize,
    /// Those whose name is too long.
    pub too_long: usize,
    /// Those who wait.
    pub waits: usize,
    /// Pupils.
    pub pupils: usize,
    /// Staff.
    pub staff: usize,
}

impl Counts {
    /// Counts a person for each mark that they have.
    pub(super) fn add(&mut self, has: impl Fn(Mark) -> bool) {
        for (mark, count) in [
            (Mark::New, &mut self.new),
            (Mark::Off, &mut self.off),
            (Mark::On, &mut self.on),
            (Mark::Review, &mut self.review),
            (Mark::Namesake, &mut self.namesake),
            (Mark::ProbablyMerged, &mut self.probably_merged),
            (Mark::TooLong, &mut self.too_long),
            (Mark::Waits, &mut self.waits),
        ] {
            *count += usize::from(has(mark));
        }
    }
}
