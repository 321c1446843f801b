//! Round trips of the check file, whatever the names and however a spreadsheet saves it.

mod slipped;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate};
use oneroster_school::projection::{Naming, Person, PublishedAs};
use oneroster_school::tenant::Configuration;
use oneroster_school::tenant::configuration::DomainMode;
use oneroster_school::username::Record;
use oneroster_standard::RoleType;
use proptest::prelude::*;

use super::asked::judge;
use super::read::read;
use super::write::write;
use super::*;
use crate::accounts::records::erased::ErasedNames;
use crate::tabular::formula;

fn configuration() -> Configuration {
    serde_json::from_value(serde_json::json!({
        "id": "t", "name": "T", "active_school_year": "2026-27", "team_name_format": "{klas}",
        "username_format": "{voornaam}", "schools": []
    }))
    .unwrap()
}

/// Makes a pupil in a tenant whose domains Microsoft adds.
fn person(number: u128, given_name: &str, family_name: &str) -> Person {
    Person {
        rowguid: Uuid::from_u128(0xABCD_EF00 + number),
        given_name: Some(given_name.to_owned()),
        family_name: Some(family_name.to_owned()),
        birth_date: NaiveDate::from_ymd_opt(2012, 3, 2),
        published_as: Some(PublishedAs {
            day: NaiveDate::MIN,
            is_future: false,
            org_ids: Vec::new(),
            naming: Naming {
                role: RoleType::Student,
                mode: DomainMode::Microsoft,
                site_domain: None,
                email_domain: None,
            },
        }),
        org_ids: Vec::new(),
    }
}

fn record(person: &Person, local_part: String) -> (Uuid, Record) {
    let record = Record::new(person.rowguid, local_part, DateTime::UNIX_EPOCH);
    (person.rowguid, record)
}

fn format_of(bytes: &[u8]) -> FileFormat {
    if bytes.starts_with(b"PK") {
        FileFormat::Workbook
    } else {
        FileFormat::Csv
    }
}

/// Reads bytes back against the people, and returns what would change, as `(id, name)`, with remarks and faults.
fn read_back(
    bytes: &[u8],
    people: &[Person],
    records: &HashMap<Uuid, Record>,
) -> (Vec<(Uuid, String)>, Vec<Remark>, Faults<Rule>) {
    let mut faults = Faults::default();
    let read = read("f", bytes, format_of(bytes), &mut faults);
    let mut remarks: Vec<Remark> = read.remark.into_iter().collect();
    let configuration = configuration();
    let known = Known {
        file: "f",
        configuration: &configuration,
        records: records.clone(),
        people: people
            .iter()
            .map(|person| (person.rowguid, person.clone()))
            .collect(),
        former: HashSet::new(),
        erased: ErasedNames::default(),
        retired: HashMap::new(),
        finality: Finality::default(),
        org: None,
        reach: None,
    };
    let judged = judge(&read.rows, &known, &mut remarks, &mut faults);
    let corrections = judged
        .corrections
        .into_iter()
        .map(|correction| (correction.rename.rowguid, correction.rename.to.to_string()));
    (corrections.collect(), remarks, faults)
}

fn school(names: &[(String, String, String)]) -> (Vec<Person>, HashMap<Uuid, Record>) {
    let mut people = Vec::new();
    let mut records = HashMap::new();
    for (number, (given_name, family_name, sign)) in (0..).zip(names) {
        let person = person(number, given_name, family_name);
        records.extend([record(&person, format!("{sign}n{number}"))]);
        people.push(person);
    }
    (people, records)
}

/// How a spreadsheet saves a table.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that varies by itself"
)]
struct Saving {
    separator: &'static str,
    line_end: &'static str,
    byte_order_mark: bool,
    quotes: bool,
    capitals: bool,
    windows: bool,
    empty_rows: usize,
}

fn saving() -> impl Strategy<Value = Saving> {
    let text = (
        prop::sample::select(vec![";", ","]),
        prop::sample::select(vec!["\n", "\r\n", "\r"]),
    );
    let rest = (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        0..4_usize,
    );
    (text, rest).prop_map(
        |((separator, line_end), (byte_order_mark, quotes, capitals, windows, empty_rows))| Saving {
            separator,
            line_end,
            byte_order_mark,
            quotes,
            capitals,
            windows,
            empty_rows,
        },
    )
}

