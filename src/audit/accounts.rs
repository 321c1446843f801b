//! The trail of the accounts of the desk, which belong to no tenant, and bringing them forward from it.

use sqlx::PgConnection;

/// What stands for the tenant in the trail of accounts. No tenant is called so.
pub const ACCOUNTS: &str = "_accounts";

/// Gives each account of the trail the state of its newest entry, and makes those that the database lacks, as the desk, in the scope of
/// the trail. Passwords are in no trail: an account that was made again has none, and one whose password was changed since the database was
/// copied loses the one of before. All their sessions end.
pub(super) async fn bring_forward(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!(r#"select set_config('role', 'oneroster_desk_tenant', true) as "role!""#)
        .fetch_one(&mut *connection)
        .await?;
    sqlx::query!(
        "insert into desk.account (account_id, login_name, display_name, issuer, subject, created_by)
         select distinct on (detail ->> 'account_id') (detail ->> 'account_id')::uuid, detail ->> 'account', detail ->> 'display_name',
                detail ->> 'issuer', detail ->> 'subject', 'recover'
         from audit.entry where tenant_id = $1 and detail ? 'account_id'
         order by detail ->> 'account_id', position desc
         on conflict do nothing",
        ACCOUNTS
    )
    .execute(&mut *connection)
    .await?;
    // The name or identity of one was another account's by then.
    sqlx::query!(
        "insert into desk.account (account_id, login_name, display_name, created_by)
         select distinct on (detail ->> 'account_id') (detail ->> 'account_id')::uuid,
                left(detail ->> 'account', 180) || ' (' || left(detail ->> 'account_id', 8) || ')', detail ->> 'display_name', 'recover'
         from audit.entry where tenant_id = $1 and detail ? 'account_id'
         order by detail ->> 'account_id', position desc
         on conflict do nothing",
        ACCOUNTS
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update desk.account a set
             is_operator = coalesce(e.is_operator, false),
             disabled_at = case when e.is_disabled then coalesce(a.disabled_at, e.at) end,
             session_epoch = session_epoch + 1
         from (
             select distinct on (detail ->> 'account_id') (detail ->> 'account_id')::uuid as account_id, at,
                    (detail ->> 'is_operator')::boolean as is_operator, (detail ->> 'is_disabled')::boolean as is_disabled
             from audit.entry where tenant_id = $1 and detail ? 'account_id'
             order by detail ->> 'account_id', position desc
         ) e
         where a.account_id = e.account_id",
        ACCOUNTS
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update desk.account a set password_hash = null, password_set_at = null
         where exists (select from audit.entry e
                       where e.tenant_id = $1 and e.detail ->> 'account_id' = a.account_id::text
                         and (e.detail ->> 'password_set_at')::timestamptz > a.password_set_at)",
        ACCOUNTS
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(r#"select set_config('role', 'oneroster_tenant', true) as "role!""#)
        .fetch_one(connection)
        .await?;
    Ok(())
}
