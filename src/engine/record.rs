//! The recorder as the host sees it, on a [`Channel`]; and a recording as its worker sees it.
#![forbid(unsafe_code)]

use super::channel::{Channel, Request, may_block};
use super::disk::part::{Opened, PartFile};
use super::disk::{FAULT, Finish, Recorded, Spool};
use super::event::Tone;
use super::leg::Leg;
use super::recording::{Recording, Streams};
use crate::cause::{DigitSource, Error, RecorderCause, RecorderState, Status};
use crate::codec::Layout;
use crate::codec::cipher::scrub_stack;
use crate::job::record::{
    Control, Ended,
    options::{RECORD_TIMEOUT, RecordOptions},
};
use crate::time::{RATE_HZ, Samples};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a worker puts by before it hands it to the disk: so much time, or so many bytes.
const HAND_OVER: Duration = Duration::from_millis(200);
const HAND_OVER_BYTES: usize = 16 * 1024;

/// A TX that is so far behind RX is not being sent: more than any two frames, or two threads of a host, are apart.
const LATE_MOST_MS: u32 = 200;

/// The detector's window: a tone's head may be in it before the detector knows.
const WINDOW: Samples = 20 * RATE_HZ as Samples / 1000;

/// What a worker needs to start a recording.
pub struct NewRecording {
    options: RecordOptions,
    layout: Layout,
    encoder: crate::codec::Encoder,
    before: u64,
    out: Out,
    job: u64,
}

impl std::fmt::Debug for NewRecording {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewRecording {}", self.job)
    }
}

/// The way out of a recording. Letting it go finishes the file.
struct Out {
    spool: Arc<Spool>,
    bytes: Vec<u8>,
    handed: Instant,
}

impl Out {
    fn hand_over(&mut self) {
        if !self.bytes.is_empty() {
            self.spool.push(&mut self.bytes);
        }
        self.handed = Instant::now();
    }

    fn finish(&mut self, recorded: Recorded, samples: Option<u64>) {
        self.hand_over();
        self.spool.finish(Finish { recorded, samples });
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        // After a finish this one is not heard.
        let nobody = recorded(RecorderCause::Aborted, 0, 0, false);
        self.finish(nobody, None);
    }
}

fn recorded(cause: RecorderCause, started: Samples, ended: Samples, audio: bool) -> Recorded {
    Recorded {
        cause,
        started,
        ended,
        audio_detected: audio,
        duration_ms: 0,
        bytes: 0,
        error: String::new(),
    }
}

/// A recording, as its worker has it.
pub struct RunningRecording {
    job: u64,
    recording: Recording,
    out: Out,
    before: u64,
    started: Samples,
}

impl RunningRecording {
    /// Starts at the leg's clock.
    pub fn start(new: NewRecording, leg: &Leg, rates_hz: [u32; 2], stall_ms: u32) -> Self {
        let streams = Streams {
            rates_hz,
            late_ms: stall_ms.min(LATE_MOST_MS),
            started: leg.clock(),
            tone: leg.sounding(),
        };
        Self {
            job: new.job,
            recording: Recording::new(&new.options, new.layout, new.encoder, new.before, streams),
            out: new.out,
            before: new.before,
            started: leg.clock(),
        }
    }

    /// Its number.
    pub fn job(&self) -> u64 {
        self.job
    }

    /// What it hears.
    pub fn streams(&mut self) -> &mut Recording {
        &mut self.recording
    }

    /// What the leg heard of digits; `late`: the leg hears so much later than this does.
    pub fn tone(&mut self, tone: Tone, late: Samples) {
        match tone {
            Tone::Pressed(start, DigitSource::Inband) => {
                self.recording.digit(start.saturating_sub(late), true);
            }
            Tone::Pressed(start, DigitSource::Signalling) => self.recording.digit(start, false),
            Tone::Begins(start) => self.recording.tone_begins(start.saturating_sub(late)),
            Tone::Ends(end) => self.recording.tone_ends(end.saturating_sub(late)),
        }
    }

    /// Goes as far as is known; `false` once it has ended.
    pub fn advance(&mut self, leg: &Leg) -> bool {
        let told = leg.told_until().saturating_sub(WINDOW);
        self.recording.advance(told, &mut self.out.bytes);
        if let Some(ended) = self.recording.ended() {
            self.recording.finish(&mut self.out.bytes);
            self.close(ended);
            return false;
        }
        if self.out.spool.failed() {
            self.end(RecorderCause::Error);
            return false;
        }
        if self.out.bytes.len() >= HAND_OVER_BYTES || self.out.handed.elapsed() >= HAND_OVER {
            self.out.hand_over();
        }
        true
    }

    /// Ends it here for a reason from outside.
    pub fn end(&mut self, cause: RecorderCause) {
        let ended = self.recording.end(cause, &mut self.out.bytes);
        self.close(ended);
    }

    /// A fault was caught: what was written is kept.
    pub fn fail(&mut self, clock: Samples) {
        let mut failed = recorded(RecorderCause::Error, self.started, clock, false);
        failed.error = FAULT.into();
        self.out.finish(failed, None);
    }

