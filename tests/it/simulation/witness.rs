//! What must hold, worked out a second time and naively: which objects a generation has and how they are dated, and
//! whether what is stored, served and understood is that.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use chrono::{DateTime, TimeDelta, Utc};
use oneroster::publication::diff::DesiredObject;
use oneroster::publication::tombstone::TOMBSTONE_DAYS;
use oneroster::roster::InputVersions;
use oneroster_standard::StatusType;
use uuid::Uuid;

use super::clock::Micros;
use super::database::{Draft, Inputs, Row, State, Write};
use super::source::KINDS;
use super::trail::FOLLOW_EVERY;

/// What relative hrefs continue.
pub(super) const ROOT: &str = "https://r/v1p1";

/// The place of users in [`KINDS`].
const USERS: usize = 2;

/// A rule that was broken, and how.
#[derive(Debug, Clone)]
pub(super) struct Violation {
    pub(super) rule: &'static str,
    pub(super) text: String,
}

/// An object as it must be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Doc {
    pub(super) sourced_id: Rc<str>,
    pub(super) is_active: bool,
    /// Milliseconds since 1970.
    pub(super) date_ms: i64,
    pub(super) content: Rc<str>,
    /// The whole document.
    pub(super) json: Rc<str>,
}

/// A generation as it must be served, by place in [`KINDS`], in order of id.
#[derive(Debug)]
pub(super) struct Canonical {
    pub(super) number: i64,
    pub(super) docs: [Rc<Vec<Doc>>; 4],
}

#[derive(Debug, Default)]
pub(super) struct Witness {
    pub(super) generations: BTreeMap<Uuid, Rc<Canonical>>,
    /// The end of the last ticket ever issued, in seconds, in whatever history of the database.
    last_expiry: i64,
    /// Whether commits were lost and nothing was redated since.
    pub(super) needs_redate: bool,
    /// Objects of generations that were lost: who read them may keep them, since nobody can say that they are gone.
    pub(super) lost: BTreeSet<(usize, Rc<str>)>,
    /// Since when somebody knows that the database went back.
    pub(super) noticed_at: Option<Micros>,
    /// Generations that tickets were handed out to, and who had the usernames in them.
    read: BTreeSet<Uuid>,
    holders: BTreeMap<Rc<str>, Rc<str>>,
    /// Whether only what consumers come to believe counts, not the rules that keep it right.
    pub(super) asks_consumers_only: bool,
    pub(super) violation: Option<Violation>,
}

impl Witness {
    pub(super) fn violated(&mut self, rule: &'static str, text: String) {
        if !self.asks_consumers_only || rule == "I5" {
            self.violation.get_or_insert(Violation { rule, text });
        }
    }

    /// Takes note that a ticket was handed out; of a generation whose usernames nobody else may ever get.
    pub(super) fn ticket(&mut self, expires_at: i64, generation_id: Option<Uuid>) {
        self.last_expiry = self.last_expiry.max(expires_at);
        let Some(id) = generation_id.filter(|id| self.read.insert(*id)) else {
            return;
        };
        let canonical = Rc::clone(&self.generations[&id]);
        for doc in canonical.docs[USERS].iter().filter(|doc| doc.is_active) {
            let name = doc.content.split('"').nth(3).unwrap();
            let holder = self.holders.entry(Rc::from(name));
            let holder = Rc::clone(holder.or_insert_with(|| Rc::clone(&doc.sourced_id)));
            if holder != doc.sourced_id {
                let text = format!("{name} was {holder}'s, and is {}'s", doc.sourced_id);
                self.violated("usernames", text);
            }
        }
    }

    /// Looks at a change that begins.
    pub(super) fn begins(&mut self, now: Micros, write: &Write) {
        let is_late = self.noticed_at.is_some_and(|at| now - at > 2 * FOLLOW_EVERY);
        if is_late && !matches!(write, Write::Ticket { .. }) {
            let text = "something is changed in a database that went back".to_owned();
            self.violated("gate", text);
        }
    }

