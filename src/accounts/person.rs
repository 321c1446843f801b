//! Finding the person whom a command or a page names.

use oneroster_school::projection::Person;
use oneroster_school::username::Record;
use sqlx::PgPool;
use uuid::Uuid;

use super::{Error, Holder, Refusal, begin_look, some};
use crate::accounts::records;

/// Finds a person by `sourcedId`, or by username: `local` or `local@domain`, whatever the case.
///
/// A `sourcedId` is taken as it is, also of somebody without a record. A domain must be the one that is sent or stands in
/// the record; where there is neither, Microsoft adds it and it is not compared. A name that was given up finds nobody.
pub async fn find_person(pool: &PgPool, tenant_id: &str, text: &str) -> Result<Uuid, Error> {
    let (mut transaction, configuration) = begin_look(pool, tenant_id).await?;
    let (local_part, domain) = match text.split_once('@') {
        Some((local_part, domain)) => (local_part, Some(domain)),
        None => (text, None),
    };
    let key = local_part.to_lowercase();
    let by_name = records::lookup::holder(&mut transaction, tenant_id, &key).await?;
    let by_id = Uuid::try_parse(text).ok();
    let rowguid = match (by_id, by_name) {
        (Some(id), None) => return Ok(id),
        (Some(id), Some(rowguid)) if id == rowguid => return Ok(id),
        (_, Some(rowguid)) => rowguid,
        (None, None) => {
            let last = records::lookup::last_holder(&mut transaction, tenant_id, &key).await?;
            let people = some(&mut transaction, tenant_id, &configuration, last.as_slice()).await?;
            return Err(Error::Refused(Refusal::UnknownUsername {
                name: text.to_owned(),
                last_holder: last.map(|rowguid| Holder::of(rowguid, people.first())),
            }));
        }
    };
    let people = some(&mut transaction, tenant_id, &configuration, &[rowguid]).await?;
    let holder = Holder::of(rowguid, people.first());
    if let Some(id) = by_id {
        let other = some(&mut transaction, tenant_id, &configuration, &[id]).await?;
        let record = records::read_one(&mut transaction, tenant_id, id).await?;
        if record.is_some() || !other.is_empty() {
            return Err(Error::Refused(Refusal::AmbiguousPerson { id, holder }));
        }
        return Ok(rowguid);
    }
    let Some(domain) = domain else {
        return Ok(rowguid);
    };
    let record = records::read_one(&mut transaction, tenant_id, rowguid)
        .await?
        .ok_or(Refusal::UnknownPerson(rowguid))?;
    match other_domain(domain, &record, people.first()) {
        None => Ok(rowguid),
        Some(username) => Err(Error::Refused(Refusal::OtherDomain {
            name: text.to_owned(),
            username,
            holder,
        })),
    }
}

/// Returns the name that a record goes by if it has a domain and that is another one.
fn other_domain(domain: &str, record: &Record, person: Option<&Person>) -> Option<String> {
    let published_as = person.and_then(|person| person.published_as.as_ref());
    let sent = published_as.and_then(|published_as| published_as.naming.username(record));
    let names: Vec<String> = sent.into_iter().chain([record.name().to_string()]).collect();
    let mut known = names.iter().filter_map(|name| Some(name.split_once('@')?.1));
    let is_known = known.any(|known| known.eq_ignore_ascii_case(domain));
    let shown = names.iter().find(|name| name.contains('@'))?;
    (!is_known).then(|| shown.clone())
}
