//! Recordings on a file system that breaks, beside recordings on one that does not, and a channel whose digits show how late the workers are.

use crate::outcome::{all, figure, none, note, percentile};
use crate::recordings::{FRAME, call, file, frame, options, whole};
use earwig::engine::{Channel, Engine};
use earwig_core::event::Event;
use earwig_core::job::recorder::{RecorderOptions, RecorderResult};
use earwig_core::types::{RecorderCause, Stream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const FRAME_TIME: Duration = Duration::from_millis(20);

/// The probe's tone begins this often, frames; it lasts 3 frames.
const TONE_EVERY: usize = 25;

/// Longest time from the first sample of a digit to its event, beyond the lateness of the media thread, ms.
const DIGIT_LIMIT_MS: f64 = 200.0;

/// What is recorded.
pub struct Plan<'a> {
    /// The folder that breaks, and its recordings.
    pub bad: (&'a Path, usize),
    /// The folder that does not break, and its recordings; their numbers follow.
    pub good: (&'a Path, usize),
    /// Rate of the files in the bad folder, Hz.
    pub rate_hz: u32,
    /// Length of the recordings.
    pub seconds: f64,
    /// Called on a thread of its own, with a file in the bad folder that nobody records to.
    pub events: &'a (dyn Fn(&Path) + Sync),
}

/// What came of it.
pub struct Seen {
    /// Results in the bad folder; `Err` if there was none within 30 s.
    pub bad: Vec<Result<RecorderResult, String>>,
    good: Vec<Result<RecorderResult, String>>,
    frames: usize,
    refused: usize,
    late_ms: f64,
    digits_ms: Vec<f64>,
    digits: usize,
    good_folder: PathBuf,
}

/// Makes the recordings in real time.
pub fn record(plan: &Plan) -> Seen {
    let engine = Engine::new(2).expect("an engine");
    let start = |folder: &Path, n: usize, rate_hz: u32| {
        let channel = call(&engine, 30_000);
        let options = RecorderOptions {
            rate_hz,
            ..options(n)
        };
        channel
            .recorder_start(&file(folder, n), options)
            .expect("a recording");
        channel
    };
    let bad: Vec<_> = (0..plan.bad.1)
        .map(|n| start(plan.bad.0, n, plan.rate_hz))
        .collect();
    let good: Vec<_> = (plan.bad.1..plan.bad.1 + plan.good.1)
        .map(|n| start(plan.good.0, n, 8000))
        .collect();
    let probe = call(&engine, 30_000);
    let frames = (plan.seconds * 50.0) as usize;
    let (tone_at, over) = (AtomicU64::new(0), AtomicBool::new(false));
    let begun = Instant::now();
    let mut seen = Seen {
        bad: Vec::new(),
        good: Vec::new(),
        frames,
        refused: 0,
        late_ms: 0.0,
        digits_ms: Vec::new(),
        digits: 0,
        good_folder: plan.good.0.to_owned(),
    };
    std::thread::scope(|scope| {
        let events = scope.spawn(|| (plan.events)(&plan.bad.0.join("other.wav")));
        let digits = scope.spawn(|| watch(&probe, begun, &tone_at, &over));
        for number in 0..frames {
            let due = begun + FRAME_TIME * number as u32;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            seen.late_ms = seen.late_ms.max(due.elapsed().as_secs_f64() * 1e3);
            for (n, channel) in bad.iter().chain(&good).enumerate() {
                seen.refused += usize::from(channel.write(Stream::Rx, &frame(n, number)).is_err());
            }
            if number % TONE_EVERY == 0 {
                seen.digits += 1;
                tone_at.store(begun.elapsed().as_micros() as u64, Ordering::Relaxed);
            }
            let tone = tone(number);
            seen.refused += usize::from(probe.write(Stream::Rx, &tone).is_err());
        }
        for channel in good.iter().chain(&bad) {
            let _ = channel.recorder_stop(Some(Duration::ZERO));
        }
        seen.good = good.iter().map(|c| result(c)).collect();
        events.join().expect("no panic");
        seen.bad = bad.iter().map(|c| result(c)).collect();
        std::thread::sleep(Duration::from_millis(300));
        over.store(true, Ordering::Relaxed);
        seen.digits_ms = digits.join().expect("no panic");
    });
    bad.iter()
        .chain(&good)
        .chain([&probe])
        .for_each(|c| c.drop_handle());
    seen
}

fn result(channel: &Channel) -> Result<RecorderResult, String> {
    channel
        .recorder_wait(Some(Duration::from_secs(30)))
        .map_err(|e| e.to_string())?
        .ok_or_else(|| "no recording was started".into())
}

/// Frame `number` of the probe: a key for 60 ms every 500 ms.
fn tone(number: usize) -> [i16; FRAME] {
    let at = number % TONE_EVERY;
    std::array::from_fn(|n| {
        let t = std::f64::consts::TAU * (at * FRAME + n) as f64 / 8000.0;
        let key = 6000.0 * ((697.0 * t).sin() + (1209.0 * t).sin());
        if at < 3 { key as i16 } else { 0 }
    })
}

/// The times from the beginning of each digit to its event, ms.
fn watch(probe: &Arc<Channel>, begun: Instant, tone_at: &AtomicU64, over: &AtomicBool) -> Vec<f64> {
    let mut times = Vec::new();
    while !over.load(Ordering::Relaxed) {
        if let Ok(Event::Digit { .. }) = probe.wait_event(Some(Duration::from_millis(100))) {
            let now = begun.elapsed().as_micros() as u64;
            times.push((now - tone_at.load(Ordering::Relaxed)) as f64 / 1e3);
        }
    }
    times
}

impl Seen {
    /// Figures of the recordings on the good file system, and of the digits.
    pub fn others_go_on(&self) {
        let first = self.bad.len();
        let complete = self.good.iter().enumerate().filter(|(at, result)| {
            let n = first + at;
            let samples = whole(&file(&self.good_folder, n), n);
            match (result, &samples) {
                (Ok(r), Ok(samples))
                    if r.cause == RecorderCause::Aborted
                        && *samples == (self.frames * FRAME) as u64 =>
                {
                    true
                }
                other => {
                    println!("recording {n} beside it: {other:?}");
                    false
                }
            }
        });
        let complete = complete.count();
        if !self.good.is_empty() {
            all(
                "recordings on another file system that are complete",
                complete,
                self.good.len(),
            );
        }
        none("frames that found a ring full", self.refused);
        all(
            "digits of a channel beside them",
            self.digits_ms.len(),
            self.digits,
        );
        note(
            "media thread late, at most",
            &format!("{:.0} ms", self.late_ms),
        );
        let (most, limit) = (
            percentile(&self.digits_ms, 1.0),
            DIGIT_LIMIT_MS + self.late_ms,
        );
        figure(
            "from a digit's first sample to its event, at most",
            &format!("{most:.0} ms"),
            &format!("{limit:.0} ms"),
            most <= limit,
        );
    }

    /// How many recordings in the bad folder ended with this cause. Prints those that did not.
    pub fn ended_with(&self, cause: RecorderCause) -> usize {
        let right = self
            .bad
            .iter()
            .enumerate()
            .filter(|(n, result)| match result {
                Ok(r) if r.cause == cause => true,
                other => {
                    println!("recording {n}: {other:?}");
                    false
                }
            });
        right.count()
    }

    /// Frames of 20 ms that each recording heard.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// The same in ms.
    pub fn length_ms(&self) -> u64 {
        20 * self.frames as u64
    }
}

/// The shim of `attack/shim.c`, compiled to `folder`. The error is a reason to skip.
pub fn shim(folder: &Path) -> Result<PathBuf, String> {
    let (source, library) = (folder.join("shim.c"), folder.join("shim.so"));
    std::fs::write(&source, include_str!("../shim.c")).map_err(|e| e.to_string())?;
    let mut gcc = std::process::Command::new("gcc");
    gcc.args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&library, &source])
        .arg("-ldl");
    crate::process::run(&mut gcc)?;
    Ok(library)
}

/// The environment in which the calls on files below `folder` stall or fail, while `control` holds a word for it.
pub fn with_shim(
    command: &mut std::process::Command,
    library: &Path,
    folder: &Path,
    control: &Path,
) {
    command.env("LD_PRELOAD", library);
    command.env("EARWIG_SHIM_FOLDER", folder);
    command.env("EARWIG_SHIM_CONTROL", control);
}
