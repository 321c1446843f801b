//! The end of a run: no more faults, every consumer catches up, and all must agree.

use std::rc::Rc;

use super::clock::{DAY, HOUR, SECOND};
use super::consumer::Consumer;
use super::publisher::Publisher;
use super::source::project;
use super::world::{Actor, World};

impl World {
    /// Lets everything come to rest, then has every consumer pull once more: now all must agree.
    pub(super) fn come_to_rest(&mut self) {
        self.is_calm = true;
        for consumer in &mut self.consumers {
            consumer.habits.breaks_off = 0;
            consumer.habits.pause = SECOND;
        }
        let newest = self
            .publishers
            .iter()
            .map(|one| one.projection)
            .max()
            .unwrap_or(1);
        for publisher in &mut self.publishers {
            publisher.projection = newest;
        }
        // A day on, every commit has been made or lost, everyone is back, and every ticket has ended.
        let day = self.now + DAY;
        self.end = self.now + 3 * DAY;
        self.wake(Actor::Importer, HOUR);
        while self.witness.violation.is_none() && !(self.now > day && self.is_settled()) {
            if let Some(event) = self.next_event() {
                self.happen(event);
            } else {
                let text = format!("not published: {:?}", self.publishers);
                self.witness.violated("rest", text);
            }
        }
        for consumer in &mut self.consumers {
            consumer.habits.interval = HOUR;
        }
        for who in 0..self.consumers.len() {
            if self.consumers[who].is_resting() {
                self.wake(Actor::Consumer(who), SECOND);
            }
        }
        self.end = self.now + 30 * DAY;
        while self.witness.violation.is_none() {
            let newest = self.database.state.head.generation_id;
            let knows = |consumer: &Consumer| consumer.has_read.iter().all(|id| *id == newest);
            if self.consumers.iter().all(knows) {
                break;
            }
            match self.next_event() {
                Some(event) => self.happen(event),
                None => break,
            }
        }
        self.compare_all();
    }

    fn is_settled(&self) -> bool {
        let idle = self.publishers.iter().all(Publisher::is_idle);
        idle && !self.redate_wanted && !self.is_due(0)
    }

    fn compare_all(&mut self) {
        if self.witness.violation.is_some() {
            return;
        }
        let id = self.database.state.head.generation_id.unwrap();
        let canonical = Rc::clone(&self.witness.generations[&id]);
        let last = self.database.state.evaluation.unwrap();
        let roster = project(&self.database.state.source, last.projection, last.today);
        let published = canonical
            .docs
            .iter()
            .flat_map(|docs| docs.iter())
            .filter(|doc| doc.is_active);
        if !published.map(|doc| (&*doc.sourced_id, &*doc.content)).eq(roster
            .iter()
            .map(|object| (&*object.sourced_id, &*object.content)))
        {
            let text = format!("generation {} is not the roster {roster:?}", canonical.number);
            return self.witness.violated("rest", text);
        }
        for (who, consumer) in self.consumers.iter().enumerate() {
            for (place, picture) in consumer.pictures.iter().enumerate() {
                if let Err(text) = self.witness.picture(place, picture, &canonical) {
                    let text = format!("at rest consumer {who} differs from the roster: {text}");
                    return self.witness.violated("I5", text);
                }
            }
        }
    }
}
