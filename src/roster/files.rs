//! Reads a generation row by row in the order of files, with what only a join can say: whether a reference resolves, who is
//! in the classes of a school.
//!
//! Nothing is gathered here or by the caller: rows come as Postgres sorts them, and it sorts on disk what it cannot hold.

use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt};
use oneroster_standard::{Kind, StatusType};
use sqlx::PgConnection;

use super::versions::{inconsistent, kind_and_status};
use super::{Error, Version};

/// A part of a generation: what is active in it, or what changed since an earlier one.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// The tenant.
    pub tenant_id: &'a str,
    /// The generation.
    pub number: i64,
    /// Only what changed after this generation, tombstones included; 0 = all that is active.
    pub since: i64,
    /// Only what belongs to these orgs; `None` = everything.
    pub org_ids: Option<&'a [String]>,
}

/// Whom to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// All users.
    All,
    /// Users of role `student`, and others who are members of a class as pupils.
    Pupils,
    /// Users of any other role than `student`.
    Staff,
}

/// An object with the date of the generation in which it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatedObject {
    /// Its id.
    pub sourced_id: String,
    /// Active, or a tombstone.
    pub status: StatusType,
    /// Its `dateLastModified`.
    pub modified: DateTime<Utc>,
    /// As in [`Version`].
    pub content: String,
    /// Of a class and an enrollment: whether the active objects that it must refer to are there. `true` for others.
    pub is_whole: bool,
}

/// The same as it is stored.
struct DatedRow {
    sourced_id: String,
    status: String,
    published_at: DateTime<Utc>,
    content: String,
    is_whole: bool,
}

impl DatedRow {
    fn object(self, kind: Kind) -> Result<DatedObject, Error> {
        let (_, status) = kind_and_status(kind.collection(), &self.sourced_id, &self.status)?;
        Ok(DatedObject {
            sourced_id: self.sourced_id,
            status,
            modified: self.published_at,
            content: self.content,
            is_whole: self.is_whole,
        })
    }
}

/// A class with its course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassRow {
    /// Its id.
    pub sourced_id: String,
    /// As in [`Version`].
    pub content: String,
    /// The content of its course; `None` if that is not active.
    pub course: Option<String>,
}

/// A user, and where they are in classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Their id.
    pub sourced_id: String,
    /// As in [`Version`].
    pub content: String,
    /// Of a part of some orgs: those of these in whose classes they are, sorted.
    pub class_org_ids: Vec<String>,
}

/// A membership, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipRow {
    /// Its id.
    pub sourced_id: String,
    /// The class.
    pub class_id: String,
    /// The user.
    pub user_id: String,
    /// The word of its role.
    pub role: String,
    /// The org of the class; `None` if the class is not active.
    pub org_id: Option<String>,
    /// The word of the user's role; `None` if the user is not active.
    pub user_role: Option<String>,
}

/// A class with who is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionRow {
    /// Its id.
    pub sourced_id: String,
    /// As in [`Version`].
    pub content: String,
    /// Its teachers: the primary one first, the others by their first day and their id.
    pub teacher_ids: Vec<String>,
    /// Whether the first of them is primary.
    pub has_primary: bool,
    /// How many pupils are in it.
    pub pupils: i64,
}

fn word(whom: Whom) -> &'static str {
    match whom {
        Whom::All => "all",
        Whom::Pupils => "pupils",
        Whom::Staff => "staff",
    }
}

/// Reads the active objects of a kind of which there are few, such as orgs, by id.
pub async fn all_of_kind(
    connection: &mut PgConnection,
    part: Part<'_>,
    kind: Kind,
) -> Result<Vec<Version>, Error> {
    let rows = sqlx::query!(
        "select sourced_id, kind, from_number, until_number, status, content
         from roster.object_version
         where tenant_id = $1 and from_number <= $2 and (until_number is null or until_number > $2)
           and kind = $3 and status = 'active'
         order by sourced_id",
        part.tenant_id,
        part.number,
        kind.collection()
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let (kind, status) = kind_and_status(&row.kind, &row.sourced_id, &row.status)?;
            Ok(Version {
                kind,
                sourced_id: row.sourced_id,
                from_number: row.from_number,
                until_number: row.until_number,
                status,
                content: row.content,
                causes: Vec::new(),
                email_domain: None,
                ended_on: None,
            })
        })
        .collect()
}

/// Returns how many active objects a generation has, of all kinds.
pub async fn count(connection: &mut PgConnection, part: Part<'_>) -> Result<i64, Error> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from roster.object_version
           where tenant_id = $1 and from_number <= $2 and (until_number is null or until_number > $2)
             and status = 'active'"#,
        part.tenant_id,
        part.number
    )
    .fetch_one(connection)
    .await?;
    Ok(count)
}

