//! Pulling: what a consumer asks page by page, whether the answer is what it must be, and what it makes of it.

use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::{DateTime, Utc};
use oneroster::serving::{CollectionAnswer, Snapshot};
use oneroster_standard::query::Policy;
use serde_json::value::RawValue;

use super::clock::{DAY, Micros};
use super::consumer::{Held, Run};
use super::habits::{SinceHabit, TokenHabit};
use super::server::Answer;
use super::source::KINDS;
use super::witness::{Doc, ROOT};
use super::world::World;

/// What one request asks for.
struct Question {
    is_full: bool,
    /// Rows dated from here on, in milliseconds.
    from_ms: i64,
    limit: Option<usize>,
    parameters: Vec<(String, String)>,
}

/// A consumer that has not pulled for so long starts anew with a full pull: tombstones stand for 400 days.
const STALE_AFTER: Micros = 390 * DAY;

/// How often a consumer asks again when a server does not answer.
const FAILURES_MAX: u32 = 3;

impl World {
    pub(super) fn ask_page(&mut self, who: usize, mut run: Run) {
        let server = self.dice.place(self.servers.len());
        let breaks_off = self.consumers[who].habits.breaks_off;
        if !self.is_calm && self.dice.chance(breaks_off) {
            return self.break_off(who, "it breaks off");
        }
        let Some(held) = self.consumers[who].ticket.clone() else {
            return self.break_off(who, "it has no token");
        };
        let question = self.question(who, &run);
        let place = run.place;
        let own_time = self.consumers[who].clock.at(self.now).timestamp_micros();
        let (kind, parameters) = (KINDS[place], &question.parameters);
        match self.answer(server, &held.ticket, kind, parameters, Policy::default()) {
            Answer::Page(snapshot, page) => {
                self.trace.count("pages");
                run.failures = 0;
                self.mark(who, &mut run, own_time, self.date_header(server));
                self.take_page(who, run, &question, (&held, &snapshot, &page));
            }
            Answer::Unauthorized => self.refused(who, run),
            Answer::Unavailable => {
                run.failures += 1;
                if run.failures > FAILURES_MAX {
                    return self.break_off(who, "the server does not answer");
                }
                self.next_request(who, run);
            }
        }
    }

    /// Takes note of the moment that the next delta of a collection is to ask from.
    fn mark(&self, who: usize, run: &mut Run, own_time: Micros, date: Micros) {
        let first_date = *run.date.get_or_insert(date);
        let is_first = run.offset == 0;
        let mark = &mut run.marks[run.place];
        *mark = match self.consumers[who].habits.since {
            SinceHabit::RunStart => Some(run.start),
            SinceHabit::FirstDate => Some(first_date),
            SinceHabit::CollectionStart if is_first => Some(own_time),
            SinceHabit::PageDate if is_first => Some(date),
            SinceHabit::LastRequest => Some(own_time),
            SinceHabit::CollectionStart | SinceHabit::PageDate | SinceHabit::Highest => *mark,
        };
    }

    fn question(&self, who: usize, run: &Run) -> Question {
        let consumer = &self.consumers[who];
        let habits = &consumer.habits;
        let clock = consumer.clock.at(self.now).timestamp_micros();
        let since = consumer.since[run.place].filter(|since| clock - since < STALE_AFTER);
        let mut parameters = Vec::new();
        let mut add = |name: &str, value: String| parameters.push((name.to_owned(), value));
        let mut from_ms = i64::MIN;
        let limit = if let Some(since) = since {
            let (text, means) = habits.writing.write(since);
            let sign = if habits.or_equal { ">=" } else { ">" };
            add("filter", format!("dateLastModified{sign}'{text}'"));
            let floor = means.timestamp_millis();
            let is_whole = means.timestamp_subsec_nanos() % 1_000_000 == 0;
            from_ms = if habits.or_equal && is_whole {
                floor
            } else {
                floor + 1
            };
            habits.page
        } else {
            if habits.asks_active {
                add("filter", "status='active'".to_owned());
            }
            Some(habits.full_page)
        };
        if let Some(limit) = limit {
            add("limit", limit.to_string());
            add("offset", run.offset.to_string());
        }
        Question {
            is_full: since.is_none(),
            from_ms,
            limit,
            parameters,
        }
    }

