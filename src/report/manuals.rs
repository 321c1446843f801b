//! The report of `oneroster manuals`: where man pages and completions are.

use std::fmt::{Display, Formatter};
use std::path::{Path, PathBuf};

use serde::Serialize;

/// Where man pages and completions were written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ManualsReport {
    /// The folder with a man page for each command.
    pub pages: PathBuf,
    /// What shells complete the commands by, for bash, zsh and fish.
    pub completions: [PathBuf; 3],
}

impl ManualsReport {
    /// Reports what was written below a folder.
    pub fn new(directory: &Path) -> Self {
        Self {
            pages: directory.join("man1"),
            completions: [
                directory.join("bash/oneroster.bash"),
                directory.join("zsh/_oneroster"),
                directory.join("fish/oneroster.fish"),
            ],
        }
    }
}

impl Display for ManualsReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Wrote the man pages to {}, and", self.pages.display())?;
        for completion in &self.completions {
            write!(formatter, "\n  {}", completion.display())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::snapshot;

    #[test]
    fn pages_and_completions_are_reported_by_file() {
        snapshot::assert("manuals", &ManualsReport::new(Path::new("folder")));
    }
}
