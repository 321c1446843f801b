//! The report of `oneroster tenant sheet`.

use std::fmt::{Display, Formatter};

use serde::Serialize;

use super::words::printable;

/// A sheet that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SheetReport {
    /// The tenant.
    pub tenant: String,
    /// Where it is; `-` for standard output.
    pub written: String,
}

impl Display for SheetReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "the sheet of {} is {}",
            self.tenant,
            printable(&self.written)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::snapshot;

    #[test]
    fn r144_it_says_where_the_sheet_is() {
        let report = SheetReport {
            tenant: "zandpoort".to_owned(),
            written: "sheet.html".to_owned(),
        };
        snapshot::assert("tenant_sheet", &report);
    }
}
