//! Which rows are classes of one school year, and none of the active one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::sheet::{Sheet, SheetRow};
use crate::sds::ids_in;

/// The classes that were ever published, by id and by name, each with the school years it was published in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClassYears {
    by_id: HashMap<String, Published>,
    by_name: HashMap<String, Published>,
}

/// A class as it was published last, and when it was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Published {
    name: String,
    years: BTreeSet<String>,
}

impl ClassYears {
    /// Adds that a class was published under a name in a school year.
    pub fn add(&mut self, sourced_id: &str, name: &str, school_year: &str) {
        let id = self.by_id.entry(sourced_id.to_lowercase()).or_default();
        let named = self.by_name.entry(comparable(name)).or_default();
        for published in [id, named] {
            name.clone_into(&mut published.name);
            published.years.insert(school_year.to_owned());
        }
    }

    /// Returns how many classes there are of a school year.
    pub fn count(&self, school_year: &str) -> usize {
        let of_year = |published: &&Published| published.years.contains(school_year);
        self.by_id.values().filter(of_year).count()
    }

    /// Judges every row below the header: it is kept if it is a class of `wanted` and not one of `active`.
    pub fn judge(&self, sheet: &Sheet, wanted: &str, active: &str) -> Judged {
        let mut judged = Judged {
            header_is_class: self.judge_row(sheet.header(), wanted, active).is_about_class(),
            ..Judged::default()
        };
        for (index, row) in sheet.rows().iter().enumerate() {
            match self.judge_row(row, wanted, active) {
                Found::Verdict(verdict) => judged.rows.push(JudgedRow {
                    index,
                    line: row.line,
                    verdict,
                }),
                Found::Contradiction(class) => judged.contradictions.push(Contradiction {
                    line: row.line,
                    class,
                }),
            }
        }
        judged
    }

    /// The ids of a row decide, if it has any that are known; else its names do.
    fn judge_row(&self, row: &SheetRow, wanted: &str, active: &str) -> Found {
        if row.cells.iter().all(String::is_empty) {
            return Found::Verdict(Verdict::Empty);
        }
        let ids = row.cells.iter().flat_map(|cell| ids_in(cell));
        let of_ids = Several::of(ids.filter_map(|id| Some((id.clone(), self.by_id.get(&id)?))));
        let names = row.cells.iter().map(|cell| comparable(cell));
        let of_names = Several::of(names.filter_map(|name| Some((String::new(), self.by_name.get(&name)?))));
        let decisive = if of_ids.classes.is_empty() {
            &of_names
        } else {
            &of_ids
        };
        let Some((id, published)) = decisive.classes.first_key_value() else {
            return Found::Verdict(Verdict::Unknown);
        };
        let class = |year: &str| OfClass {
            sourced_id: Some(id.clone()).filter(|id| !id.is_empty()),
            name: published.name.clone(),
            school_year: year.to_owned(),
        };
        let is_wanted = decisive.years.contains(wanted);
        // The id is of the year that is over, and the name only of the one that is not: somebody renamed the Team, or put it to use.
        let is_named_new = of_names.years.contains(active) && !of_names.years.contains(wanted);
        if is_wanted && (decisive.years.contains(active) || is_named_new) {
            return Found::Contradiction(class(active));
        }
        Found::Verdict(if is_wanted {
            Verdict::Kept(class(wanted))
        } else if decisive.years.contains(active) {
            Verdict::OfActiveYear(class(active))
        } else {
            let year = decisive.years.last().copied().unwrap_or_default();
            Verdict::OfOtherYear(class(year))
        })
    }
}

/// The classes that a row may be about, and every year of theirs.
struct Several<'c> {
    classes: BTreeMap<String, &'c Published>,
    years: BTreeSet<&'c str>,
}

impl<'c> Several<'c> {
    fn of(found: impl Iterator<Item = (String, &'c Published)>) -> Self {
        let mut several = Self {
            classes: BTreeMap::new(),
            years: BTreeSet::new(),
        };
        for (id, published) in found {
            several.years.extend(published.years.iter().map(String::as_str));
            several.classes.insert(id, published);
        }
        several
    }
}

enum Found {
    Verdict(Verdict),
    Contradiction(OfClass),
}

impl Found {
    const fn is_about_class(&self) -> bool {
        !matches!(self, Self::Verdict(Verdict::Unknown | Verdict::Empty))
    }
}

/// What the rows of a file come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// Every row below the header that does not contradict itself.
    pub rows: Vec<JudgedRow>,
    /// Rows that are a class of the year asked for and of the active one.
    pub contradictions: Vec<Contradiction>,
    /// Whether the first row is no header but a class.
    pub header_is_class: bool,
}

/// A row with its verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedRow {
    /// Which row below the header, from 0.
    pub index: usize,
    /// The line it begins on.
    pub line: u64,
    /// The verdict.
    pub verdict: Verdict,
}

/// Whether a row is kept, and why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A class of the year asked for.
    Kept(OfClass),
    /// A class of the active year.
    OfActiveYear(OfClass),
    /// A class of another year.
    OfOtherYear(OfClass),
    /// No class that was published, as far as is known.
    Unknown,
    /// Nothing.
    Empty,
}

/// A class that a row is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfClass {
    /// Its id; `None` where only a name was found.
    pub sourced_id: Option<String>,
    /// What it is called.
    pub name: String,
    /// A school year it was published in.
    pub school_year: String,
}

/// A row that is a class of the year asked for, and of the active one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The line it begins on.
    pub line: u64,
    /// The class.
    pub class: OfClass,
}

/// Returns a name as names are compared: without regard to capitals and to blanks more than one.
fn comparable(name: &str) -> String {
    let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}
