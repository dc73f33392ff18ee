//! Options of a recording.

use super::options::{self, JobOptions};
use super::status::EARWIG_DEFAULT;
use super::{init_struct, known, switch, timeout, timeout_ms, unsigned, versioned};
use earwig_core::codec::cipher::Cipher;
use earwig_core::job::options::{existing, parse_recorder};
use earwig_core::job::recorder::{Existing, RecorderOptions};
use earwig_core::types::{Error, RecorderFormat, RecorderSource, Status};
use std::ffi::c_char;
use zeroize::Zeroize;

/// Options of a recording. `earwig_recorder_options_init` sets the defaults.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct earwig_recorder_options {
    /// Size of this struct in bytes; set by `earwig_recorder_options_init`.
    pub struct_size: usize,
    /// Codec, an `earwig_recorder_format`; `EARWIG_RECORDER_FORMAT_ALAW` by default.
    pub file_format: i32,
    /// Sample rate of the file: 6000, 8000 (default), 11000, 11025, 16000 or 48000 Hz.
    pub rate_hz: i32,
    /// Maximum duration of the recording, ms; `EARWIG_FOREVER`: no limit. `EARWIG_DEFAULT` (default): 120,000 in
    /// `earwig_recorder_record`, no limit in `earwig_recorder_start`.
    pub timeout_ms: i64,
    /// Maximum bytes of audio in the file; 1,920,000 by default. 0: no limit. With `append` the audio that the file
    /// had counts too.
    pub max_bytes: i64,
    /// Silence that ends the recording, ms; 10,000 by default. 0: no limit.
    pub max_silence_ms: i64,
    /// Maximum wait for the first audio, ms; the file begins 200 ms before that audio. 0 (default): no wait; the file
    /// begins at once.
    pub initial_silence_ms: i64,
    /// 1: a DTMF digit ends the recording; its tone is not in the file. 0 (default): it does not.
    pub barge_in: i32,
    /// Streams to record, an `earwig_recorder_source`; `EARWIG_RECORDER_SOURCE_RX` by default.
    pub source: i32,
    /// Level below which audio is silence: -60 to -10 dBm0. 0 (default): adapted to the line's noise.
    pub silence_dbm0: f32,
    /// 1: DTMF tones of RX are replaced by silence in the file. 0 (default): they stay.
    pub squelch_dtmf: i32,
    /// 1: an existing file is replaced when the recording is complete. 0 (default): it is refused.
    pub overwrite: i32,
    /// 1: the recording continues an existing file. 0 (default): it is refused. Not together with `overwrite`.
    pub append: i32,
    /// Length of `key`: 16, 24 or 32 bytes. 0 (default): the file is not encrypted.
    pub key_bytes: i32,
    /// Length of `iv`: 16 bytes; 0 without a key.
    pub iv_bytes: i32,
    /// AES key. The library wipes its own copies; the host wipes this one.
    pub key: [u8; 32],
    /// Initialization vector.
    pub iv: [u8; 16],
    /// Permission bits of the file: 0600 to 0777 (octal), with read and write for the owner. The umask does not change
    /// them. 0 is the default, 0640.
    pub file_mode: u32,
    /// 1: an encrypted file ends with an HMAC, by which `earwig validate` finds changes; `EARWIG_ERR_INVALID` at the start
    /// without a key. 0 (default): it does not.
    pub cipher_mac: i32,
}

versioned! {
    earwig_recorder_options {
        file_format, rate_hz, timeout_ms, max_bytes, max_silence_ms, initial_silence_ms, barge_in, source, silence_dbm0,
        squelch_dtmf, overwrite, append, key_bytes, iv_bytes, key, iv,
        file_mode, cipher_mac
    }
}

impl JobOptions for earwig_recorder_options {
    type Job = RecorderOptions;

    fn of(o: &RecorderOptions) -> Self {
        let mut this = Self {
            struct_size: 0,
            file_format: o.file_format as i32,
            rate_hz: o.rate_hz as i32,
            timeout_ms: o.timeout.map_or(EARWIG_DEFAULT, timeout_ms),
            max_bytes: o.max_bytes as i64,
            max_silence_ms: o.max_silence_ms as i64,
            initial_silence_ms: o.initial_silence_ms as i64,
            barge_in: i32::from(o.barge_in),
            source: o.source as i32,
            silence_dbm0: o.silence_dbm0.unwrap_or(0.0),
            squelch_dtmf: i32::from(o.squelch_dtmf),
            overwrite: i32::from(o.existing == Existing::Overwrite),
            append: i32::from(o.existing == Existing::Append),
            key_bytes: 0,
            iv_bytes: 0,
            key: [0; 32],
            iv: [0; 16],
            file_mode: o.file_mode,
            cipher_mac: i32::from(o.cipher_mac),
        };
        if let Some(cipher) = &o.cipher {
            let key = cipher.key.bytes();
            this.key[..key.len()].copy_from_slice(key);
            this.key_bytes = key.len() as i32;
            this.iv = cipher.iv;
            this.iv_bytes = cipher.iv.len() as i32;
        }
        this
    }

