//! The `earwig` command: analyzes, validates and recovers recorded files.
#![forbid(unsafe_code)]

mod analyze;
mod audio;
mod cipher;
mod files;
mod recording;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Analyze recorded calls, and check or repair recordings.
#[derive(Parser)]
#[command(name = "earwig", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// The subcommands. Their help comes from the doc comments of their argument structs.
#[derive(Subcommand)]
enum Command {
    Analyze(Box<analyze::Args>),
    Validate(recording::ValidateArgs),
    Recover(recording::RecoverArgs),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Analyze(args) => analyze::run(&args),
        Command::Validate(args) => recording::validate_files(&args),
        Command::Recover(args) => recording::recover_files(&args),
    }
}
