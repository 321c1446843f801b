//! What is wrong with a file, and where.

use oneroster_standard::counted;
use serde::Serialize;

/// How many faults are kept; the others are counted only.
pub const FAULT_LIMIT: usize = 1000;

/// How many characters of a faulty value are shown.
const VALUE_LIMIT: usize = 200;

/// One fault: where it is, which of the rules `R` it breaks, and what is wrong in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault<R> {
    /// The file, in lower case; of a bundle's own name when no file in it is concerned.
    pub file: String,
    /// The line as an editor counts it (the header is 1); of a row over several lines the first. None = the whole file.
    pub line: Option<u64>,
    /// The column or columns, if the fault is in one.
    pub column: Option<String>,
    /// The value as it stands in the file, cut after 200 characters. May be personal: never logged.
    pub value: Option<String>,
    /// The rule.
    pub rule: R,
    /// What is wrong and what is allowed.
    pub message: String,
}

impl<R> Fault<R> {
    /// Makes a fault of a whole file.
    pub fn of_file(file: &str, rule: R, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            column: None,
            value: None,
            rule,
            message: message.into(),
        }
    }

    /// Adds the line it is on.
    #[must_use]
    pub fn on_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// Adds the column it is in, and the value there.
    #[must_use]
    pub fn in_column(mut self, column: &str, value: &str) -> Self {
        self.column = Some(column.to_owned());
        self.value = Some(shown(value));
        self
    }
}

/// Cuts a value to what a report shows.
pub(crate) fn shown(value: &str) -> String {
    match value.char_indices().nth(VALUE_LIMIT) {
        None => value.to_owned(),
        Some((cut, _)) => format!("{}…", value.get(..cut).unwrap_or_default()),
    }
}

/// The faults of what was read: the first 1,000, and how many more there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults<R> {
    list: Vec<Fault<R>>,
    left_off: u64,
}

impl<R> Default for Faults<R> {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            left_off: 0,
        }
    }
}

impl<R> Faults<R> {
    /// Adds a fault, or only counts it once 1,000 are held.
    pub fn push(&mut self, fault: Fault<R>) {
        if self.list.len() < FAULT_LIMIT {
            self.list.push(fault);
        } else {
            self.left_off += 1;
        }
    }

    /// Adds other faults, as [`Self::push`] does.
    pub fn append(&mut self, others: Self) {
        for fault in others.list {
            self.push(fault);
        }
        self.left_off += others.left_off;
    }

    /// Returns the faults held.
    pub fn list(&self) -> &[Fault<R>] {
        &self.list
    }

    /// Returns how many faults there are besides those held.
    pub const fn left_off(&self) -> u64 {
        self.left_off
    }

    /// Returns `true` if there is no fault.
    pub const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Puts the faults held in the order of `files`, then of lines, those of a whole file last; what concerns no file
    /// of these comes first.
    pub fn sort_by_file(&mut self, files: &[&str]) {
        self.list.sort_by_key(|fault| {
            let file = files.iter().position(|file| *file == fault.file);
            (file, fault.line.is_none(), fault.line)
        });
    }
}

impl<R> std::fmt::Display for Faults<R> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = self.list.len() as u64 + self.left_off;
        formatter.write_str(&counted(count, "fault", "faults"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_beyond_the_limit_are_counted() {
        let mut faults = Faults::default();
        for number in 0..FAULT_LIMIT + 7 {
            faults.push(Fault::of_file("persoon.csv", (), number.to_string()));
        }
        assert_eq!((faults.list().len(), faults.left_off()), (FAULT_LIMIT, 7));
        assert_eq!(faults.to_string(), "1007 faults");
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        let fault = Fault::of_file("f", (), "").in_column("naam", &"é".repeat(300));
        assert_eq!(fault.value, Some(format!("{}…", "é".repeat(200))));
    }
}
