//! A small school: what Informat holds, what the mirror has of it, and the roster that follows.
//!
//! A model of the projection, so that content changes, vanishes, returns, and follows the day and the code's version.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::{Days, NaiveDate};
use oneroster::publication::diff::DesiredObject;
use oneroster::roster::{ContentHash, hash};
use oneroster_school::informat::Schooljaar;
use oneroster_standard::Kind;

use super::clock::{DAY, Micros};
use super::dice::Dice;

/// The collections that consumers read, in the order they read them.
pub(super) const KINDS: [Kind; 4] = [Kind::Orgs, Kind::Classes, Kind::Users, Kind::Enrollments];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pupil {
    pub(super) class: u32,
    pub(super) name: u32,
    pub(super) from: NaiveDate,
    pub(super) until: Option<NaiveDate>,
    /// When Informat says it last changed the row.
    pub(super) changed: Micros,
}

/// What Informat holds; an import brings all of it to the mirror.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Informat {
    pub(super) pupils: BTreeMap<u32, Pupil>,
    /// Title by class.
    pub(super) classes: BTreeMap<u32, u32>,
}

/// A username record. All pupils of even number are namesakes, and all of odd number: they count on, two by two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Username {
    pub(super) name: u32,
    pub(super) released: bool,
}

/// The inputs of the roster as the database has them.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) mirror: Rc<Informat>,
    pub(super) usernames: Rc<BTreeMap<u32, Username>>,
    pub(super) year: Rc<Schooljaar>,
    /// The team name format.
    pub(super) format: u32,
    pub(super) mirror_version: i64,
    pub(super) usernames_version: i64,
    pub(super) configuration_version: i64,
}

/// Returns a name that nobody has had: the next of the namesakes of a pupil.
pub(super) fn allocate(usernames: &BTreeMap<u32, Username>, number: u32) -> u32 {
    let family = number % 2;
    let of_family = usernames.values().filter(|username| username.name % 2 == family);
    of_family
        .map(|username| username.name + 2)
        .max()
        .unwrap_or(family)
}

impl Informat {
    pub(super) fn new(dice: &mut Dice, pupils: u32, today: NaiveDate) -> Self {
        let mut informat = Self::default();
        for class in 0..dice.pick(&[2, 3, 5]) {
            informat.classes.insert(class, 0);
        }
        for _ in 0..pupils {
            informat.enrol(dice, today, 0);
        }
        informat
    }

    fn enrol(&mut self, dice: &mut Dice, today: NaiveDate, now: Micros) {
        let number = self.pupils.keys().next_back().map_or(0, |last| last + 1);
        let pupil = Pupil {
            class: dice.pick(&[0, 1]),
            name: 0,
            from: near(dice, today, dice_days(now)),
            until: None,
            changed: now - dice.between(0, 60 * DAY),
        };
        self.pupils.insert(number, pupil);
    }

    /// Changes something, as schools do; sometimes only the time it was changed, sometimes everyone at once.
    pub(super) fn change(&mut self, dice: &mut Dice, today: NaiveDate, now: Micros) {
        match dice.below(20) {
            0..3 => return self.enrol(dice, today, now),
            3 => {
                let class = dice.place(6);
                let title = self.classes.entry(u32::try_from(class).unwrap()).or_default();
                *title = (*title + 1) % 3;
                return;
            }
            4 if self.classes.len() > 1 => {
                self.classes.pop_last();
                return;
            }
            5 => {
                for pupil in self.pupils.values_mut() {
                    pupil.name = (pupil.name + 1) % 2;
                    pupil.changed = now;
                }
                return;
            }
            _ => {}
        }
        let numbers: Vec<u32> = self.pupils.keys().copied().collect();
        if numbers.is_empty() {
            return;
        }
        let number = dice.pick(&numbers);
        if dice.chance(100) {
            self.pupils.remove(&number);
            return;
        }
        let classes = self.classes.len();
        let Some(pupil) = self.pupils.get_mut(&number) else {
            return;
        };
        pupil.changed = now - dice.pick(&[0, 0, DAY, 60 * DAY]);
        match dice.below(6) {
            // Back and forth, so that a later state often equals an earlier one.
            0 | 1 => pupil.name = 1 - pupil.name,
            2 => pupil.until = Some(near(dice, today, 3)),
            3 => pupil.until = None,
            4 => pupil.class = u32::try_from(dice.place(classes)).unwrap(),
            _ => {}
        }
    }
}

