//! A world for rights: three schools of two sites each, with people at one place, at two, in two schools, some who move, leave or
//! come; who was given which role; and what of all that each may see, worked out person by person.

use std::collections::BTreeSet;
use std::fmt::Write;

use chrono::Days;
use oneroster_school::rights::Access;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use super::crowd::{allocate, tenant_of};
use crate::harness::api::Answer;
use crate::harness::desk::{Browser, Site};
use crate::harness::school::School;

/// A site: its school's number and name, its own number and name, and the class there. No word stands in another, nor in a text of a page.
pub(super) struct Spot {
    pub(super) instelnr: &'static str,
    pub(super) school: &'static str,
    pub(super) vestnr: i32,
    pub(super) site: &'static str,
    pub(super) class: &'static str,
}

const fn spot(
    (instelnr, school): (&'static str, &'static str),
    vestnr: i32,
    site: &'static str,
    class: &'static str,
) -> Spot {
    Spot {
        instelnr,
        school,
        vestnr,
        site,
        class,
    }
}

pub(super) const EIK: (&str, &str) = ("001507", "Eikenhof");
pub(super) const BEUK: (&str, &str) = ("001508", "Beukenhof");
pub(super) const LINDE: (&str, &str) = ("001509", "Lindenhof");

pub(super) const SPOTS: [Spot; 6] = [
    spot(EIK, 1, "Marktplein", "Bevers"),
    spot(EIK, 2, "Kadestraat", "Dassen"),
    spot(BEUK, 1, "Parklaan", "Konijnen"),
    spot(BEUK, 2, "Veldweg", "Merels"),
    spot(LINDE, 1, "Duinpad", "Otters"),
    spot(LINDE, 2, "Bosrand", "Reigers"),
];

impl Spot {
    /// The id of its class.
    pub(super) fn class_id(place: usize) -> Uuid {
        Uuid::from_u128(0x4000_9000_0000_0000_0000 + u128::try_from(number(place)).unwrap())
    }

    /// Its id, as orgs have it.
    pub(super) fn org(&self) -> String {
        format!("{}-{}", self.instelnr, self.vestnr)
    }
}

/// Somebody of this world: where they are, in the order in which the list shows it, and of which of these places their classes are.
pub(super) struct Somebody {
    pub(super) family: &'static str,
    pub(super) places: &'static [usize],
    pub(super) classes: &'static [usize],
    pub(super) is_staff: bool,
    /// Where they are in a month, if that is elsewhere; without a class.
    pub(super) later: Option<&'static [usize]>,
}

const fn pupil(family: &'static str, places: &'static [usize], classes: &'static [usize]) -> Somebody {
    Somebody {
        family,
        places,
        classes,
        is_staff: false,
        later: None,
    }
}

const fn staff(family: &'static str, places: &'static [usize]) -> Somebody {
    Somebody {
        is_staff: true,
        ..pupil(family, places, &[])
    }
}

const fn who_goes(family: &'static str, place: &'static [usize], later: &'static [usize]) -> Somebody {
    Somebody {
        later: Some(later),
        ..pupil(family, place, place)
    }
}

/// Staff at one place, pupil at another: counts as staff.
const PUPIL_TOO: &str = "Ickx";

/// In the order of their family names.
pub(super) const PEOPLE: [Somebody; 13] = [
    pupil("Aerts", &[0], &[0]),
    pupil("Baert", &[1], &[1]),
    pupil("Claes", &[2], &[2]),
    pupil("Dumon", &[3], &[3]),
    pupil("Everaert", &[4], &[4]),
    pupil("Foubert", &[5], &[]),
    // In two schools.
    pupil("Goris", &[0, 3], &[0, 3]),
    // At every site of a school.
    staff("Hermans", &[4, 5]),
    staff(PUPIL_TOO, &[2, 1]),
    staff("Jacobs", &[1]),
    // Moves to another school.
    who_goes("Kuypers", &[2], &[5]),
    // Leaves.
    who_goes("Lauwers", &[0], &[]),
    // Comes.
    who_goes("Moens", &[], &[1]),
];

impl Somebody {
    /// Where they are now or later.
    pub(super) fn ever(&self) -> impl Iterator<Item = usize> {
        self.places.iter().chain(self.later.unwrap_or_default()).copied()
    }

