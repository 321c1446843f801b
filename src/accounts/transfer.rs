//! Handing a name to the surviving record of somebody who was merged in Informat.
//!
//! Two records of one person become one there: the other's id is deleted, and with it the name under which the person has
//! an account. The survivor gets name, domain, flag and former names; what is left of the other keeps a name nobody uses.

use oneroster_school::tenant::username_format::{LOCAL_PART_MAX_LENGTH, is_separator};
use oneroster_school::username::Record;
use oneroster_school::username::allocate::Allocator;
use oneroster_school::username::edit::Username;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{Author, Error, Holder, Refusal, Warning, begin_edit, commit_edit, some};
use crate::accounts::records::{self, edit::Handover};

/// The result of a transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transferred {
    /// The name that was handed over, as the receiver has it.
    pub name: Username,
    /// Whether the receiver is released.
    pub sync: bool,
    /// The name that the other record holds from now on.
    pub left_with: Username,
    /// What the admin should know.
    pub warnings: Vec<Warning>,
}

/// Hands the name, domain, flag and former names of `from` to `to`, and enters it in the history of both.
///
/// Refused while `from` is in the mirror, unless `to` is, and for a name that was handed over before.
pub async fn transfer(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    from: Uuid,
    to: Uuid,
) -> Result<Transferred, Error> {
    if from == to {
        return Err(Refusal::SamePerson.into());
    }
    let (mut transaction, configuration) = begin_edit(pool, tenant_id).await?;
    let giver = records::read_one(&mut transaction, tenant_id, from)
        .await?
        .ok_or(Refusal::UnknownPerson(from))?;
    let people = some(&mut transaction, tenant_id, &configuration, &[from, to]).await?;
    let in_mirror = |rowguid| people.iter().find(|person| person.rowguid == rowguid);
    if let Some(person) = in_mirror(from) {
        return Err(Refusal::StillInMirror(Holder::of(from, Some(person))).into());
    }
    if in_mirror(to).is_none() {
        return Err(Refusal::NotInMirror(to).into());
    }
    let handed_on = records::lookup::handed_on(&mut transaction, tenant_id).await?;
    if let Some((_, to)) = handed_on.into_iter().find(|(giver, _)| *giver == from) {
        return Err(Refusal::AlreadyHandedOver { from, to }.into());
    }
    let taker_record = records::read_one(&mut transaction, tenant_id, to).await?;
    let left_with = match &taker_record {
        Some(record) => record.name(),
        None => free_name(&mut transaction, tenant_id, &giver).await?,
    };
    let of_taker = taker_record.as_ref().and_then(|record| record.domain.clone());
    let handover = Handover {
        giver: &giver,
        giver_gets: &left_with,
        taker: to,
        taker_record: taker_record.as_ref(),
        // Staff whose school gave them a domain must not lose it to somebody who had none.
        domain: giver.domain.clone().or(of_taker),
    };
    let name = Username {
        local_part: giver.local_part.clone(),
        domain: handover.domain.clone(),
    };
    records::edit::hand_over(&mut transaction, tenant_id, by.as_str(), &handover).await?;
    commit_edit(transaction, tenant_id).await?;
    tracing::info!(tenant = tenant_id, %from, %to, "username handed over");
    let was_released = taker_record.filter(|record| record.sync);
    Ok(Transferred {
        name,
        sync: giver.sync,
        left_with,
        warnings: was_released
            .map(|record| Warning::WasReleasedAs { name: record.name() })
            .into_iter()
            .collect(),
    })
}

/// Finds a name for a record whose own is taken away, when there is none to swap it with.
async fn free_name(
    connection: &mut PgConnection,
    tenant_id: &str,
    giver: &Record,
) -> Result<Username, Error> {
    let held = records::read(connection, tenant_id).await?;
    let retired = records::lookup::retired(connection, tenant_id).await?;
    let taken = held.into_values().map(|record| record.local_part);
    let taken = taken.chain(retired.into_iter().map(|retired| retired.name));
    let key = giver.name().key();
    // What was typed may be separators only, of which nothing is left to begin a name with.
    let base = if key.chars().all(is_separator) {
        "u"
    } else {
        key.as_str()
    };
    let local_part = Allocator::new(taken, LOCAL_PART_MAX_LENGTH).take(base);
    Ok(Username {
        local_part,
        domain: giver.domain.clone(),
    })
}
