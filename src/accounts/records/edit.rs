//! Edits of records, each with its history. The caller holds [`crate::db::locks::usernames`] and has checked the names.

use oneroster_school::tenant::Domain;
use oneroster_school::username::edit::Username;
use oneroster_school::username::record::{Origin, Record};
use sqlx::PgConnection;
use uuid::Uuid;

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
    /// The name it holds afterwards: the taker's, or one that is free.
    pub giver_gets: &'a Username,
    /// Who gets the giver's name and flag.
    pub taker: Uuid,
    /// The taker's record, if there is one.
    pub taker_record: Option<&'a Record>,
    /// The taker's domain afterwards.
    pub domain: Option<Domain>,
}

/// Gives records their new names; a local part that is given up retires, one that is taken up is retired no longer.
pub async fn rename(
    connection: &mut PgConnection,
    tenant_id: &str,
    by: &str,
    origin: Origin,
    renames: &[Rename],
) -> Result<(), sqlx::Error> {
    let people: Vec<Uuid> = renames.iter().map(|rename| rename.rowguid).collect();
    let local_parts: Vec<String> = renames
        .iter()
        .map(|rename| rename.to.local_part.clone())
        .collect();
    let domains: Vec<Option<&str>> = renames.iter().map(|rename| rename.to.domain.as_deref()).collect();
    sqlx::query!(
        "update username.record r
         set local_part = n.local_part, domain = n.domain, origin = $5, needs_review = false, handed_to = null
         from unnest($2::uuid[], $3::text[], $4::text[]) as n (rowguid, local_part, domain)
         where r.tenant_id = $1 and r.rowguid = n.rowguid",
        tenant_id,
        &people,
        &local_parts,
        &domains as &[Option<&str>],
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
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that the names of these people are good as they are: their records ask for review no longer.
pub async fn confirm(
    connection: &mut PgConnection,
    tenant_id: &str,
    people: &[Uuid],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update username.record set needs_review = false where tenant_id = $1 and rowguid = any($2)",
        tenant_id,
        people
    )
    .execute(connection)
    .await?;
    Ok(())
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

/// Sets the Sync flag of these people, and returns those for whom it changed.
pub async fn set_sync(
    connection: &mut PgConnection,
    tenant_id: &str,
    by: &str,
    sync: bool,
    people: &[Uuid],
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "with changed as (
             update username.record set sync = $3
             where tenant_id = $1 and rowguid = any($2) and sync <> $3
             returning rowguid
         )
         insert into username.change (tenant_id, rowguid, changed_by, field, old_value, new_value)
         select $1, rowguid, $4, 'sync', (not $3::boolean)::text, ($3::boolean)::text from changed
         returning rowguid",
        tenant_id,
        people,
        sync,
        by
    )
    .fetch_all(connection)
    .await
}

/// Hands a name, with its former names and the flag, from one person to another; the giver is no longer released.
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
    // A name has one holder at every moment: the giver steps aside while the taker takes it.
    set_giver(
        connection,
        tenant_id,
        giver.rowguid,
        &format!("~{}", giver.rowguid.simple()),
        None,
    )
    .await?;
    sqlx::query!(
        "insert into username.record (tenant_id, rowguid, local_part, domain, sync, origin, needs_review)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (tenant_id, rowguid) do update set local_part = excluded.local_part, domain = excluded.domain,
             sync = excluded.sync, origin = excluded.origin, needs_review = excluded.needs_review, handed_to = null",
        tenant_id,
        taker,
        giver.local_part,
        domain.as_deref(),
        giver.sync,
        giver.origin.as_str(),
        giver.needs_review
    )
    .execute(&mut *connection)
    .await?;
    set_giver(
        connection,
        tenant_id,
        giver.rowguid,
        &giver_gets.local_part,
        giver_gets.domain.as_deref(),
    )
    .await?;
    sqlx::query!(
        "update username.record set sync = false, handed_to = $3 where tenant_id = $1 and rowguid = $2",
        tenant_id,
        giver.rowguid,
        taker
    )
    .execute(&mut *connection)
    .await?;
    // The account passes to the taker, and its aliases with it.
    sqlx::query!(
        "update username.retired set rowguid = $3 where tenant_id = $1 and rowguid = $2",
        tenant_id,
        giver.rowguid,
        taker
    )
    .execute(&mut *connection)
    .await?;
    let mut changes = Entries::default();
    changes.add(giver.rowguid, "handed_to", None, Some(taker.to_string()));
    changes.add_name(giver.rowguid, Some(&giver.name()), giver_gets);
    changes.add_sync(giver.rowguid, giver.sync, false);
    changes.add(*taker, "handed_from", None, Some(giver.rowguid.to_string()));
    let taker_gets = Username {
        local_part: giver.local_part.clone(),
        domain: domain.clone(),
    };
    changes.add_name(*taker, taker_record.map(Record::name).as_ref(), &taker_gets);
    changes.add_sync(*taker, taker_record.is_some_and(|record| record.sync), giver.sync);
    changes.write(connection, tenant_id, by).await
}

