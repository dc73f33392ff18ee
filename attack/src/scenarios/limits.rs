//! No descriptor and no thread left.

use super::{Scale, Scenario, end_engine};
use crate::outcome::{all, figure, none, note, skip};
use crate::process::{Folder, descriptors as open_descriptors, is_root, threads as own_threads};
use crate::recordings::{FRAME, call, file, frame, is_encrypted, options, whole};
use earwig::engine::{Channel, Engine, live_handles};
use earwig_core::job::machine::MachineOptions;
use earwig_core::types::{Error, RecorderCause, Status, Stream};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub const SCENARIO: Scenario = Scenario {
    name: "limits",
    title: "no descriptor and no thread left",
    text: "Recordings start until RLIMIT_NOFILE refuses one; then the last descriptor is taken, and all recordings must still end with whole files. \
As another user under RLIMIT_NPROC, an engine, a recording, a callback and a status callback need a thread that the system refuses. Each \
refusal must be an error with a text, leave nothing behind, and work once the limit is raised.",
    run,
};

/// A user without processes of its own.
const USER: u32 = 54_321;

/// Recordings that are tried, and descriptors that are left to them.
const RECORDINGS: usize = 40;
const DESCRIPTORS: usize = 30;

fn run(_: Scale) {
    let folder = Folder::new(&std::env::temp_dir(), "earwig-limits");
    let (files, other) = (folder.file("descriptors"), folder.file("threads"));
    for folder in [&files, &other] {
        std::fs::create_dir(folder).expect("a folder");
    }
    let mut part = crate::process::this("descriptors", &[files.as_os_str()]);
    assert!(
        part.status().is_ok_and(|status| status.success()),
        "the part without descriptors"
    );
    if !is_root() {
        return skip(
            "threads",
            "not root: the limit counts all threads of a user",
        );
    }
    // A copy that another user can run, in a folder that it can write to.
    let own = std::env::current_exe().expect("the path of this program");
    let copy = folder.file("program");
    std::fs::copy(own, &copy).expect("a copy");
    for path in [&copy, &folder.0, &other] {
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).expect("a mode");
        std::os::unix::fs::chown(path, Some(USER), Some(USER)).expect("an owner");
    }
    let mut part = Command::new(copy);
    part.args(["--part", "threads"])
        .arg(&other)
        .uid(USER)
        .gid(USER);
    assert!(
        part.status().is_ok_and(|status| status.success()),
        "the part without threads"
    );
}

fn set_limit(resource: Resource, current: Option<u64>) {
    let maximum = getrlimit(resource).maximum;
    setrlimit(resource, Rlimit { current, maximum }).expect("a limit below the maximum");
}

/// Starts recordings in the folder until one is refused.
fn fill(engine: &Engine, folder: &Path) -> (Vec<Arc<Channel>>, Option<Error>) {
    let mut running = Vec::new();
    for n in 0..RECORDINGS {
        let channel = call(engine, 30_000);
        if let Err(error) = channel.recorder_start(&file(folder, n), options(n)) {
            channel.drop_handle();
            return (running, Some(error));
        }
        running.push(channel);
    }
    (running, None)
}

