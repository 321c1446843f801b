//! What holds for every generated bundle: the contract of the import bundle, and the shape of a school group.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, Weekday};
use oneroster_school::tenant::Configuration;
use oneroster_school::tenant::configuration::{DomainMode, FuturePupils};

use super::bundle::{Bundle, Line, YEAR, day};
use super::written;

/// The key of each table and what it refers to: column, table, column there.
type Reference = (&'static [&'static str], &'static str);
const TABLES: [(&str, &[&str], &[Reference]); 9] = [
    ("schooljaar", &["schooljaar"], &[]),
    ("school", &["instelnr"], &[]),
    ("schoolvest", &PLACE, &[(&["instelnr"], "school")]),
    ("persoon", &["p_persoon"], &[]),
    (
        "inschrijving",
        &["p_inschr"],
        &[
            (&["p_persoon"], "persoon"),
            (&PLACE, "schoolvest"),
            (&["schooljaar"], "schooljaar"),
        ],
    ),
    (
        "klassen",
        &["p_klas"],
        &[(&PLACE, "schoolvest"), (&["schooljaar"], "schooljaar")],
    ),
    (
        "inschrklas",
        &["p_inschrklas"],
        &[(&["p_inschr"], "inschrijving"), (&["p_klas"], "klassen")],
    ),
    (
        "opdracht",
        &["p_opdracht"],
        &[(&["p_persoon"], "persoon"), (&["instelnr"], "school")],
    ),
    (
        "klasfunctiepersoon",
        &["p_klasfunctiepersoon"],
        &[(&["p_persoon"], "persoon"), (&["p_klas"], "klassen")],
    ),
];
const PLACE: [&str; 3] = ["instelnr", "vestnrdiscimus", "hfdstructuur"];

fn values<'a>(line: &'a Line, columns: &[&str]) -> Vec<&'a str> {
    columns.iter().map(|column| line[*column].as_str()).collect()
}

fn keys<'a>(bundle: &'a Bundle, table: &str) -> BTreeSet<Vec<&'a str>> {
    let (_, key, _) = TABLES.iter().find(|(name, ..)| *name == table).unwrap();
    bundle.table(table).iter().map(|line| values(line, key)).collect()
}

fn check_references(bundle: &Bundle) {
    for (table, _, references) in TABLES {
        assert_eq!(
            keys(bundle, table).len(),
            bundle.table(table).len(),
            "the keys of {table} are unique"
        );
        for (columns, target) in references {
            let known = keys(bundle, target);
            for line in bundle.table(table) {
                assert!(
                    known.contains(&values(line, columns)),
                    "{table} {line:?} refers to no {target}"
                );
            }
        }
    }
    let places = keys(bundle, "schoolvest");
    for line in bundle.table("opdracht") {
        let named = |place: &Vec<&str>| {
            PLACE
                .iter()
                .zip(place)
                .all(|(column, value)| line[*column].is_empty() || line[*column] == **value)
        };
        assert!(places.iter().any(named), "{line:?} covers a site");
    }
}

/// A period that is not empty and lies within another.
fn check_period(
    line: &Line,
    columns: (&str, &str),
    within: (NaiveDate, NaiveDate),
) -> (NaiveDate, NaiveDate) {
    let or = |column: &str, default| {
        if line[column].is_empty() {
            default
        } else {
            day(&line[column])
        }
    };
    let (begin, end) = (or(columns.0, within.0), or(columns.1, within.1));
    assert!(begin <= end, "{line:?} ends before it begins");
    assert!(
        within.0 <= begin && end <= within.1,
        "{line:?} lies outside {within:?}"
    );
    (begin, end)
}

fn check_dates(bundle: &Bundle) {
    let years: BTreeMap<&str, (NaiveDate, NaiveDate)> = bundle
        .table("schooljaar")
        .iter()
        .map(|line| {
            (
                line["schooljaar"].as_str(),
                (day(&line["begindatum"]), day(&line["einddatum"])),
            )
        })
        .collect();
    assert_eq!(
        years.keys().copied().collect::<Vec<_>>(),
        ["2025-26", YEAR, "2027-28"]
    );
    let mut registrations = BTreeMap::new();
    for line in bundle.table("inschrijving") {
        assert!(!line["begindatum"].is_empty());
        let year = years[line["schooljaar"].as_str()];
        let (begin, end) = check_period(line, ("begindatum", "einddatum"), year);
        let at_weekend = matches!(begin.weekday(), Weekday::Sat | Weekday::Sun);
        assert!(!at_weekend || begin == year.0, "{line:?} starts at a weekend");
        registrations.insert(&line["p_inschr"], (line, (begin, end)));
    }
    let classes: BTreeMap<&String, &Line> = bundle
        .table("klassen")
        .iter()
        .map(|line| (&line["p_klas"], line))
        .collect();
    for line in bundle.table("inschrklas") {
        assert!(!line["vandatum"].is_empty());
        let (registration, period) = registrations[&line["p_inschr"]];
        check_period(line, ("vandatum", "totdatum"), period);
        let class = classes[&line["p_klas"]];
        for column in PLACE.iter().chain(&["schooljaar"]) {
            assert_eq!(
                class[*column], registration[*column],
                "{line:?} is at the place of its registration"
            );
        }
    }
    for line in bundle.table("klasfunctiepersoon") {
        let class = classes[&line["p_klas"]];
        check_period(
            line,
            ("begindatum", "einddatum"),
            years[class["schooljaar"].as_str()],
        );
    }
    for line in bundle.table("opdracht") {
        check_period(
            line,
            ("begindatum", "einddatum"),
            (day("1900-01-01"), day("2999-12-31")),
        );
    }
}

