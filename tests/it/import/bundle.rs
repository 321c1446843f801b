//! What a bundle may look like, and which faults are found where.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use oneroster::mirror::load::{Error, Options};
use oneroster::mirror::{Bundle, Mode, Rule, load};

use super::{Files, add_tenant, folder, import, import_with, only, places, school, version};
use crate::harness::database;

/// Line, column, value and rule of a fault.
type Place = (u64, &'static str, &'static str, Rule);

/// A file, a row to put below its others, and the faults that this makes.
const CASES: &[(&str, &str, &[Place])] = &[
    (
        "schooljaar.csv",
        "2027-29,2027-09-01,2028-06-30",
        &[(3, "schooljaar", "2027-29", Rule::SchooljaarForm)],
    ),
    (
        "schooljaar.csv",
        "2027-28,,2028-06-31",
        &[
            (3, "begindatum", "", Rule::Required),
            (3, "einddatum", "2028-06-31", Rule::DateForm),
        ],
    ),
    (
        "school.csv",
        "1507,X,",
        &[(3, "instelnr", "1507", Rule::InstelnrForm)],
    ),
    (
        "school.csv",
        "001508,\"A\tB\",",
        &[(3, "school", "A\tB", Rule::ControlCharacter)],
    ),
    (
        "school.csv",
        "001508,A\0B,",
        &[(3, "school", "A\0B", Rule::ControlCharacter)],
    ),
    ("school.csv", "001508", &[(3, "", "", Rule::CellCount)]),
    (
        "school.csv",
        "001508,\"De\" Zon,",
        &[(3, "", "", Rule::QuoteForm)],
    ),
    ("school.csv", "001508,\"De Zon,", &[(3, "", "", Rule::QuoteForm)]),
    (
        "schoolvest.csv",
        "001507,1,21,X,,1,",
        &[(3, "hfdstructuur", "21", Rule::HfdstructuurForm)],
    ),
    (
        "schoolvest.csv",
        "001507,2,211,X,,ja,",
        &[(3, "actief", "ja", Rule::BooleanForm)],
    ),
    (
        "schoolvest.csv",
        "001507,01,211,X,,1,",
        &[(3, SITE_COLUMNS, "001507, 01, 211", Rule::DuplicateKey)],
    ),
    (
        "schoolvest.csv",
        "001508,1,211,X,,1,",
        &[(3, "instelnr", "001508", Rule::UnknownReference)],
    ),
    (
        "persoon.csv",
        "3,00000000-0000-0000-0000-000000000001,,,,",
        &[(4, "rowguid", BERT, Rule::NotUnique)],
    ),
    (
        "persoon.csv",
        "x,x,,,,x",
        &[
            (4, "p_persoon", "x", Rule::IntegerForm),
            (4, "rowguid", "x", Rule::UuidForm),
            (4, "changed", "x", Rule::TimestampForm),
        ],
    ),
    (
        "inschrijving.csv",
        "12,9,001507,2,211,2027-28,2026-09-01,,3000000000,",
        &[
            (3, "status", "3000000000", Rule::OutOfRange),
            (3, "p_persoon", "9", Rule::UnknownReference),
            (3, SITE_COLUMNS, "001507, 2, 211", Rule::UnknownReference),
            (3, "schooljaar", "2027-28", Rule::UnknownReference),
        ],
    ),
    (
        "klassen.csv",
        "22,00000000-0000-0000-0000-000000000021,001507,1,211,2026-27,,,0,",
        &[
            (3, "klascode", "", Rule::Required),
            (
                3,
                "schooljaar, scoodle_id",
                "2026-27, 00000000-0000-0000-0000-000000000021",
                Rule::NotUnique,
            ),
        ],
    ),
    (
        "inschrklas.csv",
        "32,12,22,2026-09-01,,",
        &[
            (3, "p_inschr", "12", Rule::UnknownReference),
            (3, "p_klas", "22", Rule::UnknownReference),
        ],
    ),
    (
        "opdracht.csv",
        "44,2,001507,7,,,,",
        &[(4, SITE_COLUMNS, "001507, 7, ", Rule::UnknownReference)],
    ),
    (
        "opdracht.csv",
        "44,2,001507,,311,,,",
        &[(4, SITE_COLUMNS, "001507, , 311", Rule::UnknownReference)],
    ),
    (
        "klasfunctiepersoon.csv",
        "52,9,21,2,,,",
        &[(3, "p_persoon", "9", Rule::UnknownReference)],
    ),
];

