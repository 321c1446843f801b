//! Giving a person another username (R71–R73, R75).

use std::fmt::{Display, Formatter};

use oneroster_school::projection::PublishedAs;
use oneroster_school::tenant::Configuration;
use oneroster_school::username::edit::{self, Username};
use oneroster_school::username::{GivenDomain, Origin, Record};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{Author, Error, Holder, Refusal, begin_edit, commit_edit, domain_rule, some};
use crate::accounts::records;
use crate::accounts::records::edit::{Answer, Rename};
use crate::accounts::records::erased::ErasedNames;
use crate::roster::served;

/// The result of an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// The name before.
    pub from: Username,
    /// The name now; the same if that is what it was.
    pub to: Username,
    /// Whether the record asked for review or the person waited, which this answered.
    pub reviewed: bool,
    /// What the admin should know.
    pub warnings: Vec<Warning>,
}

/// Something that is allowed but may need a hand in Microsoft 365.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The name was somebody else's (R140).
    WasOfAnother {
        /// The local part.
        name: String,
        /// Who had it last.
        last_holder: Holder,
    },
    /// A pupil's domain followed their site, and stays from now on: it was typed, though it is the site's own (R36, R37).
    DomainStays {
        /// The domain.
        domain: String,
    },
    /// The receiver of a transfer was released under another name.
    WasReleasedAs {
        /// The name they had.
        name: Username,
    },
}

impl Warning {
    /// Warns of a domain that is the site's own and yet is typed: without it, it would follow the site.
    pub(super) fn of_domain(
        from: &Username,
        to: &Username,
        published_as: Option<&PublishedAs>,
    ) -> Option<Self> {
        let site_domain = published_as?.naming.site_domain.as_deref()?;
        let is_chosen = |name: &Username| name.domain.as_ref().is_some_and(GivenDomain::is_of_admin);
        let domain = to.domain.as_ref()?.as_str();
        let stays = is_chosen(to) && !is_chosen(from);
        (stays && domain.eq_ignore_ascii_case(site_domain)).then(|| Self::DomainStays {
            domain: domain.to_owned(),
        })
    }
}

impl Display for Warning {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::WasOfAnother { name, last_holder } => write!(
                formatter,
                "{name} was the username of {last_holder} and may still be an alias of that account in Microsoft 365: \
                 after a sync has renamed that account, remove the alias there, or the name will not be given"
            ),
            Self::DomainStays { domain } => write!(
                formatter,
                "{domain} stays from now on, also after a move: leave the domain off to let it follow the site"
            ),
            Self::WasReleasedAs { name } => write!(
                formatter,
                "the receiver was released as {name}: if Microsoft 365 has an account of that name for the same person, \
                 remove it there before the next sync, or the two accounts will conflict"
            ),
        }
    }
}

/// On what terms somebody edits who looked at the record before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Terms {
    /// The stamp of the record that they saw: another one is refused. `None` = whatever it is.
    pub stamp: Option<u64>,
    /// Whether a name that was served is given up without being asked for.
    pub renames_served: bool,
}

/// Gives a person another username as [`set`] does, on terms that are looked at in the same transaction.
pub async fn set_seen(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    (rowguid, text): (Uuid, &str),
    terms: Terms,
) -> Result<Edited, Error> {
    edit(pool, tenant_id, by, (rowguid, text), terms).await
}

/// Gives a person another username: `local` or `local@domain`.
///
/// Refused for a name that somebody else holds, whatever the domain and the case, and for one that the rules of kind and
/// domain mode do not allow. A name that somebody else gave up is taken with a warning. The name that the person has
/// already changes nothing but this: a record that asks for review does so no longer.
pub async fn set(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    rowguid: Uuid,
    text: &str,
) -> Result<Edited, Error> {
    let terms = Terms {
        stamp: None,
        renames_served: true,
    };
    edit(pool, tenant_id, by, (rowguid, text), terms).await
}

