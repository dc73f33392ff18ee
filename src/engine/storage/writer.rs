//! Writer threads: one for each file system, apart from the workers, so that a slow disk delays neither detection nor the
//! recordings on another file system.
//!
//! A worker puts bytes into a [`Spool`]. The writer takes them every 100 ms, writes, and syncs every 400 ms. At the end of a
//! recording it completes the file, syncs, renames, and only then reports the result.
#![forbid(unsafe_code)]

use super::partial_file::PartFile;
use crate::engine::sync::{Threads, lock};
use earwig_core::codec::cipher::scrub_stack;
use earwig_core::job::recorder::RecorderResult;
use earwig_core::types::{Error, RecorderCause};
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Interval between two rounds of a writer thread.
const ROUND: Duration = Duration::from_millis(100);

/// Interval at which an idle writer thread checks whether the engine has ended.
const IDLE: Duration = Duration::from_millis(10);

/// Written bytes are synced to the disk after this time.
const SYNC: Duration = Duration::from_millis(400);

/// Up to this number, files are synced one by one; more, by one `syncfs`.
const SYNC_EACH: usize = 8;

/// File systems with a writer thread each; further ones share these threads.
const WRITERS_MAX: usize = 16;

/// A recording fails when its file system lags by this time or this number of bytes.
const BEHIND_MOST: Duration = Duration::from_secs(30);
const BEHIND_MOST_BYTES: usize = 256 << 20;

/// This many waiting bytes wake the writer at once: a host may feed audio faster than real time.
const MANY_BYTES: usize = 256 << 10;

/// Error text of a fault inside the library.
pub const FAULT: &str = "a fault was caught";

/// The end of a recording, as its worker sees it.
#[derive(Clone, Debug)]
pub struct Finish {
    /// Cause, times and `audio_detected`; the writer fills in the rest.
    pub result: RecorderResult,
    /// Samples that the file must have; `None`: as many as were written.
    pub samples: Option<u64>,
}

#[derive(Default)]
struct Bytes {
    waiting: Vec<u8>,
    /// When the oldest of them arrived.
    since: Option<Instant>,
    finish: Option<Finish>,
    failure: Option<String>,
}

/// The bytes of one recording between its worker and the writer thread.
pub struct Spool {
    bytes: Mutex<Bytes>,
    failed: AtomicBool,
    writer: Arc<Writer>,
}

impl Spool {
    /// Takes over the bytes; `bytes` is empty afterwards.
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
            self.writer.wake_up();
        }
    }

    /// Whether writing has failed.
    pub fn failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Ends the bytes. Only the first call counts.
    pub fn finish(&self, finish: Finish) {
        lock(&self.bytes).finish.get_or_insert(finish);
        self.writer.wake_up();
    }

    fn fail(&self, shared: &mut Bytes, text: String) {
        shared.failure.get_or_insert(text);
        shared.waiting = Vec::new();
        self.failed.store(true, Ordering::Release);
    }
}

/// Mailbox of one file system's writer thread.
#[derive(Default)]
pub struct Writer {
    inbox: Mutex<Inbox>,
    wake: Condvar,
}

#[derive(Default)]
struct Inbox {
    new: Vec<Task>,
    awake: bool,
}

impl Writer {
    fn wake_up(&self) {
        lock(&self.inbox).awake = true;
        self.wake.notify_one();
    }

    fn wait(&self, until: Option<Instant>) -> Vec<Task> {
        let mut inbox = lock(&self.inbox);
        while !inbox.awake {
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
        inbox.awake = false;
        std::mem::take(&mut inbox.new)
    }
}

/// The writer threads of an engine, one for each file system.
#[derive(Default)]
pub struct Storage {
    by_device: Mutex<HashMap<u64, Arc<Writer>>>,
}

impl Storage {
    /// The writer of a file's file system; starts its thread if there is none.
    fn of(&self, threads: &Arc<dyn Threads>, part: &PartFile) -> Result<Arc<Writer>, Error> {
        let mut all = lock(&self.by_device);
        let mut device = part.device();
        if all.len() >= WRITERS_MAX && !all.contains_key(&device) {
            device = all.keys().copied().min().unwrap_or(device);
        }
        if let Some(writer) = all.get(&device) {
            return Ok(writer.clone());
        }
        let writer = Arc::new(Writer::default());
        let (own, shared) = (threads.clone(), writer.clone());
        threads.spawn("earwig-disk", Box::new(move || run(&own, &shared)))?;
        all.insert(device, writer.clone());
        Ok(writer)
    }

    /// Wakes every writer: the engine is closing.
    pub fn wake(&self) {
        lock(&self.by_device)
            .values()
            .for_each(|writer| writer.wake_up());
    }

