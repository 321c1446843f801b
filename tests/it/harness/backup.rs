//! A database that goes back: a copy of it is kept, and put in its place later, as a restored backup or a standby that lacks the
//! last transactions.

use std::process::Command;

use sqlx::PgConnection;
use sqlx::postgres::PgPoolOptions;

use super::{
    SERVER, Server, TestDatabase, as_server, database_name, locked, plain_url, postgres_program, run,
};

/// Keeps the state of a database under another name, which is returned. Its sessions are ended.
pub(crate) async fn back_up(database: &TestDatabase) -> (String, TestDatabase) {
    let server = SERVER.get().unwrap();
    let (name, backup) = (name_of(database), database_name());
    let mut admin = locked(server.embedded.connect_options()).await;
    shut(&mut admin, &name).await;
    copy(&mut admin, &name, &backup).await;
    run(
        &mut admin,
        format!("alter database {name} allow_connections true"),
    )
    .await;
    (backup, open(server, &name))
}

/// Puts the state that was kept in the place of a database; servers that use it find that it went back.
pub(crate) async fn restore(database: &TestDatabase, backup: &str) -> TestDatabase {
    let server = SERVER.get().unwrap();
    let name = name_of(database);
    let mut admin = locked(server.embedded.connect_options()).await;
    shut(&mut admin, &name).await;
    run(&mut admin, format!("drop database {name} with (force)")).await;
    copy(&mut admin, backup, &name).await;
    open(server, &name)
}

fn name_of(database: &TestDatabase) -> String {
    let options = database.pool.connect_options();
    options.get_database().unwrap().to_owned()
}

/// Ends the sessions of a database and lets nobody in.
async fn shut(admin: &mut PgConnection, name: &str) {
    run(admin, format!("alter database {name} allow_connections false")).await;
    run(
        admin,
        format!("select pg_terminate_backend(pid, 60000) from pg_stat_activity where datname = '{name}'"),
    )
    .await;
}

async fn copy(admin: &mut PgConnection, from: &str, to: &str) {
    run(
        admin,
        format!("create database {to} template {from} strategy file_copy"),
    )
    .await;
}

fn open(server: &Server, name: &str) -> TestDatabase {
    use sqlx::ConnectOptions;
    let options = server.embedded.connect_options().clone().database(name);
    let url = super::login_url(options.to_url_lossy().as_str());
    let pool = PgPoolOptions::new().max_connections(5).connect_lazy_with(options);
    let server = as_server(&pool);
    TestDatabase { pool, server, url }
}

/// Returns a dump as text.
pub(crate) fn dump(url: &str) -> String {
    let output = Command::new(postgres_program("pg_dump"))
        .arg(plain_url(url))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}
