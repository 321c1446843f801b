//! Writes the rows of one file: what the columns' rules demand is judged here, and here alone.

use std::collections::BTreeMap;
use std::io::Write;

use super::note::{NoteRule, Notes};
use super::rule::{Refusal, Rule};
use super::table::{Column, Table};
use super::text::{self, Change};
use super::{Error, refused};

/// How much is gathered before it is written, in bytes.
const BUFFER_BYTES: usize = 64 << 10;

/// A file while it is written: RFC 4180, comma, CRLF, quotes where they are needed.
pub(super) struct Sheet<'s, W: Write> {
    table: &'static Table,
    /// What each column holds.
    columns: Vec<Option<Column>>,
    csv: csv::Writer<W>,
    notes: &'s mut Notes,
    /// The key of the row before.
    last_key: Vec<String>,
    rows: u64,
    /// How many rows belong to each org.
    rows_by_org: BTreeMap<String, u64>,
    progress: &'s (dyn Fn(u64) + Sync),
}

/// What was written of a file.
#[derive(Debug)]
pub(super) struct Filled {
    /// How many rows below the header.
    pub(super) rows: u64,
    /// How many of them belong to each org; only of files that say so.
    pub(super) rows_by_org: BTreeMap<String, u64>,
}

/// After how many rows progress is told.
const ROWS_PER_STEP: u64 = 1000;

impl<'s, W: Write> Sheet<'s, W> {
    /// Begins a file with its header. `progress` is told every thousand rows.
    pub(super) fn begin(
        table: &'static Table,
        out: W,
        notes: &'s mut Notes,
        progress: &'s (dyn Fn(u64) + Sync),
    ) -> Result<Self, Error> {
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .buffer_capacity(BUFFER_BYTES)
            .from_writer(out);
        csv.write_record(table.header.split(','))?;
        let mut columns = vec![None; table.width()];
        for (index, column) in table.kinds {
            if let Some(place) = columns.get_mut(*index) {
                *place = Some(*column);
            }
        }
        Ok(Self {
            table,
            columns,
            csv,
            notes,
            last_key: vec![String::new(); table.key.len()],
            rows: 0,
            rows_by_org: BTreeMap::new(),
            progress,
        })
    }

    /// Returns the notes of the export.
    pub(super) const fn notes(&mut self) -> &mut Notes {
        self.notes
    }

    /// Writes the row of an object, a cell for each column.
    pub(super) fn row(&mut self, sourced_id: &str, cells: &[&str]) -> Result<(), Error> {
        self.require_order(sourced_id, cells)?;
        let mut changes = [false; 2];
        for (index, cell) in cells.iter().enumerate() {
            let (text, change) = text::clean(cell);
            if let Some(column) = self.columns.get(index).copied().flatten() {
                self.judge(sourced_id, index, column, (&text, change))?;
            }
            match change {
                Some(Change::Replaced) => changes[0] = true,
                Some(Change::Trimmed) => changes[1] = true,
                None => {}
            }
            self.csv.write_field(text.as_bytes())?;
        }
        self.csv.write_record(None::<&[u8]>)?;
        let rules = [NoteRule::ControlCharacters, NoteRule::OuterBlanks];
        for (rule, _) in rules.into_iter().zip(changes).filter(|(_, changed)| *changed) {
            self.notes.add(rule, sourced_id);
        }
        self.rows += 1;
        if self.rows.is_multiple_of(ROWS_PER_STEP) {
            (self.progress)(ROWS_PER_STEP);
        }
        Ok(())
    }

    /// Counts the row that was written last for an org.
    pub(super) fn count_for(&mut self, org_id: &str) {
        match self.rows_by_org.get_mut(org_id) {
            Some(rows) => *rows += 1,
            None => {
                self.rows_by_org.insert(org_id.to_owned(), 1);
            }
        }
    }

    /// Ends the file.
    pub(super) fn end(mut self) -> Result<Filled, Error> {
        self.csv.flush()?;
        (self.progress)(self.rows % ROWS_PER_STEP);
        Ok(Filled {
            rows: self.rows,
            rows_by_org: self.rows_by_org,
        })
    }