/// Returns `true` if anything of a kind changed in a part.
pub async fn has_changes(connection: &mut PgConnection, part: Part<'_>, kind: Kind) -> Result<bool, Error> {
    let has_changes = sqlx::query_scalar!(
        r#"select exists (
               select from roster.object_version
               where tenant_id = $1 and from_number <= $2 and (until_number is null or until_number > $2)
                 and kind = $3 and from_number > $4
           ) as "has_changes!""#,
        part.tenant_id,
        part.number,
        kind.collection(),
        part.since
    )
    .fetch_one(connection)
    .await?;
    Ok(has_changes)
}

/// Reads the objects of a kind with their dates, by id.
///
/// Of some orgs: orgs are these, courses and classes those that belong to them, enrollments those of their classes; users are
/// read by [`people`].
pub fn dated<'a>(
    connection: &'a mut PgConnection,
    part: Part<'a>,
    kind: Kind,
) -> impl Stream<Item = Result<DatedObject, Error>> + Send + 'a {
    sqlx::query_as!(
        DatedRow,
        r#"select v.sourced_id, v.status, g.published_at, v.content,
                  v.status <> 'active' or v.kind <> 'classes' or k.sourced_id is not null as "is_whole!"
           from roster.object_version v
           join roster.generation g on g.tenant_id = v.tenant_id and g.number = v.from_number
           cross join lateral json_to_record(v.content::json) as f (school json, org json, course json)
           left join roster.object_version k
             on k.tenant_id = $1 and k.kind = 'courses' and v.kind = 'classes' and k.sourced_id = f.course ->> 'sourcedId'
            and k.from_number <= $2 and (k.until_number is null or k.until_number > $2) and k.status = 'active'
           where v.tenant_id = $1 and v.from_number <= $2 and (v.until_number is null or v.until_number > $2)
             and v.kind = $3 and v.from_number > $4 and (v.status = 'active' or $4 > 0)
             and ($5::text[] is null
                  or case v.kind when 'orgs' then v.sourced_id when 'courses' then f.org ->> 'sourcedId'
                                 else f.school ->> 'sourcedId' end = any($5)
                  or v.kind = 'academicSessions')
           order by v.sourced_id"#,
        part.tenant_id,
        part.number,
        kind.collection(),
        part.since,
        part.org_ids as Option<&[String]>
    )
    .fetch(connection)
    .map(move |row| row?.object(kind))
}

/// Reads enrollments with their dates, by id.
pub fn dated_enrollments<'a>(
    connection: &'a mut PgConnection,
    part: Part<'a>,
) -> impl Stream<Item = Result<DatedObject, Error>> + Send + 'a {
    sqlx::query_as!(
        DatedRow,
        r#"select v.sourced_id, v.status, g.published_at, v.content,
                  v.status <> 'active' or c.sourced_id is not null and u.sourced_id is not null
                      and ($4::text[] is null or c.content::json -> 'school' ->> 'sourcedId' = any($4)) as "is_whole!"
           from roster.object_version v
           join roster.generation g on g.tenant_id = v.tenant_id and g.number = v.from_number
           cross join lateral json_to_record(v.content::json) as m (class json, "user" json, school json)
           left join roster.object_version c
             on c.tenant_id = $1 and c.kind = 'classes' and c.sourced_id = m.class ->> 'sourcedId'
            and c.from_number <= $2 and (c.until_number is null or c.until_number > $2) and c.status = 'active'
           left join roster.object_version u
             on u.tenant_id = $1 and u.kind = 'users' and u.sourced_id = m."user" ->> 'sourcedId'
            and u.from_number <= $2 and (u.until_number is null or u.until_number > $2) and u.status = 'active'
           where v.tenant_id = $1 and v.from_number <= $2 and (v.until_number is null or v.until_number > $2)
             and v.kind = 'enrollments' and v.from_number > $3 and (v.status = 'active' or $3 > 0)
             and ($4::text[] is null or m.school ->> 'sourcedId' = any($4))
           order by v.sourced_id"#,
        part.tenant_id,
        part.number,
        part.since,
        part.org_ids as Option<&[String]>
    )
    .fetch(connection)
    .map(|row| row?.object(Kind::Enrollments))
}

