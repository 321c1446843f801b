//! Who acts in a session, and from where: what the audit trail says of every change made in it.

use std::path::PathBuf;

/// Who acts, unless a transaction names somebody else ([`super::scope::act_as`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Who: `system`, or the account of the operating system as `os:NAME`.
    pub by: String,
    /// From where: the command or server, and its host.
    pub origin: String,
    /// The file of the encryption key, which is read where names of people who were erased must be told.
    pub encryption_key_file: Option<PathBuf>,
}

impl Actor {
    /// Returns the statements that say so for a session.
    pub(super) fn statements(&self) -> String {
        let quoted = |text: &str| format!("'{}'", text.replace('\0', "").replace('\'', "''"));
        let file = self.encryption_key_file.as_deref();
        let file = file.map_or_else(String::new, |file| file.display().to_string());
        format!(
            "select set_config('oneroster.by', {}, false), set_config('oneroster.origin', {}, false),
                    set_config('oneroster.encryption_key_file', {}, false)",
            quoted(&self.by),
            quoted(&self.origin),
            quoted(&file)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_in_a_name_ends_no_statement() {
        let actor = Actor {
            by: "os:o'neill'; drop table x --".to_owned(),
            origin: "x".to_owned(),
            encryption_key_file: None,
        };
        assert!(
            actor
                .statements()
                .contains("'oneroster.by', 'os:o''neill''; drop table x --', false")
        );
    }
}
