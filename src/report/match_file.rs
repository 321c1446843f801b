//! What `oneroster match` says of the file of accounts: its columns, its classes, and the domain that it does not show.

use oneroster_entra::{AccountFile, ClassUse};
use serde::Serialize;

use super::words::printable;

/// How many columns that are not used are named.
const UNUSED_SHOWN: usize = 40;

/// Whether the classes that accounts say are used: not where most are years away from those of the people, so that they are of long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ClassReport {
    /// Whether they are.
    pub used: bool,
    /// How many accounts with somebody's username and name say a class that can be compared.
    pub compared: usize,
    /// How many of these classes are years away.
    pub away: usize,
}

/// A column that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnReport {
    /// Its name in the header.
    pub column: String,
    /// What it holds, as `--columns` calls it.
    pub field: &'static str,
}

impl ClassReport {
    /// Reports whether classes are used.
    pub(super) const fn of(classes: ClassUse) -> Self {
        Self {
            used: classes.is_used(),
            compared: classes.compared,
            away: classes.away,
        }
    }

    /// Returns that they are not, and why, in words.
    pub(super) fn warning(self) -> Option<String> {
        let Self { used, compared, away } = self;
        (!used).then(|| {
            format!("the classes of accounts are not used: {away} of {compared} are years away from those of the people")
        })
    }
}

impl ColumnReport {
    /// Reports which columns of a file were used.
    pub(super) fn of(file: &AccountFile) -> Vec<Self> {
        let columns = file.columns.iter().map(|used| Self {
            column: used.column.clone(),
            field: used.field.name(),
        });
        columns.collect()
    }
}

/// Returns that no domain is known for a kind, `pupil` or `staff`, and what to type.
pub(super) fn without_domain_line(kind: &str) -> String {
    let (people, option) = if kind == "pupil" {
        ("pupils", "--pupil-domain")
    } else {
        ("staff", "--staff-domain")
    };
    format!(
        "no domain is known for {people}, so nobody of them can be linked: name it with {option}, or in the tenant file"
    )
}

/// Returns which columns were used and which were not, in words.
pub(super) fn columns_line(used: &[ColumnReport], unused: &[String]) -> String {
    let used: Vec<String> = used
        .iter()
        .map(|used| format!("{} = {}", printable(&used.column), used.field))
        .collect();
    let shown: Vec<String> = unused
        .iter()
        .take(UNUSED_SHOWN)
        .map(|name| printable(name))
        .collect();
    let more = match unused.len().saturating_sub(UNUSED_SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let unused = if shown.is_empty() {
        "none".to_owned()
    } else {
        shown.join(", ")
    };
    format!("columns: {}; not used: {unused}{more}", used.join(", "))
}
