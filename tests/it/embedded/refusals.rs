//! Directories, addresses and databases that are refused.

use oneroster::auth::{Keyring, keys};
use oneroster::config::{self, Settings};
use oneroster::db::{Database, Error, MIGRATOR, Migrations};

use super::{migrate, migrate_url, open, private_directory, refusal};
use crate::harness;

#[test]
fn data_of_another_postgres_version_are_not_passed_over() {
    let not_here = [
        "holds the data of Postgres 16",
        "only Postgres",
        "postgresql-16",
        "postgres_bin",
        "pg_dump",
        "DATABASE_URL",
    ];
    let too_old = [
        "holds the data of Postgres 12",
        "runs on Postgres 15 or newer",
        "pg_dump",
        "DATABASE_URL",
    ];
    for (cluster, parts) in [("postgres-16", &not_here[..]), ("postgres-12", &too_old)] {
        let directory = private_directory();
        std::fs::write(directory.path().join("start.lock"), "").unwrap();
        std::fs::create_dir(directory.path().join(cluster)).unwrap();
        let text = refusal(&migrate(directory.path()));
        for part in parts {
            assert!(text.contains(part), "{part}: {text}");
        }
        let clusters = std::fs::read_dir(directory.path()).unwrap();
        let clusters = clusters.filter(|entry| entry.as_ref().unwrap().path().is_dir());
        assert_eq!(clusters.count(), 1);
    }
}

#[test]
fn a_directory_of_another_program_is_refused_and_left_alone() {
    let directory = private_directory();
    std::fs::write(directory.path().join("PG_VERSION"), "15").unwrap();
    let text = refusal(&migrate(directory.path()));
    assert!(
        text.contains("not empty") && text.contains("--data-dir"),
        "{text}"
    );
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn a_file_in_place_of_the_data_directory_is_named() {
    let directory = private_directory();
    let file = directory.path().join("data");
    std::fs::write(&file, "").unwrap();
    let text = refusal(&migrate(&file));
    assert!(text.contains(file.to_str().unwrap()), "{text}");
}

#[test]
fn an_unreachable_database_is_named_without_its_password() {
    let output = migrate_url("postgres://roster:geheim-42@127.0.0.1:1/roster")
        .output()
        .unwrap();
    let text = refusal(&output);
    assert!(
        text.contains("127.0.0.1:1") && text.contains("ONEROSTER_DATABASE_OWNER_URL"),
        "{text}"
    );
    assert!(!text.contains("geheim-42"), "{text}");
}

#[test]
fn a_database_that_never_answers_is_given_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let url = format!("postgres://roster:geheim-42@127.0.0.1:{port}/roster");
    let text = refusal(&migrate_url(&url).output().unwrap());
    assert!(
        text.contains("did not answer within 10 s") && text.contains(&port.to_string()),
        "{text}"
    );
    assert!(!text.contains("geheim-42"), "{text}");
}

#[test]
fn an_address_that_is_none_is_refused_without_repeating_it() {
    let text = refusal(&migrate_url("roster:geheim-42@nowhere").output().unwrap());
    assert!(text.contains("postgres://USER:PASSWORD@HOST"), "{text}");
    assert!(!text.contains("geheim-42"), "{text}");
}

#[tokio::test]
async fn a_database_of_a_newer_build_is_refused_and_left_alone() {
    let database = harness::database().await;
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
                 values (9999, 'from the future', true, '', 0)";
    sqlx::query(newer).execute(&database.pool).await.unwrap();
    // It took away what builds of before need.
    sqlx::query("update tenant.usable_by set oldest_migration = 9999")
        .execute(&database.pool)
        .await
        .unwrap();
    let known = MIGRATOR.iter().map(|migration| migration.version).max().unwrap();
    let settings = &harness::running::settings(&database.url).database;
    let error = Database::open(settings, Migrations::Apply).await.unwrap_err();
    assert!(
        matches!(error, Error::Newer { applied: 9999, known: last } if last == known),
        "{error}"
    );
    let text = refusal(&migrate_url(&database.url).output().unwrap());
    assert!(text.contains("9999") && text.contains("newer version"), "{text}");
}

/// Beside an embedded database the file of the encryption key is made once: never again while keys need the one that is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_encryption_key_is_not_replaced_while_keys_are_encrypted_with_it() {
    let directory = private_directory();
    let settings = Settings {
        database: config::Database {
            data_dir: Some(directory.path().to_owned()),
            ..config::Database::default()
        },
        ..Settings::default()
    };
    let database = open(directory.path()).await;
    let file = directory.path().join("encryption-key");
    let keyring = Keyring::open(&settings, database.pool()).await.unwrap();
    assert!(file.exists(), "the first start makes it");
    let key_id = keys::rotate(database.pool(), &keyring).await.unwrap();

    let kept = directory.path().join("kept");
    std::fs::rename(&file, &kept).unwrap();
    let refused = Keyring::open(&settings, database.pool())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("Put it back from its backup") && refused.contains("keys retire"),
        "{refused}"
    );
    assert!(!file.exists(), "nothing is made in its place");
    std::fs::rename(&kept, &file).unwrap();
    Keyring::open(&settings, database.pool()).await.unwrap();

    // The way out for one that is lost for good.
    std::fs::remove_file(&file).unwrap();
    keys::retire(database.pool(), &key_id).await.unwrap();
    let keyring = Keyring::open(&settings, database.pool()).await.unwrap();
    keys::rotate(database.pool(), &keyring).await.unwrap();
    database.close().await;
}
