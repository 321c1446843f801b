//! What schools do in a healthy year and what must not be held, and the accidents that look like it.

use std::collections::{BTreeSet, HashMap};

use chrono::DateTime;
use oneroster::publication::roster_counts::RosterCounts;
use oneroster::roster::Test;
use oneroster_school::informat::{
    Inschrijving, Inschrklas, Klas, Mirror, Persoon, School, Schooljaar, Schoolvest,
};
use oneroster_school::tenant::{Configuration, file};
use oneroster_school::username::Record;
use uuid::Uuid;

use super::pure::{counted, judged};

/// A school of one site, as Informat has it.
#[derive(Clone)]
struct Place {
    mirror: Mirror,
    configuration: Configuration,
}

fn id(space: u128, number: i64) -> Uuid {
    Uuid::from_u128((space << 64) + u128::from(number.unsigned_abs()))
}

/// So many pupils, spread over so many classes.
fn place(pupils: i64, classes: i64) -> Place {
    let configuration = r#"
id = "zand"
name = "Zand"
active_school_year = "2026-27"
team_name_format = "{schoolyear} {klas} - {vestiging}"
username_format = "{voornaam}.{familienaam}"
schools = [{ instelnr = "100001", sites = [{ vestnr = 1, sync_default = true }] }]
"#;
    let mut place = Place {
        mirror: Mirror {
            schooljaar: vec![Schooljaar {
                schooljaar: "2026-27".to_owned(),
                begindatum: "2026-09-01".parse().unwrap(),
                einddatum: "2027-06-30".parse().unwrap(),
            }],
            school: vec![School {
                instelnr: "100001".to_owned(),
                school: "De Zandpoort".to_owned(),
                schoolcode: None,
            }],
            schoolvest: vec![Schoolvest {
                instelnr: "100001".to_owned(),
                vestnrdiscimus: 1,
                hfdstructuur: "311".to_owned(),
                vestiging: "Markt".to_owned(),
                vestcode: None,
                actief: true,
                changed: None,
            }],
            ..Mirror::default()
        },
        configuration: file::parse(configuration).unwrap(),
    };
    for _ in 0..classes {
        place.class(0);
    }
    for number in 1..=pupils {
        place.pupil(number);
        place.put(number, (number - 1) % classes + 1);
    }
    place
}

impl Place {
    /// Adds a class (0) or a subgroup; returns its key.
    fn class(&mut self, groeptype: i32) -> i64 {
        let p_klas = self.mirror.klassen.last().map_or(1, |klas| klas.p_klas + 1);
        self.mirror.klassen.push(Klas {
            p_klas,
            scoodle_id: id(2, p_klas),
            instelnr: "100001".to_owned(),
            vestnrdiscimus: 1,
            hfdstructuur: "311".to_owned(),
            schooljaar: "2026-27".to_owned(),
            klascode: format!("K{p_klas}"),
            klas: Some(format!("Klas {p_klas}")),
            groeptype,
            changed: None,
        });
        p_klas
    }

    fn pupil(&mut self, number: i64) {
        self.mirror.persoon.push(Persoon {
            p_persoon: number,
            rowguid: id(1, number),
            naam: Some(format!("DE SMET {number}")),
            voornaam: Some("RENÉE".to_owned()),
            geboortedatum: None,
            changed: None,
        });
        self.mirror.inschrijving.push(Inschrijving {
            p_inschr: number,
            p_persoon: number,
            instelnr: "100001".to_owned(),
            vestnrdiscimus: 1,
            hfdstructuur: "311".to_owned(),
            schooljaar: "2026-27".to_owned(),
            begindatum: "2026-09-01".parse().unwrap(),
            einddatum: None,
            status: 0,
            changed: None,
        });
    }

    fn put(&mut self, pupil: i64, p_klas: i64) {
        let p_inschrklas = self
            .mirror
            .inschrklas
            .last()
            .map_or(1, |row| row.p_inschrklas + 1);
        self.mirror.inschrklas.push(Inschrklas {
            p_inschrklas,
            p_inschr: pupil,
            p_klas,
            vandatum: "2026-09-01".parse().unwrap(),
            totdatum: None,
            changed: None,
        });
    }

    /// Puts the pupils of a class in others, one after the other, and deletes it.
    fn spread(&mut self, class: i64, over: &[i64]) {
        let mut turn = over.iter().cycle();
        for row in self
            .mirror
            .inschrklas
            .iter_mut()
            .filter(|row| row.p_klas == class)
        {
            row.p_klas = *turn.next().unwrap();
        }
        self.mirror.klassen.retain(|klas| klas.p_klas != class);
    }

    fn on(&self, today: &str) -> RosterCounts {
        let names: HashMap<Uuid, Record> = self
            .mirror
            .persoon
            .iter()
            .map(|person| {
                let name = format!("p{}", person.p_persoon);
                let record = Record::new(person.rowguid, name, DateTime::UNIX_EPOCH);
                (person.rowguid, Record { sync: true, ..record })
            })
            .collect();
        counted(&self.mirror, &names, &self.configuration, "2026-27", today)
    }
}

/// Which tests hold what happens to a place on a day.
fn held(before: &Place, today: &str, happens: impl FnOnce(&mut Place)) -> BTreeSet<Test> {
    let mut after = before.clone();
    happens(&mut after);
    let (before, after) = (before.on(today), after.on(today));
    assert_ne!(before, after, "something happens");
    // The reference date: no day before the year begins.
    let reference_date = today.max("2026-09-01");
    let reasons = judged(&before, &after, reference_date, 20);
    reasons.into_iter().map(|reason| reason.test).collect()
}

