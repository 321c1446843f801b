//! What the list shows to whom, compared with what is worked out here person by person: for every role, two roles at once, a
//! whole school and a single site.

use std::collections::BTreeSet;
use std::fmt::Write;

use axum::http::StatusCode;
use chrono::Days;
use oneroster::desk::list::{Filter, Lists, NO_CLASS, Person, Seen, View};
use oneroster_school::rights::{Access, Grant, ROLES, Rights};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::crowd::{allocate, tenant_of};
use crate::harness::database;
use crate::harness::desk::{Browser, Site};
use crate::harness::school::School;

/// Schools and sites: number, name of the school, number and name of the site, name of the class there.
const SITES: [(&str, &str, i32, &str, &str); 6] = [
    ("001507", "Eik", 1, "Markt", "1A"),
    ("001507", "Eik", 2, "Kade", "1B"),
    ("001508", "Beuk", 1, "Park", "2A"),
    ("001508", "Beuk", 2, "Veld", "2B"),
    ("001509", "Linde", 1, "Duin", "3A"),
    ("001509", "Linde", 2, "Bos", "3B"),
];

/// Somebody of this world: where they are, in the order in which the list shows it, and of which of these places their classes are.
struct Somebody {
    family: &'static str,
    places: &'static [usize],
    classes: &'static [usize],
    is_staff: bool,
}

const fn pupil(family: &'static str, places: &'static [usize], classes: &'static [usize]) -> Somebody {
    Somebody {
        family,
        places,
        classes,
        is_staff: false,
    }
}

const fn staff(family: &'static str, places: &'static [usize]) -> Somebody {
    Somebody {
        family,
        places,
        classes: &[],
        is_staff: true,
    }
}

/// In the order of their family names.
const PEOPLE: [Somebody; 10] = [
    pupil("Aerts", &[0], &[0]),
    pupil("Baert", &[1], &[1]),
    pupil("Claes", &[2], &[2]),
    pupil("Dumon", &[3], &[3]),
    pupil("Evens", &[4], &[4]),
    pupil("Foubert", &[5], &[]),
    // In two schools.
    pupil("Goris", &[0, 3], &[0, 3]),
    // At every site of a school.
    staff("Hermans", &[4, 5]),
    // Pupil and staff: counts as staff.
    staff("Ickx", &[2, 1]),
    staff("Jacobs", &[1]),
];

/// The number of a person among all.
fn number(place: usize) -> usize {
    place + 1
}

fn id(place: usize) -> Uuid {
    Uuid::from_u128(0x4000_8000_0000_0000_0000 + u128::try_from(number(place)).unwrap())
}

/// Makes the world in a tenant.
async fn world(pool: &PgPool, tenant_id: &str) -> School {
    let schools = ["001507", "001508", "001509"].map(|school| (school, [1, 2].as_slice()));
    let school = tenant_of(pool, tenant_id, &schools).await;
    let begin = school.today().await - Days::new(60);
    let end = begin + Days::new(260);
    let mut sql = format!(
        "insert into informat.schooljaar (tenant_id, schooljaar, begindatum, einddatum) values ($1, '2026-27', '{begin}', '{end}');"
    );
    let mut schools = BTreeSet::new();
    for (place, (instelnr, name, vestnr, site, class)) in SITES.iter().enumerate() {
        if schools.insert(*instelnr) {
            write!(sql,
                "insert into informat.school (tenant_id, instelnr, school) values ($1, '{instelnr}', '{name}');"
            )
            .unwrap();
        }
        let key = number(place);
        write!(sql,
            "insert into informat.schoolvest (tenant_id, instelnr, vestnrdiscimus, hfdstructuur, vestiging, actief)
                 values ($1, '{instelnr}', {vestnr}, '311', '{site}', true);
             insert into informat.klassen (tenant_id, p_klas, scoodle_id, instelnr, vestnrdiscimus, hfdstructuur, schooljaar,
                                           klascode, klas, groeptype)
                 values ($1, {key}, gen_random_uuid(), '{instelnr}', {vestnr}, '311', '2026-27', '{class}', '{class}', 0);"
        )
        .unwrap();
    }
    let mut row = 0;
    for (place, somebody) in PEOPLE.iter().enumerate() {
        let (key, id, family) = (number(place), id(place), somebody.family);
        write!(
            sql,
            "insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam, geboortedatum)
                 values ($1, {key}, '{id}', '{family}', 'Jo', '2010-05-01');"
        )
        .unwrap();
        for at in somebody.places {
            row += 1;
            let (instelnr, _, vestnr, ..) = SITES[*at];
            let is_pupil_too = family == "Ickx" && *at == 1;
            if somebody.is_staff && !is_pupil_too {
                write!(sql,
                    "insert into informat.opdracht (tenant_id, p_opdracht, p_persoon, instelnr, vestnrdiscimus)
                         values ($1, {row}, {key}, '{instelnr}', {vestnr});"
                )
                .unwrap();
                continue;
            }
            write!(sql,
                "insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus, hfdstructuur,
                                                    schooljaar, begindatum, status)
                     values ($1, {row}, {key}, '{instelnr}', {vestnr}, '311', '2026-27', '{begin}', 0);"
            )
            .unwrap();
            if somebody.classes.contains(at) || is_pupil_too {
                write!(
                    sql,
                    "insert into informat.inschrklas (tenant_id, p_inschrklas, p_inschr, p_klas, vandatum)
                         values ($1, {row}, {row}, {}, '{begin}');",
                    number(*at)
                )
                .unwrap();
            }
        }
    }
    school.change(&sql).await;
    allocate(&school).await;
    school
}

