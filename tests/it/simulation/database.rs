//! Postgres as a model: states that follow each other by commits, snapshots that are one of them, row and advisory locks,
//! commits that take their time, connections that break in the middle of one, crashes and failovers.

use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::{DateTime, Utc};
use oneroster::publication::diff::DesiredObject;
use oneroster::roster::{Change, ContentHash, InputVersions};
use oneroster_standard::{Kind, StatusType};
use uuid::Uuid;

use super::clock::{Micros, VirtualClock};
use super::effects::{import, publish, recover};
use super::folder::{Chain, Entered, Recovered, enter};
use super::source::{Informat, Source, Username};
use super::world::Actor;

/// A connection.
pub(super) type Session = u64;

/// What only one session has at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lock {
    /// The advisory lock under which a tenant is published; it lasts as long as its session.
    Publication,
    /// The row `roster.head`; until the end of the transaction.
    Head,
    /// The rows `tenant.input_version`; until the end of the transaction.
    Inputs,
}

/// A row of `roster.object_version`.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) from: i64,
    pub(super) until: Option<i64>,
    pub(super) status: StatusType,
    pub(super) content: Rc<str>,
    pub(super) hash: ContentHash,
    /// A date of its own, which no row has but by a mutant.
    pub(super) date: Option<DateTime<Utc>>,
}

/// A row of `roster.generation`.
#[derive(Debug, Clone)]
pub(super) struct Generation {
    pub(super) id: Uuid,
    pub(super) number: i64,
    pub(super) date: DateTime<Utc>,
    pub(super) committed_at: DateTime<Utc>,
}

/// The row `roster.head`.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    pub(super) generation_id: Option<Uuid>,
    pub(super) number: i64,
    pub(super) published_at: Option<DateTime<Utc>>,
    pub(super) tickets_until: Option<DateTime<Utc>>,
    /// What servers sign for before they hand out a ticket.
    pub(super) tickets_signed: Option<DateTime<Utc>>,
    /// Generations were lost: the next publication gives everything a new date.
    pub(super) redates: bool,
}

pub(super) type Objects = BTreeMap<(Kind, String), Vec<Row>>;

/// A committed state. What changes seldom is shared with the states before.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) source: Source,
    pub(super) head: Head,
    pub(super) generations: Rc<Vec<Generation>>,
    pub(super) objects: Rc<Objects>,
    pub(super) evaluation: Option<InputVersions>,
    /// Not in any table: the end of the ticket that ends last, in seconds, whatever `tickets_until` says.
    pub(super) last_expiry: i64,
    /// The audit trail.
    pub(super) trail: Chain,
    /// Since when it is marked as one that went back.
    pub(super) lacking: Option<Micros>,
}

impl State {
    pub(super) fn generation(&self, number: i64) -> Option<&Generation> {
        self.generations.get(usize::try_from(number - 1).ok()?)
    }

    pub(super) fn date_of(&self, row: &Row) -> DateTime<Utc> {
        row.date
            .unwrap_or_else(|| self.generation(row.from).unwrap().date)
    }
}

/// A generation as a publication writes it.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) generation_id: Uuid,
    pub(super) number: i64,
    pub(super) date: DateTime<Utc>,
    pub(super) dated_at: DateTime<Utc>,
    pub(super) inputs: Inputs,
    pub(super) changes: Vec<Change>,
    pub(super) redate: bool,
    /// The clock by which tombstones are old enough to leave.
    pub(super) compared_at: DateTime<Utc>,
    /// What the roster should be, for the witness.
    pub(super) wanted: Vec<DesiredObject>,
    /// Dates of their own by change: only by a mutant.
    pub(super) dates: Vec<Option<DateTime<Utc>>>,
}

/// The versions a publication read, and what it saw of the clock then, for the witness.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inputs {
    pub(super) versions: InputVersions,
    pub(super) day_by_database: chrono::NaiveDate,
}

