//! What each file of a bundle holds: its columns, what may stand in them, and what they refer to.
//!
//! One description from which reading, staging, checking and merging follow. Its names are the database's names.

use oneroster_school::text::TextUse;

/// What a cell may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A whole number from the first to the second, both included.
    Integer(i64, i64),
    /// A UUID in any of its usual forms.
    Uuid,
    /// Text of at most so many characters, for a name of a person or for anything else.
    Text(usize, TextUse),
    /// A day, `YYYY-MM-DD`.
    Date,
    /// An instant.
    Timestamp,
    /// `1`, `0`, `true` or `false`.
    Boolean,
    /// Six digits.
    Instelnr,
    /// Three digits.
    Hfdstructuur,
    /// `2026-27`.
    Schooljaar,
}

/// A column of a file and of its table.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
}

/// A reference from one table to another, by columns of the same name in both.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) parent: &'static str,
    /// Where a column of these is optional, an empty cell agrees with every parent.
    pub(crate) columns: &'static [&'static str],
}

/// A file of the bundle, which is a table of the mirror.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) file: &'static str,
    /// The key columns first.
    pub(crate) columns: &'static [Column],
    /// How many columns the key has.
    pub(crate) key: usize,
    /// Columns that are unique together, besides the key.
    pub(crate) unique: &'static [&'static str],
    /// First and last day of the row's period.
    pub(crate) period: Option<(&'static str, &'static str)>,
    pub(crate) references: &'static [Reference],
}

impl Table {
    /// Returns the key columns.
    pub(crate) fn key_columns(&self) -> &'static [Column] {
        self.columns.get(..self.key).unwrap_or_default()
    }

    /// Returns the columns outside the key.
    pub(crate) fn value_columns(&self) -> &'static [Column] {
        self.columns.get(self.key..).unwrap_or_default()
    }

    /// Returns the place of a column.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Returns `true` if a cell of this column must be filled in.
    pub(crate) fn requires(&self, name: &str) -> bool {
        self.columns
            .iter()
            .any(|column| column.name == name && column.required)
    }
}

/// The column of a delta that marks a row for deletion; a fault where it says anything without one.
pub(crate) const VERWIJDERD: &str = "verwijderd";

/// The table of people.
pub(crate) const PERSOON: &str = "persoon";

/// The table of classes.
pub(crate) const KLASSEN: &str = "klassen";

/// The file with the counts and the time of extraction.
pub(crate) const MANIFEST: &str = "manifest.csv";

const SERIAL: Kind = Kind::Integer(1, i64::MAX);
const NUMBER: Kind = Kind::Integer(i32::MIN as i64, i32::MAX as i64);
const COUNT: Kind = Kind::Integer(0, i32::MAX as i64);
const SITE_NUMBER: Kind = Kind::Integer(0, 999_999);
const PERSON_NAME: Kind = Kind::Text(200, TextUse::PersonName);
const NAME: Kind = Kind::Text(200, TextUse::Title);
const CODE: Kind = Kind::Text(50, TextUse::Title);

const fn required(name: &'static str, kind: Kind) -> Column {
    Column {
        name,
        kind,
        required: true,
    }
}

const fn optional(name: &'static str, kind: Kind) -> Column {
    Column {
        name,
        kind,
        required: false,
    }
}

