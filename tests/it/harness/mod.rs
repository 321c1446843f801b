//! What the tests stand on: a database of its own per test, on an embedded Postgres of the test run.
//!
//! The server lives in cargo's folder for test data and is shared by every test process that runs meanwhile.
//! `DATABASE_URL` plays no part: tests never touch a database of yours.

pub(crate) mod api;
pub(crate) mod backup;
pub(crate) mod certificate;
mod cleanup;
pub(crate) mod clock;
pub(crate) mod desk;
pub(crate) mod group;
pub(crate) mod informat;
pub(crate) mod node;
pub(crate) mod running;
pub(crate) mod school;
mod scram;
pub(crate) mod world;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::Timelike;
use oneroster::audit::Gate;
use oneroster::auth::{Auth, FailedSignIns, Keyring};
use oneroster::clock::Clock;
use oneroster::db::{self, MIGRATOR, RequestPool};
use oneroster_embedded_postgres::{Embedded, Options, Sources};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, PgPool};
use tokio::sync::OnceCell;

/// Serialises, between test processes, making the template and copying it.
const PREPARATION_LOCK: i64 = 0x6f6e_6572;

/// A migrated database of one test. It is deleted with the server's data, after the last test.
pub(crate) struct TestDatabase {
    /// Connections of its owner, to prepare and to inspect: row-level security does not bind them. Five at the most.
    pub(crate) pool: PgPool,
    /// Connections as the program has them, for whatever is under test. Five at the most.
    pub(crate) server: PgPool,
    /// Its address, as servers and commands sign in: as a user that owns nothing. Of an empty database, as its owner.
    pub(crate) url: String,
}

/// The user that servers and commands sign in as. It has the owner's password.
const LOGIN: &str = "serve_of_tests";

/// Its place in an address, and the owner's.
const LOGIN_IN_URL: &str = "://serve_of_tests:";
const OWNER_IN_URL: &str = "://oneroster:";

/// Returns the address of a database of these tests with its owner, for migrations and to prepare what a server may not.
pub(crate) fn owner_url(url: &str) -> String {
    url.replace(LOGIN_IN_URL, OWNER_IN_URL)
}

/// Returns the address of a database of these tests with the user that servers and commands sign in as.
pub(crate) fn login_url(url: &str) -> String {
    url.replace(OWNER_IN_URL, LOGIN_IN_URL)
}

/// Writes bytes in base 16.
pub(crate) fn base16(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// Returns an address without what only our driver understands.
pub(crate) fn plain_url(url: &str) -> &str {
    url.split('?').next().unwrap()
}

/// Returns a program of Postgres, such as `pg_dump`: Debian's, else the one on the path.
pub(crate) fn postgres_program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    versions
        .map(|version| version.unwrap().path().join("bin").join(name))
        .find(|path| path.exists())
        .unwrap_or_else(|| PathBuf::from(name))
}

/// Signs in to the Postgres of these tests as servers and commands do; to any other as before.
fn as_login(options: &PgConnectOptions) -> PgConnectOptions {
    let ours = SERVER
        .get()
        .map(|server| server.embedded.connect_options().get_port());
    let options = options.clone();
    if ours == Some(options.get_port()) {
        options.username(LOGIN)
    } else {
        options
    }
}

/// The server of this process' tests.
struct Server {
    /// Kept for its locks: when this process has ended, Postgres stops.
    embedded: Embedded,
    /// The migrated database that tests get a copy of.
    template: String,
}

static SERVER: OnceCell<Server> = OnceCell::const_new();

/// Makes a fresh, migrated database, at a time of day that leaves a test its day.
pub(crate) async fn database() -> TestDatabase {
    let server = SERVER.get_or_init(start).await;
    wait_past_midnight().await;
    let database = fresh(server, &server.template).await;
    TestDatabase {
        url: login_url(&database.url),
        ..database
    }
}

/// Makes a database as a copy of a template.
async fn fresh(server: &Server, template: &str) -> TestDatabase {
    let name = database_name();
    let options = server.embedded.connect_options();
    let mut admin = locked(options).await;
    run(
        &mut admin,
        format!("create database {name} template {template} strategy file_copy"),
    )
    .await;
    admin.close().await.unwrap();
    let options = options.clone().database(&name);
    let url = options.to_url_lossy().to_string();
    let pool = PgPoolOptions::new().max_connections(5).connect_lazy_with(options);
    let server = as_server(&pool);
    TestDatabase { pool, server, url }
}

/// Makes an empty database, without the migrations.
pub(crate) async fn empty_database() -> TestDatabase {
    let server = SERVER.get_or_init(start).await;
    fresh(server, "template1").await
}

/// Makes connections to the same database as the program has them: under row-level security.
pub(crate) fn as_server(pool: &PgPool) -> PgPool {
    db::work(as_login(pool.connect_options().as_ref()))
}

