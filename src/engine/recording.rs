//! One recording without threads and without a disk: audio of both streams in, a file's bytes out.
//!
//! Each stream is brought to the file's rate as it comes. What is not decided yet (the head of a tone that may be a digit,
//! silence that may be the last) waits here; what is decided is mixed or interleaved, coded, and handed on.
#![forbid(unsafe_code)]

use crate::cause::{RecordSource, RecorderCause};
use crate::codec::{Encoder, Layout};
use crate::detect::activity::{Activity, Stretch};
use crate::dsp::resample::Resampler;
use crate::job::record::{Control, Ended, Fate, Piece, Record, options::RecordOptions, samples};
use crate::time::{RATE_HZ, Samples};

/// Zeros are made of so many at a time.
const ZEROS: [i16; 1024] = [0; 1024];

/// The most of RX that waits for TX where nothing but media tells the time.
const WAIT_MOST_MS: u64 = 60_000;

/// How far ahead of RX the end of TX may be; more is no frame.
const AHEAD_MOST_MS: u64 = 60;

/// One stream on its way into the file.
#[derive(Debug)]
struct Lane {
    rate_hz: u32,
    file_hz: u32,
    /// Samples at the stream's rate, gaps included.
    count: u64,
    resampler: Resampler,
    /// Samples at the file's rate that are not decided, and the time of the first.
    pending: Vec<i16>,
    begins: u64,
    activity: Activity,
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
            activity: Activity::new(file_hz, silence_dbm0),
        }
    }

    fn hear(&mut self, samples: &[i16], found: &mut Vec<Stretch>) {
        self.count += samples.len() as u64;
        let from = self.pending.len();
        self.resampler.process(samples, &mut self.pending);
        self.activity.hear(&self.pending[from..], found);
    }

    fn gap(&mut self, mut count: u64, found: &mut Vec<Stretch>) {
        while count > 0 {
            let part = count.min(ZEROS.len() as u64);
            self.hear(&ZEROS[..part as usize], found);
            count -= part;
        }
    }

    /// Silence up to `time`. Answers how much, in samples at the stream's rate.
    fn fill_to(&mut self, time: u64, found: &mut Vec<Stretch>) -> u64 {
        let due = time * u64::from(self.rate_hz) / u64::from(self.file_hz);
        let missing = due.saturating_sub(self.count);
        self.gap(missing, found);
        missing
    }

    /// Time that has been heard: so many samples at the file's rate are or will be here.
    fn time(&self) -> u64 {
        (self.count * u64::from(self.file_hz)).div_ceil(u64::from(self.rate_hz))
    }

    /// Samples at the file's rate that are here.
    fn here(&self) -> u64 {
        self.begins + self.pending.len() as u64
    }

    fn finish(&mut self, found: &mut Vec<Stretch>) {
        let from = self.pending.len();
        self.resampler.finish(&mut self.pending);
        self.activity.hear(&self.pending[from..], found);
        self.activity.finish(found);
    }

    /// The samples of a piece; silence where there are none.
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

/// What a recording hears and when it is late, besides its options.
#[derive(Clone, Copy, Debug)]
pub struct Streams {
    /// Rates of RX and TX.
    pub rates_hz: [u32; 2],
    /// A TX that is so far behind RX is not being sent. 0: there is no clock but the media's, and it is waited for.
    pub late_ms: u32,
    /// The leg's clock at the start.
    pub started: Samples,
    /// A DTMF tone sounds.
    pub tone: bool,
}

/// A recording that runs.
#[derive(Debug)]
pub struct Recording {
    job: Record,
    source: RecordSource,
    layout: Layout,
    encoder: Encoder,
    rx: Lane,
    tx: Lane,
    started: Samples,
    late: u64,
    media_alone: bool,
    /// TX has not come for so long that its silence is taken for granted.
    tx_idle: bool,
    /// Samples of TX that were taken for granted so; a gap that is told later is these.
    tx_granted: u64,
    found: Vec<Stretch>,
    pieces: Vec<Piece>,
    line: Vec<i16>,
}

impl Recording {
    /// Starts; `encoder` and `before` (samples) are those of a file that is appended to, or of a new one.
    pub fn new(
        options: &RecordOptions,
        layout: Layout,
        encoder: Encoder,
        before: u64,
        streams: Streams,
    ) -> Self {
        let lane = |rate| Lane::new(rate, layout.rate_hz, options.silence_dbm0);
        Self {
            job: Record::new(options.limits(layout, before), layout.rate_hz, streams.tone),
            source: options.source,
            layout,
            encoder,
            rx: lane(streams.rates_hz[0]),
            tx: lane(streams.rates_hz[1]),
            started: streams.started,
            late: samples(
                match streams.late_ms {
                    0 => WAIT_MOST_MS,
                    ms => u64::from(ms),
                },
                layout.rate_hz,
            ),
            media_alone: streams.late_ms == 0,
            tx_idle: false,
            tx_granted: 0,
            found: Vec::new(),
            pieces: Vec::new(),
            line: Vec::new(),
        }
    }