fn check_values(bundle: &Bundle) {
    let created = bundle
        .table("manifest")
        .iter()
        .find(|line| line["bestand"] == "gemaakt_op")
        .unwrap();
    let created = DateTime::parse_from_rfc3339(&created["rijen"]).unwrap();
    assert_eq!(created.to_rfc3339(), "2026-07-01T06:00:00+02:00");
    for (file, lines) in &bundle.files {
        if file != "manifest" {
            let name = format!("{file}.csv");
            let counted = bundle
                .table("manifest")
                .iter()
                .find(|line| line["bestand"] == name)
                .unwrap();
            assert_eq!(counted["rijen"], lines.len().to_string(), "{file}");
        }
        for line in lines {
            if let Some(changed) = line.get("changed").filter(|changed| !changed.is_empty()) {
                assert!(
                    DateTime::parse_from_rfc3339(changed).unwrap() < created,
                    "{line:?}"
                );
            }
            for value in line.values() {
                let digits = value.chars().filter(char::is_ascii_digit).count();
                let national_number = digits == 11 && !value.contains('-');
                assert!(!national_number, "{value:?} looks like a national number");
            }
        }
    }
    for line in bundle.table("school") {
        let number = &line["instelnr"];
        assert!(
            number.len() == 6 && number.bytes().all(|byte| byte.is_ascii_digit()),
            "{number}"
        );
        assert!(
            number == "001507" || number.starts_with("09"),
            "{number} is invented"
        );
    }
    for (table, column) in [("persoon", "rowguid"), ("klassen", "scoodle_id")] {
        let ids: BTreeSet<uuid::Uuid> = bundle
            .table(table)
            .iter()
            .map(|line| line[column].parse().unwrap())
            .collect();
        assert_eq!(ids.len(), bundle.table(table).len(), "{column} is unique");
        assert!(ids.iter().all(|id| id.get_version_num() == 4));
    }
}

/// The contract of the import bundle, for groups of any size.
#[test]
fn every_reference_and_date_is_valid_at_any_size() {
    for (pupils, seed) in [(1, 1), (5, 2), (20, 3), (100, 4), (333, 5), (500, 6), (2000, 7)] {
        let (group, bundle) = written(pupils, seed);
        assert_eq!(
            bundle.pupils().len(),
            usize::try_from(pupils).unwrap(),
            "pupils of the active year"
        );
        assert_eq!(group.pupils, bundle.pupils().len());
        let staff: BTreeSet<&String> = bundle
            .table("opdracht")
            .iter()
            .map(|line| &line["p_persoon"])
            .collect();
        assert_eq!(group.staff, staff.len());
        let classes = bundle
            .table("klassen")
            .iter()
            .filter(|line| line["schooljaar"] == YEAR)
            .count();
        assert_eq!(group.classes, classes);
        check_references(&bundle);
        check_dates(&bundle);
        check_values(&bundle);
        check_tenant_file(&bundle);
    }
}

fn check_tenant_file(bundle: &Bundle) {
    let configuration: Configuration = toml::from_str(&bundle.tenant_file).unwrap();
    assert_eq!(
        (
            configuration.id.as_str(),
            configuration.active_school_year.as_str()
        ),
        ("demo", YEAR)
    );
    assert_eq!(configuration.name, "Scholengroep Zandpoort");
    assert_eq!(configuration.domain_mode.pupils, DomainMode::Microsoft);
    assert_eq!(configuration.future_pupils, FuturePupils::Exclude);
    let schools: BTreeSet<Vec<&str>> = configuration
        .schools
        .iter()
        .map(|school| vec![school.instelnr.as_str()])
        .collect();
    assert_eq!(schools, keys(bundle, "school"));
    let sites = || configuration.schools.iter().flat_map(|school| &school.sites);
    let domains: BTreeSet<&str> = sites()
        .map(|site| site.pupil_domain.as_deref().unwrap())
        .collect();
    assert!(domains.len() >= 2);
    let teachers = configuration
        .schools
        .iter()
        .map(|school| school.teacher_domain.as_deref().unwrap());
    assert!(
        domains
            .iter()
            .copied()
            .chain(teachers)
            .all(|domain| domain.ends_with(".example"))
    );
    assert_eq!(sites().filter(|site| !site.sync).count(), 1, "the excluded site");
    assert_eq!(
        sites().filter(|site| site.sync && !site.sync_default).count(),
        1,
        "the unreleased site"
    );
    assert!(sites().any(|site| site.hoofdstructuur.as_deref() == Some("312")));
    let entries: BTreeSet<(&str, String)> = configuration
        .schools
        .iter()
        .flat_map(|school| {
            school
                .sites
                .iter()
                .map(|site| (school.instelnr.as_str(), site.vestnr.to_string()))
        })
        .collect();
    let unnamed: BTreeSet<(&str, &str)> = bundle
        .table("schoolvest")
        .iter()
        .filter(|line| !entries.contains(&(line["instelnr"].as_str(), line["vestnrdiscimus"].clone())))
        .map(|line| (line["vestnrdiscimus"].as_str(), line["actief"].as_str()))
        .collect();
    assert_eq!(
        unnamed,
        BTreeSet::from([("3", "1"), ("4", "0")]),
        "one in use, one closed"
    );
}

