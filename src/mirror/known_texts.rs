//! What is to be said about the texts in a file whenever it comes, as it is stored with the file's fingerprint.

use serde::{Deserialize, Serialize};

use super::bundle::{NAME_COLUMNS, ReplacedCell, Texts};
use super::layout::Table;
use super::remark::{Example, Places};

/// Most cells with a replacement character that are stored: a file with more is read each time.
const REPLACED_LIMIT: usize = 1000;

/// [`Texts`], but for what only a first load asks.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KnownTexts {
    count: u64,
    doubtful: KnownPlaces,
    replaced: Vec<KnownPlace>,
    placeholders: KnownPlaces,
}

#[derive(Debug, Serialize, Deserialize)]
struct KnownPlaces {
    count: u64,
    examples: Vec<KnownPlace>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KnownPlace {
    line: u64,
    column: String,
    value: String,
}

impl KnownTexts {
    /// Takes what there is to say; `None` if it is too much to store.
    pub(super) fn of(texts: &Texts) -> Option<Self> {
        if texts.replaced.len() > REPLACED_LIMIT {
            return None;
        }
        let replaced = texts.replaced.iter().map(|cell| KnownPlace {
            line: cell.line,
            column: cell.column.to_owned(),
            value: cell.value.clone(),
        });
        Some(Self {
            count: texts.count,
            doubtful: KnownPlaces::of(&texts.doubtful),
            replaced: replaced.collect(),
            placeholders: KnownPlaces::of(&texts.placeholders),
        })
    }

    /// Returns it as reading the file would; `None` if it is about columns that this build does not have.
    pub(super) fn into_texts(self, table: &'static Table) -> Option<Texts> {
        let replaced = self.replaced.into_iter().map(|cell| {
            Some(ReplacedCell {
                line: cell.line,
                column: column(table, &cell.column)?,
                value: cell.value,
            })
        });
        Some(Texts {
            count: self.count,
            replaced: replaced.collect::<Option<_>>()?,
            doubtful: self.doubtful.into_places(table)?,
            placeholders: self.placeholders.into_places(table)?,
            ..Texts::default()
        })
    }
}

impl KnownPlaces {
    fn of(places: &Places) -> Self {
        let examples = places.examples().iter().map(|example| KnownPlace {
            line: example.line.unwrap_or_default(),
            column: example.column.to_owned(),
            value: example.value.clone(),
        });
        Self {
            count: places.count(),
            examples: examples.collect(),
        }
    }

    fn into_places(self, table: &'static Table) -> Option<Places> {
        let examples = self.examples.into_iter().map(|place| {
            Some(Example {
                file: table.file,
                line: Some(place.line),
                column: column(table, &place.column)?,
                value: place.value,
                command: None,
            })
        });
        Some(Places::new(self.count, examples.collect::<Option<_>>()?))
    }
}

fn column(table: &'static Table, name: &str) -> Option<&'static str> {
    let columns = table.columns.iter().map(|column| column.name);
    columns.chain([NAME_COLUMNS]).find(|known| *known == name)
}
