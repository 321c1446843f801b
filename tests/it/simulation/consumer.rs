//! Consumers: they pull, page by page, and keep a picture of the roster by what they read: `active` is there,
//! `tobedeleted` is gone.

use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::DateTime;
use oneroster::auth::Ticket;
use uuid::Uuid;

use super::clock::{DAY, HOUR, MILLISECOND, MINUTE, Micros, SECOND, Spread, VirtualClock};
use super::database::Session;
use super::dice::Dice;
use super::habits::{Habits, SinceHabit, TokenHabit};
use super::server::Issue;
use super::source::KINDS;
use super::witness::Canonical;
use super::world::{Actor, Event, World};

type Picture = BTreeMap<Rc<str>, Rc<str>>;

#[derive(Debug)]
pub(super) struct Consumer {
    pub(super) clock: VirtualClock,
    pub(super) habits: Habits,
    pub(super) ticket: Option<Held>,
    pub(super) pictures: [Picture; 4],
    /// What the next delta of each collection asks from; nothing before the first full pull.
    pub(super) since: [Option<Micros>; 4],
    stage: Stage,
    /// The generation it has each collection from.
    pub(super) has_read: [Option<Uuid>; 4],
}

/// A ticket, and whether what is read with it may be relied upon: not so when commits were lost before it was issued and
/// nothing was redated since.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) ticket: Ticket,
    pub(super) is_sound: bool,
}

#[derive(Debug, Default)]
enum Stage {
    #[default]
    Resting,
    Asking(Asking),
    Pulling(Run),
}

/// A request for a token under way.
#[derive(Debug)]
struct Asking {
    session: Session,
    server: usize,
    until: Micros,
    /// The token, when only its commit is awaited.
    pending: Option<Ticket>,
    /// The run it is for; none at validation.
    run: Option<Run>,
}

#[derive(Debug, Default)]
pub(super) struct Run {
    /// Its clock at the start.
    pub(super) start: Micros,
    /// The first `Date` header.
    pub(super) date: Option<Micros>,
    /// Which collection it is at, and how many rows of it are read.
    pub(super) place: usize,
    pub(super) offset: usize,
    /// Rows of a full pull.
    pub(super) rows: Picture,
    /// By collection: T for the next run, the highest date seen, the generation read and whether that can be relied upon.
    pub(super) marks: [Option<Micros>; 4],
    pub(super) highest: [Option<Micros>; 4],
    pub(super) read: [Option<(Uuid, bool)>; 4],
    pub(super) failures: u32,
}

/// A token request is given up after this.
const TOKEN_WAIT: Micros = 20 * SECOND;

impl Consumer {
    pub(super) fn new(dice: &mut Dice, spread: Spread) -> Self {
        Self {
            clock: VirtualClock::new(spread.of_others(dice)),
            habits: Habits::draw(dice),
            ticket: None,
            pictures: Default::default(),
            since: [None; 4],
            stage: Stage::Resting,
            has_read: [None; 4],
        }
    }

    pub(super) fn is_resting(&self) -> bool {
        matches!(self.stage, Stage::Resting)
    }
}

impl World {
    pub(super) fn consumer_acts(&mut self, who: usize) {
        match std::mem::take(&mut self.consumers[who].stage) {
            Stage::Resting => self.start_run(who),
            Stage::Asking(asking) => self.ask_token(who, asking),
            Stage::Pulling(run) => self.ask_page(who, run),
        }
    }

    fn start_run(&mut self, who: usize) {
        let habit = self.consumers[who].habits.token;
        if habit == TokenHabit::Ahead && self.consumers[who].ticket.is_none() {
            return self.want_token(who, None);
        }
        let run = self.new_run(who);
        self.note(|_| format!("consumer {who} starts a run"));
        self.provoke(who);
        let needs_token = matches!(habit, TokenHabit::PerRun | TokenHabit::PerCollection)
            || self.consumers[who].ticket.is_none();
        if needs_token {
            self.want_token(who, Some(run));
        } else {
            self.next_request(who, run);
        }
    }