async fn set_giver(
    connection: &mut PgConnection,
    tenant_id: &str,
    rowguid: Uuid,
    local_part: &str,
    domain: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update username.record set local_part = $3, domain = $4 where tenant_id = $1 and rowguid = $2",
        tenant_id,
        rowguid,
        local_part,
        domain
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Entries for the history, column by column.
#[derive(Default)]
struct Entries {
    people: Vec<Uuid>,
    fields: Vec<String>,
    old_values: Vec<Option<String>>,
    new_values: Vec<Option<String>>,
}

impl Entries {
    fn add(&mut self, rowguid: Uuid, field: &str, old: Option<String>, new: Option<String>) {
        self.people.push(rowguid);
        self.fields.push(field.to_owned());
        self.old_values.push(old);
        self.new_values.push(new);
    }

    /// Adds what differs between two names; without a name before, the record is new.
    fn add_name(&mut self, rowguid: Uuid, from: Option<&Username>, to: &Username) {
        let Some(from) = from else {
            self.add(rowguid, "created", None, Some(to.to_string()));
            return;
        };
        if from.local_part != to.local_part {
            let (old, new) = (from.local_part.clone(), to.local_part.clone());
            self.add(rowguid, "local_part", Some(old), Some(new));
        }
        if from.domain != to.domain {
            let text = |name: &Username| name.domain.as_ref().map(ToString::to_string);
            self.add(rowguid, "domain", text(from), text(to));
        }
    }

    fn add_sync(&mut self, rowguid: Uuid, old: bool, new: bool) {
        if old != new {
            self.add(rowguid, "sync", Some(old.to_string()), Some(new.to_string()));
        }
    }

    async fn write(
        &self,
        connection: &mut PgConnection,
        tenant_id: &str,
        by: &str,
    ) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "insert into username.change (tenant_id, rowguid, changed_by, field, old_value, new_value)
             select $1, n.rowguid, $2, n.field, n.old_value, n.new_value
             from unnest($3::uuid[], $4::text[], $5::text[], $6::text[])
                  with ordinality as n (rowguid, field, old_value, new_value, place)
             order by n.place",
            tenant_id,
            by,
            &self.people,
            &self.fields,
            &self.old_values as &[Option<String>],
            &self.new_values as &[Option<String>]
        )
        .execute(connection)
        .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_entered() {
        let name = |text: &str, domain: Option<&str>| Username {
            local_part: text.to_owned(),
            domain: domain.map(|domain| domain.parse().unwrap()),
        };
        let mut entries = Entries::default();
        let person = Uuid::nil();
        entries.add_name(person, Some(&name("jan", None)), &name("jan", None));
        entries.add_sync(person, true, true);
        assert_eq!(entries.fields.len(), 0);
        entries.add_name(person, Some(&name("jan", None)), &name("Jan", Some("x.example")));
        assert_eq!(entries.fields, ["local_part", "domain"]);
        assert_eq!(entries.old_values, [Some("jan".to_owned()), None]);
        entries.add_name(person, None, &name("jan", Some("x.example")));
        assert_eq!(entries.new_values.last(), Some(&Some("jan@x.example".to_owned())));
    }
}
