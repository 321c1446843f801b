//! Keys that sign tokens: ES256, kept sealed in the database so that all servers share them, and rotated.
//!
//! A key is announced, signs, and then only verifies until every token that it signed has ended. It counts only if it opens with the
//! encryption key: a new row that somebody slipped in verifies nothing. The seal binds the id only: who writes the table can put a row back
//! that was there before, or prolong one. Keys of before they were sealed sign for [`PLAIN_FOR_MINUTES`] after the first sealed one was
//! made, for servers of before; then they are sealed, and only verify. Once a sealed one is older than every token of theirs, a plain row
//! counts no more.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, EncodingKey};
use sqlx::{PgConnection, PgPool};

use super::keyring::Keyring;
use super::pair::{generate, key_id};
use super::{Error, TOKENS_ENDED_AFTER_HOURS};
use crate::db::locks;

/// How long before it signs a key is announced, in minutes. Servers learn it within seconds; the key set may be cached for one minute.
const ANNOUNCED_MINUTES: i32 = 5;

/// A key that signs for fewer minutes than this is followed by another.
const SIGNS_MINUTES_MIN: i32 = 2 * ANNOUNCED_MINUTES;

/// For how many minutes servers of before may go on signing with a plain key.
const PLAIN_FOR_MINUTES: i32 = 60;

/// A key as servers hold it.
#[derive(Clone)]
pub(super) struct SigningKey {
    pub(super) key_id: String,
    /// Whether it signs now; it verifies longer than that.
    pub(super) signs: bool,
    pub(super) encoding: EncodingKey,
    pub(super) decoding: DecodingKey,
    pub(super) public: serde_json::Value,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SigningKey")
            .field("key_id", &self.key_id)
            .field("signs", &self.signs)
            .finish_non_exhaustive()
    }
}

/// The keys of the database that count.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    /// Those to sign with first.
    pub(super) keys: Vec<Arc<SigningKey>>,
    /// What there is to do about them.
    pub(super) due: Due,
    /// Which encryption key those are sealed with that did not open.
    pub(super) shut: Vec<String>,
    /// Whether a sealed one opened.
    has_opened: bool,
    /// Whether one signs now, and it or an announced one does until another could be announced and begin.
    has_time: bool,
}

impl Loaded {
    /// Refuses an encryption key that opens none of the sealed keys there are.
    pub(super) fn require_right_key(&self, keyring: &Keyring) -> Result<(), Error> {
        match self.shut.first() {
            Some(needs) if !self.has_opened => Err(wrong_key(keyring, needs.clone())),
            _ => Ok(()),
        }
    }

    fn of(rows: Vec<Row>, keyring: &Keyring, known: &[Arc<SigningKey>]) -> Self {
        let mut loaded = Self::default();
        let mut counting = Vec::new();
        for row in rows {
            let before = row.among(known);
            if let (Some(_), Some(sealed_with)) = (&before, &row.sealed_with) {
                keyring.follow(sealed_with);
            }
            if let Some(key) = before.or_else(|| row.open(keyring).map(Arc::new)) {
                counting.push((row, key));
            } else {
                keyring.say_shut(&row.key_id);
                loaded.shut.extend(row.sealed_with);
            }
        }
        let has_sealed =
            |is_so: fn(&Row) -> bool| counting.iter().any(|(row, _)| !row.is_plain() && is_so(row));
        let (is_plain_old, is_plain_over) = (has_sealed(|row| row.is_old), has_sealed(|row| row.is_oldest));
        loaded.has_opened = has_sealed(|_| true);
        if counting.iter().any(|(row, _)| row.is_plain()) {
            loaded.due.plain = match (is_plain_old, is_plain_over) {
                (_, true) => Some(Plain::Drop),
                (true, false) => Some(Plain::Seal),
                (false, false) => None,
            };
        }
        counting.retain(|(row, _)| !row.is_plain() || !is_plain_over);
        let lasts = |row: &Row, minutes: i32| row.signs_on_s > f64::from(minutes * 60);
        loaded.has_time = counting.iter().any(|(row, _)| row.signs)
            && counting.iter().any(|(row, _)| lasts(row, ANNOUNCED_MINUTES));
        // A plain key of before is followed by a sealed one, however long it would sign.
        let is_followed = counting
            .iter()
            .any(|(row, _)| !row.is_plain() && lasts(row, SIGNS_MINUTES_MIN));
        loaded.due.another = (!is_followed).then(|| loaded.start_of_next());
        loaded.keys = counting.into_iter().map(|(_, key)| key).collect();
        loaded
    }

