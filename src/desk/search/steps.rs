//! The chain of facts, in the language of who asks.

use chrono::{DateTime, Utc};
use oneroster_school::projection::why::{Answer, Fact, Step};
use oneroster_school::username::Record;
use oneroster_standard::Moment;

use super::answer::ShownStep;
use super::looked::Looked;
use super::sentence::Words;
use crate::publication::why::Became;

/// Returns the facts: what Informat has, the places, what the projection asked, what became of it.
pub(super) fn steps(
    words: &Words<'_>,
    looked: &Looked<'_>,
    (answer, outcome): (&Answer, &Became),
    record: Option<&Record>,
) -> Vec<ShownStep> {
    let mut steps = Vec::new();
    let mut facts = answer.steps.iter();
    steps.extend(facts.next().map(|step| shown(words, step, outcome)));
    if let Some(record) = record {
        steps.push(at(
            words.line("why-step-known-since"),
            "known",
            true,
            record.created_at,
        ));
    }
    steps.extend(
        outcome
            .loaded_at
            .map(|moment| at(words.line("why-step-import"), "import", true, moment)),
    );
    let mut places: Vec<_> = looked
        .entries()
        .flat_map(|entry| looked.seen.places(entry))
        .collect();
    places.sort_by(|one, other| one.org_id.cmp(&other.org_id));
    places.dedup();
    steps.extend(places.into_iter().map(|place| {
        let text = match place.absence {
            None => words.with_place("why-step-site", &place.org_id),
            Some(why) => words.absence(&place.org_id, why),
        };
        bare("site", place.absence.is_none(), text)
    }));
    // The site of a class stands among the places already.
    let facts = facts.filter(|step| !matches!(step.fact, Fact::Site { .. }));
    steps.extend(facts.map(|step| shown(words, step, outcome)));
    steps.extend(outcome.served.map(|served| {
        let key = if served.is_there {
            "why-step-served"
        } else {
            "why-step-not-served"
        };
        at(words.line(key), "served", served.is_there, served.committed_at)
    }));
    steps.extend(
        outcome
            .held
            .as_ref()
            .map(|hold| at(words.line("why-step-held"), "held", false, hold.held_at)),
    );
    steps.extend(outcome.read.map(|read| {
        let key = if read.is_there {
            "why-step-read"
        } else {
            "why-step-not-read"
        };
        bare("read", read.is_there, words.line(key))
    }));
    steps
}

fn shown(words: &Words<'_>, step: &Step, outcome: &Became) -> ShownStep {
    let (word, text) = words.fact(step);
    let mut shown = ShownStep {
        since: step.since,
        until: step.until,
        ..bare(word, step.holds, text)
    };
    if let (Fact::Sync { .. }, Some(flag)) = (&step.fact, &outcome.flag) {
        shown.text = words.by(&shown.text, &flag.changed_by);
        shown.at = Some(Moment::from(flag.changed_at));
    }
    shown
}

fn at(text: String, step: &'static str, holds: bool, moment: DateTime<Utc>) -> ShownStep {
    ShownStep {
        at: Some(Moment::from(moment)),
        ..bare(step, holds, text)
    }
}

const fn bare(step: &'static str, holds: bool, text: String) -> ShownStep {
    ShownStep {
        step,
        holds,
        text,
        since: None,
        until: None,
        at: None,
    }
}