/// Reads active classes with their courses, by id.
pub fn classes<'a>(
    connection: &'a mut PgConnection,
    part: Part<'a>,
) -> impl Stream<Item = Result<ClassRow, Error>> + Send + 'a {
    sqlx::query_as!(
        ClassRow,
        r#"select c.sourced_id, c.content, k.content as "course?"
           from roster.object_version c
           cross join lateral json_to_record(c.content::json) as f (school json, course json)
           left join roster.object_version k
             on k.tenant_id = $1 and k.kind = 'courses' and k.sourced_id = f.course ->> 'sourcedId'
            and k.from_number <= $2 and (k.until_number is null or k.until_number > $2) and k.status = 'active'
           where c.tenant_id = $1 and c.from_number <= $2 and (c.until_number is null or c.until_number > $2)
             and c.kind = 'classes' and c.status = 'active'
             and ($3::text[] is null or f.school ->> 'sourcedId' = any($3))
           order by c.sourced_id"#,
        part.tenant_id,
        part.number,
        part.org_ids as Option<&[String]>
    )
    .fetch(connection)
    .map(|row| Ok(row?))
}

/// Reads active users, by id. Of some orgs: who belongs to one of them, or is in a class of one.
pub fn people<'a>(
    connection: &'a mut PgConnection,
    part: Part<'a>,
    whom: Whom,
) -> impl Stream<Item = Result<PersonRow, Error>> + Send + 'a {
    if part.org_ids.is_some() {
        people_of_orgs(connection, part, whom).boxed()
    } else {
        everybody(connection, part, whom).boxed()
    }
}

fn everybody<'a>(
    connection: &'a mut PgConnection,
    part: Part<'a>,
    whom: Whom,
) -> impl Stream<Item = Result<PersonRow, Error>> + Send + 'a {
    sqlx::query!(
        r#"with pupils_of_staff as (
               select distinct s.sourced_id
               from roster.object_version e
               cross join lateral json_to_record(e.content::json) as m ("user" json, role text)
               join roster.object_version s
                 on s.tenant_id = $1 and s.kind = 'users' and s.sourced_id = m."user" ->> 'sourcedId'
                and s.from_number <= $2 and (s.until_number is null or s.until_number > $2) and s.status = 'active'
                and s.content::json ->> 'role' <> 'student'
               where $3 = 'pupils'
                 and e.tenant_id = $1 and e.from_number <= $2 and (e.until_number is null or e.until_number > $2)
                 and e.kind = 'enrollments' and e.status = 'active' and m.role = 'student'
           )
           select u.sourced_id, u.content
           from roster.object_version u
           left join pupils_of_staff p on p.sourced_id = u.sourced_id
           where u.tenant_id = $1 and u.from_number <= $2 and (u.until_number is null or u.until_number > $2)
             and u.kind = 'users' and u.status = 'active'
             and case $3 when 'pupils' then p.sourced_id is not null or u.content::json ->> 'role' = 'student'
                         when 'staff' then u.content::json ->> 'role' <> 'student'
                         else true end
           order by u.sourced_id"#,
        part.tenant_id,
        part.number,
        word(whom)
    )
    .fetch(connection)
    .map(|row| {
        let row = row?;
        Ok(PersonRow {
            sourced_id: row.sourced_id,
            content: row.content,
            class_org_ids: Vec::new(),
        })
    })
}

fn people_of_orgs<'a>(
    connection: &'a mut PgConnection,
    part: Part<'a>,
    whom: Whom,
) -> impl Stream<Item = Result<PersonRow, Error>> + Send + 'a {
    sqlx::query_as!(
        PersonRow,
        r#"with members as (
               select m."user" ->> 'sourcedId' as user_id, bool_or(m.role = 'student') as is_pupil,
                      array_agg(distinct m.school ->> 'sourcedId') as org_ids
               from roster.object_version e
               cross join lateral json_to_record(e.content::json) as m ("user" json, school json, role text)
               where e.tenant_id = $1 and e.from_number <= $2 and (e.until_number is null or e.until_number > $2)
                 and e.kind = 'enrollments' and e.status = 'active' and m.school ->> 'sourcedId' = any($3)
               group by 1
           )
           select u.sourced_id, u.content, coalesce(m.org_ids, '{}') as "class_org_ids!: Vec<String>"
           from roster.object_version u
           cross join lateral json_to_record(u.content::json) as f (role text, orgs json)
           left join members m on m.user_id = u.sourced_id
           where u.tenant_id = $1 and u.from_number <= $2 and (u.until_number is null or u.until_number > $2)
             and u.kind = 'users' and u.status = 'active'
             and (m.user_id is not null
                  or exists (select from json_array_elements(f.orgs) o where o ->> 'sourcedId' = any($3)))
             and case $4 when 'pupils' then f.role = 'student' or m.is_pupil
                         when 'staff' then f.role <> 'student'
                         else true end
           order by u.sourced_id"#,
        part.tenant_id,
        part.number,
        part.org_ids.unwrap_or_default(),
        word(whom)
    )
    .fetch(connection)
    .map(|row| Ok(row?))
}