    /// Hands a file to the thread of its file system. `name`: the channel, for the log. `ended` is awake once the file is whole.
    pub fn open(
        &self,
        threads: &Arc<dyn Threads>,
        part: PartFile,
        name: &str,
        ended: Box<dyn FnOnce(RecorderResult) + Send>,
    ) -> Result<Arc<Spool>, Error> {
        let writer = match self.of(threads, &part) {
            Ok(writer) => writer,
            Err(error) => {
                part.discard();
                return Err(error);
            }
        };
        let spool = Arc::new(Spool {
            bytes: Mutex::default(),
            failed: AtomicBool::new(false),
            writer: writer.clone(),
        });
        lock(&writer.inbox).new.push(Task {
            spool: spool.clone(),
            part,
            name: name.to_owned(),
            ended,
            dirty: false,
            listed: false,
            finish: None,
            closed: None,
        });
        writer.wake_up();
        Ok(spool)
    }
}

/// A recording on its writer thread.
struct Task {
    spool: Arc<Spool>,
    part: PartFile,
    /// The channel, for the log.
    name: String,
    ended: Box<dyn FnOnce(RecorderResult) + Send>,
    /// Bytes were written since the last sync.
    dirty: bool,
    /// The directory entry of the `.part` file was synced.
    listed: bool,
    /// Set when the bytes have ended.
    finish: Option<Finish>,
    /// Result of a file that is whole but for its name.
    closed: Option<RecorderResult>,
}

impl Task {
    /// Writes the waiting bytes.
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

    /// Completes the file: header, padding, cipher.
    fn close(&mut self) {
        let Some(Finish {
            mut result,
            mut samples,
        }) = self.finish.take()
        else {
            return;
        };
        if let Some(failure) = lock(&self.spool.bytes).failure.take() {
            result.cause = RecorderCause::Error;
            result.error = failure;
            samples = None;
        }
        // If closing panics, the ending is reported all the same.
        self.closed = Some(RecorderResult {
            cause: RecorderCause::Error,
            error: FAULT.into(),
            ..result.clone()
        });
        match self.part.close(samples) {
            Ok((samples, bytes)) => {
                let rate = u64::from(self.part.layout().rate_hz);
                result.duration_ms = samples * 1000 / rate;
                result.bytes = bytes;
            }
            Err(error) => {
                result.cause = RecorderCause::Error;
                result.error = self.part.unfinished(&error);
            }
        }
        self.dirty = true;
        self.closed = Some(result);
    }

    /// Renames the file to its final name.
    fn publish(&mut self) {
        if let Some(result) = &mut self.closed
            && let Err(error) = self.part.publish()
        {
            result.cause = RecorderCause::Error;
            result.error = error.text.into_owned();
        }
    }

    fn report(self) {
        let Self {
            part,
            name,
            ended,
            closed,
            ..
        } = self;
        // Frees the lock, the descriptors and the key before the host learns of the end.
        drop(part);
        let Some(result) = closed else { return };
        if result.cause == RecorderCause::Error {
            log::error!("{name}: recording: {}", result.error);
        }
        ended(result);
    }
}

fn run(threads: &Arc<dyn Threads>, writer: &Writer) {
    let mut tasks: Vec<Task> = Vec::new();
    let mut buffer = Vec::new();
    let mut synced = Instant::now();
    loop {
        let pause = if tasks.is_empty() {
            threads.is_closing().then_some(IDLE)
        } else {
            Some(ROUND)
        };
        tasks.extend(writer.wait(pause.map(|pause| Instant::now() + pause)));
        if tasks.is_empty() && threads.is_over() {
            return;
        }
        for task in &mut tasks {
            guarded(task, |task| task.write(&mut buffer));
        }
        // Scrubs here because the scrub reaches callees, not callers; files are closed deeper down or on another thread.
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
            conclude_apart(threads, task);
        }
    }
}

/// Runs `act`; a panic fails this recording alone.
fn guarded(task: &mut Task, act: impl FnOnce(&mut Task)) {
    if catch_unwind(AssertUnwindSafe(|| act(task))).is_err() {
        task.spool.fail(&mut lock(&task.spool.bytes), FAULT.into());
    }
}

/// Completes a long file on a thread of its own.
fn conclude_apart(threads: &Arc<dyn Threads>, task: Task) {
    let held = Arc::new(Mutex::new(Some(task)));
    let theirs = held.clone();
    let finish = move || conclude(lock(&theirs).take().into_iter().collect());
    let spawned = threads.spawn("earwig-disk", Box::new(finish));
    if spawned.is_err() {
        conclude(lock(&held).take().into_iter().collect());
    }
}

/// Completes files, syncs them, renames them, and reports their results.
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
        task.publish();
    }
    let directories: BTreeSet<_> = tasks.iter().map(|t| t.part.directory()).collect();
    directories.iter().for_each(|d| sync_names(d));
    tasks.into_iter().for_each(Task::report);
}

/// Syncs written files. An error ends the recording.
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
            if let Some(result) = &mut task.closed {
                result.cause = RecorderCause::Error;
                result.error = text;
            } else {
                task.spool.fail(&mut lock(&task.spool.bytes), text);
            }
        }
    }
}

/// Syncs a directory; one that cannot be opened is left to the system.
fn sync_names(directory: &Path) {
    if let Ok(directory) = File::open(directory) {
        let _ = directory.sync_all();
    }
}
