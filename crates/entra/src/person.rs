//! Somebody who is published, or would be, and is looked for among the accounts.

/// Which of the two groups somebody belongs to. Who is both is staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A pupil.
    Pupil,
    /// A member of staff.
    Staff,
}

/// Whether somebody chose a username, rather than the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choice {
    /// Nobody did.
    #[default]
    None,
    /// It was typed.
    Typed,
    /// It was written or confirmed in a check file, beside what was found.
    CheckFile,
}

/// Somebody whom Informat knows and who is not of the list: they left, or are published nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Given name.
    pub given: String,
    /// Family name.
    pub family: String,
    /// Birth date, `YYYY-MM-DD`.
    pub birth_date: Option<String>,
}

/// A person of the check file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The username as it is sent: without a domain where Microsoft adds it.
    pub username: String,
    /// The domain that the school says Microsoft adds to it, in lower case; `None` where it does not say, or none is added.
    pub added_domain: Option<String>,
    /// Whether somebody chose that username.
    pub choice: Choice,
    /// Given name.
    pub given: String,
    /// Family name.
    pub family: String,
    /// Birth date, `YYYY-MM-DD`.
    pub birth_date: Option<String>,
    /// Pupil or staff.
    pub kind: Kind,
    /// Codes and names of their classes.
    pub classes: Vec<String>,
    /// The id that is sent.
    pub sourced_id: String,
}
