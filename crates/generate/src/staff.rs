//! The staff: persons, assignments, functions in classes.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::classes::Class;
use super::groups::Groups;
use super::names::Name;
use super::records::{Period, Person, Records, SiteStructure, Workplace};
use super::schools::{Listing, School};
use super::special::NAMESAKES_FROM;
use super::year::monday_from;
use super::{CaseName, SPECIAL_PUPILS_MIN};

/// The staff of each school, by institution number.
pub(super) type Teachers = BTreeMap<String, Vec<Person>>;

/// The function of class teacher; the only one that is published.
const CLASS_TEACHER: i32 = 2;

/// Adds the staff of every school that has classes: about two for each class.
pub(super) fn add(records: &mut Records, schools: &[School], classes: &[Class], groups: &Groups) -> Teachers {
    let mut of_school: BTreeMap<&str, Vec<&Class>> = BTreeMap::new();
    for class in classes {
        of_school.entry(&class.place.instelnr).or_default().push(class);
    }
    let mut namesake = pupils_of(classes) >= NAMESAKES_FROM;
    let mut teachers = Teachers::new();
    for school in schools {
        let Some(classes) = of_school.get(school.instelnr.as_str()) else {
            continue;
        };
        let people = add_school(records, classes, std::mem::take(&mut namesake));
        teachers.insert(school.instelnr.clone(), people);
    }
    for ((place, _), sets) in groups {
        let staff = teachers
            .get(&place.instelnr)
            .map(Vec::as_slice)
            .unwrap_or_default();
        for group in sets.iter().flat_map(|set| &set.keys) {
            if let Some(teacher) = records.dice.pick(staff).copied() {
                records.class_function(teacher, *group, CLASS_TEACHER, None);
            }
        }
    }
    share_teachers(records, &of_school, &teachers);
    add_changes(records, classes);
    teachers
}

fn pupils_of(classes: &[Class]) -> u32 {
    classes.iter().map(|class| class.size).sum()
}

/// Adds the staff of one school: a teacher for every class, as many others, and one more.
fn add_school(records: &mut Records, classes: &[&Class], namesake: bool) -> Vec<Person> {
    let mut people = Vec::new();
    for (number, class) in classes.iter().cycle().take(2 * classes.len() + 1).enumerate() {
        let bert = namesake && number == 0;
        let person = adult(records, bert.then(|| Name::new("Bert", "Ameel")));
        if bert {
            records.case(CaseName::BertAmeel, &person.rowguid);
        }
        let at = workplace(records, class);
        let (begin, end) = service(records);
        records.assignment(person, &at, begin, end);
        let main = number < classes.len();
        if main || records.dice.chance(150) {
            let period = whole_year(records);
            records.class_function(person, class.key, CLASS_TEACHER, period);
        } else if number.is_multiple_of(3) {
            let function = if records.dice.chance(500) { 1 } else { 3 };
            records.class_function(person, class.key, function, None);
        }
        people.push(person);
    }
    people
}

/// Adds a person of an age to work at a school, and counts them as staff.
fn adult(records: &mut Records, name: Option<Name>) -> Person {
    let age = records.dice.between(23, 64);
    records.staff += 1;
    records.person(records.year.first() - i32::try_from(age).unwrap_or(40), name)
}

/// Draws how exactly an assignment says where: by site or not, by structure or not.
fn workplace(records: &mut Records, class: &Class) -> Workplace {
    let SiteStructure {
        instelnr,
        vestnr,
        hfdstructuur,
    } = &class.place;
    let unpublished = matches!(class.listing, Listing::Excluded | Listing::Unnamed);
    // Somebody who works at a site that is not published works there only.
    let by_site = unpublished || records.dice.chance(700);
    let by_structure = records.dice.chance(400);
    Workplace {
        instelnr: instelnr.clone(),
        vestnr: by_site.then_some(*vestnr),
        hfdstructuur: by_structure.then_some(*hfdstructuur),
    }
}

/// Draws since when and until when somebody is in service: most for good, some for this year.
fn service(records: &mut Records) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let year = records.year;
    match records.dice.below(100) {
        0..5 => (None, None),
        5..25 => (Some(year.begin()), Some(year.end())),
        _ => {
            let days = u64::from(records.dice.between(1, 20 * 365));
            (Some(year.begin() - Days::new(days)), None)
        }
    }
}

/// Returns no period, which means the whole year, or, at times, the year spelled out.
fn whole_year(records: &mut Records) -> Option<Period> {
    let year = records.year;
    records
        .dice
        .chance(100)
        .then(|| Period::until(year.begin(), year.end()))
}

