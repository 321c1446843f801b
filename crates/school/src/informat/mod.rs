//! Informat's tables as they are: one struct per table, Dutch names (`docs/bundle.md` lists the files).
//!
//! Plain data, no SQL: the projection reads these. All periods include both ends.

mod assignment;
pub mod published_rows;
mod registration;
pub mod school_year;
pub mod unlisted_sites;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

/// A school year, such as `2026-27`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schooljaar {
    /// Label, `2026-27`. Key.
    pub schooljaar: String,
    /// First day.
    pub begindatum: NaiveDate,
    /// Last day.
    pub einddatum: NaiveDate,
}

/// An institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct School {
    /// Six digits, leading zeros count. Key.
    pub instelnr: String,
    /// Name.
    pub school: String,
    /// The school's own short code.
    pub schoolcode: Option<String>,
}

/// A site of an institution with one of its main structures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schoolvest {
    /// The institution. Key with the next two.
    pub instelnr: String,
    /// Number of the site in the government's pupil registry.
    pub vestnrdiscimus: i32,
    /// Main structure: three digits, such as 111 (nursery), 211 (primary), 311 (secondary).
    pub hfdstructuur: String,
    /// Name of the site.
    pub vestiging: String,
    /// The school's own short code of the site.
    pub vestcode: Option<String>,
    /// Whether the site is in use.
    pub actief: bool,
    /// When Informat last changed the row. Shown to admins, never published.
    pub changed: Option<DateTime<Utc>>,
}

/// A person: pupils and staff share one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Persoon {
    /// Internal number; may change in a data migration. Key.
    pub p_persoon: i64,
    /// The lasting id of the person.
    pub rowguid: Uuid,
    /// Official family name.
    pub naam: Option<String>,
    /// Official given name.
    pub voornaam: Option<String>,
    /// Birth date: tells namesakes apart on the admin page, never published.
    pub geboortedatum: Option<NaiveDate>,
    /// When Informat last changed the row.
    pub changed: Option<DateTime<Utc>>,
}

/// A registration of a pupil at a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inschrijving {
    /// Key.
    pub p_inschr: i64,
    /// The pupil.
    pub p_persoon: i64,
    /// Where: institution, site, structure.
    pub instelnr: String,
    /// Site number.
    pub vestnrdiscimus: i32,
    /// Main structure.
    pub hfdstructuur: String,
    /// The school year.
    pub schooljaar: String,
    /// First day.
    pub begindatum: NaiveDate,
    /// Last day; empty = the last day of the school year.
    pub einddatum: Option<NaiveDate>,
    /// 0 = realised; everything else does not count.
    pub status: i32,
    /// When Informat last changed the row.
    pub changed: Option<DateTime<Utc>>,
}

/// A class or subgroup of one school year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Klas {
    /// Key.
    pub p_klas: i64,
    /// Id of the class in the outside world, unique within a school year.
    pub scoodle_id: Uuid,
    /// Where: institution, site, structure.
    pub instelnr: String,
    /// Site number.
    pub vestnrdiscimus: i32,
    /// Main structure.
    pub hfdstructuur: String,
    /// The school year.
    pub schooljaar: String,
    /// Short code.
    pub klascode: String,
    /// Name; empty = the code.
    pub klas: Option<String>,
    /// 0 = class, more = subgroup.
    pub groeptype: i32,
    /// When Informat last changed the row.
    pub changed: Option<DateTime<Utc>>,
}

/// A registration in a class or subgroup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inschrklas {
    /// Key.
    pub p_inschrklas: i64,
    /// The registration it belongs to.
    pub p_inschr: i64,
    /// The class.
    pub p_klas: i64,
    /// First day.
    pub vandatum: NaiveDate,
    /// Last day; empty = the last day of the school year.
    pub totdatum: Option<NaiveDate>,
    /// When Informat last changed the row.
    pub changed: Option<DateTime<Utc>>,
}

/// An assignment: one unbroken period in which a person is in service of a school or site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opdracht {
    /// Key.
    pub p_opdracht: i64,
    /// The member of staff.
    pub p_persoon: i64,
    /// The institution.
    pub instelnr: String,
    /// Site number; empty = every site of the school.
    pub vestnrdiscimus: Option<i32>,
    /// Main structure; empty = every structure.
    pub hfdstructuur: Option<String>,
    /// First day; empty = always.
    pub begindatum: Option<NaiveDate>,
    /// Last day; empty = unlimited.
    pub einddatum: Option<NaiveDate>,
    /// When Informat last changed the row.
    pub changed: Option<DateTime<Utc>>,
}

/// A function of a person in a class; only `p_klasfunctie` 2, class teacher, is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Klasfunctiepersoon {
    /// Key.
    pub p_klasfunctiepersoon: i64,
    /// The member of staff.
    pub p_persoon: i64,
    /// The class.
    pub p_klas: i64,
    /// Which function: 2 = class teacher.
    pub p_klasfunctie: i32,
    /// First day; empty = the first day of the school year.
    pub begindatum: Option<NaiveDate>,
    /// Last day; empty = the last day of the school year.
    pub einddatum: Option<NaiveDate>,
    /// When Informat last changed the row.
    pub changed: Option<DateTime<Utc>>,
}

/// Everything Informat says of one tenant, each table in the order of its key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mirror {
    /// `informat.schooljaar`
    pub schooljaar: Vec<Schooljaar>,
    /// `informat.school`
    pub school: Vec<School>,
    /// `informat.schoolvest`
    pub schoolvest: Vec<Schoolvest>,
    /// `informat.persoon`
    pub persoon: Vec<Persoon>,
    /// `informat.inschrijving`
    pub inschrijving: Vec<Inschrijving>,
    /// `informat.klassen`
    pub klassen: Vec<Klas>,
    /// `informat.inschrklas`
    pub inschrklas: Vec<Inschrklas>,
    /// `informat.opdracht`
    pub opdracht: Vec<Opdracht>,
    /// `informat.klasfunctiepersoon`
    pub klasfunctiepersoon: Vec<Klasfunctiepersoon>,
}

/// How much memory the texts of a row take beside it, about, in bytes.
const ROW_TEXTS_BYTES: usize = 96;

impl Mirror {
    /// Returns about how much memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        fn of<T>(rows: &[T]) -> usize {
            size_of_val(rows) + rows.len() * ROW_TEXTS_BYTES
        }
        of(&self.schooljaar)
            + of(&self.school)
            + of(&self.schoolvest)
            + of(&self.persoon)
            + of(&self.inschrijving)
            + of(&self.klassen)
            + of(&self.inschrklas)
            + of(&self.opdracht)
            + of(&self.klasfunctiepersoon)
    }
}
