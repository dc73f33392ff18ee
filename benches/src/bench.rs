//! Cost of earwig and of other libraries, measured in the same run.
//!
//! `bench` prints all tables of times and ratios, `bench --recorder` those of the recorder's encoders and resampler, `bench --all-on`
//! those with all detectors on. `bench --count` runs earwig's DTMF detector on a fixed amount of audio and prints nothing, to count
//! instructions with `valgrind --tool=callgrind`; `bench --count --all-on` runs all detectors.

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

/// Digits of 50 ms with pauses of 50 ms, at 30 dB SNR.
fn digits() -> Vec<i16> {
    (0..30)
        .flat_map(|seed| sequence(&Press::default(), &[Noise { snr_db: 30.0 }], seed).pcm)
        .collect()
}

/// Name and samples of the speech: from the corpus, or without a corpus, harmonics of 140 Hz whose level swells and falls.
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

/// Prints a row of ns per sample. Each round runs every detector once, so that disturbances affect all alike.
fn detector_row(name: &str, pcm: &[i16]) {
    const ROUNDS: usize = 21;
    let detectors = competitors::all();
    let mut times = vec![Vec::new(); detectors.len()];
    for _ in 0..ROUNDS {
        for (implementation, times) in detectors.iter().zip(&mut times) {
            let (mut detector, mut digits) = (implementation.1(), Vec::new());
            let began = Instant::now();
            for frame in pcm.chunks(FRAME) {
                detector.process(black_box(frame), &mut digits);
                digits.clear();
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

/// Prints the time that a media thread needs to write one frame to the ring.
fn write_time() {
    let engine = Engine::new(1).expect("threads can be started");
    let channel = engine
        .channel(ChannelOptions {
            ring_ms: 10_000,
            ..ChannelOptions::default()
        })
        .expect("a channel");
    channel.answer().expect("an answered channel");
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
    // Reading the clock takes time too, which is subtracted.
    let clock = median(
        (0..10_000)
            .map(|_| Instant::now().elapsed().as_secs_f64() * 1e9)
            .collect(),
    );
    times.sort_by(f64::total_cmp);
    let at = |part: f64| (times[(times.len() as f64 * part) as usize] - clock).max(0.0);
    println!(
        "| write of 160 samples, median | {:.0} ns |\n| p99.9 | {:.0} ns |",
        at(0.5),
        at(0.999)
    );
    channel.drop_handle();
}

/// CPU time of all live threads of this process.
fn process_cpu() -> Duration {
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

/// Runs the whole engine in real time, with frames of 20 ms on each channel, and prints the CPU time of all threads. Without `all_on` it
/// detects digits only.
fn engine_row(channels: usize, pcm: &[i16], all_on: bool) {
    const SECONDS: u64 = 4;
    let engine = Engine::new(1).expect("threads can be started");
    let all: Vec<_> = (0..channels)
        .map(|_| {
            let channel = engine
                .channel(ChannelOptions::default())
                .expect("a channel");
            channel.answer().expect("an answered channel");
            if all_on {
                let started = channel.machine_start(all_on::endless());
                started.expect("a started detection");
            }
            channel
        })
        .collect();
    std::thread::sleep(Duration::from_millis(200));
    let (began, used) = (Instant::now(), process_cpu());
    let mut overruns = 0u64;
    for tick in 0..SECONDS * 50 {
        for (i, channel) in all.iter().enumerate() {
            // Each channel gets another part of the audio.
            let at = (i * 7919 + tick as usize * FRAME) % (pcm.len() - FRAME);
            overruns += u64::from(channel.write(Stream::Rx, &pcm[at..at + FRAME]).is_err());
        }
        let next = began + Duration::from_millis((tick + 1) * 20);
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    let (lasted, used) = (
        began.elapsed().as_secs_f64(),
        (process_cpu() - used).as_secs_f64(),
    );
    let share = used / lasted;
    println!(
        "| {channels} | {} | {:.1} % of a core | {:.0} | {overruns} |",
        if all_on { "all on" } else { "digits only" },
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
    // As in a call, most of the mix is silence and speech.
    let mixed: Vec<i16> = [
        &noise[..],
        &speech[..speech.len().min(480_000)],
        &digits[..digits.len().min(48_000)],
    ]
    .concat();
    let all_on = std::env::args().any(|a| a == "--all-on");
    if std::env::args().any(|a| a == "--count") {
        if all_on {
            for pcm in [&noise, &speech, &digits] {
                all_on::run_earwig(pcm);
            }
            return;
        }
        for pcm in [&noise, &speech, &digits] {
            black_box(competitors::detect_digits(&competitors::all()[0], pcm));
        }
        return;
    }
    if all_on {
        all_on::print(speech_name, &speech, &noise, &mixed);
        return engine_table(&mixed);
    }
    let names: Vec<&str> = competitors::all()[1..].iter().map(|m| m.0).collect();
    println!("DTMF with decisions, ns per sample, one thread, median of 21 interleaved rounds:\n");
    print!("| audio | earwig |");
    names.iter().for_each(|n| print!(" {n} | ratio |"));
    println!("\n|---|---|{}", "---|---|".repeat(names.len()));
    detector_row(speech_name, &speech);
    detector_row("digits, 50/50 ms", &digits);
    detector_row("line noise at -60 dBm0", &noise);
    detector_row(
        "a mix: 60 s of noise, 60 s of speech, 6 s of digits",
        &mixed,
    );
    if names.is_empty() {
        println!("\nspandsp is not linked (libspandsp-dev): there is nothing to compare with.");
    }
    println!("\nThe media thread's call:\n\n| call | time |\n|---|---|");
    write_time();
    all_on::print(speech_name, &speech, &noise, &mixed);
    recorder::print(speech_name, &speech);
    engine_table(&mixed);
}

fn engine_table(pcm: &[i16]) {
    println!(
        "\nThe whole engine in real time with one worker; CPU time includes the writing thread:\n"
    );
    println!(
        "| channels | detectors | CPU | channels per core | frames lost |\n|---|---|---|---|---|"
    );
    for channels in [100, 1000, 5000] {
        engine_row(channels, pcm, false);
    }
    for channels in [100, 1000, 3000] {
        engine_row(channels, pcm, true);
    }
}
