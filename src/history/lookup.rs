//! Where objects were last published, which classes there are, and which generations two days mean.

use chrono::NaiveDate;
use futures_util::TryStreamExt;
use oneroster_standard::Kind;
use sqlx::PgPool;
use uuid::Uuid;

use super::names::Names;
use super::{Error, Range, store};
use crate::roster::{ObjectKeys, counted, generations, versions};

/// Returns the names of objects as last published, and where they were; those that never were are left out.
pub async fn last_published(
    pool: &PgPool,
    tenant_id: &str,
    kind: Kind,
    sourced_ids: &[String],
) -> Result<Names, Error> {
    let mut snapshot = store::begin(pool, tenant_id).await?;
    let keys: ObjectKeys = sourced_ids.iter().map(|id| (kind, id.as_str())).collect();
    let mut names = Names::default();
    for version in versions::last_of(&mut snapshot, tenant_id, &keys).await? {
        names.add(&version);
    }
    snapshot.commit().await?;
    Ok(names)
}

/// A class that is published now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedClass {
    /// Its id.
    pub sourced_id: String,
    /// What it is called.
    pub title: String,
    /// Its org.
    pub org: String,
}

/// Returns the classes that are published now, by title.
pub async fn published_classes(pool: &PgPool, tenant_id: &str) -> Result<Vec<PublishedClass>, Error> {
    let mut snapshot = store::begin(pool, tenant_id).await?;
    let mut classes = Vec::new();
    {
        let objects = counted::newest(&mut snapshot, tenant_id, &[Kind::Classes]);
        let mut objects = std::pin::pin!(objects);
        while let Some(object) = objects.try_next().await? {
            let Ok(class) = serde_json::from_str::<oneroster_standard::Class>(&object.content) else {
                continue;
            };
            classes.push(PublishedClass {
                sourced_id: object.sourced_id,
                title: class.title,
                org: class.school.sourced_id,
            });
        }
    }
    snapshot.commit().await?;
    classes.sort_by(|one, other| (&one.title, &one.sourced_id).cmp(&(&other.title, &other.sourced_id)));
    Ok(classes)
}

/// Somebody who is published as removed, with what was published of them last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedPerson {
    /// Their id.
    pub id: Uuid,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Username.
    pub username: String,
    /// Ids of the orgs where they were.
    pub orgs: Vec<String>,
}

/// Returns who is published as removed, by name: who left within the time that tombstones are kept.
pub async fn removed_people(pool: &PgPool, tenant_id: &str) -> Result<Vec<RemovedPerson>, Error> {
    let mut snapshot = store::begin(pool, tenant_id).await?;
    let removed = versions::removed(&mut snapshot, tenant_id, Kind::Users).await?;
    snapshot.commit().await?;
    let person = |version: &versions::Version| {
        let user: oneroster_standard::User = serde_json::from_str(&version.content).ok()?;
        Some(RemovedPerson {
            id: version.sourced_id.parse().ok()?,
            given_name: user.given_name,
            family_name: user.family_name,
            username: user.username,
            orgs: user.orgs.into_iter().map(|org| org.sourced_id).collect(),
        })
    };
    let mut people: Vec<RemovedPerson> = removed.iter().filter_map(person).collect();
    let name = |person: &RemovedPerson| (person.family_name.clone(), person.given_name.clone(), person.id);
    people.sort_by_cached_key(name);
    Ok(people)
}

/// Returns the generations that were the newest at the ends of two days, in Brussels. A day before the first one that is kept whole
/// stands for that one; `None` where nothing was published by the later day.
pub async fn range_of_days(
    pool: &PgPool,
    tenant_id: &str,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Option<Range>, Error> {
    let mut snapshot = store::begin(pool, tenant_id).await?;
    let kept = match store::kept(&mut snapshot, tenant_id).await {
        Ok(kept) => kept,
        Err(Error::NotPublished) => return Ok(None),
        Err(error) => return Err(error),
    };
    let earlier = generations::newest_on(&mut snapshot, tenant_id, from).await?;
    let later = generations::newest_on(&mut snapshot, tenant_id, to).await?;
    snapshot.commit().await?;
    let Some((later, _)) = later.filter(|(number, _)| *number >= kept.whole_from) else {
        return Ok(None);
    };
    let earlier = earlier.map_or(kept.whole_from, |(number, _)| number.max(kept.whole_from));
    Ok(Some(Range {
        from: Some(earlier.min(later)),
        to: Some(later),
    }))
}
