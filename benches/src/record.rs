//! Load test of the recorder: many recordings at once in real time. Measures CPU time and how far the files lag the audio, and checks
//! every byte.
//!
//! `record [--channels 1000] [--seconds 60] [--format alaw|s16|both] [--workers 1] [--folder DIR]`. Four media threads write frames of
//! 20 ms in real time, different audio on each channel. The expected bytes come from an encoder that is not the recorder's. The exit
//! status is 1 if a sample was lost or a file differs.

use earwig::engine::{Channel, ChannelOptions, Engine};
use earwig_core::codec::wav;
use earwig_core::job::recorder::RecorderOptions;
use earwig_core::types::{RecorderCause, RecorderFormat, Stream};
use earwig_signals::{amplitude, corpus, gauss, to_pcm};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const FRAME: usize = 160;
const FRAME_TIME: Duration = Duration::from_millis(20);
const MEDIA_THREADS: usize = 4;

struct Settings {
    channels: usize,
    seconds: usize,
    workers: usize,
    formats: Vec<RecorderFormat>,
    folder: PathBuf,
}

fn settings() -> Result<Settings, String> {
    let mut settings = Settings {
        channels: 1000,
        seconds: 60,
        workers: 1,
        formats: vec![RecorderFormat::Alaw, RecorderFormat::S16bit],
        folder: std::env::temp_dir(),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments
            .next()
            .ok_or(format!("{name}: its value is missing"))?;
        let number = || {
            value
                .parse()
                .map_err(|_| format!("{name} {value}: it must be a number"))
        };
        match name.as_str() {
            "--channels" => settings.channels = number()?,
            "--seconds" => settings.seconds = number()?,
            "--workers" => settings.workers = number()?,
            "--folder" => settings.folder = PathBuf::from(&value),
            "--format" => {
                settings.formats = match value.as_str() {
                    "alaw" => vec![RecorderFormat::Alaw],
                    "s16" => vec![RecorderFormat::S16bit],
                    "both" => settings.formats,
                    _ => return Err(format!("--format {value}: it must be alaw, s16 or both")),
                };
            }
            _ => return Err(format!("{name}: no such option")),
        }
    }
    Ok(settings)
}

/// Audio of the channels: speech from the corpus, or noise without a corpus.
fn audio() -> Vec<i16> {
    let speech: Vec<i16> = corpus::group("talkoff")
        .into_iter()
        .filter(|(name, _)| name.contains("libri"))
        .flat_map(|(_, pcm)| pcm)
        .take(800_000)
        .collect();
    if !speech.is_empty() {
        return speech;
    }
    let mut rng = fastrand::Rng::with_seed(1);
    let deviation = amplitude(-30.0) / 2f64.sqrt();
    to_pcm(
        &(0..800_000)
            .map(|_| deviation * gauss(&mut rng))
            .collect::<Vec<_>>(),
    )
}

/// Frame `number` of a channel. Channels read the audio at different offsets. The first two samples are the channel's and the
/// frame's numbers.
fn frame(audio: &[i16], channel: usize, number: usize) -> [i16; FRAME] {
    let at = (channel * 7919 + number * FRAME) % (audio.len() - FRAME);
    let mut frame = [0; FRAME];
    frame.copy_from_slice(&audio[at..at + FRAME]);
    (frame[0], frame[1]) = (channel as i16, number as i16);
    frame
}

/// Encodes a sample to A-law by the algorithm of ITU-T G.191.
fn g191_alaw(x: i16) -> u8 {
    let mut code = (if x < 0 { !x } else { x }) >> 4;
    if code > 15 {
        let mut exponent = 1;
        while code > 31 {
            code >>= 1;
            exponent += 1;
        }
        code = code - 16 + (exponent << 4);
    }
    (code ^ 0x55) as u8 | if x >= 0 { 0x80 } else { 0 }
}

/// CPU time of this process, including threads that have ended.
fn process_cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").expect("/proc");
    // After the name in parentheses, fields 12 and 13 are utime and stime, in ticks of 10 ms.
    let ticks: u64 = stat[stat.rfind(')').expect("a name")..]
        .split(' ')
        .skip(12)
        .take(2)
        .map(|n| n.parse::<u64>().expect("a number"))
        .sum();
    Duration::from_millis(10 * ticks)
}

/// CPU time of the calling thread.
fn thread_cpu() -> Duration {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").expect("/proc");
    let first = stat.split(' ').next().and_then(|n| n.parse().ok());
    Duration::from_nanos(first.expect("a number"))
}

/// When each frame of one media thread was written.
struct Written {
    /// Nanoseconds after the start, by frame number.
    at: Vec<AtomicU64>,
    /// Number of frames written so far.
    frames: AtomicUsize,
}

/// Statistics of one media thread.
struct MediaStats {
    cpu: Duration,
    /// Longest delay of a frame behind the clock.
    max_delay: Duration,
    /// Frames that did not fit into the ring.
    refused: u64,
}

