//! Private keys in the database are sealed: what a thief of the database has, and what an upgrade and a change of the key bring.

use std::path::Path;
use std::process::Command;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oneroster::auth::{Error, Keyring, Rejection, keys};
use oneroster::db::MIGRATOR;
use sha2::{Digest, Sha256};
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, PgPool};

use super::{claims, keyring_of, pass, refresh};
use crate::harness::api::{self, Api};
use crate::harness::backup::dump;
use crate::harness::{
    TestDatabase, command, database, encryption_key_file, keyring, oneroster, owner_url, plain_url,
    postgres_program, write_key,
};

/// What each PKCS #8 of such a key begins with, in hex: as a dump shows it.
const PKCS8_BEGIN: &str = "308187020100301306072a8648ce3d0201";

/// Another encryption key.
const OTHER_KEY: &str = "YW5vdGhlciBrZXkgb2YgdGhlIHRlc3RzLCAzMiBieS4=";

/// A key pair: its id, PKCS #8, x and y.
struct Pair {
    id: String,
    private_key: Vec<u8>,
    x: Vec<u8>,
    y: Vec<u8>,
}

fn pair() -> Pair {
    let document =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).unwrap();
    let point = pair.public_key().as_ref();
    let (x, y) = (point[1..33].to_vec(), point[33..].to_vec());
    Pair {
        id: URL_SAFE_NO_PAD.encode(Sha256::new().chain_update(&x).chain_update(&y).finalize()),
        private_key: document.as_ref().to_vec(),
        x,
        y,
    }
}

/// Puts a key there as versions of before did: plain.
async fn insert_plain(pool: &PgPool, pair: &Pair) {
    // As such a row was before the constraint.
    for statement in [
        "alter table auth.signing_key drop constraint signing_key_sealed",
        "insert into auth.signing_key (key_id, private_key, public_x, public_y, created_at, signs_until, verifies_until)
         select $1, $2, $3, $4, now, now + interval '60 days', now + interval '60 days 13 hours'
         from (select clock_timestamp() - interval '30 days' as now) n",
        "alter table auth.signing_key add constraint signing_key_sealed check (
             private_key = '' and sealed_key is not null and sealed_with is not null and signs_from is not null and signs_to is not null
         ) not valid",
    ] {
        let query = sqlx::query(statement);
        let query = if statement.starts_with("insert") {
            query.bind(&pair.id).bind(&pair.private_key).bind(&pair.x).bind(&pair.y)
        } else {
            query
        };
        query.execute(pool).await.unwrap();
    }
}

/// Makes a token as a server does, with somebody's key.
fn forge(like: &str, pair: &Pair) -> String {
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256);
    header.kid = Some(pair.id.clone());
    let key = jsonwebtoken::EncodingKey::from_ec_der(&pair.private_key);
    jsonwebtoken::encode(&header, &claims(like), &key).unwrap()
}

/// What a server of before reads of a key: id, private key, x, y, and whether it signs.
type KeyOfBefore = (String, Vec<u8>, Vec<u8>, Vec<u8>, bool);

/// Which keys a server of before has to sign with, and whether it reads them without an error: its own statement.
async fn signs_for_servers_of_before(pool: &PgPool) -> Vec<String> {
    let rows: Vec<KeyOfBefore> = sqlx::query_as(
        "select key_id, private_key, public_x, public_y, signs_until > clock_timestamp() from auth.signing_key
          where verifies_until > clock_timestamp() order by signs_until desc, key_id",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    rows.into_iter().filter(|row| row.4).map(|row| row.0).collect()
}

async fn age(pool: &PgPool, interval: &str) {
    let statement = format!(
        "update auth.signing_key set created_at = created_at - interval '{interval}' where sealed_key is not null"
    );
    sqlx::query(AssertSqlSafe(statement)).execute(pool).await.unwrap();
}

fn other_keyring(folder: &Path) -> Keyring {
    let file = folder.join("other");
    write_key(&file, OTHER_KEY);
    keyring_of(&file)
}

#[tokio::test]
async fn a_stolen_dump_mints_no_token() {
    let TestDatabase { pool, url, .. } = database().await;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    let stolen = dump(&owner_url(&url));
    assert!(stolen.contains("auth.signing_key") && !stolen.contains(PKCS8_BEGIN));
    // The control: with a plain key it would be there, and open.
    let plain = pair();
    insert_plain(&pool, &plain).await;
    assert!(dump(&owner_url(&url)).contains(PKCS8_BEGIN));

    // Restored elsewhere, a server without the key file refuses, and says what it needs.
    let restored = crate::harness::empty_database().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &stolen).unwrap();
    let output = Command::new(postgres_program("psql"))
        .args(["-qX", "-v", "ON_ERROR_STOP=1", "-f"])
        .arg(file.path())
        .arg(plain_url(&restored.url))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other");
    write_key(&other, OTHER_KEY);
    let mut serve = command(&restored.url, &["serve", "--listen", "127.0.0.1:0"]);
    let output = serve
        .env("ONEROSTER_ENCRYPTION_KEY_FILE", &other)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("has another key (id ") && said.contains("oneroster keys retire"),
        "{said}"
    );

    // A key of the thief's own in a row of the stolen kind makes no token here.
    let thief = pair();
    let forged = forge(&token, &thief);
    sqlx::query(
        "insert into auth.signing_key (key_id, sealed_key, sealed_with, public_x, public_y, signs_from, signs_to, verifies_until)
         select $1, sealed_key, sealed_with, $2, $3, signs_from, signs_to, verifies_until from auth.signing_key
         where sealed_key is not null",
    )
    .bind(&thief.id)
    .bind(&thief.x)
    .bind(&thief.y)
    .execute(&api.pool)
    .await
    .unwrap();
    assert_eq!(api.auth.verify(&forged).await, Err(Rejection::Foreign));
    // Nor under the id of a key that is known.
    let mut header = jsonwebtoken::decode_header(&token).unwrap();
    header.alg = jsonwebtoken::Algorithm::ES256;
    let key = jsonwebtoken::EncodingKey::from_ec_der(&thief.private_key);
    let forged = jsonwebtoken::encode(&header, &claims(&token), &key).unwrap();
    assert_eq!(api.auth.verify(&forged).await, Err(Rejection::Foreign));
    assert_eq!(api.get(&token, "/orgs").await.status, StatusCode::OK);
}