    fn close(&mut self, Ended { cause, at }: Ended) {
        let audio = self.recording.audio_detected();
        let ended = self.recording.moment_of(at);
        let samples = self.before + self.recording.written();
        let recorded = recorded(cause, self.started, ended, audio);
        self.out.finish(recorded, Some(samples));
    }
}

/// What a recorder is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecorderStatus {
    /// IDLE, RECORDING or ERROR.
    pub state: RecorderState,
    /// Of the last recording; NONE while one runs and before the first.
    pub cause: RecorderCause,
    /// Of the last recording; unknown while one runs and before the first.
    pub audio_detected: Option<bool>,
}

/// The state that a cause leaves behind.
pub fn state_after(cause: RecorderCause) -> RecorderState {
    match cause {
        RecorderCause::Error => RecorderState::Error,
        _ => RecorderState::Idle,
    }
}

impl Channel {
    /// The seed's `start`: begins a recording to `path`.
    pub fn record_start(
        self: &Arc<Self>,
        path: &Path,
        options: RecordOptions,
    ) -> Result<(), Error> {
        self.record_begin(path, options, false).map(drop)
    }

    /// The seed's `record`: records to `path` until that ends.
    pub fn record(
        self: &Arc<Self>,
        path: &Path,
        options: RecordOptions,
    ) -> Result<Recorded, Error> {
        may_block()?;
        let mut options = options;
        options.timeout.get_or_insert(RECORD_TIMEOUT);
        let job = self.record_begin(path, options, true)?;
        self.await_job(job)
    }

    /// `awaited`: a thread will wait for just this recording.
    fn record_begin(
        self: &Arc<Self>,
        path: &Path,
        options: RecordOptions,
        awaited: bool,
    ) -> Result<u64, Error> {
        // Read first: a hang-up that comes in between ends the recording, and none waits for the next one.
        let hangups = self.hangups();
        self.job_may_run()?;
        let layout = options.layout()?;
        let (job, before) = {
            let mut desk = self.desk();
            let record = &desk.outbox.record;
            let before = record.number().zip(record.ended().cloned());
            (desk.outbox.start_record()?, before)
        };
        let new = self.open(path, options, layout, job);
        scrub_stack();
        let mut desk = self.desk();
        match new {
            Ok(new) => {
                if awaited {
                    desk.outbox.record.wait_for(job);
                }
                self.request_after(&mut desk, hangups, Request::Record(Box::new(new)));
                if desk.outbox.opened() {
                    self.request_after(&mut desk, hangups, Request::StopRecord(job));
                }
                Ok(job)
            }
            Err(error) => {
                desk.outbox.cancel_record(before);
                Err(error)
            }
        }
    }

    /// Makes the file; this may take as long as the disk does.
    fn open(
        self: &Arc<Self>,
        path: &Path,
        options: RecordOptions,
        layout: Layout,
        job: u64,
    ) -> Result<NewRecording, Error> {
        let Opened {
            part,
            encoder,
            before,
        } = PartFile::create(path, layout, &options)?;
        let spool = self.open_on_disk(part, job)?;
        Ok(NewRecording {
            options,
            layout,
            encoder,
            before,
            out: Out {
                spool,
                bytes: Vec::new(),
                handed: Instant::now(),
            },
            job,
        })
    }

    /// The seed's `stop`: ends the recording that runs, if any, and waits until its file is whole; `timeout` 0 does not wait.
    pub fn record_stop(&self, timeout: Option<Duration>) -> Result<(), Error> {
        if timeout != Some(Duration::ZERO) {
            may_block()?;
        }
        self.job_may_run()?;
        self.stop_job::<Recorded>(timeout, |desk, job| {
            if !desk.outbox.stop_opening() {
                self.request(desk, Request::StopRecord(job));
            }
        })
    }

    /// The seed's `wait_until_finished`: waits for the recording that runs, or answers how the last one ended.
    pub fn record_wait(&self, timeout: Option<Duration>) -> Result<Recorded, Error> {
        may_block()?;
        self.job_may_run()?;
        self.wait_ended(timeout)
    }

    /// How the last recording ended; ErrAgain while one runs and before the first.
    pub fn recorded(&self) -> Result<Recorded, Error> {
        self.ended()
    }

    /// State, cause, and whether there was audio.
    pub fn recorder(&self) -> RecorderStatus {
        let desk = self.desk();
        let record = &desk.outbox.record;
        match (record.running(), record.ended()) {
            (None, Some(recorded)) => RecorderStatus {
                state: state_after(recorded.cause),
                cause: recorded.cause,
                audio_detected: Some(recorded.audio_detected),
            },
            (running, _) => RecorderStatus {
                state: running.map_or(RecorderState::Idle, |_| RecorderState::Recording),
                cause: RecorderCause::None,
                audio_detected: None,
            },
        }
    }

    /// Pauses, resumes, masks or unmasks the recording that runs, from this place in the audio on.
    pub fn record_control(&self, control: Control) -> Result<(), Error> {
        self.job_may_run()?;
        let mut desk = self.desk();
        if desk.outbox.record.running().is_none() || desk.outbox.is_opening() {
            return Err(Error::new(Status::ErrState, "no recording is in progress"));
        }
        let hangups = self.hangups();
        self.request_after(&mut desk, hangups, Request::ControlRecord(control));
        Ok(())
    }
}
