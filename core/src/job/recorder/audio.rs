//! Assembly of a recording's audio: RX and TX go in, the bytes of the file come out.
//!
//! Each stream is resampled to the file's rate as it arrives. Audio waits in its stream until the job has decided on it: the head
//! of a tone may be a digit, and silence may be the last. Then it is mixed or interleaved, encoded, and appended to the bytes.
#![forbid(unsafe_code)]

use super::job::{Control, Ended, RecorderJob, Segment, Treatment, samples};
use super::options::RecorderOptions;
use super::stream::RecordedStream;
use crate::codec::{Encoder, Layout};
use crate::detect::silence::AudioSpan;
use crate::time::{RATE_HZ, Samples};
use crate::types::{RecorderCause, RecorderSource};

/// Longest lag of TX behind RX with `stall_ms = 0`, ms.
const MAX_TX_LAG_WITHOUT_STALL_MS: u64 = 60_000;

/// Longest lag of TX behind RX, ms; above it TX is taken for silent. Two frames, or two threads of a host, lag less.
const MAX_TX_LAG_MS: u32 = 200;

/// Longest lead of TX over RX that is kept at the end, ms: one frame.
const MAX_TX_LEAD_MS: u64 = 60;

/// Options and file of a recording that starts.
pub struct RecordingStart {
    /// Options of the recording.
    pub options: RecorderOptions,
    /// Layout of the file.
    pub layout: Layout,
    /// Encoder of the file; for append, in the state at the end of the file.
    pub encoder: Encoder,
    /// Samples of each channel in the file that is appended to; else 0.
    pub before: u64,
    /// `stall_ms` of the channel. With 0, time follows the media alone, and TX may lag RX by 60 s.
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
    /// Media time at the start.
    pub started: Samples,
    /// Whether a DTMF tone of RX sounds.
    pub tone: bool,
}

