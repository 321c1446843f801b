//! Edits of records, each with its history. The caller holds [`crate::db::locks::usernames`] and has checked the names.

use std::collections::HashSet;

use oneroster_school::username::edit::Username;
use oneroster_school::username::{GivenDomain, Origin, Record};
use sqlx::PgConnection;
use uuid::Uuid;

use super::entries::{Entries, domain_origin, domain_text};
use super::{Error, erased};

/// A record that gets another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// The person.
    pub rowguid: Uuid,
    /// The name in the record.
    pub from: Username,
    /// The name it gets. Nobody else holds it.
    pub to: Username,
}

/// A name that passes from one person to another.
#[derive(Debug)]
pub struct Handover<'a> {
    /// The record that gives its name away.
    pub giver: &'a Record,
    /// The name it holds afterwards: the taker's, or one that is free. Then the taker's retires.
    pub giver_gets: &'a Username,
    /// Who gets the giver's name and flag.
    pub taker: Uuid,
    /// The taker's record, if there is one.
    pub taker_record: Option<&'a Record>,
    /// The taker's domain afterwards.
    pub domain: Option<GivenDomain>,
}

/// Gives records their new names; a local part that is given up retires, one that is taken up is retired no longer. Whoever
/// waited is answered.
///
/// Names may change hands among the records.
pub async fn rename(
    connection: &mut PgConnection,
    tenant_id: &str,
    by: &str,
    origin: Origin,
    renames: &[Rename],
) -> Result<(), Error> {
    let people: Vec<Uuid> = renames.iter().map(|rename| rename.rowguid).collect();
    answer(connection, tenant_id, by, Answer::NameToo, &people).await?;
    step_aside(connection, tenant_id, renames).await?;
    let local_parts: Vec<String> = renames
        .iter()
        .map(|rename| rename.to.local_part.clone())
        .collect();
    let domains: Vec<Option<&str>> = renames.iter().map(|rename| domain_text(&rename.to)).collect();
    let origins: Vec<Option<&str>> = renames.iter().map(|rename| domain_origin(&rename.to)).collect();
    sqlx::query!(
        "update username.record r
         set local_part = n.local_part, domain = n.domain, domain_origin = n.domain_origin, origin = $6, handed_to = null
         from unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) as n (rowguid, local_part, domain, domain_origin)
         where r.tenant_id = $1 and r.rowguid = n.rowguid",
        tenant_id,
        &people,
        &local_parts,
        &domains as &[Option<&str>],
        &origins as &[Option<&str>],
        origin.as_str()
    )
    .execute(&mut *connection)
    .await?;
    let mut changes = Entries::default();
    for rename in renames {
        changes.add_name(rename.rowguid, Some(&rename.from), &rename.to);
    }
    changes.write(connection, tenant_id, by).await?;
    let (former, given_up): (Vec<Uuid>, Vec<String>) = renames
        .iter()
        .filter(|rename| rename.from.key() != rename.to.key())
        .map(|rename| (rename.rowguid, rename.from.key()))
        .unzip();
    retire(connection, tenant_id, &former, &given_up).await?;
    let taken_up: Vec<String> = renames.iter().map(|rename| rename.to.key()).collect();
    sqlx::query!(
        "delete from username.retired where tenant_id = $1 and name = any($2)",
        tenant_id,
        &taken_up
    )
    .execute(&mut *connection)
    .await?;
    let taken_up: Vec<(Uuid, String)> = people.into_iter().zip(taken_up).collect();
    erased::let_go(connection, tenant_id, &taken_up).await
}

