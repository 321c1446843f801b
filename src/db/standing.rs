//! What the user that sessions sign in as may do by itself: for `serve` nothing, so that no statement gets around row-level security.

use sqlx::postgres::PgConnection;

use super::scope::{DESK_ROLE, DESK_TENANT_ROLE, SERVICE_ROLE, TENANT_ROLE};
use super::{Error, Location};

/// The oldest Postgres that the SQL runs on, as the server says its version.
const OLDEST: i32 = 150_000;

/// Refuses a Postgres that is too old, or whose texts are not in UTF-8.
pub(super) async fn require_postgres(
    connection: &mut PgConnection,
    location: &Location,
) -> Result<(), Error> {
    let server = sqlx::query!(
        r#"select current_setting('server_version_num')::integer as "number!", current_setting('server_version') as "version!",
                  current_setting('server_encoding') as "encoding!""#
    )
    .fetch_one(connection)
    .await
    .map_err(|source| Error::connect(location, source))?;
    judge(server.number, server.version, server.encoding, location)
}

/// Judges what a Postgres says of itself.
fn judge(number: i32, version: String, encoding: String, location: &Location) -> Result<(), Error> {
    if number < OLDEST {
        return Err(Error::TooOld {
            location: location.with_origin(),
            found: version,
        });
    }
    if encoding != "UTF8" {
        return Err(Error::Encoding {
            location: location.with_origin(),
            found: encoding,
        });
    }
    Ok(())
}

/// Returns why the user of a session could get around row-level security: it owns what is protected, could become somebody who does, or
/// is not bound by rights at all. Nothing if it owns nothing.
pub(super) async fn too_much(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select reason as "reason!" from pg_roles r, lateral (values
               (r.rolsuper, 'it is a superuser'),
               (r.rolbypassrls, 'it has bypassrls'),
               (r.rolcreaterole, 'it may make roles (createrole)'),
               (r.rolreplication, 'it may copy the whole cluster (replication)'),
               (exists (select from pg_roles p
                        where p.oid <> r.oid and (p.rolsuper or p.rolbypassrls or p.rolcreaterole or p.rolreplication)
                          and pg_has_role(r.oid, p.oid, 'member')),
                'it may become a user that no right binds (superuser, bypassrls, createrole or replication)'),
               (exists (select from pg_database where datname = current_database() and pg_has_role(r.oid, datdba, 'member')),
                'it owns the database'),
               (exists (select from pg_namespace
                        where nspname in ('tenant', 'informat', 'username', 'roster', 'auth', 'synclog', 'audit', 'desk', 'alarm')
                          and pg_has_role(r.oid, nspowner, 'member'))
                or exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                           where nspname in ('tenant', 'informat', 'username', 'roster', 'auth', 'synclog', 'audit', 'desk', 'alarm')
                             and pg_has_role(r.oid, c.relowner, 'member')),
                'it owns tables, or may become the user that does'),
               (exists (select from pg_roles p
                        where p.rolname in ('pg_read_all_data', 'pg_write_all_data', 'pg_execute_server_program',
                                            'pg_read_server_files', 'pg_write_server_files')
                          and pg_has_role(r.oid, p.oid, 'member')),
                'it has a role of Postgres that reads or writes everything'),
               (exists (select from pg_namespace where nspname = 'public' and has_schema_privilege(r.oid, oid, 'create')),
                'it may make tables and functions in schema public')
           ) as test (is_so, reason)
           where r.rolname = session_user and is_so"#
    )
    .fetch_all(connection)
    .await
}

/// Lets the user of `serve` take on the roles, if the owner may give them; if not, what is missing is said when it signs in.
pub(super) async fn let_in(owner: &mut PgConnection, user: &str) -> bool {
    if !has_to_be_let_in(owner, user).await.unwrap_or(true) {
        return true;
    }
    if !may_let_in(owner).await.unwrap_or(true) {
        return false;
    }
    let statement = format!("grant {} to {}", roles(), quoted(user));
    sqlx::query(sqlx::AssertSqlSafe(statement))
        .execute(owner)
        .await
        .is_ok()
}

/// The roles that sessions take on.
const ROLES: [&str; 4] = [SERVICE_ROLE, TENANT_ROLE, DESK_ROLE, DESK_TENANT_ROLE];

