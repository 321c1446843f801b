//! Client secrets and ids: made at random, kept as a hash, compared in constant time.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oneroster_school::tenant::id::TENANT_ID_MAX_LENGTH;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use super::Error;

/// SHA-256 of a secret. The secret has 256 random bits, so a plain hash cannot be turned back.
pub type SecretHash = [u8; 32];

/// How many secrets of a client are valid at once, at the most: the newest and the one it replaced.
pub const VALID_MAX: usize = 2;

/// What an unknown client's secret is compared with: the hash of nothing anyone can know.
const DUMMY: SecretHash = [0x5a; 32];

/// How many random characters a client id ends with.
const CLIENT_ID_RANDOM_LENGTH: usize = 12;
/// What they are taken from.
const CLIENT_ID_ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const ALPHABET_SIZE: u8 = 36;
/// The largest multiple of the alphabet's size in a byte: larger values would make some letters likelier.
const UNBIASED_END: u8 = u8::MAX - u8::MAX % ALPHABET_SIZE;

/// What an id that was carried over may have besides letters and digits. Not `:`, which ends an id in a header, nor `+` and `%`, which
/// stand for others in forms.
const CARRIED_OVER_SIGNS: &str = "-._~@/=!*()$#&,;";
/// How long such an id may be.
const CARRIED_OVER_LENGTH_MAX: usize = 200;

/// Makes a secret: 256 random bits, 43 characters of `A-Za-z0-9-_`, which no way of encoding forms changes.
pub(super) fn generate() -> Result<String, Error> {
    let mut bytes = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::Random)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Returns what is stored of a secret.
pub fn hash(secret: &str) -> SecretHash {
    Sha256::digest(secret.as_bytes()).into()
}

/// Makes the id of a new client: the tenant's id, a dot, twelve random lower-case letters and digits.
pub(super) fn generate_client_id(tenant_id: &str) -> Result<String, Error> {
    let mut id = format!("{tenant_id}.");
    let end = id.len() + CLIENT_ID_RANDOM_LENGTH;
    while id.len() < end {
        let mut byte = [0_u8; 1];
        aws_lc_rs::rand::fill(&mut byte).map_err(|_| Error::Random)?;
        let [value] = byte;
        if value < UNBIASED_END
            && let Some(letter) = CLIENT_ID_ALPHABET.get(usize::from(value % ALPHABET_SIZE))
        {
            id.push(char::from(*letter));
        }
    }
    Ok(id)
}

/// Reads a hash as `sha256sum` and its like print it: 64 hexadecimal digits.
pub fn read_hash(text: &str) -> Option<SecretHash> {
    let digits = text
        .trim()
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()));
    let digits: Vec<u8> = digits.collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect();
    (digits.len() == 64).then_some(())?;
    bytes.try_into().ok()
}

/// Returns `true` if another server's client id can be one here: no way of sending it changes any of its characters.
pub(super) fn can_be_carried_over(client_id: &str) -> bool {
    let is_allowed =
        |character: char| character.is_ascii_alphanumeric() || CARRIED_OVER_SIGNS.contains(character);
    (1..=CARRIED_OVER_LENGTH_MAX).contains(&client_id.len()) && client_id.chars().all(is_allowed)
}

/// Returns the tenant a client id belongs to, by its form alone; `None` when no client id looks so.
pub fn tenant_of(client_id: &str) -> Option<&str> {
    let (tenant_id, random) = client_id.rsplit_once('.')?;
    let plain = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    (random.len() == CLIENT_ID_RANDOM_LENGTH
        && tenant_id.len() <= TENANT_ID_MAX_LENGTH
        && plain(tenant_id)
        && plain(random))
    .then_some(tenant_id)
}

/// Returns `true` if a secret is one of these. The work is the same whatever the answer, and however many there are.
pub(super) fn matches(presented: &str, stored: &[SecretHash]) -> bool {
    let presented = hash(presented);
    let mut found = Choice::from(0);
    for place in 0..VALID_MAX {
        let (candidate, real) = stored
            .get(place)
            .map_or((&DUMMY, Choice::from(0)), |hash| (hash, Choice::from(1)));
        found |= presented.ct_eq(candidate) & real;
    }
    found.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_256_bits_and_only_characters_no_form_changes() {
        let secret = generate().unwrap();
        assert_eq!(secret.len(), 43);
        assert!(
            secret
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        );
        assert_ne!(secret, generate().unwrap());
    }

    #[test]
    fn a_client_id_tells_its_tenant() {
        let id = generate_client_id("zandpoort-2").unwrap();
        assert_eq!(tenant_of(&id), Some("zandpoort-2"));
        for strange in [
            "",
            ".",
            "zandpoort",
            "zandpoort.",
            "zandpoort.short",
            "Zand.abcdefghijkl",
            "a\0.abcdefghijkl",
        ] {
            assert_eq!(tenant_of(strange), None, "{strange:?}");
        }
    }

    #[test]
    fn an_id_of_another_server_has_nothing_that_a_form_changes() {
        for id in [
            "5f9c6a58-7d0f-4a27-9d4e-0d8a7c1a0b11",
            "informat_zandpoort",
            "aB3/=@x",
            "x",
        ] {
            assert!(can_be_carried_over(id), "{id}");
        }
        let long = "x".repeat(201);
        for id in ["", "a b", "a+b", "a%b", "a:b", "é", "a\n", "-", &long] {
            assert_eq!(can_be_carried_over(id), id == "-", "{id}");
        }
    }

    #[test]
    fn a_hash_is_read_as_programs_print_it() {
        let printed = "2BB80D537B1DA3E38BD30361AA855686BDE0EACD7162FEF6A25FE97BF527A25B";
        for text in [printed, &printed.to_lowercase(), &format!(" {printed}\n")] {
            assert_eq!(read_hash(text), Some(hash("secret")), "{text:?}");
        }
        for text in [
            "",
            "secret",
            "2bb8",
            &printed.replace('B', "x"),
            &format!("{printed}00"),
        ] {
            assert_eq!(read_hash(text), None, "{text:?}");
        }
    }

    #[test]
    fn only_a_stored_secret_matches() {
        let (one, two) = (hash("one"), hash("two"));
        assert!(matches("one", &[one, two]) && matches("two", &[one, two]) && matches("two", &[two]));
        assert!(!matches("three", &[one, two]) && !matches("one", &[]) && !matches("", &[]));
    }
}