/// Makes connections to the same database as the desk has them.
pub(crate) fn as_desk(pool: &PgPool) -> PgPool {
    db::desk(as_login(pool.connect_options().as_ref()))
}

/// Makes connections to the same database as the requests of a server have them.
pub(crate) fn requests(pool: &PgPool) -> RequestPool {
    RequestPool::new(as_login(pool.connect_options().as_ref()), 5)
}

/// Makes connections to the same database as the housekeeping of a server has them.
pub(crate) fn housekeeping(pool: &PgPool) -> PgPool {
    db::housekeeping(as_login(pool.connect_options().as_ref()))
}

/// Starts issuing and verifying tokens on the same database, as a server does; nobody fails too often.
pub(crate) async fn auth(pool: &PgPool, clock: Clock, base_url: &str, lifetime_s: u32) -> Arc<Auth> {
    auth_on(requests(pool), housekeeping(pool), clock, base_url, lifetime_s).await
}

/// Does the same by these connections.
pub(crate) async fn auth_on(
    requests: RequestPool,
    housekeeping: PgPool,
    clock: Clock,
    base_url: &str,
    lifetime_s: u32,
) -> Arc<Auth> {
    let failures = FailedSignIns::new(u32::MAX);
    Auth::start(
        (requests, housekeeping),
        (failures, Gate::default()),
        keyring(),
        clock,
        base_url,
        lifetime_s,
    )
    .await
    .unwrap()
}

/// Waits until at least so many sessions of the database stand still at a lock: whoever they are is in the middle.
pub(crate) async fn wait_for_locks(pool: &PgPool, sessions: i64) {
    let waiting = "select count(*) >= $1 from pg_stat_activity
                   where datname = current_database() and wait_event_type = 'Lock'";
    wait_until(pool, waiting, sessions, "nothing ever waited for the lock").await;
}

/// Waits until nobody else does anything in the database: the session of a killed process has been rolled back.
pub(crate) async fn wait_until_alone(pool: &PgPool) {
    let alone = "select count(*) <= $1 from pg_stat_activity
                 where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()";
    wait_until(pool, alone, 0, "the killed process's session stayed").await;
}

async fn wait_until(pool: &PgPool, question: &'static str, number: i64, otherwise: &str) {
    tokio::time::timeout(Duration::from_mins(1), async {
        while !sqlx::query_scalar::<_, bool>(question)
            .bind(number)
            .fetch_one(pool)
            .await
            .unwrap()
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .expect(otherwise);
}

/// Returns the program under test.
pub(crate) fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_oneroster"))
}

/// Makes a run of the program, with nothing to read and without the settings of the person who runs the tests.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("ONEROSTER_") {
            command.env_remove(name);
        }
    }
    command
        .env_remove("DATABASE_URL")
        .env("ONEROSTER_CONFIG", "/dev/null")
        .args(arguments)
        .stdin(Stdio::null());
    command
}

/// Makes a run of the program on a database.
pub(crate) fn command(url: &str, arguments: &[&str]) -> Command {
    let mut command = program(arguments);
    command
        .env("DATABASE_URL", url)
        .env("ONEROSTER_DATABASE_OWNER_URL", owner_url(url))
        .env("ONEROSTER_AUDIT_DIR", audit_dir(url))
        .env("ONEROSTER_ENCRYPTION_KEY_FILE", encryption_key_file());
    command
}

/// Returns the folder for the audit trail of a database of these tests: its data and the folder go together.
pub(crate) fn audit_dir(url: &str) -> PathBuf {
    let name = url
        .split('?')
        .next()
        .and_then(|url| url.rsplit('/').next())
        .unwrap();
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("postgres/postgres-audit")
        .join(name)
}

/// Returns the file with the encryption key of these tests.
pub(crate) fn encryption_key_file() -> PathBuf {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    let path = || {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("encryption-key");
        write_key(&path, "dGhlIGtleSBvZiB0aGUgdGVzdHMsIDMyIGJ5dGVzLi4=");
        path
    };
    FILE.get_or_init(path).clone()
}