    fn new_run(&self, who: usize) -> Run {
        Run {
            start: self.consumers[who].clock.at(self.now).timestamp_micros(),
            ..Run::default()
        }
    }

    /// Lets things happen when they hurt most: in the middle of a run, or when its ticket ends.
    fn provoke(&mut self, who: usize) {
        if self.is_calm {
            return;
        }
        let habits = &self.consumers[who].habits;
        let lifetime = Micros::from(habits.lifetime_s) * SECOND;
        let pause = habits.pause;
        if self.dice.chance(300) {
            let after = self.dice.spread(MILLISECOND, 20 * pause);
            self.after(after, Event::Informat);
        }
        if self.dice.chance(300) {
            let after = lifetime + self.dice.between(-10 * MINUTE, 10 * MINUTE);
            self.after(after, Event::Informat);
        }
        if self.dice.chance(50) {
            let after = lifetime + self.dice.between(-10 * MINUTE, 5 * MINUTE);
            self.after(after, Event::ServerLost);
        }
    }

    pub(super) fn next_request(&mut self, who: usize, run: Run) {
        let pause = self.consumers[who].habits.pause;
        self.consumers[who].stage = Stage::Pulling(run);
        let after = self.dice.spread(MILLISECOND, pause);
        self.wake(Actor::Consumer(who), after);
    }

    pub(super) fn want_token(&mut self, who: usize, run: Option<Run>) {
        let asking = Asking {
            session: self.number(),
            server: self.dice.place(self.servers.len()),
            until: self.now + TOKEN_WAIT,
            pending: None,
            run,
        };
        self.ask_token(who, asking);
    }

    fn ask_token(&mut self, who: usize, mut asking: Asking) {
        let actor = Actor::Consumer(who);
        self.database.waiting.retain(|(_, waiting)| *waiting != actor);
        if asking.pending.is_some() || self.now > asking.until {
            // Whatever becomes of the commit, nobody holds the ticket.
            if let Some(flight) = self.database.in_flight.get_mut(&asking.session) {
                flight.owner = None;
            }
            return self.break_off(who, "no token");
        }
        let lifetime_s = self.consumers[who].habits.lifetime_s;
        match self.issue(asking.server, actor, asking.session, lifetime_s) {
            Issue::Issued(ticket) => self.has_token(who, ticket, asking),
            Issue::Pending(ticket) => {
                asking.pending = Some(ticket);
                self.wait_for_token(who, asking);
            }
            Issue::Waits => self.wait_for_token(who, asking),
            Issue::Unavailable => self.break_off(who, "no token"),
        }
    }

    fn wait_for_token(&mut self, who: usize, asking: Asking) {
        let after = asking.until - self.now + MILLISECOND;
        self.consumers[who].stage = Stage::Asking(asking);
        self.wake(Actor::Consumer(who), after);
    }

    pub(super) fn consumer_told(&mut self, who: usize, session: Session, success: bool) {
        match std::mem::take(&mut self.consumers[who].stage) {
            Stage::Asking(mut asking) if asking.session == session => match asking.pending.take() {
                Some(ticket) if success => self.has_token(who, ticket, asking),
                Some(_) | None => self.break_off(who, "no token"),
            },
            other @ (Stage::Resting | Stage::Asking(_) | Stage::Pulling(_)) => {
                self.consumers[who].stage = other;
            }
        }
    }

    fn has_token(&mut self, who: usize, ticket: Ticket, asking: Asking) {
        self.note(|_| {
            let ends = DateTime::from_timestamp(ticket.expires_at, 0).unwrap();
            format!(
                "consumer {who} has a ticket to generation {:?} until {ends}",
                ticket.number
            )
        });
        let (id, number) = (ticket.generation_id.unwrap(), ticket.number.unwrap());
        self.sign_for(asking.server, number, id);
        self.witness
            .ticket(ticket.expires_at, self.has_trail.then_some(id));
        let is_sound = !self.witness.needs_redate;
        self.consumers[who].ticket = Some(Held { ticket, is_sound });
        if let Some(mut run) = asking.run {
            run.date.get_or_insert(self.date_header(asking.server));
            return self.next_request(who, run);
        }
        // Validated; the run is for later.
        let lifetime = Micros::from(self.consumers[who].habits.lifetime_s) * SECOND;
        let after = self.dice.spread(SECOND, lifetime);
        self.consumers[who].stage = Stage::Resting;
        self.wake(Actor::Consumer(who), after);
    }

