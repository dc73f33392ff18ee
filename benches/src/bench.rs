//! What it costs, beside its peers in the same run.
//!
//! `bench` prints times and ratios (`bench --recorder`: of the recorder's parts alone, `bench --everything`: with all detectors on alone);
//! `bench --count` does a fixed amount of our own work and prints nothing, for instruction counts (`valgrind --tool=callgrind`); with
//! `--everything` its work is that of all detectors.

mod all_on;
mod competitors;
mod recorder;

use earwig::engine::{ChannelOptions, Engine};
use earwig_core::types::{Status, Stream};
use earwig_signals::disturb::Disturbance::Noise;
use earwig_signals::dtmf::{Press, sequence};
use earwig_signals::{add_sine, amplitude, corpus, gauss, to_pcm};
use std::hint::black_box;
use std::time::{Duration, Instant};

const FRAME: usize = 160;

/// Line noise at -60 dBm0.
fn noise(seconds: usize) -> Vec<i16> {
    let mut rng = fastrand::Rng::with_seed(1);
    let deviation = amplitude(-60.0) / 2f64.sqrt();
    to_pcm(
        &(0..seconds * 8000)
            .map(|_| deviation * gauss(&mut rng))
            .collect::<Vec<_>>(),
    )
}

/// Digits of 50 ms with pauses of 50 ms, in noise 30 dB below.
fn digits() -> Vec<i16> {
    (0..30)
        .flat_map(|seed| sequence(&Press::default(), &[Noise { snr_db: 30.0 }], seed).pcm)
        .collect()
}

/// Speech from the corpus; without it, a hum with harmonics that come and go.
fn speech() -> (&'static str, Vec<i16>) {
    let files = corpus::group("talkoff")
        .into_iter()
        .filter(|(name, _)| name.contains("libri"));
    let pcm: Vec<i16> = files.flat_map(|(_, pcm)| pcm).take(800_000).collect();
    if !pcm.is_empty() {
        return ("speech", pcm);
    }
    let mut signal = vec![0.0; 800_000];
    for k in 1..20 {
        add_sine(
            &mut signal,
            140.0 * f64::from(k),
            -20.0 - f64::from(k),
            f64::from(k),
        );
    }
    for (n, x) in signal.iter_mut().enumerate() {
        *x *= (n as f64 / 3000.0).sin();
    }
    ("harmonics (no corpus here)", to_pcm(&signal))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Nanoseconds a sample, by turns, so that whatever else the machine does meets both.
fn detectors(name: &str, pcm: &[i16]) {
    const ROUNDS: usize = 21;
    let makers = competitors::all();
    let mut times = vec![Vec::new(); makers.len()];
    for _ in 0..ROUNDS {
        for (maker, times) in makers.iter().zip(&mut times) {
            let (mut hears, mut heard) = (maker.1(), Vec::new());
            let began = Instant::now();
            for frame in pcm.chunks(FRAME) {
                hears.frame(black_box(frame), &mut heard);
                heard.clear();
            }
            times.push(began.elapsed().as_secs_f64() * 1e9 / pcm.len() as f64);
        }
    }
    let ours = median(times[0].clone());
    print!("| {name} | {ours:.2} |");
    for times in &times[1..] {
        let theirs = median(times.clone());
        print!(" {theirs:.2} | **{:.1}** |", theirs / ours);
    }
    println!();
}

/// One frame into the ring: the media thread's whole share.
fn push() {
    let engine = Engine::new(1).expect("threads can be started");
    let channel = engine
        .channel(ChannelOptions {
            ring_ms: 10_000,
            ..ChannelOptions::default()
        })
        .expect("a channel");
    channel.answer().expect("it can be answered");
    let frame = noise(1);
    let mut times = Vec::new();
    for round in 0..200 {
        channel.flush(None).expect("the worker lives");
        for _ in 0..if round == 0 { 10 } else { 400 } {
            let began = Instant::now();
            let status = channel.write(Stream::Rx, black_box(&frame[..FRAME]));
            times.push(began.elapsed().as_secs_f64() * 1e9);
            assert_eq!(status, Ok::<(), Status>(()));
        }
    }
    // What the clock itself takes.
    let clock = median(
        (0..10_000)
            .map(|_| Instant::now().elapsed().as_secs_f64() * 1e9)
            .collect(),
    );
    times.sort_by(f64::total_cmp);
    let at = |part: f64| (times[(times.len() as f64 * part) as usize] - clock).max(0.0);
    println!(
        "| push of 160 samples, median | {:.0} ns |\n| p99.9 | {:.0} ns |",
        at(0.5),
        at(0.999)
    );
    channel.drop_handle();
}

/// CPU time that this process has used.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let own: u64 = stat
        .split(' ')
        .next()
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    let tasks = std::fs::read_dir("/proc/self/task").map(|tasks| {
        tasks
            .filter_map(|t| {
                std::fs::read_to_string(t.ok()?.path().join("schedstat"))
                    .ok()?
                    .split(' ')
                    .next()?
                    .parse::<u64>()
                    .ok()
            })
            .sum::<u64>()
    });
    Duration::from_nanos(tasks.unwrap_or(own))
}

