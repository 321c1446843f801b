//! The command line. `cli` has one file per command.

use std::process::ExitCode;

use clap::Parser;
use oneroster::cli::{self, Cli};

/// Requests are answered by whichever thread is free, so memory is taken by one and given back by another: the system's
/// allocator makes them wait for each other (`docs/performance.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main(Cli::parse())
}