    /// Looks at a generation or an unchanged publication before it becomes visible.
    pub(super) fn inputs(&mut self, before: &State, inputs: &Inputs) {
        let last = before.evaluation;
        let now = inputs.versions;
        let parts = |versions: &InputVersions| {
            (
                [versions.mirror, versions.configuration, versions.usernames],
                versions.today,
                versions.projection,
            )
        };
        if let Some(last) = last {
            let ((old, old_day, old_code), (new, new_day, new_code)) = (parts(&last), parts(&now));
            let back = old.iter().zip(new).any(|(old, new)| new < *old);
            if back || new_day < old_day || new_code < old_code {
                self.violated("I1", format!("inputs go back: {last:?}, then {now:?}"));
            }
        }
        let day = last.map_or(inputs.day_by_database, |last| {
            last.today.max(inputs.day_by_database)
        });
        if now.today != day {
            let text = format!("the day is {}, by the database's clock it is {day}", now.today);
            self.violated("I1", text);
        }
    }

    /// Works out what a generation must be and looks at its date, before it becomes visible.
    pub(super) fn generation(&mut self, before: &State, draft: &Draft) {
        self.inputs(before, &draft.inputs);
        if draft.redate {
            self.needs_redate = false;
        }
        // Until the redate, nothing is promised to who holds a ticket that was lost.
        let last_expiry = if self.needs_redate {
            before.last_expiry
        } else {
            self.last_expiry
        };
        let expiry = DateTime::from_timestamp(last_expiry, 0).unwrap();
        if expiry + TimeDelta::minutes(5) > draft.date {
            let text = format!(
                "a ticket ends at {expiry}, generation {} is dated {}",
                draft.number, draft.date
            );
            self.violated("I4", text);
        }
        let rises = before.head.published_at.is_none_or(|date| date < draft.date);
        if !rises || !draft.date.timestamp_subsec_nanos().is_multiple_of(1_000_000) {
            self.violated(
                "dates",
                format!("{:?}, then {}", before.head.published_at, draft.date),
            );
        }
        let previous = before
            .head
            .generation_id
            .map(|id| Rc::clone(&self.generations[&id]));
        let docs = expected(previous.as_deref(), draft);
        let is_other = |previous: &Rc<Canonical>| {
            let mut both = previous.docs.iter().zip(&docs);
            both.any(|(before, after)| !Rc::ptr_eq(before, after))
        };
        if !previous.as_ref().is_none_or(is_other) {
            self.violated("dates", format!("generation {} changes nothing", draft.number));
        }
        let canonical = Canonical {
            number: draft.number,
            docs,
        };
        self.generations.insert(draft.generation_id, Rc::new(canonical));
    }

    /// Compares what is stored as current with the newest generation (I2, I3, I6).
    pub(super) fn stored(&mut self, state: &State) {
        let Some(id) = state.head.generation_id else {
            return;
        };
        let canonical = Rc::clone(&self.generations[&id]);
        let mut expected = Vec::new();
        for (kind, docs) in KINDS.into_iter().zip(&canonical.docs) {
            for doc in docs.iter() {
                expected.push((kind, doc));
            }
        }
        let mut expected = expected.into_iter();
        for ((kind, sourced_id), rows) in &*state.objects {
            let Some(row) = rows.last().filter(|row| row.until.is_none()) else {
                continue;
            };
            let next = expected.next();
            let Some((_, doc)) = next.filter(|(of, doc)| of == kind && *doc.sourced_id == **sourced_id)
            else {
                let text = format!("stored is {kind:?}/{sourced_id}, to be stored {next:?}");
                return self.violated("I3", text);
            };
            if let Err((rule, text)) = doc.compare(row, state.date_of(row)) {
                return self.violated(rule, format!("{kind:?}/{sourced_id}: {text}"));
            }
        }
        if let Some((kind, doc)) = expected.next() {
            let rule = if doc.is_active { "I3" } else { "I6" };
            let text = format!("{kind:?}/{} went without a publication", doc.sourced_id);
            self.violated(rule, text);
        }
    }

    /// Takes note that the database went back to an earlier state, and whether it lacks what somebody was told.
    pub(super) fn went_back(&mut self, state: &State, is_missed: bool) {
        self.needs_redate |= is_missed;
        let kept: BTreeSet<Uuid> = state.generations.iter().map(|generation| generation.id).collect();
        for (_, canonical) in self.generations.iter().filter(|(id, _)| !kept.contains(id)) {
            for (place, docs) in canonical.docs.iter().enumerate() {
                self.lost
                    .extend(docs.iter().map(|doc| (place, Rc::clone(&doc.sourced_id))));
            }
        }
    }

    /// Takes note that it was brought forward. Then all is as it was, but for what was read of lost generations.
    pub(super) fn recovered(&mut self, redates: bool) {
        self.noticed_at = None;
        self.needs_redate &= redates;
    }

