use proptest::prelude::*;

use std::fmt::Write;

use super::*;

const JAN: &str = "3c9c20aa-7a62-4f28-8797-da0478767aab";

fn code(report: &RunReport) -> Vec<Option<&str>> {
    report.rows.iter().map(|row| row.code.as_deref()).collect()
}

#[test]
fn r143_a_row_is_read_whatever_its_columns() {
    for text in [
        format!(
            "ErrorCode,SIS ID,Message\r\nAzureActiveDirectoryNoAvailableLicenses,{},No licenses\r\n",
            JAN.to_uppercase()
        ),
        format!(
            "Fout;Omschrijving;Id\nAzureActiveDirectoryNoAvailableLicenses;Er zijn geen licenties;{JAN}\n"
        ),
        format!("AzureActiveDirectoryNoAvailableLicenses\t{JAN}\tStudent\n"),
        format!(
            "\u{FEFF}Message,What\n\"error AzureActiveDirectoryNoAvailableLicenses at {{{JAN}}}, later\",x\n"
        ),
        format!(
            r#"{{"value": [{{"errorCode": "AzureActiveDirectoryNoAvailableLicenses", "object": {{"sisId": "{JAN}"}}}}]}}"#
        ),
    ] {
        let report = read_run(text.as_bytes()).unwrap();
        assert_eq!(
            code(&report),
            [Some("AzureActiveDirectoryNoAvailableLicenses")],
            "{text}"
        );
        assert_eq!(report.rows[0].ids, [JAN], "{text}");
    }
    let remedy = code_of("azureactivedirectorynoavailablelicenses").unwrap().remedy;
    assert_eq!(remedy.who, Who::MicrosoftAdmin);
}

#[test]
fn r143_every_code_of_microsofts_is_known_and_others_are_shown_as_they_are() {
    for name in [
        "None",
        "UnSpecified",
        "AzureActiveDirectoryInvalidLicense",
        "AzureActiveDirectoryReplicaUnavailable",
        "AzureActiveDirectoryRequestThrottledTemporarily",
        "UnmatchedEntry",
        "AzureActiveDirectoryInvalidUserUsageLocation",
        "InvalidOrMissingReferenceCode",
        "AzureActiveDirectoryInvalidPropertyValue",
        "UnsynchronizableChange",
        "DuplicateTargetEntries",
        "InvalidLookupReference",
    ] {
        let report = read_run(format!("Code,Id\n{name},{JAN}\n").as_bytes()).unwrap();
        assert_eq!(code(&report), [Some(name)]);
        assert!(code_of(name).is_some(), "{name}");
    }
    let report = read_run(format!("{JAN},SomethingElseAltogether\n").as_bytes()).unwrap();
    assert_eq!(code(&report), [Some("SomethingElseAltogether")]);
    assert!(code_of("SomethingElseAltogether").is_none());
}

#[test]
fn r143_counts_are_read_as_they_are_pasted() {
    let text = "Leerlingen: 4.809\nTeachers,412\nUnmatched students\t3\nErrors = 7\nHello\n";
    let report = read_run(text.as_bytes()).unwrap();
    let counts: Vec<(Counted, u64)> = report
        .counts
        .iter()
        .map(|count| (count.of, count.number))
        .collect();
    let expected = [
        (Counted::Pupils, 4809),
        (Counted::Staff, 412),
        (Counted::Unmatched, 3),
        (Counted::Errors, 7),
    ];
    assert_eq!((counts.as_slice(), report.passed_over), (expected.as_slice(), 1));
}

#[test]
fn r143_counts_of_graph_are_read() {
    let text = r#"{"runId": "3c9c20aa-7a62-4f28-8797-da0478767aab", "status": "completed", "inboundTotals": {"errors": 2, "warnings": 0,
        "matchedPeopleByRole": [{"roleGroup": {"displayName": "Students"}, "count": 4809}],
        "unmatchedPeopleByRole": [{"roleGroup": {"displayName": "Students"}, "count": 3}]}}"#;
    let report = read_run(text.as_bytes()).unwrap();
    let counts: Vec<(Counted, u64)> = report
        .counts
        .iter()
        .map(|count| (count.of, count.number))
        .collect();
    assert!(report.rows.is_empty(), "{report:?}");
    for expected in [
        (Counted::Errors, 2),
        (Counted::Pupils, 4809),
        (Counted::Unmatched, 3),
    ] {
        assert!(counts.contains(&expected), "{counts:?}");
    }
}

#[test]
fn r143_fifteen_thousand_rows_are_read() {
    let rows = (0..15_000).fold(String::new(), |mut rows, number| {
        writeln!(rows, "UnmatchedEntry,{number:08x}-0000-4000-8000-000000000000,x").unwrap();
        rows
    });
    let report = read_run(format!("Error,Id,Text\n{rows}").as_bytes()).unwrap();
    assert_eq!((report.rows.len(), report.passed_over), (15_000, 0));
}

proptest! {
    #[test]
    fn r143_no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), start in 0..3_usize) {
        let start = ["", "Error,Id\nUnmatchedEntry,", "{\"value\": [{\"count\": "][start];
        let _ = read_run(&[start.as_bytes(), &bytes].concat());
    }

    #[test]
    fn r143_no_text_makes_it_panic_and_ids_are_found_in_it(before in ".{0,20}", after in ".{0,20}") {
        let text = format!("{before}{JAN}{after}");
        let found = ids_in(&text);
        prop_assert!(found.len() == 1, "{text}");
    }
}
