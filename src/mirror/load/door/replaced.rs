//! Cells with the replacement character U+FFFD: a fault, unless somebody accepted it, now or when the mirror got the cell.

use std::collections::HashSet;

use oneroster_school::door::{Guard, Share};
use sqlx::{AssertSqlSafe, PgConnection};

use super::{Examined, Spoken, message};
use crate::mirror::bundle::{Bundle, Staged};
use crate::mirror::load::sql;
use crate::mirror::remark::{Example, Places, Subject};
use crate::mirror::rule::{Fault, Faults, Rule};

/// Looks at every such cell of the bundle.
pub(super) async fn examine(
    transaction: &mut PgConnection,
    tenant_id: &str,
    bundle: &Bundle,
    examined: &mut Examined,
) -> Result<(), sqlx::Error> {
    let mut places = Places::default();
    let mut faults = Faults::default();
    let mut new = Vec::new();
    for staged in &bundle.tables {
        let file = staged.table.file;
        let unchanged = unchanged(transaction, tenant_id, staged).await?;
        for cell in &staged.texts.replaced {
            places.add(|| Example::new(file, cell.line, cell.column, &cell.value));
            if staged.is_held || unchanged.contains(&(cell.line, cell.column)) {
                continue;
            }
            let message = "holds U+FFFD, the sign for characters that were lost: export it again as UTF-8";
            let fault = Fault::of_file(file, Rule::ReplacementCharacter, message).on_line(cell.line);
            faults.push(fault.in_column(cell.column, &cell.value));
            new.push(format!("{file}:{}", cell.line));
        }
    }
    if !new.is_empty() {
        let share = Share {
            count: new.len() as u64,
            of: bundle.tables.iter().map(|staged| staged.texts.count).sum(),
        };
        let message = message::replacement_character(share, &new);
        examined.spoken.push(Spoken {
            faults,
            ..Spoken::new(Guard::ReplacementCharacter, share, message)
        });
    }
    examined
        .remarks
        .extend(places.remark(Subject::ReplacementCharacter));
    Ok(())
}

/// Finds the cells that the mirror has just so.
async fn unchanged(
    transaction: &mut PgConnection,
    tenant_id: &str,
    staged: &Staged,
) -> Result<HashSet<(u64, &'static str)>, sqlx::Error> {
    let mut found = HashSet::new();
    if staged.is_held {
        return Ok(found);
    }
    let columns: HashSet<&'static str> = staged.texts.replaced.iter().map(|cell| cell.column).collect();
    for column in columns {
        let cells = staged.texts.replaced.iter().filter(|cell| cell.column == column);
        let lines: Vec<i32> = cells.filter_map(|cell| i32::try_from(cell.line).ok()).collect();
        let same = sqlx::query_scalar::<_, i32>(AssertSqlSafe(sql::unchanged_cells(staged.table, column)))
            .bind(tenant_id)
            .bind(lines)
            .fetch_all(&mut *transaction)
            .await?;
        found.extend(
            same.into_iter()
                .map(|line| (u64::from(line.unsigned_abs()), column)),
        );
    }
    Ok(found)
}
