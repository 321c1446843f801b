//! Random lives of a school group: people come, leave, are merged, renamed and re-keyed, bundles are good or damaged, names are
//! edited, handed over, made anew and forgotten, released one by one and in bulk, years pass. Whatever happens,
//!
//! - no username that was served is given to another person by the system, nor by an edit or a transfer that nobody asked for;
//! - nobody who can be told by key, or by names and birth date, is released under a second username without a person's answer.
//!
//! Every bundle is loaded, whatever the door says of it: what must never happen must not hang on the door alone. Thousands of
//! courses go through the pure rules ([`memory`]), a few dozen through the commands' own functions on Postgres too, where both
//! must come to the same at every step. A course that fails is printed.

#![cfg(test)]

mod memory;
mod oracle;
mod postgres;
mod source;
mod step;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use oneroster_school::tenant::{Configuration, file};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use uuid::Uuid;

use memory::Memory;
use oracle::{Asked, Oracle};
use postgres::Postgres;
use source::{Source, YEARS};
use step::{FORMATS, NAMES, Step};

/// Who is served under which name.
type Users = BTreeMap<Uuid, String>;

/// The day on which every life begins.
const FIRST_DAY: &str = "2054-10-05";
/// The earliest day on which the next school year is activated.
const ACTIVATION_DAY: &str = "2055-08-20";

/// Courses through the pure rules, and the most steps of one.
const COURSES: u32 = 2_000;
const STEPS: usize = 45;
/// Courses on Postgres, and the most steps of one.
const COURSES_ON_POSTGRES: u8 = 24;
const STEPS_ON_POSTGRES: usize = 40;

/// One site, whose new usernames are released at once; nothing is ever held.
fn configuration() -> Configuration {
    let text = format!(
        r#"
id = "t"
name = "Scholengroep Zandpoort"
active_school_year = "{}"
team_name_format = "{{klas}}"
username_format = "{}"
brake_percent = 100
[[schools]]
instelnr = "001507"
[[schools.sites]]
vestnr = 1
sync_default = true
"#,
        YEARS[0].0, FORMATS[0]
    );
    file::parse(&text).unwrap()
}

/// A life: what was done to the source, what the pure rules made of it, and what must not have happened.
struct Life {
    source: Source,
    today: NaiveDate,
    is_next_year: bool,
    memory: Memory,
    oracle: Oracle,
}

/// What a step comes to, with the people it names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Act {
    /// Nothing, or nothing but Informat's.
    Nothing,
    Load,
    Publish,
    Day,
    NextYear,
    Format(&'static str),
    Set(Uuid, String),
    Transfer(Uuid, Uuid, bool),
    Sync(Uuid, bool),
    SyncAll(bool),
    Regenerate,
    Forget(BTreeSet<Uuid>),
}

impl Life {
    fn new() -> Self {
        Self {
            source: Source::default(),
            today: FIRST_DAY.parse().unwrap(),
            is_next_year: false,
            memory: Memory::new(),
            oracle: Oracle::default(),
        }
    }

    /// Finds what a step is now; takes those that are Informat's, and time.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other steps are Informat's")]
    fn act(&mut self, step: &Step) -> Act {
        let mut people: Vec<Uuid> = self.memory.records.keys().copied().collect();
        people.sort_unstable();
        let person = |who: usize| people.get(who % people.len().max(1)).copied();
        let act = match *step {
            Step::Load => Some(Act::Load),
            Step::Publish => Some(Act::Publish),
            Step::Days { days } => {
                self.today = self.today + Days::new(days);
                Some(Act::Day)
            }
            Step::NextYear if !self.is_next_year => {
                self.today = self.today.max(ACTIVATION_DAY.parse().unwrap());
                self.is_next_year = true;
                Some(Act::NextYear)
            }
            Step::Format { format } => Some(Act::Format(FORMATS[format])),
            Step::Set { who, name } => person(who).map(|who| Act::Set(who, typed(NAMES[name]))),
            Step::Transfer { from, to, force } => person(from)
                .zip(person(to))
                .map(|(from, to)| Act::Transfer(from, to, force)),
            Step::Sync { who, on } => person(who).map(|who| Act::Sync(who, on)),
            Step::SyncAll { on } => Some(Act::SyncAll(on)),
            Step::Regenerate => Some(Act::Regenerate),
            Step::Forget { who: Some(who) } => person(who).map(|who| Act::Forget(BTreeSet::from([who]))),
            Step::Forget { who: None } => Some(Act::Forget(people.iter().copied().collect())),
            _ => None,
        };
        self.source.take(step, self.today);
        act.unwrap_or(Act::Nothing)
    }

