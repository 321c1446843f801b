use proptest::prelude::*;

use super::*;

const OLD_3A: &str = "00000000-0000-4000-8000-00000000003a";
const OLD_3B: &str = "00000000-0000-4000-8000-00000000003b";
const NEW_4A: &str = "00000000-0000-4000-8000-00000000004a";
const EARLIER: &str = "00000000-0000-4000-8000-00000000002a";
/// A group in Entra.
const GROUP: &str = "99999999-0000-4000-8000-000000000001";

fn years() -> ClassYears {
    let mut years = ClassYears::default();
    years.add(EARLIER, "2024-25 2A - Markt", "2024-25");
    years.add(OLD_3A, "2025-26 3A - Markt", "2025-26");
    years.add(OLD_3B, "2025-26 3B - Bréda; \"blauw\"", "2025-26");
    years.add(NEW_4A, "2026-27 4A - Markt", "2026-27");
    years
}

fn kept(bytes: &[u8]) -> Vec<u8> {
    let sheet = Sheet::read(bytes).unwrap();
    let judged = years().judge(&sheet, "2025-26", "2026-27");
    assert_eq!(judged.contradictions, []);
    assert!(!judged.header_is_class);
    let rows = judged
        .rows
        .iter()
        .filter(|row| matches!(row.verdict, Verdict::Kept(_)));
    sheet.with_rows(rows.map(|row| &sheet.rows()[row.index]))
}

fn utf_16(text: &str, little: bool) -> Vec<u8> {
    let units = text.encode_utf16();
    units
        .flat_map(|unit| {
            if little {
                unit.to_le_bytes()
            } else {
                unit.to_be_bytes()
            }
        })
        .collect()
}

#[test]
fn r146_rows_of_the_year_stay_byte_for_byte_in_any_layout() {
    let upper = OLD_3A.to_uppercase();
    for (all, expected) in [
        (
            format!(
                "Section SIS ID,Section Name,Members\r\n{OLD_3A},x,21\r\n{NEW_4A},y,3\r\n{EARLIER},z,0\r\n{OLD_3B},w,1\r\n"
            ),
            format!("Section SIS ID,Section Name,Members\r\n{OLD_3A},x,21\r\n{OLD_3B},w,1\r\n"),
        ),
        (
            format!(
                "\"Group Id\";\"Naam\";\"SIS\"\n\"{GROUP}\";\"x\ny\";\"Section_{upper}\"\n\"{GROUP}\";\"2026-27 4a -  Markt\";\"\"\n"
            ),
            format!("\"Group Id\";\"Naam\";\"SIS\"\n\"{GROUP}\";\"x\ny\";\"Section_{upper}\"\n"),
        ),
        (
            format!(
                "Name;Id\n2026-27 4A - Markt;\n\"2025-26 3B - Bréda; \"\"blauw\"\"\";\nGodsdienst;{GROUP}"
            ),
            "Name;Id\n\"2025-26 3B - Bréda; \"\"blauw\"\"\";\n".to_owned(),
        ),
        (
            format!(
                "Mail\tLast\nsection_{OLD_3A}@x.example\t2026-06-01\n\n \t \nonbekend\t1\nsection_{OLD_3B}@x.example\t"
            ),
            format!("Mail\tLast\nsection_{OLD_3A}@x.example\t2026-06-01\nsection_{OLD_3B}@x.example\t"),
        ),
    ] {
        assert_eq!(kept(all.as_bytes()), expected.as_bytes(), "{all}");
        let mark = |text: &str| [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        assert_eq!(kept(&mark(&all)), mark(&expected), "UTF-8 with its mark");
        for little in [true, false] {
            assert_eq!(
                kept(&utf_16(&format!("\u{FEFF}{all}"), little)),
                utf_16(&format!("\u{FEFF}{expected}"), little)
            );
            assert_eq!(
                kept(&utf_16(&all, little)),
                utf_16(&expected, little),
                "without a mark"
            );
        }
    }
    let windows = |text: &str| encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    let all = format!("Naam,Id\nCaf\u{e9} \u{20ac},{OLD_3A}\nCaf\u{e9},{NEW_4A}\n");
    assert_eq!(
        kept(&windows(&all)),
        windows(&format!("Naam,Id\nCaf\u{e9} \u{20ac},{OLD_3A}\n"))
    );
}

#[test]
fn r146_a_row_that_is_a_class_of_the_active_year_too_is_a_contradiction() {
    let mut both = years();
    both.add(OLD_3A, "2026-27 3A - Markt", "2026-27");
    both.add(OLD_3B, "3B", "2025-26");
    both.add(NEW_4A, "3B", "2026-27");
    for (row, is_contradiction) in [
        (format!("{OLD_3A},"), true),
        (format!("{OLD_3B},2026-27 4A - Markt"), true),
        (format!("{OLD_3B},{NEW_4A}"), true),
        ("3B,".to_owned(), true),
        // The id decides where the name is the same every year.
        (format!("{OLD_3B},3B"), false),
        (format!("{NEW_4A},3B"), false),
        (format!("{NEW_4A},2025-26 3A - Markt"), false),
    ] {
        let sheet = Sheet::read(format!("a,b\n{row}\n").as_bytes()).unwrap();
        let judged = both.judge(&sheet, "2025-26", "2026-27");
        assert_eq!(
            judged.contradictions.len(),
            usize::from(is_contradiction),
            "{row}"
        );
        let is_new = matches!(
            judged.rows.first().map(|row| &row.verdict),
            Some(Verdict::OfActiveYear(_))
        );
        assert_eq!(is_new, row.starts_with(NEW_4A), "{row}");
    }
}

#[test]
fn r146_what_cannot_be_written_again_as_it_was_is_refused() {
    let refused = |bytes: &[u8]| Sheet::read(bytes).unwrap_err().to_string();
    assert!(refused(b"a,b\n\"x,y\nz,1\n").starts_with("line 2: "));
    assert!(refused(b"").contains("empty"));
    assert!(refused(b"PK\x03\x04").contains("workbook"));
    let mut odd = utf_16("\u{FEFF}a,b\n", true);
    odd.push(0x41);
    assert!(refused(&odd).contains("damaged"));
    assert!(refused(&[0xEF, 0xBB, 0xBF, b'a', 0xFF]).contains("damaged"));
    let sheet = Sheet::read(format!("{OLD_3A},x\n{OLD_3B},y\n").as_bytes()).unwrap();
    assert!(years().judge(&sheet, "2025-26", "2026-27").header_is_class);
}

proptest! {
    #[test]
    fn r146_with_every_row_a_file_is_what_it_was(bytes in proptest::collection::vec(prop_oneof![Just(b','), Just(b'\n'), Just(b'"'), any::<u8>()], 0..200)) {
        if let Ok(sheet) = Sheet::read(&bytes) {
            let again = sheet.with_rows(sheet.rows());
            prop_assert!(bytes.starts_with(&again));
            prop_assert!(bytes[again.len()..].iter().all(|byte| matches!(byte, b'\n' | b'\r' | 0)));
        }
    }
}