fn dice_days(now: Micros) -> u64 {
    // Those there from the beginning have started; later ones start about now.
    if now == 0 { 0 } else { 3 }
}

/// Draws a day at most so many days from another one.
fn near(dice: &mut Dice, today: NaiveDate, days: u64) -> NaiveDate {
    let days = i64::try_from(days).unwrap();
    let drawn = dice.between(0, 2 * days);
    today - Days::new(days.unsigned_abs()) + Days::new(drawn.unsigned_abs())
}

/// Computes the roster, sorted by kind and id.
pub(super) fn project(source: &Source, projection: i32, today: NaiveDate) -> Vec<DesiredObject> {
    let day = source.year.reference_date(today);
    let version = projection.unsigned_abs();
    let mut roster = Vec::new();
    roster.push(wanted(Kind::Orgs, [0; 2], [1, 0, 0]));
    for (&class, &title) in &source.mirror.classes {
        roster.push(wanted(Kind::Classes, [class, 0], [title, source.format, 0]));
    }
    let seen = || {
        let pupils = source.mirror.pupils.iter();
        pupils.filter_map(|(&number, pupil)| {
            let username = source.usernames.get(&number)?;
            let is_there = pupil.from <= day && pupil.until.is_none_or(|until| day <= until);
            (is_there && username.released).then_some((number, pupil, username))
        })
    };
    for (number, pupil, username) in seen() {
        roster.push(wanted(
            Kind::Users,
            [number, 0],
            [pupil.name, username.name, version],
        ));
    }
    for (number, pupil, _) in seen() {
        if source.mirror.classes.contains_key(&pupil.class) {
            roster.push(wanted(Kind::Enrollments, [number, pupil.class], [version, 0, 0]));
        }
    }
    roster
}

/// Returns when Informat says it changed what an object comes from; `None` for what has no such time.
pub(super) fn informat_changed(source: &Source, kind: Kind, sourced_id: &str) -> Option<Micros> {
    let number = sourced_id.get(1..5)?.parse().ok()?;
    match kind {
        Kind::Users | Kind::Enrollments => source.mirror.pupils.get(&number).map(|pupil| pupil.changed),
        Kind::AcademicSessions | Kind::Orgs | Kind::Courses | Kind::Classes => None,
    }
}

type Key = (Kind, [u32; 2], [u32; 3]);

thread_local! {
    /// Objects made before: hashing is most of the work.
    static MADE: RefCell<BTreeMap<Key, (String, String, ContentHash)>> = const { RefCell::new(BTreeMap::new()) };
}

fn wanted(kind: Kind, ids: [u32; 2], parts: [u32; 3]) -> DesiredObject {
    MADE.with_borrow_mut(|made| {
        let (sourced_id, content, hash) = made.entry((kind, ids, parts)).or_insert_with(|| {
            let (sourced_id, content) = object(kind, ids, parts);
            let hash = hash(&content, None);
            (sourced_id, content, hash)
        });
        DesiredObject {
            kind,
            sourced_id: sourced_id.clone(),
            content: content.clone(),
            email_domain: None,
            hash: *hash,
        }
    })
}

fn object(kind: Kind, [first, second]: [u32; 2], [a, b, c]: [u32; 3]) -> (String, String) {
    match kind {
        Kind::Users => (
            format!("u{first:04}"),
            format!(r#"{{"username":"n{b}","givenName":"G{a}","familyName":"v{c}","role":"student"}}"#),
        ),
        Kind::Enrollments => (
            format!("u{first:04}-c{second}"),
            format!(
                r#"{{"user":{{"href":"/users/u{first:04}","sourcedId":"u{first:04}","type":"user"}},"role":"student","metadata":{{"v":"{a}"}}}}"#
            ),
        ),
        Kind::Classes => (format!("c{first}"), format!(r#"{{"title":"T{a} {b}"}}"#)),
        Kind::Orgs | Kind::AcademicSessions | Kind::Courses => {
            ("o0".to_owned(), r#"{"name":"O"}"#.to_owned())
        }
    }
}
