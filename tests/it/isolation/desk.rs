//! What whoever has a connection of the desk can and cannot do: signed in to Postgres as somebody who may take on its two roles.

use oneroster::access::{self, NewAccount, Passwords};
use oneroster::auth::client;
use oneroster::db::scope;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Executor, PgPool};

use super::{OTHER, OWN, REFUSED, code, two_tenants};
use crate::harness;

/// Signs in to Postgres as a user who has the desk's roles and nothing else.
async fn signed_in(owner: &PgPool) -> (String, PgPool) {
    let name = format!("desk_{}", uuid::Uuid::from_u128(rand::random()).simple());
    let made = format!(
        "create role {name} login noinherit password 'desk'; grant oneroster_desk, oneroster_desk_tenant to {name}"
    );
    owner.execute(AssertSqlSafe(made)).await.unwrap();
    let options = owner.connect_options().as_ref().clone();
    let options = options.username(&name).password("desk");
    (
        name,
        PgPoolOptions::new().max_connections(1).connect_lazy_with(options),
    )
}

#[tokio::test]
async fn who_signs_in_as_the_desk_reads_no_hash_and_no_key() {
    let database = two_tenants().await;
    let (name, pool) = signed_in(&database.pool).await;
    let mut connection = pool.acquire().await.unwrap();
    for role in ["none", "oneroster_desk", "oneroster_desk_tenant"] {
        connection
            .execute(AssertSqlSafe(format!("set role {role}")))
            .await
            .unwrap();
        sqlx::query("select set_config('oneroster.tenant_id', $1, false)")
            .bind(OWN)
            .execute(&mut *connection)
            .await
            .unwrap();
        for refused in [
            "select secret_sha256 from auth.client_secret",
            "select * from auth.client_secret",
            "select count(*) from auth.client_secret where secret_sha256 = sha256('x')",
            "update auth.client_secret set secret_sha256 = secret_sha256",
            "update auth.client_secret set expires_at = null returning secret_sha256",
            "copy auth.client_secret to stdout",
            "select from auth.signing_key",
            "insert into auth.signing_key select",
            "update audit.entry set source = 'x'",
            "delete from audit.entry",
            "set role oneroster_service",
            "set role oneroster_tenant",
            "update informat.persoon set tenant_id = tenant_id",
        ] {
            let answer = connection.execute(refused).await.map(|_| ());
            assert_eq!(code(answer), REFUSED, "{role}: {refused}");
        }
    }
    // Entries of secrets are hidden where they would tell the hash.
    let seen = "select count(*), count(*) filter (where source = 'auth.client_secret') from audit.entry";
    let (entries, secrets): (i64, i64) = sqlx::query_as(seen).fetch_one(&mut *connection).await.unwrap();
    assert!(entries > 0 && secrets == 0, "{entries} {secrets}");
    let all: i64 = sqlx::query_scalar("select count(*) from audit.entry where source = 'auth.client_secret'")
        .fetch_one(&database.pool)
        .await
        .unwrap();
    assert!(all > 0, "they are there");
    let hash = connection
        .execute("select password_hash from desk.account")
        .await
        .map(|_| ());
    assert_eq!(
        code(hash),
        REFUSED,
        "the hash of a password is read outside a scope only"
    );
    drop(connection);
    pool.close().await;
    let dropped = format!("drop role {name}");
    database.pool.execute(AssertSqlSafe(dropped)).await.unwrap();
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one day of a school")]
async fn the_same_operations_run_on_connections_of_the_desk() {
    let database = two_tenants().await;
    let pool = harness::as_desk(&database.pool);
    let made = client::create(&pool, OWN, "from the desk").await.unwrap();
    client::rotate(&pool, OWN, &made.client_id).await.unwrap();
    client::rotate(&pool, OWN, &made.client_id).await.unwrap();
    assert_eq!(
        client::list(&pool, OWN)
            .await
            .unwrap()
            .last()
            .unwrap()
            .valid_secrets,
        2
    );
    let entered: Vec<(String, bool)> = sqlx::query_as(
        "select kind, coalesce(after, before) ? 'secret_sha256' from audit.entry
         where source = 'auth.client_secret' and key ->> 'client_id' = $1 order by position",
    )
    .bind(&made.client_id)
    .fetch_all(&database.pool)
    .await
    .unwrap();
    let kinds: Vec<&str> = entered.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "secret_created",
            "secret_limited",
            "secret_created",
            "secret_deleted",
            "secret_limited",
            "secret_created"
        ]
    );
    assert!(
        entered[0].1,
        "the hash is in the trail, by which a lost secret is made again"
    );
    let head: (i64, i64) = sqlx::query_as(
        "select position, (select max(position) from audit.entry where tenant_id = $1) from audit.head where tenant_id = $1",
    )
    .bind(OWN)
    .fetch_one(&database.pool)
    .await
    .unwrap();
    assert_eq!(head.0, head.1);
    // Its scope is one tenant, as everybody's.
    let mut transaction = scope::begin(&pool, OWN).await.unwrap();
    let role: String = sqlx::query_scalar("select current_user::text")
        .fetch_one(&mut *transaction)
        .await
        .unwrap();
    assert_eq!(role, scope::DESK_TENANT_ROLE);
    let theirs: i64 = sqlx::query_scalar("select count(*) from desk.access_grant where tenant_id = $1")
        .bind(OTHER)
        .fetch_one(&mut *transaction)
        .await
        .unwrap();
    assert_eq!(theirs, 0);
    transaction.rollback().await.unwrap();
    // Connections of others know no account.
    let refused = sqlx::query("select from desk.account")
        .execute(&database.server)
        .await;
    assert_eq!(code(refused), REFUSED);
    let password = Passwords::default().hash("mia", "a good password").await.unwrap();
    let new = NewAccount {
        login_name: "mia",
        display_name: "Mia",
        is_operator: false,
        password: &password,
    };
    let mut connection = pool.acquire().await.unwrap();
    access::account::create(&mut connection, &new, "test")
        .await
        .unwrap();
    let taken = NewAccount {
        login_name: "MIA",
        ..new
    };
    let refused = access::account::create(&mut connection, &taken, "test").await;
    assert!(matches!(refused, Err(access::Error::NameTaken(_))), "{refused:?}");
}
