//! All calls at once on few channels.

use super::{Scale, Scenario, end_engine};
use crate::outcome::{figure, none, note};
use crate::process::Folder;
use crate::recordings::{frame, options};
use earwig::engine::{Channel, ChannelOptions, Engine};
use earwig_core::event::Event;
use earwig_core::job::dtmf::DtmfOptions;
use earwig_core::job::machine::MachineOptions;
use earwig_core::job::recorder::Control;
use earwig_core::time::Timeout;
use earwig_core::types::Stream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

pub const SCENARIO: Scenario = Scenario {
    name: "races",
    title: "8 threads, 4 channels, all calls",
    text: "8 threads make random calls on 4 channels: media, answer, hang-up, start, stop, wait, results, events, callbacks, snapshots. On two of the \
channels a callback counts: each job that was started must end exactly once. Nothing may be left after the last reference.",
    run,
};

const THREADS: usize = 8;
const CHANNELS: usize = 4;
/// Channels whose events only a callback reads.
const COUNTED: usize = 2;

/// Jobs that were started, and endings that the callback saw: collections, recordings, detections.
#[derive(Default)]
struct Counts {
    started: [AtomicU64; 3],
    ended: [AtomicU64; 3],
    calls: AtomicU64,
    files: AtomicU64,
}

fn run(scale: Scale) {
    let folder = Folder::new(&std::env::temp_dir(), "earwig-races");
    let engine = Engine::new(2).expect("an engine");
    let counts = Arc::new(Counts::default());
    let channels: Vec<_> = (0..CHANNELS)
        .map(|n| {
            let options = ChannelOptions {
                event_capacity: if n % 2 == 0 { 64 } else { 8 },
                stall_ms: 100,
                ring_ms: 200,
                ..ChannelOptions::default()
            };
            engine.channel(options).expect("a channel")
        })
        .collect();
    for channel in &channels[..COUNTED] {
        let counts = counts.clone();
        let count = move |_: &Arc<Channel>, event: &Event| {
            let kind = match event {
                Event::DtmfEnded { .. } => 0,
                Event::RecorderEnded { .. } => 1,
                Event::MachineEnded { .. } => 2,
                _ => return,
            };
            counts.ended[kind].fetch_add(1, Ordering::SeqCst);
        };
        channel
            .set_callback(Some(Arc::new(count)))
            .expect("a dispatcher");
    }
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (channels, counts, over, folder) = (&channels, &counts, &over, &folder.0);
            scope.spawn(move || {
                let mut random = fastrand::Rng::with_seed(thread as u64);
                while !over.load(Ordering::Relaxed) {
                    let n = random.usize(0..CHANNELS);
                    one_call(&channels[n], n < COUNTED, &mut random, counts, folder);
                    counts.calls.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(Duration::from_secs(scale.pick(4, 30)));
        over.store(true, Ordering::Relaxed);
    });
    for channel in &channels {
        let _ = channel.hangup();
    }
    let kinds = ["collections", "recordings", "detections"];
    let deadline = Instant::now() + Duration::from_secs(20);
    let open = |kind: usize| {
        let [started, ended] =
            [&counts.started, &counts.ended].map(|c| c[kind].load(Ordering::SeqCst));
        (started, ended)
    };
    while (0..3).any(|kind| open(kind).0 != open(kind).1) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    note("calls", &counts.calls.load(Ordering::Relaxed).to_string());
    for (kind, name) in kinds.iter().enumerate() {
        let (started, ended) = open(kind);
        figure(
            &format!("endings of {name}"),
            &ended.to_string(),
            &started.to_string(),
            started == ended && started > 0,
        );
    }
    channels.iter().for_each(|c| c.drop_handle());
    drop(channels);
    end_engine(engine, Duration::from_secs(20));
    let names = std::fs::read_dir(&folder.0)
        .expect("the folder")
        .filter_map(Result::ok);
    none(
        "unfinished files",
        names
            .filter(|e| !e.file_name().to_string_lossy().ends_with(".wav"))
            .count(),
    );
}

/// Counts a job that was started on a channel whose endings are counted.
fn started<T, E>(outcome: Result<T, E>, counted: bool, counts: &Counts, kind: usize) {
    if outcome.is_ok() && counted {
        counts.started[kind].fetch_add(1, Ordering::SeqCst);
    }
}

fn one_call(
    channel: &Arc<Channel>,
    counted: bool,
    random: &mut fastrand::Rng,
    counts: &Counts,
    folder: &Path,
) {
    let soon = Some(Duration::from_millis(random.u64(0..3)));
    let dtmf = || DtmfOptions {
        timeout: Timeout::ms(50),
        ..DtmfOptions::default()
    };
    let machine = || MachineOptions {
        timeout: Timeout::ms(100),
        ..MachineOptions::default()
    };
    let stream = if random.bool() {
        Stream::Rx
    } else {
        Stream::Tx
    };
    match random.u32(0..if counted { 24 } else { 36 }) {
        0..=5 => drop(channel.write(stream, &frame(1, random.usize(0..100)))),
        6 => drop(channel.write_gap(stream, random.usize(0..400))),
        7..=9 => drop(channel.answer()),
        10 => drop(channel.hangup()),
        11 => drop(channel.ringing()),
        12 => started(channel.dtmf_start(dtmf()), counted, counts, 0),
        13 => drop(channel.dtmf_stop(Some(Duration::ZERO))),
        14 => drop(channel.dtmf_inject(b"0123456789"[random.usize(0..10)], 40)),
        15 => channel.dtmf_clear(),
        16 => {
            // A file for each: the disk's thread must not be the only one that works.
            if random.u32(0..8) == 0 {
                let n = counts.files.fetch_add(1, Ordering::Relaxed);
                let path = folder.join(format!("{n}.wav"));
                started(
                    channel.recorder_start(&path, options(n as usize)),
                    counted,
                    counts,
                    1,
                );
            }
        }
        17 => drop(channel.recorder_stop(Some(Duration::ZERO))),
        18 => {
            let all = [
                Control::Pause,
                Control::Resume,
                Control::Mask,
                Control::Unmask,
            ];
            let _ = channel.recorder_control(all[random.usize(0..4)]);
        }
        19 => started(channel.machine_start(machine()), counted, counts, 2),
        20 => drop(channel.machine_stop(Some(Duration::ZERO))),
        21 => drop((
            channel.snapshot(),
            channel.stats(),
            channel.error(),
            channel.recorder_info(),
        )),
        22 => drop(channel.flush(soon)),
        23 => {
            channel.add_handle();
            channel.drop_handle();
        }
        24 => drop(channel.next_event()),
        25 => drop(channel.wait_event(soon)),
        26 => drop((channel.dtmf_result(), channel.dtmf_cause())),
        27 => drop((channel.machine_result(), channel.machine_progress())),
        28 => drop(channel.recorder_result()),
        29 => drop(channel.dtmf_wait(soon)),
        30 => drop(channel.recorder_wait(soon)),
        31 => drop(channel.machine_wait(soon)),
        32 => drop(channel.dtmf_stop(soon)),
        33 => drop(channel.set_callback(None)),
        34 => drop(channel.set_callback(Some(Arc::new(|channel, _| drop(channel.next_event()))))),
        _ => drop(channel.dtmf_collect(dtmf())),
    }
}
