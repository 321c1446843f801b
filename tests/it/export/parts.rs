//! Which part of what is exported: a generation in the past, some schools, no more rows than a file may have.

use std::sync::atomic::{AtomicBool, Ordering};

use oneroster::export::{Destination, Format, Options, Request, export};
use serde_json::json;

use super::roster::{Roster, TENANT, class, course, enrollment, noted, org, user};
use super::sets::assert_resolved;
use super::{read, read_zip};

/// A second school: a class with a teacher of the first school, and a pupil of its own.
async fn two_schools() -> Roster {
    let roster = Roster::with(&[]).await;
    let both = user("els.smet", "teacher", &["001507-2", "001507-1"]);
    roster
        .publish(&[
            (
                "orgs",
                "001507-2",
                "active",
                org("001507 - Zandpoort - Kaai", "001507-2"),
            ),
            ("courses", "c2", "active", course("4B - Kaai", "001507-2")),
            ("classes", "c2", "active", class("4B - Kaai", "c2", "001507-2")),
            (
                "users",
                "nora",
                "active",
                user("nora.claes", "student", &["001507-2"]),
            ),
            ("users", "els", "active", both),
            (
                "enrollments",
                "nora-2",
                "active",
                enrollment("nora", "c2", "001507-2", "student"),
            ),
            (
                "enrollments",
                "bert-2",
                "active",
                enrollment("bert", "c2", "001507-2", "teacher"),
            ),
            (
                "enrollments",
                "els-1",
                "active",
                json!({"user": {"sourcedId": "els", "type": "user", "href": "/users/els"},
                "class": {"sourcedId": "c1", "type": "class", "href": "/classes/c1"},
                "school": {"sourcedId": "001507-1", "type": "org", "href": "/orgs/001507-1"},
                "role": "teacher", "primary": "false", "metadata": {}}),
            ),
        ])
        .await;
    roster
}

#[tokio::test]
async fn exports_of_some_schools_resolve_by_themselves() {
    let roster = two_schools().await;
    for format in ["sds-v1", "sds-v2.1", "clever"] {
        for orgs in [["001507-1"].as_slice(), &["001507-2"], &["001507-1", "001507-2"]] {
            let name = format!("{format}-{}", orgs.join("-"));
            let report = roster
                .export_to(&name, format, &["--org", &orgs.join(",")])
                .await
                .done();
            assert_eq!(report["orgs"], json!(orgs));
            assert_resolved(&read(&roster.path(&name)));
        }
    }
    // Bert belongs to the first school and teaches at the second: he stands in both exports, each with a school of its own.
    let second = read(&roster.path("sds-v1-001507-2"));
    assert_eq!(
        second["Teacher.csv"].row("SIS ID", "bert")["School SIS ID"],
        "001507-2"
    );
    assert_eq!(second["Student.csv"].column("SIS ID"), ["nora"]);
    assert_eq!(second["School.csv"].rows.len(), 1);
    let first = read(&roster.path("sds-v1-001507-1"));
    assert_eq!(
        first["Teacher.csv"].row("SIS ID", "bert")["School SIS ID"],
        "001507-1"
    );
    assert_eq!(
        first["Teacher.csv"].row("SIS ID", "els")["School SIS ID"],
        "001507-1",
        "her home is not exported"
    );
    let report = roster.export("sds-v1", &["--org", "001507-1"]).await.done();
    assert_eq!(
        (noted(&report, "home-elsewhere"), noted(&report, "more-schools")),
        (1, 1),
        "{report}"
    );
    // In V2.1 the role at the school of this export is the primary one.
    let roles = read(&roster.path("sds-v2.1-001507-2"));
    assert_eq!(
        roles["roles.csv"].row("userSourcedId", "bert")["isPrimary"],
        "TRUE"
    );
    roster
        .export_to("or", "oneroster-csv", &["--org", "001507-2"])
        .await
        .done();
    let set = read(&roster.path("or"));
    assert_eq!(set["users.csv"].column("sourcedId"), ["bert", "els", "nora"]);
    assert_eq!(set["users.csv"].column("orgSourcedIds"), ["001507-2"; 3]);
    assert_eq!(set["enrollments.csv"].column("sourcedId"), ["bert-2", "nora-2"]);
}

#[tokio::test]
async fn more_rows_than_a_file_may_have_are_refused_with_their_counts() {
    let roster = two_schools().await;
    for format in ["sds-v1", "sds-v1-uk"] {
        let refusal = roster.export(format, &["--max-rows", "2"]).await.refused();
        assert_eq!(
            (&refusal["rule"], &refusal["file"]),
            (&"too-many-rows".into(), &"Student.csv".into())
        );
        assert_eq!(refusal["rows_by_org"], json!({ "001507-1": 2, "001507-2": 1 }));
        assert_eq!(refusal["rows"]["StudentEnrollment.csv"], 3, "{refusal}");
        assert!(!roster.path("out").exists());
    }
    roster
        .export("sds-v1", &["--max-rows", "2", "--org", "001507-2"])
        .await
        .done();
    roster
        .export_to("v2", "sds-v2.1", &["--max-rows", "2"])
        .await
        .done();
}

