//! What a recording is asked for.

use super::options::{self, JobOptions};
use super::{init_struct, known, switch, timeout, timeout_ms, unsigned, versioned};
use earwig_core::codec::cipher::Cipher;
use earwig_core::job::options::{existing, parse_recorder};
use earwig_core::job::recorder::{Existing, RecorderOptions};
use earwig_core::types::{Error, RecorderFormat, RecorderSource, Status};
use std::ffi::c_char;
use zeroize::Zeroize;

/// A time that is the default of the call that reads it.
pub const EARWIG_DEFAULT: i64 = -2;

/// What a recording is asked for; the defaults are the seed's.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy)]
pub struct earwig_recorder_options {
    /// Size of this struct; set by `earwig_recorder_options_init`.
    pub struct_size: usize,
    /// The codec, an `earwig_recorder_format`; A-law by default.
    pub file_format: i32,
    /// 8000 (default), 6000, 11000, 11025, 16000 or 48000.
    pub rate_hz: i32,
    /// How long the whole may take; `EARWIG_DEFAULT` (default) is 120,000 for `earwig_recorder_record` and no limit for
    /// `earwig_recorder_start`; `EARWIG_FOREVER`.
    pub timeout_ms: i64,
    /// The most audio bytes, 1,920,000 by default; 0 is no limit. Of a file that is appended to, all of it counts.
    pub max_bytes: i64,
    /// Silence after which to stop, 10,000 by default; 0 is no limit.
    pub max_silence_ms: i64,
    /// Silence to wait for audio before the file begins, which is then 200 ms before the audio; 0 (default): it begins at once.
    pub initial_silence_ms: i64,
    /// 1: a DTMF digit ends it, and its tone is not in the file. 0 (default).
    pub barge_in: i32,
    /// What is recorded, an `earwig_recorder_source`; RX by default.
    pub source: i32,
    /// The level that divides silence from audio, -60 to -10 dBm0; 0 (default): what stands out of the line's own noise.
    pub silence_dbm0: f32,
    /// 1: DTMF tones of the far party are silent in the file. 0 (default).
    pub squelch_dtmf: i32,
    /// 1: a file that exists is replaced once the recording is whole. 0 (default): it is refused.
    pub overwrite: i32,
    /// 1: the recording goes on behind a file that exists. 0 (default).
    pub append: i32,
    /// Bytes of `key`: 16, 24 or 32; 0 (default): the file is not encrypted.
    pub key_bytes: i32,
    /// Bytes of `iv`: 16; 0 without a key.
    pub iv_bytes: i32,
    /// AES key. The library wipes its own copies; this one is the host's.
    pub key: [u8; 32],
    /// Initialisation vector.
    pub iv: [u8; 16],
}

versioned! {
    earwig_recorder_options {
        file_format, rate_hz, timeout_ms, max_bytes, max_silence_ms, initial_silence_ms, barge_in, source, silence_dbm0,
        squelch_dtmf, overwrite, append, key_bytes, iv_bytes, key, iv
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
            cipher: cipher(self)?,
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
    let part = |name, all: &'static str, bytes: i32, most: usize| {
        usize::try_from(bytes)
            .ok()
            .filter(|&b| b <= most)
            .ok_or_else(|| Error::invalid(format!("cipher: {name} is {bytes}: it must be {all}")))
    };
    let key = part("key_bytes", "0, 16, 24 or 32", o.key_bytes, o.key.len())?;
    let iv = part("iv_bytes", "0 or 16", o.iv_bytes, o.iv.len())?;
    match (key, iv) {
        (0, 0) => Ok(None),
        (0, _) => Err(Error::invalid("cipher: there is an IV, and no key")),
        (key, iv) => Cipher::new(&o.key[..key], &o.iv[..iv]).map(Some),
    }
}

/// Fills in the defaults. Returns `EARWIG_ERR_NULL`. Any thread.
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

/// Reads options from text, over what `options` holds (call `earwig_recorder_options_init` first).
///
/// `text`: `file_format=ulaw,milliseconds_max_silence=2000,barge_in=yes`, or a JSON object of the same keys; they are the
/// seed's: `file_format` (alaw, ulaw, oki, ima, s16bit, u8bit), `rate`, `seconds_timeout`, `max_bytes`,
/// `milliseconds_max_silence`, `milliseconds_initial_silence`, `barge_in`, `cipher` (KEY:IV in hexadecimal digits); and beyond it
/// `source` (rx, tx, mixed, both), `silence_dbm0`, `squelch_dtmf`, `overwrite`, `append`. Empty text changes nothing.
/// `error`, `error_size`: room for the text of what is wrong, NUL-terminated (never with the key in it); NULL and 0 if nobody
/// wants it.
/// Returns `EARWIG_ERR_INVALID` (then `options` is as it was), `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. Any thread but a media
/// thread.
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
