//! Which database a command works on, and which migrations it must have.

use std::path::Path;
use std::process::{Command, Output};

use oneroster::db::MIGRATOR;
use oneroster_embedded_postgres::{default_data_dir, holds_database};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{PgPool, SqlSafeStr};
use tempfile::TempDir;

use crate::harness::school::school;
use crate::harness::{command, database, empty_database, owner_url, program};

/// Every command on the database, with arguments that would let it go on.
const COMMANDS: [&[&str]; 16] = [
    &["client", "create", "--tenant", "t", "--name", "n"],
    &["client", "list", "--tenant", "t"],
    &["health", "--tenant", "t"],
    &["history", "--tenant", "t"],
    &["import", "--tenant", "t", "bundle"],
    &["keys", "list"],
    &["migrate"],
    &["preview", "--tenant", "t", "--as-of", "2026-10-01"],
    &["publish", "--tenant", "t"],
    &["serve", "--listen", "127.0.0.1:0"],
    &["synclog", "--tenant", "t"],
    &["tenant", "activate-year", "t", "2026-27"],
    &["tenant", "apply", "t.toml"],
    &["tenant", "list"],
    &["usernames", "list", "--tenant", "t"],
    &["usernames", "sync", "on", "--tenant", "t", "--all"],
];

/// A folder with a bundle and a tenant file, for the commands that read one before they open the database.
fn working_directory() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("bundle");
    std::fs::create_dir(&bundle).unwrap();
    std::fs::write(
        bundle.join("school.csv"),
        "instelnr,school,schoolcode\n001507,Zand,Z\n",
    )
    .unwrap();
    let tenant = r#"
        id = "t"
        name = "T"
        active_school_year = "2026-27"
        team_name_format = "{klas}"
        username_format = "{voornaam}.{familienaam}"
        future_pupils = "exclude"
        domain_mode = "microsoft"
        [[schools]]
        instelnr = "001507"
        [[schools.sites]]
        vestnr = 1
    "#;
    std::fs::write(folder.path().join("t.toml"), tenant).unwrap();
    folder
}

