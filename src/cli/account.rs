//! Who runs a command, for the record of what people decide.

use clap::Args;

/// Longest name, in characters.
const NAME_MAX: usize = 200;

/// Who decides.
#[derive(Debug, Clone, Args)]
pub(crate) struct By {
    /// Who decides, for the record; default: your account on this machine.
    #[arg(long = "by", value_name = "NAME", value_parser = name)]
    by: Option<String>,
}

impl By {
    /// Returns the name given, else that of the operating system's account, else its number.
    pub(crate) fn name(&self) -> String {
        let account = || {
            let uid = nix::unistd::getuid();
            match nix::unistd::User::from_uid(uid) {
                Ok(Some(user)) => user.name,
                Ok(None) | Err(_) => format!("uid {uid}"),
            }
        };
        self.by.clone().unwrap_or_else(account)
    }
}

fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(format!("use 1 to {NAME_MAX} characters, no control characters"));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_as_given_without_blanks_around_it() {
        assert_eq!(name(" Els De Smet "), Ok("Els De Smet".to_owned()));
        for bad in ["", "  ", "a\nb", &"x".repeat(201)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn without_a_name_it_is_the_account() {
        assert!(!By { by: None }.name().is_empty());
        let by = Some("Els".to_owned());
        assert_eq!(By { by }.name(), "Els");
    }
}