const SITE_COLUMNS: &str = "instelnr, vestnrdiscimus, hfdstructuur";
const BERT: &str = "00000000-0000-0000-0000-000000000001";

/// Each break of a rule is reported on its line and in its column, and nothing else is.
#[tokio::test]
async fn every_fault_is_found_at_its_place() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    import(&database.pool, "t", &school()).await.unwrap();
    for (file, row, expected) in CASES {
        let mut files = school();
        writeln!(files.get_mut(file).unwrap(), "{row}").unwrap();
        let faults = import(&database.pool, "t", &files).await.unwrap_err();
        let expected: Vec<_> = expected
            .iter()
            .map(|(line, column, value, rule)| (*file, *line, *column, *value, *rule))
            .collect();
        assert_eq!(places(&faults), expected, "{file}: {row:?}");
    }
    assert_eq!(version(&database.pool, "t").await, 1);
}

#[tokio::test]
async fn a_faulty_row_is_no_fault_of_the_rows_that_refer_to_it() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    let mut files = school();
    let persons = files.get_mut("persoon.csv").unwrap();
    *persons = persons.replace("2015-02-28", "2015-02-30");
    let faults = import(&database.pool, "t", &files).await.unwrap_err();
    assert_eq!(
        places(&faults),
        [("persoon.csv", 2, "geboortedatum", "2015-02-30", Rule::DateForm)]
    );

    // Neither is a file that cannot be read at all.
    files.insert(
        "persoon.csv",
        "p_persoon,rowguid,naam,voornaam,changed\n".to_owned(),
    );
    let faults = import(&database.pool, "t", &files).await.unwrap_err();
    assert_eq!(
        places(&faults),
        [("persoon.csv", 1, "geboortedatum", "", Rule::MissingColumn)]
    );
}

#[tokio::test]
async fn separators_marks_line_ends_and_order_do_not_matter() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    import(&database.pool, "t", &school()).await.unwrap();
    let semicolons = |files: &Files| -> Files {
        files
            .iter()
            .map(|(name, text)| (*name, text.replace(',', ";")))
            .collect()
    };
    let windows = |files: &Files| -> Files {
        files
            .iter()
            .map(|(name, text)| (*name, format!("\u{feff}{}", text.replace('\n', "\r\n"))))
            .collect()
    };
    let turned = |files: &Files| -> Files {
        let turn = |line: &str| {
            format!(
                " {} , extra\n",
                line.to_uppercase()
                    .split(',')
                    .rev()
                    .collect::<Vec<_>>()
                    .join(" ,")
            )
        };
        files
            .iter()
            .map(|(name, text)| {
                let mut lines = text.lines();
                let header = turn(lines.next().unwrap());
                let rows = lines.map(|line| {
                    format!(
                        "\"{}\",x\n",
                        line.split(',').rev().collect::<Vec<_>>().join("\",\"")
                    )
                });
                (*name, header + &rows.collect::<String>())
            })
            .collect()
    };
    for files in [
        semicolons(&school()),
        windows(&school()),
        windows(&semicolons(&school())),
        turned(&school()),
    ] {
        let loaded = import(&database.pool, "t", &files).await.unwrap();
        assert!(!loaded.changed(), "{loaded:?} of {files:?}");
    }
}

#[tokio::test]
async fn lines_are_counted_as_an_editor_shows_them() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    let mut files = only(&["school.csv"]);
    files.insert(
        "school.csv",
        "instelnr,school,schoolcode,extra\r\n001507,X,,\"three\r\nlines\r\nhere\"\r\n\r\n1,X,,\r\n"
            .to_owned(),
    );
    let faults = import(&database.pool, "t", &files).await.unwrap_err();
    assert_eq!(
        places(&faults),
        [("school.csv", 6, "instelnr", "1", Rule::InstelnrForm)]
    );

    let folder = folder(&files);
    std::fs::write(
        folder.path().join("school.csv"),
        b"instelnr,school,schoolcode\r\n001507,Sint-Jozef,\r\n001508,Caf\xE9,\r\n",
    )
    .unwrap();
    let faults = import_with(&database.pool, "t", folder.path(), Mode::Full, false)
        .await
        .unwrap_err();
    assert_eq!(places(&faults), [("school.csv", 3, "", "", Rule::NotUtf8)]);
}

