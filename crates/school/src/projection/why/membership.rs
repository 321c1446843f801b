//! Why a person is in a class, or is not.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use oneroster_standard::RoleType;
use uuid::Uuid;

use super::super::person::{ActivePerson, active_people};
use super::super::{
    CLASS_TEACHER, ProjectionContext, Roster, class as classes, enrollment, naming::Naming, project,
};
use super::ground::{self, Hindered};
use super::reason::{ClassAbsence, MembershipAbsence, Obstacle, Reason};
use super::step::{Fact, Step, step};
use super::{Answer, Question, class, person, run};
use crate::informat::published_rows::PublishedRows;
use crate::informat::school_year::UnknownSchoolYear;
use crate::informat::{Inschrijving, Inschrklas, Klas, Klasfunctiepersoon, Mirror, Persoon};

pub(super) fn answer(
    question: &Question<'_>,
    rowguid: Uuid,
    scoodle_id: Uuid,
) -> Result<Answer, UnknownSchoolYear> {
    let Question {
        mirror,
        usernames,
        configuration,
        on,
    } = *question;
    let active_year = configuration.active_school_year.to_string();
    let (of_class, absence) = class::answer_with_absence(question, scoodle_id)?;
    let found = mirror.persoon.iter().find(|person| person.rowguid == rowguid);
    let Some((person, klas)) = found.zip(class::of_id(mirror, scoodle_id, &active_year)) else {
        let of_person = question.person(rowguid)?;
        return Ok(without_rows(of_person, of_class, absence));
    };
    let rows = rows_of(mirror, person, scoodle_id);
    let published_rows = PublishedRows::new(&rows.schoolvest, configuration);
    let context = ProjectionContext::new(&rows, configuration, &published_rows, &active_year, on)?;
    let people = active_people(&context);
    let active = people.get(&person.p_persoon);
    let naming = active.and_then(|active| Naming::of(configuration, active));
    let (grounds, _) = person::grounds(&context, active);
    let record = usernames.get(&rowguid);
    let (id, class_id) = (rowguid.hyphenated().to_string(), classes::sourced_id(klas));
    let has = |roster: &Roster| {
        let mut enrollments = roster.enrollments.iter().map(|enrollment| &enrollment.content);
        enrollments.any(|row| row.user.sourced_id == id && row.class.sourced_id == class_id)
    };
    let roster = project(&rows, usernames, configuration, &active_year, on)?;
    let asked = AskedRows::new(&context, &people, person, scoodle_id);
    let (row_steps, hindered) = asked.judged(active);
    let reason = if has(&roster) {
        Reason::Published
    } else if row_steps.is_empty() {
        Reason::Membership(MembershipAbsence::NoRow)
    } else if let Some(absence) = absence {
        Reason::Membership(MembershipAbsence::Class(absence))
    } else if asked.winner.is_some() {
        person::of_record(record)
    } else {
        let nearest = hindered.into_iter().min_by_key(Hindered::rank);
        nearest.map_or(Reason::Membership(MembershipAbsence::NoRow), |hindered| {
            hindered.reason
        })
    };
    let run = run::around(question, &rows, has)?;
    let is_other =
        |step: &Step| !matches!(&step.fact, Fact::Class { sourced_id, .. } if *sourced_id == class_id);
    let steps = std::iter::once(step(Fact::InMirror, true))
        .chain(grounds)
        .chain(person::record_steps(record, naming.as_ref()))
        .chain(person::class_steps(&roster).into_iter().filter(is_other))
        .chain(of_class.steps)
        .chain(row_steps);
    Ok(Answer {
        reason,
        from: run.map(|(first, _)| first),
        until: run.map(|(_, last)| last),
        steps: steps.collect(),
    })
}

/// The answer about somebody or a class that the mirror does not have.
fn without_rows(of_person: Answer, of_class: Answer, absence: Option<ClassAbsence>) -> Answer {
    let of_class_too = absence.filter(|_| of_person.reason != Reason::Unknown);
    let absence = of_class_too.map(MembershipAbsence::Class);
    Answer {
        reason: absence.map_or(Reason::Unknown, Reason::Membership),
        from: None,
        until: None,
        steps: of_person.steps.into_iter().chain(of_class.steps).collect(),
    }
}

/// The rows that put a person in a class, or would.
struct AskedRows<'a> {
    context: &'a ProjectionContext<'a>,
    /// The classes with the id, of any school year, by key.
    classes: HashMap<i64, &'a Klas>,
    p_persoon: i64,
    /// Role and key of the row that counts, were the person published.
    winner: Option<(RoleType, i64)>,
    /// The rows that count, the one that wins among them.
    counting: BTreeSet<(bool, i64)>,
}