#[tokio::test]
async fn a_past_generation_is_exported_as_it_was_and_a_held_publication_changes_nothing() {
    let roster = two_schools().await;
    let report = roster.export("sds-v1", &["--generation", "1"]).await.done();
    assert_eq!(report["generation"], 1);
    assert_eq!(
        read(&roster.path("out"))["Student.csv"].column("SIS ID"),
        ["jan", "lotte"]
    );
    sqlx::query(
        r#"insert into roster.hold (tenant_id, fingerprint, reasons, summary, held_at, seen_at)
         values ($1, repeat('a', 64), '[]', '{"added": {}, "changed": {}, "removed": {}}', now(), now())"#,
    )
    .bind(TENANT)
    .execute(&roster.database.pool)
    .await
    .unwrap();
    let report = roster.export("sds-v1", &[]).await.done();
    assert_eq!(
        (&report["generation"], noted(&report, "publication-held")),
        (&2.into(), 1)
    );
    let past = roster.export("sds-v1", &["--generation", "1"]).await.done();
    assert_eq!(
        noted(&past, "publication-held"),
        0,
        "who asks for the past knows it"
    );
}

/// Everything comes from one generation, also when another is published in between.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_with_a_change_in_between_is_of_one_generation() {
    let roster = two_schools().await;
    let has_published = AtomicBool::new(false);
    let begun = |_| {
        tokio::task::block_in_place(|| {
            let changes = [
                (
                    "users",
                    "nora",
                    "tobedeleted",
                    user("nora.claes", "student", &["001507-2"]),
                ),
                ("users", "new", "active", user("new", "student", &["001507-2"])),
            ];
            tokio::runtime::Handle::current().block_on(roster.publish(&changes));
        });
        has_published.store(true, Ordering::Relaxed);
    };
    let mut connection = roster.database.server.acquire().await.unwrap();
    let destination = Destination::Path(roster.path("out.zip"));
    let options = Options::of(Format::SdsV1);
    let request = Request {
        tenant_id: TENANT,
        options: &options,
        destination: &destination,
        by: None,
    };
    let exported = export(&mut connection, request, (&begun, &|_| ())).await.unwrap();
    assert!(has_published.load(Ordering::Relaxed));
    assert_eq!(exported.generation, 2);
    let set = read_zip(&std::fs::read(roster.path("out.zip")).unwrap());
    assert_eq!(set["Student.csv"].column("SIS ID"), ["jan", "lotte", "nora"]);
    assert_resolved(&set);
}

#[tokio::test]
async fn passwords_stand_in_the_files_and_nowhere_else() {
    let roster = Roster::with(&[]).await;
    let file = roster.path("passwords.csv");
    std::fs::write(
        &file,
        "id,password\njan,Zee-hond-12\nteacher,Welkom-1234\nnobody,Welkom-1235\n",
    )
    .unwrap();
    let arguments = ["--passwords", file.to_str().unwrap()];
    let ended = roster.export("sds-v1", &arguments).await;
    assert!(!ended.stderr.contains("Zee-hond") && !ended.report.to_string().contains("Zee-hond"));
    let report = ended.done();
    assert_eq!(
        (noted(&report, "no-password"), noted(&report, "unused-password")),
        (1, 1),
        "{report}"
    );
    let set = read(&roster.path("out"));
    assert_eq!(set["Student.csv"].column("Password"), ["Zee-hond-12", ""]);
    assert_eq!(set["Teacher.csv"].column("Password"), ["Welkom-1234"]);
    let entries: Vec<String> = sqlx::query_scalar("select row_to_json(e)::text from audit.entry e")
        .fetch_all(&roster.database.pool)
        .await
        .unwrap();
    assert!(!entries.is_empty() && entries.iter().all(|entry| !entry.contains("Zee-hond")));
    std::fs::write(&file, "jan,short\n").unwrap();
    let refusal = roster.export("sds-v1", &arguments).await.refused();
    assert_eq!(refusal["rule"], "password-form");
    assert!(
        refusal["detail"].as_str().unwrap().contains("line 1"),
        "{refusal}"
    );
    assert_eq!(read(&roster.path("out")), set, "the old set stays");
    let without = roster.export("sds-v1", &[]).await.done();
    assert_eq!(noted(&without, "no-password"), 3);
}
