//! Writes `roster.object_version`: the versions that end and begin with a generation.

use chrono::NaiveDate;
use oneroster_standard::Kind;
use sqlx::PgConnection;

use super::{Action, Causes, Change, EndedEnrollments, Error, ObjectKeys};

/// How many changes go into one statement: a few MB of content.
const CHANGES_PER_INSERT: usize = 5_000;

/// How many last days that are lacking are filled with one publication, at most: about a second.
const FILLED_PER_PUBLICATION_MAX: i64 = 5_000;

/// Writes what a generation changes, in its transaction: ends the versions it replaces and begins the new ones.
///
/// Nobody sees it before [`super::generations::insert`] and the commit. A version to end that is not current means that the
/// publication lock was lost.
pub async fn changes(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
    changes: &[Change],
    (causes, ended): (&Causes, &EndedEnrollments),
) -> Result<(), Error> {
    end_versions(connection, tenant_id, number, changes).await?;
    begin_with_old_content(connection, tenant_id, number, (changes, causes, ended)).await?;
    begin_with_new_content(connection, tenant_id, number, (changes, causes)).await
}

async fn end_versions(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
    changes: &[Change],
) -> Result<(), Error> {
    let replaced = changes.iter().filter(|change| change.action != Action::Added);
    let keys: ObjectKeys = replaced.map(key).collect();
    let ended = sqlx::query!(
        "update roster.object_version v set until_number = $2
         from unnest($3::text[], $4::text[]) as ended (kind, sourced_id)
         where v.tenant_id = $1 and v.until_number is null
           and v.kind = ended.kind and v.sourced_id = ended.sourced_id",
        tenant_id,
        number,
        keys.collections(),
        keys.ids()
    )
    .execute(connection)
    .await?;
    if ended.rows_affected() != keys.len() as u64 {
        return Err(Error::LockLost);
    }
    Ok(())
}

/// Begins tombstones and what only gets a new date: they keep the content of the version before.
async fn begin_with_old_content(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
    (changes, causes, ended): (&[Change], &Causes, &EndedEnrollments),
) -> Result<(), Error> {
    let kept = || {
        changes
            .iter()
            .filter(|change| change.content.is_none() && change.action != Action::Purged)
    };
    let keys: ObjectKeys = kept().map(key).collect();
    let statuses: Vec<&str> = kept().map(|change| change.status.as_str()).collect();
    let causes: Vec<Option<String>> = kept().map(|change| causes_of(causes, change)).collect();
    let ended: Vec<Option<NaiveDate>> = kept()
        .map(|change| {
            let is_removed = change.kind == Kind::Enrollments && change.action == Action::Removed;
            ended.get(&change.sourced_id).copied().filter(|_| is_removed)
        })
        .collect();
    sqlx::query!(
        "insert into roster.object_version
             (tenant_id, kind, sourced_id, from_number, status, content, content_hash, causes, email_domain, ended_on, class_facts)
         select v.tenant_id, v.kind, v.sourced_id, $2, kept.status, v.content, v.content_hash, kept.causes::jsonb,
                v.email_domain, coalesce(kept.ended_on, v.ended_on),
                case when kept.status = 'active' then v.class_facts end
         from roster.object_version v
         join unnest($3::text[], $4::text[], $5::text[], $6::date[], $7::text[])
              as kept (kind, sourced_id, causes, ended_on, status) using (kind, sourced_id)
         where v.tenant_id = $1 and v.until_number = $2",
        tenant_id,
        number,
        keys.collections(),
        keys.ids(),
        &causes as &[Option<String>],
        &ended as &[Option<NaiveDate>],
        &statuses as &[&str]
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Begins the versions with new contents. Not by COPY, which Postgres refuses where row-level security is in force.
async fn begin_with_new_content(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
    (changes, causes): (&[Change], &Causes),
) -> Result<(), Error> {
    for batch in changes.chunks(CHANGES_PER_INSERT) {
        let written = batch
            .iter()
            .filter_map(|change| change.content.as_ref().map(|content| (change, content)));
        let mut kinds = Vec::with_capacity(batch.len());
        let mut ids = Vec::with_capacity(batch.len());
        let mut statuses = Vec::with_capacity(batch.len());
        let mut contents = Vec::with_capacity(batch.len());
        let mut hashes = Vec::with_capacity(batch.len());
        let mut reasons = Vec::with_capacity(batch.len());
        let mut domains = Vec::with_capacity(batch.len());
        for (change, (content, hash)) in written {
            kinds.push(change.kind.collection());
            ids.push(change.sourced_id.as_str());
            statuses.push(change.status.as_str());
            contents.push(content.as_str());
            hashes.push(hash.as_slice());
            reasons.push(causes_of(causes, change));
            domains.push(change.email_domain.as_deref());
        }
        sqlx::query!(
            "insert into roster.object_version
                 (tenant_id, kind, sourced_id, from_number, status, content, content_hash, causes, email_domain)
             select $1, kind, sourced_id, $2, status, content, content_hash, causes::jsonb, email_domain
             from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::text[], $9::text[])
                  as begun (kind, sourced_id, status, content, content_hash, causes, email_domain)",
            tenant_id,
            number,
            &kinds as &[&str],
            &ids as &[&str],
            &statuses as &[&str],
            &contents as &[&str],
            &hashes as &[&[u8]],
            &reasons as &[Option<String>],
            &domains as &[Option<&str>]
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Fills last days that removed enrollments lack since a build removed them that did not know them; some thousands at a time.
///
/// What is served stays the same: until then it is worked out when a generation is loaded, which takes longer.
pub async fn fill_last_days(connection: &mut PgConnection, tenant_id: &str) -> Result<(), Error> {
    sqlx::query!(
        "update roster.object_version v
         set ended_on = roster.last_day_of_removed(v.tenant_id, v.sourced_id, v.from_number)
         from (select sourced_id, from_number from roster.object_version
               where tenant_id = $1 and kind = 'enrollments' and status = 'tobedeleted'
                 and until_number is null and ended_on is null
               limit $2) as lacking
         where v.tenant_id = $1 and v.kind = 'enrollments' and v.sourced_id = lacking.sourced_id
           and v.from_number = lacking.from_number",
        tenant_id,
        FILLED_PER_PUBLICATION_MAX
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn key(change: &Change) -> (Kind, &str) {
    (change.kind, &change.sourced_id)
}

fn causes_of(causes: &Causes, change: &Change) -> Option<String> {
    if causes.is_empty() {
        return None;
    }
    let causes = causes.get(&(change.kind, change.sourced_id.clone()))?;
    // A list of codes is always JSON, so none is left out here.
    serde_json::to_string(causes).ok()
}
