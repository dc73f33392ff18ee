//! `earwig validate` and `earwig recover`: whether recordings are whole, and making them so.

use std::path::PathBuf;
use std::process::ExitCode;

use earwig::engine::{Content, recover, validate};

use crate::cipher::{CipherArgs, KeyArgs};

/// Say whether recordings are whole: they decrypt, their sizes are right, nothing is missing.
///
/// Exit status: 0 if all are, 1 if one is not, 2 for wrong usage.
#[derive(clap::Args)]
pub struct Validate {
    /// Recordings
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    #[command(flatten)]
    cipher: CipherArgs,
}

/// Make whole files of recordings that were cut off by a crash.
///
/// FILE.part becomes FILE, with all that had been written. An encrypted one needs its key, not its IV. Exit status: 0, 1 if one
/// could not be recovered, 2 for wrong usage.
#[derive(clap::Args)]
pub struct Recover {
    /// What was left
    #[arg(required = true, value_name = "FILE.part")]
    files: Vec<PathBuf>,

    #[command(flatten)]
    key: KeyArgs,

    /// Replace FILE if it exists
    #[arg(long)]
    overwrite: bool,
}

fn describe(content: Content, encrypted: bool) -> String {
    let layout = content.layout;
    format!(
        "{} {} Hz {}, {:.3} s, {} bytes{}",
        layout.format,
        layout.rate_hz,
        if layout.channels == 2 {
            "two channels"
        } else {
            "mono"
        },
        content.samples as f64 / f64::from(layout.rate_hz),
        content.bytes,
        if encrypted { ", encrypted" } else { "" }
    )
}

/// Prints a line for each file; what went wrong goes to stderr.
fn each(files: &[PathBuf], mut act: impl FnMut(&PathBuf) -> Result<String, String>) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for file in files {
        match act(file) {
            Ok(line) => println!("{line}"),
            Err(error) => {
                eprintln!("earwig: {error}");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}

fn wrong_usage(error: &str) -> ExitCode {
    eprintln!("earwig: {error}");
    ExitCode::from(2)
}

/// Reads every file from end to end.
pub fn run_validate(args: &Validate) -> ExitCode {
    let cipher = match args.cipher.cipher() {
        Ok(cipher) => cipher,
        Err(error) => return wrong_usage(&error),
    };
    each(&args.files, |file| {
        let content = validate(file, cipher.as_ref()).map_err(|e| e.to_string())?;
        let what = describe(content, cipher.is_some());
        Ok(format!("{}: whole; {what}", file.display()))
    })
}

/// Finishes every file.
pub fn run_recover(args: &Recover) -> ExitCode {
    let key = match args.key.key() {
        Ok(key) => key,
        Err(error) => return wrong_usage(&error),
    };
    each(&args.files, |file| {
        let (path, content) =
            recover(file, key.as_ref(), args.overwrite).map_err(|e| e.to_string())?;
        Ok(format!("{}: {}", path.display(), describe(content, false)))
    })
}
