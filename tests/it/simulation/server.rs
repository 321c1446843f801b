//! Servers: they issue tickets, end them by their clocks, and answer from generations in memory.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use oneroster::auth::{ScopeSet, Ticket, expiry_clock};
use oneroster::roster::Version;
use oneroster::serving::{CollectionAnswer, Generation, Snapshot};
use oneroster_standard::Kind;
use oneroster_standard::query::{ListQuery, Policy};
use uuid::Uuid;

use super::clock::{Micros, SECOND, Spread, VirtualClock};
use super::database::{Head, Lock, Row, Session, State, Write};
use super::dice::Dice;
use super::folder::Folder;
use super::mutant::Mutant;
use super::witness::ROOT;
use super::world::{Actor, World};

#[derive(Debug)]
pub(super) struct Server {
    pub(super) clock: VirtualClock,
    /// When it last heard of the database, and what that and its own clock showed.
    contact: Option<Contact>,
    /// Cut off from the database, and from consumers, until then.
    pub(super) cut_off_until: Micros,
    pub(super) down_until: Micros,
    cache: Vec<Arc<Snapshot>>,
    pub(super) folder: Folder,
    /// Whether it has seen that the database went back, or has not looked yet.
    pub(super) sees_loss: bool,
}

#[derive(Debug, Clone, Copy)]
struct Contact {
    at: Micros,
    database_then: DateTime<Utc>,
    own_then: DateTime<Utc>,
}

/// What became of a request for a token.
#[derive(Debug)]
pub(super) enum Issue {
    Issued(Ticket),
    /// The commit is on its way.
    Pending(Ticket),
    /// Somebody holds the head.
    Waits,
    Unavailable,
}

/// An answer to a request for a page.
pub(super) enum Answer {
    Unauthorized,
    Unavailable,
    Page(Arc<Snapshot>, CollectionAnswer),
}

/// Generations a server keeps in memory.
const CACHE: usize = 3;

/// How often a server asks the database what time it is.
const CONTACT_EVERY: Micros = 2 * SECOND;

impl Server {
    pub(super) fn new(dice: &mut Dice, spread: Spread) -> Self {
        Self {
            clock: VirtualClock::new(spread.of_others(dice)),
            contact: None,
            cut_off_until: 0,
            down_until: 0,
            cache: Vec::new(),
            folder: Folder::default(),
            sees_loss: false,
        }
    }

    /// The process starts anew.
    pub(super) fn restarts(&mut self, down_until: Micros) {
        self.cache.clear();
        self.contact = None;
        self.down_until = down_until;
        self.sees_loss = true;
    }
}

/// What `auth::issue` does in one statement: the end of a ticket in seconds, and the new `tickets_until`.
pub(super) fn place(
    now: DateTime<Utc>,
    lifetime_s: u32,
    tickets_until: Option<DateTime<Utc>>,
) -> (i64, DateTime<Utc>) {
    let end = now + TimeDelta::seconds(i64::from(lifetime_s));
    let raised = tickets_until
        .unwrap_or(DateTime::<Utc>::MIN_UTC)
        .max(end + TimeDelta::seconds(1));
    (end.min(raised).timestamp(), raised)
}

/// The new `tickets_signed` of the same statement.
pub(super) fn signed_until(now: DateTime<Utc>, lifetime_s: u32, head: &Head) -> DateTime<Utc> {
    let end = now + TimeDelta::seconds(i64::from(lifetime_s));
    let until = head.tickets_until.unwrap_or(DateTime::<Utc>::MIN_UTC);
    let is_enough = |signed: &DateTime<Utc>| *signed >= until.max(end + TimeDelta::seconds(2));
    let kept = head.tickets_signed.filter(is_enough);
    kept.unwrap_or_else(|| until.max(end) + TimeDelta::minutes(1))
}

impl World {
    /// Whether a server issues and publishes nothing, since the database went back.
    pub(super) fn is_shut(&self, server: usize) -> bool {
        self.has_trail && self.servers[server].sees_loss && !self.is(Mutant::GateStaysOpen)
    }

    /// Asks the database for the time, as a server does every second as long as it can.
    fn keep_contact(&mut self, server: usize) {
        let (now, up_since) = (self.now, self.database.up_since);
        let ago = self.dice.below(CONTACT_EVERY);
        let clock = &self.database.clock;
        let is_up = self.database.is_up;
        let server = &mut self.servers[server];
        if !is_up || now < server.cut_off_until {
            return;
        }
        let at = (now - ago)
            .max(up_since)
            .max(server.cut_off_until)
            .max(server.down_until)
            .min(now);
        if server.contact.is_none_or(|contact| contact.at < at) {
            server.contact = Some(Contact {
                at,
                database_then: clock.at(at),
                own_then: server.clock.at(at),
            });
        }
    }

