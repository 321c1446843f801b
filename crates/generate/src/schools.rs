//! The schools of the group and their sites, as many as the pupils need.

use std::collections::BTreeSet;

use super::CaseName;
use super::records::{Records, SiteStructure};

/// Domains of the pupils; two, so that someone who moves between sites changes domain.
const PUPIL_DOMAINS: [&str; 2] = ["leerling.zandpoort.example", "leerling.duinzicht.example"];
/// Domains of the staff, by level.
const TEACHER_DOMAINS: [&str; 2] = ["basis.zandpoort.example", "zandpoort.example"];

/// What a school is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Basic,
    Secondary,
}

/// How the tenant file treats a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listing {
    /// Published; new names are released at once.
    Released,
    /// Published; new names wait for somebody to release them.
    Unreleased,
    /// Listed with `sync = false`.
    Excluded,
    /// In no entry.
    Unnamed,
    /// No longer in use, and in no entry.
    Closed,
}

/// A school with its sites.
#[derive(Debug, Clone)]
pub(super) struct School {
    pub(super) instelnr: String,
    pub(super) level: Level,
    pub(super) teacher_domain: &'static str,
    pub(super) sites: Vec<Site>,
}

/// A site with its main structures.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub(super) vestnr: i32,
    pub(super) name: String,
    pub(super) listing: Listing,
    pub(super) structures: Vec<&'static str>,
    pub(super) pupil_domain: &'static str,
}

impl School {
    pub(super) fn place(&self, site: &Site, hfdstructuur: &'static str) -> SiteStructure {
        SiteStructure {
            instelnr: self.instelnr.clone(),
            vestnr: site.vestnr,
            hfdstructuur,
        }
    }
}

/// Makes the schools for `pupils` pupils and adds their rows.
///
/// Of a hundred pupils 58 go to a basic school (about 400 pupils each) and 42 to a secondary one (about 800).
pub(super) fn make(records: &mut Records, pupils: u32) -> Vec<School> {
    let basic = (u64::from(pupils) * 58 / 100 / 400).max(1);
    let secondary = (u64::from(pupils) * 42 / 100 / 800).max(2);
    let mut names = PlaceNames::default();
    let mut schools = Vec::new();
    for index in 0..basic {
        schools.push(basic_school(records, index, &mut names));
    }
    for index in 0..secondary {
        schools.push(secondary_school(records, basic + index, index, &mut names));
    }
    records.tables.school.sort_by(|a, b| a.instelnr.cmp(&b.instelnr));
    records.tables.schoolvest.sort_by(|a, b| {
        let key = |row: &oneroster_school::informat::Schoolvest| row.vestnrdiscimus;
        (&a.instelnr, key(a), &a.hfdstructuur).cmp(&(&b.instelnr, key(b), &b.hfdstructuur))
    });
    schools
}

/// Returns an invented institution number; the first is the example of the seed documents.
fn institution_number(index: u64) -> String {
    match index {
        0 => "001507".to_owned(),
        1..100 => format!("0999{index:02}"),
        _ => format!("09{index:04}"),
    }
}

fn basic_school(records: &mut Records, index: u64, names: &mut PlaceNames) -> School {
    let both = || vec!["111", "211"];
    let mut sites = vec![(names.draw(records), Listing::Released, both())];
    if index.is_multiple_of(3) {
        sites.push((names.draw(records), Listing::Released, both()));
    }
    if index == 0 {
        sites.push((
            format!("{}, lokaal \"De Loods\"", names.draw(records)),
            Listing::Excluded,
            vec!["211"],
        ));
        sites.push((names.draw(records), Listing::Closed, vec!["111"]));
    }
    let school = assemble(Level::Basic, institution_number(index), sites);
    add_rows(records, &school, "Basisschool");
    school
}

fn secondary_school(records: &mut Records, number: u64, index: u64, names: &mut PlaceNames) -> School {
    let ordinary = || vec!["311"];
    let beside = index % 3 == 1;
    let first = if beside { vec!["311", "312"] } else { ordinary() };
    let mut sites = vec![(names.draw(records), Listing::Released, first)];
    if index == 0 {
        sites.push((names.draw(records), Listing::Unreleased, ordinary()));
        sites.push((names.draw(records), Listing::Unnamed, ordinary()));
    }
    let school = assemble(Level::Secondary, institution_number(number), sites);
    add_rows(records, &school, "Secundair Onderwijs");
    school
}

fn assemble(level: Level, instelnr: String, sites: Vec<(String, Listing, Vec<&'static str>)>) -> School {
    let teacher_domain = match level {
        Level::Basic => TEACHER_DOMAINS[0],
        Level::Secondary => TEACHER_DOMAINS[1],
    };
    let sites = sites
        .into_iter()
        .zip(1_i32..)
        .map(|((name, listing, structures), vestnr)| {
            let pupil_domain = if vestnr % 2 == 1 {
                PUPIL_DOMAINS[0]
            } else {
                PUPIL_DOMAINS[1]
            };
            Site {
                vestnr,
                name,
                listing,
                structures,
                pupil_domain,
            }
        })
        .collect();
    School {
        instelnr,
        level,
        teacher_domain,
        sites,
    }
}

fn add_rows(records: &mut Records, school: &School, kind: &str) {
    let main = school
        .sites
        .first()
        .map(|site| site.name.clone())
        .unwrap_or_default();
    let letters = |text: &str| {
        text.chars()
            .filter(char::is_ascii_alphabetic)
            .take(3)
            .collect::<String>()
    };
    let code = letters(&main).to_uppercase();
    records.school(&school.instelnr, &format!("{kind} {main}"), &code);
    for site in &school.sites {
        for structure in &site.structures {
            let place = school.place(site, structure);
            // The smaller sites have no code of their own.
            let site_code = if site.vestnr <= 2 {
                format!("{code}{}", site.vestnr)
            } else {
                String::new()
            };
            records.site(&place, &site.name, &site_code, site.listing != Listing::Closed);
        }
        let org = format!("{}-{}", school.instelnr, site.vestnr);
        match site.listing {
            Listing::Excluded => records.case(CaseName::ExcludedSite, &org),
            Listing::Unnamed => records.case(CaseName::UnnamedSite, &org),
            Listing::Closed => records.case(CaseName::ClosedSite, &org),
            Listing::Unreleased => records.case(CaseName::UnreleasedSite, &org),
            Listing::Released => {}
        }
    }
}

/// Invented names of places, none given twice.
#[derive(Default)]
struct PlaceNames {
    taken: BTreeSet<String>,
}

impl PlaceNames {
    fn draw(&mut self, records: &mut Records) -> String {
        const BEGINNINGS: [&str; 12] = [
            "Zand", "Duin", "Helm", "Kreek", "Polder", "Wilgen", "Vlas", "Toren", "Linden", "Klaver",
            "Beuken", "Strand",
        ];
        const ENDINGS: [&str; 10] = [
            "poort", "zicht", "rug", "hoek", "broek", "wal", "akker", "dijk", "heide", "veld",
        ];
        let beginning = records.dice.pick(&BEGINNINGS).copied().unwrap_or_default();
        let ending = records.dice.pick(&ENDINGS).copied().unwrap_or_default();
        let plain = format!("{beginning}{ending}");
        let numbered = (2_u32..).map(|number| format!("{plain} {number}"));
        let name = std::iter::once(plain.clone())
            .chain(numbered)
            .find(|name| !self.taken.contains(name))
            .unwrap_or(plain);
        self.taken.insert(name.clone());
        name
    }
}
