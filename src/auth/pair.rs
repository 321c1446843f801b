//! Key pairs for ES256: making one, and what it is called.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::Error;

/// Length of a coordinate of the public point, in bytes.
const COORDINATE_LENGTH: usize = 32;

/// Returns the id of a key: a digest of its public point.
pub(super) fn key_id(x: &[u8], y: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::new().chain_update(x).chain_update(y).finalize())
}

/// A coordinate of the public point.
pub(super) type Coordinate = [u8; COORDINATE_LENGTH];

/// Makes a key: PKCS #8 of the pair, then x and y of the public point.
pub(super) fn generate() -> Result<(Vec<u8>, Coordinate, Coordinate), Error> {
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