    /// Returns from when another key must sign, so that somebody can at each moment.
    pub(super) const fn start_of_next(&self) -> Start {
        if self.has_time {
            Start::Announced
        } else {
            Start::Now
        }
    }
}

/// What there is to do about the keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Due {
    /// Another must be made: from now, or announced.
    another: Option<Start>,
    /// What happens to plain ones of before.
    plain: Option<Plain>,
}

/// What happens to plain keys once no server of before signs with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plain {
    /// They are sealed, and only verify.
    Seal,
    /// Every token that they signed has ended: they count no more, and are deleted.
    Drop,
}

impl Due {
    pub(super) fn is_any(self) -> bool {
        self.another.is_some() || self.plain.is_some()
    }
}

/// From when a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    Now,
    /// After [`ANNOUNCED_MINUTES`].
    Announced,
}

/// A row of the table.
struct Row {
    key_id: String,
    private_key: Vec<u8>,
    sealed: Option<Vec<u8>>,
    sealed_with: Option<String>,
    public_x: Vec<u8>,
    public_y: Vec<u8>,
    /// Whether it signs now.
    signs: bool,
    /// How long it signs, from now.
    signs_on_s: f64,
    /// Whether it was made more than [`PLAIN_FOR_MINUTES`] ago.
    is_old: bool,
    /// Whether it was made so long ago that every token of a plain one has ended.
    is_oldest: bool,
}

impl Row {
    const fn is_plain(&self) -> bool {
        self.sealed.is_none()
    }

    /// Returns it as one of these that were opened before.
    fn among(&self, known: &[Arc<SigningKey>]) -> Option<Arc<SigningKey>> {
        let key = known.iter().find(|key| key.key_id == self.key_id)?;
        if key.signs == self.signs {
            return Some(Arc::clone(key));
        }
        Some(Arc::new(SigningKey {
            signs: self.signs,
            ..SigningKey::clone(key)
        }))
    }

    /// Opens it; `None` if it does not open, or is not what its id says.
    fn open(&self, keyring: &Keyring) -> Option<SigningKey> {
        if key_id(&self.public_x, &self.public_y) != self.key_id {
            return None;
        }
        let private_key = match &self.sealed {
            Some(sealed) => keyring.key().open(&self.key_id, sealed)?,
            None => self.private_key.clone(),
        };
        let (x, y) = (
            URL_SAFE_NO_PAD.encode(&self.public_x),
            URL_SAFE_NO_PAD.encode(&self.public_y),
        );
        Some(SigningKey {
            key_id: self.key_id.clone(),
            signs: self.signs,
            encoding: EncodingKey::from_ec_der(&private_key),
            decoding: DecodingKey::from_ec_components(&x, &y).ok()?,
            public: serde_json::json!({
                "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": self.key_id, "x": x, "y": y,
            }),
        })
    }
}

/// Loads all keys not yet past `verifies_until`, those to sign with first. `known` are those that were opened before: they count also
/// while the encryption key is being changed.
pub(super) async fn load(
    connection: &mut PgConnection,
    keyring: &Keyring,
    known: &[Arc<SigningKey>],
) -> Result<Loaded, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select key_id, private_key, sealed_key as sealed, sealed_with, public_x, public_y,
                  coalesce(signs_from <= clock_timestamp() and signs_to > clock_timestamp(), signs_until > clock_timestamp())
                      as "signs!",
                  extract(epoch from coalesce(signs_to, signs_until) - clock_timestamp())::float8 as "signs_on_s!",
                  created_at < clock_timestamp() - make_interval(mins => $1) as "is_old!",
                  created_at < clock_timestamp() - make_interval(mins => $1, hours => $2) as "is_oldest!"
             from auth.signing_key
            where verifies_until > clock_timestamp()
            order by signs_from desc nulls last, signs_until desc, key_id"#,
        PLAIN_FOR_MINUTES,
        TOKENS_ENDED_AFTER_HOURS,
    )
    .fetch_all(connection)
    .await?;
    Ok(Loaded::of(rows, keyring, known))
}

