//! The check file: written, corrected in a spreadsheet, read back.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Ran, Scene, nothing_to_publish, sends_domains};
use crate::harness::school::{BERT, JAN, LOTTE};

const HEADER: &str =
    "ID;Office365 username;Verbeter hier de username indien nodig;Voornaam;Familienaam;Geboortedatum";

/// A folder with a check file.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("controle.csv")
    }

    fn export(&self, scene: &Scene) -> Value {
        scene.run(&["export", self.path().to_str().unwrap()]).done()
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.path()).unwrap()
    }

    fn import_bytes(&self, scene: &Scene, bytes: &[u8], more: &[&str]) -> Ran {
        std::fs::write(self.path(), bytes).unwrap();
        let path = self.path();
        let mut arguments = vec!["import", path.to_str().unwrap()];
        arguments.extend(more);
        scene.run(&arguments)
    }

    /// Reads back a file of these rows under the header.
    fn import(&self, scene: &Scene, rows: &[String], more: &[&str]) -> Ran {
        let text = format!("{HEADER}\r\n{}\r\n", rows.join("\r\n"));
        self.import_bytes(scene, text.as_bytes(), more)
    }
}

fn row(id: &str, before: &str, wanted: &str) -> String {
    format!("{id};{before};{wanted};;;")
}

