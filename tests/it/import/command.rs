//! The command itself: what it prints, and that killing it loses nothing.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use oneroster::mirror::Mirror;

use super::{add_tenant, folder, import, mirror, school, version};
use crate::harness::database;

fn oneroster(url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oneroster"));
    command
        .env("DATABASE_URL", url)
        .args(arguments)
        .stdin(Stdio::null());
    command
}

fn run_import(url: &str, path: &Path, arguments: &[&str]) -> (Output, serde_json::Value) {
    let output = oneroster(url, &["import", "--tenant", "t", "--json"])
        .arg(path)
        .args(arguments)
        .output()
        .unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output, report)
}

/// The tenant `t` with the school of the bundles.
async fn add_school(pool: &sqlx::PgPool) {
    let configuration = serde_json::json!({
        "id": "t", "name": "T", "active_school_year": "2026-27", "team_name_format": "{klas}",
        "username_format": "{voornaam}", "schools": [{"instelnr": "001507", "sites": [{"vestnr": 2}]}]
    });
    sqlx::query("insert into tenant.tenant (tenant_id, configuration) values ('t', $1)")
        .bind(configuration)
        .execute(pool)
        .await
        .unwrap();
}

#[tokio::test]
async fn the_command_reports_in_the_agreed_shape() {
    let database = database().await;
    let bundle = folder(&school());
    let (output, _) = run_import(&database.url, bundle.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no tenant \"t\""));

    add_school(&database.pool).await;
    let (output, report) = run_import(&database.url, bundle.path(), &["--dry-run"]);
    assert_eq!(
        (output.status.code(), &report["accepted"], &report["inserted"]),
        (Some(0), &true.into(), &11.into())
    );
    assert_eq!(
        mirror(&database.pool, "t").await,
        Mirror::default(),
        "a dry run keeps nothing"
    );
    assert_eq!(version(&database.pool, "t").await, 0);

    let (output, report) = run_import(&database.url, bundle.path(), &[]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        (&report["accepted"], &report["rows"]["persoon.csv"]),
        (&true.into(), &2.into())
    );
    assert!(report["usernames_created"].is_u64() && report["faults"] == serde_json::json!([]));
    assert_eq!(report["unnamed_sites"][0]["vestnrdiscimus"], 1);
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("site 1, structure 211 of school 001507 (Dorp)")
    );
    assert_eq!(mirror(&database.pool, "t").await.persoon.len(), 2);

    let mut files = school();
    files.get_mut("school.csv").unwrap().push_str("1,Te kort,\n");
    let (output, report) = run_import(&database.url, folder(&files).path(), &[]);
    assert_eq!(
        (output.status.code(), &report["accepted"]),
        (Some(1), &false.into())
    );
    let fault = serde_json::json!({
        "file": "school.csv", "line": 3, "column": "instelnr", "value": "1", "rule": "instelnr-form",
        "message": "must be 6 digits; leading zeros count"
    });
    assert_eq!(report["faults"], serde_json::json!([fault]));
}

/// The command is held in the middle of its merge by a lock, killed there, and leaves what was there before.
#[tokio::test]
async fn an_import_killed_in_the_middle_leaves_the_mirror_as_it_was() {
    let database = database().await;
    add_tenant(&database.pool, "t").await;
    import(&database.pool, "t", &school()).await.unwrap();
    let before = mirror(&database.pool, "t").await;
    let mut files = school();
    for key in 100..5000 {
        writeln!(
            files.get_mut("persoon.csv").unwrap(),
            "{key},00000000-0000-0000-0000-{key:012},,,,"
        )
        .unwrap();
    }
    let bundle = folder(&files);

    // The last table of a bundle: by then all others are merged.
    let mut holder = database.pool.begin().await.unwrap();
    sqlx::query("lock table informat.klasfunctiepersoon in exclusive mode")
        .execute(&mut *holder)
        .await
        .unwrap();
    let mut child = oneroster(&database.url, &["import", "--tenant", "t"])
        .arg(bundle.path())
        .spawn()
        .unwrap();
    let waiting =
        "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    let backend: i32 = loop {
        match sqlx::query_scalar(waiting)
            .fetch_optional(&database.pool)
            .await
            .unwrap()
        {
            Some(pid) => break pid,
            None => assert_eq!(
                child.try_wait().unwrap(),
                None,
                "the import must wait for the lock"
            ),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    child.kill().unwrap();
    child.wait().unwrap();
    holder.rollback().await.unwrap();
    let alive = "select count(*) from pg_stat_activity where pid = $1";
    while sqlx::query_scalar::<_, i64>(alive)
        .bind(backend)
        .fetch_one(&database.pool)
        .await
        .unwrap()
        > 0
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    assert_eq!(mirror(&database.pool, "t").await, before);
    assert_eq!(version(&database.pool, "t").await, 1);
    assert_eq!(
        import(&database.pool, "t", &files).await.unwrap().inserted,
        4900,
        "and it can be run again"
    );
}

/// Every command that opens the database has a log: `ONEROSTER_LOG` is read before anything is done.
#[test]
fn every_command_on_the_database_minds_the_log_filter() {
    let tenant = ["--tenant", "t"];
    for (arguments, more) in [
        (["client", "list"].as_slice(), tenant.as_slice()),
        (&["health"], &tenant),
        (&["history"], &tenant),
        (&["import", "."], &tenant),
        (&["migrate"], &[]),
        (&["preview", "--as-of", "2026-10-01"], &tenant),
        (&["publish"], &tenant),
        (&["serve"], &[]),
        (&["synclog"], &tenant),
        (&["tenant", "apply", "t.toml"], &[]),
        (&["tenant", "list"], &[]),
        (&["usernames", "list"], &tenant),
    ] {
        let output = oneroster("postgres://127.0.0.1:1/none", &[arguments, more].concat())
            .env("ONEROSTER_LOG", "=loud")
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {errors}");
        assert!(errors.contains("is not a log filter"), "{arguments:?}: {errors}");
    }
}

/// What goes well is told by the command's own report; its log says so only when asked, and on stderr.
#[tokio::test]
async fn a_command_logs_warnings_only_unless_asked() {
    let database = database().await;
    add_school(&database.pool).await;
    let bundle = folder(&school());
    let errors = |filter: Option<&str>| {
        let mut command = oneroster(&database.url, &["import", "--tenant", "t", "--json"]);
        command.arg(bundle.path()).env_remove("ONEROSTER_LOG");
        if let Some(filter) = filter {
            command.env("ONEROSTER_LOG", filter);
        }
        let output = command.output().unwrap();
        assert!(serde_json::from_slice::<serde_json::Value>(&output.stdout).is_ok());
        String::from_utf8(output.stderr).unwrap()
    };
    let usual = errors(None);
    assert!(!usual.contains("INFO"), "{usual}");
    let asked = errors(Some("info"));
    assert!(asked.contains("bundle merged into the mirror"), "{asked}");
}
