//! Passwords: kept as Argon2id, verified on threads for blocking work, few at a time.

use std::sync::Arc;
use std::time::Duration;

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::sync::Semaphore;

use super::Error;

/// How many characters a password has at the least.
pub const LENGTH_MIN: usize = 12;

/// How many it has at the most: hashing more costs the server, not who guesses.
pub const LENGTH_MAX: usize = 256;

/// How many passwords are hashed at a time: each takes 19 MiB and a core.
const AT_A_TIME: usize = 2;

/// How long a sign-in waits for its turn.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);

/// What the password for a name that nobody has is compared with: the same work, and no password matches.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$b25lcm9zdGVyLW5vYm9keQ$WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo";

/// A password as it is stored.
#[derive(Clone)]
pub struct Hashed(pub(super) String);

impl std::fmt::Debug for Hashed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Hashed")
    }
}

/// Hashes and verifies passwords, few at a time. Clones share the turns.
#[derive(Debug, Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_A_TIME)),
        }
    }
}

impl Passwords {
    /// Hashes a password for an account; refuses one that is too short or is the account's name.
    pub async fn hash(&self, login_name: &str, password: &str) -> Result<Hashed, Error> {
        let length = password.chars().count();
        if !(LENGTH_MIN..=LENGTH_MAX).contains(&length) || password.eq_ignore_ascii_case(login_name) {
            return Err(Error::Password);
        }
        let password = password.to_owned();
        let hashed = self
            .in_turn(move || Argon2::default().hash_password(password.as_bytes()))
            .await?;
        hashed
            .map(|hash| Hashed(hash.to_string()))
            .map_err(|_| Error::Machine)
    }

    /// Returns `true` if this is the password. Without a stored one it does the same work and says no.
    pub async fn verify(&self, password: &str, stored: Option<&Hashed>) -> Result<bool, Error> {
        let is_somebody = stored.is_some();
        let stored = stored.map_or_else(|| NOBODY.to_owned(), |stored| stored.0.clone());
        // A longer one is no password, and is not worth hashing whole.
        let password: String = password.chars().take(LENGTH_MAX + 1).collect();
        let verified = self
            .in_turn(move || Argon2::default().verify_password(password.as_bytes(), stored.as_str()))
            .await?;
        Ok(is_somebody && verified.is_ok())
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let waiting = Arc::clone(&self.turns).acquire_owned();
        let Ok(Ok(turn)) = tokio::time::timeout(TURN_TIMEOUT, waiting).await else {
            return Err(Error::Busy);
        };
        // The turn is the thread's: a caller that left does not make room for another.
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        })
        .await
        .map_err(|_| Error::Machine)
    }
}

/// Makes a password of 120 random bits.
pub fn generate_password() -> Result<String, Error> {
    let mut bytes = [0_u8; 15];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::Machine)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_verified_and_nobodys_never_is() {
        let passwords = Passwords::default();
        let stored = passwords.hash("jan", "correct horse battery").await.unwrap();
        assert!(
            stored.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{}",
            stored.0
        );
        assert!(
            passwords
                .verify("correct horse battery", Some(&stored))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("correct horse batterY", Some(&stored))
                .await
                .unwrap()
        );
        assert!(!passwords.verify("correct horse battery", None).await.unwrap());
        // The hash of nobody is one that is worked on, as any other.
        assert!(argon2::PasswordHash::new(NOBODY).is_ok());
        assert!(!format!("{stored:?}").contains("argon2"));
    }

    #[tokio::test]
    async fn a_short_password_and_the_name_itself_are_refused() {
        let passwords = Passwords::default();
        for password in ["", "short", "jan.jansen.x", &"x".repeat(257)] {
            assert!(matches!(
                passwords.hash("Jan.Jansen.X", password).await,
                Err(Error::Password)
            ));
        }
        let generated = generate_password().unwrap();
        assert!(passwords.hash("jan", &generated).await.is_ok());
        assert_ne!(generated, generate_password().unwrap());
    }
}