/// What a transaction writes. Nobody else writes the same rows meanwhile, since it holds their lock.
#[derive(Debug)]
pub(super) enum Write {
    Ticket {
        tickets_until: DateTime<Utc>,
        tickets_signed: DateTime<Utc>,
        expires_at: i64,
    },
    Generation(Box<Draft>),
    Evaluation(Inputs),
    Import(Rc<Informat>),
    Username(u32, Username),
    Format(u32),
    /// Superseded versions that ended with this generation or before.
    PurgeVersions(i64),
    /// The mutant's way with tombstones dated before.
    DeleteTombstones(DateTime<Utc>),
    /// What a database that went back lacked.
    Recovered(Recovered),
}

/// A commit on its way.
#[derive(Debug)]
pub(super) struct InFlight {
    pub(super) write: Write,
    /// Who waits for it; nobody when the connection is gone.
    pub(super) owner: Option<Actor>,
}

#[derive(Debug)]
pub(super) struct Database {
    pub(super) state: Rc<State>,
    /// Earlier states, the latest last: what a standby or a backup may have.
    pub(super) history: Vec<Rc<State>>,
    pub(super) clock: VirtualClock,
    pub(super) is_up: bool,
    pub(super) up_since: Micros,
    /// Counts the crashes: a session of an earlier one is gone.
    pub(super) epoch: u32,
    pub(super) locks: BTreeMap<Lock, Session>,
    pub(super) waiting: Vec<(Lock, Actor)>,
    pub(super) in_flight: BTreeMap<Session, InFlight>,
    /// Whether somebody waits to mark it as one that went back.
    pub(super) awaits_mark: bool,
}

/// Earlier states that are kept.
const HISTORY: usize = 150;

impl Database {
    pub(super) fn new(source: Source, clock: VirtualClock, now: Micros) -> Self {
        let state = State {
            source,
            head: Head::default(),
            generations: Rc::default(),
            objects: Rc::default(),
            evaluation: None,
            last_expiry: 0,
            trail: None,
            lacking: None,
        };
        Self {
            state: Rc::new(state),
            history: Vec::new(),
            clock,
            is_up: true,
            up_since: now,
            epoch: 0,
            locks: BTreeMap::new(),
            waiting: Vec::new(),
            in_flight: BTreeMap::new(),
            awaits_mark: false,
        }
    }

    /// Makes a write visible.
    pub(super) fn write(&mut self, write: Write, now: Micros) {
        let mut state = (*self.state).clone();
        match write {
            Write::Ticket {
                tickets_until,
                tickets_signed,
                expires_at,
            } => {
                state.head.tickets_until = Some(tickets_until);
                state.head.tickets_signed = Some(tickets_signed);
                state.last_expiry = state.last_expiry.max(expires_at);
            }
            Write::Generation(draft) => {
                let entered = Entered::Published(draft.generation_id, draft.date);
                enter(&mut state.trail, now, entered);
                publish(&mut state, *draft);
            }
            Write::Evaluation(inputs) => state.evaluation = Some(inputs.versions),
            Write::Import(informat) => {
                let made = import(&mut state.source, informat);
                if !made.is_empty() {
                    enter(&mut state.trail, now, Entered::Usernames(made));
                }
            }
            Write::Username(number, username) => {
                enter(
                    &mut state.trail,
                    now,
                    Entered::Usernames(vec![(number, username)]),
                );
                Rc::make_mut(&mut state.source.usernames).insert(number, username);
                state.source.usernames_version += 1;
            }
            Write::Format(format) => {
                enter(&mut state.trail, now, Entered::Format(format));
                state.source.format = format;
                state.source.configuration_version += 1;
            }
            Write::Recovered(recovered) => recover(&mut state, recovered, now),
            Write::PurgeVersions(number) => {
                Rc::make_mut(&mut state.objects).retain(|_, rows| {
                    rows.retain(|row| row.until.is_none_or(|until| until > number));
                    !rows.is_empty()
                });
            }
            Write::DeleteTombstones(before) => {
                let dates = state.clone();
                Rc::make_mut(&mut state.objects).retain(|_, rows| {
                    rows.retain(|row| {
                        row.until.is_some()
                            || row.status == StatusType::Active
                            || dates.date_of(row) >= before
                    });
                    !rows.is_empty()
                });
            }
        }
        self.history
            .push(std::mem::replace(&mut self.state, Rc::new(state)));
        if self.history.len() > HISTORY {
            self.history.remove(0);
        }
    }
}
