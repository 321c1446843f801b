//! What people do: the school changes Informat, an export is imported, an admin edits.

use std::rc::Rc;

use super::clock::{DAY, HOUR, MILLISECOND, MINUTE, SECOND, day, instant};
use super::database::{Lock, Session, Write};
use super::source::allocate;
use super::world::{Actor, Event, World};

impl World {
    pub(super) fn informat_changes(&mut self) {
        if self.is_calm {
            return;
        }
        let today = day(instant(self.now));
        for _ in 0..self.dice.pick(&[1, 1, 2, 5]) {
            self.informat.change(&mut self.dice, today, self.now);
        }
        let after = self.dice.spread(SECOND, 30 * MINUTE);
        self.wake(Actor::Importer, after);
        if self.dice.chance(500) {
            let after = self.dice.spread(SECOND, self.knobs.change_every);
            self.after(after, Event::Informat);
        }
    }

    pub(super) fn importer_acts(&mut self) {
        let informat = Rc::new(self.informat.clone());
        self.write(Actor::Importer, Write::Import(informat));
    }

    pub(super) fn admin_acts(&mut self) {
        if !self.is_calm {
            let numbers: Vec<u32> = self.database.state.source.usernames.keys().copied().collect();
            let write = if self.dice.chance(150) || numbers.is_empty() {
                Write::Format(u32::try_from(self.dice.below(3)).unwrap())
            } else {
                let number = self.dice.pick(&numbers);
                let mut username = self.database.state.source.usernames[&number];
                if self.dice.chance(600) {
                    username.released = !username.released;
                } else {
                    username.name = allocate(&self.database.state.source.usernames, number);
                }
                Write::Username(number, username)
            };
            self.write(Actor::Admin, write);
        }
        let after = self.dice.spread(MINUTE, 3 * DAY);
        if !self.writing.contains_key(&Actor::Admin) {
            self.wake(Actor::Admin, after);
        }
    }

    /// Writes inputs in one transaction, whose lock orders the versions as the commits.
    fn write(&mut self, actor: Actor, write: Write) {
        if self.writing.contains_key(&actor) {
            return;
        }
        let session = self.number();
        if !self.database.is_up || !self.may_begin(actor) {
            let after = self.dice.spread(MINUTE, HOUR);
            return self.wake(actor, after);
        }
        if self.lock(Lock::Inputs, session, actor) {
            self.writing.insert(actor, session);
            self.commit(session, write, actor);
        }
    }

    pub(super) fn writer_told(&mut self, actor: Actor, session: Session, success: bool) {
        if self.writing.get(&actor) != Some(&session) {
            return;
        }
        self.writing.remove(&actor);
        if success {
            self.write_down(actor);
            for place in 0..self.publishers.len() {
                if self.publishers[place].is_idle() {
                    let after = self.dice.spread(MILLISECOND, 15 * SECOND);
                    self.wake(Actor::Publisher(place), after);
                }
            }
        }
        // An import whose outcome is not known is made again; an admin looks and comes back later.
        let again = match actor {
            Actor::Importer if success => return,
            Actor::Importer => self.dice.spread(SECOND, HOUR),
            Actor::Publisher(_) | Actor::Consumer(_) | Actor::Admin => self.dice.spread(MINUTE, 3 * DAY),
        };
        self.wake(actor, again);
    }
}
