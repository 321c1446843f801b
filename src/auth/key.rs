//! Keys that sign tokens: ES256, kept in the database so that all servers share them, replaced after [`SIGNS_DAYS`].

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::{Digest, Sha256};
use sqlx::PgPool;

use super::{Error, TOKENS_ENDED_AFTER_HOURS};
use crate::db::locks;

/// How many days a key signs.
const SIGNS_DAYS: i32 = 90;

/// A key that signs for fewer minutes than this is replaced.
const SIGNS_MINUTES_MIN: i32 = 1;

/// Length of a coordinate of the public point, in bytes.
const COORDINATE_LENGTH: usize = 32;

/// A key as servers hold it.
pub(super) struct SigningKey {
    pub(super) key_id: String,
    /// Whether it may still sign; it verifies longer than that.
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

/// Makes a signing key unless there is one that signs for [`SIGNS_MINUTES_MIN`] more, and drops those that verify
/// nothing any more. Any number of servers may call it at once.
pub(super) async fn ensure(pool: &PgPool) -> Result<(), Error> {
    let mut transaction = pool.begin().await?;
    locks::signing_key(&mut transaction).await?;
    let present = sqlx::query_scalar!(
        r#"select exists (select from auth.signing_key where signs_until > clock_timestamp() + make_interval(mins => $1))
           as "present!""#,
        SIGNS_MINUTES_MIN
    )
    .fetch_one(&mut *transaction)
    .await?;
    if present {
        return Ok(());
    }
    let (private_key, x, y) = generate()?;
    let key_id = URL_SAFE_NO_PAD.encode(Sha256::new().chain_update(x).chain_update(y).finalize());
    sqlx::query!(
        "insert into auth.signing_key (key_id, private_key, public_x, public_y, signs_until, verifies_until)
         values ($1, $2, $3, $4, clock_timestamp() + make_interval(days => $5),
                 clock_timestamp() + make_interval(days => $5, hours => $6))",
        key_id,
        private_key,
        x.as_slice(),
        y.as_slice(),
        SIGNS_DAYS,
        TOKENS_ENDED_AFTER_HOURS,
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!("delete from auth.signing_key where verifies_until < clock_timestamp()")
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    tracing::info!(key_id, "new signing key");
    Ok(())
}

/// Loads all keys not yet past `verifies_until`, newest first.
pub(super) async fn load(pool: &PgPool) -> Result<Vec<SigningKey>, Error> {
    let rows = sqlx::query!(
        r#"select key_id, private_key, public_x, public_y, signs_until > clock_timestamp() as "signs!"
             from auth.signing_key
            where verifies_until > clock_timestamp()
            order by signs_until desc, key_id"#
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let (x, y) = (
                URL_SAFE_NO_PAD.encode(&row.public_x),
                URL_SAFE_NO_PAD.encode(&row.public_y),
            );
            let Ok(decoding) = DecodingKey::from_ec_components(&x, &y) else {
                return Err(Error::Key { key_id: row.key_id });
            };
            let public = serde_json::json!({
                "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": row.key_id, "x": x, "y": y,
            });
            let encoding = EncodingKey::from_ec_der(&row.private_key);
            Ok(SigningKey {
                key_id: row.key_id,
                signs: row.signs,
                encoding,
                decoding,
                public,
            })
        })
        .collect()
}

type Coordinate = [u8; COORDINATE_LENGTH];

/// Makes a key: PKCS #8 of the pair, then x and y of the public point.
fn generate() -> Result<(Vec<u8>, Coordinate, Coordinate), Error> {
    let unusable = || Error::Key {
        key_id: "(new)".to_owned(),
    };
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
        .map_err(|_| Error::Random)?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref())
        .map_err(|_| unusable())?;
    // An uncompressed point: 4, x, y (SEC 1 §2.3.3).
    let [4, point @ ..] = pair.public_key().as_ref() else {
        return Err(unusable());
    };
    let (x, y) = point.split_first_chunk().ok_or_else(unusable)?;
    Ok((
        document.as_ref().to_vec(),
        *x,
        y.try_into().map_err(|_| unusable())?,
    ))
}
