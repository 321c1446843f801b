//! The generated school group, read back from its files by a reader of its own.

#![cfg(test)]

mod bundle;
mod cases;
mod command;
mod loaded;
mod rules;

use std::collections::BTreeMap;

use oneroster_generate::{Options, SchoolGroup, school_group, write};

use bundle::Bundle;

fn options(pupils: u32, seed: u64) -> Options {
    Options {
        pupils,
        seed,
        school_year: "2026-27".parse().unwrap(),
        tenant: "demo".to_owned(),
        complete_next_year: false,
    }
}

/// A group, and what a stranger reads in its files.
fn written(pupils: u32, seed: u64) -> (SchoolGroup, Bundle) {
    let group = school_group(&options(pupils, seed));
    let directory = tempfile::tempdir().unwrap();
    write(&group, directory.path()).unwrap();
    (group, Bundle::read(directory.path()))
}

/// Every file of a group with its bytes.
fn bytes(options: &Options) -> BTreeMap<String, Vec<u8>> {
    let directory = tempfile::tempdir().unwrap();
    write(&school_group(options), directory.path()).unwrap();
    std::fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                std::fs::read(entry.path()).unwrap(),
            )
        })
        .collect()
}

#[test]
fn the_same_options_give_the_same_bytes() {
    let first = bytes(&options(700, 5));
    assert_eq!(first.len(), 11, "nine tables, the manifest and the tenant file");
    assert_eq!(first, bytes(&options(700, 5)));
}

#[test]
fn another_seed_or_year_gives_other_people_and_another_tenant_only_another_tenant_file() {
    let first = bytes(&options(60, 5));
    let other_seed = bytes(&options(60, 6));
    let other_year = bytes(&Options {
        school_year: "2027-28".parse().unwrap(),
        ..options(60, 5)
    });
    for file in ["persoon.csv", "inschrijving.csv", "klassen.csv"] {
        assert_ne!(first[file], other_seed[file], "{file}");
        assert_ne!(first[file], other_year[file], "{file}");
    }
    let other_tenant = bytes(&Options {
        tenant: "other".to_owned(),
        ..options(60, 5)
    });
    let differing: Vec<&str> = first
        .keys()
        .filter(|file| first[*file] != other_tenant[*file])
        .map(String::as_str)
        .collect();
    assert_eq!(differing, ["tenant.toml"]);
}

/// What the option adds is more rows for the next year; this year's people stay who they are.
#[test]
fn a_complete_next_year_adds_to_the_next_year_and_changes_nothing_of_this_one() {
    let plain = school_group(&options(700, 5));
    let complete = school_group(&Options {
        complete_next_year: true,
        ..options(700, 5)
    });
    let entered = |group: &SchoolGroup, year: &str| {
        let of_year = group
            .tables
            .inschrijving
            .iter()
            .filter(|row| row.schooljaar == year);
        of_year.filter(|row| row.status == 0).count()
    };
    assert_eq!(entered(&plain, "2026-27"), entered(&complete, "2026-27"));
    assert!(entered(&plain, "2027-28") < 150, "one in ten, and some newcomers");
    // Every place of this year is taken again, and those who are entered for the next year only come on top.
    assert!(
        (700..800).contains(&entered(&complete, "2027-28")),
        "{}",
        entered(&complete, "2027-28")
    );
    let cells = |year: &str| -> std::collections::BTreeSet<_> {
        let classes = complete
            .tables
            .klassen
            .iter()
            .filter(|class| class.schooljaar == year);
        classes
            .map(|class| {
                (
                    class.instelnr.clone(),
                    class.vestnrdiscimus,
                    class.hfdstructuur.clone(),
                )
            })
            .collect()
    };
    assert!(
        cells("2026-27").is_subset(&cells("2027-28")),
        "a class wherever there is one now"
    );
    let teachers: std::collections::BTreeSet<i64> = complete
        .tables
        .klasfunctiepersoon
        .iter()
        .map(|row| row.p_klas)
        .collect();
    let next = complete
        .tables
        .klassen
        .iter()
        .filter(|class| class.schooljaar == "2027-28");
    assert!(next.clone().all(|class| teachers.contains(&class.p_klas)));
}

/// Pupils of this year move up, each to a year of study that follows theirs.
#[test]
fn in_a_complete_next_year_most_pupils_move_up_a_year() {
    let group = school_group(&Options {
        complete_next_year: true,
        ..options(700, 5)
    });
    let of_year = |year: &'static str| {
        let rows = group.tables.inschrijving.iter();
        let realised = rows.filter(move |row| row.schooljaar == year && row.status == 0);
        realised.map(|row| (row.p_persoon, row.hfdstructuur.clone()))
    };
    let now: BTreeMap<i64, String> = of_year("2026-27").collect();
    let mut from = BTreeMap::<(String, String), usize>::new();
    for (person, structure) in of_year("2027-28") {
        if let Some(before) = now.get(&person) {
            *from.entry((before.clone(), structure)).or_default() += 1;
        }
    }
    let moved: usize = from.values().sum();
    assert!(moved > 450, "{moved} of 700 stay in the group");
    let steps: Vec<(&str, &str)> = from.keys().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    for (before, after) in &steps {
        assert!(before <= after, "nobody goes back: {steps:?}");
    }
    assert!(
        steps.contains(&("111", "211")) && steps.contains(&("211", "311")),
        "{steps:?}"
    );
}

#[test]
fn a_new_bundle_replaces_an_earlier_one_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    write(&school_group(&options(200, 1)), directory.path()).unwrap();
    write(&school_group(&options(20, 1)), directory.path()).unwrap();
    assert_eq!(Bundle::read(directory.path()).pupils().len(), 20);

    std::fs::write(directory.path().join("marks.ods"), "mine").unwrap();
    let refusal = write(&school_group(&options(5, 1)), directory.path())
        .unwrap_err()
        .to_string();
    assert!(refusal.contains("marks.ods"), "{refusal}");
    assert_eq!(
        Bundle::read(directory.path()).pupils().len(),
        20,
        "the bundle there is left as it was"
    );
}

/// The files of an export are called just as those of a generated bundle.
#[test]
fn an_export_of_informat_is_not_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let export = directory.path().join("persoon.csv");
    for tenant_file in [None, Some("id = \"zandpoort\"\n")] {
        std::fs::write(&export, "p_persoon;rowguid\n").unwrap();
        if let Some(text) = tenant_file {
            std::fs::write(directory.path().join("tenant.toml"), text).unwrap();
        }
        let refusal = write(&school_group(&options(5, 1)), directory.path())
            .unwrap_err()
            .to_string();
        assert!(refusal.contains("persoon.csv"), "{refusal}");
        assert_eq!(std::fs::read_to_string(&export).unwrap(), "p_persoon;rowguid\n");
    }
    std::fs::remove_file(&export).unwrap();
    let refusal = write(&school_group(&options(5, 1)), directory.path())
        .unwrap_err()
        .to_string();
    assert!(
        refusal.contains("tenant.toml"),
        "somebody's own tenant file: {refusal}"
    );
}
