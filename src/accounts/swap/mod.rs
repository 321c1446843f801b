//! The guided swap of two usernames (R140, manual Appendix 2): temporary names and a sync, an alias removed in Microsoft 365 by
//! hand, the final names. At once, Microsoft would change nothing: each name would still be an alias of the other account.

mod find;
mod state;

use chrono::DateTime;
use oneroster_school::tenant::Configuration;
use oneroster_school::username::edit::{self, DomainRule, Username};
use oneroster_school::username::{Origin, Record};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::edit::check_free;
use super::finality::{Finality, begin_edit_between_publications};
use super::read_names::ReadNames;
use super::{Author, Error, Refusal, begin_edit, commit_edit};
use crate::accounts::records;
use crate::accounts::records::edit::Rename;
use crate::accounts::records::swaps::{self, SwapRow};
use find::shown;
pub use find::{find_swap, find_swap_of_two};
pub use state::{Swap, SwapAction, SwapRefusal, SwapSide, SwapStep};

/// What a name meanwhile ends with, as in the manual.
const TEMPORARY_END: &str = "_EX";

/// How many temporary names are tried.
const TEMPORARY_TRIES: usize = 9;

/// Longest local part.
const LOCAL_PART_MAX: usize = 64;

/// Takes a step of the swap of two people. Refused, with why, when its condition does not hold.
pub async fn swap(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    (a, b): (Uuid, Uuid),
    action: &SwapAction,
) -> Result<Swap, Error> {
    if a == b {
        return Err(SwapRefusal::SamePerson.into());
    }
    match action {
        SwapAction::Begin { other_gets } => begin(pool, tenant_id, by, (a, b), other_gets.as_deref()).await,
        SwapAction::AliasesRemoved => aliases_removed(pool, tenant_id, by, (a, b)).await,
        SwapAction::Finish | SwapAction::Cancel => {
            end(pool, tenant_id, by, (a, b), *action == SwapAction::Finish).await
        }
    }
}

async fn begin(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    (a, b): (Uuid, Uuid),
    other_gets: Option<&str>,
) -> Result<Swap, Error> {
    let (mut transaction, configuration) = begin_edit_between_publications(pool, tenant_id, by).await?;
    let record_a = record_of(&mut transaction, tenant_id, a).await?;
    let record_b = record_of(&mut transaction, tenant_id, b).await?;
    for person in [a, b] {
        if swaps::open_of(&mut transaction, tenant_id, person)
            .await?
            .is_some()
        {
            return Err(SwapRefusal::InSwap.into());
        }
    }
    let of_tenant = (tenant_id, &configuration);
    let to_b = other_name(&mut transaction, of_tenant, (&record_a, &record_b), other_gets).await?;
    let finality = Finality::read(&mut transaction, tenant_id).await?;
    let is_served = finality.is_final(&record_a) || finality.is_final(&record_b);
    let mut row = SwapRow {
        swap_id: Uuid::nil(),
        person_a: a,
        person_b: b,
        from_a: record_a.local_part.clone(),
        from_b: record_b.local_part.clone(),
        temporary_a: String::new(),
        temporary_b: String::new(),
        to_a: record_b.local_part.clone(),
        to_b,
        step: SwapStep::Temporary.as_str().to_owned(),
        began_at: DateTime::UNIX_EPOCH,
        began_by: by.as_str().to_owned(),
        alias_removed_at: None,
        alias_removed_by: None,
        ended_at: None,
    };
    let targets = if is_served {
        row.temporary_a = temporary(&mut transaction, tenant_id, a, &row.to_a).await?;
        row.temporary_b = temporary(&mut transaction, tenant_id, b, &row.to_b).await?;
        swaps::begin(&mut transaction, tenant_id, &row).await?;
        (row.temporary_a.clone(), row.temporary_b.clone())
    } else {
        (row.to_a.clone(), row.to_b.clone())
    };
    rename(
        &mut transaction,
        tenant_id,
        by,
        [(&record_a, targets.0), (&record_b, targets.1)],
    )
    .await?;
    if is_served {
        row = open(&mut transaction, tenant_id, (a, b)).await?;
    }
    commit_edit(transaction, tenant_id).await?;
    tracing::info!(tenant = tenant_id, user = %a, "usernames swapped, or given temporary ones");
    let began_at = row.began_at;
    if is_served {
        return Ok(Swap::of(row, ReadNames::NotPublished, began_at));
    }
    (row.temporary_a, row.temporary_b) = (row.to_a.clone(), row.to_b.clone());
    SwapStep::Done.as_str().clone_into(&mut row.step);
    Ok(Swap {
        began_at: None,
        ..Swap::of(row, ReadNames::Read(None), began_at)
    })
}

/// Returns the name that the other gets: the one that was asked for, if nobody else has it, or that of the first.
async fn other_name(
    connection: &mut PgConnection,
    (tenant_id, configuration): (&str, &Configuration),
    (first, other): (&Record, &Record),
    asked: Option<&str>,
) -> Result<String, Error> {
    let Some(asked) = asked else {
        return Ok(first.local_part.clone());
    };
    let name = edit::read(asked, DomainRule::Refused, &configuration.own_domains(), None);
    let name = name.map_err(Refusal::Name)?;
    if edit::key(&name.local_part) == edit::key(&other.local_part) {
        return Err(SwapRefusal::SameName.into());
    }
    if edit::key(&name.local_part) != edit::key(&first.local_part) {
        check_free(connection, tenant_id, configuration, other.rowguid, &name).await?;
    }
    Ok(name.local_part)
}