    /// Of which places they are in the Team of the class: a class of staff who are pupils too is not shown, and they are in it.
    pub(super) fn teams(&self) -> &'static [usize] {
        if self.family == PUPIL_TOO {
            &[1]
        } else {
            self.classes
        }
    }
}

/// The number of a person or a place among all.
pub(super) fn number(place: usize) -> usize {
    place + 1
}

pub(super) fn id(person: usize) -> Uuid {
    Uuid::from_u128(0x4000_8000_0000_0000_0000 + u128::try_from(number(person)).unwrap())
}

/// Makes the world in a tenant: everybody has a username, nobody is released, nothing is published.
pub(super) async fn world(pool: &PgPool, tenant_id: &str) -> School {
    let schools = [EIK, BEUK, LINDE].map(|(school, _)| (school, [1, 2].as_slice()));
    let school = tenant_of(pool, tenant_id, &schools).await;
    let begin = school.today().await - Days::new(60);
    let end = begin + Days::new(260);
    let mut sql = format!(
        "insert into informat.schooljaar (tenant_id, schooljaar, begindatum, einddatum) values ($1, '2026-27', '{begin}', '{end}');"
    );
    let mut schools = BTreeSet::new();
    for (place, spot) in SPOTS.iter().enumerate() {
        let (instelnr, vestnr, class) = (spot.instelnr, spot.vestnr, spot.class);
        if schools.insert(instelnr) {
            let name = spot.school;
            write!(sql,
                "insert into informat.school (tenant_id, instelnr, school) values ($1, '{instelnr}', '{name}');"
            )
            .unwrap();
        }
        let (key, class_id, site) = (number(place), Spot::class_id(place), spot.site);
        write!(sql,
            "insert into informat.schoolvest (tenant_id, instelnr, vestnrdiscimus, hfdstructuur, vestiging, actief)
                 values ($1, '{instelnr}', {vestnr}, '311', '{site}', true);
             insert into informat.klassen (tenant_id, p_klas, scoodle_id, instelnr, vestnrdiscimus, hfdstructuur, schooljaar,
                                           klascode, klas, groeptype)
                 values ($1, {key}, '{class_id}', '{instelnr}', {vestnr}, '311', '2026-27', '{class}', '{class}', 0);"
        )
        .unwrap();
    }
    let mut row = 0;
    for person in 0..PEOPLE.len() {
        add_person(&mut sql, &mut row, person, begin);
    }
    school.change(&sql).await;
    allocate(&school).await;
    school
}

fn add_person(sql: &mut String, row: &mut usize, person: usize, begin: chrono::NaiveDate) {
    let somebody = &PEOPLE[person];
    let (key, id, family) = (number(person), id(person), somebody.family);
    write!(
        sql,
        "insert into informat.persoon (tenant_id, p_persoon, rowguid, naam, voornaam, geboortedatum)
             values ($1, {key}, '{id}', '{family}', 'Jo', '2010-05-01');"
    )
    .unwrap();
    let change = begin + Days::new(70);
    let end = if somebody.later.is_some() {
        format!("'{change}'")
    } else {
        "null".to_owned()
    };
    let now = somebody.places.iter().map(|at| (*at, begin, end.as_str()));
    let later = somebody.later.unwrap_or_default();
    let later = later.iter().map(|at| (*at, change + Days::new(1), "null"));
    for (at, from, until) in now.chain(later) {
        *row += 1;
        let (instelnr, vestnr) = (SPOTS[at].instelnr, SPOTS[at].vestnr);
        let is_pupil_too = family == PUPIL_TOO && at == 1;
        if somebody.is_staff && !is_pupil_too {
            write!(
                sql,
                "insert into informat.opdracht (tenant_id, p_opdracht, p_persoon, instelnr, vestnrdiscimus)
                     values ($1, {row}, {key}, '{instelnr}', {vestnr});"
            )
            .unwrap();
            continue;
        }
        write!(sql,
            "insert into informat.inschrijving (tenant_id, p_inschr, p_persoon, instelnr, vestnrdiscimus, hfdstructuur,
                                                schooljaar, begindatum, einddatum, status)
                 values ($1, {row}, {key}, '{instelnr}', {vestnr}, '311', '2026-27', '{from}', {until}, 0);"
        )
        .unwrap();
        if somebody.classes.contains(&at) || is_pupil_too {
            write!(
                sql,
                "insert into informat.inschrklas (tenant_id, p_inschrklas, p_inschr, p_klas, vandatum)
                     values ($1, {row}, {row}, {}, '{begin}');",
                number(at)
            )
            .unwrap();
        }
    }
}

