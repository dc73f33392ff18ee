//! A recording on its writer thread: writes its bytes, completes its file, and reports the result.
#![forbid(unsafe_code)]

use super::partial_file::PartialFile;
use super::write_queue::{Finish, WriteQueue};
use super::{FAULT, paths};
use earwig_core::job::recorder::RecorderResult;
use earwig_core::types::RecorderCause;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

/// A recording on its writer thread.
pub struct RecordingFile {
    queue: Arc<WriteQueue>,
    file: PartialFile,
    /// Name of the channel, for the log.
    name: String,
    on_end: Box<dyn FnOnce(RecorderResult) + Send>,
    /// Bytes were written since the last sync.
    dirty: bool,
    /// The directory entry of the `.part` file was synced.
    name_synced: bool,
    /// The end of the recording; `None` while it runs and after [`Self::close`].
    finish: Option<Finish>,
    /// Result of a file that is complete except for its name.
    result: Option<RecorderResult>,
}

impl RecordingFile {
    /// A recording whose bytes come from `queue`. `on_end` receives the result.
    pub fn new(
        queue: Arc<WriteQueue>,
        file: PartialFile,
        name: &str,
        on_end: Box<dyn FnOnce(RecorderResult) + Send>,
    ) -> Self {
        Self {
            queue,
            file,
            name: name.to_owned(),
            on_end,
            dirty: false,
            name_synced: false,
            finish: None,
            result: None,
        }
    }

    /// Runs `act`; a panic fails this recording only.
    pub fn guarded(&mut self, act: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| act(self))).is_err() {
            self.queue.fail(FAULT.into());
        }
    }

    /// Whether the recording has ended.
    pub fn has_ended(&self) -> bool {
        self.finish.is_some()
    }

    /// Whether completing the file takes long.
    pub fn is_long(&self) -> bool {
        self.file.is_long()
    }

    /// Whether bytes were written since the last sync.
    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// Directory of the file.
    pub fn directory(&self) -> PathBuf {
        self.file.directory()
    }

    /// Writes the queued bytes. `pieces`: a buffer.
    pub fn write(&mut self, pieces: &mut Vec<Vec<u8>>) {
        pieces.clear();
        self.finish = self.queue.take(pieces);
        for piece in pieces.drain(..).filter(|piece| !piece.is_empty()) {
            self.dirty = true;
            if let Err(error) = self.file.write(&piece) {
                self.queue.fail(self.file.error_text(&error));
                return;
            }
        }
    }

    /// Syncs the file alone, and its directory entry the first time.
    pub fn sync(&mut self) -> io::Result<()> {
        if !std::mem::replace(&mut self.name_synced, true) {
            paths::sync_directory(&self.file.directory());
        }
        self.file.sync()
    }

    /// Syncs the whole file system of the file.
    pub fn sync_file_system(&self) -> io::Result<()> {
        self.file.sync_file_system()
    }

    /// Takes in the result of a sync. An error ends the recording.
    pub fn synced(&mut self, synced: io::Result<()>) {
        self.dirty = false;
        if let Err(error) = synced {
            let text = self.file.error_text(&error);
            if let Some(result) = &mut self.result {
                result.cause = RecorderCause::Error;
                result.error = text;
            } else {
                self.queue.fail(text);
            }
        }
    }

    /// Completes the file: header, padding, cipher.
    pub fn close(&mut self) {
        let Some(Finish {
            mut result,
            mut samples,
        }) = self.finish.take()
        else {
            return;
        };
        if let Some(failure) = self.queue.take_failure() {
            result.cause = RecorderCause::Error;
            result.error = failure;
            samples = None;
        }
        // If closing panics, this result is reported.
        self.result = Some(RecorderResult {
            cause: RecorderCause::Error,
            error: FAULT.into(),
            ..result.clone()
        });
        match self.file.close(samples) {
            Ok((samples, bytes)) => {
                let rate = u64::from(self.file.layout().rate_hz);
                result.duration_ms = samples * 1000 / rate;
                result.bytes = bytes;
            }
            Err(error) => {
                result.cause = RecorderCause::Error;
                result.error = self.file.unfinished_text(&error);
            }
        }
        self.dirty = true;
        self.result = Some(result);
    }

    /// Renames the file to its final name.
    pub fn publish(&mut self) {
        if let Some(result) = &mut self.result
            && let Err(error) = self.file.publish()
        {
            result.cause = RecorderCause::Error;
            result.error = error.text.into_owned();
        }
    }

    /// Reports the result to the host.
    pub fn report(self) {
        let Self {
            file,
            name,
            on_end,
            result,
            ..
        } = self;
        // Frees the lock, the descriptors and the key before the host learns of the end.
        drop(file);
        let Some(result) = result else { return };
        if result.cause == RecorderCause::Error {
            log::error!("{name}: recording: {}", result.error);
        }
        on_end(result);
    }
}