/// Gives names that change hands a holder less: a name has one at every moment, in the middle of a statement too.
pub(super) async fn step_aside(
    connection: &mut PgConnection,
    tenant_id: &str,
    renames: &[Rename],
) -> Result<(), sqlx::Error> {
    let taken: HashSet<String> = renames.iter().map(|rename| rename.to.key()).collect();
    let aside: Vec<Uuid> = renames
        .iter()
        .filter(|rename| rename.from.key() != rename.to.key() && taken.contains(&rename.from.key()))
        .map(|rename| rename.rowguid)
        .collect();
    sqlx::query!(
        "update username.record set local_part = '~' || replace(rowguid::text, '-', '')
         where tenant_id = $1 and rowguid = any($2)",
        tenant_id,
        &aside
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What somebody answered who named people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// What they waited for.
    Waiting,
    /// The name too: it is good as it is, or was typed.
    NameToo,
}

/// Ends the waiting of these people and the review of their names, enters who answered, and returns whose ended.
///
/// The Sync flag stays as it is. What is answered is kept: they never wait for it again.
pub async fn answer(
    connection: &mut PgConnection,
    tenant_id: &str,
    by: &str,
    answer: Answer,
    people: &[Uuid],
) -> Result<Vec<Uuid>, sqlx::Error> {
    let mut answered = sqlx::query_scalar!(
        r#"with changed as (
             update username.record r
             set waits_for = '{}', resembles = null, needs_review = false,
                 answered = array(
                     select distinct reason
                     from unnest(b.answered || b.waits_for
                                 || case when b.needs_review or $4 then array['review'] else '{}' end) as reason
                     order by reason
                 )
             from username.record b
             where r.tenant_id = $1 and b.tenant_id = $1 and r.rowguid = b.rowguid and r.rowguid = any($2)
             returning r.rowguid, b.waits_for, b.needs_review
         )
         insert into username.change (tenant_id, rowguid, changed_by, field, old_value, new_value)
         select $1, rowguid, $3, field, old_value, new_value
         from changed cross join lateral (values
             (1, 'waits_for', nullif(array_to_string(waits_for, ','), ''), null),
             (2, 'needs_review', case when needs_review and waits_for = '{}' then 'true' end, 'false')
         ) as entry (place, field, old_value, new_value)
         where old_value is not null
         order by rowguid, place
         returning rowguid"#,
        tenant_id,
        people,
        by,
        answer == Answer::NameToo
    )
    .fetch_all(connection)
    .await?;
    answered.dedup();
    Ok(answered)
}

async fn retire(
    connection: &mut PgConnection,
    tenant_id: &str,
    people: &[Uuid],
    names: &[String],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into username.retired (tenant_id, rowguid, name)
         select $1, n.rowguid, n.name from unnest($2::uuid[], $3::text[]) as n (rowguid, name)
         on conflict (tenant_id, name) do update set rowguid = excluded.rowguid, retired_at = excluded.retired_at",
        tenant_id,
        people,
        names
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What is entered with a change of flags.
#[derive(Debug, Clone, Copy, Default)]
pub struct Remark<'a> {
    /// Why, in the words of who does it.
    pub reason: Option<&'a str>,
    /// The operation that the changes belong to.
    pub operation: Option<Uuid>,
    /// The operation that this one takes back.
    pub undoes: Option<Uuid>,
    /// Whether the operation is a switch of one person by name.
    pub is_single: bool,
}

/// Sets the Sync flag of these people, and returns those for whom it changed.
pub async fn set_sync(
    connection: &mut PgConnection,
    tenant_id: &str,
    by: &str,
    sync: bool,
    people: &[Uuid],
    remark: Remark<'_>,
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "with changed as (
             update username.record set sync = $3
             where tenant_id = $1 and rowguid = any($2) and sync <> $3
             returning rowguid
         )
         insert into username.change (tenant_id, rowguid, changed_by, field, old_value, new_value, reason, operation, undoes, is_single)
         select $1, rowguid, $4, 'sync', (not $3::boolean)::text, ($3::boolean)::text, $5, $6, $7, nullif($8, false) from changed
         returning rowguid",
        tenant_id,
        people,
        sync,
        by,
        remark.reason,
        remark.operation,
        remark.undoes,
        remark.is_single
    )
    .fetch_all(connection)
    .await
}