/// Does what is due: makes a key, seals plain ones, drops those that verify nothing any more. Any number of servers may call it at once.
pub(super) async fn ensure(pool: &PgPool, keyring: &Keyring) -> Result<(), Error> {
    let mut transaction = pool.begin().await?;
    locks::signing_key(&mut transaction).await?;
    let loaded = load(&mut transaction, keyring, &[]).await?;
    loaded.require_right_key(keyring)?;
    match loaded.due.plain {
        Some(Plain::Seal) => seal_plain(&mut transaction, keyring).await?,
        Some(Plain::Drop) => {
            sqlx::query!("delete from auth.signing_key where sealed_key is null")
                .execute(&mut *transaction)
                .await?;
        }
        None => {}
    }
    if let Some(from) = loaded.due.another {
        make(&mut transaction, keyring, from).await?;
    }
    sqlx::query!("delete from auth.signing_key where verifies_until < clock_timestamp()")
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// Says that the keys of the database are sealed with another encryption key.
pub(super) fn wrong_key(keyring: &Keyring, sealed_with: String) -> Error {
    let encryption_key_id = keyring.key().id().to_owned();
    Error::WrongEncryptionKey {
        file: keyring.file().to_owned(),
        has: encryption_key_id,
        needs: sealed_with,
    }
}

/// Makes a key and returns its id.
pub(super) async fn make(
    transaction: &mut PgConnection,
    keyring: &Keyring,
    from: Start,
) -> Result<String, Error> {
    let (private_key, x, y) = generate()?;
    let key_id = key_id(&x, &y);
    let encryption_key = keyring.key();
    let sealed = encryption_key.seal(&key_id, &private_key).ok_or(Error::Random)?;
    let announced_minutes = match from {
        Start::Now => 0,
        Start::Announced => ANNOUNCED_MINUTES,
    };
    sqlx::query!(
        "insert into auth.signing_key (key_id, sealed_key, sealed_with, public_x, public_y, signs_from, signs_to, verifies_until)
         select $1, $2, $3, $4, $5, begin, begin + make_interval(days => $7), begin + make_interval(days => $7, hours => $8)
         from (select clock_timestamp() + make_interval(mins => $6) as begin) signs",
        key_id,
        sealed,
        encryption_key.id(),
        x.as_slice(),
        y.as_slice(),
        announced_minutes,
        keyring.rotate_days(),
        TOKENS_ENDED_AFTER_HOURS,
    )
    .execute(transaction)
    .await?;
    tracing::info!(key_id, "new signing key");
    Ok(key_id)
}

/// Seals the plain keys of before: no server needs to sign with them any more.
async fn seal_plain(transaction: &mut PgConnection, keyring: &Keyring) -> Result<(), Error> {
    let rows = sqlx::query!("select key_id, private_key from auth.signing_key where sealed_key is null")
        .fetch_all(&mut *transaction)
        .await?;
    let encryption_key = keyring.key();
    for row in rows {
        let sealed = encryption_key
            .seal(&row.key_id, &row.private_key)
            .ok_or(Error::Random)?;
        sqlx::query!(
            "update auth.signing_key k
                set private_key = '', sealed_key = $2, sealed_with = $3, signs_from = least(created_at, ended), signs_to = ended,
                    signs_until = ended, verifies_until = least(verifies_until, ended + make_interval(hours => $4))
               from (select least(signs_until, clock_timestamp()) as ended from auth.signing_key where key_id = $1) old
              where key_id = $1",
            row.key_id,
            sealed,
            encryption_key.id(),
            TOKENS_ENDED_AFTER_HOURS,
        )
        .execute(&mut *transaction)
        .await?;
        let key_id = row.key_id;
        tracing::info!(
            key_id,
            "a signing key of before keys were encrypted signs no more"
        );
    }
    Ok(())
}
