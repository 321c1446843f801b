//! Releasing usernames, and holding them back again: the Sync flag (R59, R74, R91).

use oneroster_school::projection::People;
use oneroster_school::username::WaitReason;
use sqlx::PgPool;
use uuid::Uuid;

use super::{Author, Error, ORGS_SHOWN, Refusal, begin_edit, commit_edit, everyone};
use crate::accounts::records;
use crate::accounts::records::edit::Answer;

/// The people whose flag is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// These people.
    People(Vec<Uuid>),
    /// Everyone who is in this org now or later, also who is in another until then.
    Org(String),
    /// On: everyone who would be published now or later. Off: everyone who has a username, so that nobody who returns
    /// is published by surprise.
    All,
}

/// The result of setting the flag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Synced {
    /// Those whose flag changed, sorted.
    pub changed: Vec<Uuid>,
    /// How many had that value already.
    pub unchanged: usize,
    /// Those a release in bulk passed over, since only somebody who names them may release them, and the gravest reason.
    pub passed_over: Vec<(Uuid, WaitReason)>,
}

/// Switches the Sync flag on or off, for all these people or for none.
///
/// A release in bulk passes over those who wait; naming somebody who waits is the answer, and is recorded.
pub async fn sync(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    on: bool,
    whom: &Whom,
) -> Result<Synced, Error> {
    let (mut transaction, configuration) = begin_edit(pool, tenant_id).await?;
    let records = records::read(&mut transaction, tenant_id).await?;
    let mut people: Vec<Uuid> = match whom {
        Whom::People(people) => people.clone(),
        Whom::All if !on => records.keys().copied().collect(),
        Whom::All => published_ever(
            &everyone(&mut transaction, tenant_id, &configuration).await?,
            None,
        ),
        Whom::Org(org) => {
            let everyone = everyone(&mut transaction, tenant_id, &configuration).await?;
            if !everyone.org_ids.contains(org) {
                return Err(unknown_org(org, &everyone).into());
            }
            published_ever(&everyone, Some(org))
        }
    };
    people.sort_unstable();
    people.dedup();
    if let Whom::People(_) = whom {
        let unknown = people.iter().find(|rowguid| !records.contains_key(rowguid));
        if let Some(unknown) = unknown {
            return Err(Refusal::UnknownPerson(*unknown).into());
        }
    } else {
        people.retain(|rowguid| records.contains_key(rowguid));
    }
    let mut passed_over = Vec::new();
    if let (true, Whom::People(_)) = (on, whom) {
        records::edit::answer(&mut transaction, tenant_id, by.as_str(), Answer::Waiting, &people).await?;
    } else if on {
        let waits = |rowguid: &Uuid| records.get(rowguid)?.waits_for.first().copied();
        passed_over = people
            .iter()
            .filter_map(|rowguid| Some((*rowguid, waits(rowguid)?)))
            .collect();
        people.retain(|rowguid| waits(rowguid).is_none());
    }
    let mut changed = records::edit::set_sync(&mut transaction, tenant_id, by.as_str(), on, &people).await?;
    changed.sort_unstable();
    let unchanged = people.len().saturating_sub(changed.len());
    if changed.is_empty() {
        // An answer about a name of somebody released already is kept too.
        transaction.commit().await?;
    } else {
        commit_edit(transaction, tenant_id).await?;
        tracing::info!(tenant = tenant_id, on, people = changed.len(), "Sync flag set");
    }
    Ok(Synced {
        changed,
        unchanged,
        passed_over,
    })
}

/// Returns who is published now or later once released, in an org if one is named: now or later, too.
fn published_ever(everyone: &People, org: Option<&str>) -> Vec<Uuid> {
    let people = everyone.people.iter().filter(|person| {
        person.published_as.is_some() && org.is_none_or(|org| person.org_ids.iter().any(|id| id == org))
    });
    people.map(|person| person.rowguid).collect()
}

fn unknown_org(org: &str, everyone: &People) -> Refusal {
    let known: Vec<&str> = everyone
        .org_ids
        .iter()
        .take(ORGS_SHOWN)
        .map(String::as_str)
        .collect();
    let more = if everyone.org_ids.len() > ORGS_SHOWN {
        ", …"
    } else {
        ""
    };
    Refusal::UnknownOrg {
        org: org.to_owned(),
        known: known.join(", ") + more,
    }
}
