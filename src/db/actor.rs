//! Who acts in a session, and from where: what the audit trail says of every change made in it.

/// Who acts, unless a transaction names somebody else ([`super::scope::act_as`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Who: `system`, or the account of the operating system as `os:NAME`.
    pub by: String,
    /// From where: the command or server, and its host.
    pub origin: String,
}

impl Actor {
    /// Returns the statements that say so for a session.
    pub(super) fn statements(&self) -> String {
        let quoted = |text: &str| format!("'{}'", text.replace('\0', "").replace('\'', "''"));
        format!(
            "select set_config('oneroster.by', {}, false), set_config('oneroster.origin', {}, false)",
            quoted(&self.by),
            quoted(&self.origin)
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
        };
        assert!(
            actor
                .statements()
                .contains("'oneroster.by', 'os:o''neill''; drop table x --', false")
        );
    }
}
