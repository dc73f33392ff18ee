//! Overwriting and recovering a name while its recording ends.

use super::{Scale, Scenario};
use crate::outcome::{all, none, note};
use crate::process::Folder;
use crate::recordings::{call, cipher, overwriting, plain};
use earwig::engine::{Channel, Engine, recover, validate};
use earwig_core::codec::wav;
use earwig_core::job::recorder::{RecorderOptions, RecorderResult};
use earwig_core::types::{Error, RecorderCause, RecorderFormat, Stream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

pub const SCENARIO: Scenario = Scenario {
    name: "same-name",
    title: "overwriting and recovering a name while its recording ends",
    text: "Three ways by turns, plain and encrypted: a second recording with `overwrite` starts at the name until it is accepted; `recover` runs \
there in a loop; and it does so with `overwrite`. Both recordings must end without an error, and the file must hold the audio of the \
recording that ended last. A `recover` that takes the file of a recording that still runs is a loss too.",
    run,
};

/// Rounds at once: each mostly waits for the disk's thread.
const THREADS: usize = 8;

/// Samples of the first and the second recording.
const COUNTS: [usize; 2] = [1600, 800];

#[derive(Default)]
struct Totals {
    rounds: [AtomicUsize; 2],
    lost: [AtomicUsize; 2],
    refused: AtomicUsize,
    left: AtomicUsize,
}

fn run(scale: Scale) {
    let rounds = scale.pick(48, 500);
    let (engine, totals) = (Engine::new(2).expect("an engine"), Totals::default());
    let folder = Folder::new(&std::env::temp_dir(), "earwig-same-name");
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let round = next.fetch_add(1, Ordering::Relaxed);
                    if round >= 2 * rounds {
                        return;
                    }
                    one_round(&engine, &folder.0, round, &totals);
                }
            });
        }
    });
    for (kind, name) in ["plain", "encrypted"].iter().enumerate() {
        let count = totals.rounds[kind].load(Ordering::Relaxed);
        all(&format!("rounds, {name}"), count, rounds);
        none(
            &format!("files lost, {name}"),
            totals.lost[kind].load(Ordering::Relaxed),
        );
    }
    none("files left behind", totals.left.load(Ordering::Relaxed));
    let refused = totals.refused.load(Ordering::Relaxed);
    note(
        "attempts refused while a recording ended",
        &refused.to_string(),
    );
}

/// Options of a recording of 16-bit samples: its audio is read back exactly.
fn samples_only(encrypted: bool) -> RecorderOptions {
    RecorderOptions {
        file_format: RecorderFormat::S16bit,
        cipher: encrypted.then(cipher),
        ..overwriting(0)
    }
}

fn one_round(engine: &Engine, folder: &Path, round: usize, totals: &Totals) {
    let encrypted = round % 2 == 1;
    let folder = folder.join(round.to_string());
    std::fs::create_dir(&folder).expect("a folder");
    let (path, part) = (folder.join("f.wav"), folder.join("f.wav.part"));
    let outcome = match round / 2 % 3 {
        0 => overwrite_at_the_end(engine, &path, encrypted, round, totals),
        1 => recover_at_the_end(engine, &path, &part, encrypted, false, round, totals),
        _ => recover_at_the_end(engine, &path, &part, encrypted, true, round, totals),
    };
    totals.rounds[usize::from(encrypted)].fetch_add(1, Ordering::Relaxed);
    if let Err(why) = outcome {
        let before = totals.lost[usize::from(encrypted)].fetch_add(1, Ordering::Relaxed);
        // One is enough to look for the fault.
        if before == 0 {
            let kind = if encrypted { "encrypted" } else { "plain" };
            println!("round {round}, {kind}: {why}");
        }
    }
    let names = std::fs::read_dir(&folder).expect("the folder").count();
    totals
        .left
        .fetch_add(names.saturating_sub(1), Ordering::Relaxed);
    let _ = std::fs::remove_dir_all(&folder);
}