/// What the program's own role may write lets no key in that the encryption key did not seal.
#[tokio::test]
async fn the_role_of_servers_cannot_bring_in_a_plain_key() {
    let TestDatabase { pool, server, .. } = database().await;
    let api = Api::start(&pool).await;
    for (statement, code) in [
        (
            "insert into auth.signing_key (key_id, private_key, public_x, public_y, signs_until, verifies_until)
             select 'x', 'x', 'x', 'x', now() + interval '1 day', now() + interval '2 days'",
            "42501",
        ),
        ("update auth.signing_key set public_x = 'x'", "42501"),
        ("update auth.signing_key set key_id = 'x'", "42501"),
        ("update auth.signing_key set private_key = 'x'", "23514"),
        ("update auth.signing_key set sealed_key = null", "23514"),
        (
            "insert into auth.signing_key (key_id, public_x, public_y, verifies_until) select 'x', 'x', 'x', now() + interval '2 days'",
            "23514",
        ),
    ] {
        let error = sqlx::query(statement).execute(&server).await.unwrap_err();
        let found = error.as_database_error().unwrap().code().unwrap().into_owned();
        assert_eq!(found, code, "{statement}");
    }
    drop(api);
}

/// Servers of before and of now on one database, then those of now alone.
#[tokio::test]
async fn plain_keys_of_before_are_brought_over_while_servers_of_before_go_on() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let plain = pair();
    insert_plain(&pool, &plain).await;
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    let old = forge(&token, &plain);
    let listed = keys::list(&api.pool).await.unwrap();
    assert_eq!(listed.len(), 2);
    let key_id = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    assert_eq!(
        key_id(&token),
        plain.id,
        "servers of before learn the sealed one before anybody signs with it"
    );
    pass(&pool, "5 minutes 1 second").await;
    refresh(&api).await;
    let token = api.token(&made).await;
    assert_ne!(key_id(&token), plain.id, "it signs with the sealed one");
    assert_eq!(
        signs_for_servers_of_before(&pool).await,
        std::slice::from_ref(&plain.id)
    );
    assert!(api.auth.verify(&old).await.is_ok());

    // An hour later no server of before is left: its key is sealed, and only verifies.
    age(&pool, "61 minutes").await;
    let later = Api::start(&pool).await;
    assert!(later.auth.verify(&old).await.is_ok());
    assert!(later.auth.verify(&token).await.is_ok());
    let (plain_keys, ends): (i64, bool) = sqlx::query_as(
        "select count(*) filter (where private_key <> ''),
                bool_and(verifies_until < clock_timestamp() + interval '13 hours') filter (where key_id = $1)
         from auth.signing_key",
    )
    .bind(&plain.id)
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!((plain_keys, ends), (0, true));
    assert!(signs_for_servers_of_before(&pool).await.is_empty());
}

/// A plain row that is there when every token of one must have ended verifies nothing, and goes.
#[tokio::test]
async fn a_plain_key_that_comes_after_its_time_is_deleted() {
    let pool = database().await.pool;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let token = Api::start(&pool).await.token(&made).await;
    age(&pool, "14 hours 1 minute").await;
    let plain = pair();
    insert_plain(&pool, &plain).await;
    let later = Api::start(&pool).await;
    assert_eq!(
        later.auth.verify(&forge(&token, &plain)).await,
        Err(Rejection::Foreign)
    );
    assert!(
        later.auth.verify(&token).await.is_ok(),
        "the sealed one still verifies"
    );
    let plain_keys: i64 =
        sqlx::query_scalar("select count(*) from auth.signing_key where sealed_key is null")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(plain_keys, 0);
}

