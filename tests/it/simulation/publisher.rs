//! Publishers: what `publication::publish` does, step by step, with everyone else's steps in between.

use std::rc::Rc;

use chrono::DateTime;
use oneroster::publication::date::{Before, date};
use oneroster::publication::diff::diff;
use oneroster::roster::{CurrentObject, InputVersions};
use oneroster_standard::Kind;

use super::clock::{HOUR, MILLISECOND, MINUTE, Micros, SECOND, Spread, VirtualClock, day, instant};
use super::database::{Draft, Inputs, Lock, Session, State, Write};
use super::dice::Dice;
use super::mutant::Mutant;
use super::source::{informat_changed, project};
use super::world::{Actor, Event, World};

#[derive(Debug)]
pub(super) struct Publisher {
    pub(super) clock: VirtualClock,
    /// The version of the projection in its build.
    pub(super) projection: i32,
    session: Session,
    /// The database's count of crashes when it connected.
    epoch: u32,
    stage: Stage,
}

#[derive(Debug, Default)]
enum Stage {
    #[default]
    Idle,
    /// About to take the publication lock; with inputs only by a mutant.
    Lock(Option<Box<Read>>),
    Read(Option<Box<Read>>),
    Compute(Box<Read>),
    Compare(Box<Read>),
    Date(Box<Draft>),
    Committing,
    /// Crashed, and not started again yet.
    Down,
}

/// Inputs, read in one snapshot.
#[derive(Debug)]
struct Read {
    state: Rc<State>,
    inputs: Inputs,
}

impl Publisher {
    pub(super) fn new(dice: &mut Dice, spread: Spread) -> Self {
        Self {
            clock: VirtualClock::new(spread.of_others(dice)),
            projection: 1,
            session: 0,
            epoch: 0,
            stage: Stage::Idle,
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        matches!(self.stage, Stage::Idle)
    }
}

impl World {
    fn is_operator(&self, place: usize) -> bool {
        place + 1 == self.publishers.len()
    }

    pub(super) fn publisher_acts(&mut self, place: usize) {
        let stage = std::mem::take(&mut self.publishers[place].stage);
        let is_connected = !matches!(stage, Stage::Idle | Stage::Down);
        if is_connected && self.publishers[place].epoch != self.database.epoch {
            return self.publisher_fails(place, "its connection is gone");
        }
        match stage {
            Stage::Idle | Stage::Down => self.look(place),
            Stage::Lock(early) => self.take_turn(place, early),
            Stage::Read(early) => self.read_inputs(place, early),
            Stage::Compute(read) => {
                let most = if self.dice.chance(30) {
                    20 * MINUTE
                } else {
                    20 * SECOND
                };
                self.go_on(place, Stage::Compare(read), most);
            }
            Stage::Compare(read) => self.compare(place, &read),
            Stage::Date(draft) => self.date_and_commit(place, draft),
            Stage::Committing => self.publishers[place].stage = Stage::Committing,
        }
    }

    fn go_on(&mut self, place: usize, stage: Stage, most: Micros) {
        self.publishers[place].stage = stage;
        let after = self.dice.spread(MILLISECOND, most);
        self.wake(Actor::Publisher(place), after);
    }

    fn rest(&mut self, place: usize, after: Micros) {
        self.publishers[place].stage = Stage::Idle;
        self.wake(Actor::Publisher(place), after);
    }

    /// Looks whether there is something to publish, as `publication::background` does.
    fn look(&mut self, place: usize) {
        let is_due = if self.is_operator(place) {
            self.redate_wanted
        } else {
            self.is_due(place)
        };
        if self.database.is_up && is_due && !self.may_publish(place) {
            return self.rest(place, MINUTE);
        }
        if !self.database.is_up || !is_due {
            let after = if self.database.is_up {
                self.until_midnight() + self.dice.spread(MILLISECOND, MINUTE)
            } else {
                MINUTE
            };
            let latest = self.dice.spread(HOUR, 8 * HOUR);
            return self.rest(place, after.min(latest));
        }
        let session = self.number();
        let publisher = &mut self.publishers[place];
        publisher.session = session;
        publisher.epoch = self.database.epoch;
        let early = self
            .is(Mutant::InputsBeforeTheLock)
            .then(|| Box::new(self.snapshot(place)));
        self.go_on(place, Stage::Lock(early), 2 * SECOND);
    }

