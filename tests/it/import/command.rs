//! The command itself: what it prints, and that killing it loses nothing.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use oneroster_school::informat::Mirror;
use oneroster_school::tenant::file;

use super::{add_tenant, folder, import, mirror, only, school, version};
use crate::harness::{command, database, group, wait_for_locks, wait_until_alone};

pub(super) const TENANT_FILE: &str = r#"
id = "t"
name = "T"
active_school_year = "2026-27"
team_name_format = "{klas}"
username_format = "{voornaam}"
[[schools]]
instelnr = "001507"
[[schools.sites]]
vestnr = 1
"#;

pub(super) async fn add_school(pool: &sqlx::PgPool, tenant_file: &str) {
    group::apply(pool, &file::parse(tenant_file).unwrap())
        .await
        .unwrap();
}

/// Makes every import stand still at the last table of a bundle, if its file is another one than before: by then all others are
/// merged.
pub(super) async fn hold_last_table(pool: &sqlx::PgPool) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let mut holder = pool.begin().await.unwrap();
    sqlx::query("lock table informat.klasfunctiepersoon in exclusive mode")
        .execute(&mut *holder)
        .await
        .unwrap();
    holder
}

fn run_import(url: &str, path: &Path, arguments: &[&str]) -> (Output, serde_json::Value) {
    let output = command(url, &["import", "--tenant", "t", "--json"])
        .arg(path)
        .args(arguments)
        .output()
        .unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output, report)
}

