//! Gives out usernames, and writes what an allocation decided. The system is who did it.

use std::collections::HashSet;

use oneroster_school::username::plan::{NewRecord, NewWait, Plan, plan};
use oneroster_school::username::{Identity, Unavailable};
use sqlx::PgConnection;
use uuid::Uuid;

use super::erased::ErasedNames;
use super::row::joined;
use super::{Error, read, today};
use crate::db::locks;
use crate::mirror;
use crate::tenants::{Input, raise_input_version};

/// What an allocation did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allocated {
    /// New records.
    pub created: usize,
    /// Records of staff that got their school's domain (R38).
    pub domains_set: usize,
    /// People, new or held back before, who wait for somebody's answer from now on.
    pub waiting: usize,
}

/// Makes a record for everyone who needs one and has none, in the caller's transaction (R46).
///
/// A tenant whose active school year has not been loaded yet gets none.
pub async fn allocate(connection: &mut PgConnection, tenant_id: &str) -> Result<Allocated, Error> {
    locks::usernames(connection, tenant_id).await?;
    let configuration = crate::tenants::get(connection, tenant_id).await?;
    let source = mirror::read::read_people(connection, tenant_id).await?;
    if source.school_year(&configuration.active_school_year).is_err() {
        return Ok(Allocated::default());
    }
    let existing = read(connection, tenant_id).await?;
    let retired: HashSet<String> = super::lookup::retired(connection, tenant_id)
        .await?
        .into_iter()
        .map(|retired| retired.name)
        .collect();
    let today = today(connection).await?;
    let erased = ErasedNames::read_sealed(connection, tenant_id).await?;
    let owner = |name: &str| erased.find(name);
    let taken = Unavailable {
        retired: &retired,
        erased: &owner,
    };
    let plan = plan(&source, &configuration, &existing, taken, today)?;
    erased.opened()?;
    let new_waits = plan.create.iter().filter(|new| !new.waits_for.is_empty());
    let allocated = Allocated {
        created: plan.create.len(),
        domains_set: plan.set_domain.len(),
        waiting: new_waits.count() + plan.wait.len(),
    };
    store(connection, tenant_id, &plan).await?;
    let given = plan
        .create
        .iter()
        .map(|new| (new.rowguid, new.local_part.clone()));
    super::erased::let_go(connection, tenant_id, &given.collect::<Vec<_>>()).await?;
    // Who waits was held back before, and who somebody is is not published.
    if allocated.created + allocated.domains_set > 0 {
        raise_input_version(connection, tenant_id, Input::Usernames).await?;
    }
    Ok(allocated)
}

async fn store(connection: &mut PgConnection, tenant_id: &str, plan: &Plan) -> Result<(), sqlx::Error> {
    create(connection, tenant_id, &plan.create).await?;
    let known = plan.identify.iter();
    identify(
        connection,
        tenant_id,
        known.map(|(rowguid, identity)| (*rowguid, identity)),
    )
    .await?;
    set_domains(connection, tenant_id, plan).await?;
    wait(connection, tenant_id, &plan.wait).await
}

async fn create(
    connection: &mut PgConnection,
    tenant_id: &str,
    create: &[NewRecord],
) -> Result<(), sqlx::Error> {
    let rowguids: Vec<Uuid> = create.iter().map(|new| new.rowguid).collect();
    let local_parts: Vec<String> = create.iter().map(|new| new.local_part.clone()).collect();
    let domains: Vec<Option<&str>> = create.iter().map(|new| new.domain.as_deref()).collect();
    let syncs: Vec<bool> = create.iter().map(|new| new.sync).collect();
    let reviews: Vec<bool> = create.iter().map(|new| new.needs_review).collect();
    let waits: Vec<String> = create.iter().map(|new| joined(&new.waits_for)).collect();
    let resembles: Vec<Option<Uuid>> = create.iter().map(|new| new.resembles).collect();
    let identities = IdentityColumns::of(create.iter().map(|new| &new.identity));
    // In one statement with who they are: each change of a row is one of the audit trail.
    sqlx::query!(
        "with new as (
             insert into username.record
                 (tenant_id, rowguid, local_part, domain, domain_origin, sync, origin, needs_review, waits_for, resembles,
                  p_persoon, given_name, family_name, birth_date)
             select $1, n.rowguid, n.local_part, n.domain, case when n.domain is not null then 'system' end, n.sync,
                    'generated', n.needs_review, string_to_array(n.waits_for, ','), n.resembles,
                    n.p_persoon, n.given_name, n.family_name, n.birth_date
             from unnest($2::uuid[], $3::text[], $4::text[], $5::boolean[], $6::boolean[], $7::text[], $8::uuid[],
                         $9::bigint[], $10::text[], $11::text[], $12::date[])
                  as n (rowguid, local_part, domain, sync, needs_review, waits_for, resembles,
                        p_persoon, given_name, family_name, birth_date)
             returning rowguid, local_part, domain, waits_for
         )
         insert into username.change (tenant_id, rowguid, changed_by, field, new_value)
         select $1, rowguid, 'system', field, new_value
         from new cross join lateral (values
             (1, 'created', local_part || coalesce('@' || domain, '')),
             (2, 'waits_for', nullif(array_to_string(waits_for, ','), ''))
         ) as entry (place, field, new_value)
         where new_value is not null
         order by rowguid, place",
        tenant_id,
        &rowguids,
        &local_parts,
        &domains as &[Option<&str>],
        &syncs,
        &reviews,
        &waits,
        &resembles as &[Option<Uuid>],
        &identities.numbers,
        &identities.given as &[&str],
        &identities.family as &[&str],
        &identities.born as &[Option<chrono::NaiveDate>]
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Who people are, a column each.
#[derive(Default)]
struct IdentityColumns<'a> {
    numbers: Vec<i64>,
    given: Vec<&'a str>,
    family: Vec<&'a str>,
    born: Vec<Option<chrono::NaiveDate>>,
}

