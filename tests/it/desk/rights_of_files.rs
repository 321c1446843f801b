//! Rows, counts and files over HTTP, for everybody who asks: what they hold is what is worked out person by person. Workbooks are
//! read back by a library.

use std::io::Cursor;

use axum::http::StatusCode;
use calamine::{Data, Reader, Xlsx};
use oneroster::desk::list::NO_CLASS;
use oneroster_school::rights::Access;
use serde_json::{Value, json};

use super::askers::{Asker, askers};
use super::list_rights::{Row, expected};
use super::role_world::{
    PEOPLE, SPOTS, TENANT, id, nothing_hidden, opened, post, sees, sees_ever, switch, text_of, world,
};
use crate::harness::api::Answer;
use crate::harness::database;
use crate::harness::desk::Site;

/// Whom the operator left switched off.
const NOT_RELEASED: [usize; 2] = [3, 9];

/// The cells of a sheet that the product wrote: a byte order mark, `;` between cells. No cell of this world needs quotes but one of
/// several places.
fn cells_of_sheet(answer: &Answer) -> Vec<Vec<String>> {
    let text = text_of(answer);
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    let cells = |line: &str| {
        line.split(';')
            .map(|cell| cell.trim_matches('"').to_owned())
            .collect()
    };
    text.lines().map(cells).collect()
}

fn cells_of_workbook(answer: &Answer) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(answer.body.clone())).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let cell = |cell: &Data| {
        if let Data::String(text) = cell {
            return text.clone();
        }
        assert_eq!(*cell, Data::Empty, "a cell is no text");
        String::new()
    };
    sheet.rows().map(|row| row.iter().map(cell).collect()).collect()
}

/// The rows of a file with the columns that [`columns`] names.
fn file_rows(rows: &[Row]) -> Vec<Vec<String>> {
    let rows = rows.iter().map(|(family, school, site, class, _)| {
        let username = format!("jo.{}", family.to_lowercase());
        let texts = [family, "Jo", &username, school, site, class, "01/05/2010"];
        texts.map(str::to_owned).to_vec()
    });
    rows.collect()
}

fn columns() -> Value {
    json!([
        "family_name",
        "given_name",
        "username",
        "school",
        "site",
        "class",
        "birth_date"
    ])
}

/// Rows, counts, and the list as a file in both forms.
async fn the_list(site: &Site, asker: &Asker) {
    let (browser, given) = (&asker.browser, &asker.given);
    let rows = expected(given);
    let answer = post(site, browser, "rows", json!({ "to": 100 })).await;
    nothing_hidden(&text_of(&answer), given, "rows");
    let answer = answer.json();
    assert_eq!(answer["total"], rows.len(), "{given:?}");
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let shown = answer["rows"].as_array().unwrap().iter().map(|row| {
        let may_edit = row["may_edit"].as_bool().unwrap();
        (
            text(row, "family_name"),
            text(row, "school"),
            text(row, "site"),
            text(row, "class"),
            may_edit,
        )
    });
    assert_eq!(shown.collect::<Vec<Row>>(), rows, "{given:?}");
    let counts = post(site, browser, "counts", json!({})).await.json();
    let is_new = |row: &&Row| {
        let mut off = NOT_RELEASED.iter();
        off.any(|person| PEOPLE[*person].family == row.0)
    };
    let new = rows.iter().filter(is_new).count();
    assert_eq!(
        [&counts["total"], &counts["new"], &counts["on"]],
        [&json!(rows.len()), &json!(new), &json!(rows.len() - new)],
        "{given:?}"
    );
    for (format, read) in [
        ("csv", cells_of_sheet as fn(&Answer) -> _),
        ("xlsx", cells_of_workbook),
    ] {
        let order = json!({ "format": format, "columns": columns() });
        let answer = post(site, browser, "export", order).await;
        assert_eq!(answer.status, StatusCode::OK);
        let cells = read(&answer);
        assert_eq!(cells[1..], file_rows(&rows)[..], "{format}: {given:?}");
        let order = json!({ "format": format, "columns": columns(), "filter": { "mark": "new" } });
        let answer = post(site, browser, "export", order).await;
        assert_eq!(read(&answer).len(), new + 1, "{format}: {given:?}");
    }
}