async fn edit(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
    (rowguid, text): (Uuid, &str),
    terms: Terms,
) -> Result<Edited, Error> {
    let (mut transaction, configuration) = begin_edit(pool, tenant_id, by).await?;
    let record = records::read_one(&mut transaction, tenant_id, rowguid)
        .await?
        .ok_or(Refusal::UnknownPerson(rowguid))?;
    seen(&record, terms.stamp)?;
    let people = some(&mut transaction, tenant_id, &configuration, &[rowguid]).await?;
    let published_as = people.first().and_then(|person| person.published_as.as_ref());
    let rule = domain_rule(&configuration, published_as);
    let to = edit::read(text, rule, &configuration.own_domains(), record.domain.as_ref())
        .map_err(Refusal::Name)?;
    let from = record.name();
    let reviewed = record.needs_review || record.is_waiting();
    if from == to {
        // Nothing of the record is published otherwise for it.
        records::edit::answer(
            &mut transaction,
            tenant_id,
            by.as_str(),
            Answer::NameToo,
            &[rowguid],
        )
        .await?;
        transaction.commit().await?;
        if reviewed {
            tracing::info!(tenant = tenant_id, user = %rowguid, "username confirmed");
        }
        return Ok(Edited {
            from,
            to,
            reviewed,
            warnings: Vec::new(),
        });
    }
    if !terms.renames_served
        && from.key() != to.key()
        && (record.is_taken_over()
            || served::has_user(&mut transaction, tenant_id, rowguid, record.created_at).await?)
    {
        let name = from.to_string();
        return Err(Refusal::Served { name }.into());
    }
    let was_of_another = check_free(&mut transaction, tenant_id, &configuration, rowguid, &to).await?;
    let domain_stays = Warning::of_domain(&from, &to, published_as);
    let rename = Rename {
        rowguid,
        from: from.clone(),
        to: to.clone(),
    };
    records::edit::rename(
        &mut transaction,
        tenant_id,
        by.as_str(),
        Origin::Manual,
        &[rename],
    )
    .await?;
    commit_edit(transaction, tenant_id).await?;
    tracing::info!(tenant = tenant_id, user = %rowguid, "username edited");
    Ok(Edited {
        from,
        to,
        reviewed,
        warnings: was_of_another.into_iter().chain(domain_stays).collect(),
    })
}

/// Refuses to edit a record that is another than the one that was seen.
pub(super) fn seen(record: &Record, stamp: Option<u64>) -> Result<(), Refusal> {
    match stamp {
        Some(stamp) if stamp != record.stamp() => Err(Refusal::ChangedMeanwhile(record.rowguid)),
        Some(_) | None => Ok(()),
    }
}

/// Refuses a name that somebody else holds; warns of one that somebody else gave up.
pub(super) async fn check_free(
    connection: &mut PgConnection,
    tenant_id: &str,
    configuration: &Configuration,
    rowguid: Uuid,
    name: &Username,
) -> Result<Option<Warning>, Error> {
    let key = name.key();
    let others = |holder: &Uuid| *holder != rowguid;
    if let Some(holder) = records::lookup::holder(connection, tenant_id, &key)
        .await?
        .filter(others)
    {
        let people = some(connection, tenant_id, configuration, &[holder]).await?;
        return Err(Error::Refused(Refusal::Held {
            name: name.local_part.clone(),
            holder: Holder::of(holder, people.first()),
        }));
    }
    let last = records::lookup::last_holder(connection, tenant_id, &key).await?;
    // Once its owner is back with it, it passes on like any other name, in a swap for instance.
    if last.is_none()
        && ErasedNames::read(connection, tenant_id)
            .await?
            .is_of_another(&key, rowguid)
    {
        let name = name.local_part.clone();
        return Err(Refusal::OfErased { name }.into());
    }
    let Some(last) = last.filter(others) else {
        return Ok(None);
    };
    let people = some(connection, tenant_id, configuration, &[last]).await?;
    Ok(Some(Warning::WasOfAnother {
        name: name.local_part.clone(),
        last_holder: Holder::of(last, people.first()),
    }))
}
