//! A file system on which every call fails from some moment on.

use super::{Scale, Scenario};
use crate::disk::{Plan, record as record_to, shim, with_shim};
use crate::outcome::{all, figure, skip};
use crate::process::{Folder, this};
use crate::recordings::{cipher, file, is_encrypted, whole};
use earwig::engine::recover;
use earwig_core::types::RecorderCause;
use std::path::Path;
use std::time::Duration;

pub const SCENARIO: Scenario = Scenario {
    name: "dying-disk",
    title: "a file system that fails",
    text: "12 recordings, all formats, plain and encrypted, beside 10 on another file system. After 2 s every call on their files fails with EIO, \
through a preloaded library. Each must end with ERROR at once, and once the disk answers again the file is whole, or `recover` makes it so, \
with the audio up to 0.5 s before the first failure.",
    run,
};

const BAD: usize = 12;
const BEFORE_S: f64 = 2.0;

/// Longest loss before the first failure, s.
const LIMIT_S: f64 = 0.5;

fn run(scale: Scale) {
    let folder = Folder::new(&std::env::temp_dir(), "earwig-dying");
    let library = match shim(&folder.0) {
        Ok(library) => library,
        Err(why) => return skip("preloaded library", &why),
    };
    let bad = folder.file("bad");
    for name in ["bad", "good"] {
        std::fs::create_dir(folder.file(name)).expect("a folder");
    }
    let seconds = scale.pick(4, 10).to_string();
    let mut part = this("dying", &[folder.0.as_os_str(), seconds.as_ref()]);
    with_shim(&mut part, &library, &bad, &folder.file("control"));
    assert!(
        part.status().is_ok_and(|status| status.success()),
        "the part with the library"
    );

    let (mut valid, mut shortest) = (0, f64::MAX);
    for n in 0..BAD {
        let path = file(&bad, n);
        let part = bad.join(format!("{n}.wav.part"));
        let key = is_encrypted(n).then(cipher);
        let recovered = if path.exists() {
            Ok(())
        } else {
            recover(&part, key.as_ref().map(|c| &c.key), false)
                .map(drop)
                .map_err(|e| e.to_string())
        };
        match recovered.and_then(|()| whole(&path, n)) {
            Ok(samples) => {
                valid += 1;
                shortest = shortest.min(samples as f64 / 8000.0);
            }
            Err(error) => println!("recording {n}: {error}"),
        }
    }
    all(
        "files that are whole, or that recover makes whole",
        valid,
        BAD,
    );
    let lost = BEFORE_S - shortest;
    figure(
        "audio lost before the first failure, at most",
        &format!("{lost:.2} s"),
        &format!("{LIMIT_S} s"),
        lost <= LIMIT_S,
    );
}

/// Makes the recordings; started with the library.
pub fn record(arguments: &[&str]) {
    let folder = Path::new(arguments[0]);
    let events = |_: &Path| {
        std::thread::sleep(Duration::from_secs_f64(BEFORE_S));
        std::fs::write(folder.join("control"), "e").expect("the control file");
    };
    let plan = Plan {
        bad: (&folder.join("bad"), BAD),
        good: (&folder.join("good"), 10),
        rate_hz: 8000,
        seconds: arguments[1].parse().expect("a number"),
        events: &events,
    };
    let seen = record_to(&plan);
    all(
        "recordings that ended with ERROR",
        seen.ended_with(RecorderCause::Error),
        BAD,
    );
    seen.others_go_on();
}