impl<'a> IdentityColumns<'a> {
    fn of(identities: impl Iterator<Item = &'a Identity>) -> Self {
        let mut columns = Self::default();
        for identity in identities {
            columns.numbers.push(identity.p_persoon);
            columns.given.push(&identity.given_name);
            columns.family.push(&identity.family_name);
            columns.born.push(identity.birth_date);
        }
        columns
    }
}

/// Notes who people are: it outlives their rows of the mirror.
pub async fn identify(
    connection: &mut PgConnection,
    tenant_id: &str,
    people: impl Iterator<Item = (Uuid, &Identity)>,
) -> Result<(), sqlx::Error> {
    let (people, identities): (Vec<Uuid>, Vec<&Identity>) = people.unzip();
    if people.is_empty() {
        return Ok(());
    }
    let identities = IdentityColumns::of(identities.into_iter());
    sqlx::query!(
        "update username.record r
         set p_persoon = n.p_persoon, given_name = n.given_name, family_name = n.family_name, birth_date = n.birth_date
         from unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::date[])
              as n (rowguid, p_persoon, given_name, family_name, birth_date)
         where r.tenant_id = $1 and r.rowguid = n.rowguid",
        tenant_id,
        &people,
        &identities.numbers,
        &identities.given as &[&str],
        &identities.family as &[&str],
        &identities.born as &[Option<chrono::NaiveDate>]
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Gives staff their school's domain (R38).
async fn set_domains(connection: &mut PgConnection, tenant_id: &str, plan: &Plan) -> Result<(), sqlx::Error> {
    let set_domain = plan.set_domain.iter();
    let (people, new_domains): (Vec<Uuid>, Vec<String>) = set_domain
        .map(|(rowguid, domain)| (*rowguid, domain.to_string()))
        .unzip();
    sqlx::query!(
        "with changed as (
             update username.record r set domain = n.domain, domain_origin = 'system'
             from unnest($2::uuid[], $3::text[]) as n (rowguid, domain)
             where r.tenant_id = $1 and r.rowguid = n.rowguid and r.domain is null
             returning r.rowguid, r.domain
         )
         insert into username.change (tenant_id, rowguid, changed_by, field, new_value)
         select $1, rowguid, 'system', 'domain', domain from changed",
        tenant_id,
        &people,
        &new_domains
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes people wait who were held back anyway.
async fn wait(connection: &mut PgConnection, tenant_id: &str, wait: &[NewWait]) -> Result<(), sqlx::Error> {
    let people: Vec<Uuid> = wait.iter().map(|new| new.rowguid).collect();
    let reasons: Vec<&str> = wait.iter().map(|new| new.reason.as_str()).collect();
    let resembles: Vec<Option<Uuid>> = wait.iter().map(|new| new.resembles).collect();
    sqlx::query!(
        "with changed as (
             update username.record r set waits_for = array_append(b.waits_for, n.reason), resembles = n.resembles
             from unnest($2::uuid[], $3::text[], $4::uuid[]) as n (rowguid, reason, resembles)
             join username.record b on b.tenant_id = $1 and b.rowguid = n.rowguid
             where r.tenant_id = $1 and r.rowguid = n.rowguid and not r.sync
             returning r.rowguid, b.waits_for as old, r.waits_for as new
         )
         insert into username.change (tenant_id, rowguid, changed_by, field, old_value, new_value)
         select $1, rowguid, 'system', 'waits_for', nullif(array_to_string(old, ','), ''), array_to_string(new, ',')
         from changed",
        tenant_id,
        &people,
        &reasons as &[&str],
        &resembles as &[Option<Uuid>]
    )
    .execute(connection)
    .await?;
    Ok(())
}