#[test]
fn a_provisional_class_that_is_spread_over_six_on_28_august_is_not_held() {
    // A third of the school, all first-years.
    let mut school = place(200, 10);
    let provisional = school.class(0);
    for number in 201..=300 {
        school.pupil(number);
        school.put(number, provisional);
    }
    let happens = |place: &mut Place| {
        let six: Vec<i64> = (0..6).map(|_| place.class(0)).collect();
        place.spread(provisional, &six);
    };
    assert_eq!(held(&school, "2026-08-28", happens), BTreeSet::new());
    assert_eq!(
        held(&school, "2026-10-28", happens),
        BTreeSet::from([Test::PupilsMoved]),
        "in October that would be no ordinary day"
    );
}

#[test]
fn a_nursery_that_opens_a_class_is_not_held() {
    let happens = |place: &mut Place| {
        let opened = place.class(0);
        for row in place.mirror.inschrklas.iter_mut().take(18) {
            row.p_klas = opened;
        }
    };
    // Eighteen of sixty are 30 %.
    assert_eq!(held(&place(60, 3), "2027-01-11", happens), BTreeSet::new());
}

#[test]
fn a_class_of_two_grades_that_is_split_in_a_school_of_180_is_not_held() {
    let happens = |place: &mut Place| {
        let two = [place.class(0), place.class(0)];
        place.spread(8, &two);
    };
    assert_eq!(held(&place(180, 8), "2026-11-02", happens), BTreeSet::new());
}

#[test]
fn empty_subgroups_that_are_tidied_up_in_october_are_not_held() {
    let mut school = place(180, 8);
    for _ in 0..40 {
        school.class(1);
    }
    let tidy = |place: &mut Place| place.mirror.klassen.retain(|klas| klas.groeptype == 0);
    assert_eq!(held(&school, "2026-10-12", tidy), BTreeSet::new());
}

#[test]
fn a_renamed_site_another_format_and_names_that_were_in_capitals_are_not_held() {
    let school = place(500, 25);
    let rename = |place: &mut Place| place.mirror.schoolvest[0].vestiging = "Grote Markt".to_owned();
    assert_eq!(held(&school, "2026-11-02", rename), BTreeSet::new());
    let format = |place: &mut Place| {
        place.configuration.team_name_format = "{klascode}".parse().unwrap();
    };
    assert_eq!(held(&school, "2026-11-02", format), BTreeSet::new());
    let correct = |place: &mut Place| {
        for person in &mut place.mirror.persoon {
            person.voornaam = Some("Renée".to_owned());
            person.naam = Some(format!("De Smet {}", person.p_persoon));
        }
    };
    assert_eq!(held(&school, "2026-11-02", correct), BTreeSet::new());
}

#[test]
fn r107_other_subgroups_on_1_february_are_not_held() {
    let mut school = place(200, 10);
    let [first, second] = [school.class(1), school.class(1)];
    for number in 1..=200 {
        school.put(number, first);
    }
    assert_eq!(
        held(&school, "2027-02-01", |place| place.spread(first, &[second])),
        BTreeSet::new()
    );
}

/// The export of the next year under this year's label, as it happened in May.
#[test]
fn every_pupil_one_class_further_is_held() {
    let further = |place: &mut Place| {
        for row in &mut place.mirror.inschrklas {
            row.p_klas = row.p_klas % 10 + 1;
        }
    };
    for day in ["2026-09-02", "2027-05-10"] {
        assert_eq!(
            held(&place(200, 10), day, further),
            BTreeSet::from([Test::PupilsMoved])
        );
    }
}

#[test]
fn names_that_are_sorted_apart_from_their_people_are_held() {
    let sorted = |place: &mut Place| {
        let names: Vec<Option<String>> = place
            .mirror
            .persoon
            .iter()
            .map(|person| person.naam.clone())
            .collect();
        for (person, name) in place.mirror.persoon.iter_mut().zip(names.iter().rev()) {
            person.naam.clone_from(name);
        }
    };
    assert_eq!(
        held(&place(200, 10), "2026-11-02", sorted),
        BTreeSet::from([Test::NamesChanged])
    );
}

#[test]
fn damage_in_the_names_of_a_quarter_of_the_classes_is_held_and_in_the_name_of_the_site_too() {
    let school = place(500, 25);
    let classes = |place: &mut Place| {
        for klas in place.mirror.klassen.iter_mut().take(6) {
            klas.klas = Some(format!("CategorieÃ«n {}", klas.p_klas));
        }
    };
    let retitled = BTreeSet::from([Test::ClassesRetitled]);
    assert_eq!(held(&school, "2026-11-02", classes), retitled);
    let site = |place: &mut Place| place.mirror.schoolvest[0].vestiging = "MariÃ«nplein".to_owned();
    assert_eq!(held(&school, "2026-11-02", site), retitled);
}

#[test]
fn schools_of_twelve_and_of_three_classes_whose_class_ids_are_all_new_are_held() {
    for (pupils, classes) in [(240, 12), (45, 3)] {
        let renew = |place: &mut Place| {
            for klas in &mut place.mirror.klassen {
                klas.scoodle_id = id(3, klas.p_klas);
            }
        };
        let tests = held(&place(pupils, classes), "2026-11-02", renew);
        assert!(tests.contains(&Test::ClassesRemoved), "{classes}: {tests:?}");
    }
}
