//! Assembly of a recording's audio: both streams go in, the bytes of the file come out.
//!
//! Each stream is resampled to the file's rate as it arrives. Audio that is not decided yet (the head of a tone that may be a
//! digit, silence that may be the last) waits here; decided audio is mixed or interleaved, encoded, and appended to the bytes.
#![forbid(unsafe_code)]

use super::job::{Control, Ended, Fate, Piece, RecorderJob, samples};
use super::options::RecorderOptions;
use crate::codec::{Encoder, Layout};
use crate::detect::silence::{AudioSpan, SilenceDetector};
use crate::dsp::resample::Resampler;
use crate::time::{RATE_HZ, Samples};
use crate::types::{RecorderCause, RecorderSource};

/// Silence is made in blocks of this many samples.
const ZEROS: [i16; 1024] = [0; 1024];

/// With `stall_ms = 0`, RX waits this long for TX at most.
const WAIT_MOST_MS: u64 = 60_000;

/// TX that lags RX by this much is not being sent: more than two frames, or two threads of a host, are apart.
const LATE_MOST_MS: u32 = 200;

/// At the end, TX may be ahead of RX by one frame: this much is kept.
const AHEAD_MOST_MS: u64 = 60;

/// One stream of the recording.
#[derive(Debug)]
struct Lane {
    rate_hz: u32,
    file_hz: u32,
    /// Samples at the stream's rate, gaps included.
    count: u64,
    resampler: Resampler,
    /// Undecided samples at the file's rate, and the time of the first.
    pending: Vec<i16>,
    begins: u64,
    activity: SilenceDetector,
}

impl Lane {
    fn new(rate_hz: u32, file_hz: u32, silence_dbm0: Option<f32>) -> Self {
        Self {
            rate_hz,
            file_hz,
            count: 0,
            resampler: Resampler::new(rate_hz, file_hz).expect("both rates were checked"),
            pending: Vec::new(),
            begins: 0,
            activity: SilenceDetector::new(file_hz, silence_dbm0),
        }
    }

    fn process(&mut self, samples: &[i16], found: &mut Vec<AudioSpan>) {
        self.count += samples.len() as u64;
        let from = self.pending.len();
        self.resampler.process(samples, &mut self.pending);
        self.activity.process(&self.pending[from..], found);
    }

    fn gap(&mut self, mut count: u64, found: &mut Vec<AudioSpan>) {
        while count > 0 {
            let part = count.min(ZEROS.len() as u64);
            self.process(&ZEROS[..part as usize], found);
            count -= part;
        }
    }

    /// Adds silence up to `time`. Returns its length in samples at the stream's rate.
    fn fill_to(&mut self, time: u64, found: &mut Vec<AudioSpan>) -> u64 {
        let due = time * u64::from(self.rate_hz) / u64::from(self.file_hz);
        let missing = due.saturating_sub(self.count);
        self.gap(missing, found);
        missing
    }

    /// End of the stream in samples at the file's rate, those in the resampler included.
    fn time(&self) -> u64 {
        (self.count * u64::from(self.file_hz)).div_ceil(u64::from(self.rate_hz))
    }

    /// End of the samples that have left the resampler.
    fn here(&self) -> u64 {
        self.begins + self.pending.len() as u64
    }

    fn finish(&mut self, found: &mut Vec<AudioSpan>) {
        let from = self.pending.len();
        self.resampler.finish(&mut self.pending);
        self.activity.process(&self.pending[from..], found);
        self.activity.finish(found);
    }

    /// The samples of a piece, padded with silence.
    fn samples(&self, from: u64, to: u64) -> impl Iterator<Item = i16> {
        let known = self.pending.len() as u64;
        let at = |time: u64| time.saturating_sub(self.begins).min(known) as usize;
        let (first, last) = (at(from), at(to));
        let missing = (to - from) as usize - (last - first);
        self.pending[first..last]
            .iter()
            .copied()
            .chain(std::iter::repeat_n(0, missing))
    }

    fn forget_before(&mut self, time: u64) {
        let done = time
            .saturating_sub(self.begins)
            .min(self.pending.len() as u64);
        self.pending.drain(..done as usize);
        self.begins += done;
    }
}

/// What the host asked of a recording, and the file that it goes into.
pub struct RecordingStart {
    /// Options of the recording.
    pub options: RecorderOptions,
    /// Layout of the file.
    pub layout: Layout,
    /// Encoder of the file; for a file that is appended to, in the state at its end.
    pub encoder: Encoder,
    /// Samples that the file holds already.
    pub before: u64,
    /// `stall_ms` of the channel; 0 is media time alone: TX is waited for up to 60 s.
    pub stall_ms: u32,
}

impl std::fmt::Debug for RecordingStart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecordingStart")
    }
}