fn write_a_second(channels: &[Arc<Channel>]) {
    for number in 0..50 {
        for (n, channel) in channels.iter().enumerate() {
            channel
                .write(Stream::Rx, &frame(n, number))
                .expect("room for a frame");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Ends the recordings, encrypted ones first, each by itself; `before` is called before each. Returns how many ended without an error.
fn end(channels: Vec<Arc<Channel>>, mut before: impl FnMut()) -> usize {
    let mut complete = 0;
    let (encrypted, plain): (Vec<_>, Vec<_>) = channels
        .iter()
        .enumerate()
        .partition(|(n, _)| is_encrypted(*n));
    for (n, channel) in encrypted.into_iter().chain(plain) {
        before();
        let _ = channel.recorder_stop(Some(Duration::ZERO));
        match channel.recorder_wait(Some(Duration::from_secs(20))) {
            Ok(Some(r)) if r.cause == RecorderCause::Aborted => complete += 1,
            other => println!("recording {n}: {other:?}"),
        }
        channel.drop_handle();
    }
    complete
}

fn whole_files(folder: &Path, count: usize, samples: usize) -> usize {
    let right = (0..count).filter(|&n| match whole(&file(folder, n), n) {
        Ok(found) if found == samples as u64 => true,
        other => {
            println!("recording {n}: {other:?} of {samples} samples");
            false
        }
    });
    right.count()
}

fn explained(name: &str, error: Option<&Error>, says: &str) {
    let text = error.map_or("nothing was refused".into(), |e| {
        format!("{:?}: {}", e.status, e.text)
    });
    let system = error.is_some_and(|e| [Status::ErrFile, Status::ErrSystem].contains(&e.status));
    figure(
        name,
        &text,
        &format!("an error that says \"{says}\""),
        system && text.contains(says),
    );
}

/// Without descriptors; the limit applies to this process.
pub fn descriptors(arguments: &[&str]) {
    let folder = Path::new(arguments[0]);
    let before = getrlimit(Resource::Nofile).current;
    let engine = Engine::new(2).expect("an engine");
    set_limit(
        Resource::Nofile,
        Some((open_descriptors() + DESCRIPTORS) as u64),
    );
    let (running, refused) = fill(&engine, folder);
    explained(
        "a recording without a descriptor",
        refused.as_ref(),
        "open files",
    );
    note("recordings that run on", &running.len().to_string());
    write_a_second(&running);
    let (count, mut taken) = (running.len(), Vec::new());
    let take_all = || {
        while let Ok(file) = File::open("/dev/null") {
            taken.push(file);
        }
    };
    all(
        "recordings that ended well without a descriptor left",
        end(running, take_all),
        count,
    );
    drop(taken);
    set_limit(Resource::Nofile, before);
    all(
        "their files that are complete",
        whole_files(folder, count, 50 * FRAME),
        count,
    );
    let left = std::fs::read_dir(folder).expect("the folder").count() - count;
    none("files that are left besides", left);
    let again = folder.join("again");
    std::fs::create_dir(&again).expect("a folder");
    let (running, _) = fill(&engine, &again);
    write_a_second(&running);
    let count = running.len();
    all(
        "recordings after the limit was raised",
        end(running, || ()),
        RECORDINGS,
    );
    all(
        "their files that are complete",
        whole_files(&again, count, 50 * FRAME),
        RECORDINGS,
    );
}

/// Without threads; started as a user of its own.
pub fn threads(arguments: &[&str]) {
    let folder = Path::new(arguments[0]);
    let path = folder.join("0.wav");
    let machine = || MachineOptions {
        status_url: "http://127.0.0.1:1/".into(),
        ..MachineOptions::default()
    };
    set_limit(Resource::Nproc, Some(own_threads() as u64));
    let refused = Engine::new(2).err();
    explained("an engine without a thread", refused.as_ref(), "thread");
    none("handles that it left", live_handles() as usize);
    set_limit(Resource::Nproc, Some(own_threads() as u64 + 2));
    let refused = Engine::new(2).err();
    explained(
        "an engine with two threads of three",
        refused.as_ref(),
        "thread",
    );
    settle();
    none("threads that it left", own_threads() - 1);
    none("handles that it left", live_handles() as usize);
    // Two workers, and the thread that writes the log.
    set_limit(Resource::Nproc, Some(own_threads() as u64 + 3));
    let engine = match Engine::new(2) {
        Ok(engine) => engine,
        Err(error) => {
            return figure(
                "an engine with three threads",
                &error.to_string(),
                "runs",
                false,
            );
        }
    };
    let channel = call(&engine, 30_000);
    explained(
        "a recording without a thread",
        channel.recorder_start(&path, options(0)).err().as_ref(),
        "thread",
    );
    let left = std::fs::read_dir(folder)
        .expect("the folder")
        .filter_map(Result::ok);
    none(
        "files that it left",
        left.filter(|e| e.path().to_string_lossy().contains(".wav"))
            .count(),
    );
    explained(
        "a callback without a thread",
        channel
            .set_callback(Some(Arc::new(|_, _| ())))
            .err()
            .as_ref(),
        "thread",
    );
    explained(
        "a status callback without a thread",
        channel.machine_start(machine()).err().as_ref(),
        "thread",
    );
    let maximum = getrlimit(Resource::Nproc).maximum;
    setrlimit(
        Resource::Nproc,
        Rlimit {
            current: maximum,
            maximum,
        },
    )
    .expect("the maximum");
    let now = [
        channel.recorder_start(&path, options(0)).is_ok(),
        channel.set_callback(Some(Arc::new(|_, _| ()))).is_ok(),
        channel.machine_start(machine()).is_ok(),
    ];
    all(
        "of these that work once the limit is raised",
        now.iter().filter(|ok| **ok).count(),
        3,
    );
    write_a_second(std::slice::from_ref(&channel));
    channel.recorder_stop(None).expect("the end");
    let samples = whole(&path, 0).unwrap_or(0);
    all("samples of that recording", samples as usize, 50 * FRAME);
    channel.drop_handle();
    drop(channel);
    end_engine(engine, Duration::from_secs(10));
}

/// Waits until the threads of an engine have ended.
fn settle() {
    let deadline = Instant::now() + Duration::from_secs(10);
    while (own_threads() > 1 || live_handles() > 0) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
}