    fn wants(&self) -> [bool; 2] {
        [
            self.source != RecordSource::Tx,
            self.source != RecordSource::Rx,
        ]
    }

    /// Samples of RX at its rate.
    pub fn rx(&mut self, samples: &[i16]) {
        if self.wants()[0] {
            self.rx.hear(samples, &mut self.found);
        } else {
            self.rx.count += samples.len() as u64;
        }
    }

    /// So many samples of RX at its rate are missing, or time went by without any.
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
                // It is sent again: what comes belongs to the time that is now.
                let rates = (u64::from(self.layout.rate_hz), u64::from(self.tx.rate_hz));
                let long = samples.len() as u64 * rates.0 / rates.1;
                let begins = self.rx.time().saturating_sub(long);
                self.tx.fill_to(begins, &mut self.found);
            }
            self.tx_granted = 0;
            self.tx.hear(samples, &mut self.found);
        }
    }

    /// So many samples of TX at its rate are missing.
    pub fn tx_gap(&mut self, count: u64) {
        if self.wants()[1] {
            let granted = self.tx_granted.min(count);
            self.tx_granted -= granted;
            self.tx_idle = false;
            self.tx.gap(count - granted, &mut self.found);
        }
    }

    /// The file's time of a moment of the leg's clock; `None` before the start.
    fn time_of(&self, moment: Samples) -> Option<u64> {
        let since = moment.checked_sub(self.started)?;
        Some(since * u64::from(self.layout.rate_hz) / u64::from(RATE_HZ))
    }

    /// A key press that began at `start` on the leg's clock, and can be heard or was told.
    pub fn digit(&mut self, start: Samples, tone: bool) {
        if let Some(start) = self.time_of(start) {
            self.job.digit(start, tone);
        }
    }

    /// A tone of the far party's begins.
    pub fn tone_begins(&mut self, start: Samples) {
        let start = self.time_of(start).unwrap_or(0);
        if self.wants()[0] {
            self.job.tone_begins(start);
        }
    }

    /// It is over.
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
            RecordSource::Tx if self.media_alone => self.tx.time(),
            _ => self.rx.time(),
        }
    }

    /// Takes in all that is known: digits are told up to `told` on the leg's clock. Appends bytes of the file.
    pub fn advance(&mut self, told: Samples, out: &mut Vec<u8>) {
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
        let heard =
            of(rx, self.rx.activity.told_until()).min(of(tx, self.tx.activity.told_until()));
        for stretch in self.found.drain(..) {
            self.job.audio(stretch);
        }
        self.job.known(heard, self.time_of(told).unwrap_or(0));
        self.job.advance(here, &mut self.pieces);
        self.write(out);
    }

    /// Ends it here, for a reason from outside unless a limit was reached before. Appends the last bytes.
    pub fn end(&mut self, cause: RecorderCause, out: &mut Vec<u8>) -> Ended {
        // TX may be a frame ahead: it is not cut off.
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
        self.write(out);
        self.finish(out);
        self.job.ended().unwrap_or(Ended { cause, at: now })
    }

    /// How it ended, if a limit ended it; then [`Recording::finish`] appends the last bytes.
    pub fn ended(&self) -> Option<Ended> {
        self.job.ended()
    }

    /// Appends what the encoder still holds.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        self.encoder.finish(out);
    }

    /// Samples (of each channel) in the file so far.
    pub fn written(&self) -> u64 {
        self.job.written()
    }

    /// Whether there was audio in what was written.
    pub fn audio_detected(&self) -> bool {
        self.job.audio_detected()
    }

    /// A moment of the file's time on the leg's clock.
    pub fn moment_of(&self, time: u64) -> Samples {
        self.started + time * u64::from(RATE_HZ) / u64::from(self.layout.rate_hz)
    }

    fn write(&mut self, out: &mut Vec<u8>) {
        for Piece { from, to, fate } in self.pieces.drain(..) {
            let length = (to - from) as usize;
            self.line.clear();
            match (fate, self.source) {
                (Fate::Dropped, _) => {}
                (Fate::Masked, _) => self
                    .line
                    .resize(length * usize::from(self.layout.channels), 0),
                (Fate::Squelched, RecordSource::Rx) => self.line.resize(length, 0),
                (_, RecordSource::Rx) => self.line.extend(self.rx.samples(from, to)),
                (Fate::Squelched, RecordSource::Mixed) | (_, RecordSource::Tx) => {
                    self.line.extend(self.tx.samples(from, to));
                }
                (_, RecordSource::Mixed) => {
                    let pairs = self.rx.samples(from, to).zip(self.tx.samples(from, to));
                    self.line.extend(pairs.map(|(r, t)| r.saturating_add(t)));
                }
                (fate, RecordSource::Both) => {
                    let rx = if fate == Fate::Squelched { 0 } else { -1 };
                    let pairs = self.rx.samples(from, to).zip(self.tx.samples(from, to));
                    self.line.extend(pairs.flat_map(|(r, t)| [r & rx, t]));
                }
            }
            self.encoder.encode(&self.line, out);
            self.rx.forget_before(to);
            self.tx.forget_before(to);
        }
    }
}
