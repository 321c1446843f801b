//! The CSV binding of OneRoster 1.1: values as the API serves them, everything or what changed.

use futures_util::TryStreamExt;
use oneroster_standard::{Kind, Moment};

use super::super::Error;
use super::super::content::{self, Class, Course, Enrollment, Org, Session, User, joined, words};
use super::super::sheet::{Filled, Sheet};
use super::super::table::Table;
use super::super::table::oneroster_csv::{
    ACADEMIC_SESSIONS, CLASSES, COURSES, ENROLLMENTS, MANIFEST_FILES, ORGS, SYSTEM_NAME, USERS,
};
use super::super::target::Target;
use super::{Work, home, note_home};
use crate::roster::files::{self, DatedObject, PersonRow, Whom};
use oneroster_standard::StatusType;

/// Returns which objects a file holds; `None` for the manifest.
pub(in crate::export) fn kind_of(table: &Table) -> Option<Kind> {
    match table.file {
        ACADEMIC_SESSIONS => Some(Kind::AcademicSessions),
        ORGS => Some(Kind::Orgs),
        COURSES => Some(Kind::Courses),
        CLASSES => Some(Kind::Classes),
        USERS => Some(Kind::Users),
        ENROLLMENTS => Some(Kind::Enrollments),
        _ => None,
    }
}

/// Fills a file.
pub(super) async fn fill(work: &mut Work<'_>, table: &'static Table) -> Result<Filled, Error> {
    match kind_of(table) {
        None => manifest(work, table),
        Some(Kind::Enrollments) => enrollments(work, table).await,
        Some(Kind::Users) if work.part.org_ids.is_some() => users_of_orgs(work, table).await,
        Some(kind) => objects(work, table, kind).await,
    }
}

fn manifest(work: &mut Work<'_>, table: &'static Table) -> Result<Filled, Error> {
    let mut sheet = Sheet::begin(table, &mut work.target, &mut work.notes, work.progress)?;
    let is_delta = work.part.since > 0;
    for (name, value) in [("manifest.version", "1.0"), ("oneroster.version", "1.1")] {
        sheet.row(name, &[name, value])?;
    }
    for file in MANIFEST_FILES {
        let is_written = work.written.contains(&format!("{file}.csv").as_str());
        let mode = match (is_written, is_delta) {
            (false, _) => "absent",
            (true, false) => "bulk",
            (true, true) => "delta",
        };
        let name = format!("file.{file}");
        sheet.row(&name, &[&name, mode])?;
    }
    sheet.row("source.systemName", &["source.systemName", SYSTEM_NAME])?;
    sheet.end()
}

/// What stands under `status` and `dateLastModified`: nothing where everything is written.
struct Change {
    status: &'static str,
    modified: String,
}

impl Change {
    fn of(is_delta: bool, row: &DatedObject) -> Self {
        if is_delta {
            Self {
                status: row.status.as_str(),
                modified: Moment::from(row.modified).rfc3339(),
            }
        } else {
            Self::NONE
        }
    }

    const NONE: Self = Self {
        status: "",
        modified: String::new(),
    };
}

async fn objects(work: &mut Work<'_>, table: &'static Table, kind: Kind) -> Result<Filled, Error> {
    let mut sheet = Sheet::begin(table, &mut work.target, &mut work.notes, work.progress)?;
    let (frame, is_delta) = (work.frame, work.part.since > 0);
    let mut rows = std::pin::pin!(files::dated(work.connection, work.part, kind));
    while let Some(row) = rows.try_next().await? {
        let change = Change::of(is_delta, &row);
        let change = (change.status, change.modified.as_str());
        match kind {
            Kind::AcademicSessions => session(&mut sheet, &row, change)?,
            Kind::Orgs => org(&mut sheet, &row, change)?,
            Kind::Courses => {
                let course: Course<'_> = content::read(kind, &row.sourced_id, &row.content)?;
                require(
                    &sheet,
                    &row,
                    "orgSourcedId",
                    &course.org.id,
                    frame.has_org(&course.org.id),
                )?;
                let year = course.school_year.as_ref().map_or("", |year| year.id.as_ref());
                let has_year = year.is_empty() || frame.sessions.contains_key(year);
                require(&sheet, &row, "schoolYearSourcedId", year, has_year)?;
                write_course(&mut sheet, &row, change, &course)?;
            }
            Kind::Classes => {
                let class: Class<'_> = content::read(kind, &row.sourced_id, &row.content)?;
                let school = class.school.id.as_ref();
                require(&sheet, &row, "schoolSourcedId", school, frame.has_org(school))?;
                require(&sheet, &row, "courseSourcedId", &class.course.id, row.is_whole)?;
                for term in &class.terms {
                    let is_there = frame.sessions.contains_key(term.id.as_ref());
                    require(&sheet, &row, "termSourcedIds", &term.id, is_there)?;
                }
                write_class(&mut sheet, &row, change, &class)?;
            }
            Kind::Users => {
                let user: User<'_> = content::read(kind, &row.sourced_id, &row.content)?;
                for org in &user.orgs {
                    require(&sheet, &row, "orgSourcedIds", &org.id, frame.has_org(&org.id))?;
                }
                let orgs: Vec<&str> = user.orgs.iter().map(|org| org.id.as_ref()).collect();
                write_user(&mut sheet, &row.sourced_id, change, (&user, &orgs))?;
            }
            Kind::Enrollments => {}
        }
    }
    sheet.end()
}

