//! Reports of `oneroster import`.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};

use oneroster_school::informat::Schoolvest;
use serde::Serialize;

use super::words::{Word, counted, fault_table, printable};
use crate::accounts::import::Imported;
use crate::mirror::load::ImportRefusal;
use crate::mirror::{Bundle, ColumnFill, Fault, GuardReport, Remark};

/// What an import did, or why it was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Whether it was loaded; false = refused for its faults, or by a guard that nobody accepted.
    pub accepted: bool,
    /// Whether nothing was to be stored.
    pub dry_run: bool,
    /// Rows per file of the bundle.
    pub rows: BTreeMap<&'static str, u64>,
    /// In how many of them each column is filled in; of a dry run only.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<&'static str, Vec<ColumnFill>>,
    /// Rows of the mirror that are new.
    pub inserted: u64,
    /// Rows whose content changed.
    pub updated: u64,
    /// Rows that were deleted.
    pub deleted: u64,
    /// Usernames that were made.
    pub usernames_created: usize,
    /// What is wrong with the bundle: the first faults.
    pub faults: Vec<Fault>,
    /// How many more there are.
    pub faults_left_off: u64,
    /// What a person should know though it is no fault.
    pub remarks: Vec<Remark>,
    /// The guards of the door that spoke, accepted or not.
    pub guards: Vec<GuardReport>,
    /// Sites in use of listed schools that no entry of the tenant file names.
    pub unnamed_sites: Vec<UnnamedSite>,
}

/// A row of `schoolvest` that is in use, of a listed school, that no entry of the tenant file names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnnamedSite {
    /// The school.
    pub instelnr: String,
    /// The site.
    pub vestnrdiscimus: i32,
    /// The structure.
    pub hfdstructuur: String,
    /// The site's name.
    pub vestiging: String,
}

impl From<Schoolvest> for UnnamedSite {
    fn from(row: Schoolvest) -> Self {
        Self {
            instelnr: row.instelnr,
            vestnrdiscimus: row.vestnrdiscimus,
            hfdstructuur: row.hfdstructuur,
            vestiging: row.vestiging,
        }
    }
}

impl Display for UnnamedSite {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let Self {
            instelnr,
            vestnrdiscimus,
            hfdstructuur,
            vestiging,
        } = self;
        let name = printable(vestiging);
        write!(
            formatter,
            "site {vestnrdiscimus}, structure {hfdstructuur} of school {instelnr} ({name}) is in use, but no entry of the \
             tenant file names it: it is not published"
        )
    }
}

impl ImportReport {
    /// Reports an import that was accepted.
    pub fn accepted(imported: Imported, dry_run: bool) -> Self {
        let loaded = imported.loaded;
        Self {
            accepted: true,
            dry_run,
            rows: loaded.rows,
            columns: BTreeMap::new(),
            inserted: loaded.inserted,
            updated: loaded.updated,
            deleted: loaded.deleted,
            usernames_created: imported.usernames_created,
            faults: Vec::new(),
            faults_left_off: 0,
            remarks: loaded.remarks,
            guards: loaded.guards,
            unnamed_sites: imported
                .unlisted_sites
                .into_iter()
                .map(UnnamedSite::from)
                .collect(),
        }
    }

    /// Reports an import that was refused: nothing was loaded.
    pub fn refused(bundle: &Bundle, refusal: ImportRefusal, dry_run: bool) -> Self {
        Self {
            accepted: false,
            dry_run,
            rows: bundle.rows(),
            columns: BTreeMap::new(),
            inserted: 0,
            updated: 0,
            deleted: 0,
            usernames_created: 0,
            faults: refusal.faults.list().to_vec(),
            faults_left_off: refusal.faults.left_off(),
            remarks: refusal.remarks,
            guards: refusal.guards,
            unnamed_sites: Vec::new(),
        }
    }

    /// Reports what is no bundle at all: nothing was loaded.
    pub fn of_no_bundle(fault: Fault) -> Self {
        Self {
            accepted: false,
            faults: vec![fault],
            ..Self::accepted(Imported::default(), false)
        }
    }

    /// Returns why it was refused, in a line: how many faults, and the guards that nobody accepted.
    pub fn refusal(&self) -> String {
        let count = self.faults.len() as u64 + self.faults_left_off;
        let faults = (count > 0).then(|| counted(count, "fault", "faults"));
        let guards = self.guards.iter().filter(|report| !report.accepted);
        let reasons: Vec<String> = faults
            .into_iter()
            .chain(guards.map(|report| report.guard.to_string()))
            .collect();
        reasons.join(", ")
    }

    /// Returns the first faults by file and rule, without what is in their cells.
    pub fn faults_named(&self, most: usize) -> impl Iterator<Item = String> {
        let named = |fault: &Fault| format!("{}: {}", fault.file, Word(&fault.rule));
        self.faults.iter().take(most).map(named)
    }

