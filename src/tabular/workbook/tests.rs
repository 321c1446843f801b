//! Workbooks, well made and not.

use std::io::Write;

use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

const TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#;
const ROOT: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;
const BOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#;

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A workbook made by hand: these rows, and these shared texts.
fn book(rows: &str, shared: &str) -> Vec<u8> {
    let sheet = format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
    );
    let shared =
        format!(r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{shared}</sst>"#);
    zipped(&[
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("_rels/.rels", ROOT.as_bytes()),
        ("xl/workbook.xml", BOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes()),
        ("xl/sharedStrings.xml", shared.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

fn rows(bytes: &[u8]) -> Result<Vec<(u64, Vec<String>)>, WorkbookError> {
    let mut rows = Vec::new();
    each_row(bytes, |line, cells| {
        rows.push((line, cells.iter().map(|cell| cell.clone().into_owned()).collect()));
    })?;
    Ok(rows)
}

#[test]
fn what_is_written_is_read_as_it_was() {
    let columns = ["ID", "Naam"].map(|name| Column { name, width: 20.0 });
    let cells = [
        ["0012", "=HYPERLINK(\"x\")"],
        ["", "é\u{1F600} <&> \"q\" 'q"],
        ["1-5", "  two  "],
        ["+32", "@x\nline"],
    ];
    let written = write("Blad", &columns, cells.iter().map(|row| row.map(str::to_owned))).unwrap();
    let read = rows(&written).unwrap();
    assert_eq!(read[0], (1, vec!["ID".to_owned(), "Naam".to_owned()]));
    for (line, row) in (2..).zip(cells) {
        assert_eq!(read[line - 1], (line as u64, row.map(str::to_owned).to_vec()));
    }
    let sheet = part(&written, "xl/worksheets/sheet1.xml");
    assert!(
        sheet.contains("state=\"frozen\"") && !sheet.contains("<f>"),
        "{sheet}"
    );
    let styles = part(&written, "xl/styles.xml");
    assert!(styles.contains("numFmtId=\"49\""), "text cells: {styles}");
}

fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn cells_are_read_as_they_show() {
    let made = book(
        r#"<row r="3"><c r="A3" t="s"><v>0</v></c><c r="C3"><v>45123</v></c><c r="D3"><v>120000000000</v></c>
           <c r="E3" t="e"><v>#REF!</v></c><c r="F3" t="b"><v>1</v></c><c r="G3" t="inlineStr"><is><t>in</t></is></c>
           <c r="H3" t="str"><f>1+1</f><v>2</v></c><c r="I3"><v>1.5</v></c></row>
           <row r="9"><c r="A9" t="n"><v>7</v></c></row>"#,
        "<si><t>text</t></si>",
    );
    let cells = ["text", "", "45123", "1.2E+11", "#REF!", "TRUE", "in", "2", "1.5"];
    assert_eq!(
        rows(&made).unwrap(),
        [(3, cells.map(str::to_owned).to_vec()), (9, vec!["7".to_owned()])]
    );
}

#[test]
fn a_workbook_that_is_too_large_or_none_is_refused_without_reading_it() {
    let refused = |bytes: &[u8]| {
        let limits = Limits {
            parts: 10,
            unpacked: 100_000,
            elements: 1000,
            text: 1000,
        };
        each_row_within(bytes, &limits, |_, _| {})
            .unwrap_err()
            .to_string()
    };
    let bomb = book(&" ".repeat(100_000), "");
    assert!(bomb.len() < 2000);
    assert!(refused(&bomb).contains("128 MiB"));
    assert!(refused(&book(&"<row/>".repeat(1000), "")).contains("elements"));
    // One text in many cells.
    let cell = |row| format!(r#"<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>"#);
    let cells: String = (1..=20).map(cell).collect();
    let text = format!("<si><t>{}</t></si>", "a".repeat(60));
    assert!(refused(&book(&cells, &text)).contains("64 MiB of text"));
    let names: Vec<String> = (0..11).map(|number| format!("{number}.xml")).collect();
    let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert!(refused(&zipped(&parts)).contains("1,000 parts"));
    for (bytes, message) in [
        (&b"ID;x"[..], "no Excel workbook"),
        (b"PK\x03\x04 broken", "no Excel workbook"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "password"),
    ] {
        assert!(refused(bytes).contains(message), "{message}");
    }
    assert!(rows(&zipped(&[("a.txt", b"a")])).is_err());
    let whole = book("<row/>", "");
    assert!(rows(&whole[..whole.len() / 2]).is_err());
}

/// A cell at the far corner of the sheet costs nothing, and what lies outside the columns that are read is left out.
#[test]
fn a_sparse_sheet_costs_no_more_than_its_cells() {
    let made = book(
        r#"<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row><row r="1048576"><c r="B1048576"><v>3</v></c></row>"#,
        "",
    );
    let read = rows(&made).unwrap();
    assert_eq!(read[0], (1, vec!["1".to_owned()]));
    assert_eq!(read[1], (1_048_576, vec![String::new(), "3".to_owned()]));
}

proptest! {
    /// Whatever stands in the parts of a workbook: it is read or refused.
    #[test]
    fn any_sheet_is_read_or_refused(
        rows_text in "(<row r=\"[0-9]{0,11}\">|</row>|<c r=\"[A-Z]{0,8}[0-9]{0,11}\" t=\"(s|n|b|e|d|str|inlineStr|x)\" s=\"[0-9]{0,3}\">|</c>|<v>[-0-9.Ee]{0,12}</v>|<is><t>a</t></is>|<f>|[<>&;]){0,12}",
        shared in "(<si>|</si>|<t>|</t>|<r>|a|&#x[0-9]{1,8};){0,8}",
    ) {
        let _ = rows(&book(&rows_text, &shared));
    }
}
