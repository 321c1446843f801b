//! Handing a name to the surviving record of somebody who was merged in Informat.
//!
//! Two records of one person become one there: the other's id is deleted, and with it the name under which the person has
//! an account. The survivor gets name, domain, flag and former names; what is left of the other keeps a name that nobody was
//! served under.

use oneroster_school::projection::{self, Person};
use oneroster_school::tenant::username_format::{LOCAL_PART_MAX_LENGTH, is_separator};
use oneroster_school::username::allocate::Allocator;
use oneroster_school::username::edit::Username;
use oneroster_school::username::{Identity, Record};
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::finality::{Finality, begin_edit_between_publications};
use super::{Author, Error, Holder, KnownPerson, Refusal, Warning, commit_edit};
use crate::accounts::records::{self, edit::Handover, erased::ErasedNames};
use crate::mirror;
use crate::tenants::{Decision, DecisionKind, record_decision};

/// What is to be handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer {
    /// Who has the name.
    pub from: Uuid,
    /// Who gets it.
    pub to: Uuid,
    /// Whether somebody insists that they are one person, though names and birth dates say otherwise.
    pub is_forced: bool,
}

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

/// Hands the name, domain, flag and former names of one person to another, and enters it in the history of both.
///
/// Refused while the first has a registration or an assignment, unless the second is in the mirror, for a name that was
/// handed over before, and, if nobody insists, where names and birth dates of the two are known and both differ. Who insisted is
/// put on record.
pub async fn transfer(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    transfer: Transfer,
) -> Result<Transferred, Error> {
    let Transfer { from, to, is_forced } = transfer;
    if from == to {
        return Err(Refusal::SamePerson.into());
    }
    let (mut transaction, configuration) = begin_edit_between_publications(pool, tenant_id, by).await?;
    let giver = records::read_one(&mut transaction, tenant_id, from)
        .await?
        .ok_or(Refusal::UnknownPerson(from))?;
    let source = mirror::read::read_some_people(&mut transaction, tenant_id, &[from, to]).await?;
    let today = records::today(&mut transaction).await?;
    let people = projection::people(&source, &configuration, today)?.people;
    check_giver_is_gone(from, &people)?;
    let identity = records::identity(&source, to).ok_or(Refusal::NotInMirror(to))?;
    let handed_on = records::lookup::handed_on(&mut transaction, tenant_id).await?;
    if let Some((_, to)) = handed_on.into_iter().find(|(giver, _)| *giver == from) {
        return Err(Refusal::AlreadyHandedOver { from, to }.into());
    }
    let was_forced = check_same_person(tenant_id, &giver, (to, &identity), is_forced)?;
    let taker_record = records::read_one(&mut transaction, tenant_id, to).await?;
    let finality = Finality::read(&mut transaction, tenant_id).await?;
    let left_with = match &taker_record {
        // What the receiver was served under is an account of theirs: it never passes to anybody else.
        Some(record) if !finality.is_name_final(record) => record.name(),
        _ => free_name(&mut transaction, tenant_id, &giver).await?,
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
    // At once, since the receiver may come back under another id before names are given out again.
    records::identify(&mut transaction, tenant_id, [(to, &identity)].into_iter()).await?;
    if was_forced {
        let decision = Decision {
            by: by.as_str().to_owned(),
            kind: DecisionKind::TransferForced,
            detail: json!({ "from": from, "to": to }),
        };
        record_decision(&mut transaction, tenant_id, &decision).await?;
    }
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

/// Refuses to take a name from somebody who is somewhere, now or later. A row that a merge left behind may stay.
fn check_giver_is_gone(from: Uuid, people: &[Person]) -> Result<(), Refusal> {
    let is_somewhere = |person: &Person| person.published_as.is_some() || !person.org_ids.is_empty();
    let still_there = people
        .iter()
        .find(|person| person.rowguid == from && is_somewhere(person));
    match still_there {
        Some(person) => Err(Refusal::StillInMirror(Holder::of(from, Some(person)))),
        None => Ok(()),
    }
}

/// Refuses to hand a name to somebody else, unless somebody insists; returns whether they had to.
fn check_same_person(
    tenant_id: &str,
    giver: &Record,
    (taker, taker_identity): (Uuid, &Identity),
    is_forced: bool,
) -> Result<bool, Refusal> {
    let giver_identity = giver.identity.as_ref().map(Identity::compared);
    match giver_identity.filter(|identity| identity.is_somebody_else(taker_identity)) {
        None => Ok(false),
        Some(_) if is_forced => Ok(true),
        Some(identity) => Err(Refusal::SomebodyElse {
            tenant: tenant_id.to_owned(),
            from: Box::new(KnownPerson::new(giver.rowguid, &identity)),
            to: Box::new(KnownPerson::new(taker, taker_identity)),
        }),
    }
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
    let erased = ErasedNames::read(connection, tenant_id).await?;
    let owner = |name: &str| erased.find(name);
    let mut allocator = Allocator::new(taken, LOCAL_PART_MAX_LENGTH);
    let local_part = allocator.take_for(base, giver.rowguid, &owner);
    Ok(Username {
        local_part,
        domain: giver.domain.clone(),
    })
}
