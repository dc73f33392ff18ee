//! SIGKILL while many recordings run in real time. `earwig recover` then completes every file, and no file lacks more than 0.5 s.

use super::{Scale, Scenario};
use crate::outcome::{all, figure, none, note, percentile};
use crate::process::{self, Folder};
use crate::recordings::{FRAME, KEY, file, frame, is_encrypted, options, patient_call, whole};
use earwig::engine::{Channel, Engine};
use earwig_core::types::Stream;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub const SCENARIO: Scenario = Scenario {
    name: "kill",
    title: "kill -9 with 200 live recordings",
    text: "A process records 200 channels in real time, all formats by turns, every second one encrypted, and reports each frame of 20 ms once it \
is written to all channels. It is killed at a random moment. `earwig recover` completes the files; each is validated and compared with the \
audio. What is lost is counted from the frame that may have been half written. On a busy machine the process's own media threads run late; \
the limit grows by that.",
    run,
};

const CHANNELS: usize = 200;
const MEDIA_THREADS: usize = 2;
const FRAME_TIME: Duration = Duration::from_millis(20);

/// Longest loss, s.
const LIMIT_S: f64 = 0.5;

/// Frames that a media thread has written to all its channels, and how late it was in the last second, ms.
#[derive(Clone, Copy, Default)]
struct Written {
    frames: usize,
    late_ms: u64,
}

fn run(scale: Scale) {
    let (mut lost, mut late_ms, mut unrecovered, mut wrong) = (Vec::new(), 0, 0, 0);
    let rounds = scale.pick(1, 12);
    for round in 0..rounds {
        let folder = Folder::new(&std::env::temp_dir(), "earwig-kill");
        let written = record_and_kill(&folder.0, scale.pick(2500, 6000));
        late_ms = written.iter().map(|w| w.late_ms).fold(late_ms, u64::max);
        recover(&folder.0, round);
        for n in 0..CHANNELS {
            let path = file(&folder.0, n);
            if !path.exists() {
                unrecovered += 1;
                println!("round {round}: no {}", path.display());
                continue;
            }
            match whole(&path, n) {
                Ok(samples) => {
                    let sent = (written[n % MEDIA_THREADS].frames + 1) * FRAME;
                    lost.push((sent as f64 - samples as f64) / 8000.0);
                }
                Err(error) => {
                    wrong += 1;
                    println!("round {round}: {error}");
                }
            }
        }
    }
    all(
        "recordings recovered",
        rounds * CHANNELS - unrecovered,
        rounds * CHANNELS,
    );
    none("recovered files that are damaged", wrong);
    note(
        "audio lost, half of the recordings at most",
        &format!("{:.2} s", percentile(&lost, 0.5)),
    );
    let (most, limit) = (percentile(&lost, 1.0), LIMIT_S + late_ms as f64 / 1000.0);
    note("media threads late, at most", &format!("{late_ms} ms"));
    figure(
        "audio lost, at most",
        &format!("{most:.2} s"),
        &format!("{limit:.2} s"),
        most <= limit,
    );
}

/// Starts the recording process and kills it. Returns what its media threads had written.
fn record_and_kill(folder: &Path, longest_ms: u64) -> [Written; MEDIA_THREADS] {
    let mut child = process::this("record", &[folder.as_os_str()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program can be run again");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let first = lines.next().and_then(Result::ok);
    assert_eq!(first.as_deref(), Some("recording"), "the recordings start");
    let written = Arc::new(Mutex::new([Written::default(); MEDIA_THREADS]));
    let shared = written.clone();
    // Ends with the pipe, after all that was written to it.
    let reader = std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let numbers: Vec<u64> = line.split(' ').filter_map(|n| n.parse().ok()).collect();
            let [thread, frames, late_ms] = numbers[..] else {
                continue;
            };
            let frames = frames as usize;
            shared.lock().expect("no panic")[thread as usize] = Written { frames, late_ms };
        }
    });
    std::thread::sleep(Duration::from_millis(fastrand::u64(1000..longest_ms)));
    child.kill().expect("it runs");
    child.wait().expect("it is killed");
    reader.join().expect("no panic");
    let written = written.lock().expect("no panic");
    *written
}

/// Runs `earwig recover`, as an operator would.
fn recover(folder: &Path, round: usize) {
    let parts = (0..CHANNELS).map(|n| folder.join(format!("{n}.wav.part")));
    let (encrypted, plain): (Vec<_>, Vec<_>) =
        parts.enumerate().partition(|(n, _)| is_encrypted(*n));
    for (parts, key) in [(plain, None), (encrypted, Some(KEY))] {
        let mut command = process::earwig();
        command
            .arg("recover")
            .args(parts.iter().map(|(_, part)| part));
        if let Some(key) = key {
            command.env("EARWIG_KEY", key);
        }
        if let Err(error) = process::run(&mut command) {
            println!("round {round}: {error}");
        }
    }
}

/// Records to a folder until it is killed.
pub fn record(arguments: &[&str]) {
    let folder = Path::new(arguments[0]);
    let engine = Engine::new(0).expect("an engine");
    let channels: Vec<_> = (0..CHANNELS)
        .map(|n| {
            let channel = patient_call(&engine);
            channel
                .recorder_start(&file(folder, n), options(n))
                .expect("a recording");
            channel
        })
        .collect();
    println!("recording");
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..MEDIA_THREADS {
            let channels = &channels;
            scope.spawn(move || write(channels, thread, begun));
        }
    });
}

fn write(channels: &[Arc<Channel>], thread: usize, begun: Instant) {
    let mut late = [0u64; 50];
    for number in 0.. {
        let due = begun + FRAME_TIME * number as u32;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        for (n, channel) in channels
            .iter()
            .enumerate()
            .skip(thread)
            .step_by(MEDIA_THREADS)
        {
            channel
                .write(Stream::Rx, &frame(n, number))
                .expect("room for a frame");
        }
        late[number % late.len()] = due.elapsed().as_millis() as u64;
        let most = late.iter().max().unwrap_or(&0);
        let line = format!("{thread} {} {most}\n", number + 1);
        let _ = std::io::stdout().write_all(line.as_bytes());
    }
}
