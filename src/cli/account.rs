//! Who runs a command, for the record of what people do and decide.

use anyhow::Context;
use clap::Args;

use crate::accounts::Author;

/// Who it is.
#[derive(Debug, Clone, Args)]
pub(crate) struct By {
    /// Who does it, for the record; default: the account of the operating system, as `os:NAME`.
    #[arg(long = "by", value_name = "NAME", value_parser = Author::new)]
    by: Option<Author>,
}

impl By {
    /// Returns `true` if somebody was named.
    pub(crate) const fn is_named(&self) -> bool {
        self.by.is_some()
    }

    /// Returns who was named.
    pub(crate) const fn named(&self) -> Option<&Author> {
        self.by.as_ref()
    }

    /// Returns who was named, else the account of the operating system.
    pub(crate) fn author(&self) -> anyhow::Result<Author> {
        if let Some(author) = &self.by {
            return Ok(author.clone());
        }
        Author::new(&of_system()).context("your account cannot go on record; say who you are with --by")
    }
}

/// Returns the account of the operating system, as `os:NAME`.
pub(crate) fn of_system() -> String {
    let account = nix::unistd::getuid();
    // An account without a name, as in a container, is known by its number.
    let name = nix::unistd::User::from_uid(account).ok().flatten();
    let name = name.map_or_else(|| account.to_string(), |user| user.name);
    format!("os:{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_name_it_is_the_account_of_the_operating_system() {
        let account = By { by: None }.author().unwrap();
        let name = account.as_str().strip_prefix("os:");
        assert!(name.is_some_and(|name| !name.is_empty()), "{account:?}");
        let by = Some(Author::new(" Els De Smet ").unwrap());
        assert_eq!(By { by }.author().unwrap().as_str(), "Els De Smet");
    }
}