/// What somebody was given: school, site if not all, what it opens.
type Given = (&'static str, Option<i32>, Access);

/// What they may do at a site, worked out from what they were given.
fn opened(given: &[Given], place: usize) -> Access {
    let (instelnr, _, vestnr, ..) = SITES[place];
    let here = given
        .iter()
        .filter(|(school, site, _)| *school == instelnr && site.is_none_or(|site| site == vestnr));
    here.map(|(.., access)| *access).max().unwrap_or(Access::None)
}

/// A row as it must be shown: family name, school, site, class, whether it may be edited.
type Row = (String, String, String, String, bool);

fn expected(given: &[Given]) -> Vec<Row> {
    let rows = PEOPLE.iter().filter_map(|somebody| {
        let seen: Vec<usize> = somebody
            .places
            .iter()
            .copied()
            .filter(|place| opened(given, *place) >= Access::Read)
            .collect();
        if seen.is_empty() {
            return None;
        }
        let joined = |texts: Vec<&str>| {
            let mut once: Vec<&str> = Vec::new();
            for text in texts {
                if !once.contains(&text) {
                    once.push(text);
                }
            }
            once.join(", ")
        };
        let classes = somebody.classes.iter().filter(|place| seen.contains(place));
        let classes = joined(classes.map(|place| SITES[*place].4).collect());
        let class = match (classes.is_empty(), somebody.is_staff) {
            (true, false) => NO_CLASS.to_owned(),
            (_, true) => String::new(),
            (false, false) => classes,
        };
        let mut at = somebody.places.iter();
        Some((
            somebody.family.to_owned(),
            joined(seen.iter().map(|place| SITES[*place].1).collect()),
            joined(seen.iter().map(|place| SITES[*place].3).collect()),
            class,
            at.any(|place| opened(given, *place) == Access::Write),
        ))
    });
    rows.collect()
}

fn row(person: &Person) -> Row {
    (
        person.family_name.clone(),
        person.school.clone(),
        person.site.clone(),
        person.class.clone(),
        person.may_edit,
    )
}

fn shown(seen: &Seen<'_>, filter: &Filter) -> Vec<Row> {
    let people = seen.people(filter, &[]);
    let rows = seen.range(&people, 0, people.len());
    assert_eq!(rows.len(), people.len());
    rows.iter().map(row).collect()
}

/// Compares everything that the list answers.
fn compare(view: &View, given: &[Given]) {
    let grants = given.iter().map(|(school, site, access)| Grant {
        instelnr: (*school).to_owned(),
        vestnr: *site,
        access: *access,
        is_manager: false,
    });
    let rights = Rights::of(grants);
    let seen = Seen::new(view, &rights);
    let rows = expected(given);
    assert_eq!(shown(&seen, &Filter::default()), rows, "{given:?}");
    let counts = seen.counts(&Filter::default());
    let staff = rows.iter().filter(|row| {
        let somebody = PEOPLE.iter().find(|somebody| somebody.family == row.0);
        somebody.unwrap().is_staff
    });
    let staff = staff.count();
    assert_eq!(
        (counts.total, counts.staff, counts.pupils, counts.new),
        (rows.len(), staff, rows.len() - staff, rows.len()),
        "{given:?}"
    );
    let words = SITES
        .iter()
        .flat_map(|(_, school, _, site, class)| [*school, *site, *class]);
    for word in words.chain(PEOPLE.iter().map(|somebody| somebody.family)) {
        let filter = Filter {
            search: word.to_lowercase(),
            ..Filter::default()
        };
        let found: Vec<Row> = rows
            .iter()
            .filter(|row| {
                [&row.0, &row.1, &row.2, &row.3]
                    .iter()
                    .any(|text| text.contains(word))
            })
            .cloned()
            .collect();
        assert_eq!(shown(&seen, &filter), found, "{word}: {given:?}");
        assert_eq!(seen.counts(&filter).total, found.len());
    }
    for (place, somebody) in PEOPLE.iter().enumerate() {
        let is_seen = rows.iter().any(|row| row.0 == somebody.family);
        assert_eq!(seen.find(id(place)).is_some(), is_seen);
        assert_eq!(!seen.name(id(place)).is_empty(), is_seen);
    }
    for column in ["school", "site", "class"] {
        let sort = serde_json::from_value(json!([{ "column": column }])).unwrap();
        let sort: Vec<_> = sort;
        let people = seen.people(&Filter::default(), &sort);
        assert_eq!(people.len(), rows.len());
    }
}

#[tokio::test]
async fn r60_r66_r85_r86_r87_the_list_shows_each_role_what_it_opens_and_nothing_else() {
    let database = database().await;
    let school = world(&database.pool, "zandpoort").await;
    world(&database.pool, "ander").await;
    let lists = Lists::new(school.server.clone());
    let view = lists.get("zandpoort").await.unwrap();
    assert_eq!(view.len(), PEOPLE.len());
    for role in &ROLES {
        for (school, site) in [
            ("001507", None),
            ("001507", Some(1)),
            ("001508", Some(2)),
            ("001509", None),
        ] {
            compare(&view, &[(school, site, role.access)]);
        }
    }
    let levels = [Access::None, Access::Read, Access::Write];
    for one in levels {
        for other in levels {
            compare(&view, &[("001507", None, one), ("001507", Some(2), other)]);
            compare(&view, &[("001507", Some(1), one), ("001508", Some(2), other)]);
            compare(&view, &[("001508", None, one), ("001509", Some(1), other)]);
            compare(
                &view,
                &[
                    ("001507", None, one),
                    ("001508", None, other),
                    ("001509", None, one),
                ],
            );
        }
    }
}

async fn post(site: &Site, browser: &Browser, path: &str, body: Value) -> (StatusCode, String) {
    let path = format!("/desk/api/zandpoort/usernames/{path}");
    let answer = site.post(browser, &path, &body).await;
    (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
}

#[tokio::test]
async fn r83_r85_what_may_not_be_seen_is_in_no_answer_and_answers_like_what_is_not_there() {
    let database = database().await;
    let school = world(&database.pool, "zandpoort").await;
    let site = Site::start(&database.pool).await;
    let account = site
        .account(
            "mia",
            &[
                ("zandpoort", "001507", Some(1), "iLeerlingen: Alles schrijven"),
                ("zandpoort", "001507", Some(2), "iLeerlingen: Alles lezen"),
            ],
        )
        .await;
    let mia = site.signed_in(&account).await;
    let (status, rows) = post(&site, &mia, "rows", json!({ "to": 100 })).await;
    assert_eq!(status, StatusCode::OK, "{rows}");
    let rows: Value = serde_json::from_str(&rows).unwrap();
    let given = [
        ("001507", Some(1), Access::Write),
        ("001507", Some(2), Access::Read),
    ];
    assert_eq!(rows["total"], expected(&given).len());
    let columns = json!([
        "family_name",
        "given_name",
        "username",
        "school",
        "site",
        "class",
        "birth_date"
    ]);
    let export = json!({ "format": "csv", "columns": columns });
    let (status, file) = post(&site, &mia, "export", export).await;
    assert_eq!(status, StatusCode::OK, "{file}");
    assert_eq!(file.lines().count(), expected(&given).len() + 1);
    let (_, counts) = post(&site, &mia, "counts", json!({})).await;
    let hidden = ["Beuk", "Veld", "Park", "Linde", "2B", "Claes", "Hermans"];
    let print = site.get(&mia, "/desk/zandpoort/gebruikersnamen/afdrukken").await;
    let print = String::from_utf8(print.body).unwrap();
    assert!(print.contains("Aerts") && !print.contains("2010"), "{print}");
    for text in [&rows.to_string(), &file, &counts, &print] {
        for word in hidden {
            assert!(!text.contains(word), "{word}: {text}");
        }
    }
    let trail: Vec<String> = sqlx::query_scalar(
        "select kind || ' ' || by from audit.entry where detail is not null order by position",
    )
    .fetch_all(&school.pool)
    .await
    .unwrap();
    for kind in ["birth_dates_exported mia", "usernames_printed mia"] {
        assert!(trail.iter().any(|entry| entry == kind), "{kind}: {trail:?}");
    }
    unknown_and_unseen(&site, &mia, &rows).await;
}

/// Claes is in a school that Mia does not see; nobody has the other id. Baert is only readable.
async fn unknown_and_unseen(site: &Site, mia: &Browser, rows: &Value) {
    let unknown = Uuid::from_u128(0xFF);
    for path in ["name", "sync", "bulk/preview"] {
        let body = |id: Uuid| match path {
            "name" => json!({ "id": id, "username": "x", "stamp": "0" }),
            "sync" => json!({ "id": id, "on": true, "stamp": "0" }),
            _ => json!({ "on": true, "people": { "ids": [id] } }),
        };
        let claes = post(site, mia, path, body(id(2))).await;
        assert_eq!(claes, post(site, mia, path, body(unknown)).await, "{path}");
        assert_eq!(claes.0, StatusCode::NOT_FOUND, "{path}");
    }
    let panel = |id: Uuid| format!("/desk/api/zandpoort/usernames/{id}");
    let claes = site.get(mia, &panel(id(2))).await;
    assert_eq!(claes.body, site.get(mia, &panel(unknown)).await.body);
    let (status, refused) = post(
        site,
        mia,
        "sync",
        json!({ "id": id(1), "on": true, "stamp": "0" }),
    )
    .await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(refused.contains("read-only"), "{refused}");
    // The name of somebody who is not seen is taken, and by whom is not said.
    let row = |place: usize| {
        let rows = rows["rows"].as_array().unwrap().iter();
        rows.clone()
            .find(|row| row["id"] == id(place).to_string())
            .unwrap()
    };
    let name = json!({ "id": id(0), "username": "jo.claes", "stamp": row(0)["stamp"] });
    let (status, refused) = post(site, mia, "name", name).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.contains("name-held") && !refused.contains("Claes"),
        "{refused}"
    );
}

#[tokio::test]
async fn r71_r75_a_name_is_edited_once_by_who_saw_it_and_a_served_one_is_asked_about() {
    let database = database().await;
    let school = world(&database.pool, "zandpoort").await;
    let site = Site::start(&database.pool).await;
    let account = site
        .account(
            "mia",
            &[("zandpoort", "001507", None, "iLeerlingen: Alles schrijven")],
        )
        .await;
    let mia = site.signed_in(&account).await;
    let person = async |place: usize| -> Value {
        site.get(&mia, &format!("/desk/api/zandpoort/usernames/{}", id(place)))
            .await
            .json()
    };
    let before = person(0).await;
    assert_eq!(before["login"], "jo.aerts");
    let stamp = &before["row"]["stamp"];
    let order = |username: &str, stamp: &Value, confirm: bool| json!({ "id": id(0), "username": username, "stamp": stamp, "confirm": confirm });
    let (status, answer) = post(&site, &mia, "name", order("jo.anders", stamp, false)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["row"]["username"], "jo.anders");
    // The second of two admins is told, and sees what stands there now.
    let (status, stale) = post(&site, &mia, "name", order("jo.derde", stamp, false)).await;
    let stale: Value = serde_json::from_str(&stale).unwrap();
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(stale["error"]["code"], "changed-meanwhile");
    assert_eq!(stale["row"]["username"], "jo.anders");
    // Released and served, another name is asked about once.
    let sync = json!({ "id": id(0), "on": true, "stamp": stale["row"]["stamp"], "reason": null });
    let (status, released) = post(&site, &mia, "sync", sync).await;
    assert_eq!(status, StatusCode::OK, "{released}");
    school.publish().await;
    let served = person(0).await;
    assert_eq!(
        (&served["row"]["served"], &served["row"]["state"]),
        (&json!(true), &json!("on"))
    );
    let stamp = &served["row"]["stamp"];
    let (status, asked) = post(&site, &mia, "name", order("jo.vierde", stamp, false)).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(
        asked.contains("confirm-rename") && asked.contains("alias"),
        "{asked}"
    );
    let (status, _) = post(&site, &mia, "name", order("jo.vierde", stamp, true)).await;
    assert_eq!(status, StatusCode::OK);
    let (status, refused) = post(&site, &mia, "name", order("jo é", stamp, true)).await;
    assert_eq!(status, StatusCode::CONFLICT, "{refused}");
    let stamp = person(0).await["row"]["stamp"].clone();
    let (status, refused) = post(&site, &mia, "name", order("joé", &stamp, true)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.contains("name-form") && refused.contains("accenten"),
        "{refused}"
    );
    let history = person(0).await["history"].to_string();
    assert!(
        history.contains("jo.vierde") && history.contains("Vrijgegeven"),
        "{history}"
    );
}

/// Returns who starts when, for [`School::change`].
fn starts(place: usize, day: chrono::NaiveDate) -> String {
    format!(
        "update informat.inschrijving set begindatum = '{day}' where tenant_id = $1 and p_persoon = {}",
        number(place)
    )
}

#[tokio::test]
async fn r69_r96_a_pupil_is_released_and_renamed_from_their_first_day() {
    let database = database().await;
    let school = world(&database.pool, "zandpoort").await;
    let site = Site::start(&database.pool).await;
    let account = site
        .account(
            "mia",
            &[("zandpoort", "001507", None, "iLeerlingen: Alles schrijven")],
        )
        .await;
    let mia = site.signed_in(&account).await;
    let name = |id: Uuid, stamp: Value| json!({ "id": id, "username": "jo.nieuw", "stamp": stamp });
    let release = |id: Uuid, stamp: Value| json!({ "id": id, "on": true, "stamp": stamp });
    // Foubert is somewhere else; who is nowhere answers the same.
    let unknown = Uuid::from_u128(7);
    let today = school.today().await;
    school.change(&starts(0, today + Days::new(1))).await;
    for (path, of_future, of_nobody) in [
        ("name", name(id(0), json!("0")), name(unknown, json!("0"))),
        ("sync", release(id(0), json!("0")), release(unknown, json!("0"))),
    ] {
        let (status, refused) = post(&site, &mia, path, of_future).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}: {refused}");
        assert_eq!(refused, post(&site, &mia, path, of_nobody).await.1);
    }
    school.change(&starts(0, today)).await;
    let panel = format!("/desk/api/zandpoort/usernames/{}", id(0));
    let stamp = async || -> Value { site.get(&mia, &panel).await.json()["row"]["stamp"].clone() };
    let (status, answer) = post(&site, &mia, "name", name(id(0), stamp().await)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let (status, answer) = post(&site, &mia, "sync", release(id(0), stamp().await)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}

#[tokio::test]
async fn preferences_are_kept_for_who_has_them() {
    let database = database().await;
    let site = Site::start(&database.pool).await;
    let mut browsers = Vec::new();
    for name in ["mia", "els"] {
        let account = site.account(name, &[]).await;
        browsers.push(site.signed_in(&account).await);
    }
    let path = "/desk/api/me/preferences/usernames";
    let kept = json!({ "columns": ["family_name"] });
    let put = |browser, path, body| site.ask(browser, axum::http::Method::PUT, path, Some(body));
    assert_eq!(
        put(&browsers[0], path, &kept).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(site.get(&browsers[0], path).await.json(), kept);
    assert_eq!(site.get(&browsers[1], path).await.json(), Value::Null);
    let large = json!("x".repeat(17_000));
    assert_eq!(
        put(&browsers[0], path, &large).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let document = site.get(&browsers[0], "/desk/api/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
}
