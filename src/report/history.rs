//! Reports of `oneroster history`: what the module of the same name returns, as people read it.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};

use oneroster_standard::{Kind, Moment};

use super::words::{Word, counted_objects, lines, printable};
pub use crate::history::{Comparison, Generation, Generations, ObjectHistory};
use crate::history::{Entry, Happening};

/// Says from where on everything is kept, if that is not the beginning.
pub fn remark(whole_from: i64) -> Option<String> {
    (whole_from > 1).then(|| format!("What was superseded before generation {whole_from} is no longer kept."))
}

impl Display for Generations {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        lines(formatter, &self.generations)
    }
}

impl Display for Generation {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let summary = &self.summary;
        write!(
            formatter,
            "generation {}  {}  day {}  year {}  {}",
            self.number,
            self.committed_at,
            self.reference_date,
            self.school_year,
            counts(
                [&summary.added, &summary.changed, &summary.removed],
                "tombstones left"
            )
        )?;
        if let Some(differences) = &self.since_previous {
            let words: Vec<String> = differences
                .iter()
                .map(|difference| Word(difference).to_string().replace('_', " "))
                .collect();
            write!(formatter, "  [{}]", words.join(", "))?;
        }
        Ok(())
    }
}

impl Display for ObjectHistory {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let (kind, sourced_id) = (self.kind.collection(), &self.sourced_id);
        write!(formatter, "{kind}/{sourced_id}: {}", printable(&self.label))?;
        for review in &self.reviews {
            let (answered, author) = (review.answered.join(", "), &review.author);
            let (by, at) = (printable(&author.by), Moment::from(author.at));
            write!(
                formatter,
                "\nreview of the username answered by {by} on {at}: {answered}"
            )?;
        }
        let mut generation = None;
        for entry in &self.entries {
            if generation.replace(entry.generation) != Some(entry.generation) {
                write!(
                    formatter,
                    "\ngeneration {}, {}, as on {}",
                    entry.generation, entry.committed_at, entry.reference_date
                )?;
            }
            write!(formatter, "\n  {}", step(entry))?;
        }
        Ok(())
    }
}

impl Display for Comparison {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "from generation {} ({}) to generation {} ({})\n{}",
            self.from.number,
            self.from.reference_date,
            self.to.number,
            self.to.reference_date,
            counts([&self.added, &self.changed, &self.removed], "no difference")
        )?;
        for object in &self.objects {
            write!(
                formatter,
                "\n{} {}/{}  {}",
                word(object.happening),
                object.kind.collection(),
                object.sourced_id,
                printable(&object.label)
            )?;
            for entry in &object.steps {
                write!(
                    formatter,
                    "\n  generation {}: {}",
                    entry.generation,
                    reasons(entry)
                )?;
            }
        }
        Ok(())
    }
}

fn counts([added, changed, removed]: [&BTreeMap<Kind, usize>; 3], none: &str) -> String {
    let parts: Vec<String> = [("+", added), ("~", changed), ("-", removed)]
        .into_iter()
        .flat_map(|(sign, counts)| {
            counts
                .iter()
                .map(move |(kind, count)| format!("{sign}{}", counted_objects(*count, *kind)))
        })
        .collect();
    if parts.is_empty() {
        none.to_owned()
    } else {
        parts.join(", ")
    }
}

fn step(entry: &Entry) -> String {
    let why = reasons(entry);
    let colon = if why.is_empty() { "" } else { ": " };
    format!(
        "{} {} {}{colon}{why}",
        entry.kind.singular(),
        printable(&entry.label),
        word(entry.happening)
    )
}

fn reasons(entry: &Entry) -> String {
    let texts: Vec<String> = entry.reasons.iter().map(|told| printable(&told.text)).collect();
    texts.join("; ")
}

