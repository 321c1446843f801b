//! Informat as a school works in it: people, registrations, classes. It is exported as a bundle.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{Days, NaiveDate};

/// A site of an institution with one main structure: a row of `schoolvest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Site {
    pub(crate) instelnr: &'static str,
    pub(crate) number: u32,
    pub(crate) structure: &'static str,
    pub(crate) name: &'static str,
}

/// A person under one `rowguid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Person(i64);

impl Person {
    /// The id of the person in OneRoster and the SIS id in Microsoft 365.
    pub(crate) fn sis_id(self) -> String {
        format!("00000000-0000-4000-8000-{:012}", self.0)
    }
}

/// A registration: `p_inschr`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Registration(i64);

/// A class: `p_klas`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Class(i64);

#[derive(Debug, Clone)]
struct PersonRow {
    p_persoon: i64,
    given_name: String,
    family_name: String,
    born: String,
    /// The row is deleted, or has another `rowguid` by now.
    is_gone: bool,
}

#[derive(Debug, Clone)]
struct Enrolment {
    person: Person,
    site: Site,
    year: &'static str,
    from: String,
    until: Option<String>,
}

#[derive(Debug, Clone)]
struct ClassRow {
    site: Site,
    year: &'static str,
    code: String,
    /// The name; the code where nobody gave it one.
    name: Option<String>,
    /// 0 for a class, more for a subgroup.
    kind: u8,
    /// The row is deleted, and what refers to it.
    is_gone: bool,
}

#[derive(Debug, Clone)]
struct Placement {
    registration: Registration,
    class: Class,
    from: String,
    until: Option<String>,
}

#[derive(Debug, Clone)]
struct Assignment {
    person: Person,
    site: Site,
    from: String,
    until: Option<String>,
}

#[derive(Debug, Clone)]
struct Teaching {
    person: Person,
    class: Class,
    from: String,
    until: Option<String>,
}

/// One Informat database.
#[derive(Debug, Clone, Default)]
pub(crate) struct Informat {
    years: BTreeMap<&'static str, (&'static str, &'static str)>,
    sites: Vec<Site>,
    people: Vec<PersonRow>,
    registrations: Vec<Enrolment>,
    classes: Vec<ClassRow>,
    placements: Vec<Placement>,
    assignments: Vec<Assignment>,
    teachings: Vec<Teaching>,
}

impl Informat {
    /// A database with these sites and two school years.
    pub(crate) fn of(sites: &[Site]) -> Self {
        let years = [
            ("2054-55", ("2054-09-01", "2055-06-30")),
            ("2055-56", ("2055-09-01", "2056-06-30")),
        ];
        Self {
            years: years.into(),
            sites: sites.to_vec(),
            ..Self::default()
        }
    }

    pub(crate) fn person(&mut self, given_name: &str, family_name: &str) -> Person {
        self.people.push(PersonRow {
            p_persoon: key(self.people.len() + 1),
            given_name: given_name.to_owned(),
            family_name: family_name.to_owned(),
            born: String::new(),
            is_gone: false,
        });
        Person(key(self.people.len()))
    }

    /// Enters when somebody was born.
    pub(crate) fn born(&mut self, person: Person, day: &str) {
        day.clone_into(&mut self.people[place(person.0)].born);
    }

    /// Corrects somebody's names.
    pub(crate) fn rename(&mut self, person: Person, given_name: &str, family_name: &str) {
        let row = &mut self.people[place(person.0)];
        given_name.clone_into(&mut row.given_name);
        family_name.clone_into(&mut row.family_name);
    }

    /// Gives somebody's row another `rowguid`, as no program should; returns the person as they are known from then on.
    pub(crate) fn rekey(&mut self, person: Person) -> Person {
        let row = self.people[place(person.0)].clone();
        self.people.push(row);
        let rekeyed = Person(key(self.people.len()));
        self.merge(person, rekeyed);
        self.drop_row(person);
        rekeyed
    }

    /// Merges two records of one person: what the one has, the other has from then on. The row of the one stays.
    pub(crate) fn merge(&mut self, lost: Person, survivor: Person) {
        let registrations = self.registrations.iter_mut().map(|row| &mut row.person);
        let assignments = self.assignments.iter_mut().map(|row| &mut row.person);
        let teachings = self.teachings.iter_mut().map(|row| &mut row.person);
        for person in registrations.chain(assignments).chain(teachings) {
            if *person == lost {
                *person = survivor;
            }
        }
    }

    /// Deletes the row of a person who has nothing else.
    pub(crate) fn drop_row(&mut self, person: Person) {
        self.people[place(person.0)].is_gone = true;
    }

    /// Gives every person another `p_persoon`, as a migration of the data does: numbers that others had before, too.
    pub(crate) fn renumber(&mut self) {
        let count = key(self.people.len());
        for row in &mut self.people {
            row.p_persoon = count + 2 - row.p_persoon;
        }
    }

    pub(crate) fn class(&mut self, site: Site, year: &'static str, code: &str) -> Class {
        self.classes.push(ClassRow {
            site,
            year,
            code: code.to_owned(),
            name: None,
            kind: 0,
            is_gone: false,
        });
        Class(key(self.classes.len()))
    }

