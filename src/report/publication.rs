//! Reports of `oneroster publish`.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};

use oneroster_standard::{Kind, Moment};
use serde::Serialize;
use uuid::Uuid;

use super::hold::HoldReport;
use super::words::{Word, counted_objects, lines};
use crate::publication::{Publication, State};
use crate::roster::{Action, Summary};

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// To publish, or to release what is held.
    Publish,
    /// To show what publishing would change.
    DryRun,
    /// To set aside what is held.
    Discard,
}

/// What a publication of one tenant came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicationReport {
    /// The tenant.
    pub tenant: String,
    /// What it came to.
    pub state: State,
    /// The newest generation after it; of a dry run that would make one `null`.
    pub generation: Option<Uuid>,
    /// The date of that generation.
    pub published_at: Option<Moment>,
    /// How many objects it added.
    pub added: BTreeMap<Kind, usize>,
    /// How many it changed.
    pub changed: BTreeMap<Kind, usize>,
    /// How many it removed.
    pub removed: BTreeMap<Kind, usize>,
    /// What is held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<HoldReport>,
    /// What was held before, was to be released, and is no longer what would be published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_before: Option<HoldReport>,
    /// What was set aside, if that was asked for; `null` if nothing was held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discarded: Option<Option<HoldReport>>,
    /// `true` for a dry run, else left out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// Which objects it would touch: in a dry run only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<ChangeReport>>,
}

/// An object that a publication would touch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangeReport {
    /// What would happen to it.
    pub change: Action,
    /// Its kind.
    pub kind: Kind,
    /// Its id.
    pub sourced_id: String,
}

impl PublicationReport {
    /// Reports what was asked of a tenant and what it came to.
    pub fn new(tenant_id: &str, publication: &Publication, asked: Asked) -> Self {
        let before = publication.held_before.as_ref().map(HoldReport::from);
        let (held_before, discarded) = match asked {
            Asked::Discard => (None, Some(before)),
            Asked::Publish | Asked::DryRun => (before, None),
        };
        let Summary {
            added,
            changed,
            removed,
            ..
        } = publication.summary.clone();
        let changes = (asked == Asked::DryRun).then(|| {
            let changes = publication.changes.iter().map(|change| ChangeReport {
                change: change.action,
                kind: change.kind,
                sourced_id: change.sourced_id.clone(),
            });
            changes.collect()
        });
        Self {
            tenant: tenant_id.to_owned(),
            state: publication.state,
            generation: publication.generation,
            published_at: publication.published_at.map(Moment::from),
            added,
            changed,
            removed,
            held: publication.held.as_ref().map(HoldReport::from),
            held_before,
            discarded,
            dry_run: asked == Asked::DryRun,
            changes,
        }
    }

    const fn state_text(&self) -> &'static str {
        match (self.state, &self.discarded, self.dry_run) {
            (State::Published, _, true) => "would be published",
            (State::Held, _, true) => "would be held",
            (State::Held, Some(_), _) => {
                "not set aside: something else is held by now; the last generation is served"
            }
            (State::Held, None, _) => "held; the last generation is served",
            (State::Unchanged, Some(Some(_)), _) => {
                "what was held is set aside; the last generation is served"
            }
            (State::Unchanged, Some(None), _) => "nothing is held",
            (State::Unchanged, None, _) => "unchanged",
            (State::Published, _, false) => "published",
        }
    }

    fn fmt_held(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        if let Some(before) = &self.held_before {
            formatter.write_str("\n  not released: it is no longer what was held before, which was")?;
            indented(formatter, before, 4)?;
            counts(formatter, [&before.added, &before.changed, &before.removed], 4)?;
            formatter.write_str("\n  now it is")?;
        }
        if let Some(held) = &self.held {
            indented(formatter, held, 2)?;
            if !self.dry_run {
                let (tenant, hold) = (&self.tenant, held.name());
                write!(
                    formatter,
                    "\n  to publish it:   oneroster publish --tenant {tenant} --release={hold}\
                     \n  to set it aside: oneroster publish --tenant {tenant} --discard={hold}"
                )?;
            }
        }
        Ok(())
    }
}

impl Display for PublicationReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "tenant {}: {}", self.tenant, self.state_text())?;
        if !self.dry_run {
            match (self.generation, self.published_at) {
                (Some(generation), Some(date)) => write!(formatter, "\n  generation {generation} of {date}")?,
                _ => formatter.write_str("\n  nothing has been published yet")?,
            }
        }
        counts(formatter, [&self.added, &self.changed, &self.removed], 2)?;
        self.fmt_held(formatter)?;
        for ChangeReport {
            change,
            kind,
            sourced_id,
        } in self.changes.iter().flatten()
        {
            write!(
                formatter,
                "\n  {} {}/{sourced_id}",
                Word(change),
                kind.collection()
            )?;
        }
        Ok(())
    }
}

