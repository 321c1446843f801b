//! What becomes of a publication that the brake judges: it goes through, is released, or is held.

use sqlx::{Connection, PgConnection};

use super::brake::{self, Reason};
use super::diff::{Change, Summary};
use super::hold::{self, Hold, NewHold};
use super::inputs::Versions;
use super::publish::{Options, Publication, Release, standing};
use super::{Error, write};
use crate::tenants::{Decision, Word};

/// Has the brake judge changes to what is active; gives them back, with the tests they fail.
pub(super) async fn judge(
    connection: &mut PgConnection,
    tenant_id: &str,
    changes: Vec<Change>,
    percent: u32,
) -> Result<(Vec<Change>, Vec<Reason>), Error> {
    if !brake::could_fail(&changes, percent) {
        return Ok((changes, Vec::new()));
    }
    let before = write::census(connection, tenant_id).await?;
    tokio::task::spawn_blocking(move || {
        let after = before.after(&changes)?;
        let reasons = brake::judge(&before, &after, percent);
        Ok((changes, reasons))
    })
    .await
    .map_err(|_| Error::Interrupted)?
}

/// What becomes of a publication.
pub(super) enum Verdict {
    /// It fails no test.
    Free,
    /// It fails one, and somebody decided that it goes through.
    Released(Decision),
    /// It fails one.
    Held(NewHold),
}

/// Decides by the tests that fail, what is held already, and whether that is to be released.
pub(super) fn verdict(
    reasons: Vec<Reason>,
    changes: &[Change],
    pending: Option<&Hold>,
    release: Option<Release<'_>>,
) -> Verdict {
    if reasons.is_empty() {
        return Verdict::Free;
    }
    let new = NewHold {
        fingerprint: brake::fingerprint(changes),
        reasons,
        summary: Summary::of(changes),
    };
    match released(pending, release, &new) {
        Some(decision) => Verdict::Released(decision),
        None => Verdict::Held(new),
    }
}

/// Returns the decision to record if what is held, and nothing else, is to be released.
fn released(pending: Option<&Hold>, release: Option<Release<'_>>, new: &NewHold) -> Option<Decision> {
    let (pending, release) = (pending?, release?);
    (pending.is_meant(release.hold) && !pending.is_discarded && pending.fingerprint == new.fingerprint).then(
        || Decision {
            by: release.by.to_owned(),
            word: Word::Release,
            detail: pending.detail(),
        },
    )
}

/// A publication that fails the brake and has not been released.
pub(super) struct Holding {
    pub(super) new: NewHold,
    /// What is held already.
    pub(super) pending: Option<Hold>,
    pub(super) versions: Versions,
    pub(super) changes: Vec<Change>,
}

impl Holding {
    /// Holds it; in a dry run, says that it would be held.
    pub(super) async fn hold(
        self,
        connection: &mut PgConnection,
        tenant_id: &str,
        options: Options,
        is_release: bool,
    ) -> Result<Publication, Error> {
        let Self {
            new,
            pending,
            versions,
            changes,
        } = self;
        let is_same = |hold: &Hold| hold.fingerprint == new.fingerprint;
        let continues = pending
            .as_ref()
            .is_some_and(|hold| !hold.is_discarded || (is_same(hold) && options.is_unasked));
        let held_before = pending
            .as_ref()
            .filter(|hold| is_release && !is_same(hold))
            .cloned();
        let mut transaction = connection.begin().await?;
        write::evaluation(&mut transaction, tenant_id, &versions).await?;
        let hold = hold::put(&mut transaction, tenant_id, new, continues).await?;
        let mut publication = standing(&mut transaction, tenant_id, Some(hold)).await?;
        if options.dry_run {
            transaction.rollback().await?;
            publication.changes = changes;
        } else {
            transaction.commit().await?;
        }
        publication.held_before = held_before;
        Ok(publication)
    }
}