/// The whole engine in real time: frames of 20 ms into each channel, with a detection or digits alone, and what all threads use for it.
fn engine(channels: usize, pcm: &[i16], detect: bool) {
    const SECONDS: u64 = 4;
    let engine = Engine::new(1).expect("threads can be started");
    let all: Vec<_> = (0..channels)
        .map(|_| {
            let channel = engine
                .channel(ChannelOptions::default())
                .expect("a channel");
            channel.answer().expect("it can be answered");
            if detect {
                let started = channel.machine_start(all_on::endless());
                started.expect("it can be started");
            }
            channel
        })
        .collect();
    std::thread::sleep(Duration::from_millis(200));
    let (began, used) = (Instant::now(), cpu());
    let mut overruns = 0u64;
    for tick in 0..SECONDS * 50 {
        for (i, channel) in all.iter().enumerate() {
            // Each channel hears another part.
            let at = (i * 7919 + tick as usize * FRAME) % (pcm.len() - FRAME);
            overruns += u64::from(channel.write(Stream::Rx, &pcm[at..at + FRAME]).is_err());
        }
        let next = began + Duration::from_millis((tick + 1) * 20);
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    let (lasted, used) = (began.elapsed().as_secs_f64(), (cpu() - used).as_secs_f64());
    let share = used / lasted;
    println!(
        "| {channels} | {} | {:.1} % of a core | {:.0} | {overruns} |",
        if detect { "everything" } else { "digits" },
        share * 100.0,
        channels as f64 / share
    );
    for channel in all {
        channel.drop_handle();
    }
    let _ = engine.shutdown(Some(Duration::from_secs(10)));
}

fn main() {
    let (speech_name, speech) = speech();
    if std::env::args().any(|a| a == "--recorder") {
        return recorder::print(speech_name, &speech);
    }
    let (digits, noise) = (digits(), noise(60));
    // A call is mostly silence and speech.
    let mixed: Vec<i16> = [
        &noise[..],
        &speech[..speech.len().min(480_000)],
        &digits[..digits.len().min(48_000)],
    ]
    .concat();
    let everything = std::env::args().any(|a| a == "--everything");
    if std::env::args().any(|a| a == "--count") {
        if everything {
            for pcm in [&noise, &speech, &digits] {
                all_on::work(pcm);
            }
            return;
        }
        for pcm in [&noise, &speech, &digits] {
            black_box(competitors::heard(&competitors::all()[0], pcm));
        }
        return;
    }
    if everything {
        all_on::print(speech_name, &speech, &noise, &mixed);
        return engines(&mixed);
    }
    let names: Vec<&str> = competitors::all()[1..].iter().map(|m| m.0).collect();
    println!("DTMF with decisions, ns a sample, one thread, median of 21 rounds by turns:\n");
    print!("| audio | earwig |");
    names.iter().for_each(|n| print!(" {n} | ratio |"));
    println!("\n|---|---|{}", "---|---|".repeat(names.len()));
    detectors(speech_name, &speech);
    detectors("digits, 50/50 ms", &digits);
    detectors("line noise at -60 dBm0", &noise);
    detectors(
        "a mix: 60 s of noise, 60 s of speech, 6 s of digits",
        &mixed,
    );
    if names.is_empty() {
        println!("\nspandsp is not installed (libspandsp-dev): nothing to compare with.");
    }
    println!("\nThe media thread's call:\n\n| what | time |\n|---|---|");
    push();
    all_on::print(speech_name, &speech, &noise, &mixed);
    recorder::print(speech_name, &speech);
    engines(&mixed);
}

fn engines(pcm: &[i16]) {
    println!("\nThe whole engine in real time, one worker, writing threads counted in:\n");
    println!(
        "| channels | listening for | CPU | channels a core | frames lost |\n|---|---|---|---|---|"
    );
    for channels in [100, 1000, 5000] {
        engine(channels, pcm, false);
    }
    for channels in [100, 1000, 3000] {
        engine(channels, pcm, true);
    }
}
