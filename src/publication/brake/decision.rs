//! The outcome of a publication that the brake judges: it passes, is released, or is held; and discarding a hold.

use std::sync::Arc;

use sqlx::{Connection, PgConnection, PgPool};

use super::compared;
use super::fingerprint::fingerprint;
use super::judge::{self, Limits, Touched};
use crate::db::scope;
use crate::publication::Error;
use crate::publication::explain::Evidence;
use crate::publication::lock;
use crate::publication::options::{Options, Release};
use crate::publication::outcome::{self, Publication, held_or_unchanged};
use crate::roster::{Change, Hold, InputVersions, Judged, NewHold, Reason, Summary, evaluations, holds};
use crate::tenants::{self, Decision, DecisionKind};

/// Judges changes to generation `number`, the newest, and the roster they lead to; returns the changes, with the tests they
/// fail. The first publication takes nothing away.
pub(in crate::publication) async fn judge(
    connection: &mut PgConnection,
    tenant_id: &str,
    number: i64,
    changes: Vec<Change>,
    evidence: &Arc<Evidence>,
) -> Result<(Vec<Change>, Vec<Reason>), Error> {
    let touched = Touched::by(&changes);
    if number == 0 || touched == Touched::default() {
        return Ok((changes, Vec::new()));
    }
    let percent = evidence.configuration.brake_percent;
    let school_year = &evidence.configuration.active_school_year;
    let mut read = compared::read_generation(connection, tenant_id, number, school_year).await?;
    if let Some(generation) = &read {
        let before = compared::touched_since(connection, tenant_id, generation).await?;
        read = read.filter(|_| touched.and(before).could_fail(percent));
    }
    if read.is_none() && !touched.could_fail(percent) {
        return Ok((changes, Vec::new()));
    }
    let last = compared::last(connection, tenant_id, number).await?;
    let read = match &read {
        Some(generation) => Some(compared::read(connection, tenant_id, generation).await?),
        None => None,
    };
    let evidence = Arc::clone(evidence);
    tokio::task::spawn_blocking(move || {
        let configuration = &evidence.configuration;
        let limits = Limits::new(
            configuration.brake_percent,
            &configuration.active_school_year,
            evidence.roster.reference_date,
        );
        let mut after = last.counts.after(&changes)?;
        after.class_facts.clone_from(&evidence.class_facts);
        let reasons = judge::judge(&last, read.as_ref(), &after, limits);
        Ok((changes, reasons))
    })
    .await
    .map_err(|_| Error::Interrupted)?
}

/// The outcome of the judgement.
pub(in crate::publication) enum Verdict {
    /// It fails no test.
    Passed,
    /// It fails one, and is released.
    Released(Decision),
    /// It fails one and is not released.
    Held(NewHold),
}

/// Decides by the tests that fail, by what is held already, and by what is to be released.
pub(in crate::publication) fn verdict(
    reasons: Vec<Reason>,
    changes: &[Change],
    pending: Option<&Hold>,
    release: Option<Release<'_>>,
) -> Verdict {
    if reasons.is_empty() {
        return Verdict::Passed;
    }
    let new = NewHold {
        fingerprint: fingerprint(changes),
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
    (pending.matches(release.hold) && !pending.is_discarded && pending.fingerprint == new.fingerprint).then(
        || Decision {
            by: release.by.to_owned(),
            kind: DecisionKind::Release,
            detail: pending.detail(),
        },
    )
}

/// A publication that fails a test and is not released.
pub(in crate::publication) struct FailedPublication {
    pub(in crate::publication) new: NewHold,
    /// What is held already.
    pub(in crate::publication) pending: Option<Hold>,
    pub(in crate::publication) versions: InputVersions,
    pub(in crate::publication) changes: Vec<Change>,
}

impl FailedPublication {
    /// Holds it; a dry run returns the same and stores nothing.
    pub(in crate::publication) async fn hold(
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
            .is_some_and(|hold| !hold.is_discarded || (is_same(hold) && options.is_background));
        let held_before = pending
            .as_ref()
            .filter(|hold| is_release && !is_same(hold))
            .cloned();
        let mut transaction = connection.begin().await?;
        evaluations::record(&mut transaction, tenant_id, &versions, Judged::Held).await?;
        let hold = holds::put(&mut transaction, tenant_id, new, continues).await?;
        let mut publication = held_or_unchanged(&mut transaction, tenant_id, Some(hold)).await?;
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

/// Discards the held publication of a tenant and records the decision of `by`: then it is [`Publication::held_before`].
///
/// With the beginning of a fingerprint only if that is what is held; otherwise it stays [`Publication::held`]. The last
/// generation stays. Exactly the same changes are not announced again; any other changes are judged again.
pub async fn discard(
    pool: &PgPool,
    tenant_id: &str,
    by: &str,
    hold: Option<&str>,
) -> Result<Publication, Error> {
    let mut connection = lock::lock(pool, tenant_id).await?;
    let result = discard_locked(&mut connection, tenant_id, by, hold).await;
    connection.leave().await;
    result
}

async fn discard_locked(
    connection: &mut PgConnection,
    tenant_id: &str,
    by: &str,
    named: Option<&str>,
) -> Result<Publication, Error> {
    let mut transaction = connection.begin().await?;
    scope::act_as(&mut transaction, by).await?;
    tenants::get(&mut transaction, tenant_id).await?;
    let pending = holds::find(&mut transaction, tenant_id)
        .await?
        .filter(|hold| !hold.is_discarded);
    let Some(hold) = pending.as_ref().filter(|hold| hold.matches(named)) else {
        return held_or_unchanged(&mut transaction, tenant_id, pending).await;
    };
    holds::discard(&mut transaction, tenant_id, by).await?;
    let decision = Decision {
        by: by.to_owned(),
        kind: DecisionKind::Discard,
        detail: hold.detail(),
    };
    tenants::record_decision(&mut transaction, tenant_id, &decision).await?;
    let mut publication = outcome::unchanged(&mut transaction, tenant_id).await?;
    transaction.commit().await?;
    publication.held_before = pending;
    Ok(publication)
}
