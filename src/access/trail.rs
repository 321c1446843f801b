//! Who gave and took what, and what was done with accounts, in the audit trail.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Error;
use crate::audit::{self, ACCOUNTS};
use crate::db::scope;

/// How many lines are read.
const LINES_MAX: i64 = 200;

/// Something that was given or taken, or done with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: DateTime<Utc>,
    /// Who did it.
    pub by: String,
    /// What, in a word: `right_given`, `right_taken`, `account_created`, `password_set` and so on.
    pub kind: String,
    /// With whose account.
    pub account: String,
    /// At which school; `None` of what is done with an account as a whole.
    pub school: Option<String>,
    /// At which site; `None` = every site.
    pub site: Option<i32>,
    /// Which role; `None` for a manager, or of an account as a whole.
    pub role: Option<String>,
}

/// Returns what was done at some schools, or at all, and with some accounts, the newest first, in the scope of the tenant.
pub async fn lines(
    connection: &mut PgConnection,
    tenant_id: &str,
    schools: Option<&[String]>,
    accounts: &[String],
) -> Result<Vec<Line>, Error> {
    let lines = sqlx::query_as!(
        Line,
        r#"select at as "at!", by as "by!", kind as "kind!", coalesce(image ->> 'login_name', detail ->> 'account') as "account!",
                  image ->> 'school' as school, (image ->> 'site')::integer as site, image ->> 'role' as role
           from (
               select position, at, by, kind, detail, coalesce(after, before) as image from audit.entry
               where tenant_id = $1 and (source = 'desk.access_grant' or (source is null and detail ? 'account'))
           ) entry
           where (image is not null and ($2::text[] is null or image ->> 'school' = any($2)))
              or (image is null and detail ->> 'account' = any($3))
           order by position desc limit $4"#,
        tenant_id,
        schools as _,
        accounts,
        LINES_MAX
    )
    .fetch_all(connection)
    .await?;
    Ok(lines)
}

/// Enters what was done with an account in the trail of accounts, with what is to be brought forward of it: never its password or
/// the hash of that. The scope of the transaction stays as it is. Comes before entries in the trail of a tenant.
pub(super) async fn enter(
    connection: &mut PgConnection,
    kind: &str,
    account_id: Uuid,
    by: &str,
) -> Result<(), Error> {
    let detail = sqlx::query_scalar!(
        r#"select jsonb_strip_nulls(jsonb_build_object(
               'account', login_name, 'account_id', account_id, 'display_name', display_name, 'issuer', issuer, 'subject', subject,
               'is_operator', is_operator, 'is_disabled', disabled_at is not null, 'password_set_at', password_set_at
           )) as "detail!" from desk.account where account_id = $1"#,
        account_id
    )
    .fetch_one(&mut *connection)
    .await?;
    let outer = scope::current(connection).await?;
    scope::enter(connection, ACCOUNTS).await?;
    scope::act_as(connection, by).await?;
    audit::note(connection, ACCOUNTS, kind, &detail).await?;
    scope::return_to(connection, &outer).await?;
    Ok(())
}
