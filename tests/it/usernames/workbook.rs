//! The check file as a workbook, and the part of it that belongs to one org.

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Ran, Scene};
use crate::harness::school::{BERT, JAN, LOTTE};

/// Made by openpyxl: another order of things than ours has, cells typed as numbers and dates, a second sheet.
const BY_OPENPYXL: &[u8] = include_bytes!("files/openpyxl.xlsx");

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn export(&self, scene: &Scene, name: &str, more: &[&str]) -> Value {
        let path = self.path(name);
        let arguments = [&["export", path.to_str().unwrap()], more].concat();
        scene.run(&arguments).done()
    }

    fn import(&self, scene: &Scene, name: &str, more: &[&str]) -> Ran {
        let path = self.path(name);
        let arguments = [&["import", path.to_str().unwrap()], more].concat();
        scene.run(&arguments)
    }
}

/// Writes a workbook as a spreadsheet does: a header and rows of texts, an empty one for nothing.
fn workbook(rows: &[[&str; 6]]) -> Vec<u8> {
    let header = [
        "ID",
        "Office365 username",
        "Verbeter hier de username indien nodig",
        "Voornaam",
        "Familienaam",
        "Geboortedatum",
    ];
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (line, row) in (0..).zip(std::iter::once(&header).chain(rows)) {
        for (column, cell) in (0..).zip(row) {
            sheet.write_string(line, column, *cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// The faults as `line rule`.
fn faults(ran: &Ran) -> Vec<String> {
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let faults = ran.report["faults"].as_array().unwrap();
    faults
        .iter()
        .map(|fault| format!("{} {}", fault["line"], fault["rule"].as_str().unwrap()))
        .collect()
}

/// R54, R55: a workbook is written by the name of the file, and read back untouched it changes nothing.
#[tokio::test]
async fn r54_r55_a_workbook_is_written_and_read_back() {
    let scene = Scene::new().await;
    // A name that a spreadsheet would run as a formula is a text in a workbook, and stays as it is.
    scene
        .load("update informat.persoon set voornaam = '=1+1', naam = '@Bert' where tenant_id = $1 and p_persoon = 3")
        .await;
    let folder = Folder::new();
    let report = folder.export(&scene, "controle.XLSX", &[]);
    assert_eq!(report["people"], 3);
    let bytes = std::fs::read(folder.path("controle.XLSX")).unwrap();
    assert!(bytes.starts_with(b"PK"));
    let untouched = folder.import(&scene, "controle.XLSX", &[]).done();
    assert_eq!(
        (&untouched["rows"], &untouched["changed"], &untouched["warnings"]),
        (&json!(3), &json!(0), &json!([]))
    );
    // Standard output has no name: it stays a CSV.
    let output = scene.command(&["usernames", "export", "--tenant", "t", "-"]);
    assert!(output.stdout.starts_with("\u{feff}ID;".as_bytes()));
}

/// R56: a workbook that another program made, with a date and a number as a spreadsheet types them.
#[tokio::test]
async fn r56_a_workbook_by_openpyxl_is_read() {
    let scene = Scene::new().await;
    scene
        .load(
            "update informat.persoon set geboortedatum = '2012-03-02' where tenant_id = $1 and p_persoon = 1;
             update informat.persoon set geboortedatum = '2013-12-31' where tenant_id = $1 and p_persoon = 2",
        )
        .await;
    let folder = Folder::new();
    folder.write("controle.xlsx", BY_OPENPYXL);
    let report = folder.import(&scene, "controle.xlsx", &[]).done();
    let expected = json!([
        {"line": 2, "sourced_id": BERT, "from": "bert.ameel", "to": "b.ameel"},
        {"line": 4, "sourced_id": JAN, "from": "jan.janssens", "to": "20240117"},
    ]);
    assert_eq!((&report["changes"], &report["warnings"]), (&expected, &json!([])));
    // Another birth date than that of the cell which the spreadsheet typed as a date.
    scene
        .load(
            "update informat.persoon set geboortedatum = '2012-03-03' where tenant_id = $1 and p_persoon = 1",
        )
        .await;
    scene.set(JAN, "jan.janssens").done();
    let slipped = folder.import(&scene, "controle.xlsx", &[]);
    assert_eq!(faults(&slipped), ["4 not-this-person"]);
    assert_eq!(slipped.report["faults"][0]["column"], "Geboortedatum");
    assert_eq!(slipped.report["faults"][0]["value"], "02/03/2012");
}

#[tokio::test]
async fn a_file_that_is_no_workbook_is_refused_with_what_to_do() {
    let scene = Scene::new().await;
    let folder = Folder::new();
    for (name, bytes, rule) in [
        ("a.xlsx", &b"ID;x"[..], "workbook-form"),
        ("b.xlsx", b"\xD0\xCF\x11\xE0\xA1\xB1", "workbook-form"),
        ("c.xlsx", &BY_OPENPYXL[..4000], "workbook-form"),
        ("d.csv", BY_OPENPYXL, "not-text"),
    ] {
        folder.write(name, bytes);
        let ran = folder.import(&scene, name, &[]);
        assert_eq!(faults(&ran), [format!("null {rule}")], "{name}");
        let message = ran.report["faults"][0]["message"].as_str().unwrap();
        assert!(message.contains(".xlsx"), "{message}");
    }
    folder.write(
        "empty.xlsx",
        &rust_xlsxwriter::Workbook::new().save_to_buffer().unwrap(),
    );
    assert_eq!(
        faults(&folder.import(&scene, "empty.xlsx", &[])),
        ["null empty-file"]
    );
    let rows = [
        [JAN, "jan.janssens", "#REF!", "", "", ""],
        [LOTTE, "", "1-mei", "", "", ""],
    ];
    folder.write("made.xlsx", &workbook(&rows));
    assert_eq!(
        faults(&folder.import(&scene, "made.xlsx", &[])),
        ["2 spreadsheet-cell", "3 spreadsheet-cell"]
    );
}

/// Each school gets and gives its own part; a correction of somebody else's pupil is refused.
#[tokio::test]
async fn r54_each_school_has_its_own_part_of_the_check_file() {
    let scene = Scene::new().await;
    scene
        .configure(|configuration| {
            let other = oneroster_school::tenant::configuration::Site {
                vestnr: 2,
                ..configuration.schools[0].sites[0].clone()
            };
            configuration.schools[0].sites.push(other);
        })
        .await;
    scene
        .load(
            "insert into informat.schoolvest (tenant_id, instelnr, vestnrdiscimus, hfdstructuur, vestiging, actief)
                 values ($1, '001507', 2, '311', 'Kade', true);
             update informat.inschrijving set vestnrdiscimus = 2 where tenant_id = $1 and p_inschr = 2;
             update informat.opdracht set vestnrdiscimus = 1 where tenant_id = $1",
        )
        .await;
    let folder = Folder::new();
    let report = folder.export(&scene, "markt.csv", &["--org", "001507-1"]);
    assert_eq!(
        (&report["people"], &report["org"]),
        (&json!(2), &json!("001507-1"))
    );
    let text = std::fs::read_to_string(folder.path("markt.csv")).unwrap();
    assert!(
        text.contains(JAN) && text.contains(BERT) && !text.contains(LOTTE),
        "{text}"
    );
    folder.export(&scene, "kade.xlsx", &["--org", "001507-2"]);
    let kade = folder.import(&scene, "kade.xlsx", &["--org", "001507-2"]).done();
    assert_eq!((&kade["rows"], &kade["warnings"]), (&json!(1), &json!([])));

    let rows = [
        [JAN, "jan.janssens", "jj", "", "", ""],
        [LOTTE, "lotte.peeters", "", "", "", ""],
    ];
    folder.write("all.xlsx", &workbook(&rows));
    let taken = folder
        .import(&scene, "all.xlsx", &["--org", "001507-1", "--dry-run"])
        .done();
    assert_eq!(taken["changed"], 1);
    assert_eq!(
        taken["warnings"][0]["message"],
        "1 row of somebody who is not at 001507-1 passed over"
    );
    let rows = [rows[0], [LOTTE, "lotte.peeters", "lot", "", "", ""]];
    folder.write("all.xlsx", &workbook(&rows));
    let refused = folder.import(&scene, "all.xlsx", &["--org", "001507-1"]);
    assert_eq!(faults(&refused), ["3 other-org"]);
    let message = refused.report["faults"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("Lotte Peeters") && message.contains("001507-1"),
        "{message}"
    );
    assert_eq!(scene.name(JAN).await, "jan.janssens", "all or nothing");

    for action in ["export", "import"] {
        let path = folder.path("all.xlsx");
        let ran = scene.run(&[action, path.to_str().unwrap(), "--org", "001507-9"]);
        let (rule, message) = ran.refused();
        assert_eq!(rule, "unknown-org");
        assert!(message.contains("001507-1, 001507-2"), "{message}");
    }
}
