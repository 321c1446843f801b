//! The audit trail as servers and commands follow it: how they see that the database went back, and the way forward.

use std::rc::Rc;

use oneroster::audit::Sign;
use uuid::Uuid;

use super::clock::{HOUR, MINUTE, Micros, SECOND};
use super::database::Write;
use super::folder::Entered;
use super::mutant::Mutant;
use super::world::{Actor, Event, World};

/// How often a server looks, and how old an entry may get before it is in its file.
pub(super) const FOLLOW_EVERY: Micros = SECOND;

impl World {
    /// The server on whose machine somebody works.
    pub(super) fn machine_of(&self, actor: Actor) -> usize {
        match actor {
            Actor::Publisher(place) => place % self.servers.len(),
            Actor::Consumer(_) | Actor::Importer | Actor::Admin => 0,
        }
    }

    /// What each server does each second: it writes what is new to its files, or sees that the database went back.
    pub(super) fn follow_trails(&mut self) {
        if !self.has_trail || !self.database.is_up {
            return;
        }
        for place in 0..self.servers.len() {
            let server = &self.servers[place];
            let in_touch = self
                .database
                .up_since
                .max(server.cut_off_until)
                .max(server.down_until);
            if self.now - in_touch < FOLLOW_EVERY {
                continue;
            }
            let state = Rc::clone(&self.database.state);
            let is_told = state.lacking.is_some_and(|at| self.now - at >= FOLLOW_EVERY);
            if is_told || server.folder.shows_loss(&state) {
                self.servers[place].sees_loss = true;
                self.witness.noticed_at.get_or_insert(self.now);
                self.mark_loss();
            } else {
                let until = self.now - FOLLOW_EVERY;
                self.servers[place].sees_loss = false;
                self.servers[place].folder.copy(&state, until);
            }
        }
    }

    /// Tells everybody who uses the database, once nobody is in the middle of a change.
    fn mark_loss(&mut self) {
        let is_change = |write: &Write| !matches!(write, Write::Ticket { .. });
        let is_busy = self
            .database
            .in_flight
            .values()
            .any(|flight| is_change(&flight.write));
        if self.database.state.lacking.is_some() || self.is(Mutant::GateStaysOpen) {
            return;
        }
        // Who waits for the row of the trail comes before who asks for it later.
        self.database.awaits_mark = is_busy;
        if is_busy {
            return;
        }
        self.trace.count("databases that went back noticed");
        self.note(|_| "the database went back, and that is noticed".to_owned());
        let mut state = (*self.database.state).clone();
        state.lacking = Some(self.now);
        self.database.state = Rc::new(state);
    }

    /// Looks, as every command does before it changes something.
    pub(super) fn may_begin(&mut self, actor: Actor) -> bool {
        if !self.has_trail || !self.database.is_up {
            return true;
        }
        let machine = self.machine_of(actor);
        let state = Rc::clone(&self.database.state);
        if !self.takes_no_change() && !self.servers[machine].folder.shows_loss(&state) {
            return true;
        }
        self.witness.noticed_at.get_or_insert(self.now);
        self.mark_loss();
        self.is(Mutant::GateStaysOpen)
    }

    /// Whether the database refuses every change, since it went back.
    pub(super) fn takes_no_change(&self) -> bool {
        self.database.state.lacking.is_some() || self.database.awaits_mark
    }

    /// A command has its entries on disk before it says that it is done.
    pub(super) fn write_down(&mut self, actor: Actor) {
        let is_command = match actor {
            Actor::Publisher(place) => place + 1 == self.publishers.len(),
            Actor::Importer | Actor::Admin => true,
            Actor::Consumer(_) => false,
        };
        if self.has_trail && is_command {
            let machine = self.machine_of(actor);
            let state = Rc::clone(&self.database.state);
            self.servers[machine].folder.copy(&state, self.now);
        }
    }

    /// A server signs for a ticket before it hands it out.
    pub(super) fn sign_for(&mut self, server: usize, number: i64, generation_id: Uuid) {
        let signed = self.database.state.head.tickets_signed;
        if let Some(until) = signed.filter(|_| self.has_trail && !self.is(Mutant::TicketNotSigned)) {
            let sign = Sign {
                until,
                number,
                generation_id,
            };
            self.servers[server].folder.sign(sign);
        }
    }

    /// `oneroster recover`, with one folder after another. What cannot be made again is made again later.
    pub(super) fn recover(&mut self) {
        if !self.database.is_up || !self.database.in_flight.is_empty() {
            return self.after(MINUTE, Event::Recover);
        }
        for place in 0..self.servers.len() {
            let state = Rc::clone(&self.database.state);
            let Some(mut recovered) = self.servers[place].folder.lost(&state) else {
                continue;
            };
            if self.is(Mutant::RecoveredWithoutRedate) {
                recovered.lost.generations = false;
            }
            if self.is(Mutant::RecoveredWithoutUsernames) {
                recovered
                    .entries
                    .retain(|entered| !matches!(entered, Entered::Usernames(_)));
            }
            self.trace.count("databases brought forward");
            self.apply(Write::Recovered(recovered));
            let state = Rc::clone(&self.database.state);
            self.servers[place].folder.is_brought_forward(&state);
        }
        let mut state = (*self.database.state).clone();
        state.lacking = None;
        self.database.awaits_mark = false;
        // Nobody but a redated generation makes up for what was read of lost ones.
        self.witness.recovered(state.head.redates);
        self.database.state = Rc::new(state);
        let after = self.dice.spread(SECOND, HOUR);
        self.wake(Actor::Importer, after);
    }
}
