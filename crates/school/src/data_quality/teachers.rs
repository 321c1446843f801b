//! Class teachers: classes without one, with one who is not published, or about to lose the last.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Days, NaiveDate};
use oneroster_standard::{Kind, RoleType};

use super::facts::{Facts, some};
use super::{Finding, Rule};
use crate::projection::candidates::ClassMembers;

/// How many days ahead it is reported that a class loses its last teacher.
const NOTICE_DAYS: u64 = 14;

/// First and last day of a period.
type Period = (NaiveDate, NaiveDate);

pub(super) fn examine(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    for group in facts.candidates.classes.values() {
        findings.extend(without_teacher(facts, group));
    }
    not_staff(facts, findings);
    losing(facts, findings);
}

fn without_teacher(facts: &Facts<'_>, group: &ClassMembers<'_>) -> Option<Finding> {
    if group.teachers.iter().any(|teacher| facts.is_published(*teacher)) {
        return None;
    }
    let title = &group.title;
    let is_class = group.klas.groeptype == 0;
    let what = if is_class { "class" } else { "subgroup" };
    let (rule, message) = if group.teachers.is_empty() {
        let rule = if is_class {
            Rule::ClassWithoutTeacher
        } else {
            Rule::SubgroupWithoutTeacher
        };
        let message = format!(
            "{what} {title:?} has no class teacher on this day, so its Team has no owner: name one in Informat"
        );
        (rule, message)
    } else {
        let teachers: Vec<String> = group
            .teachers
            .iter()
            .map(|teacher| facts.called(*teacher))
            .collect();
        let message = format!(
            "{what} {title:?} has a class teacher, {}, but none that is published, so its Team has no owner: \
             check the username and release it",
            some(&teachers)
        );
        (Rule::ClassTeacherUnreleased, message)
    };
    Some(Finding::new(rule, Kind::Classes, &group.sourced_id, message))
}

/// Finds class teachers of the day who are not in service.
fn not_staff(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let candidates = facts.candidates;
    let is_staff = |p_persoon| {
        let present = candidates.people.get(&p_persoon);
        present.is_some_and(|present| present.naming.role == RoleType::Teacher)
    };
    let mut titles: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for row in &candidates.class_teachers {
        let is_now = row.begin <= candidates.reference_date && candidates.reference_date <= row.end;
        if let Some(group) = candidates
            .classes
            .get(&row.p_klas)
            .filter(|_| is_now && !is_staff(row.p_persoon))
        {
            titles
                .entry(row.p_persoon)
                .or_default()
                .push(format!("{:?}", group.title));
        }
    }
    for (p_persoon, mut titles) in titles {
        titles.sort();
        let message = format!(
            "{} is class teacher of {} but has no assignment at a published site on {}, so is not in the Team as a teacher: \
             enter the assignment, or end the function in Informat",
            facts.called(p_persoon),
            some(&titles),
            candidates.reference_date,
        );
        let id = facts.id(p_persoon);
        findings.push(Finding::new(Rule::ClassTeacherNotStaff, Kind::Users, id, message));
    }
}

/// Finds classes with a published teacher now and, before the notice is over and before the year ends, none.
fn losing(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    let candidates = facts.candidates;
    let service = service(facts);
    let mut taught: HashMap<i64, Vec<Period>> = HashMap::new();
    for row in candidates
        .class_teachers
        .iter()
        .filter(|row| facts.is_released(row.p_persoon))
    {
        let in_service = service.get(&row.p_persoon).map(Vec::as_slice).unwrap_or_default();
        let both = in_service
            .iter()
            .map(|(begin, end)| (row.begin.max(*begin), row.end.min(*end)))
            .filter(|(begin, end)| begin <= end);
        taught.entry(row.p_klas).or_default().extend(both);
    }
    let first = candidates.reference_date;
    let last = first
        .checked_add_days(Days::new(NOTICE_DAYS))
        .unwrap_or(NaiveDate::MAX);
    for (p_klas, group) in &candidates.classes {
        let has_teacher = group.teachers.iter().any(|teacher| facts.is_published(*teacher));
        let periods = taught.remove(p_klas).unwrap_or_default();
        let Some(until) = covered_until(first, periods).filter(|_| has_teacher) else {
            continue;
        };
        if until < last && until < candidates.year.einddatum {
            let message = format!(
                "{:?} has no class teacher any more after {until}, within {NOTICE_DAYS} days: name the successor in Informat, \
                 with an assignment, and release the username",
                group.title
            );
            findings.push(Finding::new(
                Rule::ClassLosingTeacher,
                Kind::Classes,
                &group.sourced_id,
                message,
            ));
        }
    }
}

/// Returns when each class teacher is in service of a published site.
fn service(facts: &Facts<'_>) -> HashMap<i64, Vec<Period>> {
    let teachers: HashSet<i64> = facts
        .candidates
        .class_teachers
        .iter()
        .map(|row| row.p_persoon)
        .collect();
    let grace = Days::new(u64::from(facts.subject.configuration.staff_grace_days));
    let mut service: HashMap<i64, Vec<Period>> = HashMap::new();
    for assignment in &facts.subject.source.opdracht {
        let counts =
            teachers.contains(&assignment.p_persoon) && facts.rows.covered_by(assignment).next().is_some();
        if counts {
            let begin = assignment.begindatum.unwrap_or(NaiveDate::MIN);
            let end = assignment
                .einddatum
                .and_then(|end| end.checked_add_days(grace))
                .unwrap_or(NaiveDate::MAX);
            service
                .entry(assignment.p_persoon)
                .or_default()
                .push((begin, end));
        }
    }
    service
}

/// Returns the last day that is reached from `first` without a day between periods; none if `first` is in none.
fn covered_until(first: NaiveDate, mut periods: Vec<Period>) -> Option<NaiveDate> {
    periods.sort_unstable();
    let mut until = None;
    for (begin, end) in periods {
        let next = until.map_or(first, |day: NaiveDate| day.succ_opt().unwrap_or(day));
        if begin <= next && end >= next {
            until = Some(end);
        }
    }
    until
}
