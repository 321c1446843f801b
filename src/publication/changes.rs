//! Being told by Postgres that an input of a tenant changed, at the commit that changed it.

use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::mpsc;

use crate::tenants::INPUTS_CHANNEL;

/// The shortest time between two changes that are told: what comes meanwhile is told together.
const GATHERED: Duration = Duration::from_millis(100);

/// The pause before the database is listened to again after it was out of reach. Meanwhile the publisher looks by itself.
const PAUSE: Duration = Duration::from_secs(5);

/// Tells `changed` whenever an input of some tenant may have changed. Ends when nobody listens any more.
///
/// A change may be missed while the database is out of reach: whoever is told looks from time to time by itself too.
pub(super) async fn tell(pool: PgPool, changed: mpsc::Sender<()>) {
    while !changed.is_closed() {
        if let Err(error) = listen(&pool, &changed).await {
            tracing::debug!(%error, "changes are looked for, since the database cannot tell of them");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen(pool: &PgPool, changed: &mpsc::Sender<()>) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(INPUTS_CHANNEL).await?;
    // Something may have changed before.
    let _ = changed.try_send(());
    loop {
        listener.recv().await?;
        // What came together with it is told together.
        while listener.next_buffered().is_some() {}
        // At once, since one change is mostly all there is. One that waits to be looked at stands for all.
        if let Err(mpsc::error::TrySendError::Closed(())) = changed.try_send(()) {
            return Ok(());
        }
        tokio::time::sleep(GATHERED).await;
    }
}