/// Hands a name, with its former names and the flag, from one person to another; the giver is no longer released. What was
/// answered of who the giver is holds no longer.
pub async fn hand_over(
    connection: &mut PgConnection,
    tenant_id: &str,
    by: &str,
    handover: &Handover<'_>,
) -> Result<(), sqlx::Error> {
    let Handover {
        giver,
        giver_gets,
        taker,
        taker_record,
        domain,
    } = handover;
    let taker_gets = Username {
        local_part: giver.local_part.clone(),
        domain: domain.clone(),
    };
    answer(
        connection,
        tenant_id,
        by,
        Answer::Waiting,
        &[giver.rowguid, *taker],
    )
    .await?;
    // A name has one holder at every moment: the giver steps aside while the taker takes it.
    let aside = Username {
        local_part: format!("~{}", giver.rowguid.simple()),
        domain: None,
    };
    set_giver(connection, tenant_id, giver.rowguid, &aside).await?;
    sqlx::query!(
        "insert into username.record
             (tenant_id, rowguid, local_part, domain, domain_origin, sync, origin, needs_review, taken_over_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (tenant_id, rowguid) do update set local_part = excluded.local_part, domain = excluded.domain,
             domain_origin = excluded.domain_origin, sync = excluded.sync, origin = excluded.origin,
             needs_review = excluded.needs_review, handed_to = null,
             taken_over_at = coalesce(excluded.taken_over_at, username.record.taken_over_at)",
        tenant_id,
        taker,
        giver.local_part,
        domain_text(&taker_gets),
        domain_origin(&taker_gets),
        giver.sync,
        giver.origin.as_str(),
        giver.needs_review,
        giver.taken_over_at
    )
    .execute(&mut *connection)
    .await?;
    set_giver(connection, tenant_id, giver.rowguid, giver_gets).await?;
    set_handed_to(connection, tenant_id, giver.rowguid, *taker).await?;
    let given_up = taker_record.map(|record| record.name().key());
    let given_up = given_up.filter(|name| *name != giver_gets.key());
    if let Some(name) = given_up {
        retire(connection, tenant_id, &[*taker], &[name]).await?;
    }
    let mut changes = Entries::default();
    changes.add(giver.rowguid, "handed_to", None, Some(taker.to_string()));
    changes.add_name(giver.rowguid, Some(&giver.name()), giver_gets);
    changes.add_sync(giver.rowguid, giver.sync, false);
    changes.add(*taker, "handed_from", None, Some(giver.rowguid.to_string()));
    changes.add_name(*taker, taker_record.map(Record::name).as_ref(), &taker_gets);
    changes.add_sync(*taker, taker_record.is_some_and(|record| record.sync), giver.sync);
    changes.write(connection, tenant_id, by).await
}

/// Holds back whoever gave a name, and gives their former names to the taker.
async fn set_handed_to(
    connection: &mut PgConnection,
    tenant_id: &str,
    giver: Uuid,
    taker: Uuid,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update username.record
         set sync = false, handed_to = $3,
             answered = array(
                 select reason from unnest(answered) as reason where reason not in ('person_id_changed', 'probably_merged')
             )
         where tenant_id = $1 and rowguid = $2",
        tenant_id,
        giver,
        taker
    )
    .execute(&mut *connection)
    .await?;
    // The account passes to the taker, and its aliases with it.
    sqlx::query!(
        "update username.retired set rowguid = $3 where tenant_id = $1 and rowguid = $2",
        tenant_id,
        giver,
        taker
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

async fn set_giver(
    connection: &mut PgConnection,
    tenant_id: &str,
    rowguid: Uuid,
    name: &Username,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update username.record set local_part = $3, domain = $4, domain_origin = $5
         where tenant_id = $1 and rowguid = $2",
        tenant_id,
        rowguid,
        name.local_part,
        domain_text(name),
        domain_origin(name)
    )
    .execute(connection)
    .await?;
    Ok(())
}