/// Returns the classes of published sites.
fn released<'a>(classes: impl IntoIterator<Item = &'a Class>) -> Vec<&'a Class> {
    classes
        .into_iter()
        .filter(|class| class.listing == Listing::Released)
        .collect()
}

/// Gives one teacher in forty, and one at least, a second school with a class of their own there.
fn share_teachers(records: &mut Records, of_school: &BTreeMap<&str, Vec<&Class>>, teachers: &Teachers) {
    let schools: Vec<(&str, Vec<&Class>)> = of_school
        .iter()
        .map(|(instelnr, classes)| (*instelnr, released(classes.iter().copied())))
        .collect();
    for (index, (instelnr, _)) in schools.iter().enumerate() {
        let Some((other, classes)) = schools
            .iter()
            .cycle()
            .nth(index + 1)
            .filter(|(other, _)| other != instelnr)
        else {
            continue;
        };
        let people = teachers.get(*instelnr).map(Vec::as_slice).unwrap_or_default();
        // The second of every forty: the first may be the namesake.
        for person in people.iter().skip(1).step_by(40) {
            let Some(class) = records.dice.pick(classes).copied() else {
                continue;
            };
            let at = Workplace {
                instelnr: (*other).to_owned(),
                vestnr: Some(class.place.vestnr),
                hfdstructuur: None,
            };
            let begin = records.year.begin();
            records.assignment(*person, &at, Some(begin), None);
            records.class_function(*person, class.key, CLASS_TEACHER, None);
            records.case(CaseName::TwoSchools, &person.rowguid);
        }
    }
}

/// Adds staff who start, leave or change in or around the active year.
fn add_changes(records: &mut Records, classes: &[Class]) {
    let open: Vec<&Class> = classes
        .iter()
        .filter(|class| class.listing == Listing::Released)
        .collect();
    if pupils_of(classes) < SPECIAL_PUPILS_MIN {
        return;
    }
    for _ in 0..(classes.len() / 50).max(1) {
        replacement_with_gap(records, &open);
        let year = records.year;
        let after_christmas = monday_from(year.day(1, 4));
        let long_ago = year.previous().previous().begin();
        for (case, begin, end) in [
            (CaseName::FutureStaff, after_christmas, None),
            (CaseName::FormerStaff, long_ago, Some(year.previous().end())),
            (CaseName::LeavingStaff, long_ago, Some(year.day(1, 31))),
        ] {
            let Some(class) = records.dice.pick(&open).copied() else {
                return;
            };
            let person = adult(records, None);
            records.case(case, &person.rowguid);
            let at = workplace(records, class);
            records.assignment(person, &at, Some(begin), end);
        }
        former_pupil(records, &open);
    }
}

/// Adds a replacement teacher: in service until autumn and again from the new year, and class teacher meanwhile.
fn replacement_with_gap(records: &mut Records, classes: &[&Class]) {
    let Some(class) = records.dice.pick(classes).copied() else {
        return;
    };
    let person = adult(records, None);
    records.case(CaseName::ReplacementWithGap, &person.rowguid);
    let year = records.year;
    let friday = monday_from(year.day(11, 1)) - Days::new(3);
    let monday = monday_from(year.day(1, 4));
    let at = Workplace {
        instelnr: class.place.instelnr.clone(),
        vestnr: Some(class.place.vestnr),
        hfdstructuur: Some(class.place.hfdstructuur),
    };
    for period in [
        Period::until(year.begin(), friday),
        Period::until(monday, year.end()),
    ] {
        records.assignment(person, &at, Some(period.begin), period.end);
        records.class_function(person, class.key, CLASS_TEACHER, Some(period));
    }
}

/// Adds somebody who finished school last year and is in service from the first day of this one.
fn former_pupil(records: &mut Records, classes: &[&Class]) {
    let secondary: Vec<&Class> = classes
        .iter()
        .copied()
        .filter(|class| class.grade.hfdstructuur == "311")
        .collect();
    let Some(class) = records.dice.pick(&secondary).copied() else {
        return;
    };
    let year = records.year;
    let person = records.person(year.first() - 18, None);
    records.staff += 1;
    records.case(CaseName::FormerPupilNowStaff, &person.rowguid);
    let last_year = year.previous();
    let period = Period::until(last_year.begin(), last_year.end());
    records.registration(person, &class.place, last_year, period, 0);
    let at = Workplace {
        instelnr: class.place.instelnr.clone(),
        vestnr: None,
        hfdstructuur: None,
    };
    records.assignment(person, &at, Some(year.begin()), None);
}