/// Reads active memberships of one role, or of all, by class, user and role.
pub fn memberships<'a>(
    connection: &'a mut PgConnection,
    part: Part<'a>,
    role: Option<&'a str>,
) -> impl Stream<Item = Result<MembershipRow, Error>> + Send + 'a {
    sqlx::query!(
        r#"select e.sourced_id, m.class ->> 'sourcedId' as class_id, m."user" ->> 'sourcedId' as user_id, m.role,
                  c.content::json -> 'school' ->> 'sourcedId' as "org_id?",
                  u.content::json ->> 'role' as "user_role?"
           from roster.object_version e
           cross join lateral json_to_record(e.content::json) as m (class json, "user" json, school json, role text)
           left join roster.object_version c
             on c.tenant_id = $1 and c.kind = 'classes' and c.sourced_id = m.class ->> 'sourcedId'
            and c.from_number <= $2 and (c.until_number is null or c.until_number > $2) and c.status = 'active'
           left join roster.object_version u
             on u.tenant_id = $1 and u.kind = 'users' and u.sourced_id = m."user" ->> 'sourcedId'
            and u.from_number <= $2 and (u.until_number is null or u.until_number > $2) and u.status = 'active'
           where e.tenant_id = $1 and e.from_number <= $2 and (e.until_number is null or e.until_number > $2)
             and e.kind = 'enrollments' and e.status = 'active'
             and ($3::text[] is null or m.school ->> 'sourcedId' = any($3))
             and ($4::text is null or m.role = $4)
           order by (m.class ->> 'sourcedId') collate "C", (m."user" ->> 'sourcedId') collate "C", m.role collate "C",
                    e.sourced_id"#,
        part.tenant_id,
        part.number,
        part.org_ids as Option<&[String]>,
        role
    )
    .fetch(connection)
    .map(|row| {
        let row = row?;
        let missing = |problem| inconsistent(Kind::Enrollments.collection(), &row.sourced_id, problem);
        Ok(MembershipRow {
            class_id: row.class_id.ok_or_else(|| missing("no class"))?,
            user_id: row.user_id.ok_or_else(|| missing("no user"))?,
            role: row.role.ok_or_else(|| missing("no role"))?,
            org_id: row.org_id,
            user_role: row.user_role,
            sourced_id: row.sourced_id,
        })
    })
}

/// Reads active classes with who is in them, by id.
pub fn sections<'a>(
    connection: &'a mut PgConnection,
    part: Part<'a>,
) -> impl Stream<Item = Result<SectionRow, Error>> + Send + 'a {
    sqlx::query_as!(
        SectionRow,
        r#"with members as (
               select m.class ->> 'sourcedId' as class_id,
                      array_agg(m."user" ->> 'sourcedId'
                                order by m."primary" = 'true' desc nulls last, m."beginDate" nulls first,
                                         (m."user" ->> 'sourcedId') collate "C")
                          filter (where m.role = 'teacher') as teacher_ids,
                      bool_or(m.role = 'teacher' and m."primary" = 'true') as has_primary,
                      count(*) filter (where m.role = 'student') as pupils
               from roster.object_version e
               cross join lateral json_to_record(e.content::json)
                   as m (class json, "user" json, role text, "primary" text, "beginDate" text)
               where e.tenant_id = $1 and e.from_number <= $2 and (e.until_number is null or e.until_number > $2)
                 and e.kind = 'enrollments' and e.status = 'active'
               group by 1
           )
           select c.sourced_id, c.content, coalesce(m.teacher_ids, '{}') as "teacher_ids!: Vec<String>",
                  coalesce(m.has_primary, false) as "has_primary!", coalesce(m.pupils, 0) as "pupils!"
           from roster.object_version c
           left join members m on m.class_id = c.sourced_id
           where c.tenant_id = $1 and c.from_number <= $2 and (c.until_number is null or c.until_number > $2)
             and c.kind = 'classes' and c.status = 'active'
             and ($3::text[] is null or c.content::json -> 'school' ->> 'sourcedId' = any($3))
           order by c.sourced_id"#,
        part.tenant_id,
        part.number,
        part.org_ids as Option<&[String]>
    )
    .fetch(connection)
    .map(|row| Ok(row?))
}

/// Returns two active users with one username, whatever its case, if there are any.
pub async fn username_twice(
    connection: &mut PgConnection,
    part: Part<'_>,
) -> Result<Option<(String, String)>, Error> {
    let found = sqlx::query!(
        r#"select min(sourced_id) as "one!", max(sourced_id) as "other!"
           from roster.object_version
           where tenant_id = $1 and from_number <= $2 and (until_number is null or until_number > $2)
             and kind = 'users' and status = 'active'
           group by lower(content::json ->> 'username')
           having count(*) > 1
           order by 1 limit 1"#,
        part.tenant_id,
        part.number
    )
    .fetch_optional(connection)
    .await?;
    Ok(found.map(|found| (found.one, found.other)))
}
