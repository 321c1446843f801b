//! `oneroster manuals`: the man pages and what shells complete the commands by, made from the commands themselves.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap_complete::Shell;

use super::{Outcome, output};
use crate::report::manuals::ManualsReport;

/// Write the man pages, and what shells complete the commands by.
///
/// In DIR: man1 with a page for each command, and bash, zsh and fish with a file each. The Debian package has them all.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oneroster manuals manuals")]
pub(crate) struct Args {
    /// Folder to write in; what is missing of it is made.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

/// Runs the command.
pub(crate) fn run(args: &Args, mut command: clap::Command, json: bool) -> anyhow::Result<Outcome> {
    let name = command.get_name().to_owned();
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        let folder = made(&args.directory, &shell.to_string())?;
        clap_complete::generate_to(shell, &mut command, &name, &folder)
            .with_context(|| format!("cannot write in {}", folder.display()))?;
    }
    let folder = made(&args.directory, "man1")?;
    clap_mangen::generate_to(command, &folder)
        .with_context(|| format!("cannot write in {}", folder.display()))?;
    output::report(&ManualsReport::new(&args.directory), json)?;
    Ok(Outcome::Done)
}

/// Makes a folder below another.
fn made(directory: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let folder = directory.join(name);
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}