/// Publications of every tenant: `publish --all`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PublicationsReport(pub Vec<PublicationReport>);

impl Display for PublicationsReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        lines(formatter, &self.0)
    }
}

/// Writes a text on lines of its own, each after so many blanks.
pub(super) fn indented(
    formatter: &mut Formatter<'_>,
    text: &impl Display,
    blanks: usize,
) -> std::fmt::Result {
    for line in text.to_string().lines() {
        write!(formatter, "\n{:blanks$}{line}", "")?;
    }
    Ok(())
}

/// Writes a line each for what is added, changed and removed; kinds that are not touched are left out.
fn counts(
    formatter: &mut Formatter<'_>,
    [added, changed, removed]: [&BTreeMap<Kind, usize>; 3],
    blanks: usize,
) -> std::fmt::Result {
    for (what, of_kinds) in [("added", added), ("changed", changed), ("removed", removed)] {
        if of_kinds.is_empty() {
            continue;
        }
        let parts: Vec<String> = of_kinds
            .iter()
            .map(|(kind, count)| counted_objects(*count, *kind))
            .collect();
        write!(formatter, "\n{:blanks$}{what}: {}", "", parts.join(", "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use oneroster_standard::StatusType;

    use super::super::hold::tests::hold;
    use super::*;
    use crate::report::snapshot::{self, instant};
    use crate::roster::Change;

    fn publication(state: State) -> Publication {
        Publication {
            state,
            generation: Some(Uuid::from_u128(0x57)),
            published_at: Some(instant(0)),
            summary: Summary::default(),
            changes: Vec::new(),
            held: None,
            held_before: None,
        }
    }

    fn report(publication: &Publication, asked: Asked) -> PublicationReport {
        PublicationReport::new("zandpoort", publication, asked)
    }

    #[test]
    fn a_publication_is_reported_with_its_generation_and_counts() {
        let published = Publication {
            summary: Summary {
                added: BTreeMap::from([(Kind::Classes, 1), (Kind::Enrollments, 24)]),
                changed: BTreeMap::from([(Kind::Users, 1)]),
                ..Summary::default()
            },
            ..publication(State::Published)
        };
        let published = report(&published, Asked::Publish);
        snapshot::assert("publish", &published);
        let unchanged = report(&publication(State::Unchanged), Asked::Publish);
        snapshot::assert("publish_unchanged", &unchanged);
        snapshot::assert("publish_all", &PublicationsReport(vec![published, unchanged]));
        let never = Publication {
            generation: None,
            published_at: None,
            ..publication(State::Unchanged)
        };
        snapshot::assert("publish_never", &report(&never, Asked::Publish));
    }

    #[test]
    fn a_dry_run_lists_what_it_would_touch() {
        let change = |action, kind, sourced_id: &str| Change {
            action,
            kind,
            sourced_id: sourced_id.to_owned(),
            status: StatusType::Active,
            content: None,
            email_domain: None,
        };
        let changes = vec![
            change(Action::Added, Kind::Users, "4c6e"),
            change(Action::Removed, Kind::Enrollments, "4c6e-1"),
        ];
        let would_be = Publication {
            generation: None,
            published_at: None,
            summary: Summary::of(&changes),
            changes,
            ..publication(State::Published)
        };
        snapshot::assert("publish_dry_run", &report(&would_be, Asked::DryRun));
    }

    #[test]
    fn what_is_held_is_reported_with_what_can_be_done() {
        let held = Publication {
            summary: hold().summary,
            held: Some(hold()),
            ..publication(State::Held)
        };
        snapshot::assert("publish_held", &report(&held, Asked::Publish));
        let not_released = Publication {
            held_before: Some(hold()),
            ..held.clone()
        };
        snapshot::assert("publish_release_refused", &report(&not_released, Asked::Publish));
        snapshot::assert("publish_discard_refused", &report(&held, Asked::Discard));
        let discarded = Publication {
            held_before: Some(hold()),
            ..publication(State::Unchanged)
        };
        snapshot::assert("publish_discard", &report(&discarded, Asked::Discard));
        snapshot::assert(
            "publish_discard_nothing",
            &report(&publication(State::Unchanged), Asked::Discard),
        );
    }
}
