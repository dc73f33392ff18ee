//! The library under load for hours: `make soak` starts this part and samples its process.

use crate::process::Folder;
use crate::recordings::{call, frame, overwriting};
use earwig::engine::{Channel, Engine, live_handles};
use earwig_core::job::dtmf::DtmfOptions;
use earwig_core::job::machine::MachineOptions;
use earwig_core::types::Stream;
use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const FRAME_TIME: Duration = Duration::from_millis(20);

/// A call that runs, and the frame at which it ends.
struct Running {
    channel: Arc<Channel>,
    n: usize,
    until: usize,
}

/// Keeps this many calls going, each with random jobs, in real time. `load CHANNELS`. Each line of standard input is answered with the
/// numbers of live handles and of calls so far; at its end the calls end, and the last line is the number of handles left.
pub fn run(arguments: &[&str]) {
    let channels: usize = arguments[0].parse().expect("a number");
    let folder = Folder::new(&std::env::temp_dir(), "earwig-load");
    let engine = Engine::new(0).expect("an engine");
    let (over, made) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let calls = scope.spawn(|| serve(&engine, &folder.0, channels, &over, &made));
        for _ in std::io::stdin().lock().lines().map_while(Result::ok) {
            println!("{} {}", live_handles(), made.load(Ordering::Relaxed));
        }
        over.store(true, Ordering::Relaxed);
        calls.join().expect("no panic");
    });
    engine
        .shutdown(Some(Duration::from_secs(30)))
        .expect("the engine's end");
    drop(engine);
    let deadline = Instant::now() + Duration::from_secs(30);
    while live_handles() > 0 && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    println!("{}", live_handles());
}

fn serve(engine: &Engine, folder: &Path, count: usize, over: &AtomicBool, made: &AtomicUsize) {
    let mut random = fastrand::Rng::new();
    let mut calls: Vec<Running> = Vec::new();
    let begun = Instant::now();
    for number in 0.. {
        let due = begun + FRAME_TIME * number as u32;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        if over.load(Ordering::Relaxed) {
            calls.iter().for_each(|c| c.channel.drop_handle());
            return;
        }
        // A few at a time, so that calls do not end together.
        for _ in calls.len()..count.min(calls.len() + 4) {
            let until = number + random.usize(5..1000);
            let n = made.fetch_add(1, Ordering::Relaxed);
            let channel = start(engine, folder, n, &mut random);
            calls.push(Running { channel, n, until });
        }
        for call in &calls {
            let _ = call.channel.write(Stream::Rx, &frame(call.n % 7, number));
            if random.u32(0..500) == 0 {
                let _ = call
                    .channel
                    .dtmf_inject(b"0123456789"[random.usize(0..10)], 80);
            }
        }
        calls.retain(|call| {
            if call.until > number {
                return true;
            }
            if random.bool() {
                let _ = call.channel.hangup();
            }
            call.channel.drop_handle();
            false
        });
    }
}

/// A call with up to three jobs.
fn start(engine: &Engine, folder: &Path, n: usize, random: &mut fastrand::Rng) -> Arc<Channel> {
    let channel = call(engine, 500);
    if random.bool() {
        let _ = channel.dtmf_start(DtmfOptions::default());
    }
    if random.bool() {
        let _ = channel.machine_start(MachineOptions::default());
    }
    if random.bool() {
        // Names come again: the folder does not grow.
        let _ = channel.recorder_start(&folder.join(format!("{}.wav", n % 1000)), overwriting(n));
    }
    channel
}