    /// Compares what a consumer believes of a collection with what it read (I5).
    pub(super) fn picture(
        &self,
        place: usize,
        picture: &BTreeMap<Rc<str>, Rc<str>>,
        canonical: &Canonical,
    ) -> Result<(), String> {
        let mut count = 0;
        for doc in canonical.docs[place].iter().filter(|doc| doc.is_active) {
            let id = &doc.sourced_id;
            match picture.get(id) {
                Some(content) if *content == doc.content => count += 1,
                Some(content) => return Err(format!("{id}: {content} instead of {}", doc.content)),
                None => return Err(format!("{id} is missing")),
            }
        }
        if picture.len() == count {
            return Ok(());
        }
        let docs = &canonical.docs[place];
        for id in picture.keys() {
            let is_in_doubt = || self.lost.contains(&(place, Rc::clone(id)));
            match docs.iter().find(|doc| doc.sourced_id == *id) {
                Some(doc) if doc.is_active => {}
                None if is_in_doubt() => {}
                Some(_) | None => return Err(format!("{id} should be gone")),
            }
        }
        Ok(())
    }
}

/// Works out the objects of a generation from those of the one before and the roster.
fn expected(previous: Option<&Canonical>, draft: &Draft) -> [Rc<Vec<Doc>>; 4] {
    std::array::from_fn(|place| {
        let kind = KINDS[place];
        let mut roster: BTreeMap<&str, &DesiredObject> = BTreeMap::new();
        for object in &draft.wanted {
            if object.kind == kind {
                roster.insert(&object.sourced_id, object);
            }
        }
        let before = previous.map(|previous| &previous.docs[place]);
        let mut docs = Vec::new();
        let mut has_changed = false;
        for doc in before.into_iter().flat_map(|docs| docs.iter()) {
            let wanted = roster.remove(&*doc.sourced_id);
            let is_same = match wanted {
                Some(wanted) => doc.is_active && *doc.content == *wanted.content,
                None => !doc.is_active,
            };
            let date = DateTime::from_timestamp_millis(doc.date_ms).unwrap();
            if wanted.is_none() && !doc.is_active && has_stood_long(date, draft.compared_at) {
                has_changed = true;
            } else if is_same && !draft.redate {
                docs.push(doc.clone());
            } else {
                let content = wanted.map_or(&*doc.content, |wanted| wanted.content.as_str());
                docs.push(Doc::new(&doc.sourced_id, wanted.is_some(), draft.date, content));
                has_changed = true;
            }
        }
        if !roster.is_empty() {
            for (id, wanted) in roster {
                docs.push(Doc::new(id, true, draft.date, &wanted.content));
            }
            docs.sort_by(|a, b| a.sourced_id.cmp(&b.sourced_id));
            has_changed = true;
        }
        match before {
            Some(before) if !has_changed => Rc::clone(before),
            Some(_) | None => Rc::new(docs),
        }
    })
}

/// I6: a tombstone is dropped 400 days after its date.
fn has_stood_long(date: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - date > TimeDelta::days(TOMBSTONE_DAYS)
}

impl Doc {
    fn new(id: &str, is_active: bool, date: DateTime<Utc>, content: &str) -> Self {
        let status = if is_active { "active" } else { "tobedeleted" };
        let date_text = date.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let members = content.strip_prefix('{').unwrap();
        let members = members.replace(r#""href":"/"#, &format!(r#""href":"{ROOT}/"#));
        let json =
            format!(r#"{{"sourcedId":"{id}","status":"{status}","dateLastModified":"{date_text}",{members}"#);
        Self {
            sourced_id: Rc::from(id),
            is_active,
            date_ms: date.timestamp_millis(),
            content: Rc::from(content),
            json: Rc::from(json),
        }
    }

    fn compare(&self, row: &Row, date: DateTime<Utc>) -> Result<(), (&'static str, String)> {
        let is_active = row.status == StatusType::Active;
        if self.is_active != is_active || *self.content != *row.content {
            return Err(("I3", format!("{row:?} instead of {self:?}")));
        }
        if self.date_ms == date.timestamp_millis() {
            return Ok(());
        }
        let changed = DateTime::from_timestamp_millis(self.date_ms).unwrap();
        Err(("I2", format!("dated {date}, it changed on {changed}")))
    }
}
