//! `damaged-text`: texts judged as received, in files that an export damaged.

use std::path::Path;

use oneroster::mirror::{Mode, Subject};
use oneroster_generate::{school_group, write};
use oneroster_school::door::Guard;
use sqlx::PgPool;

use super::damage::Spoil;
use super::group::{Files, Group, letters};
use super::{LoadedTenant, remark, remarked};

/// Healthy names from abroad, one a line.
const FOREIGN: &str = include_str!("../../../crates/school/src/text/tests/foreign-names.txt");

/// The files and columns with names, titles and codes.
const TEXTS: [(&str, &[&str]); 4] = [
    ("school.csv", &["school", "schoolcode"]),
    ("schoolvest.csv", &["vestiging", "vestcode"]),
    ("persoon.csv", &["naam", "voornaam"]),
    ("klassen.csv", &["klascode", "klas"]),
];

/// A generated group as it was exported.
fn exported(pupils: u32) -> Files {
    let group = school_group(&oneroster_generate::Options {
        pupils,
        seed: 7,
        school_year: "2026-27".parse().unwrap(),
        tenant: "t".to_owned(),
        complete_next_year: false,
    });
    let folder = tempfile::tempdir().unwrap();
    write(&group, folder.path()).unwrap();
    let names = [
        "schooljaar.csv",
        "school.csv",
        "schoolvest.csv",
        "persoon.csv",
        "inschrijving.csv",
        "klassen.csv",
        "inschrklas.csv",
        "opdracht.csv",
        "klasfunctiepersoon.csv",
    ];
    let read = |name| std::fs::read_to_string(Path::new(folder.path()).join(name)).unwrap();
    names.map(|name| (name, read(name))).into()
}

/// Spoils every text of an export, and counts those that differ.
fn spoilt(files: &Files, spoil: impl Fn(&str) -> String) -> (Files, u64) {
    let mut files = files.clone();
    let mut count = 0;
    for (name, columns) in TEXTS {
        let mut reader = csv::Reader::from_reader(files[name].as_bytes());
        let header = reader.headers().unwrap().clone();
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&header).unwrap();
        for row in reader.records() {
            let row = row.unwrap();
            let cells = header.iter().zip(&row).map(|(column, cell)| {
                let text = if columns.contains(&column) {
                    spoil(cell)
                } else {
                    cell.to_owned()
                };
                count += u64::from(text != cell);
                text
            });
            writer.write_record(cells.collect::<Vec<_>>()).unwrap();
        }
        files.insert(name, String::from_utf8(writer.into_inner().unwrap()).unwrap());
    }
    (files, count)
}

/// A `?` at either end of a word of a title is punctuation, and letters in the middle may be too few to tell: a title may pass
/// where a name does not.
fn nearly_all(found: u64, spoilt: u64) -> bool {
    found <= spoilt && found * 10 >= spoilt * 8
}

#[tokio::test]
async fn damaged_text_refuses_each_of_five_damages_once_and_twice_to_a_generated_group() {
    let healthy = exported(600);
    let scene = LoadedTenant::empty().await;
    let loaded = scene.import(&healthy, Mode::Full, &[]).await.unwrap();
    assert!(loaded.guards.is_empty(), "{:?}", loaded.guards);
    assert!(loaded.remarks.is_empty(), "{:?}", loaded.remarks);
    let empty = LoadedTenant::empty().await;
    for spoil in Spoil::ALL {
        for times in [1, 2] {
            let (files, count) = spoilt(&healthy, |text| {
                (0..times).fold(text.to_owned(), |text, _| spoil.apply(&text))
            });
            assert!(count > 30, "{spoil:?}: {count}");
            for (scene, is_first) in [(&scene, false), (&empty, true)] {
                let refusal = scene.try_import(&files, Mode::Full, &[]).await.unwrap_err();
                let report = refusal
                    .guards
                    .iter()
                    .find(|report| report.guard == Guard::DamagedText);
                let report = report.unwrap_or_else(|| panic!("{spoil:?} {times} {is_first}: {refusal:?}"));
                assert!(
                    nearly_all(report.count, count),
                    "{spoil:?} {times}: {} of {count}",
                    report.count
                );
                assert!(report.message.contains("--accept damaged-text --by NAME"));
                let mut accept = vec![Guard::DamagedText];
                if spoil == Spoil::Replacement {
                    accept.push(Guard::ReplacementCharacter);
                } else {
                    assert!(
                        refusal.faults.is_empty(),
                        "{spoil:?} {times}: {:?}",
                        refusal.faults
                    );
                }
                let loaded = scene.try_import(&files, Mode::Full, &accept).await.unwrap();
                let remarks = [Subject::DamagedText, Subject::ReplacementCharacter];
                let told: u64 = remarks
                    .iter()
                    .map(|subject| remarked(&loaded.remarks, *subject))
                    .sum();
                assert_eq!(told, report.count, "{spoil:?} {times}");
            }
        }
    }
}

#[tokio::test]
async fn damaged_text_is_not_said_of_two_hundred_foreign_names() {
    let names: Vec<&str> = FOREIGN.lines().filter(|line| !line.is_empty()).collect();
    assert!(names.len() >= 200);
    let mut group = Group::of(&[names.len()]);
    for (person, name) in group.people.iter_mut().zip(&names) {
        person.given = (*name).to_owned();
        person.family = (*name).to_owned();
    }
    // As the first load, and as new names of people known before.
    LoadedTenant::of(&group).await;
    let plain = Group::of(&[names.len()]);
    let scene = LoadedTenant::of(&plain).await;
    let loaded = scene
        .try_import(&group.files(), Mode::Full, &[Guard::NamesChanged])
        .await
        .unwrap();
    assert!(loaded.remarks.is_empty(), "{:?}", loaded.remarks);
}

