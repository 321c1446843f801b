//! The generated school group, read back from its files by a reader of its own.

#![cfg(test)]

mod bundle;
mod cases;
mod command;
mod loaded;
mod rules;

use std::collections::BTreeMap;

use bundle::Bundle;
use oneroster::generate::{Options, SchoolGroup, school_group, write};

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
