//! Which faults there are, and how many of them a run has.

use std::rc::Rc;

use super::clock::{DAY, HOUR, MILLISECOND, MINUTE, Micros, SECOND};
use super::database::Write;
use super::dice::Dice;
use super::mutant::Mutant;
use super::world::{Actor, Event, World};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    PublisherCrash,
    ServerRestart,
    /// A server that does not reach the database for a while.
    ServerCutOff,
    /// A crash of Postgres: what was committed stays.
    Crash,
    /// Another machine takes over, with all that was committed, and a clock of its own.
    Failover,
    /// Another machine takes over without the last commits, or a backup is restored.
    Loss,
    /// Somebody's clock is set.
    ClockStep,
    /// A publisher is upgraded to a newer projection.
    Upgrade,
    /// Versions superseded 400 days ago are deleted.
    Purge,
    /// `publish --redate` without need.
    Redate,
    /// Nobody does anything for weeks or months.
    Holidays,
}

const FAULTS: [Fault; 11] = [
    Fault::PublisherCrash,
    Fault::ServerRestart,
    Fault::ServerCutOff,
    Fault::Crash,
    Fault::Failover,
    Fault::Loss,
    Fault::ClockStep,
    Fault::Upgrade,
    Fault::Purge,
    Fault::Redate,
    Fault::Holidays,
];

/// How a run is set up.
#[derive(Debug, Clone)]
pub(super) struct Knobs {
    pub(super) pupils: u32,
    pub(super) duration: Micros,
    pub(super) events_max: u32,
    pub(super) change_every: Micros,
    /// Faults that happen, with the longest time until the next.
    pub(super) faults: Vec<(Fault, Micros)>,
    /// Commits in a thousand that take up to an hour.
    pub(super) slow_commits: i64,
    /// Commits in a thousand whose connection is lost.
    pub(super) connection_lost: i64,
}

impl Knobs {
    pub(super) fn draw(dice: &mut Dice) -> Self {
        let mut faults = Vec::new();
        for fault in FAULTS {
            if dice.chance(450) {
                let least = if matches!(fault, Fault::Holidays | Fault::Loss | Fault::Redate) {
                    DAY
                } else {
                    HOUR
                };
                faults.push((fault, dice.spread(least, 20 * DAY)));
            }
        }
        // Now and then a delta of more than a page.
        let is_large = dice.chance(60);
        Self {
            pupils: if is_large { 110 } else { dice.pick(&[1, 4, 9, 14]) },
            duration: dice.between(5, 42) * DAY,
            events_max: if is_large { 600 } else { 2500 },
            change_every: dice.spread(10 * MINUTE, 2 * DAY),
            faults,
            slow_commits: dice.pick(&[0, 0, 20, 100]),
            connection_lost: dice.pick(&[0, 0, 20, 100]),
        }
    }
}

impl World {
    pub(super) fn go_wrong(&mut self, fault: Fault) {
        if self.is_calm {
            return;
        }
        let every = self.knobs.faults.iter().find(|(one, _)| *one == fault);
        let every = every.map_or(DAY, |(_, every)| *every);
        let after = self.dice.spread(every / 8, every);
        self.after(after, Event::Fault(fault));
        if !self.database.is_up {
            return;
        }
        self.note(|_| format!("{fault:?}"));
        match fault {
            Fault::PublisherCrash => {
                self.trace.count("publisher crashes");
                let place = self.dice.place(self.publishers.len());
                self.publisher_crashes(place);
            }
            Fault::ServerRestart => {
                let place = self.dice.place(self.servers.len());
                let until = self.now + self.dice.spread(SECOND, 10 * MINUTE);
                self.servers[place].restarts(until);
            }
            Fault::ServerCutOff => {
                self.trace.count("servers cut off");
                let place = self.dice.place(self.servers.len());
                self.servers[place].cut_off_until = self.now + self.dice.spread(MINUTE, 8 * HOUR);
            }
            Fault::Crash => self.database_goes_down("crashes"),
            Fault::Failover => {
                self.database_goes_down("failovers");
                self.step_database_clock();
            }
            Fault::Loss => self.lose(),
            Fault::ClockStep => self.step_a_clock(),
            Fault::Upgrade => {
                let place = self.dice.place(self.publishers.len());
                let newest = self
                    .publishers
                    .iter()
                    .map(|one| one.projection)
                    .max()
                    .unwrap_or(1);
                let publisher = &mut self.publishers[place];
                let is_newest = publisher.projection == newest;
                publisher.projection = if is_newest { newest + 1 } else { newest };
                self.trace.count("upgrades");
            }
            Fault::Purge => self.purge(),
            Fault::Redate => self.redate_wanted = true,
            Fault::Holidays => self.holidays(),
        }
    }

