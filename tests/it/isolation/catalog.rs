//! What the database's own catalog says: no table without its policy, no role with more than it needs.

use std::collections::BTreeSet;

use oneroster::db::scope::{DESK_ROLE, DESK_TENANT_ROLE, SERVICE_ROLE, TENANT_ROLE};
use sqlx::PgPool;

use super::tenant_tables;
use crate::harness::database;

/// Tables that belong to no tenant, with the reason.
const WITHOUT_TENANT: &[(&str, &str)] = &[
    ("auth.signing_key", "keys sign for every tenant"),
    ("desk.account", "who signs in, before it is known to which tenant"),
    ("desk.failed_sign_in", "hashes of names and addresses that failed"),
    ("desk.pending_sign_in", "who is at the provider of sign-ins"),
    (
        "desk.preference",
        "how an account has its screens, in every tenant",
    ),
    ("desk.session", "an account that is signed in"),
    ("public._sqlx_migrations", "the migrations that were applied"),
    ("tenant.usable_by", "which builds may use the database"),
];

/// What connections of the desk may read outside a tenant's scope beside all of that but clients and keys, with the reason.
const OPEN_TO_DESK: &[(&str, &str)] = &[
    (
        "desk.access_grant",
        "finding the tenants that an account was given something in",
    ),
    ("desk.account", "who signs in, before it is known to which tenant"),
    ("desk.failed_sign_in", "hashes of names and addresses that failed"),
    ("desk.pending_sign_in", "who is at the provider of sign-ins"),
    ("desk.preference", "how an account has its screens"),
    ("desk.session", "who is signed in"),
];

/// What may be read outside a tenant's scope, with the reason. Nothing of it is about a person.
const OPEN_TO_SERVICE: &[(&str, &[&str], &str)] = &[
    (
        "alarm.message",
        &["next_try_at", "tenant_id"],
        "finding the tenants with messages to send",
    ),
    (
        "audit.head",
        &[
            "entry_id",
            "erased_before",
            "lacking",
            "lacking_by",
            "position",
            "tenant_id",
        ],
        "finding the tenants with entries that a folder lacks, or the other way round, or of which somebody was erased",
    ),
    (
        "auth.client",
        &[
            "carried_over_at",
            "client_id",
            "revoked_at",
            "settings",
            "tenant_id",
            "tokens_revoked_at",
        ],
        "remembered by every server to verify tokens without the database, and to find the tenant of an id that was carried over",
    ),
    (
        "auth.client_secret",
        &["client_id", "expires_at", "secret_id", "secret_sha256"],
        "hashes of random bits, remembered by every server to bound what fails",
    ),
    (
        "auth.signing_key",
        &[
            "created_at",
            "key_id",
            "private_key",
            "public_x",
            "public_y",
            "sealed_key",
            "sealed_with",
            "signs_from",
            "signs_to",
            "signs_until",
            "verifies_until",
        ],
        "no tenant's",
    ),
    (
        "informat.lading",
        &["geladen_op", "p_lading", "tenant_id"],
        "finding the tenants whose bundles no longer come",
    ),
    (
        "public._sqlx_migrations",
        &[
            "checksum",
            "description",
            "execution_time",
            "installed_on",
            "success",
            "version",
        ],
        "seeing whether the database is up to date",
    ),
    (
        "roster.evaluation",
        &[
            "configuration_version",
            "evaluated_at",
            "mirror_version",
            "next_change",
            "passed_mirror_version",
            "projection_version",
            "tenant_id",
            "today",
            "usernames_version",
        ],
        "finding the tenants with something to publish",
    ),
    (
        "roster.head",
        &["generation_id", "number", "tenant_id", "tickets_signed"],
        "seeing whether tickets that were signed for are still known",
    ),
    (
        "roster.hold",
        &["discarded_at", "held_at", "reasons", "tenant_id"],
        "readiness and monitoring tell of every held publication",
    ),
    (
        "synclog.run",
        &["last_request_at", "tenant_id"],
        "finding the tenants that nobody reads any more",
    ),
    (
        "tenant.input_version",
        &["input", "tenant_id", "version"],
        "finding the tenants with something to publish",
    ),
    (
        "tenant.tenant",
        &["configuration", "tenant_id"],
        "listing the tenants",
    ),
    (
        "tenant.usable_by",
        &["oldest_migration"],
        "seeing whether a newer version left what this one needs",
    ),
    (
        "username.name_key",
        &["sealed_with", "tenant_id"],
        "whether the file of the encryption key is needed",
    ),
];