    /// Deletes a class, with what pupils and staff have in it.
    pub(crate) fn drop_class(&mut self, class: Class) {
        self.classes[place(class.0)].is_gone = true;
    }

    fn is_there(&self, class: Class) -> bool {
        !self.classes[place(class.0)].is_gone
    }

    /// Gives a class another name; the code stays.
    pub(crate) fn rename_class(&mut self, class: Class, name: &str) {
        self.classes[place(class.0)].name = Some(name.to_owned());
    }

    /// Another teaching group than a class.
    pub(crate) fn subgroup(&mut self, site: Site, year: &'static str, code: &str) -> Class {
        let class = self.class(site, year, code);
        self.classes[place(class.0)].kind = 1;
        class
    }

    /// Registers a pupil from a day to the end of the year.
    pub(crate) fn enrol(
        &mut self,
        person: Person,
        site: Site,
        year: &'static str,
        from: &str,
    ) -> Registration {
        self.registrations.push(Enrolment {
            person,
            site,
            year,
            from: from.to_owned(),
            until: None,
        });
        Registration(key(self.registrations.len()))
    }

    /// Puts a registered pupil in a class or subgroup.
    pub(crate) fn put(&mut self, registration: Registration, class: Class, from: &str) {
        self.placements.push(Placement {
            registration,
            class,
            from: from.to_owned(),
            until: None,
        });
    }

    /// Registers a pupil and puts him in a class, from the same day.
    pub(crate) fn enrol_in(&mut self, person: Person, class: Class, from: &str) -> Registration {
        let ClassRow { site, year, .. } = self.classes[place(class.0)];
        let registration = self.enrol(person, site, year, from);
        self.put(registration, class, from);
        registration
    }

    /// Changes the class: Informat ends the class before by itself.
    pub(crate) fn change_class(&mut self, registration: Registration, class: Class, from: &str) {
        let classes = &self.classes;
        for placement in &mut self.placements {
            let is_class = classes[place(placement.class.0)].kind == 0;
            if placement.registration == registration && is_class && placement.until.is_none() {
                placement.until = Some(day_before(from));
            }
        }
        self.put(registration, class, from);
    }

    /// Changes programme or site: the registration ends, and another begins the next day.
    pub(crate) fn move_to(&mut self, registration: Registration, class: Class, from: &str) -> Registration {
        self.leave(registration, &day_before(from));
        let person = self.registrations[place(registration.0)].person;
        self.enrol_in(person, class, from)
    }

    /// The registrations of a person, in the order they were entered.
    pub(crate) fn registrations_of(&self, person: Person) -> Vec<Registration> {
        numbered(&self.registrations)
            .filter(|(_, registration)| registration.person == person)
            .map(|(p_inschr, _)| Registration(p_inschr))
            .collect()
    }

    /// Ends a registration. Its class registration is left open: it ends with it.
    pub(crate) fn leave(&mut self, registration: Registration, last_day: &str) {
        self.registrations[place(registration.0)].until = Some(last_day.to_owned());
    }

    /// Employs a person at a site from a day on, without an end.
    pub(crate) fn employ(&mut self, person: Person, site: Site, from: &str) {
        self.assignments.push(Assignment {
            person,
            site,
            from: from.to_owned(),
            until: None,
        });
    }

    /// Ends what a person does at a site.
    pub(crate) fn dismiss(&mut self, person: Person, site: Site, last_day: &str) {
        for assignment in &mut self.assignments {
            if (assignment.person, assignment.site) == (person, site) {
                assignment.until = Some(last_day.to_owned());
            }
        }
    }

    /// Makes a person class teacher from a day on.
    pub(crate) fn class_teacher(&mut self, person: Person, class: Class, from: &str) {
        self.teachings.push(Teaching {
            person,
            class,
            from: from.to_owned(),
            until: None,
        });
    }

    /// Replaces the class teacher of a class from a day on.
    pub(crate) fn replace_class_teacher(&mut self, class: Class, by: Person, from: &str) {
        for teaching in &mut self.teachings {
            if teaching.class == class && teaching.until.is_none() {
                teaching.until = Some(day_before(from));
            }
        }
        self.class_teacher(by, class, from);
    }
}

/// The bundle.
impl Informat {
    /// Writes the whole state as a bundle.
    pub(crate) fn export(&self, folder: &Path) {
        let years = self
            .years
            .iter()
            .map(|(year, (begin, end))| row([*year, begin, end]));
        write(folder, "schooljaar", "schooljaar,begindatum,einddatum", years);
        let mut schools: Vec<&str> = self.sites.iter().map(|site| site.instelnr).collect();
        schools.dedup();
        let schools = schools.iter().map(|instelnr| row([*instelnr, "Zandpoort", ""]));
        write(folder, "school", "instelnr,school,schoolcode", schools);
        let sites = self
            .sites
            .iter()
            .map(|site| [place_of(site), row([site.name, "", "1", ""])].concat());
        let columns = "instelnr,vestnrdiscimus,hfdstructuur,vestiging,vestcode,actief,changed";
        write(folder, "schoolvest", columns, sites);
        let people = numbered(&self.people).filter(|(_, person)| !person.is_gone);
        let people = people.map(|(number, person)| {
            let rowguid = Person(number).sis_id();
            let PersonRow {
                p_persoon,
                given_name,
                family_name,
                born,
                ..
            } = person;
            row([
                &p_persoon.to_string(),
                &rowguid,
                family_name,
                given_name,
                born,
                "",
            ])
        });
        let columns = "p_persoon,rowguid,naam,voornaam,geboortedatum,changed";
        write(folder, "persoon", columns, people);
        self.export_registrations(folder);
        self.export_staff(folder);
    }