fn save(table: &[Vec<String>], saving: &Saving) -> Vec<u8> {
    let mut text = String::new();
    let empty = vec![String::new(); 6];
    for row in table.iter().chain(std::iter::repeat_n(&empty, saving.empty_rows)) {
        let cells: Vec<String> = row
            .iter()
            .map(|cell| {
                if saving.quotes || cell.contains(['"', ';', ',', '\n', '\r']) {
                    format!("\"{}\"", cell.replace('"', "\"\""))
                } else {
                    cell.clone()
                }
            })
            .collect();
        text += &(cells.join(saving.separator) + saving.line_end);
    }
    // The letters of the names below are the same in Latin-1 and Windows-1252.
    let mut bytes = Vec::new();
    if saving.windows {
        bytes.extend(
            text.chars()
                .map(|letter| u8::try_from(u32::from(letter)).unwrap()),
        );
    } else {
        if saving.byte_order_mark {
            bytes.extend(b"\xEF\xBB\xBF");
        }
        bytes.extend(text.as_bytes());
    }
    bytes
}

const NAME: &str = "['=+@\t;,\"\n -]{0,3}[a-zA-Zéëï]{0,5}[';,\"\n =-]{0,3}";

proptest! {
    /// R54, R55: whatever people are called, a file read back untouched changes nothing and has no fault.
    #[test]
    fn r54_r55_what_is_written_reads_back_as_no_change(
        names in prop::collection::vec((NAME, NAME, "[-'!#.^~]{0,2}"), 0..12),
    ) {
        let (people, records) = school(&names);
        for format in [FileFormat::Csv, FileFormat::Workbook] {
            let file = write(&people, &records, format, None).unwrap();
            let (corrections, remarks, faults) = read_back(&file.bytes, &people, &records);
            prop_assert!(corrections.is_empty() && remarks.is_empty() && faults.is_empty(), "{:?} {:?}", remarks, faults);
            let mut ignored = Faults::default();
            let rows = read("f", &file.bytes, format, &mut ignored).rows;
            prop_assert_eq!(rows.len(), people.len());
            for row in rows {
                prop_assert_eq!(&row.before, &records[&row.rowguid].local_part);
            }
        }
    }

    /// R56: corrections come through however the file is saved, and nothing else does.
    #[test]
    fn r56_corrections_come_through_however_the_file_is_saved(
        names in prop::collection::vec((NAME, NAME, "-?"), 1..8),
        wanted in prop::collection::vec(prop::option::of("[-a-z'!#^~_]{1,4}"), 8),
        saving in saving(),
    ) {
        let (people, records) = school(&names);
        let mut table = vec![HEADER.map(str::to_owned).to_vec()];
        let mut expected = Vec::new();
        for (number, person) in people.iter().enumerate() {
            // A number of its own keeps the names apart; a formula is undone as a spreadsheet's user would see it.
            let correction = wanted[number].as_ref().map(|name| format!("{name}x{number}"));
            let id = person.rowguid.to_string();
            table.push(vec![
                if saving.capitals { id.to_uppercase() } else { id },
                formula::harmless(&records[&person.rowguid].local_part),
                formula::harmless(correction.as_deref().unwrap_or_default()),
                formula::harmless(person.given_name.as_deref().unwrap()),
                formula::harmless(person.family_name.as_deref().unwrap()),
                "2/03/2012".to_owned(),
            ]);
            expected.extend(correction.map(|name| (person.rowguid, name)));
        }
        let (corrections, _, faults) = read_back(&save(&table, &saving), &people, &records);
        prop_assert!(faults.is_empty(), "{:?}", faults);
        prop_assert_eq!(corrections, expected);
    }

    /// Whatever the bytes: reading ends, and what is no file of ours has a fault or no rows.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for format in [FileFormat::Csv, FileFormat::Workbook] {
            let mut faults = Faults::default();
            let rows = read("f", &bytes, format, &mut faults).rows;
            prop_assert!(!faults.is_empty() || rows.is_empty());
        }
    }
}

#[test]
fn windows_1252_is_read_as_it_was_meant() {
    let bytes = b"ID;Verbeter hier de username indien nodig;Voornaam\r\n\x80\x8E\x92;;Zo\xEB";
    let mut faults = Faults::default();
    let read = read("f", bytes, FileFormat::Csv, &mut faults);
    assert!(read.rows.is_empty() && read.remark.is_some());
    let fault = &faults.list()[0];
    assert_eq!((fault.rule, fault.line), (Rule::IdForm, Some(2)));
    // Signs that Latin-1 does not have.
    assert_eq!(fault.value.as_deref(), Some("€Ž’"));
}

/// People without a username are not in the file, nor who is neither here nor still to come.
#[test]
fn r54_only_who_has_a_username_and_a_place_is_listed() {
    let (mut people, mut records) = school(&[
        ("An".to_owned(), "A".to_owned(), String::new()),
        ("Bo".to_owned(), "B".to_owned(), String::new()),
        ("Cy".to_owned(), "C".to_owned(), String::new()),
    ]);
    people[0].published_as = None;
    records.remove(&people[1].rowguid);
    let file = write(&people, &records, FileFormat::Csv, None).unwrap();
    let text = String::from_utf8(file.bytes).unwrap();
    assert_eq!(file.people, 1);
    assert!(text.contains("Cy;C;02/03/2012\r\n"), "{text}");
}
