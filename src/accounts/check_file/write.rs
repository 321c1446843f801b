//! Writes the check file as a spreadsheet wants it: byte order mark, `;`, Windows line ends.

use std::collections::HashMap;

use oneroster_school::projection::Person;
use oneroster_school::username::Record;
use uuid::Uuid;

use super::formula::harmless;
use super::{CheckFile, HEADER};
use crate::accounts::list::folded;
use crate::tabular::csv::BYTE_ORDER_MARK;

/// Writes everyone with a record who is published now or in the future, by family name, given name and id.
pub(super) fn write(people: &[Person], records: &HashMap<Uuid, Record>) -> CheckFile {
    let mut listed: Vec<(&Person, String)> = people
        .iter()
        .filter_map(|person| {
            let record = records.get(&person.rowguid)?;
            let sent = person.published_as.as_ref()?.naming.username(record);
            // Without a domain nobody is published, but the name is as much in need of a check.
            Some((person, sent.unwrap_or_else(|| record.name().to_string())))
        })
        .collect();
    listed.sort_by_cached_key(|(person, _)| {
        let folded = |part: &Option<String>| folded(part.as_deref().unwrap_or_default());
        (
            folded(&person.family_name),
            folded(&person.given_name),
            person.rowguid,
        )
    });
    let mut text = BYTE_ORDER_MARK.to_owned();
    add_row(&mut text, &HEADER);
    for (person, username) in &listed {
        let born = person.birth_date.map(|day| day.format("%d/%m/%Y").to_string());
        add_row(
            &mut text,
            &[
                &person.rowguid.to_string(),
                username,
                "",
                person.given_name.as_deref().unwrap_or_default(),
                person.family_name.as_deref().unwrap_or_default(),
                &born.unwrap_or_default(),
            ],
        );
    }
    CheckFile {
        bytes: text.into_bytes(),
        people: listed.len(),
    }
}

fn add_row(text: &mut String, cells: &[&str]) {
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            text.push(';');
        }
        let cell = harmless(cell);
        let plain = !cell.contains(['"', ';', ',', '\r', '\n', '\t']) && cell.trim() == cell;
        if plain {
            text.push_str(&cell);
        } else {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        }
    }
    text.push_str("\r\n");
}
