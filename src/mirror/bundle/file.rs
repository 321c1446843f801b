//! Reads one file of a table: every cell checked, every good row turned into a line for COPY.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write;
use std::ops::Range;

use oneroster_school::text::Received;

use super::delta_cells::DeltaCells;
use super::header::{cell_count_fault, has_columns, header, quote_fault};
use super::staged::Staged;
use super::texts::is_of_people;
use super::{Mode, cell};
use crate::mirror::layout::{Kind, Table, VERWIJDERD};
use crate::mirror::rule::{Fault, Faults, Rule};
use crate::tabular::csv::{QuoteFault, Rows, separator};

/// Reads and checks the file of a table.
pub(super) fn read(table: &'static Table, text: &str, mode: Mode, faults: &mut Faults) -> Staged {
    let mut staged = Staged::nothing(table);
    let mut wanted: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let required = wanted.clone();
    wanted.push(VERWIJDERD);
    let mut rows = Rows::new(text, separator(text));
    let Some(header) = header(table.file, &mut rows, &wanted, faults) else {
        return staged;
    };
    if !has_columns(table.file, &header, &required, faults) {
        return staged;
    }
    staged.complete = true;
    staged.copy.reserve(text.len() + text.len() / 4);
    let mut reader = Reader {
        staged,
        mode,
        places: header.places.iter().flatten().copied().collect(),
        values: Vec::new(),
        keys: HashMap::new(),
        uniques: HashMap::new(),
        delta_cells: DeltaCells::default(),
        faults,
    };
    let mut cells = Vec::new();
    while let Some((line, quotes)) = rows.next_row(&mut cells) {
        reader.staged.row_count += 1;
        let mut sound = true;
        if let Err(fault) = quotes {
            reader.faults.push(quote_fault(table.file, line, fault));
            reader.staged.complete &= fault != QuoteFault::NeverClosed;
            sound = false;
        } else if rows.cell_count() != header.column_count {
            reader.faults.push(cell_count_fault(
                table.file,
                line,
                rows.cell_count(),
                header.column_count,
            ));
            sound = false;
        }
        if sound {
            reader.row(line, &cells);
        } else {
            reader.spoilt_row(line, &cells);
        }
    }
    if let Some(fault) = reader.delta_cells.fault(table.file) {
        reader.faults.push(fault);
    }
    reader.staged
}

/// The state of reading one file.
struct Reader<'f> {
    staged: Staged,
    mode: Mode,
    /// Where the table's columns are among the cells, then `verwijderd` if it is there.
    places: Vec<usize>,
    /// Where the values of the present row are in the text for COPY; None = null.
    values: Vec<Option<Range<usize>>>,
    /// Keys and other unique values so far, with their line.
    keys: HashMap<String, u64>,
    uniques: HashMap<String, u64>,
    delta_cells: DeltaCells,
    faults: &'f mut Faults,
}

