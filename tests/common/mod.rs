//! Shared by the tests of recordings: a directory, and a call that is recorded.
#![allow(dead_code, reason = "each test file uses a part of it")]

use earwig::engine::{Channel, ChannelOptions, Engine, validate};
use earwig_core::job::recorder::{RecorderOptions, RecorderResult};
use earwig_core::types::{RecorderFormat, Stream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A directory of one test; dropping it removes it.
pub struct Dir(pub PathBuf);

impl Dir {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("earwig-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(&self.0)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An answered channel whose media time is its only clock.
pub struct Call {
    /// The channel.
    pub channel: Arc<Channel>,
    _engine: Engine,
}

impl Drop for Call {
    fn drop(&mut self) {
        self.channel.drop_handle();
    }
}

/// An engine with one such channel.
pub fn call() -> Call {
    let engine = Engine::new(1).unwrap();
    let options = ChannelOptions {
        stall_ms: 0,
        ring_ms: 10_000,
        ..ChannelOptions::default()
    };
    let channel = engine.channel(options).unwrap();
    channel.answer().unwrap();
    Call {
        channel,
        _engine: engine,
    }
}

impl Call {
    pub fn write(&self, stream: Stream, samples: &[i16]) {
        for part in samples.chunks(8000) {
            self.channel.write(stream, part).unwrap();
            self.channel.flush(None).unwrap();
        }
    }

    pub fn wait(&self) -> RecorderResult {
        self.channel
            .recorder_wait(Some(Duration::from_secs(20)))
            .unwrap()
            .expect("a recording was started")
    }
}

/// 16-bit samples without limits.
pub fn no_limits() -> RecorderOptions {
    RecorderOptions {
        file_format: RecorderFormat::S16bit,
        max_bytes: 0,
        max_silence_ms: 0,
        ..RecorderOptions::default()
    }
}

/// `count` samples of a tone.
pub fn tone(count: usize) -> Vec<i16> {
    (0..count)
        .map(|n| (8000.0 * (n as f64 * 0.345).sin()) as i16)
        .collect()
}

/// The samples of a 16-bit file.
pub fn samples(file: &Path) -> Vec<i16> {
    let content = validate(file, None).unwrap();
    let bytes = std::fs::read(file).unwrap();
    let from = bytes.len() - content.bytes as usize;
    bytes[from..]
        .chunks_exact(2)
        .map(|b| i16::from_le_bytes([b[0], b[1]]))
        .collect()
}