/// Writes the frames of `channels` (pairs of number and channel) in real time.
fn write_media(
    channels: &[(usize, Arc<Channel>)],
    audio: &[i16],
    began: Instant,
    written: &Written,
) -> MediaStats {
    let mut stats = MediaStats {
        cpu: Duration::ZERO,
        max_delay: Duration::ZERO,
        refused: 0,
    };
    for number in 0..written.at.len() {
        let due = began + FRAME_TIME * (number as u32 + 1);
        thread::sleep(due.saturating_duration_since(Instant::now()));
        stats.max_delay = stats.max_delay.max(due.elapsed());
        written.at[number].store(began.elapsed().as_nanos() as u64, Ordering::Relaxed);
        written.frames.store(number + 1, Ordering::Release);
        for (index, channel) in channels {
            let frame = frame(audio, *index, number);
            stats.refused += u64::from(channel.write(Stream::Rx, &frame).is_err());
        }
    }
    stats.cpu = thread_cpu();
    stats
}

/// Polls the lengths of the files until `done`. Returns the greatest lag of a file, from the write of a frame until the frame is in
/// the file, and the CPU time of polling.
fn watch_files(
    files: &[PathBuf],
    written: &[Written],
    frame_bytes: u64,
    began: Instant,
    done: &AtomicBool,
) -> (Duration, Duration) {
    let parts: Vec<PathBuf> = files
        .iter()
        .map(|f| PathBuf::from(format!("{}.part", f.display())))
        .collect();
    let head = fs::read(&parts[0]).unwrap_or_default();
    let begins = wav::parse(&head[..head.len().min(wav::HEADER_MAX)]).map_or(0, |p| p.begins);
    let mut max_lag = Duration::ZERO;
    while !done.load(Ordering::Relaxed) {
        for (n, part) in parts.iter().enumerate() {
            let written = &written[n % written.len()];
            let Ok(length) = fs::metadata(part).map(|m| m.len()) else {
                continue;
            };
            let in_file = (length.saturating_sub(begins) / frame_bytes) as usize;
            if in_file < written.frames.load(Ordering::Acquire) {
                let at = Duration::from_nanos(written.at[in_file].load(Ordering::Relaxed));
                max_lag = max_lag.max(began.elapsed().saturating_sub(at));
            }
        }
        thread::sleep(Duration::from_millis(20));
    }
    (max_lag, thread_cpu())
}

/// Compares a file with the audio of its channel. Returns the first difference, or `None`.
fn difference(
    path: &Path,
    channel: usize,
    frames: usize,
    format: RecorderFormat,
    audio: &[i16],
    alaw: &[u8],
) -> Option<String> {
    let file = match fs::read(path) {
        Ok(file) => file,
        Err(error) => return Some(error.to_string()),
    };
    let parsed = match wav::parse(&file[..file.len().min(wav::HEADER_MAX)]) {
        Ok(parsed) => parsed,
        Err(error) => return Some(error.text.to_string()),
    };
    let expected: Vec<u8> = (0..frames)
        .flat_map(|number| frame(audio, channel, number))
        .flat_map(|x| match format {
            RecorderFormat::Alaw => vec![alaw[x as u16 as usize]],
            _ => x.to_le_bytes().to_vec(),
        })
        .collect();
    let bytes = &file[parsed.begins as usize..];
    if parsed.bytes != expected.len() as u64 || parsed.samples != (frames * FRAME) as u64 {
        return Some(format!(
            "the header says {} samples in {} bytes, expected {} in {}",
            parsed.samples,
            parsed.bytes,
            frames * FRAME,
            expected.len()
        ));
    }
    if bytes != expected {
        let at = bytes.iter().zip(&expected).position(|(a, b)| a != b);
        return Some(format!(
            "{} bytes, expected {}; first difference at {at:?}",
            bytes.len(),
            expected.len()
        ));
    }
    None
}

