//! Passwords for the profiles in which School Data Sync makes the accounts (003, 004). Read from a file, written to the export,
//! and nowhere else: never stored, logged or named in a message.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use super::rule::{Refusal, Rule};
use super::{Error, refused};
use crate::tabular::csv::{Rows, separator, without_byte_order_mark};

/// Longest passwords file, in bytes: the passwords of some 500,000 people.
pub const PASSWORDS_BYTES_MAX: usize = 64 << 20;

/// Shortest and longest password, in characters (Microsoft Entra, password policy for accounts in the cloud).
const LENGTH: std::ops::RangeInclusive<usize> = 8..=256;

/// What a password may hold beside letters and digits (Microsoft Entra).
const SYMBOLS: &str = "@#$%^&*-_!+=[]{}|\\:',.?/`~\"();<> ";

/// How many of lower case, upper case, digits and symbols a password must have.
const CLASSES_MIN: usize = 3;

/// Passwords by person and by role.
#[derive(Default)]
pub struct Passwords {
    by_id: HashMap<String, (String, AtomicBool)>,
    /// By the words `student` and `teacher`.
    by_role: HashMap<String, String>,
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Passwords")
            .field("people", &self.by_id.len())
            .finish_non_exhaustive()
    }
}

impl Passwords {
    /// Reads a file: UTF-8, `,` or `;`, two cells in a row, a sourcedId or the word `student` or `teacher`, and the password. A
    /// header row `id,password` may stand first.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let fault = |line: u64, what: &str| {
            refused(
                Refusal::new(Rule::PasswordForm).saying(format!("line {line} of the passwords file {what}")),
            )
        };
        if bytes.len() > PASSWORDS_BYTES_MAX {
            return Err(fault(1, "begins a file that is longer than 64 MiB"));
        }
        let text = std::str::from_utf8(without_byte_order_mark(bytes))
            .map_err(|_| fault(1, "begins a file that is not UTF-8"))?;
        let mut passwords = Self::default();
        let mut rows = Rows::new(text, separator(text));
        let mut cells: Vec<Cow<'_, str>> = Vec::new();
        while let Some((line, quotes)) = rows.next_row(&mut cells) {
            quotes.map_err(|quotes| fault(line, quotes.message()))?;
            let [id, password] = cells.as_slice() else {
                return Err(fault(
                    line,
                    "does not have two cells, an id or a role and a password",
                ));
            };
            let id = id.trim();
            if line == 1 && id == "id" && password == "password" {
                continue;
            }
            if let Some(problem) = problem(password) {
                return Err(fault(line, problem));
            }
            if !passwords.add(id, password) {
                return Err(fault(line, "names somebody a second time, or nobody"));
            }
        }
        Ok(passwords)
    }

    fn add(&mut self, id: &str, password: &str) -> bool {
        if id.is_empty() {
            return false;
        }
        if matches!(id, "student" | "teacher") {
            return self.by_role.insert(id.to_owned(), password.to_owned()).is_none();
        }
        let entry = (password.to_owned(), AtomicBool::new(false));
        self.by_id.insert(id.to_lowercase(), entry).is_none()
    }

    /// Returns the password of a person: their own, else that of their role.
    pub(super) fn of(&self, sourced_id: &str, role: &str) -> Option<&str> {
        if let Some((password, is_used)) = self.by_id.get(sourced_id) {
            is_used.store(true, Ordering::Relaxed);
            return Some(password);
        }
        self.by_role.get(role).map(String::as_str)
    }

    /// Returns the ids that nobody asked for, sorted.
    pub(super) fn unused(&self) -> Vec<&str> {
        let unused = self
            .by_id
            .iter()
            .filter(|(_, (_, is_used))| !is_used.load(Ordering::Relaxed));
        let mut ids: Vec<&str> = unused.map(|(id, _)| id.as_str()).collect();
        ids.sort_unstable();
        ids
    }
}

/// Returns why Microsoft Entra would not take a password.
fn problem(password: &str) -> Option<&'static str> {
    let is_allowed = |character: char| character.is_ascii_alphanumeric() || SYMBOLS.contains(character);
    if !LENGTH.contains(&password.chars().count()) {
        return Some("has a password of fewer than 8 or more than 256 characters");
    }
    if !password.chars().all(is_allowed) || password.trim() != password {
        return Some(
            "has a password with a character that Microsoft Entra does not take, or a blank at its ends",
        );
    }
    let classes = [
        password.contains(|character: char| character.is_ascii_lowercase()),
        password.contains(|character: char| character.is_ascii_uppercase()),
        password.contains(|character: char| character.is_ascii_digit()),
        password.contains(|character: char| SYMBOLS.contains(character)),
    ];
    let count = classes.iter().filter(|has| **has).count();
    (count < CLASSES_MIN)
        .then_some("has a password without three of lower case, upper case, digits and symbols")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        match Passwords::read(text.as_bytes()) {
            Err(Error::Refused(refusal)) => refusal.detail.unwrap(),
            other => panic!("{text:?}: {other:?}"),
        }
    }

    #[test]
    fn a_persons_own_password_comes_before_that_of_their_role() {
        let file = "\u{feff}id;password\r\nABC;Welkom-123\r\nstudent;\"Zee;hond\"\"12\"\r\nx;Welkom-999\r\n";
        let passwords = Passwords::read(file.as_bytes()).unwrap();
        assert_eq!(passwords.of("abc", "student"), Some("Welkom-123"));
        assert_eq!(passwords.of("d", "student"), Some("Zee;hond\"12"));
        assert_eq!(passwords.of("d", "teacher"), None);
        assert_eq!(passwords.unused(), ["x"]);
        assert!(!format!("{passwords:?}").contains("Welkom"));
        assert!(Passwords::read(b"").unwrap().unused().is_empty());
    }

    #[test]
    fn what_entra_would_refuse_is_refused_by_line_and_never_shown() {
        for (password, part) in [
            ("Short1!", "fewer than 8"),
            ("alllowercase", "three of"),
            ("lower123lower", "three of"),
            ("Wélkom-1234", "does not take"),
            ("Welkom-123 ", "does not take"),
        ] {
            let said = refusal(&format!("id,password\na,{password}\n"));
            assert!(said.starts_with("line 2") && said.contains(part), "{said}");
            assert!(!said.contains(password), "{said}");
        }
        for (text, part) in [
            ("a,Welkom-123\nA,Welkom-123", "line 2"),
            ("student,Welkom-123\nstudent,Welkom-124", "second time"),
            (",Welkom-123", "nobody"),
            ("a,Welkom-123,x", "two cells"),
            ("a", "two cells"),
            ("a,\"Welkom-123", "never closed"),
        ] {
            assert!(refusal(text).contains(part), "{text}: {}", refusal(text));
        }
        assert!(Passwords::read(b"a,\xff\xfe").is_err());
    }
}
