//! School Data Sync V2.1.

use futures_util::TryStreamExt;
use oneroster_standard::Kind;

use super::super::Error;
use super::super::content::{self, Class, Course, User, joined};
use super::super::note::NoteRule;
use super::super::sheet::{Filled, Sheet};
use super::super::table::Table;
use super::super::table::sds_v2::{ACADEMIC_SESSIONS, CLASSES, COURSES, ORGS, ROLES, USERS};
use super::{Work, home, note_home};
use crate::roster::files::{self, Whom};

/// More rows in a file than this are noted: what earlier versions took at the most.
const ROWS_NOTED: u64 = 500_000;

/// Fills a file.
pub(super) async fn fill(work: &mut Work<'_>, table: &'static Table) -> Result<Filled, Error> {
    let filled = match table.file {
        ORGS => orgs(work, table),
        USERS => users(work, table).await,
        ROLES => roles(work, table).await,
        ACADEMIC_SESSIONS => sessions(work, table),
        COURSES => courses(work, table).await,
        CLASSES => classes(work, table).await,
        _ => memberships(work, table).await,
    }?;
    if filled.rows > ROWS_NOTED {
        work.notes.add_count(NoteRule::ManyRows, 1);
    }
    Ok(filled)
}

fn orgs(work: &mut Work<'_>, table: &'static Table) -> Result<Filled, Error> {
    let mut sheet = Sheet::begin(table, &mut work.target, &mut work.notes, work.progress)?;
    for (id, org) in &work.frame.orgs {
        sheet.row(id, &[id, &org.name, &org.r#type, ""])?;
    }
    sheet.end()
}

fn sessions(work: &mut Work<'_>, table: &'static Table) -> Result<Filled, Error> {
    let mut sheet = Sheet::begin(table, &mut work.target, &mut work.notes, work.progress)?;
    for (id, session) in &work.frame.sessions {
        let cells = [
            id,
            &session.title,
            &session.r#type,
            &session.school_year,
            &session.start_date,
            session.end_date.as_str(),
        ];
        sheet.row(id, &cells)?;
    }
    sheet.end()
}

async fn users(work: &mut Work<'_>, table: &'static Table) -> Result<Filled, Error> {
    let mut sheet = Sheet::begin(table, &mut work.target, &mut work.notes, work.progress)?;
    let frame = work.frame;
    let mut rows = std::pin::pin!(files::people(work.connection, work.part, Whom::All));
    while let Some(row) = rows.try_next().await? {
        let id = row.sourced_id.as_str();
        let user: User<'_> = content::read(Kind::Users, id, &row.content)?;
        let password = work.passwords.and_then(|passwords| passwords.of(id, &user.role));
        let names = (user.given_name.as_ref(), user.family_name.as_ref());
        note_home(frame, sheet.notes(), &row, &user);
        let cells = [
            id,
            &user.username,
            names.0,
            names.1,
            password.unwrap_or_default(),
            "",
            "",
            "",
            "",
        ];
        sheet.row(id, &cells)?;
    }
    sheet.end()
}

async fn roles(work: &mut Work<'_>, table: &'static Table) -> Result<Filled, Error> {
    let mut sheet = Sheet::begin(table, &mut work.target, &mut work.notes, work.progress)?;
    let frame = work.frame;
    let mut rows = std::pin::pin!(files::people(work.connection, work.part, Whom::All));
    while let Some(row) = rows.try_next().await? {
        let id = row.sourced_id.as_str();
        let user: User<'_> = content::read(Kind::Users, id, &row.content)?;
        let mut orgs = frame.orgs_of(&row, &user);
        let home = home(frame, &sheet, &row, &orgs, table.column(1))?;
        orgs.sort_unstable();
        for org in orgs {
            if !frame.has_org(org) {
                return Err(sheet.unresolved(id, table.column(1), org));
            }
            let is_primary = if org == home { "TRUE" } else { "FALSE" };
            sheet.row(id, &[id, org, &user.role, "", "", is_primary, "", ""])?;
        }
    }
    sheet.end()
}

async fn courses(work: &mut Work<'_>, table: &'static Table) -> Result<Filled, Error> {
    let mut sheet = Sheet::begin(table, &mut work.target, &mut work.notes, work.progress)?;
    let frame = work.frame;
    let mut rows = std::pin::pin!(files::dated(work.connection, work.part, Kind::Courses));
    while let Some(row) = rows.try_next().await? {
        let id = row.sourced_id.as_str();
        let course: Course<'_> = content::read(Kind::Courses, id, &row.content)?;
        if !frame.has_org(&course.org.id) {
            return Err(sheet.unresolved(id, table.column(1), &course.org.id));
        }
        let year = course.school_year.as_ref().map_or("", |year| year.id.as_ref());
        if !year.is_empty() && !frame.sessions.contains_key(year) {
            return Err(sheet.unresolved(id, table.column(4), year));
        }
        let code = course.code.as_deref().unwrap_or_default();
        sheet.row(id, &[id, &course.org.id, &course.title, code, year, "", ""])?;
    }
    sheet.end()
}

async fn classes(work: &mut Work<'_>, table: &'static Table) -> Result<Filled, Error> {
    let mut sheet = Sheet::begin(table, &mut work.target, &mut work.notes, work.progress)?;
    let frame = work.frame;
    let mut rows = std::pin::pin!(files::classes(work.connection, work.part));
    while let Some(row) = rows.try_next().await? {
        let id = row.sourced_id.as_str();
        let class: Class<'_> = content::read(Kind::Classes, id, &row.content)?;
        if !frame.has_org(&class.school.id) {
            return Err(sheet.unresolved(id, table.column(1), &class.school.id));
        }
        if let Some(term) = class
            .terms
            .iter()
            .find(|term| !frame.sessions.contains_key(term.id.as_ref()))
        {
            return Err(sheet.unresolved(id, table.column(3), &term.id));
        }
        // A course of an org that is not exported is not either.
        let course: Option<Course<'_>> = match &row.course {
            Some(text) => Some(content::read(Kind::Courses, &class.course.id, text)?),
            None => None,
        };
        if !course.is_some_and(|course| frame.has_org(&course.org.id)) {
            return Err(sheet.unresolved(id, table.column(4), &class.course.id));
        }
        let terms = joined(class.terms.iter().map(|term| term.id.as_ref()));
        sheet.row(
            id,
            &[id, &class.school.id, &class.title, &terms, &class.course.id],
        )?;
    }
    sheet.end()
}

async fn memberships(work: &mut Work<'_>, table: &'static Table) -> Result<Filled, Error> {
    let mut sheet = Sheet::begin(table, &mut work.target, &mut work.notes, work.progress)?;
    let frame = work.frame;
    let mut rows = std::pin::pin!(files::memberships(work.connection, work.part, None));
    while let Some(row) = rows.try_next().await? {
        if !row.org_id.as_deref().is_some_and(|org| frame.has_org(org)) {
            return Err(sheet.unresolved(&row.sourced_id, table.column(0), &row.class_id));
        }
        if row.user_role.is_none() {
            return Err(sheet.unresolved(&row.sourced_id, table.column(1), &row.user_id));
        }
        sheet.row(&row.sourced_id, &[&row.class_id, &row.user_id, &row.role])?;
    }
    sheet.end()
}
