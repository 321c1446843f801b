//! What *Zoeken* answers, as JSON.

use chrono::NaiveDate;
use oneroster_standard::{Kind, Moment};
use schemars::JsonSchema;
use serde::Serialize;

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SearchAnswer {
    /// The best first.
    pub hits: Vec<Hit>,
    /// Whether there are more: the words should say more.
    pub more: bool,
}

/// A person, a class, or a person in a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Hit {
    /// `users`, `classes` or `enrollments`.
    #[schemars(with = "String")]
    pub kind: Kind,
    /// The person's id.
    pub person: Option<String>,
    /// The class's id.
    pub class: Option<String>,
    /// What people call it.
    pub label: String,
    /// Where, in words.
    pub places: String,
    /// Whether it is published today.
    pub published: bool,
    /// Why, or why not.
    pub sentence: String,
}

/// Why somebody or something is published on a day, or is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WhyAnswer {
    /// `users`, `classes` or `enrollments`.
    #[schemars(with = "String")]
    pub kind: Kind,
    /// The person's id.
    pub person: Option<String>,
    /// The class's id.
    pub class: Option<String>,
    /// What people call it.
    pub label: String,
    /// Where, in words.
    pub places: String,
    /// The day.
    pub on: NaiveDate,
    /// Whether today's data publish it on that day.
    pub published: bool,
    /// Whether Microsoft could read it at the end of that day, or can now; none = not known, to come, or not for who asks.
    pub served: Option<bool>,
    /// Why, in a word.
    pub reason: String,
    /// Why, or why not, in a sentence.
    pub sentence: String,
    /// What would change it.
    pub change: Option<String>,
    /// The first of the days on which it is published by the same data.
    pub from: Option<NaiveDate>,
    /// The last of them.
    pub until: Option<NaiveDate>,
    /// The username of a person.
    pub username: Option<String>,
    /// What they sign in with, to copy: the username, with the domain where we know it.
    pub login: Option<String>,
    /// The facts, in the order in which they are asked.
    pub steps: Vec<ShownStep>,
}

/// A fact on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ShownStep {
    /// What it is about, in a word.
    pub step: &'static str,
    /// Whether it speaks for being published.
    pub holds: bool,
    /// The fact, in words.
    pub text: String,
    /// Since when, where that is a day.
    pub since: Option<NaiveDate>,
    /// Until when.
    pub until: Option<NaiveDate>,
    /// The moment it speaks of.
    #[schemars(with = "Option<String>")]
    pub at: Option<Moment>,
}

/// What is probably not right with somebody or something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Findings {
    /// Each once, the worst first.
    pub findings: Vec<ShownFinding>,
}

/// Something that is probably not right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ShownFinding {
    /// The rule.
    pub rule: &'static str,
    /// `error`, `warning` or `info`.
    pub severity: &'static str,
    /// What it is.
    pub text: String,
    /// What to do.
    pub what_to_do: String,
}
