//! Which files the mirror holds already: kept by each load, in its transaction.
//!
//! A file is known while nothing but loads that left its table alone happened since: not another load of the table, not a delta that
//! changed it, not a hand in the database, not a load by a build that knows nothing of this. After seven days it is read all the
//! same: triggers may have been off, or rows restored without them.

use sqlx::PgConnection;

use super::bundle::{Bundle, Fingerprint, KnownFile, KnownFiles, Mode};
use super::known_texts::KnownTexts;
use super::layout::TABLES;

/// Returns the files that the mirror of a tenant holds.
pub async fn known_files(connection: &mut PgConnection, tenant_id: &str) -> Result<KnownFiles, sqlx::Error> {
    let rows = sqlx::query!(
        "select tabel, vingerafdruk, rijen, teksten from informat.bestand
         where tenant_id = $1 and handwerk = (select last_value + is_called::int from informat.handwerk)
           and gelezen_op > clock_timestamp() - interval '7 days'
           and spiegelversie = coalesce(
               (select version from tenant.input_version where tenant_id = $1 and input = 'mirror'), 0)",
        tenant_id
    )
    .fetch_all(connection)
    .await?;
    let mut known = KnownFiles::default();
    for row in rows {
        let table = TABLES.iter().find(|table| table.name == row.tabel);
        let texts = serde_json::from_value::<KnownTexts>(row.teksten).ok();
        let fingerprint = Fingerprint::from_stored(&row.vingerafdruk);
        // What this build cannot read it does not know.
        if let (Some(table), Some(texts), Some(fingerprint)) = (table, texts, fingerprint)
            && let Some(texts) = texts.into_texts(table)
        {
            let file = KnownFile {
                fingerprint,
                row_count: row.rijen.unsigned_abs(),
                texts,
            };
            known.add(table.name, file);
        }
    }
    Ok(known)
}

/// Keeps hands off the mirror until the transaction ends, and returns how often there was one; `None` if one is at work.
pub async fn keep_hands_off(transaction: &mut PgConnection) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar!("select informat.begin_load()")
        .fetch_one(transaction)
        .await
}

/// Keeps which files the mirror holds once a load has merged them. `handwork` is what [`keep_hands_off`] returned.
pub(super) async fn remember(
    transaction: &mut PgConnection,
    tenant_id: &str,
    bundle: &Bundle,
    changed_tables: &[&str],
    handwork: i64,
) -> Result<(), sqlx::Error> {
    let changed: Vec<String> = changed_tables.iter().map(|table| (*table).to_owned()).collect();
    // A load that changed something raised the version by one, for all that was so before.
    sqlx::query!(
        "with forgotten as (
             delete from informat.bestand where tenant_id = $1 and tabel = any($2)
         )
         update informat.bestand b set spiegelversie = v.version
         from tenant.input_version v
         where b.tenant_id = $1 and b.tabel <> all($2) and v.tenant_id = $1 and v.input = 'mirror'
           and cardinality($2) > 0 and b.spiegelversie = v.version - 1",
        tenant_id,
        &changed
    )
    .execute(&mut *transaction)
    .await?;
    if bundle.mode == Mode::Delta {
        return Ok(());
    }
    for staged in bundle.tables.iter().filter(|staged| !staged.is_held) {
        let (Some(fingerprint), Some(texts)) = (staged.fingerprint, KnownTexts::of(&staged.texts)) else {
            continue;
        };
        sqlx::query!(
            "insert into informat.bestand (tenant_id, tabel, vingerafdruk, rijen, teksten, spiegelversie, handwerk)
             values ($1, $2, $3, $4, $5, coalesce(
                 (select version from tenant.input_version where tenant_id = $1 and input = 'mirror'), 0), $6)
             on conflict (tenant_id, tabel) do update set vingerafdruk = excluded.vingerafdruk, rijen = excluded.rijen,
                 teksten = excluded.teksten, spiegelversie = excluded.spiegelversie, handwerk = excluded.handwerk,
                 gelezen_op = excluded.gelezen_op",
            tenant_id,
            staged.table.name,
            fingerprint.as_bytes(),
            i64::try_from(staged.row_count).unwrap_or(i64::MAX),
            serde_json::json!(texts),
            handwork
        )
        .execute(&mut *transaction)
        .await?;
    }
    Ok(())
}