/// Makes all recordings of one format and prints their row. Returns the number of lost samples and wrong files.
fn run(settings: &Settings, format: RecorderFormat, audio: &[i16], alaw: &[u8]) -> u64 {
    let folder = settings
        .folder
        .join(format!("earwig-bench-{}-{format:?}", std::process::id()));
    fs::create_dir(&folder).expect("a folder for the recordings");
    let frames = settings.seconds * 50;
    let engine = Engine::new(settings.workers).expect("threads can be started");
    let options = RecorderOptions {
        file_format: format,
        max_bytes: 0,
        max_silence_ms: 0,
        ..RecorderOptions::default()
    };
    let files: Vec<PathBuf> = (0..settings.channels)
        .map(|n| folder.join(format!("{n}.wav")))
        .collect();
    let begins = Instant::now();
    let channels: Vec<_> = files
        .iter()
        .enumerate()
        .map(|(n, path)| {
            let channel = engine
                .channel(ChannelOptions {
                    // There is no audio while the other recordings start.
                    stall_ms: 30_000,
                    ..ChannelOptions::default()
                })
                .expect("a channel");
            channel.answer().expect("an answered channel");
            channel
                .recorder_start(path, options.clone())
                .unwrap_or_else(|e| panic!("recording {n}: {}", e.text));
            (n, channel)
        })
        .collect();
    let started = begins.elapsed();

    let written: Vec<Written> = (0..MEDIA_THREADS)
        .map(|_| Written {
            at: (0..frames).map(|_| AtomicU64::new(0)).collect(),
            frames: AtomicUsize::new(0),
        })
        .collect();
    let shares: Vec<Vec<_>> = (0..MEDIA_THREADS)
        .map(|t| {
            channels
                .iter()
                .skip(t)
                .step_by(MEDIA_THREADS)
                .cloned()
                .collect()
        })
        .collect();
    let frame_bytes = match format {
        RecorderFormat::S16bit => 2 * FRAME,
        _ => FRAME,
    } as u64;
    let done = AtomicBool::new(false);
    let (began, used) = (Instant::now(), process_cpu());
    let (media, (lag, watcher), lasted, stopped) = thread::scope(|scope| {
        let watcher = scope.spawn(|| watch_files(&files, &written, frame_bytes, began, &done));
        let writers: Vec<_> = shares
            .iter()
            .zip(&written)
            .map(|(share, written)| scope.spawn(move || write_media(share, audio, began, written)))
            .collect();
        let media: Vec<MediaStats> = writers
            .into_iter()
            .map(|w| w.join().expect("a media thread"))
            .collect();
        done.store(true, Ordering::Relaxed);
        let (lasted, stopping) = (began.elapsed(), Instant::now());
        for (_, channel) in &channels {
            let _ = channel.recorder_stop(Some(Duration::ZERO));
        }
        for (_, channel) in &channels {
            let _ = channel.recorder_wait(Some(Duration::from_secs(30)));
        }
        let stopped = stopping.elapsed();
        (media, watcher.join().expect("the watcher"), lasted, stopped)
    });
    let others = media.iter().map(|m| m.cpu).sum::<Duration>() + watcher;
    let engine_cpu = (process_cpu() - used).saturating_sub(others);

    let (mut lost, mut wrong) = (media.iter().map(|m| m.refused).sum::<u64>(), 0);
    let mut report = |n: usize, fault: &str| {
        wrong += 1;
        if wrong <= 10 {
            eprintln!("recording {n}: {fault}");
        }
    };
    for (n, channel) in &channels {
        let stats = channel.stats();
        lost += stats.overruns + stats.gap_samples;
        let expected = (frames * FRAME) as u64;
        lost += expected.saturating_sub(stats.rx_samples);
        match channel.recorder_result() {
            Ok(r)
                if r.cause == RecorderCause::Aborted && r.bytes == frames as u64 * frame_bytes => {}
            other => report(*n, &format!("{other:?}")),
        }
        if let Some(fault) = difference(&files[*n], *n, frames, format, audio, alaw) {
            report(*n, &fault);
        }
    }
    let left = fs::read_dir(&folder).map_or(0, |entries| entries.count());
    if left != channels.len() {
        report(channels.len(), &format!("{left} files in the folder"));
    }
    let delay = media.iter().map(|m| m.max_delay).max().unwrap_or_default();
    println!(
        "| {format:?} | {} | {:.1} % of a core | {:.0} ms | {:.0} ms | {:.0} ms | {:.0} ms | {lost} | {wrong} |",
        channels.len(),
        100.0 * engine_cpu.as_secs_f64() / lasted.as_secs_f64(),
        lag.as_secs_f64() * 1e3,
        delay.as_secs_f64() * 1e3,
        started.as_secs_f64() * 1e3,
        stopped.as_secs_f64() * 1e3,
    );
    for (_, channel) in channels {
        channel.drop_handle();
    }
    drop(shares);
    let _ = engine.shutdown(Some(Duration::from_secs(10)));
    let _ = fs::remove_dir_all(&folder);
    lost + wrong
}

fn main() -> ExitCode {
    let settings = match settings() {
        Ok(settings) => settings,
        Err(text) => {
            eprintln!("record: {text}");
            return ExitCode::from(2);
        }
    };
    let audio = audio();
    let alaw: Vec<u8> = (0..=u16::MAX).map(|x| g191_alaw(x as i16)).collect();
    println!(
        "{} recordings at once, {} s in real time, {MEDIA_THREADS} media threads. CPU is that of the engine, including DTMF detection: the\nprocess without the media threads and the thread that polls the files. Lag is the time from the write of a frame until the\nframe is in the file.\n",
        settings.channels, settings.seconds
    );
    println!(
        "| format | recordings | CPU | max. lag | max. delay of media threads | time to start all | time to stop all | samples lost | files wrong |\n|---|---|---|---|---|---|---|---|---|"
    );
    let mut wrong = 0;
    for &format in &settings.formats {
        wrong += run(&settings, format, &audio, &alaw);
    }
    if wrong > 0 {
        eprintln!("record: samples were lost or files are wrong");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