    /// Compares a page with what it must be, then does with it what consumers do.
    fn take_page(
        &mut self,
        who: usize,
        mut run: Run,
        question: &Question,
        (held, snapshot, page): (&Held, &Snapshot, &CollectionAnswer),
    ) {
        let (place, id) = (run.place, held.ticket.generation_id.unwrap());
        let asks_active = question.is_full && self.consumers[who].habits.asks_active;
        let canonical = Rc::clone(&self.witness.generations[&id]);
        let mut rows = Vec::new();
        for doc in canonical.docs[place].iter() {
            if doc.date_ms >= question.from_ms && (doc.is_active || !asks_active) {
                rows.push(doc);
            }
        }
        let limit = question.limit.unwrap_or(usize::MAX);
        let total = rows.len();
        let start = run.offset.min(total);
        let part = &rows[start..start.saturating_add(limit).min(total)];
        let mut read: Vec<Seen> = part.iter().map(|doc| Seen::of(doc)).collect();
        if let Err(text) = same(place, part, total, snapshot, page) {
            let text = format!("asked {:?}, {text}", question.parameters);
            self.witness
                .violated("I3", format!("generation {}: {text}", canonical.number));
            read = Seen::on(page);
        }
        run.read[place] = Some((id, held.is_sound));
        run.offset += read.len();
        let count = read.len();
        for seen in read {
            run.highest[place] = run.highest[place].max(Some(seen.date_ms * 1000));
            let picture = if question.is_full {
                &mut run.rows
            } else {
                &mut self.consumers[who].pictures[place]
            };
            if seen.is_active {
                picture.insert(seen.sourced_id, seen.content);
            } else {
                picture.remove(&seen.sourced_id);
            }
        }
        let by_short_page = self.consumers[who].habits.ends_by_short_page;
        let is_end = match question.limit {
            None => true,
            Some(limit) if by_short_page => count < limit,
            Some(_) => count == 0 || run.offset >= page.total,
        };
        if !is_end {
            return self.next_request(who, run);
        }
        if question.is_full {
            self.consumers[who].pictures[place] = std::mem::take(&mut run.rows);
        }
        self.next_collection(who, run);
    }

    fn next_collection(&mut self, who: usize, mut run: Run) {
        run.place += 1;
        run.offset = 0;
        if run.place == KINDS.len() {
            self.finish_run(who, &run);
        } else if self.consumers[who].habits.token == TokenHabit::PerCollection {
            self.want_token(who, Some(run));
        } else {
            self.next_request(who, run);
        }
    }
}

/// An object as a consumer reads it.
struct Seen {
    sourced_id: Rc<str>,
    is_active: bool,
    date_ms: i64,
    content: Rc<str>,
}

impl Seen {
    fn of(doc: &Doc) -> Self {
        Self {
            sourced_id: Rc::clone(&doc.sourced_id),
            is_active: doc.is_active,
            date_ms: doc.date_ms,
            content: Rc::clone(&doc.content),
        }
    }

    /// Reads the objects on a page that is not what it must be.
    fn on(page: &CollectionAnswer) -> Vec<Self> {
        let body: BTreeMap<String, Vec<Box<RawValue>>> = serde_json::from_slice(&page.body.concat()).unwrap();
        body.values()
            .flatten()
            .map(|object| Self::read(object.get()))
            .collect()
    }

    fn read(object: &str) -> Self {
        let members: serde_json::Value = serde_json::from_str(object).unwrap();
        let date = members["dateLastModified"].as_str().unwrap();
        let (_, content) = object.split_once(&format!("\"{date}\",")).unwrap();
        let content = content.replace(&format!(r#""href":"{ROOT}/"#), r#""href":"/"#);
        Self {
            sourced_id: Rc::from(members["sourcedId"].as_str().unwrap()),
            is_active: members["status"] == "active",
            date_ms: date.parse::<DateTime<Utc>>().unwrap().timestamp_millis(),
            content: Rc::from(format!("{{{content}")),
        }
    }
}

/// Compares a page with the documents that must be on it.
fn same(
    place: usize,
    part: &[&Doc],
    total: usize,
    snapshot: &Snapshot,
    page: &CollectionAnswer,
) -> Result<(), String> {
    let kind = KINDS[place].collection();
    let documents: Vec<&str> = part.iter().map(|doc| &*doc.json).collect();
    let expected = ["{\"", kind, "\":[", &documents.join(","), "]}"].concat();
    let body = page.body.concat();
    if body == expected.as_bytes() && page.total == total {
        return Ok(());
    }
    let (id, count, body) = (
        snapshot.generation_id(),
        page.count,
        String::from_utf8_lossy(&body),
    );
    Err(format!(
        "got {count} of {} from {id} instead of {total}:\n{body}\ninstead of\n{expected}",
        page.total
    ))
}
