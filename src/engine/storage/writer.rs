//! A writer thread: writes the recordings of one file system.
//!
//! A worker puts bytes into a [`super::WriteQueue`]. The writer takes them every 100 ms, writes, and syncs every 400 ms. At the
//! end of a recording it completes the file, syncs, renames, and then reports the result.
#![forbid(unsafe_code)]

use super::paths;
use super::recording_file::RecordingFile;
use crate::engine::sync::{Threads, lock, wait_while};
use earwig_core::codec::cipher::scrub_stack;
use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// Interval between two rounds.
const ROUND: Duration = Duration::from_millis(100);

/// Interval between two syncs of written bytes.
const SYNC_INTERVAL: Duration = Duration::from_millis(400);

/// Up to this number of files, each is synced by itself; more are synced by one `syncfs`.
const SYNC_EACH_MAX: usize = 8;

#[derive(Default)]
struct Pending {
    new: Vec<RecordingFile>,
    woken: bool,
}

/// The mailbox of a writer thread. Any thread may add to it.
#[derive(Default)]
pub struct Writer {
    pending: Mutex<Pending>,
    wake: Condvar,
}

impl Writer {
    /// Adds a recording.
    pub fn add(&self, file: RecordingFile) {
        lock(&self.pending).new.push(file);
        self.wake();
    }

    /// Wakes the thread before its next round.
    pub fn wake(&self) {
        lock(&self.pending).woken = true;
        self.wake.notify_one();
    }

    /// Waits until `until` or until the writer is woken. Returns the new recordings.
    fn wait(&self, until: Option<Instant>) -> Vec<RecordingFile> {
        let pending = lock(&self.pending);
        let mut pending = wait_while(&self.wake, pending, until, |pending| pending.woken);
        pending.woken = false;
        std::mem::take(&mut pending.new)
    }
}

/// Runs until the engine has ended and all recordings are complete.
pub fn run(threads: &Arc<dyn Threads>, writer: &Writer) {
    let mut files: Vec<RecordingFile> = Vec::new();
    let mut pieces = Vec::new();
    let mut synced = Instant::now();
    loop {
        // An engine that ends wakes its writers. After that no recording is added, but one may have been before.
        let pause = if files.is_empty() {
            threads.is_over().then_some(Duration::ZERO)
        } else {
            Some(ROUND)
        };
        files.extend(writer.wait(pause.map(|pause| Instant::now() + pause)));
        if files.is_empty() && threads.is_over() {
            return;
        }
        for file in &mut files {
            file.guarded(|file| file.write(&mut pieces));
        }
        // Called here because it scrubs the stack of callees, and files are closed deeper down or on another thread.
        scrub_stack();
        if synced.elapsed() >= SYNC_INTERVAL {
            sync(&mut files);
            synced = Instant::now();
        }
        let (ended, running) = files.into_iter().partition(RecordingFile::has_ended);
        files = running;
        let (long, short): (Vec<RecordingFile>, _) =
            ended.into_iter().partition(RecordingFile::is_long);
        complete(short);
        for file in long {
            complete_on_thread(threads, file);
        }
    }
}

/// Completes a long file on a thread of its own, so that other recordings do not wait.
fn complete_on_thread(threads: &Arc<dyn Threads>, file: RecordingFile) {
    let held = Arc::new(Mutex::new(Some(file)));
    let theirs = held.clone();
    let run = move || complete(lock(&theirs).take().into_iter().collect());
    if threads.spawn("earwig-disk", Box::new(run)).is_err() {
        complete(lock(&held).take().into_iter().collect());
    }
}

/// Completes files, syncs them, renames them, and reports their results.
fn complete(mut files: Vec<RecordingFile>) {
    if files.is_empty() {
        return;
    }
    for file in &mut files {
        file.guarded(RecordingFile::close);
    }
    scrub_stack();
    sync(&mut files);
    for file in &mut files {
        file.publish();
    }
    let directories: BTreeSet<_> = files.iter().map(RecordingFile::directory).collect();
    directories.iter().for_each(|d| paths::sync_directory(d));
    files.into_iter().for_each(RecordingFile::report);
}

/// Syncs written files. An error ends the recording.
fn sync(files: &mut [RecordingFile]) {
    let dirty = files.iter().filter(|file| file.is_dirty()).count();
    let mut all: Option<io::Result<()>> = None;
    for file in files.iter_mut().filter(|file| file.is_dirty()) {
        let synced = if dirty <= SYNC_EACH_MAX {
            file.sync()
        } else {
            match all.get_or_insert_with(|| file.sync_file_system()) {
                Ok(()) => Ok(()),
                Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
            }
        };
        file.synced(synced);
    }
}