/// End of a recording's audio. The file is not yet complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingEnd {
    /// Why it ended.
    pub cause: RecorderCause,
    /// Media time at the start.
    pub started: Samples,
    /// Media time at the end; after a limit, the time at which it was reached.
    pub ended: Samples,
    /// Whether the recording contains audio above the silence threshold.
    pub audio_detected: bool,
    /// Samples of each channel in the whole file; `None` after a fault.
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
    /// Samples of each channel in the file that is appended to.
    before: u64,
    rx: RecordedStream,
    tx: RecordedStream,
    started: Samples,
    /// Longest lag of TX behind RX.
    max_tx_lag: u64,
    /// With `stall_ms = 0`, time follows the media alone.
    media_time_only: bool,
    /// TX lags too far: it is filled with silence.
    tx_idle: bool,
    /// Silence filled in for TX, at its rate; a gap reported later is reduced by it.
    tx_filled: u64,
    /// Buffers: new audio spans, segments to be written, samples of a segment.
    spans: Vec<AudioSpan>,
    segments: Vec<Segment>,
    samples: Vec<i16>,
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
        let stream = |rate| RecordedStream::new(rate, layout.rate_hz, options.silence_dbm0);
        let max_tx_lag_ms = match stall_ms.min(MAX_TX_LAG_MS) {
            0 => MAX_TX_LAG_WITHOUT_STALL_MS,
            ms => u64::from(ms),
        };
        Self {
            job: RecorderJob::new(options.limits(layout, before), layout.rate_hz, input.tone),
            source: options.source,
            layout,
            encoder,
            before,
            rx: stream(input.rates_hz[0]),
            tx: stream(input.rates_hz[1]),
            started: input.started,
            max_tx_lag: samples(max_tx_lag_ms, layout.rate_hz),
            media_time_only: stall_ms == 0,
            tx_idle: false,
            tx_filled: 0,
            spans: Vec::new(),
            segments: Vec::new(),
            samples: Vec::new(),
            bytes: Vec::new(),
        }
    }

    /// Whether RX and TX are recorded.
    fn records(&self) -> [bool; 2] {
        [
            self.source != RecorderSource::Tx,
            self.source != RecorderSource::Rx,
        ]
    }

    /// Samples of RX at its rate.
    pub fn rx(&mut self, samples: &[i16]) {
        if self.records()[0] {
            self.rx.process(samples, &mut self.spans);
        } else {
            self.rx.skip(samples.len() as u64);
        }
    }

    /// `count` samples of RX at its rate are missing, or time passed without audio.
    pub fn rx_gap(&mut self, count: u64) {
        if self.records()[0] {
            self.rx.gap(count, &mut self.spans);
        } else {
            self.rx.skip(count);
        }
    }

    /// Samples of TX at its rate.
    pub fn tx(&mut self, samples: &[i16]) {
        if self.records()[1] {
            if std::mem::take(&mut self.tx_idle) {
                // TX resumes: its samples end at the present.
                let rates = (u64::from(self.layout.rate_hz), u64::from(self.tx.rate_hz()));
                let length = samples.len() as u64 * rates.0 / rates.1;
                let from = self.rx.end().saturating_sub(length);
                self.tx.fill_to(from, &mut self.spans);
            }
            self.tx_filled = 0;
            self.tx.process(samples, &mut self.spans);
        }
    }

    /// `count` samples of TX at its rate are missing.
    pub fn tx_gap(&mut self, count: u64) {
        if self.records()[1] {
            let filled = self.tx_filled.min(count);
            self.tx_filled -= filled;
            self.tx_idle = false;
            self.tx.gap(count - filled, &mut self.spans);
        }
    }

    /// Time of the recording at a media time; `None` before the start.
    fn time_at(&self, media_time: Samples) -> Option<u64> {
        let since = media_time.checked_sub(self.started)?;
        Some(since * u64::from(self.layout.rate_hz) / u64::from(RATE_HZ))
    }

    /// A key press that began at media time `start`; `tone`: in-band.
    pub fn digit(&mut self, start: Samples, tone: bool) {
        if let Some(start) = self.time_at(start) {
            self.job.digit(start, tone);
        }
    }

    /// A DTMF tone of RX begins.
    pub fn tone_begins(&mut self, start: Samples) {
        let start = self.time_at(start).unwrap_or(0);
        if self.records()[0] {
            self.job.tone_begins(start);
        }
    }

    /// The DTMF tone ends.
    pub fn tone_ends(&mut self, end: Samples) {
        let end = self.time_at(end).unwrap_or(0);
        self.job.tone_ends(end);
    }

    /// A command of the host, at the present time.
    pub fn control(&mut self, control: Control) {
        self.job.control(self.now(), control);
    }

    /// Time of the recording.
    fn now(&self) -> u64 {
        match self.source {
            RecorderSource::Tx if self.media_time_only => self.tx.end(),
            _ => self.rx.end(),
        }
    }

    /// Writes the audio that is decided; all digits that began before media time `digits_until` were given. Returns the end if a
    /// limit was reached.
    pub fn advance(&mut self, digits_until: Samples) -> Option<RecordingEnd> {
        if self.records()[1] {
            let now = self.rx.end();
            self.tx_idle |= self.tx.end() + self.max_tx_lag < now;
            if self.tx_idle {
                self.tx_filled += self.tx.fill_to(now, &mut self.spans);
            }
        }
        let [rx, tx] = self.records();
        let if_recorded = |recorded, time| if recorded { time } else { u64::MAX };
        let now = if_recorded(rx, self.rx.resampled_until())
            .min(if_recorded(tx, self.tx.resampled_until()));
        let spans_until =
            if_recorded(rx, self.rx.spans_until()).min(if_recorded(tx, self.tx.spans_until()));
        for span in self.spans.drain(..) {
            self.job.add_span(span);
        }
        let digits_until = self.time_at(digits_until).unwrap_or(0);
        self.job.set_complete_until(spans_until, digits_until);
        self.job.advance(now, &mut self.segments);
        self.write();
        let ended = self.job.ended()?;
        self.encoder.finish(&mut self.bytes);
        Some(self.take_end(ended))
    }

    /// Ends the recording now with `cause`, unless a limit was reached before.
    pub fn end(mut self, cause: RecorderCause) -> RecordingEnd {
        // TX may lead RX by one frame, which is kept.
        let [rx, tx] = self.records();
        let max_end = self.now() + samples(MAX_TX_LEAD_MS, self.layout.rate_hz);
        let now = if tx {
            self.now().max(self.tx.end().min(max_end))
        } else {
            self.now()
        };
        if tx {
            self.tx.fill_to(now, &mut self.spans);
            self.tx.finish(&mut self.spans);
        }
        if rx {
            self.rx.fill_to(now, &mut self.spans);
            self.rx.finish(&mut self.spans);
        }
        for span in self.spans.drain(..) {
            self.job.add_span(span);
        }
        self.job.end(cause, now, &mut self.segments);
        self.write();
        self.encoder.finish(&mut self.bytes);
        let ended = self.job.ended().unwrap_or(Ended { cause, at: now });
        self.take_end(ended)
    }

    /// Ends the recording at media time `clock` after a fault. The bytes so far are kept.
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

    /// Pending bytes of the file; the caller drains them.
    pub fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Encodes the segments.
    fn write(&mut self) {
        for Segment {
            from,
            to,
            treatment,
        } in self.segments.drain(..)
        {
            let length = (to - from) as usize;
            self.samples.clear();
            match (treatment, self.source) {
                (Treatment::Drop, _) => {}
                (Treatment::Mask, _) => self
                    .samples
                    .resize(length * usize::from(self.layout.channels), 0),
                (Treatment::Squelch, RecorderSource::Rx) => self.samples.resize(length, 0),
                (_, RecorderSource::Rx) => self.samples.extend(self.rx.samples(from, to)),
                (Treatment::Squelch, RecorderSource::Mixed) | (_, RecorderSource::Tx) => {
                    self.samples.extend(self.tx.samples(from, to));
                }
                (_, RecorderSource::Mixed) => {
                    let pairs = self.rx.samples(from, to).zip(self.tx.samples(from, to));
                    self.samples.extend(pairs.map(|(r, t)| r.saturating_add(t)));
                }
                (treatment, RecorderSource::Both) => {
                    let rx_mask = if treatment == Treatment::Squelch {
                        0
                    } else {
                        -1
                    };
                    let pairs = self.rx.samples(from, to).zip(self.tx.samples(from, to));
                    self.samples
                        .extend(pairs.flat_map(|(r, t)| [r & rx_mask, t]));
                }
            }
            self.encoder.encode(&self.samples, &mut self.bytes);
            self.rx.drop_before(to);
            self.tx.drop_before(to);
        }
    }
}