    /// Adds how full the columns of the bundle are.
    #[must_use]
    pub fn with_columns(mut self, bundle: &Bundle) -> Self {
        self.columns = bundle.columns();
        self
    }

    fn fmt_rows(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        for (file, count) in &self.rows {
            let rows = if *count == 1 { "row" } else { "rows" };
            writeln!(formatter, "{file:<24} {count:>9} {rows}")?;
            for ColumnFill { column, filled } in self.columns.get(file).into_iter().flatten() {
                let share = share(*filled, *count);
                writeln!(formatter, "  {column:<22} {filled:>9} {share}")?;
            }
        }
        Ok(())
    }

    fn fmt_accepted(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        self.fmt_rows(formatter)?;
        let Self {
            inserted,
            updated,
            deleted,
            usernames_created,
            ..
        } = self;
        write!(
            formatter,
            "mirror: {inserted} added, {updated} changed, {deleted} deleted\nusernames created: {usernames_created}"
        )?;
        if self.dry_run {
            formatter.write_str("\ndry run: nothing was kept")?;
        }
        Ok(())
    }
}

/// Writes a share so that only what is full is called 100 %.
fn share(filled: u64, of: u64) -> String {
    let tenths = u128::from(filled) * 1000 / u128::from(of.max(1));
    format!("{:>3}.{} %", tenths / 10, tenths % 10)
}

impl Display for ImportReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        if self.accepted {
            return self.fmt_accepted(formatter);
        }
        if !self.columns.is_empty() {
            self.fmt_rows(formatter)?;
        }
        let count = self.faults.len() as u64 + self.faults_left_off;
        if count > 0 {
            for line in fault_table(&self.faults, self.faults_left_off) {
                writeln!(formatter, "{line}")?;
            }
        }
        write!(formatter, "refused: {}; nothing was loaded", self.refusal())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mirror::{Example, Loaded, Rule, Subject};
    use crate::report::snapshot;
    use oneroster_school::door::Guard;

    fn guard(accepted: bool) -> GuardReport {
        GuardReport {
            guard: Guard::NamesChanged,
            count: 37,
            of: 180,
            message: "37 of 180 people".to_owned(),
            accepted,
        }
    }

    fn remark() -> Remark {
        Remark {
            rule: Subject::PersonIdChanged,
            count: 3,
            message: "known people come with another rowguid",
            examples: vec![Example {
                file: "persoon.csv",
                line: Some(12),
                column: "rowguid",
                value: "0f\u{7}".to_owned(),
                command: Some("oneroster usernames transfer".to_owned()),
            }],
        }
    }

    #[test]
    fn what_the_door_says_is_told_line_by_line() {
        assert_eq!(
            remark().to_string(),
            "person-id-changed (3): known people come with another rowguid\n  \
             persoon.csv:12 rowguid 0f\\u{7}: oneroster usernames transfer\n  and 2 more"
        );
        assert_eq!(
            [guard(true), guard(false)].map(|guard| guard.to_string()),
            [
                "accepted: names-changed: 37 of 180 people",
                "refused: names-changed: 37 of 180 people"
            ]
        );
    }

    #[test]
    fn an_import_is_reported_with_its_rows_and_what_became_of_the_mirror() {
        let site = Schoolvest {
            instelnr: "001507".to_owned(),
            vestnrdiscimus: 1,
            hfdstructuur: "211".to_owned(),
            vestiging: "Dorp\u{7}".to_owned(),
            vestcode: None,
            actief: true,
            changed: None,
        };
        let imported = Imported {
            loaded: Loaded {
                rows: BTreeMap::from([("persoon.csv", 1200), ("school.csv", 1)]),
                inserted: 7,
                updated: 1,
                deleted: 0,
                changed_tables: vec!["persoon"],
                guards: vec![guard(true)],
                remarks: vec![remark()],
            },
            usernames_created: 1,
            unlisted_sites: vec![site],
        };
        let fill = |column, filled| ColumnFill { column, filled };
        let report = ImportReport {
            columns: BTreeMap::from([(
                "persoon.csv",
                vec![
                    fill("p_persoon", 1200),
                    fill("naam", 1199),
                    fill("geboortedatum", 0),
                ],
            )]),
            ..ImportReport::accepted(imported, true)
        };
        snapshot::assert("import", &report);
        assert_eq!(
            report.unnamed_sites[0].to_string(),
            "site 1, structure 211 of school 001507 (Dorp\\u{7}) is in use, but no entry of the tenant file names it: it is \
             not published"
        );
    }

    #[test]
    fn a_refused_import_is_reported_with_its_faults() {
        let fault = Fault::of_file(
            "school.csv",
            Rule::InstelnrForm,
            "must be 6 digits; leading zeros count",
        )
        .on_line(3)
        .in_column("instelnr", "1");
        let report = ImportReport {
            accepted: false,
            faults: vec![fault],
            faults_left_off: 2,
            guards: vec![guard(false)],
            ..ImportReport::accepted(Imported::default(), false)
        };
        snapshot::assert("import_refused", &report);
    }
}
