//! What the list shows to whom, compared with what is worked out here person by person: for every role, two roles at once, a
//! whole school and a single site.

use oneroster::desk::list::{Column, Filter, Lists, NO_CLASS, Person, Seen, Sort, View};
use oneroster_school::rights::{Access, Grant, ROLES, Rights};

use super::askers::ROLES_OF_MANUAL;
use super::role_world::{Given, PEOPLE, SPOTS, Somebody, id, joined, opened_of, sees, world};
use crate::harness::database;

/// A row as it must be shown: family name, school, site, class, whether it may be edited.
pub(super) type Row = (String, String, String, String, bool);

/// The rows that somebody must be shown.
pub(super) fn expected(given: &[Given]) -> Vec<Row> {
    let rows = PEOPLE.iter().enumerate().filter_map(|(person, somebody)| {
        let is_seen = |place: &&usize| sees(given, **place);
        let seen: Vec<usize> = somebody.places.iter().filter(is_seen).copied().collect();
        if seen.is_empty() {
            return None;
        }
        let classes = somebody.classes.iter().filter(|place| seen.contains(place));
        let classes = joined(classes.map(|place| SPOTS[*place].class));
        let class = match (classes.is_empty(), somebody.is_staff) {
            (true, false) => NO_CLASS.to_owned(),
            (_, true) => String::new(),
            (false, false) => classes,
        };
        Some((
            somebody.family.to_owned(),
            joined(seen.iter().map(|place| SPOTS[*place].school)),
            joined(seen.iter().map(|place| SPOTS[*place].site)),
            class,
            opened_of(given, person) == Access::Write,
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

fn shown(seen: &Seen<'_>, filter: &Filter, sort: &[Sort]) -> Vec<Row> {
    let people = seen.people(filter, sort);
    let rows = seen.range(&people, 0, people.len());
    assert_eq!(rows.len(), people.len());
    rows.iter().map(row).collect()
}

fn somebody(row: &Row) -> &'static Somebody {
    PEOPLE.iter().find(|somebody| somebody.family == row.0).unwrap()
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
    assert_eq!(shown(&seen, &Filter::default(), &[]), rows, "{given:?}");
    let counts = seen.counts(&Filter::default());
    let staff = rows.iter().filter(|row| somebody(row).is_staff).count();
    assert_eq!(
        (counts.total, counts.staff, counts.pupils, counts.new),
        (rows.len(), staff, rows.len() - staff, rows.len()),
        "{given:?}"
    );
    let words = SPOTS.iter().flat_map(|spot| [spot.school, spot.site, spot.class]);
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
        assert_eq!(shown(&seen, &filter, &[]), found, "{word}: {given:?}");
        assert_eq!(seen.counts(&filter).total, found.len());
    }
    for (person, somebody) in PEOPLE.iter().enumerate() {
        let is_seen = rows.iter().any(|row| row.0 == somebody.family);
        assert_eq!(seen.find(id(person)).is_some(), is_seen);
        assert_eq!(!seen.name(id(person)).is_empty(), is_seen);
    }
    in_order(&seen, &rows, given);
}

/// Orders by what is seen of school, site and class: by the first of them, then the next; who shows the same stands in the list's order.
fn in_order(seen: &Seen<'_>, rows: &[Row], given: &[Given]) {
    let texts = |row: &Row, column: Column| -> Vec<String> {
        let text = if column == Column::School {
            &row.1
        } else if column == Column::Site {
            &row.2
        } else {
            &row.3
        };
        // A pupil without a class has none to be sorted by.
        let text = text.replace(NO_CLASS, "");
        let texts = text.split(", ").filter(|text| !text.is_empty());
        texts.map(str::to_lowercase).collect()
    };
    let columns = [Column::School, Column::Site, Column::Class];
    for column in columns {
        for descending in [false, true] {
            let sort = [Sort { column, descending }];
            let mut ordered = rows.to_vec();
            ordered.sort_by(|one, other| {
                let order = texts(one, column).cmp(&texts(other, column));
                if descending { order.reverse() } else { order }
            });
            assert_eq!(
                shown(seen, &Filter::default(), &sort),
                ordered,
                "{sort:?}: {given:?}"
            );
            for then in columns {
                let sort = [
                    sort[0],
                    Sort {
                        column: then,
                        descending: true,
                    },
                    Sort {
                        column: Column::FamilyName,
                        descending: true,
                    },
                ];
                let mut ordered = rows.to_vec();
                ordered.sort_by(|one, other| {
                    let first = texts(one, column).cmp(&texts(other, column));
                    let first = if descending { first.reverse() } else { first };
                    let then = texts(other, then).cmp(&texts(one, then));
                    first.then(then).then(other.0.cmp(&one.0))
                });
                assert_eq!(
                    shown(seen, &Filter::default(), &sort),
                    ordered,
                    "{sort:?}: {given:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn r60_r61_r66_r78_r85_r86_r87_the_list_shows_each_role_what_it_opens_and_nothing_else() {
    let database = database().await;
    let school = world(&database.pool, "zandpoort").await;
    world(&database.pool, "ander").await;
    let lists = Lists::new(school.server.clone());
    let view = lists.get("zandpoort").await.unwrap();
    let today = PEOPLE.iter().filter(|somebody| !somebody.places.is_empty());
    assert_eq!(view.len(), today.count(), "nobody of the future");
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

#[test]
fn r85_r86_r87_every_role_opens_what_the_manual_says() {
    let known: Vec<(String, Access)> = ROLES.iter().map(|role| (role.to_string(), role.access)).collect();
    let manual = ROLES_OF_MANUAL.map(|(name, access)| (name.to_owned(), access));
    assert_eq!(known, manual);
}