    /// A token that has ended in the middle: what was read with it and a new one do not go together.
    pub(super) fn refused(&mut self, who: usize, mut run: Run) {
        let habits = &self.consumers[who].habits;
        let goes_on = habits.resumes || habits.token == TokenHabit::PerCollection;
        let was_reading = run.place > 0 || run.offset > 0;
        self.consumers[who].ticket = None;
        if goes_on {
            run.offset = 0;
            run.rows.clear();
            run.highest[run.place] = None;
        } else {
            run = self.new_run(who);
        }
        if was_reading {
            self.trace.count("tickets that ended in a run");
        }
        self.note(|_| format!("consumer {who} is refused and takes a new token"));
        self.want_token(who, Some(run));
    }

    pub(super) fn finish_run(&mut self, who: usize, run: &Run) {
        self.note(|_| format!("consumer {who} has completed a run"));
        self.trace.count("runs completed");
        for place in 0..KINDS.len() {
            let (id, is_sound) = run.read[place].unwrap();
            let canonical: Rc<Canonical> = Rc::clone(&self.witness.generations[&id]);
            if !is_sound {
                self.trace.count("collections read before a redate");
                continue;
            }
            let picture = &self.consumers[who].pictures[place];
            if let Err(text) = self.witness.picture(place, picture, &canonical) {
                let habits = &self.consumers[who].habits;
                let text = format!(
                    "after a run at generation {} consumer {who} has missed something: {text}; {habits:?}",
                    canonical.number
                );
                self.witness.violated("I5", text);
            }
        }
        let consumer = &mut self.consumers[who];
        let highest = run.highest.iter().copied().max().flatten();
        let has_one_ticket = consumer.habits.has_one_ticket();
        for place in 0..KINDS.len() {
            let mark = match consumer.habits.since {
                SinceHabit::Highest if has_one_ticket => highest,
                SinceHabit::Highest => run.highest[place],
                SinceHabit::LastRequest if has_one_ticket => run.marks[KINDS.len() - 1],
                SinceHabit::LastRequest
                | SinceHabit::RunStart
                | SinceHabit::CollectionStart
                | SinceHabit::FirstDate
                | SinceHabit::PageDate => run.marks[place],
            };
            consumer.since[place] = mark.or(consumer.since[place]);
        }
        let since = consumer.since;
        consumer.has_read = run.read.map(|read| read.map(|(id, _)| id));
        self.note(|_| {
            format!(
                "consumer {who} will ask from {:?}",
                since.map(|t| t.map(super::clock::instant))
            )
        });
        self.rest_consumer(who);
    }

    pub(super) fn break_off(&mut self, who: usize, why: &str) {
        self.trace.count("runs broken off");
        self.note(|_| format!("consumer {who} breaks off: {why}"));
        self.rest_consumer(who);
    }

    fn rest_consumer(&mut self, who: usize) {
        let habits = &self.consumers[who].habits;
        let (interval, habit) = (habits.interval, habits.token);
        let mut after = interval + self.dice.between(0, interval / 10);
        if !self.is_calm && self.dice.chance(150) {
            after = self.dice.spread(HOUR, 6 * DAY);
        }
        // About when its ticket ends, now and then.
        if let (TokenHabit::Life, Some(held)) = (habit, &self.consumers[who].ticket) {
            let left = held.ticket.expires_at * SECOND - self.now;
            if left > MINUTE && self.dice.chance(300) {
                let about = self.dice.spread(100 * MILLISECOND, 5 * MINUTE);
                after = left + if self.dice.chance(500) { -about } else { about };
            }
        }
        let consumer = &mut self.consumers[who];
        if habit == TokenHabit::Ahead {
            consumer.ticket = None;
        }
        consumer.stage = Stage::Resting;
        self.wake(Actor::Consumer(who), after);
    }
}