const fn word(happening: Happening) -> &'static str {
    match happening {
        Happening::OldestKept => "published (the oldest version that is kept)",
        Happening::OldestKeptGone => "removed (the oldest version that is kept)",
        Happening::Added => "added",
        Happening::Returned => "returned",
        Happening::Changed => "changed",
        Happening::Removed => "removed",
        Happening::Redated => "redated",
        Happening::Purged => "purged",
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::history::{Author, Compared, Difference, Names, Reason, ReasonWithText, Review};
    use crate::report::snapshot::{self, instant};
    use crate::roster::Summary;

    fn generation(number: i64) -> Generation {
        Generation {
            number,
            generation_id: Uuid::from_u128(0x57),
            published_at: instant(3600).into(),
            committed_at: instant(0).into(),
            school_year: "2026-27".to_owned(),
            reference_date: "2026-11-26".parse().unwrap(),
            since_previous: (number > 1).then(|| vec![Difference::ReferenceDate, Difference::Data]),
            summary: Summary {
                added: BTreeMap::from([(Kind::Users, 1), (Kind::Enrollments, 2)]),
                removed: BTreeMap::from([(Kind::Classes, 1)]),
                ..Summary::default()
            },
        }
    }

    fn entry(happening: Happening, reasons: Vec<ReasonWithText>) -> Entry {
        Entry {
            generation: 2,
            published_at: instant(3600).into(),
            committed_at: instant(0).into(),
            reference_date: "2026-11-26".parse().unwrap(),
            kind: Kind::Users,
            sourced_id: "4c6e".to_owned(),
            label: "Jan Janssens (jan.janssens)".to_owned(),
            happening,
            reasons,
            orgs: Vec::new(),
        }
    }

    fn told() -> ReasonWithText {
        ReasonWithText {
            reason: Reason::NameChanged {
                from: "Jan Jansen".to_owned(),
                to: "Jan Janssens".to_owned(),
            },
            text: "the person's name changed from Jan Jansen to Jan Janssens".to_owned(),
        }
    }

    #[test]
    fn generations_are_listed_with_what_differs_and_how_much() {
        let mut last = generation(3);
        last.summary = Summary::default();
        let report = Generations {
            whole_from: 2,
            generations: vec![generation(1), generation(2), last],
        };
        snapshot::assert("history_generations", &report);
        assert_eq!(
            remark(report.whole_from).as_deref(),
            Some("What was superseded before generation 2 is no longer kept.")
        );
        assert_eq!(remark(1), None);
    }

    #[test]
    fn an_object_is_shown_with_each_version_and_its_reasons() {
        let report = ObjectHistory {
            kind: Kind::Users,
            sourced_id: "4c6e".to_owned(),
            label: "Jan Janssens (jan.janssens)".to_owned(),
            whole_from: 1,
            reviews: vec![Review {
                answered: vec!["placeholder".to_owned(), "review".to_owned()],
                author: Author {
                    by: "ict".to_owned(),
                    at: instant(0),
                    handed_over: false,
                },
            }],
            entries: vec![
                entry(Happening::Changed, vec![told()]),
                entry(Happening::Redated, Vec::new()),
            ],
            names: Names::default(),
        };
        snapshot::assert("history_object", &report);
    }

    #[test]
    fn generations_are_compared_with_each_step_on_the_way() {
        let object = Compared {
            kind: Kind::Users,
            sourced_id: "4c6e".to_owned(),
            label: "Jan Janssens (jan.janssens)".to_owned(),
            happening: Happening::Changed,
            steps: vec![entry(Happening::Changed, vec![told()])],
        };
        let report = Comparison {
            from: generation(1),
            to: generation(2),
            added: BTreeMap::new(),
            changed: BTreeMap::from([(Kind::Users, 1)]),
            removed: BTreeMap::new(),
            objects: vec![object],
            not_listed: 0,
            names: Names::default(),
        };
        snapshot::assert("history_comparison", &report);
        let same = Comparison {
            changed: BTreeMap::new(),
            objects: Vec::new(),
            ..report
        };
        assert!(same.to_string().ends_with("\nno difference"));
    }
}