    fn job(&self) -> Result<RecorderOptions, Error> {
        let this = RecorderOptions {
            file_format: known("file_format", self.file_format, RecorderFormat::from_i32)?,
            rate_hz: unsigned("rate", self.rate_hz)?,
            timeout: match self.timeout_ms {
                EARWIG_DEFAULT => None,
                ms => Some(timeout(ms)?),
            },
            max_bytes: unsigned("max_bytes", self.max_bytes)?,
            max_silence_ms: unsigned("max_silence_ms", self.max_silence_ms)?,
            initial_silence_ms: unsigned("initial_silence_ms", self.initial_silence_ms)?,
            barge_in: switch("barge_in", self.barge_in)?,
            source: known("source", self.source, RecorderSource::from_i32)?,
            silence_dbm0: (self.silence_dbm0 != 0.0).then_some(self.silence_dbm0),
            squelch_dtmf: switch("squelch_dtmf", self.squelch_dtmf)?,
            existing: existing(
                switch("overwrite", self.overwrite)?,
                switch("append", self.append)?,
            )?,
            file_mode: match self.file_mode {
                0 => RecorderOptions::default().file_mode,
                mode => mode,
            },
            cipher: cipher(self)?,
            cipher_mac: switch("cipher_mac", self.cipher_mac)?,
        };
        this.layout()?;
        Ok(this)
    }

    fn parse(text: &str, base: RecorderOptions) -> Result<RecorderOptions, Error> {
        parse_recorder(text, base)
    }

    fn wipe(&mut self) {
        self.key.zeroize();
    }
}

fn cipher(o: &earwig_recorder_options) -> Result<Option<Cipher>, Error> {
    let length = |name, allowed: &'static str, bytes: i32, max: usize| {
        usize::try_from(bytes)
            .ok()
            .filter(|&b| b <= max)
            .ok_or_else(|| {
                Error::invalid(format!("cipher: {name} is {bytes}: it must be {allowed}"))
            })
    };
    let key = length("key_bytes", "0, 16, 24 or 32", o.key_bytes, o.key.len())?;
    let iv = length("iv_bytes", "0 or 16", o.iv_bytes, o.iv.len())?;
    match (key, iv) {
        (0, 0) => Ok(None),
        (0, _) => Err(Error::invalid("cipher: there is an IV, and no key")),
        (key, iv) => Cipher::new(&o.key[..key], &o.iv[..iv]).map(Some),
    }
}

/// Sets all options to their defaults, and `struct_size`.
///
/// # Parameters
///
/// - `options`: the struct to set; its previous content is ignored.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_NULL`: `options` is NULL.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
///
/// # Safety
/// `options` is NULL or points to a writable struct.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_options_init(
    options: *mut earwig_recorder_options,
) -> Status {
    // SAFETY: S3, as the caller promises.
    unsafe {
        init_struct(
            options,
            earwig_recorder_options::of(&RecorderOptions::default()),
        )
    }
}

/// Reads options from text into `options`. Options that the text does not name keep their values.
///
/// Keys: `file_format` (alaw, ulaw, oki, ima, s16bit, u8bit), `rate`, `seconds_timeout`, `max_bytes`,
/// `milliseconds_max_silence`, `milliseconds_initial_silence`, `barge_in`, `cipher` (KEY:IV in hexadecimal digits),
/// `source` (rx, tx, mixed, both), `silence_dbm0`, `squelch_dtmf`, `overwrite`, `append`,
/// `file_mode` (octal digits), `cipher_mac`.
///
/// # Parameters
///
/// - `text`: `file_format=ulaw,milliseconds_max_silence=2000,barge_in=yes`, or a JSON object with the same keys. ""
///   changes nothing. UTF-8, at most 64 KiB.
/// - `options`: the options to change; `earwig_recorder_options_init` must have set them.
/// - `error`: receives the text of the error, NUL-terminated, cut to fit, "" without one; NULL if it is not wanted.
///   It never contains the key.
/// - `error_size`: bytes at `error`; 0 if it is not wanted.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_INVALID`: a key is unknown or a value is out of range. `options` is unchanged.
/// - `EARWIG_ERR_NULL`: `text` or `options` is NULL.
/// - `EARWIG_ERR_SIZE`: `options->struct_size` is unknown.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `text` is NULL or ends in a NUL; `options` is NULL or readable and writable as its `struct_size` says; `error` is NULL or
/// has `error_size` writable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_recorder_options_parse(
    text: *const c_char,
    options: *mut earwig_recorder_options,
    error: *mut c_char,
    error_size: usize,
) -> Status {
    // SAFETY: S3, as the caller promises.
    unsafe { options::parse_options(text, options, error, error_size) }
}
