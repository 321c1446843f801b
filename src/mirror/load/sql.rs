//! The statements of a load, made from the layout.
//!
//! Not compile-checked: the staging tables exist only while a load runs. All that is put into a statement is a name
//! from the layout, never a value; the one parameter is the tenant.

use sqlx::{AssertSqlSafe, PgConnection};

use crate::mirror::bundle::Mode;
use crate::mirror::layout::{Column, Reference, Table};

/// Runs a statement without parameters.
pub(super) async fn execute(connection: &mut PgConnection, statement: String) -> Result<(), sqlx::Error> {
    sqlx::query(AssertSqlSafe(statement))
        .execute(connection)
        .await
        .map(|_| ())
}

/// Runs a statement whose parameter is the tenant, and returns how many rows it touched.
pub(super) async fn execute_for(
    connection: &mut PgConnection,
    statement: String,
    tenant_id: &str,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(AssertSqlSafe(statement))
        .bind(tenant_id)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Returns the name of a staging table.
pub(super) fn staging(table: &Table) -> String {
    format!("pg_temp.bundle_{}", table.name)
}

/// Lists columns, each behind `prefix`.
fn list(columns: &[Column], prefix: &str) -> String {
    let names: Vec<String> = columns
        .iter()
        .map(|column| format!("{prefix}{}", column.name))
        .collect();
    names.join(", ")
}

/// Says that the keys of `m` and `s` are equal.
fn same_key(table: &Table) -> String {
    let equal: Vec<String> = table
        .key_columns()
        .iter()
        .map(|column| format!("m.{0} = s.{0}", column.name))
        .collect();
    equal.join(" and ")
}

pub(super) fn create_staging(table: &Table) -> String {
    // From the mirror's own columns: same types, same collations, but every column may be null.
    format!(
        "create temporary table bundle_{0} on commit drop as
         select {1}, 0 as line, false as removed, false as faulty from informat.{0} with no data",
        table.name,
        list(table.columns, "")
    )
}

pub(super) fn copy_staging(table: &Table) -> String {
    format!(
        "copy {} ({}, line, removed, faulty) from stdin",
        staging(table),
        list(table.columns, "")
    )
}

pub(super) fn index_staging(table: &Table) -> String {
    // Unique: a bundle with a key twice was refused before, and the planner learns that it is one.
    format!(
        "create unique index on {} ({})",
        staging(table),
        list(table.key_columns(), "")
    )
}

/// Deletes what the bundle no longer has (full) or marks (delta).
pub(super) fn delete(table: &Table, mode: Mode) -> String {
    let (staging, same_key) = (staging(table), same_key(table));
    let condition = match mode {
        Mode::Full => format!("not exists (select from {staging} s where {same_key})"),
        Mode::Delta => format!("exists (select from {staging} s where s.removed and {same_key})"),
    };
    format!(
        "delete from informat.{} m where m.tenant_id = $1 and {condition}",
        table.name
    )
}

/// Updates the rows that differ, and only these: an `on conflict` would lock, and so write, every row.
pub(super) fn update(table: &Table) -> String {
    let values = table.value_columns();
    let assignments: Vec<String> = values
        .iter()
        .map(|column| format!("{0} = s.{0}", column.name))
        .collect();
    format!(
        "update informat.{} m set {} from {} s
         where m.tenant_id = $1 and not s.removed and not s.faulty and {} and ({}) is distinct from ({})",
        table.name,
        assignments.join(", "),
        staging(table),
        same_key(table),
        list(values, "m."),
        list(values, "s.")
    )
}

/// Inserts all rows, into a table that holds none of the tenant.
pub(super) fn insert_all(table: &Table) -> String {
    format!(
        "insert into informat.{0} (tenant_id, {1})
         select $1, {1} from {2} s where not s.removed and not s.faulty",
        table.name,
        list(table.columns, ""),
        staging(table),
    )
}

/// Says whether a table holds any row of the tenant.
pub(super) fn is_filled(table: &Table) -> String {
    format!(
        "select exists (select from informat.{} where tenant_id = $1)",
        table.name
    )
}

/// Inserts the rows that are new.
pub(super) fn insert(table: &Table) -> String {
    format!(
        "insert into informat.{0} (tenant_id, {1})
         select $1, {2} from {3} s
         where not s.removed and not s.faulty
           and not exists (select from informat.{0} m where m.tenant_id = $1 and {4})",
        table.name,
        list(table.columns, ""),
        list(table.columns, "s."),
        staging(table),
        same_key(table)
    )
}

/// Says that the child `c` has the parent `p`. What the child leaves open agrees with every parent.
fn agrees(child: &Table, reference: &Reference) -> String {
    let conditions: Vec<String> = reference
        .columns
        .iter()
        .map(|name| {
            if child.requires(name) {
                format!("p.{name} = c.{name}")
            } else {
                format!("(c.{name} is null or p.{name} = c.{name})")
            }
        })
        .collect();
    conditions.join(" and ")
}

/// Says that the child `c` refers to something: its required columns are there, and one of the optional ones if any.
fn refers(child: &Table, reference: &Reference) -> String {
    let (required, optional): (Vec<&str>, Vec<&str>) =
        reference.columns.iter().partition(|name| child.requires(name));
    let filled: Vec<String> = required
        .iter()
        .map(|name| format!("c.{name} is not null"))
        .collect();
    let named: Vec<String> = optional
        .iter()
        .map(|name| format!("c.{name} is not null"))
        .collect();
    let mut conditions = filled.join(" and ");
    if !named.is_empty() {
        conditions = format!("{conditions} and ({})", named.join(" or "));
    }
    conditions
}

/// Shows the values of some columns of `alias` as one text.
fn shown(columns: &[&str], alias: &str) -> String {
    let names: Vec<String> = columns
        .iter()
        .map(|name| format!("coalesce({alias}.{name}::text, '')"))
        .collect();
    names.join(" || ', ' || ")
}

/// Finds rows of the bundle whose parent is neither in the mirror nor a faulty row of the bundle: line, value.
pub(super) fn unknown_references(
    child: &Table,
    reference: &Reference,
    parent_staging: Option<&Table>,
) -> String {
    let (agrees, refers) = (agrees(child, reference), refers(child, reference));
    let or_faulty = parent_staging.map_or_else(String::new, |parent| {
        format!(
            " and not exists (select from {} p where p.faulty and {agrees})",
            staging(parent)
        )
    });
    format!(
        "select c.line, {} as value from {} c
         where not c.removed and {refers}
           and not exists (select from informat.{} p where p.tenant_id = $1 and {agrees}){or_faulty}
         order by c.line",
        shown(reference.columns, "c"),
        staging(child),
        reference.parent,
    )
}

/// Finds parents that this load deleted though rows it leaves alone refer to them: line (of a delta's delete), value,
/// number of rows, key of the first of them.
pub(super) fn still_references(
    child: &Table,
    reference: &Reference,
    child_is_staged: bool,
    deletes_have_lines: bool,
) -> String {
    let (agrees, refers) = (agrees(child, reference), refers(child, reference));
    let not_in_bundle = if child_is_staged {
        format!(
            "and not exists (select from {} s where {})",
            staging(child),
            same_key(child).replace("m.", "c.")
        )
    } else {
        String::new()
    };
    let line = if deletes_have_lines {
        let parent = format!("pg_temp.bundle_{}", reference.parent);
        format!("(select min(p.line) from {parent} p where p.removed and {agrees})")
    } else {
        "null::integer".to_owned()
    };
    let keys: Vec<&str> = child.key_columns().iter().map(|column| column.name).collect();
    format!(
        "select o.line, o.value, count(*) as row_count, min(o.child) as first from (
             select {line} as line, {} as value, {} as child from informat.{} c
             where c.tenant_id = $1 and {refers}
               and not exists (select from informat.{} p where p.tenant_id = $1 and {agrees}) {not_in_bundle}
         ) o group by o.line, o.value order by o.line, o.value",
        shown(reference.columns, "c"),
        shown(&keys, "c"),
        child.name,
        reference.parent,
    )
}