#[tokio::test]
async fn the_encryption_key_is_changed_under_running_servers() {
    let TestDatabase { pool, url, server } = database().await;
    let made = api::tenant(&pool, "zand").await;
    api::publish(&pool, "zand", &[]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    write_key(&file, OTHER_KEY);
    let api = Api::start(&pool).await;
    let token = api.token(&made).await;
    keys::rotate(&server, &keyring()).await.unwrap();

    let new = folder.path().join("new");
    let output = oneroster(&url, &["keys", "change-encryption-key", new.to_str().unwrap()]).await;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}");
    let here = encryption_key_file();
    assert!(
        said.contains("2 signing keys are encrypted")
            && said.contains(&format!("mv {} {}", new.display(), here.display())),
        "{said}"
    );
    // A server with the old file goes on with what it has; one that starts needs the new one.
    assert_eq!(api.get(&token, "/orgs").await.status, StatusCode::OK);
    assert_eq!(
        api.get(&api.token(&made).await, "/orgs").await.status,
        StatusCode::OK
    );
    let refused = keys::rotate(&server, &keyring()).await.unwrap_err();
    assert!(matches!(refused, Error::WrongEncryptionKey { .. }), "{refused}");
    let refused = keys::rotate(&server, &other_keyring(folder.path()))
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::WrongEncryptionKey { .. }), "{refused}");
    keys::rotate(&server, &keyring_of(&new)).await.unwrap();
    // A second run finds nothing to do, and one with a file that is not the present key's is refused.
    let mut again = command(&url, &["keys", "change-encryption-key", new.to_str().unwrap()]);
    let output = again.env("ONEROSTER_ENCRYPTION_KEY_FILE", &new).output().unwrap();
    assert!(
        String::from_utf8_lossy(&output.stdout).starts_with("0 signing keys are"),
        "{output:?}"
    );
    let third = folder.path().join("third");
    let output = oneroster(&url, &["keys", "change-encryption-key", third.to_str().unwrap()]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("has another key"),
        "{output:?}"
    );
}

#[tokio::test]
async fn a_server_without_a_good_key_file_says_what_to_type() {
    let url = database().await.url;
    let folder = tempfile::tempdir().unwrap();
    let serve = |file: Option<&Path>| {
        let mut serve = command(&url, &["serve", "--listen", "127.0.0.1:0"]);
        match file {
            Some(file) => serve.env("ONEROSTER_ENCRYPTION_KEY_FILE", file),
            None => serve.env_remove("ONEROSTER_ENCRYPTION_KEY_FILE"),
        };
        let output = serve.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let said = serve(None);
    assert!(
        said.contains("`keys.encryption_key_file`") && said.contains("head -c 32 /dev/urandom"),
        "{said}"
    );
    let missing = folder.path().join("missing");
    let said = serve(Some(&missing));
    assert!(said.contains("is not there") && !missing.exists(), "{said}");
    let open = folder.path().join("open");
    std::fs::write(&open, OTHER_KEY).unwrap();
    std::fs::set_permissions(&open, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let said = serve(Some(&open));
    assert!(said.contains("chmod 600") && said.contains("mode 644"), "{said}");
}

/// A database as main's migrations before this left it, with data: what worked goes on.
#[tokio::test]
async fn an_installation_of_before_goes_on_with_its_keys_clients_and_tokens() {
    let test = crate::harness::empty_database().await;
    let before = MIGRATOR
        .iter()
        .filter(|migration| migration.version < 25)
        .cloned();
    Migrator::with_migrations(before.collect())
        .run(&test.pool)
        .await
        .unwrap();
    let made = api::tenant(&test.pool, "zand").await;
    api::publish(&test.pool, "zand", &[]).await;
    let plain = pair();
    sqlx::query(
        "insert into auth.signing_key (key_id, private_key, public_x, public_y, created_at, signs_until, verifies_until)
         select $1, $2, $3, $4, now, now + interval '60 days', now + interval '60 days 13 hours'
         from (select clock_timestamp() - interval '30 days' as now) n",
    )
    .bind(&plain.id)
    .bind(&plain.private_key)
    .bind(&plain.x)
    .bind(&plain.y)
    .execute(&test.pool)
    .await
    .unwrap();
    let output = oneroster(&test.url, &["migrate"]).await;
    assert!(output.status.success(), "{output:?}");
    let api = Api::start(&test.pool).await;
    let token = api.token(&made).await;
    let of_before = forge(&token, &plain);
    for good in [&token, &of_before] {
        assert_eq!(api.get(good, "/orgs").await.status, StatusCode::OK);
    }
    assert_eq!(
        signs_for_servers_of_before(&test.pool).await,
        std::slice::from_ref(&plain.id)
    );
}
