//! What the files have and the database lacks.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{Display, Formatter};

use chrono::DateTime;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::entry;
use super::keys;
use super::{Entry, Error, Folder, Sign, blocking};
use crate::db::scope;
use crate::roster::tickets;

/// How many entries are looked for at a time, from the newest back.
const LOOKED_FOR: usize = 1_000;

/// How many kinds a text names.
const KINDS_SHOWN: usize = 8;

/// How many tenants a text names.
const TENANTS_SHOWN: usize = 10;

/// What the database lacks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lack {
    /// The tenants that lack something, by id.
    pub tenants: Vec<TenantLack>,
}

/// What it lacks of a tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantLack {
    /// The tenant.
    pub tenant_id: String,
    /// How many changes of each kind these files have more.
    pub kinds: BTreeMap<String, usize>,
    /// Whether tickets were handed out that the database does not know.
    pub tickets: bool,
    /// Clients whose tokens were ended by what is missing: up to which second they were issued, in seconds since 1970.
    pub revoked: BTreeMap<String, i64>,
    /// Signing keys that were retired by what is missing.
    pub retired_keys: Vec<String>,
    /// Who noticed it, where these files do not show it.
    pub noticed_by: Option<String>,
}

impl Lack {
    /// Finds what the database lacks of the files of a folder, or was noticed by others to lack, if anything; writes nothing, neither there nor
    /// in the database.
    pub async fn find(pool: &PgPool, folder: &Folder) -> Result<Option<Self>, Error> {
        let heads = entry::heads(&mut *pool.acquire().await?).await?;
        let marked = heads.into_iter().filter(|head| head.lacking_by.is_some());
        let mut noticed: BTreeMap<String, Option<String>> =
            marked.map(|head| (head.tenant_id, head.lacking_by)).collect();
        let reading = folder.clone();
        for tenant_id in blocking(move || reading.tenants()).await? {
            noticed.entry(tenant_id).or_default();
        }
        let mut lack = Self::default();
        for (tenant_id, noticed_by) in noticed {
            let mut transaction = scope::begin(pool, &tenant_id).await?;
            let missing = Missing::find(&mut transaction, folder, &tenant_id).await?;
            transaction.commit().await?;
            if missing.is_nothing() && noticed_by.is_none() {
                continue;
            }
            lack.tenants.push(TenantLack {
                noticed_by: noticed_by.filter(|_| missing.is_nothing()),
                ..TenantLack::of(&tenant_id, &missing)
            });
        }
        Ok((!lack.tenants.is_empty()).then_some(lack))
    }
}

impl TenantLack {
    /// Returns how many entries are missing.
    pub fn entries(&self) -> usize {
        self.kinds.values().sum()
    }

    pub(super) fn of(tenant_id: &str, missing: &Missing) -> Self {
        let mut lack = Self {
            tenant_id: tenant_id.to_owned(),
            tickets: missing.sign.is_some(),
            ..Self::default()
        };
        for entry in &missing.entries {
            *lack.kinds.entry(entry.kind.clone()).or_default() += entry.count();
            lack.retired_keys.extend(keys::retired(entry).map(str::to_owned));
            let client_id = entry.key.as_ref().and_then(|key| key.get("client_id")?.as_str());
            if let Some((client_id, until_s)) = client_id.zip(tokens_ended_until_s(entry)) {
                let ended = lack.revoked.entry(client_id.to_owned()).or_insert(until_s);
                *ended = until_s.max(*ended);
            }
        }
        lack
    }
}

/// Returns up to which second, since 1970, the tokens of the client of an entry were ended by it, if they were.
fn tokens_ended_until_s(entry: &Entry) -> Option<i64> {
    let ended_at = || entry.after.as_ref()?.get("tokens_revoked_at")?.as_str();
    match entry.kind.as_str() {
        "client_revoked" => Some(i64::MAX),
        "tokens_revoked" => {
            let ended_at = ended_at().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
            // What cannot be read ends all of them.
            Some(ended_at.map_or(i64::MAX, |at| at.timestamp()))
        }
        _ => None,
    }
}

