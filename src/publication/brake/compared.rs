//! The states that a publication is compared with: the last generation, and the newest one that a complete pull has read.

use sqlx::PgConnection;

use super::judge::{PublishedState, Touched};
use crate::mirror::memory;
use crate::publication::{Error, roster_counts};
use crate::roster::{Compared, ComparedGeneration, Since, evaluations, generations, retention};
use crate::synclog;

/// How long ago the complete pull may be, in days. Who reads less often is not asked about instalments.
const READ_DAYS_MAX: i32 = 30;

/// The newest generation that counts as read, where that is not the last one.
#[derive(Debug, Clone, Copy)]
pub(in crate::publication) struct ReadGeneration {
    generation: ComparedGeneration,
    compared: Compared,
}

/// Returns the newest generation before the last one, `number`, that a complete pull has read or somebody has released.
///
/// `None` if that is the last one itself, if nobody has read completely for a while, and across the activation of a school
/// year.
pub(in crate::publication) async fn read_generation(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
    school_year: &str,
) -> Result<Option<ReadGeneration>, Error> {
    let read = synclog::last_complete_pull(connection, tenant_id, number, READ_DAYS_MAX).await?;
    let released = generations::last_released(connection, tenant_id, READ_DAYS_MAX).await?;
    let Some(newest) = read.max(released) else {
        return Ok(None);
    };
    if newest >= number || newest < retention::whole_from(connection, tenant_id).await? {
        return Ok(None);
    }
    let found = generations::within_school_year(connection, tenant_id, newest, school_year).await?;
    Ok(found.map(|generation| ReadGeneration {
        generation,
        compared: if read == Some(newest) {
            Compared::LastRead
        } else {
            Compared::LastReleased
        },
    }))
}

/// Counts what the generations since then have touched.
pub(in crate::publication) async fn touched_since(
    connection: &mut PgConnection,
    tenant_id: &str,
    read: &ReadGeneration,
) -> Result<Touched, Error> {
    let mut touched = Touched::default();
    for summary in generations::summaries_after(connection, tenant_id, read.generation.number).await? {
        for (kind, count) in summary.changed.into_iter().chain(summary.removed) {
            touched.add(kind, count);
        }
    }
    Ok(touched)
}

/// Counts the last generation, `number`.
pub(in crate::publication) async fn last(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
) -> Result<PublishedState, Error> {
    let generation = generations::get(connection, tenant_id, number).await?;
    // Not that of the generation: an import that changed nothing of what is published has passed as well.
    let passed = evaluations::passed_mirror_version(connection, tenant_id).await?;
    Ok(PublishedState {
        counts: roster_counts::of_newest(connection, tenant_id).await?,
        since: since(&generation, Compared::LastPublished),
        accepted: memory::accepted_since(connection, tenant_id, passed.max(generation.mirror_version))
            .await?,
    })
}

/// Counts the generation that was read.
pub(in crate::publication) async fn read(
    connection: &mut PgConnection,
    tenant_id: &str,
    read: &ReadGeneration,
) -> Result<PublishedState, Error> {
    let ReadGeneration { generation, compared } = read;
    Ok(PublishedState {
        counts: roster_counts::of_generation(connection, tenant_id, generation.number).await?,
        since: since(generation, *compared),
        accepted: memory::accepted_since(connection, tenant_id, generation.mirror_version).await?,
    })
}

const fn since(generation: &ComparedGeneration, compared: Compared) -> Since {
    Since {
        generation: generation.generation_id,
        published_at: generation.published_at,
        compared,
    }
}
