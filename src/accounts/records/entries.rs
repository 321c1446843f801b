//! Entries of the history of records: who, when, from, to.

use oneroster_school::username::GivenDomain;
use oneroster_school::username::edit::Username;
use sqlx::PgConnection;
use uuid::Uuid;

pub(super) fn domain_text(name: &Username) -> Option<&str> {
    name.domain.as_ref().map(GivenDomain::as_str)
}

pub(super) fn domain_origin(name: &Username) -> Option<&'static str> {
    name.domain.as_ref().map(|given| given.origin.as_str())
}

/// Entries for the history, column by column.
#[derive(Default)]
pub(super) struct Entries {
    people: Vec<Uuid>,
    fields: Vec<String>,
    old_values: Vec<Option<String>>,
    new_values: Vec<Option<String>>,
    reason: Option<&'static str>,
}

impl Entries {
    /// Begins with none; each will have this reason.
    pub(super) fn for_reason(reason: &'static str) -> Self {
        Self {
            reason: Some(reason),
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, rowguid: Uuid, field: &str, old: Option<String>, new: Option<String>) {
        self.people.push(rowguid);
        self.fields.push(field.to_owned());
        self.old_values.push(old);
        self.new_values.push(new);
    }

    /// Adds what differs between two names; without a name before, the record is new.
    pub(super) fn add_name(&mut self, rowguid: Uuid, from: Option<&Username>, to: &Username) {
        let Some(from) = from else {
            self.add(rowguid, "created", None, Some(to.to_string()));
            return;
        };
        if from.local_part != to.local_part {
            let (old, new) = (from.local_part.clone(), to.local_part.clone());
            self.add(rowguid, "local_part", Some(old), Some(new));
        }
        let text = |name: &Username| domain_text(name).map(str::to_owned);
        if domain_text(from) != domain_text(to) {
            self.add(rowguid, "domain", text(from), text(to));
        } else if from.domain != to.domain {
            let origin = |name: &Username| domain_origin(name).map(str::to_owned);
            self.add(rowguid, "domain_origin", origin(from), origin(to));
        }
    }

    pub(super) fn add_sync(&mut self, rowguid: Uuid, old: bool, new: bool) {
        if old != new {
            self.add(rowguid, "sync", Some(old.to_string()), Some(new.to_string()));
        }
    }

    pub(super) async fn write(
        &self,
        connection: &mut PgConnection,
        tenant_id: &str,
        by: &str,
    ) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "insert into username.change (tenant_id, rowguid, changed_by, field, old_value, new_value, reason)
             select $1, n.rowguid, $2, n.field, n.old_value, n.new_value, $7
             from unnest($3::uuid[], $4::text[], $5::text[], $6::text[])
                  with ordinality as n (rowguid, field, old_value, new_value, place)
             order by n.place",
            tenant_id,
            by,
            &self.people,
            &self.fields,
            &self.old_values as &[Option<String>],
            &self.new_values as &[Option<String>],
            self.reason
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
            domain: domain.map(|domain| GivenDomain::admin(domain.parse().unwrap())),
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
