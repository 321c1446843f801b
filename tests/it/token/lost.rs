//! The file of the encryption key is lost, leaked, missing or changed halfway.

use std::path::Path;
use std::time::Duration;

use oneroster::auth::keys;

use super::keyring_of;
use crate::harness::running::{Running, settings};
use crate::harness::{TestDatabase, command, database, empty_database, write_key};

/// The key that is lost or leaks.
const FIRST_KEY: &str = "dGhlIGZpcnN0IGtleSBvZiBhbGwsIDMyIGJ5dGVzLi4=";

/// The one in its place.
const SECOND_KEY: &str = "dGhlIG90aGVyIGtleSBvZiBhbGwsIDMyIGJ5dGVzLi4=";

fn key_file(folder: &Path) -> std::path::PathBuf {
    let file = folder.join("key");
    write_key(&file, FIRST_KEY);
    file
}

/// Which encryption key each signing key is sealed with.
async fn sealed_with(server: &sqlx::PgPool) -> Vec<String> {
    let listed = keys::list(server).await.unwrap();
    listed.into_iter().filter_map(|key| key.sealed_with).collect()
}

async fn until_there_is_a_key(server: &sqlx::PgPool) -> Vec<String> {
    let asking = async {
        loop {
            let found = sealed_with(server).await;
            if !found.is_empty() {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), asking)
        .await
        .unwrap()
}

/// The way out that the documentation gives, while a server runs that still holds the lost key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_server_makes_the_next_key_with_the_file_that_replaced_a_lost_one() {
    let TestDatabase { server, url, .. } = database().await;
    let folder = tempfile::tempdir().unwrap();
    let file = key_file(folder.path());
    let mut settings = settings(&url);
    settings.keys.encryption_key_file = Some(file.clone());
    let running = Running::start(&settings).await;
    let lost = sealed_with(&server).await;
    assert_eq!(lost.len(), 1);

    write_key(&file, SECOND_KEY);
    for key in keys::list(&server).await.unwrap() {
        keys::retire(&server, &key.key_id).await.unwrap();
    }
    let made = until_there_is_a_key(&server).await;
    assert_ne!(made, lost, "sealed with the key that is lost");
    // One that starts with the file, and the commands, can use it.
    Running::start(&settings).await.stop().await;
    keys::rotate(&server, &keyring_of(&file)).await.unwrap();
    running.stop().await;
}

/// The order of docs/security.md: afterwards nothing opens with the stolen key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_stolen_encryption_key_no_signing_key_opens_with_it() {
    let TestDatabase { server, url, .. } = database().await;
    let folder = tempfile::tempdir().unwrap();
    let file = key_file(folder.path());
    let mut settings = settings(&url);
    settings.keys.encryption_key_file = Some(file.clone());
    let running = Running::start(&settings).await;
    let before = keys::list(&server).await.unwrap();
    let stolen = sealed_with(&server).await;

    let new = folder.path().join("new");
    let changed = keys::change_encryption_key(&server, &keyring_of(&file), &new)
        .await
        .unwrap();
    assert_eq!(changed, 1);
    std::fs::rename(&new, &file).unwrap();
    keys::rotate(&server, &keyring_of(&file)).await.unwrap();
    for key in &before {
        keys::retire(&server, &key.key_id).await.unwrap();
    }
    // The server goes on with the new one.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let after = sealed_with(&server).await;
    assert!(!after.is_empty() && !after.contains(&stolen[0]), "{after:?}");
    running.stop().await;
}

#[tokio::test]
async fn nothing_is_migrated_by_a_server_that_has_no_key_file() {
    let test = empty_database().await;
    let folder = tempfile::tempdir().unwrap();
    for file in [None, Some(folder.path().join("missing"))] {
        let mut serve = command(&test.url, &["serve", "--migrate", "--listen", "127.0.0.1:0"]);
        match &file {
            Some(file) => serve.env("ONEROSTER_ENCRYPTION_KEY_FILE", file),
            None => serve.env_remove("ONEROSTER_ENCRYPTION_KEY_FILE"),
        };
        let output = serve.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(
            said.contains("encryption_key_file") || said.contains("is not there"),
            "{said}"
        );
        let migrated: bool = sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null")
            .fetch_one(&test.pool)
            .await
            .unwrap();
        assert!(!migrated, "{said}");
    }
}