    /// Does it by the pure rules; returns what was asked for, and who is served if it was published.
    fn do_in_memory(&mut self, act: &Act) -> (Asked, Option<Users>) {
        let (memory, today) = (&mut self.memory, self.today);
        match act {
            Act::Nothing | Act::Day => {}
            Act::Load => {
                let rows = self.source.rows();
                self.oracle.load(&rows, &memory.records);
                memory.load(&rows, today);
            }
            Act::Publish => return (Asked::Nothing, Some(memory.publish(today))),
            Act::NextYear => {
                memory.next_year(today);
                return (Asked::Nothing, Some(memory.publish(today)));
            }
            Act::Format(format) => memory.format(format, today),
            Act::Set(who, name) => {
                if memory.set(*who, name) {
                    return (Asked::Name(*who, name.clone()), None);
                }
            }
            Act::Transfer(from, to, force) => {
                if let Some(name) = memory.transfer((*from, *to), *force, today) {
                    return (Asked::Transfer(*from, *to, name), None);
                }
            }
            Act::Sync(who, on) => {
                memory.sync(*who, *on);
                if *on {
                    return (Asked::Release(*who), None);
                }
            }
            Act::SyncAll(on) => memory.sync_all(*on, today),
            Act::Regenerate => memory.regenerate(),
            Act::Forget(whom) => memory.forget(whom),
        }
        (Asked::Nothing, None)
    }

    /// The day by which it counts who is there.
    fn reference_date(&self) -> NaiveDate {
        let (_, begin, end) = YEARS[usize::from(self.is_next_year)];
        self.today.clamp(begin.parse().unwrap(), end.parse().unwrap())
    }

    /// Takes a step; returns what it was, and who is served if it was published.
    fn take(&mut self, step: &Step) -> Result<(Act, Option<Users>), String> {
        let before = self.memory.records.clone();
        let act = self.act(step);
        let (asked, users) = self.do_in_memory(&act);
        let reference_date = self.reference_date();
        let records = (&before, &self.memory.records);
        self.oracle.step(&asked, records, reference_date)?;
        if let Some(users) = &users {
            self.oracle.publish(users)?;
        }
        Ok((act, users))
    }
}

/// A username that somebody types for a name: often one that the system makes too.
fn typed((given, family): (&str, &str)) -> String {
    let text = format!("{given}.{family}").to_lowercase();
    let letters: String = text
        .chars()
        .filter(|letter| letter.is_ascii_alphabetic() || *letter == '.')
        .collect();
    let words: Vec<&str> = letters.split('.').filter(|word| !word.is_empty()).collect();
    words.join(".")
}

fn live(steps: &[Step]) -> Result<(), String> {
    let mut life = Life::new();
    for (number, step) in steps.iter().enumerate() {
        life.take(step)
            .map_err(|problem| format!("after step {number}, {step:?}: {problem}"))?;
    }
    Ok(())
}

#[test]
fn no_served_username_passes_and_nobody_is_released_twice_unasked() {
    let config = Config {
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::with_cases(COURSES)
    };
    let mut runner = TestRunner::new(config);
    let result = runner.run(&step::course(STEPS), |steps| {
        live(&steps).map_err(TestCaseError::fail)
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

#[tokio::test]
async fn the_commands_on_postgres_come_to_the_same() {
    for seed in 1..=COURSES_ON_POSTGRES {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let steps = step::course(STEPS_ON_POSTGRES)
            .new_tree(&mut runner)
            .unwrap()
            .current();
        if let Err(problem) = live_on_postgres(&steps).await {
            panic!("seed {seed}: {problem}\n{steps:#?}");
        }
    }
}

async fn live_on_postgres(steps: &[Step]) -> Result<(), String> {
    let mut life = Life::new();
    let postgres = Postgres::begin().await;
    let mut oracle = Oracle::default();
    for (number, step) in steps.iter().enumerate() {
        let at = |problem: String| format!("after step {number}, {step:?}: {problem}");
        let before = postgres.records().await;
        let (act, expected) = life.take(step).map_err(at)?;
        if act == Act::Load {
            oracle.load(&life.source.rows(), &before);
        }
        let (asked, users) = postgres.take(&act, &life).await;
        let after = postgres.records().await;
        oracle
            .step(&asked, (&before, &after), life.reference_date())
            .map_err(at)?;
        if let Some(users) = &users {
            oracle.publish(users).map_err(at)?;
        }
        postgres::compare(&after, &life.memory.records).map_err(at)?;
        let retired = postgres.retired().await;
        if (&users, &retired) != (&expected, &life.memory.retired) {
            return Err(at(format!(
                "served {users:?} and retired {retired:?}, by the rules {expected:?} and {:?}",
                life.memory.retired
            )));
        }
    }
    Ok(())
}
