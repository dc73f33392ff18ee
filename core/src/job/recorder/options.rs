//! Options of a recording.
#![forbid(unsafe_code)]

use super::job::{Limits, samples};
use crate::codec::Layout;
use crate::codec::cipher::Cipher;
use crate::time::{Timeout, to_ms};
use crate::types::{Error, RecorderFormat, RecorderSource};

/// Default of `max_bytes`: 120 s of 16-bit samples at 8 kHz.
const MAX_BYTES: u64 = 1_920_000;

/// Default of `milliseconds_max_silence`.
const MAX_SILENCE_MS: u64 = 10_000;

/// Default of `seconds_timeout` of a blocking `record`, 120 s; a recording in the background has no timeout by default.
pub const RECORD_TIMEOUT: Timeout = Timeout::After(120 * 8000);

/// Range of `silence_dbm0`, dBm0.
pub const SILENCE_DBM0: std::ops::RangeInclusive<f32> = -60.0..=-10.0;

/// Default of `file_mode`: the owner reads and writes, the group reads.
const FILE_MODE: u32 = 0o640;

/// Bits that each `file_mode` has: the recorder reads its own file to append to it, and to recover it.
const FILE_MODE_OWNER: u32 = 0o600;

/// What to do if the file exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// Refuse the recording.
    #[default]
    Refuse,
    /// Replace the file once the recording is complete.
    Overwrite,
    /// Append the recording to the file.
    Append,
}

/// Options of a recording; the defaults are those of the contract (docs/reference/contract.md).
#[derive(Clone, Debug)]
pub struct RecorderOptions {
    /// Codec of the file.
    pub file_format: RecorderFormat,
    /// Rate of the file, one of [`crate::codec::RATES_HZ`].
    pub rate_hz: u32,
    /// Limit on the whole recording; `None`: the default of the function that starts it.
    pub timeout: Option<Timeout>,
    /// Limit on the audio bytes of the file; 0: none.
    pub max_bytes: u64,
    /// Silence that ends the recording, ms; 0: no limit.
    pub max_silence_ms: u64,
    /// Limit on the wait for the first audio, ms, with which the file then begins; 0: the file begins at once.
    pub initial_silence_ms: u64,
    /// Whether a digit ends the recording.
    pub barge_in: bool,
    /// Streams that are recorded.
    pub source: RecorderSource,
    /// Level below which audio is silence, dBm0; `None`: derived from the line's noise.
    pub silence_dbm0: Option<f32>,
    /// Whether DTMF tones are replaced by silence in the file.
    pub squelch_dtmf: bool,
    /// What to do if the file exists.
    pub existing: Existing,
    /// Permission bits of the file, 0o600 to 0o777, with read and write for the owner. The umask does not change them.
    pub file_mode: u32,
    /// Key and IV of an encrypted file; `None`: not encrypted.
    pub cipher: Option<Cipher>,
    /// Whether an encrypted file ends with an HMAC, by which changes are found. Needs `cipher`.
    pub cipher_mac: bool,
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
            file_mode: FILE_MODE,
            cipher: None,
            cipher_mac: false,
        }
    }
}

impl RecorderOptions {
    /// Layout of the file. A rate that is not supported, or a threshold or a mode out of range, is ERR_INVALID.
    pub fn layout(&self) -> Result<Layout, Error> {
        self.check_file_mode()?;
        if let Some(dbm0) = self.silence_dbm0
            && !SILENCE_DBM0.contains(&dbm0)
        {
            return Err(Error::invalid(format!(
                "silence_dbm0 is {dbm0}: it must be {} to {}, or 0 for a threshold from the line's noise",
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

    fn check_file_mode(&self) -> Result<(), Error> {
        let mode = self.file_mode;
        if mode > 0o777 || mode & FILE_MODE_OWNER != FILE_MODE_OWNER {
            return Err(Error::invalid(format!(
                "file_mode is {mode:04o}: it must be 0600 to 0777 (octal), with read and write for the owner"
            )));
        }
        Ok(())
    }

    /// The limits in samples of the file. `before`: samples in the file that is appended to.
    pub fn limits(&self, layout: Layout, before: u64) -> Limits {
        let limit = |ms| (ms > 0).then(|| samples(ms, layout.rate_hz));
        Limits {
            size: (self.max_bytes > 0)
                .then(|| layout.samples(self.max_bytes).saturating_sub(before)),
            max_silence: limit(self.max_silence_ms),
            initial_silence: limit(self.initial_silence_ms),
            timeout: match self.timeout {
                Some(Timeout::After(time)) => Some(samples(to_ms(time), layout.rate_hz)),
                Some(Timeout::Forever) | None => None,
            },
            barge_in: self.barge_in,
            squelch_dtmf: self.squelch_dtmf,
        }
    }
}