#[tokio::test]
async fn damaged_text_counts_names_titles_sites_and_schools_in_full_and_delta() {
    let mut group = Group::of(&[12]);
    group.school = "Sint-José".to_owned();
    group.sites[0] = "Café".to_owned();
    group.classes[0].title = "Één".to_owned();
    let group = group.with_people(3, |person| person.given = format!("José{}", letters(person.key)));
    let scene = LoadedTenant::of(&group).await;
    let spoil = |text: &str| Spoil::Windows1252.apply(text);
    // Three texts that are no names, and two or three that are.
    for (count, guards) in [(2, &[][..]), (3, &[Guard::DamagedText])] {
        let mut after = group.with_people(count, |person| person.given = spoil(&person.given));
        after.school = spoil(&after.school);
        after.sites[0] = spoil(&after.sites[0]);
        after.classes[0].title = spoil(&after.classes[0].title);
        let refused = scene.refused_by(&group, &after).await;
        assert!(refused.iter().eq(guards), "{count}: {refused:?}");
        let tried = scene.try_import(&after.files(), Mode::Full, &[]).await;
        let remarks = tried.map_or_else(|refusal| refusal.remarks, |loaded| loaded.remarks);
        assert_eq!(remarked(&remarks, Subject::DamagedText), 3 + count as u64);
    }
}

#[tokio::test]
async fn damaged_text_of_new_people_is_a_remark_with_file_line_column_and_value() {
    let group = Group::of(&[180]);
    let scene = LoadedTenant::of(&group).await;
    let mut after = Group::of(&[190]);
    for person in after.people.iter_mut().skip(180) {
        person.given = "JosÃ©".to_owned();
    }
    let loaded = scene.import(&after.files(), Mode::Full, &[]).await.unwrap();
    let remark = remark(&loaded.remarks, Subject::DamagedText).unwrap();
    assert_eq!(remark.count, 10);
    let example = &remark.examples[0];
    assert_eq!(
        (example.file, example.line, example.column, example.value.as_str()),
        ("persoon.csv", Some(182), "voornaam", "JosÃ©")
    );
    assert!(
        remark.to_string().contains("persoon.csv:182 voornaam JosÃ©"),
        "{remark}"
    );
}

/// The given names of the mirror, in the order of keys.
async fn given_names(pool: &PgPool) -> Vec<Option<String>> {
    sqlx::query_scalar("select voornaam from informat.persoon order by p_persoon")
        .fetch_all(pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn half_a_letter_that_is_a_control_or_a_space_is_damaged_text_and_kept_as_it_came() {
    // `Å` is C3 85 and `à` C3 A0: their second halves are U+0085, a control, and a no-break space.
    let names = ["\u{C3}\u{85}sa", "Ren\u{C3}\u{85}", "Andr\u{C3}\u{A0}"];
    let mut group = Group::of(&[10]);
    for (person, name) in group.people.iter_mut().zip(names) {
        person.given = name.to_owned();
    }
    let scene = LoadedTenant::empty().await;
    let loaded = scene.import(&group.files(), Mode::Full, &[]).await.unwrap();
    assert_eq!(remarked(&loaded.remarks, Subject::DamagedText), 3);
    let kept = given_names(&scene.database.pool).await;
    assert!(
        kept.iter().flatten().map(String::as_str).take(3).eq(names),
        "{kept:?}"
    );
    let again = scene.import(&group.files(), Mode::Full, &[]).await.unwrap();
    assert!(!again.changed(), "{again:?}");
}

#[tokio::test]
async fn healthy_text_is_cleaned_before_it_is_kept_and_a_second_load_changes_nothing() {
    let mut group = Group::of(&[10]);
    group.people[0].given = "Zoe\u{308}".to_owned();
    group.people[1].given = "\u{FEFF}Jan\u{200B}\u{202E}".to_owned();
    group.people[2].given = "\u{200B}".to_owned();
    let scene = LoadedTenant::of(&group).await;
    let kept = given_names(&scene.database.pool).await;
    let expected = [Some("Zoë"), Some("Jan"), None];
    assert!(kept.iter().map(Option::as_deref).take(3).eq(expected), "{kept:?}");
    for mode in [Mode::Full, Mode::Delta] {
        let again = scene.import(&group.files(), mode, &[]).await.unwrap();
        assert!(!again.changed(), "{again:?}");
    }
}

#[tokio::test]
async fn placeholder_person_is_a_remark() {
    let mut group = Group::of(&[10]);
    for (person, (given, family)) in
        group
            .people
            .iter_mut()
            .zip([("N.", "N."), ("Onbekend", "Janssens"), ("", "Vacature 2")])
    {
        person.given = given.to_owned();
        person.family = family.to_owned();
    }
    let scene = LoadedTenant::empty().await;
    let loaded = scene.import(&group.files(), Mode::Full, &[]).await.unwrap();
    let remark = remark(&loaded.remarks, Subject::PlaceholderPerson).unwrap();
    assert_eq!((remark.count, remark.examples[0].value.as_str()), (3, "N. N."));
}
