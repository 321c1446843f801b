//! A deterministic synthetic Flemish school group, written as a bundle and a tenant file.
//!
//! Everybody in it is invented: names are common given and family names put together at random, institution
//! numbers and domains belong to nobody, and there is nothing but what a bundle carries. Most of the group is
//! ordinary; a small share is every special case the product has to get right ([`CaseName`]).
//!
//! The same [`Options`] give the same bytes: chance comes from the seed, time from the school year.

mod classes;
mod dice;
mod groups;
mod names;
mod neighbours;
mod next_year;
mod pupils;
mod records;
mod sandbox;
mod schools;
mod special;
mod staff;
mod tenant_file;
mod write;
mod year;

use chrono::{DateTime, Utc};
use oneroster_school::informat::Mirror;

pub use sandbox::for_acceptance_suite;
pub use write::{Error, write, write_reporting};
pub use year::{InvalidSchoolYear, SchoolYear};

/// The most pupils a group can have.
pub const MOST_PUPILS: u32 = 1_000_000;

/// In a group of fewer pupils there are no special classes, neighbours or changes of staff: they would be most of it.
const SPECIAL_PUPILS_MIN: u32 = 20;

/// What school group to make.
#[derive(Debug, Clone)]
pub struct Options {
    /// Persons with a realised registration in the school year; more than [`MOST_PUPILS`] counts as that.
    pub pupils: u32,
    /// Where chance starts from.
    pub seed: u64,
    /// The active school year; registrations of the years before and after are there too.
    pub school_year: SchoolYear,
    /// Id of the tenant: lower-case letters, digits and `-`.
    pub tenant: String,
    /// Whether everybody is entered for the next year, as in August; otherwise one pupil in ten.
    pub complete_next_year: bool,
}

/// A school group in memory.
#[derive(Debug, Clone)]
pub struct SchoolGroup {
    /// The tables, each in the order of its key.
    pub tables: Mirror,
    /// The matching tenant file, with comments.
    pub tenant_file: String,
    /// When the bundle says it was extracted: 06:00 in Brussels on 1 July before the school year.
    pub extracted_at: DateTime<Utc>,
    /// Persons with a realised registration in the school year, at sites that are not published too.
    pub pupils: usize,
    /// Persons with an assignment, also a past or future one.
    pub staff: usize,
    /// Classes and subgroups of the school year.
    pub classes: usize,
    /// Where the special cases are.
    pub cases: Vec<Case>,
}

/// Where one kind of special case is found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Case {
    /// Which kind.
    pub name: CaseName,
    /// `rowguid` of the persons, `scoodle_id` of the class or `instelnr-vestnrdiscimus` of the site, in lower case.
    pub ids: Vec<String>,
}

/// The kinds of special case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseName {
    /// Three persons called Bert Ameel: a teacher and two pupils (R137).
    BertAmeel,
    /// Pupils whose different names make one username.
    Namesakes,
    /// A pupil with one name: `voornaam` or `naam` is empty.
    OneName,
    /// A pupil whose username would be longer than 64 characters.
    LongName,
    /// A pupil who moves to another site during the year, with another domain (R36).
    SiteMove,
    /// A pupil who changes class: the old class registration ends the day before the new one starts.
    ClassChange,
    /// A pupil who changes from full-time to part-time on contiguous dates: two registrations.
    ProgrammeChange,
    /// A pupil with two registrations and a weekend between them.
    WeekendGap,
    /// A pupil who starts after Christmas (R14).
    FutureStart,
    /// A pupil who leaves during the year.
    Leaver,
    /// A pupil who leaves and returns to the same class.
    LeaveAndReturn,
    /// A pupil with realised registrations at two schools at once.
    TwoRegistrations,
    /// A pupil with a parallel registration (status 3) at another school.
    ParallelElsewhere,
    /// A pupil without a class.
    NoClass,
    /// A pupil who leaves and is in service of the school from the next day.
    BecomesStaff,
    /// A person who is pupil and staff at once (R41).
    PupilAndStaff,
    /// A person whose only registration has status 1, 2, 3 or 4.
    RefusedRegistration,
    /// A person who was a pupil last year only.
    LastYearOnly,
    /// A person who is entered for next year only.
    NextYearOnly,
    /// A pupil of last year who is staff now.
    FormerPupilNowStaff,
    /// A teacher at two schools.
    TwoSchools,
    /// A replacement teacher with a gap between two assignments.
    ReplacementWithGap,
    /// A member of staff who starts after Christmas.
    FutureStaff,
    /// A member of staff who left last year.
    FormerStaff,
    /// A member of staff who leaves on 31 January.
    LeavingStaff,
    /// A class without pupils or teachers.
    EmptyClass,
    /// A site that is listed with `sync = false`.
    ExcludedSite,
    /// A site in use that no entry names.
    UnnamedSite,
    /// A site whose new usernames are not released.
    UnreleasedSite,
    /// A site that is no longer in use.
    ClosedSite,
}

