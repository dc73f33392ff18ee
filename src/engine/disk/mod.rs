//! The way of recordings to the disk: one thread for each file system, apart from the detectors, so that a slow disk delays
//! neither a call nor the recordings on another.
//!
//! A worker puts bytes into a [`Spool`] and goes on. The disk's thread takes them every 100 ms, writes, and twice a second
//! has what it wrote reach the disk. When a recording ends it makes the file whole and gives it its name; only then is the
//! ending told.
#![forbid(unsafe_code)]

mod names;
pub mod part;
mod sealed;
pub mod stored;

use super::channel::Channel;
use super::core::{Core, lock};
use crate::cause::{Error, RecorderCause};
use crate::codec::cipher::scrub_stack;
use crate::time::Samples;
use part::PartFile;
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Time between two rounds of a disk's thread.
const ROUND: Duration = Duration::from_millis(100);

/// Time between two looks whether the engine's last channel is gone.
const IDLE: Duration = Duration::from_millis(10);

/// Time after which what was written must reach the disk.
const SYNC: Duration = Duration::from_millis(400);

/// So many files are brought to the disk one by one; more, by one call for the file system.
const SYNC_EACH: usize = 8;

/// File systems that have a thread of their own; the rest shares them.
const DISKS_MAX: usize = 16;

/// A disk that is so far behind, or has so much to write for one recording, has failed.
const BEHIND_MOST: Duration = Duration::from_secs(30);
const BEHIND_MOST_BYTES: usize = 256 << 20;

/// Bytes that are worth a round of their own: a host that reads from files is faster than life.
const MANY_BYTES: usize = 256 << 10;

/// What is said of a fault inside.
pub const FAULT: &str = "a fault was caught";

/// How a recording ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Why.
    pub cause: RecorderCause,
    /// When it started.
    pub started: Samples,
    /// When it ended: a limit's own moment.
    pub ended: Samples,
    /// Whether there was audio in it.
    pub audio_detected: bool,
    /// The length of the audio in the file.
    pub duration_ms: u64,
    /// Its bytes.
    pub bytes: u64,
    /// What went wrong, if the cause is ERROR.
    pub error: String,
}

/// The end of a recording, as its worker sees it.
#[derive(Clone, Debug)]
pub struct Finish {
    /// Cause, times and whether there was audio; the rest is the disk's to say.
    pub recorded: Recorded,
    /// Samples that the file must have, or as many as were saved.
    pub samples: Option<u64>,
}

#[derive(Default)]
struct Bytes {
    waiting: Vec<u8>,
    /// Since when.
    since: Option<Instant>,
    finish: Option<Finish>,
    failure: Option<String>,
}

/// What a worker and a disk share of one recording.
pub struct Spool {
    bytes: Mutex<Bytes>,
    failed: AtomicBool,
    disk: Arc<Disk>,
}

impl Spool {
    /// Takes bytes over; none are left in `bytes`.
    pub fn push(&self, bytes: &mut Vec<u8>) {
        let mut shared = lock(&self.bytes);
        let since = *shared.since.get_or_insert_with(Instant::now);
        if since.elapsed() > BEHIND_MOST || shared.waiting.len() > BEHIND_MOST_BYTES {
            self.fail(&mut shared, "the disk is too slow".into());
        }
        if shared.failure.is_none() {
            shared.waiting.append(bytes);
        }
        bytes.clear();
        if shared.waiting.len() > MANY_BYTES {
            self.disk.call();
        }
    }

    /// What went wrong on the disk.
    pub fn failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// No more will come; the first who says so is heard.
    pub fn finish(&self, finish: Finish) {
        lock(&self.bytes).finish.get_or_insert(finish);
        self.disk.call();
    }

    fn fail(&self, shared: &mut Bytes, text: String) {
        shared.failure.get_or_insert(text);
        shared.waiting = Vec::new();
        self.failed.store(true, Ordering::Release);
    }
}

/// One file system's thread, as others see it.
#[derive(Default)]
pub struct Disk {
    inbox: Mutex<Inbox>,
    wake: Condvar,
}

#[derive(Default)]
struct Inbox {
    new: Vec<Task>,
    called: bool,
}

impl Disk {
    fn call(&self) {
        lock(&self.inbox).called = true;
        self.wake.notify_one();
    }