    /// The instant by which a server ends tickets.
    fn expiry_now(&self, server: usize) -> DateTime<Utc> {
        let server = &self.servers[server];
        let own = server.clock.at(self.now);
        let Some(contact) = server.contact else {
            return own;
        };
        if self.is(Mutant::ServerClockSetBack) {
            return own + (contact.database_then - contact.own_then).max(TimeDelta::zero());
        }
        let since = Duration::from_micros((self.now - contact.at).unsigned_abs());
        expiry_clock(own, contact.database_then, since)
    }

    pub(super) fn reaches_database(&self, server: usize) -> bool {
        self.database.is_up && self.now >= self.servers[server].cut_off_until
    }

    /// Issues a ticket, all but its commit when that takes time.
    pub(super) fn issue(&mut self, server: usize, actor: Actor, session: Session, lifetime_s: u32) -> Issue {
        let is_down = self.now < self.servers[server].down_until;
        if is_down || !self.reaches_database(server) || self.is_shut(server) {
            return Issue::Unavailable;
        }
        if self.has_trail && self.servers[server].sees_loss {
            let text = format!("server {server} issues a ticket on a database that went back");
            self.witness.violated("gate", text);
        }
        if !self.lock(Lock::Head, session, actor) {
            return Issue::Waits;
        }
        let head = self.database.state.head.clone();
        let Some(generation_id) = head.generation_id else {
            self.unlock(Lock::Head, session);
            return Issue::Unavailable;
        };
        let number = head.number;
        let (expires_at, mut tickets_until) = place(self.database_now(), lifetime_s, head.tickets_until);
        let mut tickets_signed = signed_until(self.database_now(), lifetime_s, &head);
        if self.is(Mutant::TicketNotCounted) {
            tickets_until = head.tickets_until.unwrap_or(DateTime::UNIX_EPOCH);
            tickets_signed = head.tickets_signed.unwrap_or(DateTime::UNIX_EPOCH);
        }
        let ticket = Ticket {
            client_id: String::new(),
            tenant_id: String::new(),
            generation_id: Some(generation_id),
            number: Some(number),
            token_id: Uuid::nil(),
            scopes: ScopeSet::ALL,
            issued_at: self.database_now().timestamp(),
            expires_at,
        };
        let write = Write::Ticket {
            tickets_until,
            tickets_signed,
            expires_at,
        };
        self.trace.count("tickets");
        if self.is_calm || self.dice.chance(930) {
            self.apply(write);
            self.unlock(Lock::Head, session);
            return Issue::Issued(ticket);
        }
        self.commit(session, write, actor);
        Issue::Pending(ticket)
    }

    /// Answers a request for a collection.
    pub(super) fn answer(
        &mut self,
        server: usize,
        ticket: &Ticket,
        kind: Kind,
        parameters: &[(String, String)],
        policy: Policy,
    ) -> Answer {
        if self.now < self.servers[server].down_until {
            return Answer::Unavailable;
        }
        self.keep_contact(server);
        // A server does not start before it has heard of the database.
        if self.servers[server].contact.is_none() {
            return Answer::Unavailable;
        }
        if ticket.is_expired_at(self.expiry_now(server)) {
            self.trace.count("tickets that had ended");
            return Answer::Unauthorized;
        }
        // What the five minutes stand on: no ticket is honoured past its end by any clock the database may have.
        if self.now - self.spread.database >= ticket.expires_at * SECOND {
            let text = format!("a ticket that ended at {} was honoured", ticket.expires_at);
            self.witness.violated("expiry", text);
        }
        let snapshot = match self.get(server, ticket) {
            Ok(snapshot) => snapshot,
            Err(answer) => return answer,
        };
        let policy = Policy {
            unpaged_delta: !self.is(Mutant::LimitOnUnpagedDelta),
            ..policy
        };
        match ListQuery::parse(kind, parameters, &policy) {
            Ok(query) => {
                let page = snapshot.list(kind, &query, "-");
                Answer::Page(snapshot, page)
            }
            Err(error) => {
                self.witness.violated("query", format!("{error}: {parameters:?}"));
                Answer::Unavailable
            }
        }
    }

