//! One stream of a recording: resampling, silence detection, and the samples that are not yet written.
#![forbid(unsafe_code)]

use crate::detect::silence::{AudioSpan, SilenceDetector};
use crate::dsp::resample::Resampler;

/// Silence, in blocks of 1024 samples.
const ZEROS: [i16; 1024] = [0; 1024];

/// RX or TX of a recording. Times are samples at the file's rate since the start of the recording.
#[derive(Debug)]
pub struct RecordedStream {
    rate_hz: u32,
    file_hz: u32,
    /// Samples at the stream's rate, gaps included.
    count: u64,
    resampler: Resampler,
    /// Samples at the file's rate that are not yet written.
    pending: Vec<i16>,
    /// Time of the first pending sample.
    pending_from: u64,
    silence_detector: SilenceDetector,
}

impl RecordedStream {
    /// A stream at `rate_hz`. `silence_dbm0`: fixed silence threshold.
    pub fn new(rate_hz: u32, file_hz: u32, silence_dbm0: Option<f32>) -> Self {
        Self {
            rate_hz,
            file_hz,
            count: 0,
            resampler: Resampler::new(rate_hz, file_hz).expect("both rates were checked"),
            pending: Vec::new(),
            pending_from: 0,
            silence_detector: SilenceDetector::new(file_hz, silence_dbm0),
        }
    }

    /// Rate of the stream.
    pub fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Appends samples at the stream's rate; adds the audio spans found to `spans`.
    pub fn process(&mut self, samples: &[i16], spans: &mut Vec<AudioSpan>) {
        self.count += samples.len() as u64;
        let from = self.pending.len();
        self.resampler.process(samples, &mut self.pending);
        self.silence_detector.process(&self.pending[from..], spans);
    }

    /// Appends `count` samples of silence at the stream's rate.
    pub fn gap(&mut self, mut count: u64, spans: &mut Vec<AudioSpan>) {
        while count > 0 {
            let part = count.min(ZEROS.len() as u64);
            self.process(&ZEROS[..part as usize], spans);
            count -= part;
        }
    }

    /// Advances time by `count` samples at the stream's rate that are not recorded.
    pub fn skip(&mut self, count: u64) {
        self.count += count;
    }

    /// Appends silence up to `time`. Returns its length in samples at the stream's rate.
    pub fn fill_to(&mut self, time: u64, spans: &mut Vec<AudioSpan>) -> u64 {
        let due = time * u64::from(self.rate_hz) / u64::from(self.file_hz);
        let missing = due.saturating_sub(self.count);
        self.gap(missing, spans);
        missing
    }

    /// End of the stream, the samples in the resampler included.
    pub fn end(&self) -> u64 {
        (self.count * u64::from(self.file_hz)).div_ceil(u64::from(self.rate_hz))
    }

    /// End of the samples that have left the resampler.
    pub fn resampled_until(&self) -> u64 {
        self.pending_from + self.pending.len() as u64
    }

    /// Time before which all audio spans were reported.
    pub fn spans_until(&self) -> u64 {
        self.silence_detector.complete_until()
    }

    /// Ends the stream: takes the last samples out of the resampler and reports the last span.
    pub fn finish(&mut self, spans: &mut Vec<AudioSpan>) {
        let from = self.pending.len();
        self.resampler.finish(&mut self.pending);
        self.silence_detector.process(&self.pending[from..], spans);
        self.silence_detector.finish(spans);
    }

    /// The samples from `from` up to `to`, padded with silence.
    pub fn samples(&self, from: u64, to: u64) -> impl Iterator<Item = i16> {
        let length = self.pending.len() as u64;
        let index = |time: u64| time.saturating_sub(self.pending_from).min(length) as usize;
        let (first, last) = (index(from), index(to));
        let missing = (to - from) as usize - (last - first);
        self.pending[first..last]
            .iter()
            .copied()
            .chain(std::iter::repeat_n(0, missing))
    }

    /// Drops the samples before `time`.
    pub fn drop_before(&mut self, time: u64) {
        let count = time
            .saturating_sub(self.pending_from)
            .min(self.pending.len() as u64);
        self.pending.drain(..count as usize);
        self.pending_from += count;
    }
}
