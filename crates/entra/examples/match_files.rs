//! Matches a list of people with a file of accounts and prints the verdicts as JSON: what `benches/matching.py` measures.
//!
//! The list is CSV with `id,username,given,family,born,kind,classes`, the kind `pupil` or `staff`.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement that cannot go on should stop where it stood"
)]

use oneroster_delimited::Rows;
use oneroster_entra::{Choice, Domains, Kind, Person, Verdict, match_people, read};
use serde_json::json;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut file = || std::fs::read(arguments.next().expect("two files")).expect("a file");
    let (people, accounts) = (file(), file());
    let text = String::from_utf8(people).expect("UTF-8");
    let mut rows = Rows::new(&text, b',');
    let mut cells = Vec::new();
    rows.next_row(&mut cells);
    let mut people = Vec::new();
    while rows.next_row(&mut cells).is_some() {
        let cell = |place: usize| cells.get(place).map(ToString::to_string).unwrap_or_default();
        people.push(Person {
            sourced_id: cell(0),
            username: cell(1),
            added_domain: None,
            choice: Choice::None,
            given: cell(2),
            family: cell(3),
            birth_date: Some(cell(4)).filter(|day| !day.is_empty()),
            kind: if cell(5) == "staff" {
                Kind::Staff
            } else {
                Kind::Pupil
            },
            classes: vec![cell(6)],
        });
    }
    let begin = std::time::Instant::now();
    let read = read(&accounts, &[]).expect("accounts");
    let reading = begin.elapsed();
    let begin = std::time::Instant::now();
    let matched = match_people(&people, &[], &read.accounts, Domains::default());
    eprintln!(
        "read in {reading:?}, matched in {:?}; {:?}",
        begin.elapsed(),
        read.remarks
    );
    let people = people.iter().zip(&matched.people).map(|(person, verdict)| {
        let accounts = verdict.candidates.iter().map(|candidate| {
            json!({"username": read.accounts[candidate.account].username, "score": candidate.score, "because": candidate.because()})
        });
        let word = match verdict.verdict {
            Verdict::Linked => "linked",
            Verdict::New => "new",
            Verdict::OtherName => "other_name",
            Verdict::Taken => "taken",
            Verdict::Ambiguous => "ambiguous",
        };
        let settled = verdict.proposal.as_ref().map(|_| read.accounts[verdict.candidates[0].account].username.clone());
        json!({"user": person.sourced_id, "verdict": word, "accounts": accounts.collect::<Vec<_>>(), "proposal": settled})
    });
    println!("{}", json!({"people": people.collect::<Vec<_>>()}));
}