pub(super) fn zip(path: &Path, files: &[(&str, &str)]) {
    let mut archive = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, text) in files {
        archive
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
}

#[tokio::test]
async fn a_zip_is_read_like_a_folder() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    let school = school();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.ZIP");
    let flat: Vec<_> = school.iter().map(|(name, text)| (*name, text.as_str())).collect();
    zip(&path, &flat);
    assert_eq!(
        import_with(&database.pool, "t", &path, Mode::Full, false)
            .await
            .unwrap()
            .inserted,
        11
    );

    let names: Vec<String> = school.keys().map(|name| format!("export/{name}")).collect();
    let mut nested: Vec<_> = names
        .iter()
        .zip(school.values())
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    nested.push(("__MACOSX/export/._school.csv", "x"));
    zip(&path, &nested);
    assert!(
        !import_with(&database.pool, "t", &path, Mode::Full, false)
            .await
            .unwrap()
            .changed()
    );

    zip(
        &path,
        &[
            ("a/school.csv", &school["school.csv"]),
            ("../schooljaar.csv", "x"),
        ],
    );
    let faults = import_with(&database.pool, "t", &path, Mode::Full, false)
        .await
        .unwrap_err();
    let rules: Vec<_> = faults
        .iter()
        .map(|fault| (fault.file.as_str(), fault.rule))
        .collect();
    assert_eq!(
        rules,
        [
            ("a/school.csv", Rule::ZipPath),
            ("../schooljaar.csv", Rule::ZipPath)
        ]
    );
}

/// A few kilobytes that become hundreds of megabytes, and a line of nothing but separators.
#[test]
fn what_no_roster_looks_like_is_a_fault_before_it_takes_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.zip");
    let header = "instelnr,school,schoolcode\n";
    let text = format!("{header}{}", "001507,a,\n".repeat(6 << 20));
    zip(&path, &[("school.csv", &text)]);
    assert!(std::fs::metadata(&path).unwrap().len() < 400 << 10);
    let bundle = Bundle::read(&path, Mode::Full, |_| ()).unwrap();
    let fault = &bundle.faults().list()[0];
    assert_eq!(fault.rule, Rule::TooLarge);
    assert!(
        fault.message.contains("no roster becomes so small"),
        "{}",
        fault.message
    );

    let wide = format!("{header}{}\n", ",".repeat(20 << 20));
    std::fs::write(folder.path().join("school.csv"), wide).unwrap();
    let bundle = Bundle::read(folder.path(), Mode::Full, |_| ()).unwrap();
    let fault = &bundle.faults().list()[0];
    assert_eq!((fault.rule, fault.line), (Rule::CellCount, Some(2)));
    assert!(fault.message.contains("20971521"), "{}", fault.message);
}

/// Opening a pipe would wait for a writer who may never come.
#[test]
fn a_pipe_is_refused_with_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.zip");
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let error = Bundle::read(&path, Mode::Full, |_| ()).unwrap_err().to_string();
    assert!(
        error.contains("neither a folder nor a file") && error.contains("standard input"),
        "{error}"
    );
}

