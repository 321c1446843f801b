//! The world: everyone in it, and what happens next. One seed, one course of events.

use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::{DateTime, Days, Utc};
use oneroster_school::informat::Schooljaar;

use super::clock::{DAY, HOUR, MINUTE, Micros, SECOND, Spread, VirtualClock, day, instant};
use super::consumer::Consumer;
use super::database::{Database, Session, Write};
use super::dice::Dice;
use super::faults::{Fault, Knobs};
use super::mutant::Mutant;
use super::publisher::Publisher;
use super::server::Server;
use super::source::{Informat, Source};
use super::trace::Trace;
use super::witness::Witness;

/// What acts, one step after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Actor {
    /// A background publisher; the last one is the operator with `publish --redate`.
    Publisher(usize),
    Consumer(usize),
    /// Imports what Informat holds.
    Importer,
    /// An admin who edits usernames and the tenant file.
    Admin,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Event {
    /// An actor takes its next step, unless it was scheduled for another time since.
    Wake(Actor, u64),
    /// A commit becomes visible.
    Commit(Session),
    /// A transaction is rolled back.
    Abort(Session),
    /// A session is over.
    Release(Session),
    /// An actor hears that its commit succeeded, or that its connection was lost.
    Told(Actor, Session, bool),
    /// The school changes something in Informat.
    Informat,
    /// The database's clock is set after midnight.
    SetBack,
    /// A server loses sight of the database, and its clock is set.
    ServerLost,
    /// The database is back.
    DatabaseUp,
    /// `oneroster recover`.
    Recover,
    Fault(Fault),
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) now: Micros,
    pub(super) dice: Dice,
    pub(super) spread: Spread,
    pub(super) knobs: Knobs,
    pub(super) mutant: Option<Mutant>,
    pub(super) database: Database,
    pub(super) informat: Informat,
    pub(super) publishers: Vec<Publisher>,
    pub(super) servers: Vec<Server>,
    pub(super) consumers: Vec<Consumer>,
    pub(super) witness: Witness,
    pub(super) trace: Trace,
    /// Whether servers and commands keep an audit trail.
    pub(super) has_trail: bool,
    /// Whether the operator is to redate.
    pub(super) redate_wanted: bool,
    /// The session of the importer and the admin, while they wait for a commit.
    pub(super) writing: BTreeMap<Actor, Session>,
    /// From here on there are no faults.
    pub(super) is_calm: bool,
    /// When it ends.
    pub(super) end: Micros,
    queue: BTreeMap<(Micros, u64), Event>,
    awake: BTreeMap<Actor, u64>,
    counter: u64,
}

impl World {
    pub(super) fn new(seed: u64, mutant: Option<Mutant>, trace: Trace) -> Self {
        let mut dice = Dice::new(seed);
        let now = 1_750_000_000 * SECOND + dice.below(700 * DAY);
        let spread = Spread::draw(&mut dice);
        let knobs = Knobs::draw(&mut dice);
        let today = day(instant(now));
        let informat = Informat::new(&mut dice, knobs.pupils, today);
        let begin = today - Days::new(dice.spread(1, 60).unsigned_abs());
        let year = Schooljaar {
            schooljaar: "2026-27".to_owned(),
            begindatum: begin,
            einddatum: begin + Days::new(dice.pick(&[20, 90, 300, 900])),
        };
        let source = Source {
            mirror: Rc::default(),
            usernames: Rc::default(),
            year: Rc::new(year),
            format: 0,
            mirror_version: 0,
            usernames_version: 0,
            configuration_version: 1,
        };
        let mut database = Database::new(source, VirtualClock::new(spread.of_database(&mut dice)), now);
        database.write(Write::Import(Rc::new(informat.clone())), now);
        let counts = [(); 3].map(|()| dice.pick(&[1, 2, 3]));
        let mut world = Self {
            now,
            spread,
            mutant,
            database,
            informat,
            publishers: (0..=counts[0])
                .map(|_| Publisher::new(&mut dice, spread))
                .collect(),
            servers: (0..counts[1]).map(|_| Server::new(&mut dice, spread)).collect(),
            consumers: (0..counts[2]).map(|_| Consumer::new(&mut dice, spread)).collect(),
            knobs,
            dice,
            witness: Witness::default(),
            trace,
            // Of three, so that one shows the way without.
            has_trail: !seed.is_multiple_of(3),
            redate_wanted: false,
            writing: BTreeMap::new(),
            is_calm: false,
            end: Micros::MAX,
            queue: BTreeMap::new(),
            awake: BTreeMap::new(),
            counter: 0,
        };
        world.begin();
        world
    }