/// Returns the faults as `line column value rule`.
fn faults(ran: &Ran) -> Vec<String> {
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(ran.report["accepted"], false);
    assert_eq!(ran.report["changes"], json!([]));
    let faults = ran.report["faults"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    faults
        .iter()
        .map(|fault| {
            assert_eq!(fault["file"], "controle.csv");
            let column = text(&fault["column"]);
            let column = column.split(' ').next().unwrap();
            let (value, rule) = (text(&fault["value"]), text(&fault["rule"]));
            format!("{} {column} {value} {rule}", fault["line"])
        })
        .collect()
}

/// R54, R55, R57: everyone who would be published if released, with suffixes, as a spreadsheet shows it with accents.
#[tokio::test]
async fn r54_r55_r57_the_file_lists_everyone_who_would_be_published_if_released() {
    let scene = Scene::new().await;
    let future = scene.add_pupil(12, "Zoë", "Ötker", 30).await;
    let namesake = scene.add_pupil(13, "Zoe", "Otker", -5).await;
    scene.add_pupil(14, "Weg", "Gegaan", -5).await;
    scene
        .load(
            "update informat.persoon set geboortedatum = '2012-03-02' where tenant_id = $1 and p_persoon = 2;
             update informat.inschrijving set status = 1 where tenant_id = $1 and p_inschr = 14",
        )
        .await;
    scene.run(&["sync", "off", "--all"]).done();
    let desk = Desk::new();
    let report = desk.export(&scene);
    assert_eq!(
        (&report["people"], &report["dry_run"]),
        (&json!(5), &json!(false))
    );
    let expected = [
        format!("\u{feff}{HEADER}"),
        format!("{BERT};bert.ameel;;Bert;Ameel;"),
        format!("{JAN};jan.janssens;;Jan;Janssens;"),
        format!("{future};zoe.otker;;Zoë;Ötker;"),
        format!("{namesake};zoe.otker2;;Zoe;Otker;"),
        format!("{LOTTE};lotte.peeters;;Lotte;Peeters;02/03/2012"),
        String::new(),
    ];
    let mut lines: Vec<String> = desk.text().split("\r\n").map(str::to_owned).collect();
    // Namesakes stand together; which comes first is a matter of their ids.
    lines[3..5].sort_by_key(|line| !line.contains("Zoë"));
    assert_eq!(lines, expected);
    let mode = std::fs::metadata(desk.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "names and birth dates are for who asked");
}

/// R43, R57: with domains of ours the file shows what an account must be called to be found.
#[tokio::test]
async fn r34_r43_the_file_shows_names_as_they_are_sent() {
    let scene = Scene::configured(sends_domains).await;
    let desk = Desk::new();
    desk.export(&scene);
    assert!(
        desk.text()
            .contains(&format!("{JAN};jan.janssens@leerling.school.example;"))
    );
    assert!(
        desk.text()
            .contains(&format!("{BERT};bert.ameel@school.example;"))
    );
}

/// Exporting and reading back what was exported changes nothing.
#[tokio::test]
async fn r54_a_file_read_back_untouched_changes_nothing() {
    let scene = Scene::configured(sends_domains).await;
    scene.set(JAN, "Jantje@oud.example").done();
    scene.served().await;
    let desk = Desk::new();
    desk.export(&scene);
    let version = scene.version().await;
    let bytes = std::fs::read(desk.path()).unwrap();
    let report = desk.import_bytes(&scene, &bytes, &[]).done();
    assert_eq!((&report["rows"], &report["changed"]), (&json!(3), &json!(0)));
    assert_eq!(report["warnings"], json!([]));
    assert_eq!(scene.version().await, version);
    nothing_to_publish(&scene).await;
}

/// R42, R56: the third column becomes the username; the flags stay; a dry run says the same and keeps nothing.
#[tokio::test]
async fn r56_r42_the_third_column_becomes_the_username() {
    let scene = Scene::new().await;
    scene.run(&["sync", "off", "--user", JAN]).done();
    scene.served().await;
    let desk = Desk::new();
    desk.export(&scene);
    let text = desk
        .text()
        .replace("jan.janssens;;", "jan.janssens; Jan.J ;")
        .replace("bert.ameel;;", "bert.ameel;o'bert;");
    let expected = json!([
        {"line": 2, "sourced_id": BERT, "from": "bert.ameel", "to": "o'bert"},
        {"line": 3, "sourced_id": JAN, "from": "jan.janssens", "to": "Jan.J"},
    ]);
    let dry = desk.import_bytes(&scene, text.as_bytes(), &["--dry-run"]).done();
    assert_eq!((&dry["changes"], &dry["dry_run"]), (&expected, &json!(true)));
    assert_eq!(scene.name(JAN).await, "jan.janssens");
    nothing_to_publish(&scene).await;

    let report = desk
        .import_bytes(&scene, text.as_bytes(), &["--by", "ict"])
        .done();
    assert_eq!(
        (&report["changes"], &report["accepted"]),
        (&expected, &json!(true))
    );
    assert_eq!(scene.record(JAN).await, ("Jan.J".to_owned(), false));
    assert_eq!(scene.record(BERT).await, ("o'bert".to_owned(), true));
    assert_eq!(scene.served_name(BERT).await.as_deref(), Some("o'bert"));
    assert_eq!(
        scene.history(BERT).last().unwrap(),
        "ict: local_part bert.ameel>o'bert"
    );
    let listed = scene.run(&["list", "--search", "o'bert"]).done();
    assert_eq!(listed["usernames"][0]["origin"], "csv");
    assert_eq!(listed["usernames"][0]["retired_names"], json!(["bert.ameel"]));
    // The same file again finds everything done.
    let again = desk.import_bytes(&scene, text.as_bytes(), &[]).done();
    assert_eq!((&again["changed"], &again["warnings"]), (&json!(0), &json!([])));
}

/// A third cell that repeats the username says that it is good: the record asks for review no longer. An empty one says nothing.
#[tokio::test]
async fn r56_a_third_cell_with_the_same_name_answers_the_review() {
    let scene = Scene::new().await;
    let good = scene.add_pupil(11, "محمد", "Al Masri", -5).await;
    let open = scene.add_pupil(12, "محمد", "Al Hadid", -5).await;
    let needs_review =
        |user: &str| scene.run(&["list", "--search", user]).done()["usernames"][0]["needs_review"].clone();
    let desk = Desk::new();
    let rows = [row(&good, "almasri", "almasri"), row(&open, "alhadid", "")];
    let dry = desk.import(&scene, &rows, &["--dry-run"]).done();
    assert_eq!((&dry["changed"], &dry["reviewed"]), (&json!(0), &json!(1)));
    assert_eq!(needs_review(&good), true, "a dry run keeps nothing");
    let wrong = [rows[0].clone(), row(JAN, "jan.janssens", "jan janssens")];
    assert_eq!(desk.import(&scene, &wrong, &[]).report["reviewed"], 0);
    assert_eq!(needs_review(&good), true, "all or nothing");
    let report = desk.import(&scene, &rows, &[]).done();
    assert_eq!((&report["changed"], &report["reviewed"]), (&json!(0), &json!(1)));
    assert_eq!(
        (needs_review(&good), needs_review(&open)),
        (json!(false), json!(true))
    );
    let history = scene.history(&good);
    assert!(
        history[2].ends_with(": waits_for review>-") && history.len() == 3,
        "{history:?}"
    );
}

/// R36: the third column repeats the second's form, domain and all; that pins the domain, which is remarked on.
#[tokio::test]
async fn r36_r56_the_domain_of_the_site_in_the_third_column_is_remarked_on() {
    let scene = Scene::configured(sends_domains).await;
    let rows = [
        row(JAN, "", "jan.j@leerling.school.example"),
        row(LOTTE, "", "lotte.p@oud.example"),
    ];
    let report = Desk::new().import(&scene, &rows, &["--dry-run"]).done();
    let warnings = report["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(
        (&warnings[0]["line"], &warnings[0]["sourced_id"]),
        (&json!(2), &json!(JAN))
    );
    let message = warnings[0]["message"].as_str().unwrap();
    assert!(
        message.contains("stays from now on, also after a move"),
        "{message}"
    );
}

/// R56 as a spreadsheet on a Belgian Windows saves it: Windows-1252, commas or semicolons, quotes, empty rows, capitals.
#[tokio::test]
async fn r55_r56_files_as_spreadsheets_save_them_are_read() {
    let scene = Scene::new().await;
    scene
        .load("update informat.persoon set voornaam = 'Zoë' where tenant_id = $1 and p_persoon = 1")
        .await;
    let desk = Desk::new();
    let upper = JAN.to_uppercase();
    let lower = HEADER.to_lowercase();
    let files: [(&str, Vec<u8>); 6] = [
        (
            "n1",
            format!("\u{feff}{HEADER}\n{upper};;n1;Zoë;;\n").into_bytes(),
        ),
        (
            "n2",
            [
                HEADER.as_bytes(),
                b"\r\n",
                JAN.as_bytes(),
                b";;n2;Zo\xEB;;\x80\r\n;;;;;\r\n;;;;;\r\n\r\n",
            ]
            .concat(),
        ),
        (
            "n3",
            format!(
                "{}\r\n\"{JAN}\",\"\",\"n3\",\"Zoë\",\"\"\"Janssens\"\"\",\"a, b\"\r\n",
                HEADER.replace(';', ",")
            )
            .into_bytes(),
        ),
        ("n4", format!("{lower};opmerking\r\n{JAN};;n4\r\n").into_bytes()),
        (
            "n5",
            format!("Verbeter hier de username indien nodig;ID\rn5;{JAN}\r").into_bytes(),
        ),
        ("-n6", format!("{HEADER}\r\n{{{JAN}}};;'-n6;;;\r\n").into_bytes()),
    ];
    for (name, bytes) in files {
        let report = desk.import_bytes(&scene, &bytes, &[]).done();
        assert_eq!(
            (&report["changed"], &report["rows"]),
            (&json!(1), &json!(1)),
            "{name}"
        );
        let remarked = report["warnings"].as_array().unwrap().len();
        assert_eq!(remarked, usize::from(name == "n2"), "{report}");
        assert_eq!(scene.name(JAN).await, name);
    }
}

#[tokio::test]
async fn a_file_that_is_no_csv_is_refused_as_a_whole() {
    let scene = Scene::new().await;
    let desk = Desk::new();
    let utf16: Vec<u8> = "\u{feff}ID;".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, expected) in [
        (b"PK\x03\x04 workbook".to_vec(), "null - - not-text"),
        (utf16, "null - - not-text"),
        (b"ID;\x81".to_vec(), "null - - not-text"),
        (b"ID\0".to_vec(), "null - - not-text"),
        (Vec::new(), "null - - empty-file"),
        (b"\xEF\xBB\xBF\r\n".to_vec(), "null - - empty-file"),
        (format!("{HEADER};id").into_bytes(), "1 ID - duplicate-column"),
        (b"ID;Voornaam".to_vec(), "1 Verbeter - missing-column"),
        (b"\"ID;Voornaam".to_vec(), "1 - - quote-form"),
    ] {
        assert_eq!(faults(&desk.import_bytes(&scene, &bytes, &[])), [expected]);
    }
    let huge = vec![b' '; (32 << 20) + 1];
    assert_eq!(
        faults(&desk.import_bytes(&scene, &huge, &[])),
        ["null - - too-large"]
    );
    let missing = scene.run(&["import", "/nonexistent/controle.csv"]);
    assert_eq!(missing.code, Some(1));
    assert!(missing.errors.contains("cannot open /nonexistent/controle.csv"));
}

