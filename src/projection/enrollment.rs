//! Enrollments: who is in which class (R126, R127).

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::person::Seen;
use super::user::PublishedUser;
use super::{Identified, Scene, class, sorted};
use crate::oneroster::{Boolean, Enrollment, GuidRef, RefType, RoleType};

/// `klasfunctiepersoon.p_klasfunctie` of a class teacher (R127).
const CLASS_TEACHER: i32 = 2;

/// A row that puts a person in a class.
#[derive(Clone, Copy)]
struct Membership {
    role: RoleType,
    begin: NaiveDate,
    end: NaiveDate,
    /// Key of the row: settles what dates do not.
    row: i64,
}

/// Makes the enrollments of published users in published classes. `users` and `people` are those of the scene.
pub(super) fn enrollments(
    scene: &Scene<'_>,
    people: &BTreeMap<i64, Seen<'_>>,
    users: &[PublishedUser],
) -> Vec<Identified<Enrollment>> {
    let users: HashMap<i64, &str> = users
        .iter()
        .map(|user| (user.p_persoon, user.user.sourced_id.as_str()))
        .collect();
    let published = |p_persoon: i64| people.get(&p_persoon).filter(|_| users.contains_key(&p_persoon));
    let classes = class::published(scene);
    let mut memberships: BTreeMap<(i64, i64), Membership> = BTreeMap::new();
    // Keyed by class, then person. A later row of a person in a class takes the place of an earlier one.
    let mut add = |p_klas: i64, p_persoon: i64, new: Membership| {
        let kept = memberships.entry((p_klas, p_persoon)).or_insert(new);
        if (new.role == RoleType::Teacher, new.begin, new.row)
            > (kept.role == RoleType::Teacher, kept.begin, kept.row)
        {
            *kept = new;
        }
    };
    let counting: HashMap<i64, (i64, NaiveDate)> = people
        .iter()
        .filter_map(|(p_persoon, seen)| Some((*p_persoon, seen.pupil.as_ref()?)))
        .flat_map(|(p_persoon, pupil)| {
            pupil
                .registrations
                .iter()
                .map(move |row| (row.p_inschr, (p_persoon, pupil.effective_date)))
        })
        .collect();
    for row in &scene.source.inschrklas {
        let Some(&(p_persoon, day)) = counting.get(&row.p_inschr) else {
            continue;
        };
        if row.contains(day, scene.year.einddatum)
            && classes.contains_key(&row.p_klas)
            && published(p_persoon).is_some()
        {
            let end = row.totdatum.unwrap_or(scene.year.einddatum);
            let student = Membership {
                role: RoleType::Student,
                begin: row.vandatum,
                end,
                row: row.p_inschrklas,
            };
            add(row.p_klas, p_persoon, student);
        }
    }
    for row in scene
        .source
        .klasfunctiepersoon
        .iter()
        .filter(|row| row.p_klasfunctie == CLASS_TEACHER)
    {
        let begin = row.begindatum.unwrap_or(scene.year.begindatum);
        let end = row.einddatum.unwrap_or(scene.year.einddatum);
        let current = begin <= scene.reference_date && scene.reference_date <= end;
        if current
            && classes.contains_key(&row.p_klas)
            && published(row.p_persoon).is_some_and(Seen::is_staff)
        {
            let teacher = Membership {
                role: RoleType::Teacher,
                begin,
                end,
                row: row.p_klasfunctiepersoon,
            };
            add(row.p_klas, row.p_persoon, teacher);
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
