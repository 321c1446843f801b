//! Checks that need the database: the mirror is already as it would be after the load, and keeps it or not.

use futures_util::TryStreamExt;
use oneroster_standard::counted;
use sqlx::{AssertSqlSafe, PgConnection};

use super::{references, sql};
use crate::mirror::bundle::{Bundle, Mode, Staged};
use crate::mirror::layout::{Reference, TABLES, Table};
use crate::mirror::rule::{Fault, Faults, Rule};

/// Checks the mirror as it would be: references, and in a delta unique values. Returns `true` if all references are proved.
///
/// `changed_tables` have other rows than before, `deleted_from` have fewer.
pub(super) async fn mirror(
    transaction: &mut PgConnection,
    tenant_id: &str,
    bundle: &Bundle,
    (changed_tables, deleted_from): (&[&str], &[&Table]),
    faults: &mut Faults,
) -> Result<bool, sqlx::Error> {
    // Mostly nothing is wrong, and one proof of the whole costs less than to look for the lines of what is. It says nothing of a
    // reference of which a part is left open, or while some rows are not merged.
    let is_proved = faults.is_empty() && references::hold(transaction, tenant_id, changed_tables).await?;
    unkept_references(transaction, tenant_id, bundle, (deleted_from, is_proved), faults).await?;
    if bundle.mode == Mode::Delta {
        uniques(transaction, tenant_id, bundle, faults).await?;
    }
    Ok(is_proved)
}

/// Checks every reference from or to a table of the bundle; once they are proved, those of which a part may be left open.
///
/// What refers to a file that could not be read is not checked: nobody knows what is in it. A file that was not read since the
/// mirror holds it counts as one that the bundle does not have: its rows are there and refer to what was there.
async fn unkept_references(
    transaction: &mut PgConnection,
    tenant_id: &str,
    bundle: &Bundle,
    (deleted_from, is_proved): (&[&Table], bool),
    faults: &mut Faults,
) -> Result<(), sqlx::Error> {
    for child in &TABLES {
        for reference in child.references {
            if is_proved && reference.columns.iter().all(|column| child.requires(column)) {
                continue;
            }
            let staged_child = staged(bundle, child.name);
            let staged_parent = staged(bundle, reference.parent);
            if staged_parent.is_some_and(|parent| !parent.complete) {
                continue;
            }
            if staged_child.is_some() {
                let parent = staged_parent.map(|parent| parent.table);
                unknown_references(transaction, tenant_id, (child, reference, parent), faults).await?;
            }
            let child_was_replaced =
                bundle.mode == Mode::Full && staged_child.is_some_and(|child| child.complete);
            if !child_was_replaced && deleted_from.iter().any(|table| table.name == reference.parent) {
                let edge = (child, reference, staged_child.is_some());
                still_references(transaction, tenant_id, edge, bundle.mode, faults).await?;
            }
        }
    }
    Ok(())
}

fn staged<'b>(bundle: &'b Bundle, name: &str) -> Option<&'b Staged> {
    let mut staged = bundle.tables.iter().filter(|staged| !staged.is_held);
    staged.find(|staged| staged.table.name == name)
}

async fn unknown_references(
    transaction: &mut PgConnection,
    tenant_id: &str,
    (child, reference, parent): (&Table, &Reference, Option<&Table>),
    faults: &mut Faults,
) -> Result<(), sqlx::Error> {
    let statement = sql::unknown_references(child, reference, parent);
    let mut rows = sqlx::query_as::<_, (i32, String)>(AssertSqlSafe(statement))
        .bind(tenant_id)
        .fetch(transaction);
    while let Some((line, value)) = rows.try_next().await? {
        let message = format!("there is no such row in {}", reference.parent);
        let fault = Fault::of_file(child.file, Rule::UnknownReference, message);
        faults.push(
            fault
                .on_line(line_number(line))
                .in_column(&reference.columns.join(", "), &value),
        );
    }
    Ok(())
}

async fn still_references(
    transaction: &mut PgConnection,
    tenant_id: &str,
    (child, reference, child_is_staged): (&Table, &Reference, bool),
    mode: Mode,
    faults: &mut Faults,
) -> Result<(), sqlx::Error> {
    let statement = sql::still_references(child, reference, child_is_staged, mode == Mode::Delta);
    let mut rows = sqlx::query_as::<_, (Option<i32>, String, i64, String)>(AssertSqlSafe(statement))
        .bind(tenant_id)
        .fetch(transaction);
    let keys: Vec<&str> = child.key_columns().iter().map(|column| column.name).collect();
    while let Some((line, value, count, first)) = rows.try_next().await? {
        let refer = if count == 1 { "refers" } else { "refer" };
        let message = format!(
            "cannot delete {} {value}: {} of {} still {refer} to it (first: {} {first})",
            reference.parent,
            counted(count, "row", "rows"),
            child.name,
            keys.join(", ")
        );
        let fault = Fault::of_file(
            &format!("{}.csv", reference.parent),
            Rule::StillReferenced,
            message,
        )
        .in_column(&reference.columns.join(", "), &value);
        faults.push(match line {
            Some(line) => fault.on_line(line_number(line)),
            None => fault,
        });
    }
    Ok(())
}

/// Checks that no row of a delta takes a unique value that a row outside it has.
async fn uniques(
    transaction: &mut PgConnection,
    tenant_id: &str,
    bundle: &Bundle,
    faults: &mut Faults,
) -> Result<(), sqlx::Error> {
    for staged in bundle
        .tables
        .iter()
        .filter(|staged| !staged.table.unique.is_empty())
    {
        let table = staged.table;
        let mut rows = sqlx::query_as::<_, (i32, String, String)>(AssertSqlSafe(sql::taken_values(table)))
            .bind(tenant_id)
            .fetch(&mut *transaction);
        let keys: Vec<&str> = table.key_columns().iter().map(|column| column.name).collect();
        while let Some((line, value, other)) = rows.try_next().await? {
            let columns = table.unique.join(", ");
            let message = format!(
                "the row {} = {other}, which is not in this bundle, has the same",
                keys.join(", ")
            );
            let fault = Fault::of_file(table.file, Rule::NotUnique, message);
            faults.push(fault.on_line(line_number(line)).in_column(&columns, &value));
        }
    }
    Ok(())
}

fn line_number(line: i32) -> u64 {
    u64::try_from(line).unwrap_or_default()
}