impl<'a> AskedRows<'a> {
    fn new(
        context: &'a ProjectionContext<'a>,
        people: &BTreeMap<i64, ActivePerson<'_>>,
        person: &Persoon,
        scoodle_id: Uuid,
    ) -> Self {
        let of_id = context
            .source
            .klassen
            .iter()
            .filter(|klas| klas.scoodle_id == scoodle_id);
        let of_id: HashMap<i64, &Klas> = of_id.map(|klas| (klas.p_klas, klas)).collect();
        let published = classes::published(context);
        let rows = enrollment::student_rows(context, people).chain(enrollment::teacher_rows(context, people));
        let rows: Vec<_> = rows
            .filter(|(p_klas, p_persoon, _)| {
                of_id.contains_key(p_klas) && published.contains_key(p_klas) && *p_persoon == person.p_persoon
            })
            .map(|(.., row)| row)
            .collect();
        Self {
            context,
            classes: of_id,
            p_persoon: person.p_persoon,
            winner: rows
                .iter()
                .max_by_key(|row| row.rank())
                .map(|row| (row.role, row.row)),
            counting: rows
                .iter()
                .map(|row| (row.role == RoleType::Teacher, row.row))
                .collect(),
        }
    }

    /// Returns a step for each row, and what stands in the way of those that do not count.
    fn judged(&self, active: Option<&ActivePerson<'_>>) -> (Vec<Step>, Vec<Hindered>) {
        let (mut steps, mut all_hindered) = (Vec::new(), Vec::new());
        let source = self.context.source;
        for row in &source.inschrklas {
            let mut registrations = source.inschrijving.iter();
            let registration = registrations.find(|registration| registration.p_inschr == row.p_inschr);
            if let Some((klas, registration)) = self.classes.get(&row.p_klas).zip(registration) {
                let hindered = || self.of_pupil(klas, row, registration, active);
                let days = (Some(row.vandatum), row.totdatum);
                let judged = self.step((RoleType::Student, row.p_inschrklas), klas, days, hindered);
                steps.push(judged.0);
                all_hindered.extend(judged.1);
            }
        }
        let functions = source.klasfunctiepersoon.iter();
        for row in functions.filter(|row| row.p_persoon == self.p_persoon) {
            if let Some(klas) = self.classes.get(&row.p_klas) {
                let hindered = || self.of_teacher(klas, row, active);
                let days = (row.begindatum, row.einddatum);
                let judged = self.step(
                    (RoleType::Teacher, row.p_klasfunctiepersoon),
                    klas,
                    days,
                    hindered,
                );
                steps.push(judged.0);
                all_hindered.extend(judged.1);
            }
        }
        (steps, all_hindered)
    }

    fn step(
        &self,
        (role, key): (RoleType, i64),
        klas: &Klas,
        (since, until): (Option<NaiveDate>, Option<NaiveDate>),
        hindered: impl FnOnce() -> Hindered,
    ) -> (Step, Option<Hindered>) {
        let wins = self.winner == Some((role, key));
        let counts = self.counting.contains(&(role == RoleType::Teacher, key));
        let hindered = (!counts).then(hindered);
        let obstacle = hindered.as_ref().map(|hindered| hindered.obstacle);
        let fact = Fact::Membership {
            role,
            school_year: klas.schooljaar.clone(),
            obstacle: obstacle.or((counts && !wins).then_some(Obstacle::Another)),
        };
        let step = Step {
            since,
            until,
            ..step(fact, wins)
        };
        (step, hindered)
    }

