//! An account as an export has it.

/// An account. A text is empty where the export has none; a question is `None` where it does not answer it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// The line of the file, or which user of the JSON it is, from 1.
    pub place: u64,
    /// User principal name.
    pub username: String,
    /// Display name.
    pub display_name: String,
    /// Given name.
    pub given: String,
    /// Surname.
    pub family: String,
    /// Primary mail address.
    pub mail: String,
    /// Other addresses, without `smtp:`.
    pub aliases: Vec<String>,
    /// Object id.
    pub id: String,
    /// Whether it is a guest.
    pub is_guest: bool,
    /// Whether signing in is allowed.
    pub is_enabled: Option<bool>,
    /// Whether it comes from the school's own Active Directory.
    pub is_synchronised: Option<bool>,
    /// Department.
    pub department: String,
    /// Job title.
    pub title: String,
    /// Licences, as text.
    pub licences: String,
    /// Birth date, `YYYY-MM-DD`.
    pub birth_date: Option<String>,
    /// The year in which the account was made.
    pub created_year: Option<u16>,
    /// The id that School Data Sync keeps of the person it was matched with.
    pub sis_id: String,
}

impl Account {
    /// Returns the part of the username before the `@`, in lower case.
    pub fn local_part(&self) -> String {
        local_part(&self.username)
    }

    /// Returns the part after it, in lower case.
    pub fn domain(&self) -> String {
        let domain = self.username.rsplit_once('@').map(|(_, domain)| domain);
        domain.unwrap_or_default().to_lowercase()
    }
}

/// Returns what stands before the last `@` of an address, in lower case.
pub(crate) fn local_part(address: &str) -> String {
    let local = address.rsplit_once('@').map_or(address, |(local, _)| local);
    local.to_lowercase()
}