/// Finds rows of a delta whose unique values another row of the mirror has: line, value, key of the other.
pub(super) fn taken_values(table: &Table) -> String {
    let keys: Vec<&str> = table.key_columns().iter().map(|column| column.name).collect();
    let same: Vec<String> = table
        .unique
        .iter()
        .map(|name| format!("m.{name} = s.{name}"))
        .collect();
    format!(
        "select s.line, {} as value, {} as other from {staging} s
         join informat.{} m on m.tenant_id = $1 and {}
         where not s.removed and not exists (select from {staging} o where {})
         order by s.line",
        shown(table.unique, "s"),
        shown(&keys, "m"),
        table.name,
        same.join(" and "),
        same_key(table).replace("s.", "o."),
        staging = staging(table),
    )
}

/// Counts the rows that the mirror holds of a table, and their cells with text.
pub(super) fn held(table: &Table, text_columns: &[&str]) -> String {
    let mut texts = vec!["0".to_owned()];
    texts.extend(text_columns.iter().map(|name| format!("count({name})")));
    format!(
        "select count(*), ({})::bigint from informat.{} where tenant_id = $1",
        texts.join(" + "),
        table.name
    )
}

/// Finds the rows in which the bundle differs from the mirror in some columns, before it is merged: line, these columns as they
/// are, all null if there is no row, and as they come, all null if it goes.
pub(super) fn changes(table: &Table, columns: &[&str], mode: Mode) -> String {
    let of = |alias: &str| -> String {
        let columns = columns.iter().map(|name| format!("{alias}.{name}"));
        columns.collect::<Vec<_>>().join(", ")
    };
    let (staging, same_key) = (staging(table), same_key(table));
    let rows = match mode {
        Mode::Full => format!(
            "(select * from informat.{} where tenant_id = $1) m full join {staging} s on {same_key}",
            table.name
        ),
        // A row that is to be deleted has its key only: what does not identify it comes as null.
        Mode::Delta => format!(
            "{staging} s left join informat.{} m on m.tenant_id = $1 and {same_key}",
            table.name
        ),
    };
    format!(
        "select s.line, {}, {} from {rows} where s.faulty is not true and ({}) is distinct from ({})",
        of("m"),
        of("s"),
        of("m"),
        of("s")
    )
}

/// Finds the lines among `$2` in which a cell is as the mirror has it.
pub(super) fn unchanged_cells(table: &Table, column: &str) -> String {
    format!(
        "select s.line from {} s join informat.{} m on m.tenant_id = $1 and {}
         where s.line = any($2) and m.{column} = s.{column}",
        staging(table),
        table.name,
        same_key(table)
    )
}