#[test]
fn classes_hold_about_twenty_pupils_and_one_or_two_class_teachers() {
    let (group, bundle) = written(2000, 11);
    let unpublished = |line: &Line| {
        let org = format!("{}-{}", line["instelnr"], line["vestnrdiscimus"]);
        group.cases.iter().any(|case| case.ids.contains(&org)) && line["vestnrdiscimus"] == "3"
    };
    let empty = group.case(oneroster_generate::CaseName::EmptyClass);
    let (mut sizes, mut few_teachers, mut duos) = (Vec::new(), 0, 0);
    for class in bundle.table("klassen") {
        let plain = class["schooljaar"] == YEAR && class["groeptype"] == "0";
        if !plain || unpublished(class) || empty.contains(&class["scoodle_id"].to_lowercase()) {
            continue;
        }
        let of_class = |line: &&Line| line["p_klas"] == class["p_klas"];
        sizes.push(bundle.table("inschrklas").iter().filter(of_class).count());
        let teachers = bundle
            .table("klasfunctiepersoon")
            .iter()
            .filter(of_class)
            .filter(|line| line["p_klasfunctie"] == "2")
            .map(|line| &line["p_persoon"])
            .collect::<BTreeSet<_>>();
        few_teachers += usize::from(teachers.len() <= 2);
        duos += usize::from(teachers.len() == 2);
        assert!(
            (1..=4).contains(&teachers.len()),
            "{class:?} has {} class teachers",
            teachers.len()
        );
    }
    assert_eq!(sizes.len(), 99, "{sizes:?}");
    assert!(
        duos > 0 && few_teachers * 10 >= sizes.len() * 9,
        "{few_teachers} classes with one or two, {duos} with two"
    );
    // Who changed class is in both.
    assert!(sizes.iter().all(|size| (14..=30).contains(size)), "{sizes:?}");
    let mean = sizes.iter().sum::<usize>() / sizes.len();
    assert!((19..=21).contains(&mean), "{mean}");
}

#[test]
fn the_years_around_are_there_and_so_are_subgroups_per_semester_and_other_class_functions() {
    let (_, bundle) = written(500, 3);
    for year in ["2025-26", "2027-28"] {
        for (table, least) in [("inschrijving", 20), ("klassen", 10)] {
            let count = bundle
                .table(table)
                .iter()
                .filter(|line| line["schooljaar"] == year)
                .count();
            assert!(count >= least, "{count} rows of {table} in {year}");
        }
    }
    let over = bundle
        .table("inschrijving")
        .iter()
        .filter(|line| line["schooljaar"] == "2025-26");
    assert!(over.clone().all(|line| line["einddatum"] == "2026-06-30"));
    let memberships = bundle.table("inschrklas");
    assert!(memberships.iter().any(|line| line["totdatum"] == "2027-01-31"));
    assert!(memberships.iter().any(|line| line["vandatum"] == "2027-02-01"));
    let functions: BTreeSet<&str> = bundle
        .table("klasfunctiepersoon")
        .iter()
        .map(|line| line["p_klasfunctie"].as_str())
        .collect();
    assert_eq!(functions, BTreeSet::from(["1", "2", "3"]));
    let structures: BTreeSet<&str> = bundle
        .table("klassen")
        .iter()
        .map(|line| line["hfdstructuur"].as_str())
        .collect();
    assert_eq!(structures, BTreeSet::from(["111", "211", "311", "312"]));
    let capitals = bundle
        .table("persoon")
        .iter()
        .filter(|line| line["rowguid"].contains(char::is_uppercase));
    assert!((1..30).contains(&capitals.count()), "a few ids are in capitals");
}

#[test]
fn pupils_have_the_age_of_their_year_of_study() {
    let (_, bundle) = written(1000, 9);
    let born: BTreeMap<&str, i32> = bundle
        .table("persoon")
        .iter()
        .map(|line| (line["p_persoon"].as_str(), day(&line["geboortedatum"]).year()))
        .collect();
    for line in bundle
        .table("inschrijving")
        .iter()
        .filter(|line| line["schooljaar"] == YEAR)
    {
        let age = 2026 - born[line["p_persoon"].as_str()];
        let fits = match line["hfdstructuur"].as_str() {
            "111" => 3..=5,
            "211" => 6..=11,
            "311" => 12..=17,
            // Also those who changed from the last full-time years.
            _ => 16..=17,
        };
        assert!(fits.contains(&age), "{age} years old in {line:?}");
    }
}
