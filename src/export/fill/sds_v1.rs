//! School Data Sync V1 and its UK variant: the same rows under other headers.

use futures_util::TryStreamExt;
use oneroster_standard::Kind;

use super::super::content::{self, Class, Course, STUDENT as STUDENT_ROLE, TEACHER as TEACHER_ROLE, User};
use super::super::frame::institution_number;
use super::super::note::{NoteRule, Notes};
use super::super::sheet::{Filled, Sheet};
use super::super::table::Table;
use super::super::table::sds_v1::{SCHOOL, SECTION, STUDENT, STUDENT_ENROLLMENT, TEACHER};
use super::super::{Error, Format};
use super::{Work, home, note_schools};
use crate::roster::files::{self, PersonRow, Whom};

/// What stands under `Status`.
const ACTIVE: &str = "Active";

/// Fills a file.
pub(super) async fn fill(
    work: &mut Work<'_>,
    format: Format,
    table: &'static Table,
) -> Result<Filled, Error> {
    match table.file {
        SCHOOL => schools(work, format, table),
        SECTION => sections(work, table).await,
        STUDENT => people(work, table, Whom::Pupils).await,
        TEACHER => people(work, table, Whom::Staff).await,
        STUDENT_ENROLLMENT => memberships(work, table, STUDENT_ROLE).await,
        _ => memberships(work, table, TEACHER_ROLE).await,
    }
}

fn schools(work: &mut Work<'_>, format: Format, table: &'static Table) -> Result<Filled, Error> {
    let mut sheet = Sheet::begin(table, &mut work.target, &mut work.notes, work.progress)?;
    for (id, org) in &work.frame.orgs {
        let mut cells = [""; 17];
        let [sis_id, name, number, ..] = &mut cells;
        (*sis_id, *name, *number) = (id, &org.name, institution_number(id, org));
        sheet.row(id, &cells)?;
        sheet.count_for(id);
        if format == Format::SdsV1Uk {
            sheet.notes().add(NoteRule::DfeNumber, id);
        }
    }
    sheet.end()
}

async fn sections(work: &mut Work<'_>, table: &'static Table) -> Result<Filled, Error> {
    let mut sheet = Sheet::begin(table, &mut work.target, &mut work.notes, work.progress)?;
    let frame = work.frame;
    let mut rows = std::pin::pin!(files::classes(work.connection, work.part));
    while let Some(row) = rows.try_next().await? {
        let id = row.sourced_id.as_str();
        let class: Class<'_> = content::read(Kind::Classes, id, &row.content)?;
        let school = class.school.id.as_ref();
        if !frame.has_org(school) {
            return Err(sheet.unresolved(id, table.column(1), school));
        }
        let mut cells = [""; 15];
        let [sis_id, org, title, number, term_id, term_title, start, end, ..] = &mut cells;
        (*sis_id, *org, *title) = (id, school, &class.title);
        *number = class.code.as_deref().unwrap_or_default();
        if let Some(term) = class.terms.first() {
            let Some(session) = frame.sessions.get(term.id.as_ref()) else {
                return Err(sheet.unresolved(id, "Term SIS ID", &term.id));
            };
            (*term_id, *term_title) = (term.id.as_ref(), &session.title);
            (*start, *end) = (&session.start_date, &session.end_date);
        }
        let Some(course_content) = &row.course else {
            return Err(sheet.unresolved(id, "Course SIS ID", &class.course.id));
        };
        let course: Course<'_> = content::read(Kind::Courses, &class.course.id, course_content)?;
        let [
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            course_id,
            course_title,
            course_code,
            _,
            _,
            _,
            status,
        ] = &mut cells;
        (*course_id, *course_title) = (class.course.id.as_ref(), &course.title);
        *course_code = course.code.as_deref().unwrap_or_default();
        *status = ACTIVE;
        sheet.row(id, &cells)?;
        sheet.count_for(school);
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
        let school = home(frame, &sheet, &row, &orgs, table.column(1))?;
        let password = work.passwords.and_then(|passwords| passwords.of(id, &user.role));
        // A pupil of the staff stands in both files: noted where the others of their role stand.
        if (whom == Whom::Pupils) == (user.role == STUDENT_ROLE) {
            note_schools(frame, sheet.notes(), &row, &user);
            note(sheet.notes(), &row, password.is_some());
            let has_domain = user.username.contains('@');
            work.has_domain |= has_domain;
            if !has_domain {
                sheet.notes().add(NoteRule::MixedDomains, id);
            }
        } else {
            sheet.notes().add(NoteRule::StaffAndPupil, id);
        }
        let names = (user.given_name.as_ref(), user.family_name.as_ref());
        let password = password.unwrap_or_default();
        let name = user.username.as_ref();
        if whom == Whom::Pupils {
            let cells = [
                id, school, names.0, names.1, name, password, "", "", "", "", "", ACTIVE, "", "",
            ];
            sheet.row(id, &cells)?;
        } else {
            let cells = [
                id, school, names.0, names.1, name, password, "", "", ACTIVE, "", "", "", "",
            ];
            sheet.row(id, &cells)?;
        }
        sheet.count_for(school);
    }
    sheet.end()
}

fn note(notes: &mut Notes, row: &PersonRow, has_password: bool) {
    if !has_password {
        notes.add(NoteRule::NoPassword, &row.sourced_id);
    }
}

async fn memberships(work: &mut Work<'_>, table: &'static Table, role: &str) -> Result<Filled, Error> {
    let mut sheet = Sheet::begin(table, &mut work.target, &mut work.notes, work.progress)?;
    let frame = work.frame;
    let mut rows = std::pin::pin!(files::memberships(work.connection, work.part, Some(role)));
    while let Some(row) = rows.try_next().await? {
        let Some(school) = row.org_id.as_deref().filter(|school| frame.has_org(school)) else {
            return Err(sheet.unresolved(&row.sourced_id, table.column(0), &row.class_id));
        };
        // Pupils stand in the pupils' file whatever their role; teachers of a class only if they are staff.
        let stands = row
            .user_role
            .as_deref()
            .is_some_and(|of_user| role == STUDENT_ROLE || of_user != STUDENT_ROLE);
        if !stands {
            return Err(sheet.unresolved(&row.sourced_id, table.column(1), &row.user_id));
        }
        sheet.row(&row.sourced_id, &[&row.class_id, &row.user_id])?;
        sheet.count_for(school);
    }
    sheet.end()
}