/// Asserts exit code 1 and returns what was said.
#[track_caller]
fn refusal(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(output.stdout.is_empty(), "{output:?}");
    text
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn no_command_makes_a_database_by_accident_and_the_refusal_says_the_three_ways() {
    // For root the default place cannot be moved. Nothing is refused where somebody has a database there.
    if nix::unistd::geteuid().is_root() && holds_database(&default_data_dir().unwrap()) {
        return;
    }
    let (home, here) = (tempfile::tempdir().unwrap(), working_directory());
    for arguments in COMMANDS {
        let mut run = program(arguments);
        run.current_dir(here.path())
            .env("HOME", home.path())
            .env_remove("XDG_DATA_HOME");
        let text = refusal(&run.output().unwrap());
        for way in ["DATABASE_URL", "`url` in section [database]", "--data-dir"] {
            assert!(text.contains(way), "{arguments:?}: {text}");
        }
    }
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn an_address_and_a_data_directory_together_are_refused_and_both_are_named() {
    let (folder, here) = (tempfile::tempdir().unwrap(), working_directory());
    let data_dir = folder.path().join("data");
    for arguments in COMMANDS {
        let mut run = command("postgres://127.0.0.1:1/none", arguments);
        run.current_dir(here.path()).arg("--data-dir").arg(&data_dir);
        let text = refusal(&run.output().unwrap());
        assert!(
            text.contains("DATABASE_URL and --data-dir each name a database"),
            "{arguments:?}: {text}"
        );
    }
    let settings = folder.path().join("settings.toml");
    std::fs::write(&settings, "[database]\nurl = \"postgres://127.0.0.1:1/none\"\n").unwrap();
    let mut run = program(&["tenant", "list", "--config"]);
    run.arg(&settings).env("ONEROSTER_DATA_DIR", &data_dir);
    let text = refusal(&run.output().unwrap());
    assert!(
        text.contains("`database.url` and ONEROSTER_DATA_DIR each name a database"),
        "{text}"
    );
    assert!(!data_dir.exists());
}

#[test]
fn a_mistyped_data_directory_is_not_filled_with_a_new_database() {
    let (folder, here) = (tempfile::tempdir().unwrap(), working_directory());
    let data_dir = folder.path().join("dta");
    let may_make_one = ["serve", "migrate"];
    for arguments in COMMANDS
        .iter()
        .filter(|arguments| !may_make_one.contains(&arguments[0]))
    {
        let mut run = program(arguments);
        run.current_dir(here.path()).env("ONEROSTER_DATA_DIR", &data_dir);
        let text = refusal(&run.output().unwrap());
        assert!(text.contains("holds no database"), "{arguments:?}: {text}");
    }
    assert!(!data_dir.exists());
}

#[tokio::test]
async fn a_command_that_changes_something_says_on_stderr_which_database_it_used() {
    let database = database().await;
    school(&database.pool, "zand").await.publish().await;
    let options = database.pool.connect_options();
    let used = format!(
        "using database {} at {}:{}\n",
        options.get_database().unwrap(),
        options.get_host(),
        options.get_port()
    );
    for (arguments, says_so) in [
        (["client", "create", "--name", "n"].as_slice(), true),
        (&["client", "list"], false),
        (&["health"], false),
        (&["publish"], true),
        (&["publish", "--dry-run"], false),
        (&["synclog"], false),
        (&["usernames", "sync", "on", "--all"], true),
        (&["usernames", "list"], false),
    ] {
        let output = command(
            &database.url,
            &[arguments, &["--tenant", "zand", "--json"]].concat(),
        )
        .output()
        .unwrap();
        let text = errors(&output);
        assert!(output.status.success(), "{arguments:?}: {text}");
        assert_eq!(text.contains(&used), says_so, "{arguments:?}: {text}");
        assert!(serde_json::from_slice::<serde_json::Value>(&output.stdout).is_ok());
    }
    let output = command(&database.url, &["migrate"]).output().unwrap();
    assert!(errors(&output).contains(&used), "{output:?}");
    let password = url_password(&database.url);
    assert!(!errors(&output).contains(&password), "{output:?}");
}

/// Returns the password of an address.
fn url_password(url: &str) -> String {
    let (_, rest) = url.split_once("://").unwrap();
    let (user, _) = rest.split_once('@').unwrap();
    user.split_once(':').unwrap().1.to_owned()
}

/// Returns the migrations as a build knew them that had `count` of them.
fn older(count: usize) -> Migrator {
    Migrator::with_migrations(MIGRATOR.iter().take(count).cloned().collect())
}

/// Returns the migrations as a build knows them that has one more.
fn newer() -> Migrator {
    let mut migrations: Vec<Migration> = MIGRATOR.iter().cloned().collect();
    migrations.push(Migration::new(
        9999,
        "from the future".into(),
        MigrationType::Simple,
        "create table from_the_future (x int)".into_sql_str(),
        false,
    ));
    Migrator::with_migrations(migrations)
}

async fn applied(pool: &PgPool) -> usize {
    let rows: i64 = sqlx::query_scalar("select count(*) from _sqlx_migrations")
        .fetch_one(pool)
        .await
        .unwrap();
    usize::try_from(rows).unwrap()
}

#[tokio::test]
async fn a_database_of_an_older_build_is_migrated_by_migrate_alone() {
    let known = MIGRATOR.iter().count();
    let (database, here) = (empty_database().await, working_directory());
    older(known - 2).run(&database.pool).await.unwrap();
    for arguments in COMMANDS.iter().filter(|arguments| arguments[0] != "migrate") {
        let mut run = command(&database.url, arguments);
        let text = refusal(&run.current_dir(here.path()).output().unwrap());
        assert!(
            text.contains("lacks 2 of the migrations") && text.contains("run `oneroster migrate`"),
            "{arguments:?}: {text}"
        );
    }
    assert_eq!(applied(&database.pool).await, known - 2);
    let output = command(&database.url, &["migrate"]).output().unwrap();
    assert!(output.status.success(), "{}", errors(&output));
    assert_eq!(applied(&database.pool).await, known);
    let output = command(&database.url, &["tenant", "list"]).output().unwrap();
    assert!(output.status.success(), "{}", errors(&output));
}

#[tokio::test]
async fn an_empty_database_lacks_every_migration() {
    let database = empty_database().await;
    let text = refusal(&command(&database.url, &["tenant", "list"]).output().unwrap());
    let known = MIGRATOR.iter().count();
    assert!(
        text.contains(&format!("lacks {known} of the migrations")),
        "{text}"
    );
    let tables: i64 = sqlx::query_scalar("select count(*) from pg_tables where schemaname = 'public'")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert_eq!(tables, 0, "looking makes nothing");
}

#[tokio::test]
async fn a_server_migrates_a_database_it_does_not_own_only_when_told_to() {
    let known = MIGRATOR.iter().count();
    let database = empty_database().await;
    older(known - 1).run(&database.pool).await.unwrap();
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let text = refusal(&command(&database.url, &serve).output().unwrap());
    assert!(text.contains("run `oneroster migrate`"), "{text}");
    let mut run = command(&database.url, &serve);
    let told = until_it_serves(
        run.arg("--migrate"),
        tempfile::NamedTempFile::new().unwrap().path(),
    );
    assert_eq!(applied(&database.pool).await, known);
    let used = format!(
        "database {}",
        database.pool.connect_options().get_database().unwrap()
    );
    let serving = told.lines().find(|line| line.contains("serving")).unwrap();
    assert!(serving.contains(&used), "{told}");
    assert!(!told.contains(&url_password(&database.url)), "{told}");
}

/// Runs a server until it says that it serves, stops it, and returns its log.
fn until_it_serves(run: &mut Command, log: &Path) -> String {
    let mut child = run.stderr(std::fs::File::create(log).unwrap()).spawn().unwrap();
    let told = || std::fs::read_to_string(log).unwrap();
    let begun = std::time::Instant::now();
    while !told().contains("serving") {
        assert!(begun.elapsed().as_secs() < 60, "{}", told());
        assert!(child.try_wait().unwrap().is_none(), "{}", told());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    assert!(child.wait().unwrap().success(), "{}", told());
    told()
}

#[tokio::test]
async fn a_database_that_a_newer_build_took_something_from_is_refused_by_every_command_and_left_alone() {
    let (database, here) = (empty_database().await, working_directory());
    newer().run(&database.pool).await.unwrap();
    needs(&database.pool, 9999).await;
    let serve_and_migrate: &[&str] = &["serve", "--migrate"];
    for arguments in COMMANDS.iter().chain([&serve_and_migrate]) {
        let mut run = command(&database.url, arguments);
        let text = refusal(&run.current_dir(here.path()).output().unwrap());
        assert!(
            text.contains("has migration 9999") && text.contains("newer version of oneroster"),
            "{arguments:?}: {text}"
        );
    }
    assert_eq!(applied(&database.pool).await, MIGRATOR.iter().count() + 1);
}

/// Writes down, as a migration does, which builds may use the database.
async fn needs(pool: &PgPool, oldest_migration: i64) {
    sqlx::query("update tenant.usable_by set oldest_migration = $1")
        .bind(oldest_migration)
        .execute(pool)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_build_goes_on_with_a_database_that_a_newer_one_only_added_to() {
    let database = database().await;
    newer().run(&database.pool).await.unwrap();
    for arguments in [["tenant", "list"].as_slice(), &["migrate"]] {
        let url = if arguments == ["migrate"] {
            owner_url(&database.url)
        } else {
            database.url.clone()
        };
        let output = command(&url, arguments).output().unwrap();
        let said = errors(&output);
        assert!(output.status.success(), "{arguments:?}: {said}");
        assert!(
            said.contains("a newer version of oneroster has used this database"),
            "{said}"
        );
    }
    let mut run = command(&database.url, &["serve", "--listen", "127.0.0.1:0"]);
    let told = until_it_serves(&mut run, tempfile::NamedTempFile::new().unwrap().path());
    assert!(
        told.contains("a newer version of oneroster has used this database"),
        "{told}"
    );
    assert_eq!(applied(&database.pool).await, MIGRATOR.iter().count() + 1);
    let last = MIGRATOR.iter().map(|migration| migration.version).max().unwrap();
    needs(&database.pool, last + 1).await;
    let text = refusal(&command(&database.url, &["tenant", "list"]).output().unwrap());
    assert!(text.contains("which took away what this one needs"), "{text}");
}

#[tokio::test]
async fn a_migration_whose_text_is_another_is_refused() {
    let database = database().await;
    sqlx::query("update _sqlx_migrations set checksum = '' where version = 1")
        .execute(&database.pool)
        .await
        .unwrap();
    for arguments in [["tenant", "list"].as_slice(), &["migrate"]] {
        let text = refusal(&command(&database.url, arguments).output().unwrap());
        assert!(
            text.contains("migration 1 was previously applied"),
            "{arguments:?}: {text}"
        );
    }
}

#[tokio::test]
async fn a_database_in_another_encoding_is_refused_with_what_to_type() {
    let database = empty_database().await;
    let name = format!(
        "{}_latin",
        database.pool.connect_options().get_database().unwrap()
    );
    let made = format!("create database {name} encoding 'LATIN1' locale 'C' template template0");
    sqlx::query(sqlx::AssertSqlSafe(made))
        .execute(&database.pool)
        .await
        .unwrap();
    let (server, _) = database.url.split_once("/test_").unwrap();
    let (_, options) = database.url.split_once('?').unwrap_or_default();
    let url = format!("{server}/{name}?{options}");
    for arguments in [["migrate"].as_slice(), &["tenant", "list"]] {
        let text = refusal(&command(&url, arguments).output().unwrap());
        assert!(
            text.contains("keeps its texts in LATIN1") && text.contains("encoding 'UTF8' template template0"),
            "{text}"
        );
    }
    sqlx::query(sqlx::AssertSqlSafe(format!("drop database {name}")))
        .execute(&database.pool)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_user_that_may_not_look_is_told_that_the_owner_migrates() {
    let database = empty_database().await;
    // The last one of before such users.
    let before = MIGRATOR.iter().filter(|migration| migration.version < 25).count();
    older(before).run(&database.pool).await.unwrap();
    let user = database.pool.connect_options().get_database().unwrap().to_owned();
    for statement in [
        format!("create role {user} login noinherit password 'secret'"),
        format!("grant oneroster_service, oneroster_tenant, oneroster_desk, oneroster_desk_tenant to {user}"),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .execute(&database.pool)
            .await
            .unwrap();
    }
    let (_, rest) = database.url.split_once('@').unwrap();
    let url = format!("postgres://{user}:secret@{rest}");
    let text = refusal(&command(&url, &["tenant", "list"]).output().unwrap());
    assert!(
        text.contains("may not see which migrations") && text.contains("ONEROSTER_DATABASE_OWNER_URL"),
        "{text}"
    );
    let output = command(&url, &["migrate"])
        .env("ONEROSTER_DATABASE_OWNER_URL", &database.url)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", errors(&output));
    let output = command(&url, &["tenant", "list"]).output().unwrap();
    assert!(output.status.success(), "{}", errors(&output));
    for statement in [format!("drop owned by {user}"), format!("drop role {user}")] {
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .execute(&database.pool)
            .await
            .unwrap();
    }
}