/// A value that tells a recording's audio from that of others.
fn value(round: usize, which: usize) -> i16 {
    (1000 + 2 * (round % 10_000) + which) as i16
}

/// Starts a recording of known audio; it ends a moment later.
fn begin(
    engine: &Engine,
    path: &Path,
    options: RecorderOptions,
    round: usize,
    which: usize,
) -> Result<Arc<Channel>, Error> {
    let channel = call(engine, 0);
    if let Err(error) = channel.recorder_start(path, options) {
        channel.drop_handle();
        return Err(error);
    }
    let audio = vec![value(round, which); COUNTS[which]];
    channel.write(Stream::Rx, &audio).expect("room for a frame");
    Ok(channel)
}

fn end(channel: &Channel) -> Result<RecorderResult, String> {
    let result = channel.recorder_wait(Some(Duration::from_secs(20)));
    channel.drop_handle();
    let result = result
        .map_err(|e| e.to_string())?
        .ok_or("no recording was started")?;
    match result.cause {
        RecorderCause::Aborted => Ok(result),
        cause => Err(format!(
            "a recording ended with {cause:?}: {}",
            result.error
        )),
    }
}

fn stop(channel: &Channel) {
    channel.flush(None).expect("a worker");
    channel
        .recorder_stop(Some(Duration::ZERO))
        .expect("a recording");
}

/// Checks that the file is whole and has the audio of that recording.
fn check(path: &Path, encrypted: bool, round: usize, which: usize) -> Result<(), String> {
    let key = encrypted.then(cipher);
    let content = validate(path, key.as_ref()).map_err(|e| e.to_string())?;
    let bytes = plain(path, encrypted)?;
    let begins = wav::parse(&bytes[..bytes.len().min(wav::HEADER_MAX)])
        .map_err(|e| e.to_string())?
        .begins;
    let audio = &bytes[begins as usize..][..content.bytes as usize];
    let wanted = value(round, which).to_le_bytes();
    if audio.len() == 2 * COUNTS[which] && audio.chunks(2).all(|pair| pair == wanted) {
        Ok(())
    } else {
        Err(format!("the file has {} bytes of other audio", audio.len()))
    }
}

fn overwrite_at_the_end(
    engine: &Engine,
    path: &Path,
    encrypted: bool,
    round: usize,
    totals: &Totals,
) -> Result<(), String> {
    let options = || samples_only(encrypted);
    let first = begin(engine, path, options(), round, 0).map_err(|e| e.to_string())?;
    stop(&first);
    let deadline = Instant::now() + Duration::from_secs(20);
    let second = loop {
        match begin(engine, path, options(), round, 1) {
            Ok(second) => break second,
            Err(error) if Instant::now() > deadline => return Err(error.to_string()),
            Err(_) => totals.refused.fetch_add(1, Ordering::Relaxed),
        };
    };
    stop(&second);
    let ended = end(&first);
    end(&second)?;
    ended?;
    check(path, encrypted, round, 1)
}

fn recover_at_the_end(
    engine: &Engine,
    path: &Path,
    part: &Path,
    encrypted: bool,
    overwrite: bool,
    round: usize,
    totals: &Totals,
) -> Result<(), String> {
    let channel =
        begin(engine, path, samples_only(encrypted), round, 0).map_err(|e| e.to_string())?;
    let (over, taken) = (AtomicBool::new(false), AtomicUsize::new(0));
    let ended = std::thread::scope(|scope| {
        scope.spawn(|| {
            let key = cipher().key;
            while !over.load(Ordering::Relaxed) {
                if recover(part, Some(&key), overwrite).is_ok() {
                    taken.fetch_add(1, Ordering::Relaxed);
                } else {
                    totals.refused.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        stop(&channel);
        let ended = end(&channel);
        over.store(true, Ordering::Relaxed);
        ended
    });
    ended?;
    match taken.load(Ordering::Relaxed) {
        0 => check(path, encrypted, round, 0),
        taken => Err(format!(
            "recover took the file of a running recording, {taken} times"
        )),
    }
}
