//! A file system that does not answer for seconds.

use super::{Scale, Scenario};
use crate::disk::{Plan, Seen, record, shim, with_shim};
use crate::outcome::{all, figure, skip};
use crate::process::{Folder, Mount, is_root, run as run_command, this};
use crate::recordings::{FRAME, call, file, options, whole};
use earwig::engine::Engine;
use earwig_core::types::RecorderCause;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

pub const SCENARIO: Scenario = Scenario {
    name: "frozen-disk",
    title: "a file system that freezes",
    text: "10 recordings on a file system that stands still, 1 s after they begin, beside 10 on another, while another recording starts on the \
frozen one: once frozen by `fsfreeze` (ext4 on a loop device, as root), and once by a preloaded library in which every call on its files \
waits. Nothing may be lost on either file system, and the workers must not wait.",
    run,
};

const BAD: usize = 10;
const BEFORE: Duration = Duration::from_secs(1);

fn run(scale: Scale) {
    let frozen = Duration::from_secs(scale.pick(2, 10));
    let folder = Folder::new(&std::env::temp_dir(), "earwig-frozen");
    match mount(&folder) {
        Ok(_mount) => by_fsfreeze(&folder, frozen),
        Err(why) => skip("fsfreeze", &why),
    }
    let library = match shim(&folder.0) {
        Ok(library) => library,
        Err(why) => return skip("preloaded library", &why),
    };
    let (slow, control) = (folder.file("slow"), folder.file("control"));
    std::fs::create_dir(&slow).expect("a folder");
    let seconds = frozen.as_secs().to_string();
    let mut part = this("frozen-by-shim", &[folder.0.as_os_str(), seconds.as_ref()]);
    with_shim(&mut part, &library, &slow, &control);
    assert!(
        part.status().is_ok_and(|status| status.success()),
        "the part with the library"
    );
}

/// An ext4 of 64 MiB on a loop device.
fn mount(folder: &Folder) -> Result<Mount, String> {
    if !is_root() {
        return Err("not root".into());
    }
    let image = folder.file("image");
    run_command(Command::new("truncate").args(["-s", "64M"]).arg(&image))?;
    run_command(Command::new("mkfs.ext4").arg("-q").arg(&image))?;
    Mount::new(
        &folder.file("ext4"),
        &["-o".as_ref(), "loop".as_ref(), image.as_os_str()],
    )
}

fn by_fsfreeze(folder: &Folder, frozen: Duration) {
    let ext4 = folder.file("ext4");
    let freeze =
        |how: &str| run_command(Command::new("fsfreeze").arg(how).arg(&ext4)).expect("fsfreeze");
    check("fsfreeze", &ext4, folder, frozen, &|on| {
        freeze(if on { "--freeze" } else { "--unfreeze" })
    });
}

/// The same with the preloaded library; started with it.
pub fn by_shim(arguments: &[&str]) {
    let folder = std::mem::ManuallyDrop::new(Folder(arguments[0].into()));
    let frozen = Duration::from_secs(arguments[1].parse().expect("a number"));
    let control = folder.file("control");
    let stall = |on| std::fs::write(&control, if on { "s" } else { "" }).expect("the control file");
    check(
        "preloaded library",
        &folder.file("slow"),
        &folder,
        frozen,
        &stall,
    );
}

fn check(
    how: &str,
    slow: &Path,
    folder: &Folder,
    frozen: Duration,
    freeze: &(dyn Fn(bool) + Sync),
) {
    let good = folder.file(&format!("good {how}"));
    std::fs::create_dir(&good).expect("a folder");
    let events = |other: &Path| {
        std::thread::sleep(BEFORE);
        freeze(true);
        let engine = Engine::new(1).expect("an engine");
        let channel = call(&engine, 0);
        std::thread::scope(|scope| {
            let start = scope.spawn(|| channel.recorder_start(other, options(0)).is_ok());
            std::thread::sleep(frozen);
            freeze(false);
            let accepted = start.join().expect("no panic");
            figure(
                &format!("{how}: a recording that started on the frozen file system"),
                if accepted { "runs" } else { "refused" },
                "runs",
                accepted,
            );
        });
        let _ = channel.recorder_stop(Some(Duration::from_secs(10)));
        channel.drop_handle();
    };
    let plan = Plan {
        bad: (slow, BAD),
        good: (&good, 10),
        rate_hz: 8000,
        seconds: (BEFORE + frozen).as_secs_f64() + 1.0,
        events: &events,
    };
    let seen = record(&plan);
    complete(how, &seen, slow);
    seen.others_go_on();
}

fn complete(how: &str, seen: &Seen, slow: &Path) {
    all(
        &format!("{how}: recordings that ended without an error"),
        seen.ended_with(RecorderCause::Aborted),
        BAD,
    );
    let expected = (seen.frames() * FRAME) as u64;
    let complete = (0..BAD).filter(|&n| match whole(&file(slow, n), n) {
        Ok(samples) if samples == expected => true,
        other => {
            println!("recording {n}: {other:?} of {expected} samples");
            false
        }
    });
    all(
        &format!("{how}: complete recordings on the frozen file system"),
        complete.count(),
        BAD,
    );
}
