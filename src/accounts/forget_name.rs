//! Forgetting a former username of somebody who stays: it leaves the history of their record, what was published, and the audit trail.
//!
//! What stays: that it was done, of whom, when and by whom, and a hash of the name, so that nobody else gets it ([`erased`]). `recover` does it
//! again in a database that went back: the hash tells which name it was.

use std::collections::BTreeSet;
use std::fmt::{Display, Formatter};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use oneroster_school::username::edit;
use oneroster_standard::Moment;
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{Author, Error, Refusal, SwapRefusal, begin_edit_of_everything};
use crate::accounts::records::{self, erased, lookup, swaps};
use crate::audit::{self, ForgottenName};
use crate::roster;
use crate::tenants::{self, Decision, DecisionKind, Input};

/// What was forgotten.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameForgotten {
    /// Under which ids they had the name: more than one if it was handed over.
    pub people: Vec<Uuid>,
    /// Published versions that have the present name instead.
    pub versions: u64,
    /// Whether the name is kept as a hash; it is not if somebody else has it, or had it last.
    pub has_hash: bool,
}

/// Why a name is not forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForgetRefusal {
    /// It is the name that they have.
    Current(Uuid),
    /// It never was one of theirs, or was forgotten before.
    NotTheirs(Uuid),
    /// They are still published under it.
    StillPublished(Uuid),
    /// Tokens still read it.
    StillRead {
        /// Whose.
        person: Uuid,
        /// When the last of these tokens has ended.
        until: DateTime<Utc>,
    },
}

impl ForgetRefusal {
    /// Returns the id of the rule.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::Current(_) => "name-current",
            Self::NotTheirs(_) => "name-not-theirs",
            Self::StillPublished(_) => "name-still-published",
            Self::StillRead { .. } => "name-still-read",
        }
    }
}

impl Display for ForgetRefusal {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Current(person) => write!(
                formatter,
                "that is the username that {person} has: give them another one first (`oneroster usernames set`), and publish"
            ),
            Self::NotTheirs(person) => write!(
                formatter,
                "{person} never had that username, or it was forgotten before; `oneroster usernames history` shows those they had"
            ),
            Self::StillPublished(person) => write!(
                formatter,
                "{person} is still published under that username: publish first (`oneroster publish`), so that consumers are told the \
                 present one; then forget it"
            ),
            Self::StillRead { person, until } => write!(
                formatter,
                "tokens that were handed out before {person} was published under another username still read that one, until {} at the \
                 latest: forget it after that",
                Moment::from(*until)
            ),
        }
    }
}

impl From<ForgetRefusal> for Error {
    fn from(refusal: ForgetRefusal) -> Self {
        Self::Refused(Refusal::Forget(refusal))
    }
}

/// Forgets a former username (`local` or `local@domain`) of a person, under every id that their name was handed to or from. Refused while
/// it is their name, while consumers can still read it, and in the middle of a swap.
pub async fn forget_name(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    person: Uuid,
    name: &str,
) -> Result<NameForgotten, Error> {
    let name = edit::key(name.trim().split('@').next().unwrap_or_default());
    let mut transaction = begin_edit_of_everything(pool, tenant_id, by).await?;
    let record = records::read_one(&mut transaction, tenant_id, person).await?;
    if record.is_none() {
        return Err(Refusal::UnknownPerson(person).into());
    }
    let mut ids = vec![person];
    ids.extend(lookup::same_person(&mut transaction, tenant_id, person).await?);
    for id in &ids {
        may_forget(&mut transaction, tenant_id, *id, &name).await?;
    }
    let people = lookup::who_had(&mut transaction, tenant_id, &ids, &name).await?;
    if people.is_empty() {
        return Err(ForgetRefusal::NotTheirs(person).into());
    }
    let mut forgotten = NameForgotten {
        has_hash: keep_hash(&mut transaction, tenant_id, (person, &ids), &name).await?,
        ..NameForgotten::default()
    };
    for id in &people {
        forgotten.versions += take_out(&mut transaction, tenant_id, by, *id, &name).await?;
    }
    forgotten.people = people;
    tenants::raise_input_version(&mut transaction, tenant_id, Input::Usernames).await?;
    transaction.commit().await?;
    tracing::info!(tenant = tenant_id, user = %person, "a former username forgotten");
    Ok(forgotten)
}

