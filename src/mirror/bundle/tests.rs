//! Whatever a file holds, reading it ends, without a panic, in rows that COPY takes and faults that point at lines.

use proptest::prelude::*;

use super::*;
use crate::mirror::layout::Table;

/// Reads text as the file of a table.
fn read_table(table: &'static Table, text: &str, mode: Mode) -> (Staged, Faults) {
    let mut faults = Faults::default();
    let staged = file::read(table, text, mode, &mut faults);
    (staged, faults)
}

fn table(name: &str) -> &'static Table {
    TABLES.iter().find(|table| table.name == name).unwrap()
}

fn header(table: &Table) -> String {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    names.join(";")
}

/// Checks what must hold of any file: each row staged has all its fields, and each fault lies within the file.
fn check(table: &'static Table, text: &str, mode: Mode) -> Result<(), TestCaseError> {
    let (staged, faults) = read_table(table, text, mode);
    let fields = table.columns.len() + 3;
    prop_assert!(staged.copy.is_empty() || staged.copy.ends_with('\n'));
    for row in staged.copy.lines() {
        prop_assert_eq!(row.split('\t').count(), fields, "{:?}", row);
        let sound = !row.contains(|character: char| character.is_ascii_control() && character != '\t');
        prop_assert!(sound, "{:?}", row);
    }
    prop_assert!(staged.copy.lines().count() as u64 <= staged.row_count);
    let last_line = line_ends(text) + 1;
    for fault in faults.list() {
        prop_assert!(
            fault.line.is_none_or(|line| (1..=last_line).contains(&line)),
            "{:?}",
            fault
        );
    }
    Ok(())
}

/// Text of the characters that mean something to a reader of CSV or to COPY.
fn nasty_text() -> impl Strategy<Value = String> {
    "[\"\\\\;,\\r\\n\\t\\x00 N01a-é٣-]{0,60}"
}

proptest! {
    #[test]
    fn random_bytes_never_panic_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(text) = header::decode("x.csv", &bytes) {
            for table in &TABLES {
                check(table, text, Mode::Delta)?;
            }
            manifest::read(text, &mut Faults::default());
        }
    }

    #[test]
    fn random_rows_below_a_good_header_never_panic_the_reader(rows in nasty_text(), delta in any::<bool>()) {
        for table in &TABLES {
            let mode = if delta { Mode::Delta } else { Mode::Full };
            let verwijderd = if delta { ";verwijderd" } else { "" };
            check(table, &format!("{}{verwijderd}\n{rows}", header(table)), mode)?;
        }
        manifest::read(&format!("bestand;rijen\n{rows}"), &mut Faults::default());
    }

    #[test]
    fn random_cells_never_panic_the_reader(cell in "[0-9:.TZ+é -]{0,40}") {
        for table in &TABLES {
            let cells = vec![cell.as_str(); table.columns.len()].join(";");
            check(table, &format!("{}\n{cells}", header(table)), Mode::Full)?;
        }
    }

    #[test]
    fn a_random_archive_never_panics_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..400), head in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bundle.zip");
        // With the mark of an archive's end in front, more of it is looked at.
        let mark: &[u8] = if head { b"PK\x05\x06" } else { b"" };
        std::fs::write(&path, [mark, &bytes].concat()).unwrap();
        let _ = Bundle::read(&path, Mode::Full, |_| ());
    }
}

#[test]
fn a_good_row_is_staged_with_its_line() {
    let text = format!(
        "{}\n\n7;{{0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0}}; O\\N ;;2015-02-28;",
        header(table("persoon"))
    );
    let (staged, faults) = read_table(table("persoon"), &text, Mode::Full);
    assert_eq!(faults, Faults::default());
    let expected = "7\t0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0\tO\\\\N\t\\N\t2015-02-28\t\\N\t3\tf\tf\n";
    assert_eq!(staged.copy, expected);
}

#[test]
fn a_header_that_names_a_column_twice_or_not_is_a_fault() {
    let rules = |text: &str| -> Vec<(Option<String>, Rule)> {
        let (staged, faults) = read_table(table("school"), text, Mode::Full);
        assert!(!staged.complete);
        faults
            .list()
            .iter()
            .map(|fault| (fault.column.clone(), fault.rule))
            .collect()
    };
    let column = |name: &str| Some(name.to_owned());
    assert_eq!(
        rules("instelnr,school,schoolcode,School\n"),
        [(column("school"), Rule::DuplicateColumn)]
    );
    assert_eq!(
        rules("instelnr\n001507\n"),
        [
            (column("school"), Rule::MissingColumn),
            (column("schoolcode"), Rule::MissingColumn)
        ]
    );
    assert_eq!(rules("\n\n"), [(None, Rule::EmptyFile)]);
    assert_eq!(rules("\"instelnr,school"), [(None, Rule::QuoteForm)]);
}

#[test]
fn text_in_another_encoding_is_a_fault_on_its_line() {
    for (bytes, line, hint) in [
        (&b"a\nb\r\nCaf\xE9"[..], 3, "Windows-1252"),
        (&b"\xFF\xFEi\0"[..], 1, "UTF-16"),
        (&b"\xEF\xBB\xBFa\rb\xC3"[..], 2, "Windows-1252"),
    ] {
        let fault = header::decode("school.csv", bytes).unwrap_err();
        assert_eq!((fault.rule, fault.line), (Rule::NotUtf8, Some(line)));
        assert!(fault.message.contains(hint), "{}", fault.message);
    }
    assert_eq!(header::decode("school.csv", "\u{feff}é".as_bytes()).unwrap(), "é");
}

#[test]
fn a_bundle_with_more_lines_than_any_has_is_refused_before_its_rows_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "1;\n".repeat(usize::try_from(LINES_LIMIT).unwrap() + 1);
    std::fs::write(
        folder.path().join("persoon.csv"),
        format!("{}\n{rows}", header(table("persoon"))),
    )
    .unwrap();
    let bundle = Bundle::read(folder.path(), Mode::Full, |_| ()).unwrap();
    let faults = bundle.faults().list();
    assert_eq!(faults.len(), 1);
    assert_eq!(
        (faults[0].rule, faults[0].file.as_str()),
        (Rule::TooLarge, "persoon.csv")
    );
    assert!(bundle.tables[0].copy.is_empty());
}
