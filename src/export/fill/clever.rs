//! Clever: one row for each person, the teachers of a section in its row.

use futures_util::TryStreamExt;
use oneroster_standard::Kind;

use super::super::content::{self, Class, STUDENT as STUDENT_ROLE, User};
use super::super::note::NoteRule;
use super::super::rule::{Refusal, Rule};
use super::super::sheet::{Filled, Sheet};
use super::super::table::Table;
use super::super::table::clever::{SCHOOLS, SECTIONS, STUDENTS, TEACHERS};
use super::super::{Error, refused};
use super::{Work, home, note_schools};
use crate::roster::files::{self, MembershipRow, Whom};

/// How many teachers the row of a section has room for.
const TEACHERS_MAX: usize = 4;

/// Fills a file.
pub(super) async fn fill(work: &mut Work<'_>, table: &'static Table) -> Result<Filled, Error> {
    match table.file {
        SCHOOLS => schools(work, table),
        STUDENTS => people(work, table, Whom::Pupils).await,
        TEACHERS => people(work, table, Whom::Staff).await,
        SECTIONS => sections(work, table).await,
        _ => memberships(work, table).await,
    }
}

fn schools(work: &mut Work<'_>, table: &'static Table) -> Result<Filled, Error> {
    let mut sheet = Sheet::begin(table, &mut work.target, &mut work.notes, work.progress)?;
    for (id, org) in &work.frame.orgs {
        let mut cells = [""; 13];
        let [school_id, name, ..] = &mut cells;
        (*school_id, *name) = (id, &org.name);
        sheet.row(id, &cells)?;
    }
    sheet.end()
}

async fn people(work: &mut Work<'_>, table: &'static Table, whom: Whom) -> Result<Filled, Error> {
    let mut sheet = Sheet::begin(table, &mut work.target, &mut work.notes, work.progress)?;
    let frame = work.frame;
    let mut rows = std::pin::pin!(files::people(work.connection, work.part, whom));
    while let Some(row) = rows.try_next().await? {
        let id = row.sourced_id.as_str();
        let user: User<'_> = content::read(Kind::Users, id, &row.content)?;
        let orgs = frame.orgs_of(&row, &user);
        let school = home(frame, &sheet, &row, &orgs, table.column(0))?;
        if (whom == Whom::Pupils) == (user.role == STUDENT_ROLE) {
            note_schools(frame, sheet.notes(), &row, &user);
        } else {
            sheet.notes().add(NoteRule::StaffAndPupil, id);
        }
        if whom == Whom::Pupils {
            let mut cells = [""; 28];
            let [school_id, student_id, _, _, family_name, _, given_name, ..] = &mut cells;
            (*school_id, *student_id) = (school, id);
            (*family_name, *given_name) = (&user.family_name, &user.given_name);
            let [.., username, _] = &mut cells;
            *username = &user.username;
            sheet.row(id, &cells)?;
        } else {
            let names = (user.given_name.as_ref(), user.family_name.as_ref());
            let cells = [school, id, "", "", "", names.0, "", names.1, "", &user.username];
            sheet.row(id, &cells)?;
        }
    }
    sheet.end()
}

async fn sections(work: &mut Work<'_>, table: &'static Table) -> Result<Filled, Error> {
    let mut sheet = Sheet::begin(table, &mut work.target, &mut work.notes, work.progress)?;
    let frame = work.frame;
    let mut rows = std::pin::pin!(files::sections(work.connection, work.part));
    while let Some(row) = rows.try_next().await? {
        let id = row.sourced_id.as_str();
        if !row.has_primary || row.pupils == 0 {
            sheet.notes().add(NoteRule::SectionLeftOut, id);
            work.left_out.insert(row.sourced_id);
            continue;
        }
        let class: Class<'_> = content::read(Kind::Classes, id, &row.content)?;
        let school = class.school.id.as_ref();
        if !frame.has_org(school) {
            return Err(sheet.unresolved(id, table.column(0), school));
        }
        if row.teacher_ids.len() > TEACHERS_MAX {
            sheet.notes().add(NoteRule::MoreTeachers, id);
        }
        let mut teachers = [""; TEACHERS_MAX];
        for (place, teacher) in teachers.iter_mut().zip(&row.teacher_ids) {
            *place = teacher;
        }
        let (term, start, end) = match class.terms.first() {
            None => Default::default(),
            Some(term) => {
                let Some(session) = frame.sessions.get(term.id.as_ref()) else {
                    return Err(sheet.unresolved(id, "Term_name", &term.id));
                };
                let (start, end) = (american(&session.start_date), american(&session.end_date));
                (session.title.as_str(), start, end)
            }
        };
        let [first, second, third, fourth] = teachers;
        let number = class.code.as_deref().unwrap_or_default();
        let cells = [
            school,
            id,
            first,
            second,
            third,
            fourth,
            &class.title,
            number,
            "",
            "",
            "",
            "",
            "",
            "",
            term,
            &start,
            &end,
        ];
        sheet.row(id, &cells)?;
    }
    sheet.end()
}

/// Writes a day as Clever does: `MM/DD/YYYY`.
fn american(day: &str) -> String {
    let mut parts = day.splitn(3, '-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(year), Some(month), Some(day)) => format!("{month}/{day}/{year}"),
        _ => day.to_owned(),
    }
}

async fn memberships(work: &mut Work<'_>, table: &'static Table) -> Result<Filled, Error> {
    let mut sheet = Sheet::begin(table, &mut work.target, &mut work.notes, work.progress)?;
    let frame = work.frame;
    let mut rows = std::pin::pin!(files::memberships(work.connection, work.part, None));
    while let Some(row) = rows.try_next().await? {
        if work.left_out.contains(&row.class_id) {
            sheet.notes().add(NoteRule::MembershipLeftOut, &row.sourced_id);
            continue;
        }
        let Some(school) = row.org_id.as_deref().filter(|school| frame.has_org(school)) else {
            return Err(sheet.unresolved(&row.sourced_id, table.column(1), &row.class_id));
        };
        // Teachers stand in the row of the section, which was written without looking for them.
        if row.role != STUDENT_ROLE {
            require_teacher(&row)?;
            continue;
        }
        if row.user_role.is_none() {
            return Err(sheet.unresolved(&row.sourced_id, table.column(2), &row.user_id));
        }
        sheet.row(&row.sourced_id, &[school, &row.class_id, &row.user_id])?;
    }
    sheet.end()
}

/// Refuses a teacher of a section who is no member of the staff.
fn require_teacher(row: &MembershipRow) -> Result<(), Error> {
    if row.user_role.as_deref().is_some_and(|role| role != STUDENT_ROLE) {
        return Ok(());
    }
    let refusal = Refusal::new(Rule::UnresolvedReference).about(&row.class_id);
    let refusal = refusal.at(SECTIONS, "Teacher_id");
    Err(refused(refusal.saying(format!("refers to {}", row.user_id))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_month_first() {
        assert_eq!(american("2026-09-01"), "09/01/2026");
        assert_eq!(american(""), "");
    }
}
