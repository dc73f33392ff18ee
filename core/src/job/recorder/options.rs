//! What a recording is asked for.
#![forbid(unsafe_code)]

use super::job::{Limits, samples};
use crate::codec::Layout;
use crate::codec::cipher::Cipher;
use crate::time::{Timeout, to_ms};
use crate::types::{Error, RecorderFormat, RecorderSource};

/// Audio bytes of a file by default: the seed's two minutes of 16 bits at 8 kHz.
const MAX_BYTES: u64 = 1_920_000;

/// The seed's `milliseconds_max_silence`.
const MAX_SILENCE_MS: u64 = 10_000;

/// The seed's `seconds_timeout` of `record`; `start` has none.
pub const RECORD_TIMEOUT: Timeout = Timeout::After(120 * 8000);

/// Thresholds of silence that a host may set.
pub const SILENCE_DBM0: std::ops::RangeInclusive<f32> = -60.0..=-10.0;

/// What is done about a file that exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// The recording is refused.
    #[default]
    Refuse,
    /// It is replaced when the recording is whole.
    Overwrite,
    /// The recording goes on behind it.
    Append,
}

/// What a recording is asked for; the default is the seed's.
#[derive(Clone, Debug)]
pub struct RecorderOptions {
    /// The codec.
    pub file_format: RecorderFormat,
    /// One of [`crate::codec::RATES_HZ`].
    pub rate_hz: u32,
    /// How long the whole may take; `None`: the default of the call.
    pub timeout: Option<Timeout>,
    /// The most audio bytes; 0 is no limit.
    pub max_bytes: u64,
    /// Silence after which to stop; 0 is no limit.
    pub max_silence_ms: u64,
    /// Silence to wait for audio before the file begins; 0: it begins at once.
    pub initial_silence_ms: u64,
    /// A digit ends it.
    pub barge_in: bool,
    /// What is recorded.
    pub source: RecorderSource,
    /// The level that divides silence from audio; `None`: the line's noise does.
    pub silence_dbm0: Option<f32>,
    /// DTMF tones are silenced in the file.
    pub squelch_dtmf: bool,
    /// What is done about a file that exists.
    pub existing: Existing,
    /// What the file is encrypted with.
    pub cipher: Option<Cipher>,
}

impl Default for RecorderOptions {
    fn default() -> Self {
        Self {
            file_format: RecorderFormat::Alaw,
            rate_hz: 8000,
            timeout: None,
            max_bytes: MAX_BYTES,
            max_silence_ms: MAX_SILENCE_MS,
            initial_silence_ms: 0,
            barge_in: false,
            source: RecorderSource::Rx,
            silence_dbm0: None,
            squelch_dtmf: false,
            existing: Existing::Refuse,
            cipher: None,
        }
    }
}

impl RecorderOptions {
    /// The file's layout; refuses a rate that is none of the recorder's and a threshold out of range.
    pub fn layout(&self) -> Result<Layout, Error> {
        if let Some(dbm0) = self.silence_dbm0
            && !SILENCE_DBM0.contains(&dbm0)
        {
            return Err(Error::invalid(format!(
                "silence_dbm0 is {dbm0}: it must be {} to {}, or 0 for the line's own noise",
                SILENCE_DBM0.start(),
                SILENCE_DBM0.end()
            )));
        }
        let channels = if self.source == RecorderSource::Both {
            2
        } else {
            1
        };
        Layout::new(self.file_format, channels, self.rate_hz)
    }

    /// The limits of a recording that goes on behind `before` samples.
    pub fn limits(&self, layout: Layout, before: u64) -> Limits {
        let of = |ms| (ms > 0).then(|| samples(ms, layout.rate_hz));
        Limits {
            size: (self.max_bytes > 0)
                .then(|| layout.samples(self.max_bytes).saturating_sub(before)),
            max_silence: of(self.max_silence_ms),
            initial_silence: of(self.initial_silence_ms),
            timeout: match self.timeout {
                Some(Timeout::After(time)) => Some(samples(to_ms(time), layout.rate_hz)),
                Some(Timeout::Forever) | None => None,
            },
            barge_in: self.barge_in,
            squelch_dtmf: self.squelch_dtmf,
        }
    }
}
