//! Transactions: locks, and commits that take their time or whose connection is lost.

use std::rc::Rc;

use chrono::DateTime;
use oneroster::roster::Action;

use super::clock::{HOUR, MILLISECOND, MINUTE, Micros, SECOND};
use super::database::{Draft, InFlight, Lock, Session, Write};
use super::world::{Actor, Event, World};

impl World {
    /// The state everyone sees is that of the last commit; so a commit is where the witness looks.
    pub(super) fn apply(&mut self, write: Write) {
        let before = Rc::clone(&self.database.state);
        self.note(|_| format!("committed: {}", shown(&write)));
        match &write {
            Write::Generation(draft) => {
                self.witness.generation(&before, draft);
                self.count_generation(draft);
            }
            Write::Evaluation(inputs) => {
                self.witness.inputs(&before, inputs);
                self.trace.count("publications without a change");
            }
            Write::PurgeVersions(_) => self.trace.count("purges of superseded versions"),
            // A ticket is counted when it is handed out.
            Write::Ticket { .. }
            | Write::Import(_)
            | Write::Username(..)
            | Write::Format(_)
            | Write::DeleteTombstones(_)
            | Write::Recovered(_) => {}
        }
        self.database.write(write, self.now);
        if !Rc::ptr_eq(&before.objects, &self.database.state.objects) {
            let state = Rc::clone(&self.database.state);
            self.witness.stored(&state);
        }
    }

    fn count_generation(&mut self, draft: &Draft) {
        let mut count = |what, is_so| {
            if is_so {
                self.trace.count(what);
            }
        };
        let does = |action| draft.changes.iter().any(|change| change.action == action);
        count("generations", true);
        count("redates", draft.redate);
        count("removals", does(Action::Removed));
        count("returns", does(Action::Returned));
        count("purges of tombstones", does(Action::Purged));
        count("more than 100 changes at once", draft.changes.len() > 100);
        count(
            "generations after the clock was set back over midnight",
            draft.inputs.day_by_database < draft.inputs.versions.today,
        );
        let ahead = draft.date - draft.dated_at;
        count("dates ahead of the clock", ahead > chrono::TimeDelta::minutes(1));
    }

    /// Sends a commit on its way, for an actor that waits.
    pub(super) fn commit(&mut self, session: Session, write: Write, actor: Actor) {
        self.witness.begins(self.now, &write);
        let delay = self.commit_delay();
        let is_lost = !self.is_calm && self.dice.chance(self.knobs.connection_lost);
        let owner = (!is_lost).then_some(actor);
        self.note(|_| format!("{actor:?} commits, visible in {} ms", delay / MILLISECOND));
        self.database.in_flight.insert(session, InFlight { write, owner });
        if is_lost {
            self.trace.count("connection lost at commit");
            let after = self.dice.between(MILLISECOND, 2 * delay);
            self.after(after, Event::Told(actor, session, false));
            if self.dice.chance(500) {
                let after = self.dice.spread(MILLISECOND, MINUTE);
                self.after(after, Event::Abort(session));
                return;
            }
        }
        self.after(delay, Event::Commit(session));
    }

    fn commit_delay(&mut self) -> Micros {
        if !self.is_calm && self.dice.chance(self.knobs.slow_commits) {
            self.trace.count("slow commits");
            return self.dice.spread(SECOND, HOUR);
        }
        self.dice.spread(MILLISECOND, 200 * MILLISECOND)
    }

    pub(super) fn committed(&mut self, session: Session) {
        let Some(flight) = self.database.in_flight.remove(&session) else {
            return;
        };
        self.apply(flight.write);
        match flight.owner {
            Some(actor) => {
                // The transaction is over; what belongs to the session stays.
                for lock in [Lock::Head, Lock::Inputs] {
                    self.unlock(lock, session);
                }
                self.told(actor, session, true);
            }
            None => self.release(session),
        }
    }

    /// Takes a lock, or queues for it.
    pub(super) fn lock(&mut self, lock: Lock, session: Session, actor: Actor) -> bool {
        match self.database.locks.get(&lock) {
            Some(holder) if *holder != session => {
                self.trace.count("waited for a lock");
                self.database.waiting.push((lock, actor));
                false
            }
            Some(_) | None => {
                self.database.locks.insert(lock, session);
                true
            }
        }
    }

    /// Ends a session: all its locks are free again.
    pub(super) fn release(&mut self, session: Session) {
        for lock in [Lock::Publication, Lock::Head, Lock::Inputs] {
            self.unlock(lock, session);
        }
    }

    pub(super) fn unlock(&mut self, lock: Lock, session: Session) {
        if self.database.locks.get(&lock) != Some(&session) {
            return;
        }
        self.database.locks.remove(&lock);
        let waiting = std::mem::take(&mut self.database.waiting);
        let (woken, rest) = waiting.into_iter().partition(|(wanted, _)| *wanted == lock);
        self.database.waiting = rest;
        for (_, actor) in woken {
            let after = self.dice.between(100, 5 * MILLISECOND);
            self.wake(actor, after);
        }
    }
}

fn shown(write: &Write) -> String {
    match write {
        Write::Ticket {
            tickets_until,
            expires_at,
            ..
        } => {
            let ends = DateTime::from_timestamp(*expires_at, 0).unwrap();
            format!("a ticket that ends at {ends}; tickets_until {tickets_until}")
        }
        Write::Generation(draft) => {
            let (number, count) = (draft.number, draft.changes.len());
            let what = if draft.redate { ", redated" } else { "" };
            format!(
                "generation {number} dated {} with {count} changes{what}",
                draft.date
            )
        }
        Write::Evaluation(inputs) => format!("nothing changed: {:?}", inputs.versions),
        Write::Import(_) => "an import".to_owned(),
        Write::Username(number, username) => format!("username of {number}: {username:?}"),
        Write::Format(format) => format!("team name format {format}"),
        Write::PurgeVersions(number) => format!("versions that ended with generation {number} or before"),
        Write::Recovered(recovered) => format!("recovered: {recovered:?}"),
        Write::DeleteTombstones(before) => format!("tombstones from before {before} deleted"),
    }
}
