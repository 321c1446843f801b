//! How an account has its screens: columns, widths, order. Never about a person.

use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use super::Error;

/// Most bytes that a screen may keep, as text.
pub const BYTES_MAX: usize = 16 << 10;

/// Longest name of a screen.
const SCREEN_MAX: usize = 40;

/// Returns `true` if a screen may be called so: a-z, 0-9 and `-`.
pub fn is_screen(name: &str) -> bool {
    let is_fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=SCREEN_MAX).contains(&name.len()) && name.bytes().all(is_fine)
}

/// Returns what an account keeps of a screen.
pub async fn read(pool: &PgPool, account_id: Uuid, screen: &str) -> Result<Option<Value>, Error> {
    Ok(sqlx::query_scalar!(
        "select content from desk.preference where account_id = $1 and screen = $2",
        account_id,
        screen
    )
    .fetch_optional(pool)
    .await?)
}

/// Keeps something of a screen for an account, in the place of what was kept.
pub async fn write(pool: &PgPool, account_id: Uuid, screen: &str, content: &Value) -> Result<(), Error> {
    sqlx::query!(
        "insert into desk.preference (account_id, screen, content) values ($1, $2, $3)
         on conflict (account_id, screen) do update set content = excluded.content, changed_at = clock_timestamp()",
        account_id,
        screen,
        content
    )
    .execute(pool)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_is_called_as_in_a_path() {
        assert!(is_screen("usernames") && is_screen("check-file-2"));
        for name in ["", "Usernames", "a/b", "é", &"a".repeat(41)] {
            assert!(!is_screen(name), "{name}");
        }
    }
}
