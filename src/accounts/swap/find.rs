//! Finding a swap: by one of the two, or by what both are called.

use oneroster_school::username::edit;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::state::{Swap, SwapStep};
use crate::accounts::read_names::{self, ReadNames};
use crate::accounts::records::{
    self,
    swaps::{self, SwapRow},
};
use crate::accounts::{Error, begin_look};

/// How long after its end a swap is told to whoever names the two again, in days.
const DONE_SHOWN_DAYS: i32 = 30;

/// Returns the swap of a person that has not ended.
pub async fn find_swap(pool: &PgPool, tenant_id: &str, person: Uuid) -> Result<Option<Swap>, Error> {
    let (mut transaction, _) = begin_look(pool, tenant_id).await?;
    let Some(row) = swaps::open_of(&mut transaction, tenant_id, person).await? else {
        return Ok(None);
    };
    let swap = shown(&mut transaction, tenant_id, row).await?;
    transaction.commit().await?;
    Ok(Some(swap))
}

/// Returns the swap of two people that has not ended, or was done in the last days, by what they are called: their `sourcedId`s,
/// their names before the swap or those meanwhile. So the same words find it at every step, and when it is done.
pub async fn find_swap_of_two(
    pool: &PgPool,
    tenant_id: &str,
    (one, other): (&str, &str),
) -> Result<Option<Swap>, Error> {
    let (mut transaction, _) = begin_look(pool, tenant_id).await?;
    let rows = swaps::recent(&mut transaction, tenant_id, DONE_SHOWN_DAYS).await?;
    let row = rows.into_iter().find(|row| {
        let sides = [
            (row.person_a, [&row.from_a, &row.temporary_a]),
            (row.person_b, [&row.from_b, &row.temporary_b]),
        ];
        let is = |word: &str, (person, names): &(Uuid, [&String; 2])| {
            let local_part = word.split('@').next().unwrap_or_default();
            Uuid::try_parse(word).is_ok_and(|id| id == *person)
                || names.iter().any(|name| edit::key(name) == edit::key(local_part))
        };
        let [a, b] = &sides;
        (is(one, a) && is(other, b)) || (is(one, b) && is(other, a))
    });
    let Some(row) = row else {
        return Ok(None);
    };
    let swap = shown(&mut transaction, tenant_id, row).await?;
    transaction.commit().await?;
    Ok(Some(swap))
}

/// Returns a swap as it stands. Whether the temporary names were read is asked only while they are waited for.
pub(super) async fn shown(
    connection: &mut PgConnection,
    tenant_id: &str,
    row: SwapRow,
) -> Result<Swap, Error> {
    let read = if SwapStep::of_word(&row.step) == SwapStep::Temporary {
        names_read(connection, tenant_id, &row).await?
    } else {
        ReadNames::Read(None)
    };
    let now = records::now(connection).await?;
    Ok(Swap::of(row, read, now))
}

async fn names_read(
    connection: &mut PgConnection,
    tenant_id: &str,
    row: &SwapRow,
) -> Result<ReadNames, Error> {
    let names = [
        (row.person_a, row.temporary_a.as_str()),
        (row.person_b, row.temporary_b.as_str()),
    ];
    read_names::of(connection, tenant_id, &names).await
}