    /// Finds a ticket's generation in memory, or loads it.
    #[expect(
        clippy::result_large_err,
        reason = "one is made per request, of which one is under way at a time"
    )]
    fn get(&mut self, server: usize, ticket: &Ticket) -> Result<Arc<Snapshot>, Answer> {
        let (id, number) = (ticket.generation_id.unwrap(), ticket.number.unwrap());
        let by_number = self.is(Mutant::NumberInsteadOfId);
        let is_it = |snapshot: &Arc<Snapshot>| {
            if by_number {
                snapshot.number() == number
            } else {
                snapshot.generation_id() == id
            }
        };
        if let Some(held) = self.servers[server].cache.iter().find(|held| is_it(held)) {
            return Ok(Arc::clone(held));
        }
        if !self.reaches_database(server) {
            return Err(Answer::Unavailable);
        }
        let state = Rc::clone(&self.database.state);
        let found = state.generations.iter().rev().find(|generation| {
            if by_number {
                generation.number == number
            } else {
                generation.id == id
            }
        });
        let Some(found) = found else {
            self.trace.count("tickets to a lost generation");
            return Err(Answer::Unauthorized);
        };
        let ancestor = self.ancestor(server, &state, found.number);
        let loaded = load(&state, found.id, found.number, ancestor.as_deref());
        let snapshot = match loaded {
            Ok(snapshot) => Arc::new(snapshot),
            Err(error) => {
                let text = format!(
                    "generation {number}: {error}: {:?}",
                    std::error::Error::source(&error)
                );
                self.witness.violated("I3", text);
                return Err(Answer::Unavailable);
            }
        };
        self.trace.count(if ancestor.is_some() {
            "loaded upon another"
        } else {
            "loaded whole"
        });
        let cache = &mut self.servers[server].cache;
        cache.insert(0, Arc::clone(&snapshot));
        if cache.len() > CACHE {
            let gone = 1 + self.dice.place(CACHE);
            cache.remove(gone);
        }
        Ok(snapshot)
    }

    /// The newest earlier generation in memory that the database still has, as `serving::load` finds it.
    fn ancestor(&self, server: usize, state: &State, number: i64) -> Option<Arc<Snapshot>> {
        let by_number = self.is(Mutant::NumberInsteadOfId);
        let is_young = |committed: DateTime<Utc>| committed > self.database_now() - TimeDelta::days(30);
        let held = self.servers[server].cache.iter().filter(|held| {
            state.generation(held.number()).is_some_and(|stored| {
                let is_it = by_number || stored.id == held.generation_id();
                is_it && stored.number < number && is_young(stored.committed_at)
            })
        });
        held.max_by_key(|held| held.number()).cloned()
    }

    /// When a server answers a request, by its `Date` header.
    pub(super) fn date_header(&self, server: usize) -> Micros {
        let shown = self.servers[server].clock.at(self.now).timestamp_micros();
        shown - shown.rem_euclid(SECOND)
    }
}

fn load(
    state: &State,
    generation_id: Uuid,
    number: i64,
    ancestor: Option<&Snapshot>,
) -> Result<Snapshot, oneroster::serving::Error> {
    let after = ancestor.map(Snapshot::number);
    let mut dates: HashMap<i64, DateTime<Utc>> = HashMap::new();
    dates.insert(number, state.generation(number).unwrap().date);
    let mut versions = Vec::new();
    for ((kind, sourced_id), rows) in &*state.objects {
        for row in rows {
            if is_read(row.from, row.until, after, number) {
                let version = version(*kind, sourced_id, row, versions.len());
                dates.insert(version.from_number, state.date_of(row));
                versions.push(version);
            }
        }
    }
    let generation = Generation {
        tenant_id: String::new(),
        generation_id,
        number,
        dates,
    };
    Snapshot::assemble(&generation, versions, ancestor, ROOT)
}

/// Whether `serving::load` reads a version, for a generation whole or built upon the one `after`.
pub(super) fn is_read(from: i64, until: Option<i64>, after: Option<i64>, number: i64) -> bool {
    let until = until.unwrap_or(i64::MAX);
    match after {
        None => from <= number && until > number,
        Some(after) => from > after && from <= number || until > after && until <= number,
    }
}

fn version(kind: Kind, sourced_id: &str, row: &Row, place: usize) -> Version {
    // A row with a date of its own, by a mutant, passes for one of a generation of its own.
    let own = -1 - i64::try_from(place).unwrap();
    Version {
        kind,
        sourced_id: sourced_id.to_owned(),
        from_number: if row.date.is_some() { own } else { row.from },
        until_number: row.until,
        status: row.status,
        content: (*row.content).to_owned(),
        causes: Vec::new(),
        email_domain: None,
        ended_on: None,
    }
}