impl Reader<'_> {
    fn row(&mut self, line: u64, cells: &[Cow<'_, str>]) {
        let table = self.staged.table;
        let start = self.staged.copy.len();
        self.values.clear();
        let (removed, mut faulty) = self.removed(line, cells);
        for (index, column) in table.columns.iter().enumerate() {
            // A delete needs its key only.
            let raw = if removed && index >= table.key {
                ""
            } else {
                self.raw(cells, index)
            };
            let required = column.required && !(removed && index >= table.key);
            let received = self.staged.texts.receive(table.file, line, column, raw);
            if !received.text.is_empty() {
                self.staged.note_filled(index);
            }
            match self.value(&received, column.kind, required) {
                Ok(value) => self.values.push(value),
                Err((rule, message)) => {
                    faulty = true;
                    self.values.push(None);
                    self.report(line, column.name, raw.trim(), rule, message);
                }
            }
        }
        if is_of_people(table.name) && !removed {
            let name = |column| table.position(column).map_or("", |index| self.text(cells, index));
            let (given, family) = (name("voornaam"), name("naam"));
            self.staged.texts.note_person(table.file, line, given, family);
        }
        if !self.key_is_new(line, cells) {
            self.staged.copy.truncate(start);
            return;
        }
        if !removed {
            faulty |= !self.period_is_ordered(line, cells);
            faulty |= !self.values_are_unique(line, cells);
        }
        self.end_row(line, removed, faulty);
    }

    /// Keeps no more than the key of a row that cannot be identified, so that what refers to it is no fault too.
    fn spoilt_row(&mut self, line: u64, cells: &[Cow<'_, str>]) {
        let table = self.staged.table;
        let start = self.staged.copy.len();
        self.values.clear();
        for (index, column) in table.columns.iter().enumerate() {
            let text = if index < table.key {
                self.text(cells, index)
            } else {
                ""
            };
            let key = Received {
                text: Cow::Borrowed(text),
                damage: None,
            };
            let value = self.value(&key, column.kind, false).ok().flatten();
            self.values.push(value);
        }
        match self.key() {
            Some(key) if !self.keys.contains_key(key) => {
                self.keys.insert(key.to_owned(), line);
                self.end_row(line, false, true);
            }
            _ => self.staged.copy.truncate(start),
        }
    }

    /// Returns a cell of the row as it came.
    fn raw<'c>(&self, cells: &'c [Cow<'_, str>], index: usize) -> &'c str {
        self.places
            .get(index)
            .and_then(|place| cells.get(*place))
            .map_or("", AsRef::as_ref)
    }

    /// Returns a cell of the row, trimmed.
    fn text<'c>(&self, cells: &'c [Cow<'_, str>], index: usize) -> &'c str {
        self.raw(cells, index).trim()
    }

    /// Returns whether the row is to be deleted, and whether that could not be read.
    fn removed(&mut self, line: u64, cells: &[Cow<'_, str>]) -> (bool, bool) {
        let text = self.text(cells, self.staged.table.columns.len());
        if text.is_empty() {
            return (false, false);
        }
        if self.mode == Mode::Full {
            self.delta_cells.add(line, text);
            return (false, false);
        }
        match cell::boolean(text) {
            Ok(removed) => (removed, false),
            Err((rule, message)) => {
                self.report(line, VERWIJDERD, text, rule, message);
                (false, true)
            }
        }
    }

    /// Writes one value and the tab after it, and says where it is.
    fn value(
        &mut self,
        received: &Received<'_>,
        kind: Kind,
        required: bool,
    ) -> Result<Option<Range<usize>>, (Rule, String)> {
        let copy = &mut self.staged.copy;
        let start = copy.len();
        let result = if received.text.is_empty() {
            if required {
                Err((Rule::Required, "must be filled in".to_owned()))
            } else {
                Ok(None)
            }
        } else {
            cell::write(received, kind, copy).map(|()| Some(start..copy.len()))
        };
        if !matches!(result, Ok(Some(_))) {
            copy.truncate(start);
            copy.push_str("\\N");
        }
        copy.push('\t');
        result
    }

    fn end_row(&mut self, line: u64, removed: bool, faulty: bool) {
        let flag = |value| if value { 't' } else { 'f' };
        // Writing to a String cannot fail.
        let _ = writeln!(self.staged.copy, "{line}\t{}\t{}", flag(removed), flag(faulty));
    }

    /// Returns the text of a value of the present row.
    fn written(&self, index: usize) -> Option<&str> {
        let range = self.values.get(index)?.clone()?;
        self.staged.copy.get(range)
    }

    /// Returns the key of the present row, if all of it is there. The key's columns stand first, side by side.
    fn key(&self) -> Option<&str> {
        let ranges = self.values.get(..self.staged.table.key)?;
        let all_there = ranges.iter().all(Option::is_some);
        let (first, last) = (ranges.first()?.as_ref()?, ranges.last()?.as_ref()?);
        if all_there {
            self.staged.copy.get(first.start..last.end)
        } else {
            None
        }
    }

    /// Notes the key; false if there is none, or if an earlier row has it.
    fn key_is_new(&mut self, line: u64, cells: &[Cow<'_, str>]) -> bool {
        let Some(key) = self.key() else {
            return false;
        };
        let Some(first) = self.keys.get(key).copied() else {
            self.keys.insert(key.to_owned(), line);
            return true;
        };
        let names: Vec<&str> = self
            .staged
            .table
            .key_columns()
            .iter()
            .map(|column| column.name)
            .collect();
        let message = format!("line {first} has the same key");
        self.report_together(line, &names, cells, Rule::DuplicateKey, message);
        false
    }

    fn period_is_ordered(&mut self, line: u64, cells: &[Cow<'_, str>]) -> bool {
        let table = self.staged.table;
        let Some((first, last)) = table.period else {
            return true;
        };
        let value = |name| table.position(name).and_then(|index| self.written(index));
        // Dates written YYYY-MM-DD sort as text.
        let (Some(begin), Some(end)) = (value(first), value(last)) else {
            return true;
        };
        if begin <= end {
            return true;
        }
        let message = format!("{last} must not be before {first}, {begin}");
        let text = table.position(last).map_or("", |index| self.text(cells, index));
        self.report(line, last, text, Rule::DateOrder, message);
        false
    }

    fn values_are_unique(&mut self, line: u64, cells: &[Cow<'_, str>]) -> bool {
        let table = self.staged.table;
        let values: Option<Vec<&str>> = table
            .unique
            .iter()
            .map(|name| self.written(table.position(name)?))
            .collect();
        // A tab separates them: it stands in no value.
        let Some(value) = values
            .filter(|values| !values.is_empty())
            .map(|values| values.join("\t"))
        else {
            return true;
        };
        let Some(first) = self.uniques.get(&value).copied() else {
            self.uniques.insert(value, line);
            return true;
        };
        let message = format!("line {first} has the same {}", table.unique.join(" and "));
        self.report_together(line, table.unique, cells, Rule::NotUnique, message);
        false
    }

    fn report(&mut self, line: u64, column: &str, text: &str, rule: Rule, message: String) {
        let fault = Fault::of_file(self.staged.table.file, rule, message);
        self.faults.push(fault.on_line(line).in_column(column, text));
    }

    /// Reports a fault of several columns together.
    fn report_together(
        &mut self,
        line: u64,
        names: &[&str],
        cells: &[Cow<'_, str>],
        rule: Rule,
        message: String,
    ) {
        let table = self.staged.table;
        let texts: Vec<&str> = names
            .iter()
            .map(|name| table.position(name).map_or("", |index| self.text(cells, index)))
            .collect();
        self.report(line, &names.join(", "), &texts.join(", "), rule, message);
    }
}