/// Forgets what the partners of a person's cancelled swaps were called meanwhile: the person's name with an end.
///
/// The caller holds the locks of publications, of loads and of usernames.
pub(super) async fn forget_temporary_names(
    connection: &mut PgConnection,
    tenant_id: &str,
    by: &Author,
    person: Uuid,
) -> Result<(), Error> {
    for (partner, name) in swaps::temporary_names_of_partners(connection, tenant_id, person).await? {
        may_forget(connection, tenant_id, partner, &name).await?;
        keep_hash(connection, tenant_id, (partner, &[partner]), &name).await?;
        take_out(connection, tenant_id, by, partner, &name).await?;
    }
    Ok(())
}

async fn may_forget(
    connection: &mut PgConnection,
    tenant_id: &str,
    person: Uuid,
    name: &str,
) -> Result<(), Error> {
    let record = records::read_one(connection, tenant_id, person).await?;
    if record.is_some_and(|record| record.name().key() == name) {
        return Err(ForgetRefusal::Current(person).into());
    }
    if swaps::open_of(connection, tenant_id, person).await?.is_some() {
        return Err(SwapRefusal::InSwap.into());
    }
    let published = roster::erasure::find_name(connection, tenant_id, person, name).await?;
    if published.is_active {
        return Err(ForgetRefusal::StillPublished(person).into());
    }
    match published.read_until {
        Some(until) => Err(ForgetRefusal::StillRead { person, until }.into()),
        None => Ok(()),
    }
}

/// Keeps a name as a hash, unless somebody else has it, or had it last; returns whether it did.
async fn keep_hash(
    connection: &mut PgConnection,
    tenant_id: &str,
    (owner, ids): (Uuid, &[Uuid]),
    name: &str,
) -> Result<bool, Error> {
    let last = lookup::last_holder(connection, tenant_id, name).await?;
    let is_of_another = lookup::holder(connection, tenant_id, name).await?.is_some()
        || last.is_some_and(|last| !ids.contains(&last));
    if !is_of_another {
        erased::keep(connection, tenant_id, owner, (&[name.to_owned()], None)).await?;
    }
    Ok(!is_of_another)
}

/// Takes a name out, and puts on record who had it done; returns how many versions had it.
async fn take_out(
    connection: &mut PgConnection,
    tenant_id: &str,
    by: &Author,
    person: Uuid,
    name: &str,
) -> Result<u64, Error> {
    let published = roster::erasure::find_name(connection, tenant_id, person, name).await?;
    let name_hash = erased::hash_of(connection, tenant_id, name).await?;
    let decision = Decision {
        by: by.as_str().to_owned(),
        kind: DecisionKind::NameForgotten,
        detail: json!({ "person": person, "name_hash": STANDARD.encode(name_hash) }),
    };
    tenants::record_decision(connection, tenant_id, &decision).await?;
    let instead = present_name(connection, tenant_id, person).await?;
    audit::forget_name(connection, tenant_id, (person, name), &instead).await?;
    Ok(published.versions)
}

/// Returns what stands in published versions instead of a name that is forgotten.
async fn present_name(connection: &mut PgConnection, tenant_id: &str, person: Uuid) -> Result<String, Error> {
    let record = records::read_one(connection, tenant_id, person).await?;
    Ok(record.map_or_else(|| person.to_string(), |record| record.local_part))
}

/// Forgets names again in a database that went back, once everything else of the tenant was made again. Needs the encryption key.
pub async fn forget_names_again(
    connection: &mut PgConnection,
    tenant_id: &str,
    names: &[ForgottenName],
) -> Result<(), Error> {
    for forgotten in names {
        let person = forgotten.person;
        let mut had: BTreeSet<String> = lookup::all_names_of(connection, tenant_id, person)
            .await?
            .into_iter()
            .collect();
        had.extend(roster::erasure::usernames_of(connection, tenant_id, person).await?);
        let name_hash = STANDARD.decode(&forgotten.name_hash).unwrap_or_default();
        let Some(name) = erased::find_by_hash(connection, tenant_id, had, &name_hash).await? else {
            continue;
        };
        let instead = present_name(connection, tenant_id, person).await?;
        audit::forget_name_again(connection, tenant_id, (forgotten, &name), &instead).await?;
    }
    Ok(())
}
