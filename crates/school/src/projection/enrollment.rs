//! Enrollments: who is in which class (R126, R127).

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use oneroster_standard::{Boolean, Enrollment, GuidRef, RefType, RoleType};

use super::person::ActivePerson;
use super::user::PublishedUser;
use super::{Identified, ProjectionContext, class, sorted};
use crate::informat::Inschrklas;
use crate::tenant::configuration::FuturePupils;

/// `klasfunctiepersoon.p_klasfunctie` of a class teacher (R127).
pub const CLASS_TEACHER: i32 = 2;

/// A row that puts a person in a class.
#[derive(Clone, Copy)]
pub(super) struct Membership {
    pub(super) role: RoleType,
    pub(super) begin: NaiveDate,
    pub(super) end: NaiveDate,
    /// Whether the source has no end: later than any.
    is_open: bool,
    /// Key of the row: settles what dates do not.
    pub(super) row: i64,
}

impl Membership {
    /// Of several rows for one person and class the greatest counts: the teacher's, then the latest start, then the latest
    /// end, then the highest key.
    pub(super) fn rank(&self) -> (bool, NaiveDate, bool, NaiveDate, i64) {
        let is_teacher = self.role == RoleType::Teacher;
        (is_teacher, self.begin, self.is_open, self.end, self.row)
    }
}

/// What decides about the class rows of a counting registration.
struct Counting {
    p_persoon: i64,
    /// The pupil's effective date.
    day: NaiveDate,
    /// The registration's first day.
    begin: NaiveDate,
    /// The first day of its first class row, where that row counts from the registration's first day on (R148).
    first: Option<NaiveDate>,
}

impl Counting {
    fn counts(&self, row: &Inschrklas, year_end: NaiveDate) -> bool {
        let is_first = self.first == Some(row.vandatum) && has_a_day(row, year_end);
        row.contains(self.day, year_end) || is_first && self.begin <= self.day && self.day < row.vandatum
    }
}

/// Returns `true` if a class row contains any day of the year: an open one that starts after it contains none.
fn has_a_day(row: &Inschrklas, year_end: NaiveDate) -> bool {
    row.contains(row.vandatum, year_end)
}

/// Returns the `sourcedId` of a membership.
pub(super) fn sourced_id(user_id: &str, p_klas: i64) -> String {
    format!("{user_id}-{p_klas}")
}

/// Makes the enrollments of published users in published classes. `users` and `people` belong to the context.
pub(super) fn enrollments(
    context: &ProjectionContext<'_>,
    people: &BTreeMap<i64, ActivePerson<'_>>,
    users: &[PublishedUser],
) -> Vec<Identified<Enrollment>> {
    let users: HashMap<i64, &str> = users
        .iter()
        .map(|user| (user.p_persoon, user.user.sourced_id.as_str()))
        .collect();
    let classes = class::published(context);
    // By class, then person.
    let mut memberships: BTreeMap<(i64, i64), Membership> = BTreeMap::new();
    for (p_klas, p_persoon, new) in student_rows(context, people).chain(teacher_rows(context, people)) {
        if !classes.contains_key(&p_klas) || !users.contains_key(&p_persoon) {
            continue;
        }
        let kept = memberships.entry((p_klas, p_persoon)).or_insert(new);
        if new.rank() > kept.rank() {
            *kept = new;
        }
    }
    let primary = primary_teachers(&memberships);
    let enrollments = memberships
        .iter()
        .filter_map(|(&(p_klas, p_persoon), membership)| {
            let (klas, row) = classes.get(&p_klas)?;
            let user_id = *users.get(&p_persoon)?;
            let is_teacher = membership.role == RoleType::Teacher;
            Some(Identified {
                sourced_id: sourced_id(user_id, p_klas),
                content: Enrollment {
                    user: GuidRef::new(RefType::User, user_id),
                    class: GuidRef::new(RefType::Class, &class::sourced_id(klas)),
                    school: GuidRef::new(RefType::Org, &row.org_id),
                    role: membership.role,
                    primary: is_teacher.then(|| Boolean(primary.get(&p_klas) == Some(&membership.row))),
                    begin_date: Some(membership.begin),
                    end_date: Some(membership.end),
                    metadata: serde_json::Map::new(),
                },
            })
        });
    sorted(enrollments.collect())
}