/// What of that only servers look at, in the background.
const CLOSED_TO_DESK: &[&str] = &["alarm.message", "informat.lading"];

/// Lines of text from the catalog.
async fn lines(pool: &PgPool, statement: &'static str) -> Vec<String> {
    sqlx::query_scalar(statement).fetch_all(pool).await.unwrap()
}

#[tokio::test]
async fn every_table_of_a_tenant_is_bound_by_one_policy_for_reading_and_writing() {
    let pool = database().await.pool;
    let own_tenant = "(tenant_id = current_setting('oneroster.tenant_id'::text, true))";
    let protected: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', p.schemaname, p.tablename) from pg_policies p
         join pg_class c on c.oid = format('%I.%I', p.schemaname, p.tablename)::regclass and c.relrowsecurity
         where p.policyname = 'own_tenant' and p.roles @> $1::name[] and p.roles <@ $1::name[] and p.cmd = 'ALL'
           and p.permissive = 'PERMISSIVE' and p.qual = $2 and p.with_check = $2 order by 1",
    )
    .bind([TENANT_ROLE, DESK_TENANT_ROLE])
    .bind(own_tenant)
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(
        protected,
        tenant_tables(&pool).await,
        "call tenant.protect('…') in the migration"
    );
    // Policies add up: another one for the same role would open what the first keeps shut.
    let others: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I: %s to %s', schemaname, tablename, cmd, roles) from pg_policies
         where policyname <> 'own_tenant' and (not roles <@ $1::name[] or cmd <> 'SELECT') and permissive = 'PERMISSIVE'",
    )
    .bind([SERVICE_ROLE, DESK_ROLE])
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(others, [""; 0]);
}

#[tokio::test]
async fn a_table_without_a_tenant_is_one_of_those_that_need_none() {
    let pool = database().await.pool;
    let all = lines(
        &pool,
        "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p', 'm', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'",
    )
    .await;
    let with_tenant: BTreeSet<String> = tenant_tables(&pool).await.into_iter().collect();
    let without: BTreeSet<&str> = all
        .iter()
        .map(String::as_str)
        .filter(|table| !with_tenant.contains(*table))
        .collect();
    let known: BTreeSet<&str> = WITHOUT_TENANT.iter().map(|(table, _)| *table).collect();
    assert_eq!(
        without, known,
        "its key begins with tenant_id, or it needs a reason here"
    );
}

#[tokio::test]
async fn the_roles_own_nothing_and_can_do_nothing_else() {
    let pool = database().await.pool;
    let roles = lines(
        &pool,
        "select concat_ws(' ', rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,
                          rolbypassrls) from pg_roles where rolname ~ '^oneroster_' order by 1",
    )
    .await;
    assert_eq!(
        roles,
        [DESK_ROLE, DESK_TENANT_ROLE, SERVICE_ROLE, TENANT_ROLE].map(|role| format!("{role} f f f f f f f"))
    );
    // In every database of the cluster: the table is shared.
    let owned = "select deptype::text from pg_shdepend where deptype = 'o' and refobjid in (
                     select oid from pg_roles where rolname ~ '^oneroster_')";
    assert_eq!(lines(&pool, owned).await, [""; 0]);
    let memberships = "select roleid::regrole::text from pg_auth_members where member in (
                           select oid from pg_roles where rolname ~ '^oneroster_')";
    assert_eq!(lines(&pool, memberships).await, [""; 0]);
    // Truncating asks no policy; the others let a role build on a table.
    let more = "select format('%s: %s %s', c.oid::regclass, a.grantee::regrole, a.privilege_type)
                from pg_class c, aclexplode(c.relacl) a
                where a.grantee::regrole::text ~ '^oneroster_'
                  and a.privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')";
    assert_eq!(lines(&pool, more).await, [""; 0]);
    let create = "select format('%s: %s', n.nspname, r.rolname) from pg_namespace n, pg_roles r
                  where r.rolname ~ '^oneroster_' and has_schema_privilege(r.oid, n.oid, 'create')";
    assert_eq!(lines(&pool, create).await, [""; 0]);
    let public = "select format('%s: %s', c.oid::regclass, a.privilege_type)
                  from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a
                  where a.grantee = 0 and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'";
    assert_eq!(lines(&pool, public).await, [""; 0]);
}

/// The columns that a role may read, by table.
async fn readable(pool: &PgPool, role: &str) -> Vec<(String, Vec<String>)> {
    let mut open: Vec<(String, Vec<String>)> = sqlx::query_as(
        "select format('%I.%I', n.nspname, c.relname), array_agg(a.attname::text order by a.attname::text)
         from pg_class c
         join pg_namespace n on n.oid = c.relnamespace
         join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
           and has_column_privilege($1::name, c.oid, a.attnum, 'select')
         group by 1 order by 1",
    )
    .bind(role)
    .fetch_all(pool)
    .await
    .unwrap();
    open.sort();
    open
}

