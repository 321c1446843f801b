//! OneRoster CSV of what changed since a generation.

use super::roster::{Roster, user};
use super::{read, read_zip};

const GONE: &str = "tobedeleted";

#[tokio::test]
async fn a_delta_has_what_changed_with_its_status_and_date() {
    let roster = Roster::with(&[]).await;
    let lotte = || user("lotte.peeters", "student", &["001507-1"]);
    // Generation 2: Lotte and her enrollment are removed; 3: she returns, Jan is renamed.
    let enrolled = super::roster::enrollment("lotte", "c1", "001507-1", "student");
    roster
        .publish(&[
            ("users", "lotte", GONE, lotte()),
            ("enrollments", "lotte-1", GONE, enrolled.clone()),
        ])
        .await;
    roster
        .publish(&[
            ("users", "lotte", "active", lotte()),
            (
                "users",
                "jan",
                "active",
                user("jan.jansen", "student", &["001507-1"]),
            ),
        ])
        .await;

    let report = roster.export("oneroster-csv", &["--since", "1"]).await.done();
    assert_eq!((&report["generation"], &report["since"]), (&3.into(), &1.into()));
    let set = read(&roster.path("out"));
    let mut files: Vec<&str> = set.keys().map(String::as_str).collect();
    files.sort_unstable();
    assert_eq!(
        files,
        ["enrollments.csv", "manifest.csv", "users.csv"],
        "kinds without changes are absent"
    );
    let mode = |file: &str| set["manifest.csv"].row("propertyName", &format!("file.{file}"))["value"].clone();
    assert_eq!(
        ["users", "enrollments", "orgs", "lineItems"].map(mode),
        ["delta", "delta", "absent", "absent"]
    );
    let statuses = set["users.csv"].pairs(["sourcedId", "status", "username"]);
    let expected = [
        ["jan", "active", "jan.jansen"],
        ["lotte", "active", "lotte.peeters"],
    ];
    assert_eq!(statuses, expected.map(|row| row.map(str::to_owned)).into());
    let tombstone = set["enrollments.csv"].row("sourcedId", "lotte-1");
    assert_eq!(tombstone["status"], GONE);
    let date = &tombstone["dateLastModified"];
    assert!(
        date.ends_with('Z') && date.len() == "2026-09-01T04:00:00.000Z".len(),
        "{date}"
    );

    // As of generation 2 she is gone.
    let arguments = ["--since", "1", "--generation", "2"];
    roster
        .export_to("two.zip", "oneroster-csv", &arguments)
        .await
        .done();
    let two = read_zip(&std::fs::read(roster.path("two.zip")).unwrap());
    assert_eq!(two["users.csv"].row("sourcedId", "lotte")["status"], GONE);
    assert_eq!(two["users.csv"].rows.len(), 1);

    // Nothing changed: the manifest alone.
    roster
        .export_to("none", "oneroster-csv", &["--since", "3"])
        .await
        .done();
    assert_eq!(read(&roster.path("none")).len(), 1);
    // In everything, status and date are blank.
    roster.export_to("all", "oneroster-csv", &[]).await.done();
    let all = read(&roster.path("all"));
    assert_eq!(all["users.csv"].column("status"), ["", "", ""]);
    assert_eq!(all["enrollments.csv"].column("dateLastModified"), ["", ""]);
}

#[tokio::test]
async fn generations_that_are_not_there_are_refused() {
    let roster = Roster::with(&[("users", "jan", "active", user("jantje", "student", &["001507-1"]))]).await;
    for arguments in [
        ["--since", "3"].as_slice(),
        &["--since", "2", "--generation", "1"],
        &["--generation", "3"],
    ] {
        let ended = roster.export("oneroster-csv", arguments).await;
        assert!(
            ended.code == 1 && ended.stderr.contains("generation"),
            "{ended:?}"
        );
    }
    for (format, arguments) in [
        ("sds-v1", ["--since", "1"].as_slice()),
        ("oneroster-csv", &["--since", "1", "--org", "001507-1"]),
        ("clever", &["--passwords", "/dev/null"]),
        ("sds-v1", &["--generation", "0"]),
        ("sds-v1", &["--max-rows", "0"]),
        ("sds-v3", &[]),
    ] {
        let ended = roster.export(format, arguments).await;
        assert_eq!(ended.code, 2, "{format} {arguments:?}: {ended:?}");
    }
    assert!(!roster.path("out").exists());
}