async fn aliases_removed(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    people: (Uuid, Uuid),
) -> Result<Swap, Error> {
    let (mut transaction, _) = begin_edit(pool, tenant_id, by).await?;
    let row = open(&mut transaction, tenant_id, people).await?;
    let swap_id = row.swap_id;
    let standing = shown(&mut transaction, tenant_id, row).await?;
    match (standing.read, standing.waits_until) {
        (ReadNames::NotPublished, _) => return Err(SwapRefusal::NotPublished.into()),
        (ReadNames::Published, _) => return Err(SwapRefusal::NotRead.into()),
        (ReadNames::Read(_), Some(offered_at)) => return Err(SwapRefusal::TooSoon { offered_at }.into()),
        (ReadNames::Read(_), None) => {}
    }
    swaps::note_alias_removed(&mut transaction, tenant_id, swap_id, by.as_str()).await?;
    let row = open(&mut transaction, tenant_id, people).await?;
    let swap = shown(&mut transaction, tenant_id, row).await?;
    transaction.commit().await?;
    Ok(swap)
}

async fn end(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    people: (Uuid, Uuid),
    is_done: bool,
) -> Result<Swap, Error> {
    let (mut transaction, configuration) = begin_edit(pool, tenant_id, by).await?;
    let mut row = open(&mut transaction, tenant_id, people).await?;
    if is_done && SwapStep::of_word(&row.step) != SwapStep::Alias {
        return Err(SwapRefusal::AliasFirst.into());
    }
    let record_a = record_of(&mut transaction, tenant_id, row.person_a).await?;
    let record_b = record_of(&mut transaction, tenant_id, row.person_b).await?;
    if record_a.local_part != row.temporary_a || record_b.local_part != row.temporary_b {
        // Whoever typed another name ends the swap by cancelling it: the names stay as they typed them.
        if !is_done {
            swaps::end(
                &mut transaction,
                tenant_id,
                row.swap_id,
                SwapStep::Cancelled.as_str(),
            )
            .await?;
            SwapStep::Cancelled.as_str().clone_into(&mut row.step);
            let swap = shown(&mut transaction, tenant_id, row).await?;
            transaction.commit().await?;
            return Ok(swap);
        }
        return Err(SwapRefusal::ChangedMeanwhile.into());
    }
    let (a, b, step) = if is_done {
        (row.to_a.clone(), row.to_b.clone(), SwapStep::Done)
    } else {
        (row.from_a.clone(), row.from_b.clone(), SwapStep::Cancelled)
    };
    for (record, local_part) in [(&record_a, &a), (&record_b, &b)] {
        let name = named(record, local_part.clone());
        check_free(&mut transaction, tenant_id, &configuration, record.rowguid, &name).await?;
    }
    rename(&mut transaction, tenant_id, by, [(&record_a, a), (&record_b, b)]).await?;
    swaps::end(&mut transaction, tenant_id, row.swap_id, step.as_str()).await?;
    step.as_str().clone_into(&mut row.step);
    let swap = shown(&mut transaction, tenant_id, row).await?;
    commit_edit(transaction, tenant_id).await?;
    tracing::info!(tenant = tenant_id, user = %swap.a.person, "a swap of usernames ended");
    Ok(swap)
}

async fn record_of(connection: &mut PgConnection, tenant_id: &str, person: Uuid) -> Result<Record, Error> {
    let record = records::read_one(connection, tenant_id, person).await?;
    Ok(record.ok_or(Refusal::UnknownPerson(person))?)
}

/// Finds the swap of two people that has not ended.
async fn open(
    connection: &mut PgConnection,
    tenant_id: &str,
    (a, b): (Uuid, Uuid),
) -> Result<SwapRow, Error> {
    let row = swaps::open_of(connection, tenant_id, a).await?;
    let is_theirs = |row: &SwapRow| [(a, b), (b, a)].contains(&(row.person_a, row.person_b));
    row.filter(is_theirs).ok_or_else(|| SwapRefusal::NoSwap.into())
}

/// Returns a free name for meanwhile: the final one with an end.
async fn temporary(
    connection: &mut PgConnection,
    tenant_id: &str,
    person: Uuid,
    to: &str,
) -> Result<String, Error> {
    let erased = records::erased::ErasedNames::read(connection, tenant_id).await?;
    for number in 1..=TEMPORARY_TRIES {
        let end = if number == 1 {
            TEMPORARY_END.to_owned()
        } else {
            format!("{TEMPORARY_END}{number}")
        };
        let kept: String = to.chars().take(LOCAL_PART_MAX - end.len()).collect();
        let name = format!("{kept}{end}");
        let key = edit::key(&name);
        let holder = records::lookup::holder(connection, tenant_id, &key).await?;
        let last = records::lookup::last_holder(connection, tenant_id, &key).await?;
        let is_free = holder.is_none() && last.is_none_or(|last| last == person);
        if is_free && !erased.is_of_another(&key, person) {
            return Ok(name);
        }
    }
    Err(SwapRefusal::NoTemporaryName.into())
}

fn named(record: &Record, local_part: String) -> Username {
    Username {
        local_part,
        domain: record.domain.clone(),
    }
}

async fn rename(
    connection: &mut PgConnection,
    tenant_id: &str,
    by: &Author,
    names: [(&Record, String); 2],
) -> Result<(), Error> {
    let renames = names.map(|(record, local_part)| Rename {
        rowguid: record.rowguid,
        from: record.name(),
        to: named(record, local_part),
    });
    records::edit::rename(connection, tenant_id, by.as_str(), Origin::Manual, &renames).await?;
    Ok(())
}
