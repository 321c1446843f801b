//! Files of the audit trail: what a server and the commands on its machine have written outside the database.
//!
//! A file is a place in a chain of entries that the database shares with it: one that is not on the database's chain shows that the
//! database lost commits.

use std::rc::Rc;

use chrono::{DateTime, Utc};
use oneroster::audit::{Entry, PUBLISHED, Sign, promised};
use oneroster::roster::head::LostPromises;
use oneroster_standard::Moment;
use serde_json::json;
use uuid::Uuid;

use super::clock::Micros;
use super::database::State;
use super::source::Username;

/// What an entry tells of.
#[derive(Debug, Clone)]
pub(super) enum Entered {
    Published(Uuid, DateTime<Utc>),
    Usernames(Vec<(u32, Username)>),
    Format(u32),
}

/// An entry and all before it.
pub(super) struct Link {
    position: u64,
    at: Micros,
    entered: Entered,
    before: Chain,
}

pub(super) type Chain = Option<Rc<Link>>;

impl std::fmt::Debug for Link {
    /// Without those before, of which there may be thousands.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {:?}", self.position, self.entered)
    }
}

impl Drop for Link {
    /// One after another: there may be thousands.
    fn drop(&mut self) {
        let mut rest = self.before.take();
        while let Some(mut link) = rest.and_then(Rc::into_inner) {
            rest = link.before.take();
        }
    }
}

/// The folder of a server, and of the commands on its machine.
#[derive(Debug, Default)]
pub(super) struct Folder {
    chain: Chain,
    sign: Option<Sign>,
}

/// What `oneroster recover` writes.
#[derive(Debug)]
pub(super) struct Recovered {
    pub(super) entries: Vec<Entered>,
    pub(super) lost: LostPromises,
}

/// Appends an entry.
pub(super) fn enter(chain: &mut Chain, at: Micros, entered: Entered) {
    let before = chain.take();
    *chain = Some(Rc::new(Link {
        position: position(&before) + 1,
        at,
        entered,
        before,
    }));
}

fn position(chain: &Chain) -> u64 {
    chain.as_ref().map_or(0, |link| link.position)
}

fn is_same(one: &Chain, other: &Chain) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Rc::ptr_eq(one, other),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Goes back to a position.
fn back_to(chain: &Chain, to: u64) -> Chain {
    let mut chain = chain.clone();
    while position(&chain) > to {
        chain = chain.and_then(|link| link.before.clone());
    }
    chain
}

/// What a file has and the database lacks, oldest first.
fn missing(file: &Chain, database: &Chain) -> Vec<Rc<Link>> {
    let is_lost = |link: &Rc<Link>| !is_same(&Some(Rc::clone(link)), &back_to(database, link.position));
    let newest_first = std::iter::successors(file.clone(), |link| link.before.clone());
    let mut missing: Vec<_> = newest_first.take_while(is_lost).collect();
    missing.reverse();
    missing
}

impl Folder {
    /// Whether the generation that is signed for is another one or none.
    fn has_lost_generation(&self, state: &State) -> bool {
        self.sign.is_some_and(|sign| {
            let found = state.generation(sign.number);
            sign.number > 0 && found.is_none_or(|found| found.id != sign.generation_id)
        })
    }

    fn has_lost_tickets(&self, state: &State) -> bool {
        let is_known = |sign: Sign| {
            state
                .head
                .tickets_signed
                .is_some_and(|signed| signed >= sign.until)
        };
        self.has_lost_generation(state) || self.sign.is_some_and(|sign| !is_known(sign))
    }

    /// Whether it has what the database lacks.
    pub(super) fn shows_loss(&self, state: &State) -> bool {
        let same = back_to(&state.trail, position(&self.chain));
        !is_same(&self.chain, &same) || self.has_lost_tickets(state)
    }

    /// Writes what the database has entered until a moment.
    pub(super) fn copy(&mut self, state: &State, until: Micros) {
        let mut chain = state.trail.clone();
        while chain.as_ref().is_some_and(|link| link.at > until) {
            chain = chain.and_then(|link| link.before.clone());
        }
        if position(&chain) > position(&self.chain) {
            self.chain = chain;
        }
    }

    pub(super) fn sign(&mut self, sign: Sign) {
        self.sign = match self.sign {
            Some(before) if before.covers(&sign) => Some(before),
            Some(before) => Some(before.followed_by(sign)),
            None => Some(sign),
        };
    }

    /// What the database lacks of it, by the rules of `audit::recover`.
    pub(super) fn lost(&self, state: &State) -> Option<Recovered> {
        if !self.shows_loss(state) {
            return None;
        }
        let links = missing(&self.chain, &state.trail);
        let entries: Vec<Entry> = links.iter().filter_map(|link| published(&link.entered)).collect();
        let sign = self.sign.filter(|_| self.has_lost_tickets(state));
        Some(Recovered {
            lost: promised(&entries, sign, self.has_lost_generation(state)),
            entries: links.iter().map(|link| link.entered.clone()).collect(),
        })
    }

    /// Writes what `recover` has made again, and signs for the newest generation that there is.
    pub(super) fn is_brought_forward(&mut self, state: &State) {
        self.chain.clone_from(&state.trail);
        self.sign = self.sign.map(|sign| {
            sign.followed_by(Sign {
                until: sign.until,
                number: state.head.number,
                generation_id: state.head.generation_id.unwrap_or_default(),
            })
        });
    }
}

/// The entry of a generation as it is in a file.
fn published(entered: &Entered) -> Option<Entry> {
    let Entered::Published(id, date) = entered else {
        return None;
    };
    Some(Entry {
        tenant_id: String::new(),
        entry_id: *id,
        position: 0,
        at: *date,
        by: String::new(),
        origin: String::new(),
        kind: PUBLISHED.to_owned(),
        detail: Some(json!({ "published_at": Moment::from(*date) })),
        source: None,
        key: None,
        before: None,
        after: None,
        rows: None,
        erased_at: None,
    })
}