/// Returns `true` if a user is not in one of the roles.
async fn has_to_be_let_in(owner: &mut PgConnection, user: &str) -> Result<bool, sqlx::Error> {
    // Without sqlx's macro, as the grant: both are about the cluster, not about our schema.
    sqlx::query_scalar(
        "select not coalesce(bool_and(pg_has_role(u.oid, r.oid, 'member')), false)
         from pg_roles u, pg_roles r where u.rolname = $1 and r.rolname = any($2)",
    )
    .bind(user)
    .bind(ROLES.as_slice())
    .fetch_one(owner)
    .await
}

/// Returns `true` if whoever has signed in may give the roles: a grant that is refused is an error in the log of Postgres, which somebody
/// may watch. Before Postgres 16 a right to make roles is enough.
async fn may_let_in(owner: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select coalesce(bool_and(pg_has_role(r.oid, 'member with admin option')), false)
             or exists (select from pg_roles where rolname = current_user and rolcreaterole
                          and current_setting('server_version_num')::int < 160000)
         from pg_roles r where r.rolname = any($1)",
    )
    .bind(ROLES.as_slice())
    .fetch_one(owner)
    .await
}

/// Returns their names in a list.
pub(super) fn roles() -> String {
    ROLES.join(", ")
}

/// Returns what an administrator of the cluster runs once: the roles, the user that owns the database, and the one that signs in.
pub(super) fn statements(owner: &str, user: &str, database: &str) -> String {
    let (owner, user, database) = (quoted(owner), quoted(user), quoted(database));
    let roles = roles();
    let made = ROLES
        .map(|role| format!("create role {role} nologin noinherit;\n"))
        .concat();
    format!(
        "-- Once for each cluster, as an administrator. Leave out what is there already.\n\
         {made}\
         create role {owner} login password 'CHOOSE ONE';\n\
         create role {user} login noinherit password 'CHOOSE ANOTHER';\n\
         grant {roles} to {owner};\n\
         grant {roles} to {user};\n\
         -- Who is no superuser gives a database only to a user that they are a member of.\n\
         grant {owner} to current_user;\n\
         create database {database} owner {owner} encoding 'UTF8' template template0;\n\
         revoke {owner} from current_user;\n\
         -- In that database, if it comes from a Postgres before 15:\n\
         -- revoke create on schema public from public;"
    )
}

/// Writes a name so that it is one name whatever is in it.
pub(super) fn quoted(name: &str) -> String {
    let is_plain = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name.chars().all(|character| {
            character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_'
        });
    if is_plain {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

#[cfg(test)]
mod tests {
    use sqlx::postgres::PgConnectOptions;

    use super::*;

    #[test]
    fn a_postgres_before_15_and_another_encoding_are_refused_with_what_is_needed() {
        let location = Location::of_address(&PgConnectOptions::new(), "DATABASE_URL");
        let judged = |number, version: &str, encoding: &str| {
            judge(number, version.to_owned(), encoding.to_owned(), &location)
                .map_err(|error| error.to_string())
        };
        assert_eq!(judged(150_000, "15.0", "UTF8"), Ok(()));
        assert_eq!(judged(180_001, "18.1", "UTF8"), Ok(()));
        let said = judged(140_018, "14.18 (Debian 14.18-1)", "UTF8").unwrap_err();
        assert!(
            said.contains("is Postgres 14.18") && said.contains("needs Postgres 15 or newer"),
            "{said}"
        );
        let said = judged(150_000, "15.0", "SQL_ASCII").unwrap_err();
        assert!(said.contains("SQL_ASCII") && said.contains("UTF8"), "{said}");
    }

    #[test]
    fn a_name_is_one_name_whatever_is_in_it() {
        assert_eq!(quoted("oneroster_serve"), "oneroster_serve");
        assert_eq!(quoted("a b\"; drop role x"), "\"a b\"\"; drop role x\"");
        assert_eq!(quoted(""), "\"\"");
        let statements = statements("owner", "Serve", "db");
        assert!(
            statements.contains("create role \"Serve\" login noinherit"),
            "{statements}"
        );
        assert!(
            statements.contains("grant owner to current_user;\ncreate database db owner owner")
                && statements.contains("template0;\nrevoke owner from current_user;"),
            "{statements}"
        );
    }
}