    fn begin(&mut self) {
        for place in 0..self.publishers.len() {
            let after = self.dice.spread(SECOND, MINUTE);
            self.wake(Actor::Publisher(place), after);
        }
        for place in 0..self.consumers.len() {
            let after = self.dice.spread(MINUTE, 4 * HOUR);
            self.wake(Actor::Consumer(place), after);
        }
        self.after(self.knobs.change_every, Event::Informat);
        for (fault, every) in self.knobs.faults.clone() {
            let after = self.dice.spread(MINUTE, every);
            self.after(after, Event::Fault(fault));
        }
        let after = self.dice.spread(HOUR, 3 * DAY);
        self.wake(Actor::Admin, after);
    }

    /// Lets things happen until the time is up, then lets everything come to rest, and compares.
    pub(super) fn run(&mut self) {
        self.end = self.now + self.knobs.duration;
        for _ in 0..self.knobs.events_max {
            match self.next_event() {
                Some(event) => self.happen(event),
                None => break,
            }
            if self.witness.violation.is_some() {
                break;
            }
        }
        if self.witness.violation.is_none() {
            self.come_to_rest();
        }
    }

    pub(super) fn happen(&mut self, event: Event) {
        self.follow_trails();
        match event {
            Event::Wake(actor, id) => {
                if self.awake.get(&actor) == Some(&id) {
                    self.act(actor);
                }
            }
            Event::Commit(session) => self.committed(session),
            Event::Abort(session) => {
                self.database.in_flight.remove(&session);
                self.release(session);
            }
            Event::Release(session) => self.release(session),
            Event::Told(actor, session, success) => self.told(actor, session, success),
            Event::Informat => self.informat_changes(),
            Event::SetBack => self.set_back(),
            Event::ServerLost => self.lose_a_server(),
            Event::DatabaseUp => {
                self.database.is_up = true;
                self.database.up_since = self.now;
                self.note(|_| "the database is up".to_owned());
            }
            Event::Recover => self.recover(),
            Event::Fault(fault) => self.go_wrong(fault),
        }
    }

    fn act(&mut self, actor: Actor) {
        match actor {
            Actor::Publisher(place) => self.publisher_acts(place),
            Actor::Consumer(place) => self.consumer_acts(place),
            Actor::Importer => self.importer_acts(),
            Actor::Admin => self.admin_acts(),
        }
    }

    pub(super) fn told(&mut self, actor: Actor, session: Session, success: bool) {
        match actor {
            Actor::Publisher(place) => self.publisher_told(place, session, success),
            Actor::Consumer(place) => self.consumer_told(place, session, success),
            Actor::Importer | Actor::Admin => self.writer_told(actor, session, success),
        }
    }

    /// Schedules the next step of an actor, in place of an earlier schedule.
    pub(super) fn wake(&mut self, actor: Actor, after: Micros) {
        let id = self.number();
        self.awake.insert(actor, id);
        self.after(after, Event::Wake(actor, id));
    }

    pub(super) fn after(&mut self, after: Micros, event: Event) {
        let id = self.number();
        self.queue.insert((self.now + after.max(0), id), event);
    }

    pub(super) fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// Skips a time in which no actor does anything.
    pub(super) fn pass(&mut self, stretch: Micros) {
        self.now += stretch;
        self.end += stretch;
        let queue = std::mem::take(&mut self.queue);
        self.queue = queue
            .into_iter()
            .map(|((at, id), event)| ((at + stretch, id), event))
            .collect();
    }

    /// What happens next, up to the end.
    pub(super) fn next_event(&mut self) -> Option<Event> {
        let next = self.queue.first_entry()?;
        let (at, _) = *next.key();
        if at > self.end {
            return None;
        }
        self.now = at;
        Some(next.remove())
    }

    pub(super) fn database_now(&self) -> DateTime<Utc> {
        self.database.clock.at(self.now)
    }

    pub(super) fn is(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }

    pub(super) fn note(&mut self, line: impl FnOnce(&Self) -> String) {
        if self.trace.is_on {
            let line = line(self);
            self.trace.add(instant(self.now), &line);
        }
    }
}
