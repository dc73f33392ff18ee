//! `earwig validate` and `earwig recover`: check recordings, and finish those that a crash cut off.

use std::path::PathBuf;
use std::process::ExitCode;

use earwig::engine::{Content, recover, validate};

use crate::cipher::{CipherArgs, KeyArgs};

/// Check that recordings are whole: they decrypt, the sizes in their headers match the audio, and an HMAC is right.
///
/// Exit status: 0 if all are whole, 1 if one is not, 2 for wrong usage.
#[derive(clap::Args)]
pub struct ValidateArgs {
    /// Recordings to check
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    #[command(flatten)]
    cipher: CipherArgs,

    /// Fail for encrypted recordings without an HMAC (`cipher_mac`); one that is wrong is always an error
    #[arg(long)]
    require_mac: bool,
}

/// Finish recordings that were cut off by a crash.
///
/// FILE.part becomes FILE with all audio that was written. An encrypted recording needs its key, but not its IV. Exit status: 0 if
/// all were recovered, 1 if one could not be, 2 for wrong usage.
#[derive(clap::Args)]
pub struct RecoverArgs {
    /// Unfinished recordings
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
        match (encrypted, content.mac) {
            (false, _) => "",
            (true, false) => ", encrypted, mac: none",
            (true, true) => ", encrypted, mac: valid",
        }
    )
}

/// Calls `action` for each file. Prints the line it returns to stdout, or its error to stderr; one error makes the exit status 1.
fn for_each_file(
    files: &[PathBuf],
    mut action: impl FnMut(&PathBuf) -> Result<String, String>,
) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for file in files {
        match action(file) {
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

/// Runs `earwig validate`: reads each file from end to end.
pub fn validate_files(args: &ValidateArgs) -> ExitCode {
    let cipher = match args.cipher.cipher() {
        Ok(cipher) => cipher,
        Err(error) => return wrong_usage(&error),
    };
    if args.require_mac && cipher.is_none() {
        return wrong_usage("--require-mac: the key and the IV are needed");
    }
    for_each_file(&args.files, |file| {
        let content = validate(file, cipher.as_ref()).map_err(|e| e.to_string())?;
        if args.require_mac && !content.mac {
            return Err(format!("{}: mac: none", file.display()));
        }
        let description = describe(content, cipher.is_some());
        Ok(format!("{}: whole; {description}", file.display()))
    })
}

/// Runs `earwig recover`: finishes each file.
pub fn recover_files(args: &RecoverArgs) -> ExitCode {
    let key = match args.key.key() {
        Ok(key) => key,
        Err(error) => return wrong_usage(&error),
    };
    for_each_file(&args.files, |file| {
        let (path, content) =
            recover(file, key.as_ref(), args.overwrite).map_err(|e| e.to_string())?;
        Ok(format!("{}: {}", path.display(), describe(content, false)))
    })
}