const fn reference(parent: &'static str, columns: &'static [&'static str]) -> Reference {
    Reference { parent, columns }
}

const SITE: &[&str] = &["instelnr", "vestnrdiscimus", "hfdstructuur"];

/// The nine tables; what is referred to comes before what refers to it.
pub(crate) static TABLES: [Table; 9] = [
    Table {
        name: "schooljaar",
        file: "schooljaar.csv",
        columns: &[
            required("schooljaar", Kind::Schooljaar),
            required("begindatum", Kind::Date),
            required("einddatum", Kind::Date),
        ],
        key: 1,
        unique: &[],
        period: Some(("begindatum", "einddatum")),
        references: &[],
    },
    Table {
        name: "school",
        file: "school.csv",
        columns: &[
            required("instelnr", Kind::Instelnr),
            required("school", NAME),
            optional("schoolcode", CODE),
        ],
        key: 1,
        unique: &[],
        period: None,
        references: &[],
    },
    Table {
        name: "schoolvest",
        file: "schoolvest.csv",
        columns: &[
            required("instelnr", Kind::Instelnr),
            required("vestnrdiscimus", SITE_NUMBER),
            required("hfdstructuur", Kind::Hfdstructuur),
            required("vestiging", NAME),
            optional("vestcode", CODE),
            required("actief", Kind::Boolean),
            optional("changed", Kind::Timestamp),
        ],
        key: 3,
        unique: &[],
        period: None,
        references: &[reference("school", &["instelnr"])],
    },
    Table {
        name: PERSOON,
        file: "persoon.csv",
        columns: &[
            required("p_persoon", SERIAL),
            required("rowguid", Kind::Uuid),
            optional("naam", PERSON_NAME),
            optional("voornaam", PERSON_NAME),
            optional("geboortedatum", Kind::Date),
            optional("changed", Kind::Timestamp),
        ],
        key: 1,
        unique: &["rowguid"],
        period: None,
        references: &[],
    },
    Table {
        name: "inschrijving",
        file: "inschrijving.csv",
        columns: &[
            required("p_inschr", SERIAL),
            required("p_persoon", SERIAL),
            required("instelnr", Kind::Instelnr),
            required("vestnrdiscimus", SITE_NUMBER),
            required("hfdstructuur", Kind::Hfdstructuur),
            required("schooljaar", Kind::Schooljaar),
            required("begindatum", Kind::Date),
            optional("einddatum", Kind::Date),
            required("status", NUMBER),
            optional("changed", Kind::Timestamp),
        ],
        key: 1,
        unique: &[],
        period: Some(("begindatum", "einddatum")),
        references: &[
            reference("persoon", &["p_persoon"]),
            reference("schoolvest", SITE),
            reference("schooljaar", &["schooljaar"]),
        ],
    },
    Table {
        name: KLASSEN,
        file: "klassen.csv",
        columns: &[
            required("p_klas", SERIAL),
            required("scoodle_id", Kind::Uuid),
            required("instelnr", Kind::Instelnr),
            required("vestnrdiscimus", SITE_NUMBER),
            required("hfdstructuur", Kind::Hfdstructuur),
            required("schooljaar", Kind::Schooljaar),
            required("klascode", CODE),
            optional("klas", NAME),
            required("groeptype", COUNT),
            optional("changed", Kind::Timestamp),
        ],
        key: 1,
        unique: &["schooljaar", "scoodle_id"],
        period: None,
        references: &[
            reference("schoolvest", SITE),
            reference("schooljaar", &["schooljaar"]),
        ],
    },
    Table {
        name: "inschrklas",
        file: "inschrklas.csv",
        columns: &[
            required("p_inschrklas", SERIAL),
            required("p_inschr", SERIAL),
            required("p_klas", SERIAL),
            required("vandatum", Kind::Date),
            optional("totdatum", Kind::Date),
            optional("changed", Kind::Timestamp),
        ],
        key: 1,
        unique: &[],
        period: Some(("vandatum", "totdatum")),
        references: &[
            reference("inschrijving", &["p_inschr"]),
            reference("klassen", &["p_klas"]),
        ],
    },
    Table {
        name: "opdracht",
        file: "opdracht.csv",
        columns: &[
            required("p_opdracht", SERIAL),
            required("p_persoon", SERIAL),
            required("instelnr", Kind::Instelnr),
            optional("vestnrdiscimus", SITE_NUMBER),
            optional("hfdstructuur", Kind::Hfdstructuur),
            optional("begindatum", Kind::Date),
            optional("einddatum", Kind::Date),
            optional("changed", Kind::Timestamp),
        ],
        key: 1,
        unique: &[],
        period: Some(("begindatum", "einddatum")),
        references: &[
            reference("persoon", &["p_persoon"]),
            reference("school", &["instelnr"]),
            reference("schoolvest", SITE),
        ],
    },
    Table {
        name: "klasfunctiepersoon",
        file: "klasfunctiepersoon.csv",
        columns: &[
            required("p_klasfunctiepersoon", SERIAL),
            required("p_persoon", SERIAL),
            required("p_klas", SERIAL),
            required("p_klasfunctie", NUMBER),
            optional("begindatum", Kind::Date),
            optional("einddatum", Kind::Date),
            optional("changed", Kind::Timestamp),
        ],
        key: 1,
        unique: &[],
        period: Some(("begindatum", "einddatum")),
        references: &[
            reference("persoon", &["p_persoon"]),
            reference("klassen", &["p_klas"]),
        ],
    },
];