    /// Returns the refusal of a reference in a column that leads nowhere.
    pub(super) fn unresolved(&self, sourced_id: &str, column: &str, id: &str) -> Error {
        let refusal = Refusal::new(Rule::UnresolvedReference).about(sourced_id);
        refused(
            refusal
                .at(self.table.file, column)
                .saying(format!("refers to {id}")),
        )
    }

    /// Rows come in the order of their key: one that does not come after the last one is there twice.
    fn require_order(&mut self, sourced_id: &str, cells: &[&str]) -> Result<(), Error> {
        let key = || {
            self.table
                .key
                .iter()
                .filter_map(|index| cells.get(*index).copied())
        };
        let last = self.last_key.iter().map(String::as_str);
        let is_first = self.rows == 0 || self.last_key.is_empty();
        if !is_first && last.clone().eq(key()) {
            let column = self.table.key.last().copied().unwrap_or_default();
            let refusal = Refusal::new(Rule::DuplicateId).about(sourced_id);
            return Err(refused(refusal.at(self.table.file, self.table.column(column))));
        }
        if !is_first && last.gt(key()) {
            return Err(Error::Order {
                file: self.table.file,
            });
        }
        for (place, index) in self.last_key.iter_mut().zip(self.table.key) {
            place.clear();
            place.push_str(cells.get(*index).copied().unwrap_or_default());
        }
        Ok(())
    }

    fn judge(
        &mut self,
        sourced_id: &str,
        index: usize,
        column: Column,
        (text, change): (&str, Option<Change>),
    ) -> Result<(), Error> {
        let is_section = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let rule = match column {
            Column::Id => (text.is_empty() || change.is_some()).then_some(Rule::IdForm),
            Column::SectionId => (text.is_empty() || change.is_some() || !text.bytes().all(is_section))
                .then_some(Rule::SectionIdForm),
            Column::Username => {
                let is_blank = |character: char| character.is_whitespace();
                (text.is_empty() || change.is_some() || text.contains(is_blank)).then_some(Rule::UsernameForm)
            }
            Column::Required | Column::Title => text.is_empty().then_some(Rule::RequiredValue),
        };
        if let Some(rule) = rule {
            let refusal = Refusal::new(rule).about(sourced_id);
            return Err(refused(refusal.at(self.table.file, self.table.column(index))));
        }
        if column == Column::Title && text::has_special(text) {
            self.notes.add(NoteRule::SpecialCharacters, sourced_id);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::export::table::sds_v1;

    fn sheet<'s>(file: &str, out: &'s mut Vec<u8>, notes: &'s mut Notes) -> Sheet<'s, &'s mut Vec<u8>> {
        let mut tables = sds_v1::TABLES.iter();
        let table = tables.find(|table| table.file == file).unwrap();
        Sheet::begin(table, out, notes, &|_| ()).unwrap()
    }

    fn rule(error: &Error) -> Rule {
        let Error::Refused(refusal) = error else {
            panic!("{error}");
        };
        refusal.rule
    }

    fn section<'c>(id: &'c str, title: &'c str) -> [&'c str; 15] {
        let mut cells = [""; 15];
        (cells[0], cells[1], cells[2]) = (id, "001507-1", title);
        cells
    }

    #[test]
    fn cells_are_quoted_where_they_must_be_and_never_guarded() {
        let (mut out, mut notes) = (Vec::new(), Notes::default());
        let long = "é".repeat(200);
        let mut sheet = sheet("Section.csv", &mut out, &mut notes);
        for (id, title) in [
            ("a", "3A, \"groep\" 1"),
            ("b", "=1+1"),
            ("c", "3B\r\n(oost)"),
            ("d", long.as_str()),
        ] {
            sheet.row(id, &section(id, title)).unwrap();
        }
        assert_eq!(sheet.end().unwrap().rows, 4);
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.split("\r\n").skip(1).collect();
        assert_eq!(lines[0], "a,001507-1,\"3A, \"\"groep\"\" 1\",,,,,,,,,,,,");
        assert_eq!(lines[1], "b,001507-1,=1+1,,,,,,,,,,,,");
        assert_eq!(lines[2], "c,001507-1,3B (oost),,,,,,,,,,,,");
        assert!(lines[3].contains(&long) && lines[4].is_empty() && lines.len() == 5);
        assert_eq!(notes.count(NoteRule::ControlCharacters), 1);
        assert_eq!(notes.count(NoteRule::SpecialCharacters), 1);
    }

