//! The `earwig` command: the engine over recorded files.
#![forbid(unsafe_code)]

mod analyze;
mod audio;
mod cipher;
mod files;
mod recording;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Call intelligence for PBXs, over recorded files.
#[derive(Parser)]
#[command(name = "earwig", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// One variant a file: what it does is there.
#[derive(Subcommand)]
enum Command {
    Analyze(Box<analyze::Args>),
    Validate(recording::Validate),
    Recover(recording::Recover),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Analyze(args) => analyze::run(&args),
        Command::Validate(args) => recording::run_validate(&args),
        Command::Recover(args) => recording::run_recover(&args),
    }
}