impl Display for TenantLack {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let Self { tenant_id, .. } = self;
        let entries = self.entries();
        write!(formatter, "tenant {tenant_id} lacks ")?;
        if entries == 0 {
            return match &self.noticed_by {
                Some(noticed_by) => write!(formatter, "entries that {noticed_by} has"),
                None => write!(formatter, "tickets that were handed out"),
            };
        }
        let word = if entries == 1 { "entry" } else { "entries" };
        let shown = self.kinds.iter().take(KINDS_SHOWN);
        let mut kinds: Vec<String> = shown.map(|(kind, count)| format!("{count} {kind}")).collect();
        if self.kinds.len() > KINDS_SHOWN {
            kinds.push("…".to_owned());
        }
        write!(formatter, "{entries} {word} ({})", kinds.join(", "))
    }
}

impl Display for Lack {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        for (place, tenant) in self.tenants.iter().take(TENANTS_SHOWN).enumerate() {
            let between = if place == 0 { "" } else { "; " };
            write!(formatter, "{between}{tenant}")?;
        }
        if self.tenants.len() > TENANTS_SHOWN {
            write!(formatter, "; and {} more", self.tenants.len() - TENANTS_SHOWN)?;
        }
        Ok(())
    }
}

/// What the files have of a tenant beyond the database.
#[derive(Debug, Clone, Default)]
pub(super) struct Missing {
    /// Entries, in order.
    pub(super) entries: Vec<Entry>,
    /// The last position at which file and database have the same entry; 0 if there is none.
    pub(super) common: i64,
    /// The sign for tickets, if it promises more than the database knows.
    pub(super) sign: Option<Sign>,
    /// Whether the sign is for a generation that is gone.
    pub(super) lost_generation: bool,
}

impl Missing {
    /// Finds it, in the scope of the tenant.
    pub(super) async fn find(
        connection: &mut PgConnection,
        folder: &Folder,
        tenant_id: &str,
    ) -> Result<Self, Error> {
        let (reading, tenant) = (folder.clone(), tenant_id.to_owned());
        let (mut entries, sign) =
            blocking(move || Ok((reading.read(&tenant)?, reading.sign(&tenant)?))).await?;
        let mut missing = Self::default();
        // Whoever has an entry has all before it: the first that are all there end the search.
        while !entries.is_empty() {
            let chunk = entries.split_off(entries.len().saturating_sub(LOOKED_FOR));
            let ids: Vec<Uuid> = chunk.iter().map(|entry| entry.entry_id).collect();
            let present = entry::present(connection, tenant_id, &ids).await?;
            let present: HashMap<Uuid, i64> = present.into_iter().collect();
            let agrees = |entry: &&Entry| present.get(&entry.entry_id) == Some(&entry.position);
            let agreeing = chunk.iter().filter(agrees).map(|entry| entry.position);
            missing.common = missing.common.max(agreeing.clone().max().unwrap_or(0));
            let is_whole = agreeing.count() == chunk.len();
            let newer = std::mem::take(&mut missing.entries);
            let absent = chunk
                .into_iter()
                .filter(|entry| !present.contains_key(&entry.entry_id));
            missing.entries = absent.chain(newer).collect();
            if is_whole {
                break;
            }
        }
        if let Some(sign) = sign {
            missing.lost_generation =
                tickets::is_lost(connection, tenant_id, sign.number, sign.generation_id).await?;
            let known = tickets::signed(connection, tenant_id).await?;
            let is_lost = missing.lost_generation || known.is_none_or(|known| known < sign.until);
            missing.sign = is_lost.then_some(sign);
        }
        Ok(missing)
    }

    /// Returns `true` if nothing is missing.
    pub(super) const fn is_nothing(&self) -> bool {
        self.entries.is_empty() && self.sign.is_none()
    }
}