/// State of the call when a recording starts.
#[derive(Clone, Copy, Debug)]
pub struct RecordingInput {
    /// Rates of RX and TX.
    pub rates_hz: [u32; 2],
    /// Media time.
    pub started: Samples,
    /// Whether a DTMF tone sounds.
    pub tone: bool,
}

/// End of a recording's audio. The file is finished after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingEnd {
    /// Why it ended.
    pub cause: RecorderCause,
    /// Media time at the start.
    pub started: Samples,
    /// Media time at the end: a limit's own time, not the time at which it was noticed.
    pub ended: Samples,
    /// Whether the file has audio in it.
    pub audio_detected: bool,
    /// Samples (of each channel) in the whole file; `None` after a fault.
    pub samples: Option<u64>,
    /// The last bytes of the file.
    pub bytes: Vec<u8>,
}

/// A running recording.
#[derive(Debug)]
pub struct Recording {
    job: RecorderJob,
    source: RecorderSource,
    layout: Layout,
    encoder: Encoder,
    /// Samples that the file held before.
    before: u64,
    rx: Lane,
    tx: Lane,
    started: Samples,
    late: u64,
    media_alone: bool,
    /// TX is late: its silence is written without waiting.
    tx_idle: bool,
    /// Silence of TX written without waiting; a gap reported later covers it.
    tx_granted: u64,
    found: Vec<AudioSpan>,
    pieces: Vec<Piece>,
    line: Vec<i16>,
    /// Bytes of the file that the caller has not taken.
    bytes: Vec<u8>,
}

impl Recording {
    /// Starts a recording.
    pub fn new(start: RecordingStart, input: RecordingInput) -> Self {
        let RecordingStart {
            options,
            layout,
            encoder,
            before,
            stall_ms,
        } = start;
        let lane = |rate| Lane::new(rate, layout.rate_hz, options.silence_dbm0);
        let late_ms = match stall_ms.min(LATE_MOST_MS) {
            0 => WAIT_MOST_MS,
            ms => u64::from(ms),
        };
        Self {
            job: RecorderJob::new(options.limits(layout, before), layout.rate_hz, input.tone),
            source: options.source,
            layout,
            encoder,
            before,
            rx: lane(input.rates_hz[0]),
            tx: lane(input.rates_hz[1]),
            started: input.started,
            late: samples(late_ms, layout.rate_hz),
            media_alone: stall_ms == 0,
            tx_idle: false,
            tx_granted: 0,
            found: Vec::new(),
            pieces: Vec::new(),
            line: Vec::new(),
            bytes: Vec::new(),
        }
    }

    fn wants(&self) -> [bool; 2] {
        [
            self.source != RecorderSource::Tx,
            self.source != RecorderSource::Rx,
        ]
    }

    /// Samples of RX at its rate.
    pub fn rx(&mut self, samples: &[i16]) {
        if self.wants()[0] {
            self.rx.process(samples, &mut self.found);
        } else {
            self.rx.count += samples.len() as u64;
        }
    }

    /// `count` samples of RX at its rate are missing, or time passed without audio.
    pub fn rx_gap(&mut self, count: u64) {
        if self.wants()[0] {
            self.rx.gap(count, &mut self.found);
        } else {
            self.rx.count += count;
        }
    }

    /// Samples of TX at its rate.
    pub fn tx(&mut self, samples: &[i16]) {
        if self.wants()[1] {
            if std::mem::take(&mut self.tx_idle) {
                // TX resumes: its audio belongs to the present.
                let rates = (u64::from(self.layout.rate_hz), u64::from(self.tx.rate_hz));
                let long = samples.len() as u64 * rates.0 / rates.1;
                let begins = self.rx.time().saturating_sub(long);
                self.tx.fill_to(begins, &mut self.found);
            }
            self.tx_granted = 0;
            self.tx.process(samples, &mut self.found);
        }
    }

    /// `count` samples of TX at its rate are missing.
    pub fn tx_gap(&mut self, count: u64) {
        if self.wants()[1] {
            let granted = self.tx_granted.min(count);
            self.tx_granted -= granted;
            self.tx_idle = false;
            self.tx.gap(count - granted, &mut self.found);
        }
    }

    /// The file's time of a media time; `None` before the start.
    fn time_of(&self, moment: Samples) -> Option<u64> {
        let since = moment.checked_sub(self.started)?;
        Some(since * u64::from(self.layout.rate_hz) / u64::from(RATE_HZ))
    }

    /// A key press that began at media time `start`; `tone`: in-band.
    pub fn digit(&mut self, start: Samples, tone: bool) {
        if let Some(start) = self.time_of(start) {
            self.job.digit(start, tone);
        }
    }

    /// A DTMF tone of RX begins.
    pub fn tone_begins(&mut self, start: Samples) {
        let start = self.time_of(start).unwrap_or(0);
        if self.wants()[0] {
            self.job.tone_begins(start);
        }
    }