/// Writes a file with an encryption key, for its owner only.
pub(crate) fn write_key(path: &Path, key: &str) {
    let draft = path.with_extension(uuid::Uuid::from_u128(rand::random()).to_string());
    std::fs::write(&draft, key).unwrap();
    std::fs::set_permissions(&draft, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::rename(&draft, path).unwrap();
}

/// Returns the keyring of a server of these tests.
pub(crate) fn keyring() -> Keyring {
    Keyring::of(&running::settings("postgres://127.0.0.1/none")).unwrap()
}

/// What people decided, of a report of `tenant decisions`: the rest of the trail says from where it was done.
pub(crate) fn decided(report: &serde_json::Value) -> Vec<serde_json::Value> {
    let listed = report["decisions"].as_array().unwrap().iter();
    let is_decided = |listed: &&serde_json::Value| listed["detail"]["origin"].is_null();
    listed.filter(is_decided).cloned().collect()
}

/// Runs the program on a database to its end, while other tasks of the test continue.
pub(crate) async fn oneroster(url: &str, arguments: &[&str]) -> Output {
    tokio::process::Command::from(command(url, arguments))
        .output()
        .await
        .unwrap()
}

/// Waits while it is almost midnight in Brussels: a test asks what day it is and works with it for some seconds.
async fn wait_past_midnight() {
    while let Some(left) = until_midnight(Clock::System.now()) {
        tokio::time::sleep(left).await;
    }
}

/// How long it is to midnight in Brussels, if less than a minute and a half.
fn until_midnight(now: chrono::DateTime<chrono::Utc>) -> Option<Duration> {
    let second = now
        .with_timezone(&chrono_tz::Europe::Brussels)
        .num_seconds_from_midnight();
    let left = 24 * 60 * 60 - second;
    (left <= 90).then(|| Duration::from_secs(left.into()))
}

#[test]
fn only_the_end_of_a_day_in_brussels_is_waited_for() {
    let left = |text: &str| until_midnight(text.parse().unwrap()).map(|left| left.as_secs());
    for (now, expected) in [
        ("2026-07-01T21:58:29.999Z", None),
        ("2026-07-01T21:58:30Z", Some(90)),
        ("2026-07-01T21:59:59.9Z", Some(1)),
        ("2026-07-01T22:00:00Z", None),
        ("2026-12-01T22:59:00Z", Some(60)),
        ("2026-12-01T21:59:00Z", None),
    ] {
        assert_eq!(left(now), expected, "{now}");
    }
}

async fn start() -> Server {
    let off = ["fsync", "synchronous_commit", "full_page_writes"];
    let mut parameters: Vec<(String, String)> = off.map(|name| (name.to_owned(), "off".to_owned())).into();
    // Each test may hold two pools and a few connections beside them; there is one test at a time for each core.
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    parameters.push((
        "max_connections".to_owned(),
        (100 + 20 * cores).max(300).to_string(),
    ));
    let data_dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres");
    cleanup::sweep(&data_dir);
    let embedded = Embedded::open(Options {
        data_dir: data_dir.clone(),
        postgres_bin: None,
        sources: Sources::default(),
        parameters,
    })
    .await
    .unwrap_or_else(|error| {
        panic!(
            "the Postgres of the tests: {error}: {:?}",
            std::error::Error::source(&error)
        )
    });
    cleanup::sweep_later(&data_dir, 2);
    let mut admin = locked(embedded.connect_options()).await;
    let password = std::fs::read_to_string(data_dir.join("password")).unwrap();
    let verifier = scram::verifier(password.trim());
    run(
        &mut admin,
        format!("alter role current_user password '{verifier}'"),
    )
    .await;
    let template = template_name();
    let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(&template)
        .fetch_one(&mut admin)
        .await
        .unwrap();
    if !exists {
        let draft = database_name();
        run(&mut admin, format!("create database {draft}")).await;
        let mut connection = embedded
            .connect_options()
            .clone()
            .database(&draft)
            .connect()
            .await
            .unwrap();
        MIGRATOR.run(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        run(&mut admin, format!("alter database {draft} rename to {template}")).await;
    }
    let login = format!(
        "do $$ begin create role {LOGIN} login noinherit; exception when duplicate_object or unique_violation then null; end $$;
         alter role {LOGIN} login noinherit password '{verifier}';
         grant oneroster_service, oneroster_tenant, oneroster_desk, oneroster_desk_tenant to {LOGIN}"
    );
    run(&mut admin, login).await;
    admin.close().await.unwrap();
    Server { embedded, template }
}

fn database_name() -> String {
    format!("test_{}", uuid::Uuid::from_u128(rand::random()).simple())
}

/// Connects to the maintenance database and waits for its turn. Closing the connection ends the turn.
async fn locked(options: &PgConnectOptions) -> PgConnection {
    let mut admin = options.clone().database("postgres").connect().await.unwrap();
    sqlx::query("select pg_advisory_lock($1)")
        .bind(PREPARATION_LOCK)
        .execute(&mut admin)
        .await
        .unwrap();
    admin
}

async fn run(connection: &mut PgConnection, statement: String) {
    connection.execute(AssertSqlSafe(statement)).await.unwrap();
}

/// Names the template after the migrations in it, so that a change makes a new one.
fn template_name() -> String {
    let mut digest = 0xcbf2_9ce4_8422_2325_u64;
    for byte in MIGRATOR.iter().flat_map(|migration| migration.checksum.iter()) {
        digest = (digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("template_{digest:016x}")
}
