//! `oneroster teams-cleanup`: of the file with which School Data Sync archives Teams, the rows of the year that is over (R146).

#![cfg(test)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use oneroster::publication::activation::{Activate, activate};
use serde_json::Value;

use crate::harness::group::{Shape, group, next_year};
use crate::harness::school::School;
use crate::harness::{TestDatabase, command, database};

const OLD: &str = "2026-27";
const NEW: &str = "2027-28";

/// One school of 40 pupils, whose year was switched in August: the classes of both years were published.
async fn switched() -> (School, TestDatabase) {
    let database = database().await;
    let shape = Shape {
        schools: 1,
        pupils: 40,
        year: Shape::AUGUST.year,
    };
    let school = group(&database.pool, "t", shape).await;
    next_year(&school, shape).await;
    school.publish().await;
    let request = Activate {
        year: NEW,
        dry_run: false,
        accept: &[],
        force: true,
        lists_teams: false,
        by: "els",
    };
    let activation = activate(&school.server, "t", request).await.unwrap();
    assert!(activation.published.is_some(), "{:?}", activation.objections);
    (school, database)
}

/// Ids and titles of the classes of a year.
async fn classes(school: &School, year: &str) -> Vec<(String, String)> {
    sqlx::query_as(
        "select distinct on (sourced_id) sourced_id, content::jsonb ->> 'title' from roster.object_version
         where tenant_id = 't' and kind = 'classes' and content::jsonb -> 'terms' -> 0 ->> 'sourcedId' = $1
         order by sourced_id, from_number desc",
    )
    .bind(year)
    .fetch_all(&school.pool)
    .await
    .unwrap()
}

struct Ran {
    code: Option<i32>,
    report: Value,
    stderr: String,
}

fn ran(database: &TestDatabase, folder: &Path, arguments: &[&str]) -> Ran {
    let all = [&["teams-cleanup", "--tenant", "t"], arguments, &["--json"]].concat();
    let output = command(&database.url, &all).current_dir(folder).output().unwrap();
    Ran {
        code: output.status.code(),
        report: serde_json::from_slice(&output.stdout).unwrap_or_default(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[tokio::test]
async fn r146_exactly_the_rows_of_the_old_year_are_written_and_none_of_the_new_one() {
    let (school, database) = switched().await;
    let (old, new) = (classes(&school, OLD).await, classes(&school, NEW).await);
    assert!(old.len() > 1 && !new.is_empty());
    let folder = tempfile::tempdir().unwrap();
    let header = "\u{FEFF}Group;Section SIS ID;\"Display name\"\r\n";
    let by_id = |(id, title): &(String, String)| format!("x;Section_{id};\"{title}\"\r\n");
    let by_name = |(_, title): &(String, String)| format!("x;;\"{title}\"\r\n");
    let mut all = header.to_owned();
    let mut expected = header.to_owned();
    for (index, class) in old.iter().enumerate() {
        let row = if index % 2 == 0 {
            by_id(class)
        } else {
            by_name(class)
        };
        all.push_str(&row);
        expected.push_str(&row);
        all.push_str("x;99999999-0000-4000-8000-000000000000;Schaakclub\r\n");
    }
    for class in &new {
        all.push_str(&by_id(class));
    }
    let units = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    for (name, bytes, kept) in [
        (
            "SectionUsage.csv",
            all.clone().into_bytes(),
            expected.clone().into_bytes(),
        ),
        ("SectionUsage (1).csv", units(&all), units(&expected)),
    ] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
        let arguments = [name, "--year", OLD, "--write", "archive"];
        let done = ran(&database, folder.path(), &arguments);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        let target = folder.path().join("archive").join(name);
        assert_eq!(std::fs::read(&target).unwrap(), kept);
        assert_eq!(target.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let report = &done.report;
        let count = |name: &str| report[name].as_array().unwrap().len();
        assert_eq!(
            (count("kept"), count("left_out")),
            (old.len(), old.len() + new.len())
        );
        let of = |why: &str| {
            let rows = report["left_out"].as_array().unwrap();
            rows.iter().filter(|row| row["why"] == why).count()
        };
        assert_eq!((of("active_year"), of("unknown")), (new.len(), old.len()));
        let again = ran(&database, folder.path(), &arguments);
        assert_eq!(again.code, Some(1));
        assert!(again.stderr.contains("--overwrite"), "{}", again.stderr);
        let again = ran(
            &database,
            folder.path(),
            &[&arguments[..], &["--overwrite"]].concat(),
        );
        assert_eq!(again.code, Some(0), "{}", again.stderr);
        let itself = [name, "--year", OLD, "--write", ".", "--overwrite"];
        assert_eq!(
            ran(&database, folder.path(), &itself).code,
            Some(1),
            "the file itself is never replaced"
        );
    }
}

#[tokio::test]
async fn r146_whoever_would_archive_this_year_is_refused_by_name() {
    let (school, database) = switched().await;
    let (old, new) = (classes(&school, OLD).await, classes(&school, NEW).await);
    let folder = tempfile::tempdir().unwrap();
    let write = |text: String| std::fs::write(folder.path().join("S.csv"), text).unwrap();
    let refused = |year: &str| {
        let ran = ran(
            &database,
            folder.path(),
            &["S.csv", "--year", year, "--write", "archive"],
        );
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        assert!(!folder.path().join("archive").exists());
        ran.stderr
    };
    let (old_id, new_title) = (&old[0].0, &new[0].1);
    write(format!("Id,Name\n{old_id},{new_title}\n"));
    let said = refused(OLD);
    assert!(
        said.contains("line 2") && said.contains(old_id) && said.contains(NEW),
        "{said}"
    );
    assert!(refused(NEW).contains("active school year"));
    assert!(refused("2019-20").contains(OLD), "which years are known");
    write("Id,Name\nx,Schaakclub\n".to_owned());
    assert!(refused(OLD).contains("no row is a class of 2026-27"));
    write(format!("{old_id},x\n{old_id},y\n"));
    assert!(refused(OLD).contains("first row is a class"));
    // Retention took the state from before the switch.
    sqlx::query("insert into roster.history (tenant_id, whole_from) select 't', number from roster.head where tenant_id = 't'")
        .execute(&school.pool)
        .await
        .unwrap();
    write(format!("Id,Name\n{old_id},x\n"));
    assert!(refused(OLD).contains("no longer kept whole"));
}