/// R71–R73: every fault is told, and one of them keeps all the rest from happening.
#[tokio::test]
async fn r71_r72_r73_every_fault_is_told_and_nothing_is_changed() {
    let scene = Scene::configured(sends_domains).await;
    let one = scene.add_pupil(12, "An", "Een", -5).await;
    let two = scene.add_pupil(13, "An", "Twee", -5).await;
    let nobody = super::pupil(99);
    let version = scene.version().await;
    let desk = Desk::new();
    let rows = [
        row(JAN, "jan.janssens", "goed"),
        row("12", "", "x"),
        row(&nobody, "", "x"),
        row(LOTTE, "lotte.peeters", "zoë"),
        row(LOTTE, "lotte.peeters", &"a".repeat(65)),
        row(BERT, "bert.ameel", "bert"),
        row(&one, "an.een", "x@elders.example"),
        row(&two, "an.een", "x"),
        format!("{two};an.twee;BERT.ameel;;;;1;"),
        format!("\"{two}\"x;an.twee;x;;;"),
    ];
    let ran = desk.import(&scene, &rows, &[]);
    let message = ran.report["faults"][5]["message"].as_str().unwrap().to_owned();
    let expected = [
        "3 ID 12 id-form".to_owned(),
        format!("4 ID {nobody} unknown-person"),
        "5 Verbeter zoë name-form".to_owned(),
        format!("6 ID {LOTTE} duplicate-person"),
        format!("6 Verbeter {} name-length", "a".repeat(65)),
        "7 Verbeter bert domain-form".to_owned(),
        "8 Verbeter x@elders.example domain-form".to_owned(),
        "9 Office365 an.een not-this-person".to_owned(),
        "10 - - cell-count".to_owned(),
        "11 - - quote-form".to_owned(),
    ];
    assert_eq!(faults(&ran), expected);
    assert!(message.contains("for staff"), "{message}");
    let held = faults(&desk.import(&scene, &[row(&two, "", "BERT.ameel")], &[]));
    assert_eq!(held, ["2 Verbeter BERT.ameel name-held"]);
    let twice = [row(&one, "", "nieuw"), row(&two, "", "NIEUW")];
    assert_eq!(
        faults(&desk.import(&scene, &twice, &[])),
        ["3 Verbeter NIEUW name-twice"]
    );
    assert_eq!(scene.name(JAN).await, "jan.janssens");
    assert_eq!(scene.version().await, version);
    let path = desk.path();
    let output = scene.command(&["usernames", "import", "--tenant", "t", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(
        table.contains("controle.csv:3") && table.contains("name-twice"),
        "{table}"
    );
}

/// R140: names that swap, or move up a chain, cannot pass in one sync; the refusal says how it is done.
#[tokio::test]
async fn r140_names_that_swap_are_refused_with_the_steps() {
    let scene = Scene::new().await;
    scene.served().await;
    let desk = Desk::new();
    let swap = [
        row(JAN, "jan.janssens", "Lotte.Peeters"),
        row(LOTTE, "lotte.peeters", "jan.janssens"),
    ];
    let ran = desk.import(&scene, &swap, &[]);
    let message = ran.report["faults"][0]["message"].as_str().unwrap().to_owned();
    assert_eq!(
        faults(&ran),
        [
            "2 Verbeter Lotte.Peeters name-swap",
            "3 Verbeter jan.janssens name-swap"
        ]
    );
    for part in ["line 3", "1. ", "Lotte.Peeters_EX", "2. ", "alias", "3. "] {
        assert!(message.contains(part), "{part:?}: {message}");
    }
    let chain = [
        row(JAN, "jan.janssens", "lotte.peeters"),
        row(LOTTE, "lotte.peeters", "lot"),
    ];
    assert_eq!(
        faults(&desk.import(&scene, &chain, &[])),
        ["2 Verbeter lotte.peeters name-swap"]
    );
    // The steps, with the sheet that was exported first.
    let steps = [
        [
            row(JAN, "jan.janssens", "lotte.peeters_EX"),
            row(LOTTE, "lotte.peeters", "jan.janssens_EX"),
        ],
        swap,
    ];
    for rows in steps {
        desk.import(&scene, &rows, &[]).done();
        scene.served().await;
    }
    assert_eq!(scene.name(JAN).await, "Lotte.Peeters");
    assert_eq!(scene.name(LOTTE).await, "jan.janssens");
}

/// Before anybody was served there is no account: names change hands in one file, in a ring too.
#[tokio::test]
async fn names_that_were_never_served_swap_in_one_file() {
    let scene = Scene::new().await;
    let desk = Desk::new();
    let ring = [
        row(JAN, "jan.janssens", "lotte.peeters"),
        row(LOTTE, "lotte.peeters", "bert.ameel"),
        row(BERT, "bert.ameel", "Jan.Janssens"),
    ];
    let planned = desk.import(&scene, &ring, &["--dry-run"]).done();
    assert_eq!(planned["changes"].as_array().unwrap().len(), 3);
    assert_eq!(scene.name(JAN).await, "jan.janssens");
    desk.import(&scene, &ring, &[]).done();
    let mut names = Vec::new();
    for user in [JAN, LOTTE, BERT] {
        names.push(scene.name(user).await);
    }
    assert_eq!(names, ["lotte.peeters", "bert.ameel", "Jan.Janssens"]);
    let listed = scene.run(&["list"]).done();
    for entry in listed["usernames"].as_array().unwrap() {
        assert_eq!(entry["retired_names"], json!([]), "{entry}");
    }
}

/// Of two names that swap, one that was served is enough: its account would pass to the other.
#[tokio::test]
async fn r140_a_swap_of_which_one_name_was_served_is_refused() {
    let scene = Scene::new().await;
    scene.run(&["sync", "off", "--user", JAN]).done();
    scene.served().await;
    scene.run(&["sync", "off", "--user", LOTTE]).done();
    scene.served().await;
    let desk = Desk::new();
    let swap = [
        row(JAN, "jan.janssens", "lotte.peeters"),
        row(LOTTE, "lotte.peeters", "jan.janssens"),
    ];
    let ran = desk.import(&scene, &swap, &[]);
    assert_eq!(faults(&ran), ["2 Verbeter lotte.peeters name-swap"]);
    let message = ran.report["faults"][0]["message"].as_str().unwrap();
    for part in ["was served", "1. ", "2. ", "3. "] {
        assert!(message.contains(part), "{part:?}: {message}");
    }
    // Hers goes to nobody; his, which nobody was served under, may pass.
    let chain = [
        row(JAN, "jan.janssens", "jan"),
        row(LOTTE, "lotte.peeters", "jan.janssens"),
    ];
    desk.import(&scene, &chain, &[]).done();
    assert_eq!(scene.name(LOTTE).await, "jan.janssens");
}

/// Whoever corrects a name that changed after the export is told; rows that slipped against the ids are refused.
#[tokio::test]
async fn r56_a_sheet_whose_rows_slipped_gives_nobody_anothers_name() {
    let scene = Scene::new().await;
    let desk = Desk::new();
    let slipped = [row(JAN, "lotte.peeters", "lot"), row(LOTTE, "jan.janssens", "")];
    let ran = desk.import(&scene, &slipped, &[]);
    let remark = ran.report["warnings"][0]["message"].as_str().unwrap().to_owned();
    assert_eq!(faults(&ran), ["2 Office365 lotte.peeters not-this-person"]);
    assert!(remark.contains("belongs in the third"), "{remark}");
    scene.set(JAN, "jantje").done();
    let report = desk
        .import(&scene, &[row(JAN, "jan.janssens", "jan.j")], &[])
        .done();
    let remark = report["warnings"][0]["message"].as_str().unwrap();
    assert!(remark.contains("from jan.janssens to jantje"), "{remark}");
    let report = desk
        .import(&scene, &[row(LOTTE, "lotte.peeters", "Jantje")], &[])
        .done();
    assert!(
        report["warnings"][0]["message"]
            .as_str()
            .unwrap()
            .contains("alias")
    );
}

/// R55: a name that a spreadsheet would run is text in the file, and the file is read back all the same.
#[tokio::test]
async fn r55_a_formula_in_a_name_is_harmless() {
    let scene = Scene::new().await;
    scene
        .load("update informat.persoon set naam = '=cmd|''/c calc''!A1', voornaam = '-' where tenant_id = $1 and p_persoon = 1")
        .await;
    let desk = Desk::new();
    desk.export(&scene);
    assert!(
        desk.text()
            .contains(&format!("{JAN};jan.janssens;;'-;'=cmd|'/c calc'!A1;")),
        "{}",
        desk.text()
    );
    let bytes = std::fs::read(desk.path()).unwrap();
    assert_eq!(desk.import_bytes(&scene, &bytes, &[]).done()["changed"], 0);
}

#[tokio::test]
async fn a_dry_run_of_the_export_writes_nothing_and_a_file_that_is_there_is_replaced() {
    let scene = Scene::new().await;
    let desk = Desk::new();
    let path = desk.path();
    let path = path.to_str().unwrap();
    let report = scene.run(&["export", path, "--dry-run"]).done();
    assert_eq!((&report["people"], &report["dry_run"]), (&json!(3), &json!(true)));
    assert!(!desk.path().exists());
    std::fs::write(desk.path(), "old").unwrap();
    desk.export(&scene);
    assert!(desk.text().contains(JAN));
    assert_eq!(std::fs::read_dir(desk.folder.path()).unwrap().count(), 1);
    let nowhere = scene.run(&["export", "/nonexistent/controle.csv"]);
    assert_eq!(nowhere.code, Some(1));
    assert!(nowhere.errors.contains("cannot write /nonexistent/controle.csv"));
}