    fn wait(&self, until: Option<Instant>) -> Vec<Task> {
        let mut inbox = lock(&self.inbox);
        while !inbox.called {
            inbox = match until {
                None => self
                    .wake
                    .wait(inbox)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        break;
                    }
                    let waited = self.wake.wait_timeout(inbox, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        inbox.called = false;
        std::mem::take(&mut inbox.new)
    }
}

/// The disks of an engine.
#[derive(Default)]
pub struct Disks {
    by_device: Mutex<HashMap<u64, Arc<Disk>>>,
}

impl Disks {
    /// The disk that a file is on; its thread is started if there is none yet.
    fn of(&self, core: &Arc<Core>, part: &PartFile) -> Result<Arc<Disk>, Error> {
        let mut all = lock(&self.by_device);
        let mut device = part.device();
        if all.len() >= DISKS_MAX && !all.contains_key(&device) {
            device = all.keys().copied().min().unwrap_or(device);
        }
        if let Some(disk) = all.get(&device) {
            return Ok(disk.clone());
        }
        let disk = Arc::new(Disk::default());
        let (own, shared) = (core.clone(), disk.clone());
        core.spawn("earwig-disk", move || run(&own, &shared))?;
        all.insert(device, disk.clone());
        Ok(disk)
    }

    /// The engine ends: every thread looks whether it is done.
    pub fn call(&self) {
        lock(&self.by_device).values().for_each(|disk| disk.call());
    }

    /// Gives a file to its disk; the channel is told when it is whole.
    pub fn open(
        &self,
        core: &Arc<Core>,
        part: PartFile,
        channel: Arc<Channel>,
        job: u64,
    ) -> Result<Arc<Spool>, Error> {
        let disk = match self.of(core, &part) {
            Ok(disk) => disk,
            Err(error) => {
                part.discard();
                return Err(error);
            }
        };
        let spool = Arc::new(Spool {
            bytes: Mutex::default(),
            failed: AtomicBool::new(false),
            disk: disk.clone(),
        });
        lock(&disk.inbox).new.push(Task {
            spool: spool.clone(),
            part,
            channel,
            job,
            dirty: false,
            listed: false,
            finish: None,
            closed: None,
        });
        disk.call();
        Ok(spool)
    }
}

/// A recording, as its disk's thread has it.
struct Task {
    spool: Arc<Spool>,
    part: PartFile,
    channel: Arc<Channel>,
    job: u64,
    /// Something was written that may not be on the disk yet.
    dirty: bool,
    /// So is the part's name.
    listed: bool,
    /// Nothing more will come.
    finish: Option<Finish>,
    /// The file is whole, but for its name.
    closed: Option<Recorded>,
}

impl Task {
    /// Writes what waits.
    fn write(&mut self, buffer: &mut Vec<u8>) {
        buffer.clear();
        {
            let mut shared = lock(&self.spool.bytes);
            std::mem::swap(&mut shared.waiting, buffer);
            shared.since = None;
            self.finish = shared.finish.clone();
        }
        if !buffer.is_empty() {
            self.dirty = true;
            if let Err(error) = self.part.write(buffer) {
                let text = self.part.trouble(&error);
                self.spool.fail(&mut lock(&self.spool.bytes), text);
            }
        }
    }

    /// Makes the file whole.
    fn close(&mut self) {
        let Some(Finish {
            mut recorded,
            mut samples,
        }) = self.finish.take()
        else {
            return;
        };
        if let Some(failure) = lock(&self.spool.bytes).failure.take() {
            recorded.cause = RecorderCause::Error;
            recorded.error = failure;
            samples = None;
        }
        // Should closing be what fails inside, its ending is told all the same.
        self.closed = Some(Recorded {
            cause: RecorderCause::Error,
            error: FAULT.into(),
            ..recorded.clone()
        });
        match self.part.close(samples) {
            Ok((samples, bytes)) => {
                let rate = u64::from(self.part.layout().rate_hz);
                recorded.duration_ms = samples * 1000 / rate;
                recorded.bytes = bytes;
            }
            Err(error) => {
                recorded.cause = RecorderCause::Error;
                recorded.error = self.part.unfinished(&error);
            }
        }
        self.dirty = true;
        self.closed = Some(recorded);
    }

    /// Gives the file its name.
    fn name(&mut self) {
        if let Some(recorded) = &mut self.closed
            && let Err(error) = self.part.publish()
        {
            recorded.cause = RecorderCause::Error;
            recorded.error = error.text.into_owned();
        }
    }

    fn tell(self) {
        let Self {
            part,
            channel,
            job,
            closed,
            ..
        } = self;
        // Its lock, its descriptors and its key are gone when the host hears of it.
        drop(part);
        let Some(recorded) = closed else { return };
        if recorded.cause == RecorderCause::Error {
            log::error!("{}: recording: {}", channel.name(), recorded.error);
        }
        channel.record_ended(job, recorded);
    }
}

fn run(core: &Arc<Core>, disk: &Disk) {
    let mut tasks: Vec<Task> = Vec::new();
    let mut buffer = Vec::new();
    let mut synced = Instant::now();
    loop {
        let pause = if tasks.is_empty() {
            core.is_closing().then_some(IDLE)
        } else {
            Some(ROUND)
        };
        tasks.extend(disk.wait(pause.map(|pause| Instant::now() + pause)));
        if tasks.is_empty() && core.is_over() {
            return;
        }
        for task in &mut tasks {
            guarded(task, |task| task.write(&mut buffer));
        }
        // From here: it reaches what was called, not who calls it; and files are closed deeper down, or on another thread.
        scrub_stack();
        if synced.elapsed() >= SYNC {
            sync(&mut tasks);
            synced = Instant::now();
        }
        let (ended, go_on) = tasks.into_iter().partition(|t: &Task| t.finish.is_some());
        tasks = go_on;
        let (long, short): (Vec<Task>, _) = ended.into_iter().partition(|t| t.part.is_long());
        conclude(short);
        for task in long {
            conclude_apart(core, task);
        }
    }
}

/// A fault in one recording is not the end of the others.
fn guarded(task: &mut Task, act: impl FnOnce(&mut Task)) {
    if catch_unwind(AssertUnwindSafe(|| act(task))).is_err() {
        task.spool.fail(&mut lock(&task.spool.bytes), FAULT.into());
    }
}

/// On a thread of its own, for it takes a while.
fn conclude_apart(core: &Arc<Core>, task: Task) {
    let held = Arc::new(Mutex::new(Some(task)));
    let theirs = held.clone();
    let spawned = core.spawn("earwig-disk", move || {
        conclude(lock(&theirs).take().into_iter().collect());
    });
    if spawned.is_err() {
        conclude(lock(&held).take().into_iter().collect());
    }
}

/// Makes files whole, has them reach the disk, gives them their names, tells.
fn conclude(mut tasks: Vec<Task>) {
    if tasks.is_empty() {
        return;
    }
    for task in &mut tasks {
        guarded(task, Task::close);
    }
    scrub_stack();
    sync(&mut tasks);
    for task in &mut tasks {
        task.name();
    }
    let directories: BTreeSet<_> = tasks.iter().map(|t| t.part.directory()).collect();
    directories.iter().for_each(|d| sync_names(d));
    tasks.into_iter().for_each(Task::tell);
}

/// What was written reaches the disk. An error is kept, and ends the recording.
fn sync(tasks: &mut [Task]) {
    let dirty = tasks.iter().filter(|t| t.dirty).count();
    let mut all: Option<io::Result<()>> = None;
    for task in tasks.iter_mut().filter(|t| t.dirty) {
        let result = if dirty <= SYNC_EACH {
            if !std::mem::replace(&mut task.listed, true) {
                sync_names(&task.part.directory());
            }
            task.part.sync()
        } else {
            match all.get_or_insert_with(|| task.part.sync_all()) {
                Ok(()) => Ok(()),
                Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
            }
        };
        task.dirty = false;
        if let Err(error) = result {
            let text = task.part.trouble(&error);
            if let Some(recorded) = &mut task.closed {
                recorded.cause = RecorderCause::Error;
                recorded.error = text;
            } else {
                task.spool.fail(&mut lock(&task.spool.bytes), text);
            }
        }
    }
}

/// The names in a directory reach the disk; where it cannot be opened, they will in their own time.
fn sync_names(directory: &Path) {
    if let Ok(directory) = File::open(directory) {
        let _ = directory.sync_all();
    }
}
