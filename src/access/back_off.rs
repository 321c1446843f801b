//! Who fails to sign in waits, per name and per address, longer each time. Every server sees it.
//!
//! An attempt counts before its password is looked at, so that many at once count too; one that succeeds is taken back. A name waits a
//! minute at the most: who knows a name cannot keep its owner out. An address waits up to a quarter of an hour. A manager who asks for
//! accounts by names that there are not waits likewise.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::Error;

/// So many attempts cost a name nothing.
const FREE_OF_NAME: i32 = 5;

/// So many names of accounts that are refused cost who asks for them nothing: people mistype.
const FREE_OF_GUESSER: i32 = 10;

/// A name waits so long at the most, in seconds.
const WAIT_OF_NAME_S: i64 = 60;

/// So many attempts cost an address nothing: a school is one.
const FREE_OF_ADDRESS: i32 = 30;

/// An address waits so long at the most, in seconds.
const WAIT_OF_ADDRESS_S: i64 = 15 * 60;

/// After so long without an attempt all is forgotten.
const FORGOTTEN_MINUTES: i64 = 60;

/// How many bits of an address of IPv6 are one network: who has one has all of it.
const NETWORK_OF_V6: u32 = 64;

/// Whether an attempt is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It is.
    Now,
    /// Not before so many seconds have passed.
    In(i64),
}

struct Kind {
    free: i32,
    wait_s: i64,
}

/// Counts an attempt to sign in by a name from an address, unless either has to wait.
pub async fn attempt(
    pool: &PgPool,
    name: &str,
    address: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Result<Turn, Error> {
    let mut transaction = pool.begin().await?;
    forget(&mut transaction, now).await?;
    let mut wait_s = 0;
    // In one order always, so that no two wait for each other.
    let mut keys = keys(name, address);
    keys.sort_by_key(|(key, _)| *key);
    for (key, kind) in keys {
        wait_s = wait_s.max(count(&mut transaction, key, &kind, now).await?);
    }
    if wait_s > 0 {
        // Who is turned away is not counted: their wait would never end.
        transaction.rollback().await?;
        return Ok(Turn::In(wait_s));
    }
    transaction.commit().await?;
    Ok(Turn::Now)
}

/// Takes an attempt back that succeeded: the name begins anew, the address counts one less.
pub async fn succeeded(pool: &PgPool, name: &str, address: Option<IpAddr>) -> Result<(), Error> {
    let of_name = key_of_name(name);
    sqlx::query!(
        "delete from desk.failed_sign_in where whom = $1",
        of_name.as_slice()
    )
    .execute(pool)
    .await?;
    if let Some(of_address) = address.map(key_of_address) {
        sqlx::query!(
            "update desk.failed_sign_in set failures = greatest(failures - 1, 0), blocked_until = last_at where whom = $1",
            of_address.as_slice()
        )
        .execute(pool)
        .await?;
    }
    Ok(())
}

/// Returns how somebody who asks for names of accounts may go on: guessing them costs more time with each that there is not.
pub async fn turn_to_name(pool: &PgPool, account_id: Uuid, now: DateTime<Utc>) -> Result<Turn, Error> {
    let whom = key_of_guesser(account_id);
    let blocked_until = sqlx::query_scalar!(
        "select blocked_until from desk.failed_sign_in where whom = $1",
        whom.as_slice()
    )
    .fetch_optional(pool)
    .await?;
    Ok(match blocked_until {
        Some(until) if until > now => Turn::In((until - now).num_seconds().max(1)),
        Some(_) | None => Turn::Now,
    })
}

/// Counts a name that somebody asked for, and that was refused.
pub async fn guessed_name(pool: &PgPool, account_id: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
    let kind = Kind {
        free: FREE_OF_GUESSER,
        wait_s: WAIT_OF_NAME_S,
    };
    let mut transaction = pool.begin().await?;
    forget(&mut transaction, now).await?;
    count(&mut transaction, key_of_guesser(account_id), &kind, now).await?;
    transaction.commit().await?;
    Ok(())
}

fn keys(name: &str, address: Option<IpAddr>) -> Vec<([u8; 32], Kind)> {
    let of_name = Kind {
        free: FREE_OF_NAME,
        wait_s: WAIT_OF_NAME_S,
    };
    let of_address = Kind {
        free: FREE_OF_ADDRESS,
        wait_s: WAIT_OF_ADDRESS_S,
    };
    let mut keys = vec![(key_of_name(name), of_name)];
    keys.extend(address.map(|address| (key_of_address(address), of_address)));
    keys
}

fn key_of_name(name: &str) -> [u8; 32] {
    Sha256::digest(format!("name {}", name.trim().to_lowercase())).into()
}

fn key_of_guesser(account_id: Uuid) -> [u8; 32] {
    Sha256::digest(format!("guesser {account_id}")).into()
}

/// Returns what an address is counted by: of IPv6 its network.
pub(super) fn key_of_address(address: IpAddr) -> [u8; 32] {
    let network = match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => (address.to_bits() >> NETWORK_OF_V6).to_string(),
    };
    Sha256::digest(format!("address {network}")).into()
}

async fn forget(connection: &mut PgConnection, now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!(
        "delete from desk.failed_sign_in where whom in (
             select whom from desk.failed_sign_in where last_at < $1 for update skip locked
         )",
        now - TimeDelta::minutes(FORGOTTEN_MINUTES)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts one, and returns how many seconds there are to wait instead.
async fn count(
    connection: &mut PgConnection,
    key: [u8; 32],
    kind: &Kind,
    now: DateTime<Utc>,
) -> Result<i64, Error> {
    let row = sqlx::query!(
        "insert into desk.failed_sign_in as f (whom, failures, last_at, blocked_until) values ($1, 1, $2, $2)
         on conflict (whom) do update set failures = f.failures + 1, last_at = $2
         returning failures, blocked_until",
        key.as_slice(),
        now
    )
    .fetch_one(&mut *connection)
    .await?;
    if row.blocked_until > now {
        return Ok((row.blocked_until - now).num_seconds().max(1));
    }
    sqlx::query!(
        "update desk.failed_sign_in set blocked_until = $2 where whom = $1",
        key.as_slice(),
        now + TimeDelta::seconds(wait_after(row.failures, kind))
    )
    .execute(connection)
    .await?;
    Ok(0)
}

/// Returns how long the next attempt waits after so many: nothing, then 1 s, 2 s, 4 s and so on.
fn wait_after(failures: i32, kind: &Kind) -> i64 {
    let beyond = failures.saturating_sub(kind.free);
    if beyond < 0 {
        return 0;
    }
    let doubled = u32::try_from(beyond).unwrap_or(u32::MAX).min(20);
    2_i64.pow(doubled).min(kind.wait_s)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_and_has_an_end() {
        let kind = Kind { free: 5, wait_s: 60 };
        let waits: Vec<i64> = [1, 4, 5, 6, 7, 10, 11, 12, i32::MAX]
            .map(|failures| wait_after(failures, &kind))
            .into();
        assert_eq!(waits, [0, 0, 1, 2, 4, 32, 60, 60, 60]);
    }

    #[test]
    fn a_name_counts_whatever_its_case_and_a_network_of_v6_as_one() {
        assert_eq!(key_of_name(" Jan "), key_of_name("jan"));
        let address = |text: &str| key_of_address(text.parse().unwrap());
        assert_eq!(address("2001:db8::1"), address("2001:db8::ffff"));
        assert_ne!(address("2001:db8::1"), address("2001:db8:0:1::1"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
        assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
    }
}