    /// Postgres goes down: sessions end, and of each commit under way nobody knows whether it was made.
    fn database_goes_down(&mut self, what: &'static str) {
        self.trace.count(what);
        let in_flight = std::mem::take(&mut self.database.in_flight);
        for (session, flight) in in_flight {
            if self.dice.chance(500) {
                self.apply(flight.write);
            }
            if let Some(actor) = flight.owner {
                let after = self.dice.spread(MILLISECOND, MINUTE);
                self.after(after, Event::Told(actor, session, false));
            }
        }
        self.database.locks.clear();
        self.database.epoch += 1;
        for (_, actor) in std::mem::take(&mut self.database.waiting) {
            let after = self.dice.spread(MILLISECOND, MINUTE);
            self.wake(actor, after);
        }
        self.database.is_up = false;
        let longest = self.dice.pick(&[MINUTE, 10 * MINUTE, 3 * HOUR]);
        let after = self.dice.spread(SECOND, longest);
        self.after(after, Event::DatabaseUp);
    }

    /// The last commits are lost. With an audit trail that is noticed, and the operator recovers, sooner or later. Without one they import again
    /// and redate, sooner or later, but not within ten minutes: a
    /// redate that is lost itself needs one that is later by every clock.
    fn lose(&mut self) {
        self.database_goes_down("losses");
        self.step_database_clock();
        let history = self.database.history.len();
        let far = self.dice.chance(300);
        let most = if far { history } else { history.min(8) };
        if most == 0 {
            return;
        }
        let back = 1 + self.dice.place(most);
        let state = Rc::clone(&self.database.history[history - back]);
        self.database.history.truncate(history - back);
        let is_lost = self.database.state.head.number - state.head.number;
        if is_lost > 0 {
            self.trace.count("generations lost");
        }
        let is_missed = self.servers.iter().any(|server| server.folder.shows_loss(&state));
        self.witness.went_back(&state, is_missed || !self.has_trail);
        self.note(|_| format!("{back} commits are lost, {is_lost} generations among them"));
        self.database.state = state;
        self.database.awaits_mark = false;
        let after = self.dice.spread(MINUTE, 6 * HOUR);
        self.wake(Actor::Importer, after);
        if self.has_trail {
            let after = self.dice.spread(MINUTE, 6 * HOUR);
            return self.after(after, Event::Recover);
        }
        self.redate_wanted = true;
        let operator = self.publishers.len() - 1;
        let after = self.dice.spread(10 * MINUTE, 6 * HOUR);
        self.wake(Actor::Publisher(operator), after);
    }

    fn step_database_clock(&mut self) {
        let offset = self.spread.of_database(&mut self.dice);
        self.database.clock.step(self.now, offset);
        self.note(|world| {
            format!(
                "the database's clock is {} ms off",
                world.database.clock.offset_ms()
            )
        });
    }

    /// The database's clock is set, just after midnight, and something changes before it is midnight again.
    pub(super) fn set_back(&mut self) {
        if !self.is_calm {
            self.step_database_clock();
            self.after(SECOND, Event::Informat);
        }
    }

    /// A server loses sight of the database, and its clock is set.
    pub(super) fn lose_a_server(&mut self) {
        if self.is_calm {
            return;
        }
        self.trace.count("servers cut off");
        let place = self.dice.place(self.servers.len());
        let offset = self.spread.of_others(&mut self.dice);
        let until = self.now + 20 * MINUTE;
        let server = &mut self.servers[place];
        server.cut_off_until = server.cut_off_until.max(until);
        server.clock.step(self.now, offset);
        self.note(|_| {
            format!(
                "server {place} is cut off, its clock {} ms off",
                offset / MILLISECOND
            )
        });
    }

    fn step_a_clock(&mut self) {
        self.trace.count("clock steps");
        let (spread, now) = (self.spread, self.now);
        let offset = spread.of_others(&mut self.dice);
        match self.dice.below(4) {
            0 => return self.step_database_clock(),
            1 => {
                let place = self.dice.place(self.servers.len());
                self.servers[place].clock.step(now, offset);
            }
            2 => {
                let place = self.dice.place(self.consumers.len());
                self.consumers[place].clock.step(now, offset);
            }
            _ => {
                let place = self.dice.place(self.publishers.len());
                self.publishers[place].clock.step(now, offset);
            }
        }
        self.note(|_| format!("a clock is {} ms off", offset / MILLISECOND));
    }

    fn purge(&mut self) {
        let before = self.database_now() - chrono::TimeDelta::days(400);
        if self.is(Mutant::TombstonesDeleted) {
            self.apply(Write::DeleteTombstones(before));
        }
        let old = self
            .database
            .state
            .generations
            .iter()
            .rev()
            .find(|generation| generation.date < before);
        if let Some(number) = old.map(|generation| generation.number) {
            self.apply(Write::PurgeVersions(number));
        }
    }

    fn holidays(&mut self) {
        if self.database.in_flight.is_empty() && self.database.locks.is_empty() {
            self.trace.count("holidays");
            let stretch = self.dice.spread(7, 380) * DAY;
            self.pass(stretch);
            self.note(|_| "the holidays are over".to_owned());
        }
    }
}