#[tokio::test]
async fn what_is_no_bundle_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.zip");
    std::fs::write(&path, "not a zip").unwrap();
    let error = Bundle::read(&path, Mode::Full, |_| ()).unwrap_err();
    assert!(error.to_string().contains("cannot read the archive"), "{error}");
    let error = Bundle::read(&folder.path().join("nowhere"), Mode::Full, |_| ()).unwrap_err();
    assert!(error.to_string().contains("cannot open the bundle"), "{error}");
    std::fs::write(folder.path().join("school.csv"), "").unwrap();
    let error = Bundle::read(&folder.path().join("school.csv"), Mode::Full, |_| ()).unwrap_err();
    assert!(
        error.to_string().contains("must be a folder or a .zip file"),
        "{error}"
    );

    let rules = |path: &Path| -> Vec<Rule> {
        Bundle::read(path, Mode::Full, |_| ())
            .unwrap()
            .faults()
            .list()
            .iter()
            .map(|fault| fault.rule)
            .collect()
    };
    assert_eq!(rules(folder.path()), [Rule::EmptyFile]);
    std::fs::remove_file(folder.path().join("school.csv")).unwrap();
    assert_eq!(rules(folder.path()), [Rule::NoKnownFile]);
    std::fs::create_dir(folder.path().join("school.csv")).unwrap();
    assert_eq!(rules(folder.path()), [Rule::Unreadable]);
    std::fs::write(folder.path().join("SCHOOL.CSV"), "").unwrap();
    assert!(rules(folder.path()).contains(&Rule::DuplicateFile));
    for number in 0..100 {
        std::fs::write(folder.path().join(format!("{number}.txt")), "").unwrap();
    }
    assert!(rules(folder.path()).contains(&Rule::TooManyFiles));
}

#[tokio::test]
async fn at_most_a_thousand_faults_are_kept_and_the_others_counted() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    let mut files = school();
    for key in 100..1600 {
        writeln!(
            files.get_mut("klasfunctiepersoon.csv").unwrap(),
            "{key},9,21,2,,,"
        )
        .unwrap();
    }
    let folder = folder(&files);
    let bundle = Bundle::read(folder.path(), Mode::Full, |_| ()).unwrap();
    let mut transaction = database.pool.begin().await.unwrap();
    let Err(Error::Refused(refusal)) = load(&mut transaction, "t", &bundle, Options::default()).await else {
        panic!("must be refused")
    };
    let faults = refusal.faults;
    assert_eq!((faults.list().len(), faults.left_off()), (1000, 500));
}

#[tokio::test]
async fn a_manifest_that_does_not_fit_is_refused() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    let mut files = only(&["school.csv"]);
    files.insert(
        "manifest.csv",
        "bestand,rijen\nschool.csv,2\npersoon.csv,5\nschool.csv,1\nx,-1\n".to_owned(),
    );
    let faults = import(&database.pool, "t", &files).await.unwrap_err();
    let expected = [
        ("manifest.csv", 4, "bestand", "school.csv", Rule::DuplicateKey),
        ("manifest.csv", 5, "rijen", "-1", Rule::OutOfRange),
        ("manifest.csv", 2, "rijen", "2", Rule::RowCount),
        ("manifest.csv", 3, "bestand", "persoon.csv", Rule::MissingFile),
    ];
    let mut found = places(&faults);
    for place in expected {
        let index = found
            .iter()
            .position(|other| *other == place)
            .unwrap_or_else(|| panic!("{place:?} in {found:?}"));
        found.remove(index);
    }
    assert!(found.is_empty(), "{found:?}");
}

#[tokio::test]
async fn a_bundle_older_than_the_last_is_refused_unless_forced() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    let made_at = |time: &str| {
        let mut files = only(&["school.csv"]);
        files.insert(
            "manifest.csv",
            format!("bestand;rijen\ngemaakt_op;{time}\nschool.csv;1\n"),
        );
        files
    };
    import(&database.pool, "t", &made_at("2026-01-02T00:00:00Z"))
        .await
        .unwrap();
    import(&database.pool, "t", &only(&["school.csv"])).await.unwrap();
    import(&database.pool, "t", &made_at("2026-01-02T01:00:00+01:00"))
        .await
        .unwrap();
    let older = made_at("2026-01-02T00:59:59+01:00");
    let faults = import(&database.pool, "t", &older).await.unwrap_err();
    assert_eq!(
        places(&faults),
        [(
            "manifest.csv",
            2,
            "rijen",
            "2026-01-01T23:59:59.000Z",
            Rule::OlderThanLastLoad
        )]
    );
    import_with(&database.pool, "t", folder(&older).path(), Mode::Full, true)
        .await
        .unwrap();
    let faults = import(&database.pool, "t", &made_at("2999-01-01T00:00:00Z"))
        .await
        .unwrap_err();
    assert_eq!(faults[0].rule, Rule::ExtractedInFuture);
}
