//! What changes, by key: the staged rows that differ from the mirror's.
//!
//! The statements are made in [`sql`] and not compile-checked, since the staging tables exist only while a load runs.

use std::collections::HashSet;

use oneroster_school::door::{Change, Class, Person};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Row};
use uuid::Uuid;

use crate::mirror::bundle::Mode;
use crate::mirror::layout::{Kind, Table};
use crate::mirror::load::sql;

/// The tenant, and what the bundle says of rows it does not hold.
pub(super) type Scope<'a> = (&'a str, Mode);

/// What the mirror holds of a table.
pub(super) struct Held {
    pub(super) rows: u64,
    /// Cells with text.
    pub(super) texts: u64,
}

/// Counts what the mirror holds of a table.
pub(super) async fn held(
    transaction: &mut PgConnection,
    tenant_id: &str,
    table: &Table,
) -> Result<Held, sqlx::Error> {
    let statement = sql::held(table, &text_columns(table));
    let (rows, texts) = sqlx::query_as::<_, (i64, i64)>(AssertSqlSafe(statement))
        .bind(tenant_id)
        .fetch_one(transaction)
        .await?;
    Ok(Held {
        rows: rows.unsigned_abs(),
        texts: texts.unsigned_abs(),
    })
}

/// Returns the columns with names and codes.
pub(super) fn text_columns(table: &Table) -> Vec<&'static str> {
    let columns = table.columns.iter();
    columns
        .filter(|column| matches!(column.kind, Kind::Text(..)))
        .map(|column| column.name)
        .collect()
}

/// Reads the people who change.
pub(super) async fn people(
    transaction: &mut PgConnection,
    scope: Scope<'_>,
    table: &Table,
) -> Result<Vec<Change<Person>>, sqlx::Error> {
    let columns = ["p_persoon", "rowguid", "voornaam", "naam", "geboortedatum"];
    read(transaction, scope, (table, &columns), |row, at| {
        let Some(id) = row.try_get(at + 1)? else {
            return Ok(None);
        };
        Ok(Some(Person {
            key: row.try_get(at)?,
            id,
            given: row.try_get(at + 2)?,
            family: row.try_get(at + 3)?,
            birth_date: row.try_get(at + 4)?,
        }))
    })
    .await
}

/// Reads the classes that change.
pub(super) async fn classes(
    transaction: &mut PgConnection,
    scope: Scope<'_>,
    table: &Table,
) -> Result<Vec<Change<Class>>, sqlx::Error> {
    let columns = ["p_klas", "scoodle_id", "schooljaar", "klascode", "klas"];
    read(transaction, scope, (table, &columns), |row, at| {
        let Some(id) = row.try_get(at + 1)? else {
            return Ok(None);
        };
        Ok(Some(Class {
            key: row.try_get(at)?,
            id,
            school_year: row.try_get(at + 2)?,
            code: row.try_get(at + 3)?,
            title: row.try_get(at + 4)?,
        }))
    })
    .await
}

/// A name or code of a school or site, before and after.
pub(super) struct TextChange {
    pub(super) instelnr: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

/// Reads the names and codes that change of schools or their sites.
pub(super) async fn texts(
    transaction: &mut PgConnection,
    scope: Scope<'_>,
    table: &Table,
) -> Result<Vec<TextChange>, sqlx::Error> {
    let mut columns = vec!["instelnr"];
    columns.extend(text_columns(table));
    let changes = read(transaction, scope, (table, &columns), |row, at| {
        let Some(instelnr) = row.try_get::<Option<String>, _>(at)? else {
            return Ok(None);
        };
        let texts = (at + 1..at + columns.len()).map(|index| row.try_get(index));
        Ok(Some((
            instelnr,
            texts.collect::<Result<Vec<Option<String>>, _>>()?,
        )))
    })
    .await?;
    let both = changes
        .into_iter()
        .filter_map(|change| Some((change.before?, change.after?)));
    let texts = both.flat_map(|((instelnr, before), (_, after))| {
        before
            .into_iter()
            .zip(after)
            .map(move |(before, after)| TextChange {
                instelnr: instelnr.clone(),
                before,
                after,
            })
    });
    Ok(texts.collect())
}

/// Reads the rows that change; `row` makes one from the columns that start at a place, or `None` if there is none.
async fn read<T>(
    transaction: &mut PgConnection,
    (tenant_id, mode): Scope<'_>,
    (table, columns): (&Table, &[&str]),
    row: impl Fn(&PgRow, usize) -> Result<Option<T>, sqlx::Error>,
) -> Result<Vec<Change<T>>, sqlx::Error> {
    let rows = sqlx::query(AssertSqlSafe(sql::changes(table, columns, mode)))
        .bind(tenant_id)
        .fetch_all(transaction)
        .await?;
    rows.iter()
        .map(|found| {
            let line: Option<i32> = found.try_get(0)?;
            Ok(Change {
                line: line.map(|line| u64::from(line.unsigned_abs())),
                before: row(found, 1)?,
                after: row(found, 1 + columns.len())?,
            })
        })
        .collect()
}

/// Returns those of some ids that rows had before which got another id.
pub(super) async fn had_before(
    transaction: &mut PgConnection,
    tenant_id: &str,
    table: &str,
    ids: impl Iterator<Item = Uuid>,
) -> Result<HashSet<Uuid>, sqlx::Error> {
    let ids: Vec<Uuid> = ids.collect();
    let had = sqlx::query_scalar!(
        "select distinct oude_id from informat.idwissel where tenant_id = $1 and tabel = $2 and oude_id = any($3)",
        tenant_id,
        table,
        &ids
    )
    .fetch_all(transaction)
    .await?;
    Ok(had.into_iter().collect())
}
