//! The command line. `cli` has one file per command.

use std::process::ExitCode;

use clap::Parser;
use oneroster::cli::{self, Cli};

fn main() -> ExitCode {
    cli::main(Cli::parse())
}