    /// A command looks at the trail by itself; a server publishes nothing while it sees a loss, or sees nothing.
    fn may_publish(&mut self, place: usize) -> bool {
        let actor = Actor::Publisher(place);
        if self.is_operator(place) {
            return self.may_begin(actor);
        }
        let server = self.machine_of(actor);
        !self.has_trail || !self.is_shut(server) && self.reaches_database(server)
    }

    pub(super) fn is_due(&self, place: usize) -> bool {
        let state = &self.database.state;
        let projection = self.publishers[place].projection;
        let Some(last) = state.evaluation else {
            return true;
        };
        last.projection <= projection
            && (last.mirror != state.source.mirror_version
                || last.usernames != state.source.usernames_version
                || last.configuration != state.source.configuration_version
                || last.projection < projection
                || day(self.database_now()) > last.today)
    }

    /// Returns how long it is until it is midnight in Brussels by the database's clock.
    fn until_midnight(&self) -> Micros {
        let now = self.database_now();
        let tomorrow = oneroster_standard::query::date_in_brussels(day(now) + chrono::Days::new(1));
        (tomorrow - now).num_microseconds().unwrap().max(0)
    }

    fn snapshot(&self, place: usize) -> Read {
        let state = Rc::clone(&self.database.state);
        let source = &state.source;
        let day_by_database = day(self.database_now());
        let publisher = &self.publishers[place];
        let versions = InputVersions {
            mirror: source.mirror_version,
            configuration: source.configuration_version,
            usernames: source.usernames_version,
            today: if self.is(Mutant::DayOfTheServer) {
                day(publisher.clock.at(self.now))
            } else {
                day_by_database
            },
            projection: publisher.projection,
        };
        let versions = versions.on_no_earlier_day(state.evaluation.as_ref());
        Read {
            inputs: Inputs {
                versions,
                day_by_database,
            },
            state,
        }
    }

    fn take_turn(&mut self, place: usize, early: Option<Box<Read>>) {
        if !self.database.is_up {
            return self.publisher_fails(place, "no database");
        }
        let session = self.publishers[place].session;
        let holder = self.database.locks.get(&Lock::Publication).copied();
        let may_skip = !self.is_operator(place) && self.dice.chance(500);
        if holder.is_some() && may_skip {
            return self.rest(place, MINUTE);
        }
        if self.lock(Lock::Publication, session, Actor::Publisher(place)) {
            self.go_on(place, Stage::Read(early), 20 * MILLISECOND);
        } else {
            self.publishers[place].stage = Stage::Lock(early);
        }
    }

    fn read_inputs(&mut self, place: usize, early: Option<Box<Read>>) {
        let read = early.map_or_else(|| self.snapshot(place), |read| *read);
        let last = read.state.evaluation;
        let versions = read.inputs.versions;
        if !self.is_operator(place) && last == Some(versions) && !read.state.head.redates {
            return self.publisher_is_done(place);
        }
        if last.is_some_and(|last| versions.goes_back_from(&last)) {
            self.trace.count("inputs that go back refused");
            return self.publisher_fails(place, "an input goes back");
        }
        self.note(|_| format!("publisher {place} read {versions:?}"));
        if last.is_some_and(|last| last.today < versions.today) && self.dice.chance(100) {
            let after = self.dice.spread(SECOND, 2 * MINUTE);
            self.after(after, Event::SetBack);
        }
        self.go_on(place, Stage::Compute(Box::new(read)), 50 * MILLISECOND);
    }

    fn compare(&mut self, place: usize, read: &Read) {
        let wanted = project(
            &read.state.source,
            read.inputs.versions.projection,
            read.inputs.versions.today,
        );
        let state = Rc::clone(&self.database.state);
        let compared_at = self.database_now();
        if self.takes_no_change() {
            return self.publisher_fails(place, "the database went back");
        }
        let is_ahead = self.is_operator(place);
        let redate = is_ahead || read.state.head.redates;
        let changes = diff(current(&state), wanted.clone(), compared_at, redate);
        let session = self.publishers[place].session;
        if changes.is_empty() {
            self.publishers[place].stage = Stage::Committing;
            return self.commit(session, Write::Evaluation(read.inputs), Actor::Publisher(place));
        }
        let mut draft = Draft {
            generation_id: self.dice.uuid(),
            number: read.state.head.number + 1,
            date: DateTime::UNIX_EPOCH,
            dated_at: compared_at,
            inputs: read.inputs,
            changes,
            redate,
            compared_at,
            wanted,
            dates: Vec::new(),
        };
        if self.is(Mutant::DatedBeforeTheLock) {
            draft.date = self.dated(is_ahead);
        }
        let before = self.is(Mutant::TwoDates).then(|| self.dated(is_ahead));
        for change in &draft.changes {
            let mut own = before.filter(|_| change.kind == Kind::Users);
            if self.is(Mutant::DatesFromInformat) {
                own = informat_changed(&read.state.source, change.kind, &change.sourced_id).map(instant);
            }
            draft.dates.push(own);
        }
        self.go_on(place, Stage::Date(Box::new(draft)), MINUTE);
    }