impl CaseName {
    /// Every kind, in the order of the declaration.
    pub const ALL: [Self; 30] = [
        Self::BertAmeel,
        Self::Namesakes,
        Self::OneName,
        Self::LongName,
        Self::SiteMove,
        Self::ClassChange,
        Self::ProgrammeChange,
        Self::WeekendGap,
        Self::FutureStart,
        Self::Leaver,
        Self::LeaveAndReturn,
        Self::TwoRegistrations,
        Self::ParallelElsewhere,
        Self::NoClass,
        Self::BecomesStaff,
        Self::PupilAndStaff,
        Self::RefusedRegistration,
        Self::LastYearOnly,
        Self::NextYearOnly,
        Self::FormerPupilNowStaff,
        Self::TwoSchools,
        Self::ReplacementWithGap,
        Self::FutureStaff,
        Self::FormerStaff,
        Self::LeavingStaff,
        Self::EmptyClass,
        Self::ExcludedSite,
        Self::UnnamedSite,
        Self::UnreleasedSite,
        Self::ClosedSite,
    ];
}

impl SchoolGroup {
    /// Returns the ids that show a kind of special case; none if the group is too small for it.
    pub fn case(&self, name: CaseName) -> &[String] {
        self.cases
            .iter()
            .find(|case| case.name == name)
            .map(|case| case.ids.as_slice())
            .unwrap_or_default()
    }

    /// Returns the name and number of rows of each table's file, in the order they are written.
    pub fn files(&self) -> [(&'static str, usize); 9] {
        let tables = &self.tables;
        [
            ("schooljaar.csv", tables.schooljaar.len()),
            ("school.csv", tables.school.len()),
            ("schoolvest.csv", tables.schoolvest.len()),
            ("persoon.csv", tables.persoon.len()),
            ("inschrijving.csv", tables.inschrijving.len()),
            ("klassen.csv", tables.klassen.len()),
            ("inschrklas.csv", tables.inschrklas.len()),
            ("opdracht.csv", tables.opdracht.len()),
            ("klasfunctiepersoon.csv", tables.klasfunctiepersoon.len()),
        ]
    }
}

/// Makes a school group.
pub fn school_group(options: &Options) -> SchoolGroup {
    let pupils = options.pupils.min(MOST_PUPILS);
    let mut records = records::Records::new(options.seed, options.school_year);
    let schools = schools::make(&mut records, pupils);
    let classes = classes::make(&mut records, &schools, pupils);
    let groups = groups::make(&mut records, &classes);
    let class_count = records.tables.klassen.len();
    let teachers = staff::add(&mut records, &schools, &classes, &groups);
    let planned = special::pupils(&mut records, &classes);
    let mut neighbours = neighbours::Neighbours::new(options.complete_next_year);
    let rising = pupils::add(&mut records, &groups, &mut neighbours, &planned);
    neighbours.add_others(&mut records, &classes, pupils);
    if options.complete_next_year {
        next_year::add(&mut records, &mut neighbours, &classes, rising);
    }
    neighbours::add_class_teachers(&mut records, &teachers);
    let tenant_file = tenant_file::text(&mut records, options, &schools);
    SchoolGroup {
        extracted_at: options.school_year.extracted_at(),
        pupils: records.pupils,
        staff: records.staff,
        classes: class_count,
        tables: records.tables,
        tenant_file,
        cases: records.cases,
    }
}