    proptest! {
        /// Commas, quotes, `=1+1`, line breaks and whatever else Unicode has: a consumer reads what the one rule leaves.
        #[test]
        fn any_name_comes_back_from_the_file(given in any::<String>(), family in ".{0,200}") {
            let (mut out, mut notes) = (Vec::new(), Notes::default());
            let mut sheet = sheet("Student.csv", &mut out, &mut notes);
            let cells = ["a", "o", &given, &family, "jan", "", "", "", "", "", "", "Active", "", ""];
            sheet.row("a", &cells).unwrap();
            sheet.end().unwrap();
            let text = std::str::from_utf8(&out).unwrap();
            prop_assert_eq!(text.matches('\n').count(), 2, "one line a row");
            let mut reader = csv::Reader::from_reader(out.as_slice());
            let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
            prop_assert_eq!(rows.len(), 1);
            let read = [&rows[0][2], &rows[0][3]];
            prop_assert_eq!(read, [&*text::clean(&given).0, &*text::clean(&family).0]);
        }
    }

    #[test]
    fn what_breaks_a_rule_is_refused_with_its_place() {
        let long_id = "3A 1";
        for (first, second, expected) in [
            ("a", "a", Rule::DuplicateId),
            ("a", long_id, Rule::SectionIdForm),
            ("a", "b.c", Rule::SectionIdForm),
            ("", "b", Rule::SectionIdForm),
        ] {
            let (mut out, mut notes) = (Vec::new(), Notes::default());
            let mut sheet = sheet("Section.csv", &mut out, &mut notes);
            let mut ids = [first, second];
            ids.sort_unstable();
            let error = ids.iter().find_map(|id| sheet.row(id, &section(id, "t")).err());
            let error = error.unwrap();
            assert_eq!(rule(&error), expected, "{first:?} {second:?}");
            let Error::Refused(refusal) = error else {
                unreachable!()
            };
            assert_eq!(refusal.column.as_deref(), Some("SIS ID"));
        }
    }

    #[test]
    fn usernames_and_ids_are_never_altered() {
        for (column, value, expected) in [
            (4, "jan peeters", Rule::UsernameForm),
            (4, "jan\u{a0}", Rule::UsernameForm),
            (4, "", Rule::UsernameForm),
            (0, "a\n", Rule::IdForm),
            (1, "", Rule::IdForm),
        ] {
            let (mut out, mut notes) = (Vec::new(), Notes::default());
            let mut cells = ["a", "o", "", "", "jan", "", "", "", "", "", "", "Active", "", ""];
            cells[column] = value;
            let error = sheet("Student.csv", &mut out, &mut notes)
                .row("a", &cells)
                .unwrap_err();
            assert_eq!(rule(&error), expected, "{value:?}");
        }
    }

    #[test]
    fn rows_out_of_order_are_a_fault_of_the_source() {
        let (mut out, mut notes) = (Vec::new(), Notes::default());
        let mut sheet = sheet("StudentEnrollment.csv", &mut out, &mut notes);
        sheet.row("e", &["a", "z"]).unwrap();
        sheet.row("e", &["b", "a"]).unwrap();
        assert!(matches!(sheet.row("e", &["a", "zz"]), Err(Error::Order { .. })));
        let pair = sheet.row("f", &["b", "a"]);
        assert_eq!(
            rule(&pair.unwrap_err()),
            Rule::DuplicateId,
            "one person twice in a class"
        );
    }
}