/// Returns (class, person, row) of every class registration of a counting registration that contains the pupil's effective
/// date. With future pupils included, the first ones of a registration count from its own first day on (R148).
pub(super) fn student_rows<'s>(
    context: &'s ProjectionContext<'_>,
    people: &'s BTreeMap<i64, ActivePerson<'_>>,
) -> impl Iterator<Item = (i64, i64, Membership)> + 's {
    let year_end = context.year.einddatum;
    let counting = counting(context, people);
    context.source.inschrklas.iter().filter_map(move |row| {
        let counting = counting.get(&row.p_inschr)?;
        counting.counts(row, year_end).then(|| {
            let student = Membership {
                role: RoleType::Student,
                begin: row.vandatum,
                end: row.totdatum.unwrap_or(year_end),
                is_open: row.totdatum.is_none(),
                row: row.p_inschrklas,
            };
            (row.p_klas, counting.p_persoon, student)
        })
    })
}

/// Returns the counting registrations by key.
fn counting(
    context: &ProjectionContext<'_>,
    people: &BTreeMap<i64, ActivePerson<'_>>,
) -> HashMap<i64, Counting> {
    let mut all: HashMap<i64, Counting> = HashMap::new();
    for (p_persoon, active) in people {
        let Some(pupil) = &active.pupil else { continue };
        all.extend(pupil.registrations.iter().map(|row| {
            let counting = Counting {
                p_persoon: *p_persoon,
                day: pupil.effective_date,
                begin: row.begindatum,
                first: None,
            };
            (row.p_inschr, counting)
        }));
    }
    if context.configuration.future_pupils == FuturePupils::Include {
        for row in &context.source.inschrklas {
            let of_registration = all.get_mut(&row.p_inschr);
            if let Some(counting) = of_registration.filter(|_| has_a_day(row, context.year.einddatum)) {
                let first = counting.first.get_or_insert(row.vandatum);
                *first = row.vandatum.min(*first);
            }
        }
    }
    all
}

/// Returns (class, person, row) of every staff member who is class teacher on the reference date.
pub(super) fn teacher_rows<'s>(
    context: &'s ProjectionContext<'_>,
    people: &'s BTreeMap<i64, ActivePerson<'_>>,
) -> impl Iterator<Item = (i64, i64, Membership)> + 's {
    class_teacher_rows(context)
        .filter(|(_, p_persoon, _)| people.get(p_persoon).is_some_and(ActivePerson::is_staff))
        .filter(|(_, _, teacher)| {
            teacher.begin <= context.reference_date && context.reference_date <= teacher.end
        })
}

/// Returns (class, person, row) of every class teacher's period in the year, whether or not the person is staff.
pub(super) fn class_teacher_rows<'s>(
    context: &'s ProjectionContext<'_>,
) -> impl Iterator<Item = (i64, i64, Membership)> + 's {
    let class_teachers = context
        .source
        .klasfunctiepersoon
        .iter()
        .filter(|row| row.p_klasfunctie == CLASS_TEACHER);
    class_teachers.map(|row| {
        let teacher = Membership {
            role: RoleType::Teacher,
            begin: row.begindatum.unwrap_or(context.year.begindatum),
            end: row.einddatum.unwrap_or(context.year.einddatum),
            is_open: row.einddatum.is_none(),
            row: row.p_klasfunctiepersoon,
        };
        (row.p_klas, row.p_persoon, teacher)
    })
}

/// Returns the row of each class's first teacher: the earliest start, then the lowest key.
fn primary_teachers(memberships: &BTreeMap<(i64, i64), Membership>) -> BTreeMap<i64, i64> {
    let mut first: BTreeMap<i64, (NaiveDate, i64)> = BTreeMap::new();
    for (&(p_klas, _), membership) in memberships
        .iter()
        .filter(|(_, row)| row.role == RoleType::Teacher)
    {
        let own = (membership.begin, membership.row);
        let earliest = first.entry(p_klas).or_insert(own);
        *earliest = own.min(*earliest);
    }
    first
        .into_iter()
        .map(|(p_klas, (_, row))| (p_klas, row))
        .collect()
}
