//! The recorder: the functions of [`Channel`].
#![forbid(unsafe_code)]

use super::{Channel, Request, may_block};
use crate::engine::recorder_job::{NewRecorder, RecorderOutput};
use crate::engine::storage::WriteQueue;
use crate::engine::storage::partial_file::{Opened, PartialFile};
use earwig_core::codec::Layout;
use earwig_core::codec::cipher::scrub_stack;
use earwig_core::event::Event;
use earwig_core::job::recorder::{
    Control, RECORD_TIMEOUT, RecorderOptions, RecorderResult, RecordingStart,
};
use earwig_core::types::{Error, RecorderCause, RecorderState, Status};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// State of a channel's recorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecorderInfo {
    /// IDLE, RECORDING or ERROR.
    pub state: RecorderState,
    /// Cause of the last recording; NONE while one runs and before the first.
    pub cause: RecorderCause,
    /// Whether the last recording has audio; `None` while one runs and before the first.
    pub audio_detected: Option<bool>,
}

/// State of a recorder after a recording that ended with `cause`.
pub fn state_after(cause: RecorderCause) -> RecorderState {
    match cause {
        RecorderCause::Error => RecorderState::Error,
        _ => RecorderState::Idle,
    }
}

impl Channel {
    /// Starts a recording to the file `path`.
    pub fn recorder_start(
        self: &Arc<Self>,
        path: &Path,
        options: RecorderOptions,
    ) -> Result<(), Error> {
        self.recorder_start_numbered(path, options, false).map(drop)
    }

    /// Starts a recording to the file `path` and waits until the file is complete.
    pub fn recorder_record(
        self: &Arc<Self>,
        path: &Path,
        options: RecorderOptions,
    ) -> Result<RecorderResult, Error> {
        may_block()?;
        let mut options = options;
        options.timeout.get_or_insert(RECORD_TIMEOUT);
        let job = self.recorder_start_numbered(path, options, true)?;
        self.wait_for_job(job, None)?
            .ok_or_else(|| Status::ErrAgain.into())
    }

    /// Starts a recording and returns its number. `awaited`: a thread waits for its result.
    fn recorder_start_numbered(
        self: &Arc<Self>,
        path: &Path,
        options: RecorderOptions,
        awaited: bool,
    ) -> Result<u64, Error> {
        // Read first: a hang-up after this line then ends the job.
        let hangups = self.hangups();
        self.job_may_run()?;
        let layout = options.layout()?;
        let job = self.lock().outbox.start_recorder(hangups)?;
        let new = self.create_file(path, options, layout, job);
        scrub_stack();
        let mut shared = self.lock();
        match new {
            Ok(new) => {
                if awaited {
                    shared.outbox.recorder.keep_result(job);
                }
                self.request_after(&mut shared, hangups, Request::StartRecorder(Box::new(new)));
                if shared.outbox.recorder.opened(job) {
                    self.request_after(&mut shared, hangups, Request::StopRecorder(job));
                }
                Ok(job)
            }
            Err(error) => {
                shared.outbox.cancel_recorder(job);
                drop(shared);
                self.wake_waiting();
                Err(error)
            }
        }
    }

    /// Creates the file. Blocks for as long as the file system does.
    fn create_file(
        self: &Arc<Self>,
        path: &Path,
        options: RecorderOptions,
        layout: Layout,
        job: u64,
    ) -> Result<NewRecorder, Error> {
        let Opened {
            file,
            encoder,
            before,
        } = PartialFile::create(path, layout, &options)?;
        let queue = self.open_write_queue(file, job)?;
        Ok(NewRecorder {
            job,
            start: RecordingStart {
                options,
                layout,
                encoder,
                before,
                stall_ms: self.stall_ms(),
            },
            output: RecorderOutput::new(queue),
        })
    }

    /// Passes a recording's file to storage, which publishes the recording's end.
    fn open_write_queue(
        self: &Arc<Self>,
        file: PartialFile,
        job: u64,
    ) -> Result<Arc<WriteQueue>, Error> {
        let channel = self.clone();
        let on_end = Box::new(move |result| channel.recorder_ended(job, result));
        let threads = self.engine.clone().threads();
        self.engine
            .storage()
            .open(&threads, file, &self.name(), on_end)
    }

    /// Publishes the end of a recording, whose file is complete.
    fn recorder_ended(&self, job: u64, result: RecorderResult) {
        self.publish(|shared| shared.outbox.push(Event::RecorderEnded { job, result }));
    }

    /// Stops the running recording, if any, and waits until its file is complete; with `timeout` 0 it does not wait.
    pub fn recorder_stop(&self, timeout: Option<Duration>) -> Result<(), Error> {
        if timeout != Some(Duration::ZERO) {
            may_block()?;
        }
        self.job_may_run()?;
        self.stop_job::<RecorderResult>(timeout, |shared, job| {
            if !shared.outbox.recorder.stop_opening() {
                self.request(shared, Request::StopRecorder(job));
            }
        })
    }

    /// Waits until the running recording ends and returns its result; returns the last result at once if none runs. `None` before the
    /// first.
    pub fn recorder_wait(
        &self,
        timeout: Option<Duration>,
    ) -> Result<Option<RecorderResult>, Error> {
        may_block()?;
        self.job_may_run()?;
        self.wait_for_result(timeout)
    }

    /// The last recording's result; ERR_AGAIN while one runs and before the first.
    pub fn recorder_result(&self) -> Result<RecorderResult, Error> {
        self.take_result()
    }

    /// State of the recorder, with cause and audio of the last recording.
    pub fn recorder_info(&self) -> RecorderInfo {
        let shared = self.lock();
        let recorder = &shared.outbox.recorder;
        match (recorder.running(), recorder.result()) {
            (None, Some(result)) => RecorderInfo {
                state: state_after(result.cause),
                cause: result.cause,
                audio_detected: Some(result.audio_detected),
            },
            (running, _) => RecorderInfo {
                state: running.map_or(RecorderState::Idle, |_| RecorderState::Recording),
                cause: RecorderCause::None,
                audio_detected: None,
            },
        }
    }

    /// Pauses, resumes, masks or unmasks the running recording, from the current position in the audio on.
    pub fn recorder_control(&self, control: Control) -> Result<(), Error> {
        self.job_may_run()?;
        let mut shared = self.lock();
        if !shared.outbox.recorder.is_recording() {
            return Err(Error::new(Status::ErrState, "no recording is in progress"));
        }
        let hangups = self.hangups();
        self.request_after(&mut shared, hangups, Request::ControlRecorder(control));
        Ok(())
    }
}