#[tokio::test]
async fn the_desk_reads_outside_a_scope_what_is_open_and_its_accounts_and_no_client_or_key() {
    let pool = database().await.pool;
    let open = readable(&pool, DESK_ROLE).await;
    let tables: Vec<&str> = open.iter().map(|(table, _)| table.as_str()).collect();
    let mut expected: Vec<&str> = OPEN_TO_SERVICE.iter().map(|(table, _, _)| *table).collect();
    expected.retain(|table| {
        !["auth.", "public.", "username."]
            .iter()
            .any(|schema| table.starts_with(schema))
    });
    expected.retain(|table| !CLOSED_TO_DESK.contains(table));
    expected.extend(OPEN_TO_DESK.iter().map(|(table, _)| *table));
    expected.sort_unstable();
    assert_eq!(tables, expected);
    for (table, columns) in open.iter().filter(|(table, _)| !table.starts_with("desk.")) {
        let (_, of_service, _) = OPEN_TO_SERVICE.iter().find(|(name, _, _)| name == table).unwrap();
        assert_eq!(columns, of_service, "{table}");
    }
    let in_scope = readable(&pool, DESK_TENANT_ROLE).await;
    let columns = |of: &str| {
        in_scope
            .iter()
            .find(|(table, _)| table == of)
            .map(|(_, columns)| columns.join(" "))
    };
    assert_eq!(columns("auth.signing_key"), None);
    assert_eq!(columns("desk.session"), None);
    assert_eq!(
        columns("auth.client_secret").unwrap(),
        "client_id created_at expires_at is_carried_over secret_id tenant_id"
    );
    assert!(!columns("desk.account").unwrap().contains("password_hash"));
    // The mirror is loaded by commands only.
    let written = "select format('%s: %s', c.oid::regclass, p) from pg_class c,
                       unnest(array['insert', 'update', 'delete']) p
                   where c.relkind in ('r', 'p') and c.relnamespace in ('informat'::regnamespace)
                     and has_table_privilege('oneroster_desk_tenant', c.oid, p) order by 1";
    assert_eq!(lines(&pool, written).await, [""; 0]);
}

#[tokio::test]
async fn outside_a_scope_no_table_about_a_person_can_be_read() {
    let pool = database().await.pool;
    let open = readable(&pool, SERVICE_ROLE).await;
    let expected: Vec<(String, Vec<String>)> = OPEN_TO_SERVICE
        .iter()
        .map(|(table, columns, _)| {
            let columns = columns.iter().map(|column| (*column).to_owned()).collect();
            ((*table).to_owned(), columns)
        })
        .collect();
    assert_eq!(open, expected);
    let written = "select format('%s: %s', c.oid::regclass, p) from pg_class c join pg_namespace n on n.oid = c.relnamespace,
                       unnest(array['insert', 'update', 'delete']) p
                   where c.relkind in ('r', 'p', 'v') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
                     and has_table_privilege('oneroster_service', c.oid, p) order by 1";
    assert_eq!(lines(&pool, written).await, ["auth.signing_key: delete"]);
    // By column, so that no plain key and no other public key comes in.
    let columns =
        "select format('%s %s', p, a.attname) from pg_attribute a, unnest(array['insert', 'update']) p
                   where a.attrelid = 'auth.signing_key'::regclass and a.attnum > 0
                     and has_column_privilege('oneroster_service', a.attrelid, a.attnum, p) order by 1";
    let columns = lines(&pool, columns).await.join(", ");
    assert!(
        !columns.contains("insert private_key") && !columns.contains("insert created_at"),
        "{columns}"
    );
    assert!(
        !columns.contains("update public") && !columns.contains("update key_id"),
        "{columns}"
    );
}

#[tokio::test]
async fn no_view_and_no_function_lends_its_owners_rights() {
    let pool = database().await.pool;
    let views = "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
                 where c.relkind = 'v' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
                   and not coalesce(c.reloptions::text[] && array['security_invoker=true', 'security_invoker=on'], false)";
    assert_eq!(
        lines(&pool, views).await,
        [""; 0],
        "create view … with (security_invoker = true)"
    );
    let functions =
        "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
                     where p.prosecdef and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'";
    assert_eq!(lines(&pool, functions).await, [""; 0]);
}
