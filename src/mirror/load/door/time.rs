//! Bundles of the wrong time: made before the last one, or in the future, or without the active school year.

use oneroster_school::door::Guard;
use oneroster_standard::Moment;
use sqlx::PgConnection;

use super::Spoken;
use crate::mirror::bundle::Bundle;
use crate::mirror::layout::MANIFEST;
use crate::mirror::rule::{Fault, Rule};

/// How far ahead of the database's clock an extraction may lie, in hours: one from the future would block every
/// later bundle.
const AHEAD_LIMIT_H: i64 = 24;

/// Finds out whether a bundle was extracted before the last one that said when, or in the future.
pub(super) async fn extraction(
    transaction: &mut PgConnection,
    tenant_id: &str,
    bundle: &Bundle,
) -> Result<Option<Spoken>, sqlx::Error> {
    let Some((extracted_at, line)) = bundle
        .manifest
        .as_ref()
        .and_then(|manifest| manifest.extracted_at)
    else {
        return Ok(None);
    };
    let known = sqlx::query!(
        r#"select clock_timestamp() as "now!", (
               select gemaakt_op from informat.lading
               where tenant_id = $1 and gemaakt_op is not null
               order by p_lading desc limit 1
           ) as last"#,
        tenant_id
    )
    .fetch_one(transaction)
    .await?;
    let (guard, rule, problem) = if let Some(last) = known.last.filter(|last| extracted_at < *last) {
        let problem = format!(
            "the last bundle loaded was made later, {}: this one would bring back an older state",
            Moment::from(last)
        );
        (Guard::OlderThanLastLoad, Rule::OlderThanLastLoad, problem)
    } else if extracted_at > known.now + chrono::TimeDelta::hours(AHEAD_LIMIT_H) {
        let problem =
            "lies in the future: every bundle made before it would be refused as too old".to_owned();
        (Guard::ExtractedInFuture, Rule::ExtractedInFuture, problem)
    } else {
        return Ok(None);
    };
    let message = format!("{problem}; to load it anyway: --accept {guard}, or --force");
    let fault = Fault::of_file(MANIFEST, rule, &message).on_line(line);
    let fault = fault.in_column("rijen", &Moment::from(extracted_at).rfc3339());
    Ok(Some(Spoken::with_fault(guard, message, fault)))
}

/// Finds out, once the bundle is merged, whether school years were loaded and the tenant's active one is not among them: no
/// roster can be made without its dates.
pub(in crate::mirror::load) async fn active_year(
    transaction: &mut PgConnection,
    tenant_id: &str,
    bundle: &Bundle,
) -> Result<Option<Spoken>, sqlx::Error> {
    let staged = bundle
        .tables
        .iter()
        .find(|staged| staged.table.name == "schooljaar");
    let Some(schooljaar) = staged.filter(|staged| staged.complete) else {
        return Ok(None);
    };
    let missing = sqlx::query_scalar!(
        "select configuration ->> 'active_school_year' from tenant.tenant t
         where tenant_id = $1 and not exists (
             select from informat.schooljaar s
             where s.tenant_id = t.tenant_id and s.schooljaar = t.configuration ->> 'active_school_year')",
        tenant_id
    )
    .fetch_optional(transaction)
    .await?;
    let guard = Guard::ActiveYearMissing;
    Ok(missing.flatten().map(|year| {
        let message = format!(
            "the tenant's active school year is not among those loaded, and without it nothing can be published: \
             activate the next year first (oneroster tenant activate-year) and import again; to load it anyway: \
             --accept {guard}, or --force"
        );
        let fault = Fault::of_file(schooljaar.table.file, Rule::ActiveYearMissing, &message);
        Spoken::with_fault(guard, message, fault.in_column("schooljaar", &year))
    }))
}
