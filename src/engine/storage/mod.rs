//! Recordings on disk: the `.part` file while a recording runs, its completion, and its recovery after a crash.
//!
//! Each file system has a writer thread, apart from the workers, so that a slow disk delays neither detection nor recordings on
//! other file systems.
#![forbid(unsafe_code)]

mod encrypted_file;
mod named_file;
mod part;
pub mod partial_file;
mod paths;
pub mod reader;
mod recording_file;
pub mod recovery;
mod spool;
mod write_queue;
mod writer;

pub use write_queue::{Finish, WriteQueue};

use crate::engine::sync::{Threads, lock};
use earwig_core::job::recorder::RecorderResult;
use earwig_core::types::Error;
use partial_file::PartialFile;
use recording_file::RecordingFile;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use writer::Writer;

/// Largest number of writer threads; file systems beyond it share them.
const WRITERS_MAX: usize = 16;

/// Error text of a fault inside the library.
pub const FAULT: &str = "a fault was caught";

/// The writer threads of an engine, one for each file system.
#[derive(Default)]
pub struct Storage {
    by_device: Mutex<HashMap<u64, Arc<Writer>>>,
}

impl Storage {
    /// The writer of a file's file system. Starts its thread if there is none.
    fn writer(&self, threads: &Arc<dyn Threads>, file: &PartialFile) -> Result<Arc<Writer>, Error> {
        let mut by_device = lock(&self.by_device);
        let mut device = file.device();
        if by_device.len() >= WRITERS_MAX && !by_device.contains_key(&device) {
            device = by_device.keys().copied().min().unwrap_or(device);
        }
        if let Some(writer) = by_device.get(&device) {
            return Ok(writer.clone());
        }
        let writer = Arc::new(Writer::default());
        let (own, shared) = (threads.clone(), writer.clone());
        threads.spawn("earwig-disk", Box::new(move || writer::run(&own, &shared)))?;
        by_device.insert(device, writer.clone());
        Ok(writer)
    }

    /// Wakes all writers: the engine is closing.
    pub fn wake(&self) {
        lock(&self.by_device)
            .values()
            .for_each(|writer| writer.wake());
    }

    /// Passes a file to the writer of its file system. `name`: the channel, for the log. `on_end` receives the result once the file
    /// is complete, on a writer thread.
    pub fn open(
        &self,
        threads: &Arc<dyn Threads>,
        file: PartialFile,
        name: &str,
        on_end: Box<dyn FnOnce(RecorderResult) + Send>,
    ) -> Result<Arc<WriteQueue>, Error> {
        let writer = match self.writer(threads, &file) {
            Ok(writer) => writer,
            Err(error) => {
                file.discard();
                return Err(error);
            }
        };
        let queue = Arc::new(WriteQueue::new(writer.clone()));
        writer.add(RecordingFile::new(queue.clone(), file, name, on_end));
        Ok(queue)
    }
}