    /// Dates a generation by the head as it is.
    fn dated(&self, is_ahead: bool) -> DateTime<chrono::Utc> {
        let head = &self.database.state.head;
        let mut before = Before {
            now: self.database_now(),
            tickets_until: head.tickets_until,
            tickets_signed: head.tickets_signed,
            previous: head.published_at,
        };
        if self.is(Mutant::NoMargin) {
            let early = |until: DateTime<chrono::Utc>| until - chrono::TimeDelta::minutes(5);
            before.tickets_until = head.tickets_until.map(early);
            before.tickets_signed = head.tickets_signed.map(early);
        }
        date(&before, is_ahead && !self.is(Mutant::RedatedNow))
    }

    /// The end of the transaction: locks the head, dates, commits.
    fn date_and_commit(&mut self, place: usize, mut draft: Box<Draft>) {
        let session = self.publishers[place].session;
        if !self.lock(Lock::Head, session, Actor::Publisher(place)) {
            self.publishers[place].stage = Stage::Date(draft);
            return;
        }
        if self.database.state.head.number + 1 != draft.number {
            self.trace.count("publication lock lost");
            return self.publisher_fails(place, "somebody else published");
        }
        if self.takes_no_change() {
            return self.publisher_fails(place, "the database went back");
        }
        draft.dated_at = self.database_now();
        if !self.is(Mutant::DatedBeforeTheLock) {
            draft.date = self.dated(self.is_operator(place));
        }
        self.publishers[place].stage = Stage::Committing;
        self.commit(session, Write::Generation(draft), Actor::Publisher(place));
    }

    pub(super) fn publisher_told(&mut self, place: usize, session: Session, success: bool) {
        let publisher = &self.publishers[place];
        if !matches!(publisher.stage, Stage::Committing) || publisher.session != session {
            return;
        }
        if success {
            if self.is_operator(place) {
                self.redate_wanted = false;
                self.write_down(Actor::Publisher(place));
            }
            return self.publisher_is_done(place);
        }
        // The session lives on in the database until that notices.
        self.note(|_| format!("publisher {place} does not know whether it published"));
        let after = self.dice.between(SECOND, MINUTE);
        self.rest(place, after);
    }

    fn publisher_is_done(&mut self, place: usize) {
        self.release(self.publishers[place].session);
        let after = self.dice.between(SECOND, 15 * SECOND);
        self.rest(place, after);
    }

    fn publisher_fails(&mut self, place: usize, why: &str) {
        self.note(|_| format!("publisher {place} fails: {why}"));
        self.release(self.publishers[place].session);
        let after = self.dice.between(30 * SECOND, 10 * MINUTE);
        self.rest(place, after);
    }

    /// The process ends in the middle of whatever it does.
    pub(super) fn publisher_crashes(&mut self, place: usize) {
        let session = self.publishers[place].session;
        self.note(|_| format!("publisher {place} crashes"));
        if let Some(flight) = self.database.in_flight.get_mut(&session) {
            flight.owner = None;
        } else {
            let after = self.dice.spread(MILLISECOND, 2 * MINUTE);
            self.after(after, Event::Release(session));
        }
        self.database
            .waiting
            .retain(|(_, actor)| *actor != Actor::Publisher(place));
        self.publishers[place].stage = Stage::Down;
        let after = self.dice.spread(SECOND, HOUR);
        self.wake(Actor::Publisher(place), after);
    }
}

/// What is current, as the comparison reads it.
fn current(state: &State) -> Vec<CurrentObject> {
    let rows = state.objects.iter().filter_map(|((kind, sourced_id), rows)| {
        let row = rows.last().filter(|row| row.until.is_none())?;
        Some(CurrentObject {
            kind: *kind,
            sourced_id: sourced_id.clone(),
            status: row.status,
            hash: row.hash,
            modified: state.date_of(row),
        })
    });
    rows.collect()
}
