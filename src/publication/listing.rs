//! What the page for usernames is made from, read in one snapshot, and a cheap look whether that changed.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use oneroster_school::informat::Mirror;
use oneroster_school::tenant::Configuration;
use oneroster_school::username::Record;
use sqlx::PgPool;
use uuid::Uuid;

use super::Error;
use crate::accounts::records;
use crate::db::scope;
use crate::mirror;
use crate::roster::served::{self, Presence};
use crate::roster::{ListingState, listing_state};
use crate::synclog::{self, CompletePull};
use crate::tenants;

/// Among so many of the newest runs of consumers a person's last reading is looked for.
const RUNS_MAX: u32 = 200;

/// Who is listed with what.
#[derive(Debug)]
pub struct Listing {
    /// The state it was read in.
    pub state: ListingState,
    /// The tenant file.
    pub configuration: Configuration,
    /// Informat's data.
    pub mirror: Mirror,
    /// Username records by person.
    pub usernames: HashMap<Uuid, Record>,
    /// Whose Sync flag somebody ever switched by hand.
    pub switched_by_hand: HashSet<Uuid>,
}

/// How much memory the texts of a record take beside it, about, in bytes.
const RECORD_TEXTS_BYTES: usize = 64;

impl Listing {
    /// Returns about how much memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        let per_record = size_of::<(Uuid, Record)>() + RECORD_TEXTS_BYTES;
        self.mirror.bytes()
            + self.usernames.len() * per_record
            + self.switched_by_hand.len() * size_of::<Uuid>()
    }
}

/// The records that changed since a state, while the same people are listed at the same places.
#[derive(Debug)]
pub struct RecordChanges {
    /// The state they were read in.
    pub state: ListingState,
    /// The records by person, each with whether somebody ever switched the flag by hand.
    pub records: HashMap<Uuid, (Record, bool)>,
}

/// What consumers were served, and what they read of it.
#[derive(Debug)]
pub struct Readings {
    /// The state it was read in.
    pub state: ListingState,
    /// When users stood in the generations, by user and generation.
    pub presence: Vec<Presence>,
    /// Who had a username by then counts as served: older generations are not kept.
    pub unknown_until: Option<DateTime<Utc>>,
    /// The newest complete pulls, the newest first.
    pub pulls: Vec<CompletePull>,
}

/// Looks in what state the inputs of the page are.
pub async fn state(pool: &PgPool, tenant_id: &str) -> Result<ListingState, Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    let state = listing_state::read(&mut transaction, tenant_id).await?;
    transaction.commit().await?;
    Ok(state)
}

/// Reads who is listed with what. An unknown tenant is refused.
pub async fn read(pool: &PgPool, tenant_id: &str) -> Result<Listing, Error> {
    let mut snapshot = scope::begin_look(pool, tenant_id).await?;
    let listing = Listing {
        state: listing_state::read(&mut snapshot, tenant_id).await?,
        configuration: tenants::get(&mut snapshot, tenant_id).await?,
        mirror: mirror::read::read(&mut snapshot, tenant_id).await?,
        usernames: records::read(&mut snapshot, tenant_id).await?,
        switched_by_hand: records::lookup::switched_by_hand(&mut snapshot, tenant_id, None).await?,
    };
    snapshot.commit().await?;
    Ok(listing)
}

/// Reads the records that changed since a state in which there were so many. `None` when more than records that there were did: then everything is read.
pub async fn changes_since(
    pool: &PgPool,
    tenant_id: &str,
    (since, known): (&ListingState, usize),
) -> Result<Option<RecordChanges>, Error> {
    let mut snapshot = scope::begin_look(pool, tenant_id).await?;
    let state = listing_state::read(&mut snapshot, tenant_id).await?;
    let count = records::count(&mut snapshot, tenant_id).await?;
    let is_same = state.places_as(since) && state.change_id >= since.change_id && count == known;
    let changes = if is_same {
        records::lookup::changed_since(&mut snapshot, tenant_id, since.change_id).await?
    } else {
        None
    };
    let Some(people) = changes else {
        snapshot.commit().await?;
        return Ok(None);
    };
    let mut found = records::read_some(&mut snapshot, tenant_id, &people).await?;
    let switched = records::lookup::switched_by_hand(&mut snapshot, tenant_id, Some(&people)).await?;
    snapshot.commit().await?;
    let records = found
        .drain()
        .map(|(id, record)| (id, (record, switched.contains(&id))));
    Ok(Some(RecordChanges {
        state,
        records: records.collect(),
    }))
}

/// Reads what consumers were served and what they read of it.
pub async fn readings(pool: &PgPool, tenant_id: &str) -> Result<Readings, Error> {
    let mut snapshot = scope::begin_look(pool, tenant_id).await?;
    let readings = Readings {
        state: listing_state::read(&mut snapshot, tenant_id).await?,
        presence: served::presence(&mut snapshot, tenant_id).await?,
        unknown_until: served::unknown_until(&mut snapshot, tenant_id).await?,
        pulls: synclog::complete_pulls(&mut snapshot, tenant_id, RUNS_MAX).await?,
    };
    snapshot.commit().await?;
    Ok(readings)
}
