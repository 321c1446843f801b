//! The report of `oneroster why`: one sentence, and the facts it follows from.

mod sentence;
#[cfg(test)]
mod tests;

use std::fmt::{Display, Formatter};

use chrono::{DateTime, NaiveDate, Utc};
use oneroster_school::data_quality::Severity;
use oneroster_school::projection::why::{Candidate, Step};
use oneroster_standard::{Kind, Moment};
pub use sentence::reason_word;
use sentence::{fact, message};
use serde::Serialize;

use super::words::printable;
use crate::publication::why::{Explained, kind};
use crate::tenants::PersonErasure;

/// Why somebody or something is published on a day, or is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhyReport {
    /// What it is called; what was asked if nothing is called so.
    pub who: String,
    /// `users`, `classes` or `enrollments`; `None` if nothing is called so.
    pub kind: Option<Kind>,
    /// Its id.
    pub sourced_id: Option<String>,
    /// The day.
    pub on: NaiveDate,
    /// Whether today's data publish it on that day.
    pub published: bool,
    /// Whether consumers could read it at the end of that day, or can now; `None` = not known, or to come.
    pub served: Option<bool>,
    /// Why, in a word.
    pub reason: &'static str,
    /// Why, in a sentence.
    pub message: String,
    /// The first of the days on which it is published by the same data.
    pub from: Option<NaiveDate>,
    /// The last of them.
    pub until: Option<NaiveDate>,
    /// The facts.
    pub steps: Vec<ReportedStep>,
    /// What else may be meant.
    pub others: Vec<Other>,
}

/// A fact on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportedStep {
    /// What it is about, in a word.
    pub step: &'static str,
    /// Whether it speaks for being published.
    pub holds: bool,
    /// The fact, in words.
    pub fact: String,
    /// The same for people, where moments stand in it.
    #[serde(skip)]
    text: Option<String>,
    /// Since when, where that is a day.
    pub since: Option<NaiveDate>,
    /// Until when.
    pub until: Option<NaiveDate>,
}

/// Somebody or something else that may be meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Other {
    /// `users` or `classes`.
    pub kind: Kind,
    /// Its id.
    pub sourced_id: String,
    /// What it is called.
    pub label: String,
}

impl WhyReport {
    /// Reports an answer to the question about `text`.
    pub fn new(explained: &Explained, text: &str) -> Self {
        let Explained {
            found,
            on,
            answer,
            outcome,
            others,
            erased,
            ..
        } = explained;
        let is_held = outcome.held.is_some();
        let (reason, message) = match erased {
            Some(PersonErasure { day, by }) => ("erased", format!("Not published: erased on {day} by {by}.")),
            None if is_held => (
                "held",
                "Published by today's data, but the publication is held: consumers read the last generation until it is released."
                    .to_owned(),
            ),
            None => (reason_word(&answer.reason), message(answer, found.as_ref())),
        };
        Self {
            who: found
                .as_ref()
                .map(|found| found.label.clone())
                .filter(|label| !label.is_empty())
                .unwrap_or_else(|| text.to_owned()),
            kind: found.as_ref().map(|found| found.kind),
            sourced_id: found.as_ref().map(|found| found.sourced_id.clone()),
            on: *on,
            published: answer.is_published(),
            served: outcome.served.map(|served| served.is_there),
            reason,
            message,
            from: answer.from,
            until: answer.until,
            steps: steps(explained),
            others: others.iter().map(other).collect(),
        }
    }

    /// Returns `true` if nothing is called so.
    pub const fn is_unknown(&self) -> bool {
        self.kind.is_none()
    }
}

/// The facts, in order: what the projection asked, then what became of it.
fn steps(explained: &Explained) -> Vec<ReportedStep> {
    let mut steps: Vec<ReportedStep> = explained.answer.steps.iter().map(reported).collect();
    if let Some(flag) = &explained.outcome.flag
        && let Some(step) = steps.iter_mut().find(|step| step.step == "sync")
    {
        let (fact, by) = (step.fact.clone(), &flag.changed_by);
        let words = |at: &str| format!("{fact}, last changed by {by} on {at}");
        *step = with_moment("sync", step.holds, flag.changed_at, words);
    }
    steps.extend(explained.outcome.loaded_at.map(|at| {
        let words = |at: &str| format!("a bundle was last loaded on {at}");
        with_moment("import", true, at, words)
    }));
    steps.extend(explained.outcome.served.map(|served| {
        let (number, word) = (served.number, has(served.is_there));
        let words = |at: &str| format!("generation {number}, published on {at}, {word} it");
        with_moment("generation", served.is_there, served.committed_at, words)
    }));
    steps.extend(explained.outcome.held.as_ref().map(|hold| {
        let words = |at: &str| format!("a publication is held since {at}");
        with_moment("hold", false, hold.held_at, words)
    }));
    steps.extend(explained.outcome.read.map(|read| {
        let (number, word) = (read.number, has(read.is_there));
        let fact = format!("the last complete pull read generation {number}, which {word} it");
        bare("pull", read.is_there, fact)
    }));
    steps.extend(explained.findings.iter().map(|finding| {
        let message = format!("{}: {}", finding.rule.id(), finding.message);
        bare("health", finding.severity == Severity::Info, message)
    }));
    steps
}

/// A step with a moment in it: programs read it in one form, people in another.
fn with_moment(
    step: &'static str,
    holds: bool,
    at: DateTime<Utc>,
    words: impl Fn(&str) -> String,
) -> ReportedStep {
    let at = Moment::from(at);
    ReportedStep {
        text: Some(words(&at.to_string())),
        ..bare(step, holds, words(&at.rfc3339()))
    }
}

const fn has(is_there: bool) -> &'static str {
    if is_there { "has" } else { "does not have" }
}

/// A step without days.
const fn bare(step: &'static str, holds: bool, fact: String) -> ReportedStep {
    ReportedStep {
        step,
        holds,
        fact,
        text: None,
        since: None,
        until: None,
    }
}

fn other(candidate: &Candidate) -> Other {
    Other {
        kind: kind(candidate),
        sourced_id: candidate.id.hyphenated().to_string(),
        label: candidate.label.clone(),
    }
}

fn reported(step: &Step) -> ReportedStep {
    let (word, fact) = fact(step);
    ReportedStep {
        step: word,
        holds: step.holds,
        fact,
        text: None,
        since: step.since,
        until: step.until,
    }
}

impl Display for WhyReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let id = self.sourced_id.as_deref().unwrap_or("-");
        write!(
            formatter,
            "{}  {id}  on {}\n{}",
            printable(&self.who),
            self.on,
            self.message
        )?;
        for step in &self.steps {
            let mark = if step.holds { "yes" } else { "no " };
            write!(
                formatter,
                "\n  {mark}  {}",
                printable(step.text.as_ref().unwrap_or(&step.fact))
            )?;
            match (step.since, step.until) {
                (None, None) => {}
                (Some(since), None) => write!(formatter, "  from {since}")?,
                (None, Some(until)) => write!(formatter, "  until {until}")?,
                (Some(since), Some(until)) => write!(formatter, "  {since} to {until}")?,
            }
        }
        for other in &self.others {
            let Other {
                sourced_id, label, ..
            } = other;
            write!(formatter, "\nalso: {}  {sourced_id}", printable(label))?;
        }
        Ok(())
    }
}
