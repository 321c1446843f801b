//! Enrollments: who is in which class (R126, R127).

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use oneroster_standard::{Boolean, Enrollment, GuidRef, RefType, RoleType};

use super::person::ActivePerson;
use super::user::PublishedUser;
use super::{Identified, ProjectionContext, class, sorted};

/// `klasfunctiepersoon.p_klasfunctie` of a class teacher (R127).
pub(super) const CLASS_TEACHER: i32 = 2;

/// A row that puts a person in a class.
#[derive(Clone, Copy)]
pub(super) struct Membership {
    role: RoleType,
    pub(super) begin: NaiveDate,
    pub(super) end: NaiveDate,
    /// Key of the row: settles what dates do not.
    row: i64,
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
    // By class, then person. A later row of a person in a class takes the place of an earlier one.
    let mut memberships: BTreeMap<(i64, i64), Membership> = BTreeMap::new();
    for (p_klas, p_persoon, new) in student_rows(context, people).chain(teacher_rows(context, people)) {
        if !classes.contains_key(&p_klas) || !users.contains_key(&p_persoon) {
            continue;
        }
        let kept = memberships.entry((p_klas, p_persoon)).or_insert(new);
        let order = |row: &Membership| (row.role == RoleType::Teacher, row.begin, row.row);
        if order(&new) > order(kept) {
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
                sourced_id: format!("{user_id}-{p_klas}"),
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
/// date.
pub(super) fn student_rows<'s>(
    context: &'s ProjectionContext<'_>,
    people: &'s BTreeMap<i64, ActivePerson<'_>>,
) -> impl Iterator<Item = (i64, i64, Membership)> + 's {
    let mut counting: HashMap<i64, (i64, NaiveDate)> = HashMap::new();
    for (p_persoon, active) in people {
        if let Some(pupil) = &active.pupil {
            let registrations = pupil.registrations.iter();
            counting.extend(registrations.map(|row| (row.p_inschr, (*p_persoon, pupil.effective_date))));
        }
    }
    let year_end = context.year.einddatum;
    context.source.inschrklas.iter().filter_map(move |row| {
        let &(p_persoon, day) = counting.get(&row.p_inschr)?;
        row.contains(day, year_end).then(|| {
            let end = row.totdatum.unwrap_or(year_end);
            let student = Membership {
                role: RoleType::Student,
                begin: row.vandatum,
                end,
                row: row.p_inschrklas,
            };
            (row.p_klas, p_persoon, student)
        })
    })
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