    /// Returns what stands in the way of a pupil's row that does not count.
    fn of_pupil(
        &self,
        klas: &Klas,
        row: &Inschrklas,
        registration: &Inschrijving,
        active: Option<&ActivePerson<'_>>,
    ) -> Hindered {
        let pupil = active.and_then(|active| active.pupil.as_ref());
        let counting = pupil.filter(|pupil| {
            let mut rows = pupil.registrations.iter();
            rows.any(|counting| counting.p_inschr == registration.p_inschr)
        });
        let day = counting.map_or(self.context.reference_date, |pupil| pupil.effective_date);
        let last_day = row.totdatum.unwrap_or_else(|| self.year_end(&klas.schooljaar));
        let begins = row.vandatum;
        let of_registration = ground::of_registration(self.context, registration);
        let (obstacle, reason) = if let Some(of_year) = self.of_year(klas) {
            of_year
        } else if last_day < day {
            (
                Obstacle::Over,
                Reason::Membership(MembershipAbsence::Left { ended: last_day }),
            )
        } else if counting.is_some()
            || of_registration.obstacle == Obstacle::ToCome && registration.begindatum < begins
        {
            (
                Obstacle::ToCome,
                Reason::Membership(MembershipAbsence::ToCome { begins }),
            )
        } else if active.is_some() {
            let org = ground::org_of_registration(self.context, registration);
            let obstacle = of_registration.obstacle;
            (
                Obstacle::Registration,
                Reason::Membership(MembershipAbsence::Registration { org, obstacle }),
            )
        } else {
            (Obstacle::Registration, of_registration.reason)
        };
        Hindered {
            obstacle,
            reason,
            contains_day: begins <= day && day <= last_day,
            begins: Some(begins),
            ends: Some(last_day),
        }
    }

    /// Returns what stands in the way of a row of staff that does not count.
    fn of_teacher(
        &self,
        klas: &Klas,
        row: &Klasfunctiepersoon,
        active: Option<&ActivePerson<'_>>,
    ) -> Hindered {
        let (year, day) = (self.context.year, self.context.reference_date);
        let begins = row.begindatum.unwrap_or(year.begindatum);
        let ended = row.einddatum.unwrap_or(year.einddatum);
        let (obstacle, reason) = if row.p_klasfunctie != CLASS_TEACHER {
            let function = row.p_klasfunctie;
            (
                Obstacle::OtherFunction,
                Reason::Membership(MembershipAbsence::OtherFunction { function }),
            )
        } else if let Some(of_year) = self.of_year(klas) {
            of_year
        } else if ended < day {
            (
                Obstacle::Over,
                Reason::Membership(MembershipAbsence::TeachingEnded { ended }),
            )
        } else if begins > day {
            (
                Obstacle::ToCome,
                Reason::Membership(MembershipAbsence::TeachingToCome { begins }),
            )
        } else if active.is_some() {
            (
                Obstacle::NotStaff,
                Reason::Membership(MembershipAbsence::NotStaff),
            )
        } else {
            let assignments = self.context.source.opdracht.iter();
            let nearest = assignments
                .map(|row| ground::of_assignment(self.context, row))
                .min_by_key(Hindered::rank);
            (
                Obstacle::NotStaff,
                nearest.map_or(Reason::Membership(MembershipAbsence::NotStaff), |hindered| {
                    hindered.reason
                }),
            )
        };
        Hindered {
            obstacle,
            reason,
            contains_day: begins <= day && day <= ended,
            begins: Some(begins),
            ends: Some(ended),
        }
    }

    /// What stands in the way of a row of a class of another school year than the active one.
    fn of_year(&self, klas: &Klas) -> Option<(Obstacle, Reason)> {
        let school_year = klas.schooljaar.clone();
        (school_year != self.context.year.schooljaar).then(|| {
            let mut years = self.context.source.schooljaar.iter();
            let begins = years
                .find(|year| year.schooljaar == school_year)
                .map(|year| year.begindatum);
            let obstacle = if begins > Some(self.context.year.begindatum) {
                Obstacle::YearToCome
            } else {
                Obstacle::YearPast
            };
            (
                obstacle,
                Reason::Membership(MembershipAbsence::OtherYear { school_year }),
            )
        })
    }

    fn year_end(&self, school_year: &str) -> NaiveDate {
        let mut years = self.context.source.schooljaar.iter();
        let year = years.find(|year| year.schooljaar == school_year);
        year.map_or(self.context.year.einddatum, |year| year.einddatum)
    }
}

/// The mirror with this person alone, the classes they were ever in and those with the id asked about.
fn rows_of(mirror: &Mirror, person: &Persoon, scoodle_id: Uuid) -> Mirror {
    let mut rows = person::rows_of(mirror, person);
    add_class(&mut rows, mirror, scoodle_id);
    rows
}

/// Adds the classes with an id, of any school year.
pub(super) fn add_class(rows: &mut Mirror, mirror: &Mirror, scoodle_id: Uuid) {
    let known: BTreeSet<i64> = rows.klassen.iter().map(|klas| klas.p_klas).collect();
    let asked = mirror
        .klassen
        .iter()
        .filter(|klas| klas.scoodle_id == scoodle_id && !known.contains(&klas.p_klas));
    rows.klassen.extend(asked.cloned());
    rows.klassen.sort_by_key(|klas| klas.p_klas);
}
