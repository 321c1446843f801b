//! Cheap logins for tests. A login to Postgres hashes the password as often as its stored form says, 4096 times unless told
//! otherwise: for each of the thousands of connections of a test run that was a third of what the processor did.

use std::num::NonZeroU32;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use aws_lc_rs::pbkdf2::{PBKDF2_HMAC_SHA256, derive};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// What Postgres stores for a password (RFC 5803), made with one iteration.
pub(super) fn verifier(password: &str) -> String {
    let salt = rand::random::<[u8; 16]>();
    let mut salted = [0; 32];
    derive(
        PBKDF2_HMAC_SHA256,
        NonZeroU32::MIN,
        &salt,
        password.as_bytes(),
        &mut salted,
    );
    let key = Key::new(HMAC_SHA256, &salted);
    let stored_key = digest(&SHA256, sign(&key, b"Client Key").as_ref());
    let server_key = sign(&key, b"Server Key");
    format!(
        "SCRAM-SHA-256$1:{}${}:{}",
        BASE64_STANDARD.encode(salt),
        BASE64_STANDARD.encode(stored_key),
        BASE64_STANDARD.encode(server_key)
    )
}