/// Refuses an active object that refers to what is not exported. A tombstone says what it said last.
fn require(
    sheet: &Sheet<'_, &mut Target>,
    row: &DatedObject,
    column: &str,
    id: &str,
    is_there: bool,
) -> Result<(), Error> {
    if is_there || row.status != StatusType::Active {
        Ok(())
    } else {
        Err(sheet.unresolved(&row.sourced_id, column, id))
    }
}

type Out<'s, 't> = Sheet<'s, &'t mut Target>;

fn session(
    sheet: &mut Out<'_, '_>,
    row: &DatedObject,
    (status, modified): (&str, &str),
) -> Result<(), Error> {
    let id = row.sourced_id.as_str();
    let session: Session = content::read(Kind::AcademicSessions, id, &row.content)?;
    let parent = session.parent.map(|parent| parent.sourced_id).unwrap_or_default();
    let cells = [
        id,
        status,
        modified,
        &session.title,
        &session.r#type,
        &session.start_date,
        &session.end_date,
        &parent,
        &session.school_year,
    ];
    sheet.row(id, &cells)
}

fn org(sheet: &mut Out<'_, '_>, row: &DatedObject, (status, modified): (&str, &str)) -> Result<(), Error> {
    let id = row.sourced_id.as_str();
    let org: Org = content::read(Kind::Orgs, id, &row.content)?;
    let parent = org.parent.map(|parent| parent.sourced_id).unwrap_or_default();
    let identifier = org.identifier.as_deref().unwrap_or_default();
    let cells = [id, status, modified, &org.name, &org.r#type, identifier, &parent];
    sheet.row(id, &cells)
}

fn write_course(
    sheet: &mut Out<'_, '_>,
    row: &DatedObject,
    (status, modified): (&str, &str),
    course: &Course<'_>,
) -> Result<(), Error> {
    let id = row.sourced_id.as_str();
    let cells = [
        id,
        status,
        modified,
        course.school_year.as_ref().map_or("", |year| year.id.as_ref()),
        &course.title,
        course.code.as_deref().unwrap_or_default(),
        "",
        &course.org.id,
        &words(&course.subjects),
        &words(&course.subject_codes),
    ];
    sheet.row(id, &cells)
}

fn write_class(
    sheet: &mut Out<'_, '_>,
    row: &DatedObject,
    (status, modified): (&str, &str),
    class: &Class<'_>,
) -> Result<(), Error> {
    let id = row.sourced_id.as_str();
    let cells = [
        id,
        status,
        modified,
        &class.title,
        "",
        &class.course.id,
        class.code.as_deref().unwrap_or_default(),
        &class.r#type,
        "",
        &class.school.id,
        &joined(class.terms.iter().map(|term| term.id.as_ref())),
        &words(&class.subjects),
        &words(&class.subject_codes),
        &words(&class.periods),
    ];
    sheet.row(id, &cells)
}

fn write_user(
    sheet: &mut Out<'_, '_>,
    id: &str,
    (status, modified): (&str, &str),
    (user, orgs): (&User<'_>, &[&str]),
) -> Result<(), Error> {
    let orgs = joined(orgs.iter().copied());
    let names = (user.given_name.as_ref(), user.family_name.as_ref());
    let identifier = user.identifier.as_deref().unwrap_or_default();
    let cells = [
        id,
        status,
        modified,
        &user.is_enabled,
        &orgs,
        &user.role,
        &user.username,
        "",
        names.0,
        names.1,
        "",
        identifier,
        "",
        "",
        "",
        "",
        "",
        "",
    ];
    sheet.row(id, &cells)
}

async fn users_of_orgs(work: &mut Work<'_>, table: &'static Table) -> Result<Filled, Error> {
    let mut sheet = Sheet::begin(table, &mut work.target, &mut work.notes, work.progress)?;
    let frame = work.frame;
    let mut rows = std::pin::pin!(files::people(work.connection, work.part, Whom::All));
    while let Some(row) = rows.try_next().await? {
        let row: PersonRow = row;
        let user: User<'_> = content::read(Kind::Users, &row.sourced_id, &row.content)?;
        let orgs = frame.orgs_of(&row, &user);
        home(frame, &sheet, &row, &orgs, "orgSourcedIds")?;
        note_home(frame, sheet.notes(), &row, &user);
        write_user(&mut sheet, &row.sourced_id, ("", ""), (&user, &orgs))?;
    }
    sheet.end()
}

async fn enrollments(work: &mut Work<'_>, table: &'static Table) -> Result<Filled, Error> {
    let mut sheet = Sheet::begin(table, &mut work.target, &mut work.notes, work.progress)?;
    let (frame, is_delta) = (work.frame, work.part.since > 0);
    let mut rows = std::pin::pin!(files::dated_enrollments(work.connection, work.part));
    while let Some(row) = rows.try_next().await? {
        let id = row.sourced_id.as_str();
        let change = Change::of(is_delta, &row);
        let enrollment: Enrollment<'_> = content::read(Kind::Enrollments, id, &row.content)?;
        let school = enrollment.school.id.as_ref();
        require(&sheet, &row, "schoolSourcedId", school, frame.has_org(school))?;
        if !row.is_whole {
            // One of the two is not there; which one is found by its id.
            let both = format!("{} or {}", enrollment.class.id, enrollment.user.id);
            require(&sheet, &row, "classSourcedId", &both, false)?;
        }
        let cells = [
            id,
            change.status,
            &change.modified,
            &enrollment.class.id,
            school,
            &enrollment.user.id,
            &enrollment.role,
            enrollment.primary.as_deref().unwrap_or_default(),
            enrollment.begin_date.as_deref().unwrap_or_default(),
            enrollment.end_date.as_deref().unwrap_or_default(),
        ];
        sheet.row(id, &cells)?;
    }
    sheet.end()
}