    /// The DTMF tone ends.
    pub fn tone_ends(&mut self, end: Samples) {
        let end = self.time_of(end).unwrap_or(0);
        self.job.tone_ends(end);
    }

    /// The host pauses, resumes, masks or unmasks now.
    pub fn control(&mut self, control: Control) {
        self.job.control(self.now(), control);
    }

    fn now(&self) -> u64 {
        match self.source {
            RecorderSource::Tx if self.media_alone => self.tx.time(),
            _ => self.rx.time(),
        }
    }

    /// Decides what it can: digits that began before `complete` have been given. Returns the end if a limit ended it.
    pub fn advance(&mut self, complete: Samples) -> Option<RecordingEnd> {
        if self.wants()[1] {
            let now = self.rx.time();
            self.tx_idle |= self.tx.time() + self.late < now;
            if self.tx_idle {
                self.tx_granted += self.tx.fill_to(now, &mut self.found);
            }
        }
        let [rx, tx] = self.wants();
        let of = |wanted, time| if wanted { time } else { u64::MAX };
        let here = of(rx, self.rx.here()).min(of(tx, self.tx.here()));
        let judged = of(rx, self.rx.activity.complete_until())
            .min(of(tx, self.tx.activity.complete_until()));
        for stretch in self.found.drain(..) {
            self.job.audio(stretch);
        }
        self.job.known(judged, self.time_of(complete).unwrap_or(0));
        self.job.advance(here, &mut self.pieces);
        self.write();
        let ended = self.job.ended()?;
        self.encoder.finish(&mut self.bytes);
        Some(self.take_end(ended))
    }

    /// Ends the recording at this place for `cause`, unless a limit was reached before.
    pub fn end(mut self, cause: RecorderCause) -> RecordingEnd {
        // TX may be one frame ahead of RX: it is kept.
        let [rx, tx] = self.wants();
        let most = self.now() + samples(AHEAD_MOST_MS, self.layout.rate_hz);
        let now = if tx {
            self.now().max(self.tx.time().min(most))
        } else {
            self.now()
        };
        if tx {
            self.tx.fill_to(now, &mut self.found);
            self.tx.finish(&mut self.found);
        }
        if rx {
            self.rx.fill_to(now, &mut self.found);
            self.rx.finish(&mut self.found);
        }
        for stretch in self.found.drain(..) {
            self.job.audio(stretch);
        }
        self.job.end(cause, now, &mut self.pieces);
        self.write();
        self.encoder.finish(&mut self.bytes);
        let ended = self.job.ended().unwrap_or(Ended { cause, at: now });
        self.take_end(ended)
    }

    /// Ends the recording at `clock` after a fault: the bytes made so far are kept.
    pub fn failed(mut self, clock: Samples) -> RecordingEnd {
        RecordingEnd {
            cause: RecorderCause::Error,
            started: self.started,
            ended: clock,
            audio_detected: false,
            samples: None,
            bytes: std::mem::take(&mut self.bytes),
        }
    }

    fn take_end(&mut self, Ended { cause, at }: Ended) -> RecordingEnd {
        RecordingEnd {
            cause,
            started: self.started,
            ended: self.started + at * u64::from(RATE_HZ) / u64::from(self.layout.rate_hz),
            audio_detected: self.job.audio_detected(),
            samples: Some(self.before + self.job.written()),
            bytes: std::mem::take(&mut self.bytes),
        }
    }

    /// Bytes of the file that the caller has not taken; the caller drains them.
    pub fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    fn write(&mut self) {
        for Piece { from, to, fate } in self.pieces.drain(..) {
            let length = (to - from) as usize;
            self.line.clear();
            match (fate, self.source) {
                (Fate::Dropped, _) => {}
                (Fate::Masked, _) => self
                    .line
                    .resize(length * usize::from(self.layout.channels), 0),
                (Fate::Squelched, RecorderSource::Rx) => self.line.resize(length, 0),
                (_, RecorderSource::Rx) => self.line.extend(self.rx.samples(from, to)),
                (Fate::Squelched, RecorderSource::Mixed) | (_, RecorderSource::Tx) => {
                    self.line.extend(self.tx.samples(from, to));
                }
                (_, RecorderSource::Mixed) => {
                    let pairs = self.rx.samples(from, to).zip(self.tx.samples(from, to));
                    self.line.extend(pairs.map(|(r, t)| r.saturating_add(t)));
                }
                (fate, RecorderSource::Both) => {
                    let rx = if fate == Fate::Squelched { 0 } else { -1 };
                    let pairs = self.rx.samples(from, to).zip(self.tx.samples(from, to));
                    self.line.extend(pairs.flat_map(|(r, t)| [r & rx, t]));
                }
            }
            self.encoder.encode(&self.line, &mut self.bytes);
            self.rx.forget_before(to);
            self.tx.forget_before(to);
        }
    }
}