    fn export_registrations(&self, folder: &Path) {
        let registrations = numbered(&self.registrations).map(|(p_inschr, registration)| {
            let keys = row([&p_inschr.to_string(), &self.number(registration.person)]);
            let period = [
                registration.year,
                &registration.from,
                end(registration.until.as_ref()),
            ];
            [keys, place_of(&registration.site), row(period), row(["0", ""])].concat()
        });
        let columns = "p_inschr,p_persoon,instelnr,vestnrdiscimus,hfdstructuur,schooljaar,begindatum,einddatum,status,changed";
        write(folder, "inschrijving", columns, registrations);
        let classes = numbered(&self.classes).filter(|(_, class)| !class.is_gone);
        let classes = classes.map(|(p_klas, class)| {
            let keys = row([
                &p_klas.to_string(),
                &format!("0000c1a5-0000-4000-8000-{p_klas:012}"),
            ]);
            let name = class.name.as_ref().unwrap_or(&class.code);
            let names = row([class.year, &class.code, name, &class.kind.to_string(), ""]);
            [keys, place_of(&class.site), names].concat()
        });
        let columns = "p_klas,scoodle_id,instelnr,vestnrdiscimus,hfdstructuur,schooljaar,klascode,klas,groeptype,changed";
        write(folder, "klassen", columns, classes);
        let placements = numbered(&self.placements).filter(|(_, placement)| self.is_there(placement.class));
        let placements = placements.map(|(p_inschrklas, placement)| {
            let keys = [p_inschrklas, placement.registration.0, placement.class.0];
            let period = [placement.from.as_str(), end(placement.until.as_ref()), ""];
            [keys.map(|key| key.to_string()).to_vec(), row(period)].concat()
        });
        let columns = "p_inschrklas,p_inschr,p_klas,vandatum,totdatum,changed";
        write(folder, "inschrklas", columns, placements);
    }

    /// The `p_persoon` of a person.
    fn number(&self, person: Person) -> String {
        self.people[place(person.0)].p_persoon.to_string()
    }

    fn export_staff(&self, folder: &Path) {
        let assignments = numbered(&self.assignments).map(|(p_opdracht, assignment)| {
            let keys = row([&p_opdracht.to_string(), &self.number(assignment.person)]);
            let period = [assignment.from.as_str(), end(assignment.until.as_ref()), ""];
            [keys, place_of(&assignment.site), row(period)].concat()
        });
        let columns =
            "p_opdracht,p_persoon,instelnr,vestnrdiscimus,hfdstructuur,begindatum,einddatum,changed";
        write(folder, "opdracht", columns, assignments);
        let teachings = numbered(&self.teachings).filter(|(_, teaching)| self.is_there(teaching.class));
        let teachings = teachings.map(|(number, teaching)| {
            let (number, class) = (number.to_string(), teaching.class.0.to_string());
            let keys = row([&number, &self.number(teaching.person), &class, "2"]);
            let period = [teaching.from.as_str(), end(teaching.until.as_ref()), ""];
            [keys, row(period)].concat()
        });
        let columns = "p_klasfunctiepersoon,p_persoon,p_klas,p_klasfunctie,begindatum,einddatum,changed";
        write(folder, "klasfunctiepersoon", columns, teachings);
    }
}

fn key(count: usize) -> i64 {
    i64::try_from(count).unwrap()
}

fn place(key: i64) -> usize {
    usize::try_from(key - 1).unwrap()
}

fn numbered<T>(rows: &[T]) -> impl Iterator<Item = (i64, &T)> {
    (1_i64..).zip(rows)
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

fn place_of(site: &Site) -> Vec<String> {
    row([site.instelnr, &site.number.to_string(), site.structure])
}

fn end(day: Option<&String>) -> &str {
    day.map_or("", String::as_str)
}

/// The day before a day.
fn day_before(day: &str) -> String {
    let day: NaiveDate = day.parse().unwrap();
    (day - Days::new(1)).to_string()
}

fn write(folder: &Path, table: &str, columns: &str, rows: impl Iterator<Item = Vec<String>>) {
    let mut file = csv::Writer::from_path(folder.join(format!("{table}.csv"))).unwrap();
    file.write_record(columns.split(',')).unwrap();
    for row in rows {
        file.write_record(row).unwrap();
    }
    file.flush().unwrap();
}