#[tokio::test]
async fn the_command_reports_in_the_agreed_shape() {
    let database = database().await;
    let bundle = folder(&school());
    let (output, _) = run_import(&database.url, bundle.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no tenant \"t\""));

    add_school(&database.pool, &TENANT_FILE.replace("vestnr = 1", "vestnr = 2")).await;
    let (output, report) = run_import(&database.url, bundle.path(), &["--dry-run"]);
    assert_eq!(
        (output.status.code(), &report["accepted"], &report["inserted"]),
        (Some(0), &true.into(), &11.into())
    );
    let people: Vec<(&str, u64)> = report["columns"]["persoon.csv"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fill| (fill["column"].as_str().unwrap(), fill["filled"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        people,
        [
            ("p_persoon", 2),
            ("rowguid", 2),
            ("naam", 2),
            ("voornaam", 1),
            ("geboortedatum", 1),
            ("changed", 1)
        ]
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
    let (_, report) = run_import(&database.url, folder(&files).path(), &["--dry-run"]);
    assert_eq!(
        report["columns"]["school.csv"][2]["filled"], 1,
        "also of a bundle that is refused"
    );
    let (output, report) = run_import(&database.url, folder(&files).path(), &[]);
    assert_eq!(
        (output.status.code(), &report["accepted"]),
        (Some(1), &false.into())
    );
    assert!(report["columns"].is_null());
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
    files.get_mut("klasfunctiepersoon.csv").unwrap().push('\n');
    let bundle = folder(&files);

    let holder = hold_last_table(&database.pool).await;
    let mut child = command(&database.url, &["import", "--tenant", "t"])
        .arg(bundle.path())
        .spawn()
        .unwrap();
    wait_for_locks(&database.pool, 1).await;
    child.kill().unwrap();
    child.wait().unwrap();
    holder.rollback().await.unwrap();
    wait_until_alone(&database.pool).await;

    assert_eq!(mirror(&database.pool, "t").await, before);
    assert_eq!(version(&database.pool, "t").await, 1);
    assert_eq!(
        import(&database.pool, "t", &files).await.unwrap().inserted,
        4900,
        "and it can be run again"
    );
}

/// The import holds on to its tenant from the start and counts its change at the end: a tenant file in between must not wait
/// for the one while the import waits for the other.
#[tokio::test]
async fn a_tenant_file_applied_in_the_middle_of_an_import_and_the_import_both_succeed() {
    let database = database().await;
    add_school(&database.pool, TENANT_FILE).await;
    import(&database.pool, "t", &school()).await.unwrap();
    let mut files = school();
    *files.get_mut("school.csv").unwrap() = "instelnr,school,schoolcode\n001507,Anders,ZP\n".to_owned();
    files.get_mut("klasfunctiepersoon.csv").unwrap().push('\n');
    let bundle = folder(&files);
    let holder = hold_last_table(&database.pool).await;
    let importing = command(&database.url, &["import", "--tenant", "t"])
        .arg(bundle.path())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for_locks(&database.pool, 1).await;
    let edited = bundle.path().with_extension("toml");
    std::fs::write(&edited, TENANT_FILE.replace("name = \"T\"", "name = \"U\"")).unwrap();
    let mut applying = command(&database.url, &["tenant", "apply"])
        .arg(&edited)
        .spawn()
        .unwrap();
    tokio::time::timeout(Duration::from_mins(1), async {
        let waiting = "select count(*) from pg_stat_activity
                       where datname = current_database() and wait_event_type = 'Lock'";
        // It is done, or waits for the import.
        while applying.try_wait().unwrap().is_none()
            && sqlx::query_scalar::<_, i64>(waiting)
                .fetch_one(&database.pool)
                .await
                .unwrap()
                < 2
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .unwrap();
    holder.rollback().await.unwrap();
    let applied = tokio::task::spawn_blocking(move || applying.wait());
    assert_eq!(applied.await.unwrap().unwrap().code(), Some(0));
    let imported = tokio::task::spawn_blocking(move || importing.wait_with_output());
    let imported = imported.await.unwrap().unwrap();
    assert!(
        imported.status.success(),
        "{}",
        String::from_utf8_lossy(&imported.stderr)
    );
    std::fs::remove_file(&edited).unwrap();
    assert_eq!(mirror(&database.pool, "t").await.school[0].school, "Anders");
}

/// R114: in August an export may drop the old year before the switch. Then nothing could be published any more.
#[tokio::test]
async fn r114_a_bundle_that_drops_the_active_school_year_is_refused_unless_it_is_forced() {
    let database = database().await;
    add_school(&database.pool, TENANT_FILE).await;
    let with_next = |year: &str| {
        let next = "2027-28,2027-09-01,2028-06-30\n";
        format!("schooljaar,begindatum,einddatum\n{year}{next}")
    };
    let mut files = school();
    let years = with_next("2026-27,2026-09-01,2027-06-30\n");
    *files.get_mut("schooljaar.csv").unwrap() = years;
    import(&database.pool, "t", &files).await.unwrap();
    let before = mirror(&database.pool, "t").await;

    let files = files.into_iter().map(|(name, text)| match name {
        "schooljaar.csv" => (name, with_next("")),
        _ => (name, text.replace("2026-27", "2027-28")),
    });
    let bundle = folder(&files.collect());
    let (output, report) = run_import(&database.url, bundle.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let fault = &report["faults"][0];
    assert_eq!(
        (&fault["file"], &fault["rule"], &fault["value"]),
        (
            &"schooljaar.csv".into(),
            &"active-year-missing".into(),
            &"2026-27".into()
        )
    );
    let message = fault["message"].as_str().unwrap();
    for said in ["activate-year", "--force"] {
        assert!(message.contains(said), "{said}: {message}");
    }
    assert_eq!(report["faults"].as_array().unwrap().len(), 1);
    assert_eq!(mirror(&database.pool, "t").await, before);

    let (output, report) = run_import(&database.url, bundle.path(), &["--force"]);
    assert_eq!(
        (output.status.code(), &report["accepted"]),
        (Some(0), &true.into())
    );
    // What is missing already is not missed by a bundle that says nothing of school years.
    let (output, _) = run_import(&database.url, folder(&only(&["school.csv"])).path(), &["--delta"]);
    assert_eq!(output.status.code(), Some(0));
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
        let output = command("postgres://127.0.0.1:1/none", &[arguments, more].concat())
            .env("ONEROSTER_LOG", "=loud")
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {errors}");
        assert!(errors.contains("is not a log filter"), "{arguments:?}: {errors}");
    }
}

/// Success is shown by the command's report; its log says so only when asked, and on stderr.
#[tokio::test]
async fn a_command_logs_warnings_only_unless_asked() {
    let database = database().await;
    add_school(&database.pool, TENANT_FILE).await;
    let bundle = folder(&school());
    let errors = |filter: Option<&str>| {
        let mut run = command(&database.url, &["import", "--tenant", "t", "--json"]);
        run.arg(bundle.path()).env_remove("ONEROSTER_LOG");
        if let Some(filter) = filter {
            run.env("ONEROSTER_LOG", filter);
        }
        let output = run.output().unwrap();
        assert!(serde_json::from_slice::<serde_json::Value>(&output.stdout).is_ok());
        String::from_utf8(output.stderr).unwrap()
    };
    let usual = errors(None);
    assert!(!usual.contains("INFO"), "{usual}");
    let asked = errors(Some("info"));
    assert!(asked.contains("bundle imported"), "{asked}");
}