/// What somebody was given: school, site if not all, what it opens.
pub(super) type Given = (&'static str, Option<i32>, Access);

/// What they may do at a place, worked out from what they were given.
pub(super) fn opened(given: &[Given], place: usize) -> Access {
    let spot = &SPOTS[place];
    let here = given
        .iter()
        .filter(|(school, site, _)| *school == spot.instelnr && site.is_none_or(|site| site == spot.vestnr));
    here.map(|(.., access)| *access).max().unwrap_or(Access::None)
}

/// Whether they may see a place.
pub(super) fn sees(given: &[Given], place: usize) -> bool {
    opened(given, place) >= Access::Read
}

/// Whether they may see somebody, who is there now or later.
pub(super) fn sees_ever(given: &[Given], person: usize) -> bool {
    PEOPLE[person].ever().any(|place| sees(given, place))
}

/// The strongest of what they may do with somebody who is listed today.
pub(super) fn opened_of(given: &[Given], person: usize) -> Access {
    let places = PEOPLE[person].places.iter();
    places
        .map(|place| opened(given, *place))
        .max()
        .unwrap_or(Access::None)
}

/// Texts, each once, joined as a cell shows them.
pub(super) fn joined(texts: impl Iterator<Item = &'static str>) -> String {
    let mut once: Vec<&str> = Vec::new();
    for text in texts {
        if !once.contains(&text) {
            once.push(text);
        }
    }
    once.join(", ")
}

/// Fails if a text says anything of what may not be seen: people who are nowhere where they may be seen, places, classes, schools.
pub(super) fn nothing_hidden(text: &str, given: &[Given], what: &str) {
    let text = text.to_lowercase();
    let mut hidden: Vec<String> = Vec::new();
    for (person, somebody) in PEOPLE.iter().enumerate() {
        if !sees_ever(given, person) {
            hidden.extend([somebody.family.to_owned(), id(person).to_string()]);
        }
    }
    for (place, spot) in SPOTS.iter().enumerate() {
        if !sees(given, place) {
            let class = Spot::class_id(place).to_string();
            hidden.extend([spot.site.to_owned(), spot.class.to_owned(), class, spot.org()]);
        }
        let of_school = |other: &usize| SPOTS[*other].instelnr == spot.instelnr;
        if !(0..SPOTS.len()).filter(of_school).any(|other| sees(given, other)) {
            hidden.extend([spot.school.to_owned(), spot.instelnr.to_owned()]);
        }
    }
    for word in hidden {
        assert!(
            !text.contains(&word.to_lowercase()),
            "{what}: {word}: {given:?}: {text}"
        );
    }
}

/// The tenant of the world that is asked.
pub(super) const TENANT: &str = "zandpoort";

/// Posts to the API of the tenant's usernames.
pub(super) async fn post(site: &Site, browser: &Browser, path: &str, body: Value) -> Answer {
    let path = format!("/desk/api/{TENANT}/usernames/{path}");
    site.post(browser, &path, &body).await
}

/// Switches the flags of everybody but for some, as an operator does; returns the operation.
pub(super) async fn switch(site: &Site, operator: &Browser, on: bool, except: &[usize]) -> String {
    let except: Vec<Uuid> = except.iter().copied().map(id).collect();
    let people = json!({ "all_but": { "filter": {}, "except": except } });
    let preview = json!({ "on": on, "people": people });
    let preview = post(site, operator, "bulk/preview", preview).await.json();
    let order = json!({
        "on": on, "people": people, "count": preview["count"], "fingerprint": preview["fingerprint"],
        "reason": "begin van het schooljaar"
    });
    let done = post(site, operator, "bulk", order).await.json();
    done["operation"].as_str().unwrap().to_owned()
}

/// A page or answer as text.
pub(super) fn text_of(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}