/// The pages to print: a class, its place, and who is in it.
async fn print(site: &Site, asker: &Asker) {
    let given = &asker.given;
    let mut classes: Vec<((String, String), Vec<&str>)> = Vec::new();
    let mut add = |place: usize, class: &str, family| {
        let key = (
            format!("{}, {}", SPOTS[place].school, SPOTS[place].site),
            class.to_owned(),
        );
        match classes.iter_mut().find(|(known, _)| *known == key) {
            Some((_, people)) => people.push(family),
            None => classes.push((key, vec![family])),
        }
    };
    for somebody in PEOPLE.iter().filter(|somebody| !somebody.is_staff) {
        let seen = |places: &'static [usize]| places.iter().copied().filter(|place| sees(given, *place));
        let in_classes: Vec<usize> = seen(somebody.classes).collect();
        for place in &in_classes {
            add(*place, SPOTS[*place].class, somebody.family);
        }
        if let (true, Some(place)) = (in_classes.is_empty(), seen(somebody.places).next()) {
            add(place, NO_CLASS, somebody.family);
        }
    }
    classes.sort();
    let path = format!("/desk/{TENANT}/gebruikersnamen/afdrukken");
    let page = text_of(&site.get(&asker.browser, &path).await);
    nothing_hidden(&page, given, "print");
    let between = |text: &str, from: &str, to: &str| {
        let (_, rest) = text.split_once(from).unwrap();
        rest.split_once(to).unwrap().0.to_owned()
    };
    let shown = page.split("<section>").skip(1).map(|section| {
        let name = between(section, "<h1>", "</h1>")
            .replace("&#60;", "<")
            .replace("&#62;", ">");
        let people = section.split("<tr><td>").skip(1);
        let people = people.map(|row| row.split_once('<').unwrap().0).collect();
        ((between(section, "<p>", " · "), name), people)
    });
    assert_eq!(shown.collect::<Vec<_>>(), classes, "{given:?}");
}

const HEADER: &str =
    "ID;Office365 username;Verbeter hier de username indien nodig;Voornaam;Familienaam;Geboortedatum";

/// The check file: who is there now or later, in both forms; and a file of everybody, judged row by row.
async fn check_file(site: &Site, asker: &Asker) {
    let given = &asker.given;
    let expected: Vec<&str> = PEOPLE
        .iter()
        .enumerate()
        .filter(|(person, _)| sees_ever(given, *person))
        .map(|(_, somebody)| somebody.family)
        .collect();
    let path = |what: &str| format!("/desk/api/{TENANT}/check-file/{what}");
    for (format, read) in [
        ("csv", cells_of_sheet as fn(&Answer) -> _),
        ("xlsx", cells_of_workbook),
    ] {
        let answer = site
            .post(&asker.browser, &path("export"), &json!({ "format": format }))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{given:?}");
        let cells = read(&answer);
        assert_eq!(cells[0].join(";"), HEADER);
        let mut families: Vec<&str> = cells[1..].iter().map(|row| row[4].as_str()).collect();
        families.sort_unstable();
        assert_eq!(families, expected, "{format}: {given:?}");
    }
    let rows: Vec<String> = (0..PEOPLE.len())
        .map(|person| format!("{};;ander{person};;;", id(person)))
        .collect();
    let file = format!("{HEADER}\r\n{}\r\n", rows.join("\r\n"));
    let answer = site
        .upload(&asker.browser, &path("judge?name=c.csv"), file.into_bytes())
        .await;
    if asker.strongest() < Access::Write {
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{given:?}");
        return;
    }
    let judged = answer.json();
    let faults: Vec<(Option<u64>, Option<&str>)> = judged["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (fault["line"].as_u64(), fault["rule"].as_str()))
        .collect();
    let access = |person: usize| {
        let ever = PEOPLE[person].ever().map(|place| opened(given, place));
        ever.max().unwrap_or(Access::None)
    };
    let mut expected = Vec::new();
    for person in 0..PEOPLE.len() {
        let line = u64::try_from(person + 2).ok();
        match access(person) {
            Access::None => expected.push((line, Some("unknown-person"))),
            Access::Read => expected.push((line, Some("read-only"))),
            Access::Write => {}
        }
    }
    assert_eq!(faults, expected, "{given:?}");
    let mut messages: Vec<&str> = judged["faults"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|fault| fault["rule"] == "unknown-person")
        .map(|fault| fault["message"].as_str().unwrap())
        .collect();
    messages.dedup();
    assert!(messages.len() <= 1, "{messages:?}");
}

/// Whoever sees nothing is answered as if there were nothing.
async fn nothing_at_all(site: &Site, asker: &Asker) {
    for (path, body) in [
        ("rows", json!({ "to": 100 })),
        ("counts", json!({})),
        ("export", json!({ "format": "csv", "columns": columns() })),
        ("bulk/preview", json!({ "on": true, "people": { "filter": {} } })),
    ] {
        let answer = post(site, &asker.browser, path, body).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {:?}", asker.given);
    }
}

#[tokio::test]
async fn r60_r66_r82_r85_r86_r87_rows_counts_and_files_hold_what_each_may_see() {
    let database = database().await;
    let school = world(&database.pool, TENANT).await;
    let site = Site::start(&database.pool).await;
    let askers = askers(&site).await;
    switch(&site, &askers.last().unwrap().browser, true, &NOT_RELEASED).await;
    school.publish().await;
    for asker in &askers {
        if asker.strongest() == Access::None {
            nothing_at_all(&site, asker).await;
            continue;
        }
        the_list(&site, asker).await;
        print(&site, asker).await;
        check_file(&site, asker).await;
    }
}
