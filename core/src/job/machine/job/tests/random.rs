//! Properties that hold for every detection, on random scripts with fixed seeds.
#![forbid(unsafe_code)]

use super::*;
use fastrand::Rng;

const SCRIPTS: u64 = 3000;

/// Longest script, ms.
const MAX_LENGTH: u64 = 40_000;

fn options(rng: &mut Rng) -> String {
    let mut options = String::from("timeout=25");
    for choice in [
        "detect_message_end=true",
        "detect_interruptions=true",
        "end_silence_timeout=0.4",
        "end_silence_timeout=None",
        "initial_timeout=2",
        "initial_timeout=None",
        "machine_ready_timeout=0.1",
        "ready_on=beep",
        "ready_on=silence",
        "machine_voice_threshold=None",
        "machine_voice_threshold=3",
        "machine_words_threshold=3",
        "detectors=fax",
        "detectors=amd",
        "tone=CED+CNG",
        "listen_on=4",
        "fax_timeout=5",
        "fax_timeout=None",
        "anchor=answer",
        "anchor=first_media",
        "anchor=first_voice",
    ] {
        let key = choice.split('=').next().unwrap_or_default();
        if rng.u8(..4) == 0 && !options.contains(key) {
            options = format!("{options},{choice}");
        }
    }
    options
}

/// A length in ms, a multiple of 5 ms, with an even distribution of its magnitude.
fn length(rng: &mut Rng) -> u64 {
    let max = 1 << rng.u32(2..10);
    5 * rng.u64(1..=max)
}

/// A pause, then voice, a tone, the answer or the first media.
fn random_event(bench: Bench, rng: &mut Rng) -> Bench {
    let from = bench.now.next_multiple_of(10) + 2 * length(rng) - 10;
    let to = from + length(rng);
    match rng.u8(..12) {
        0 => bench.beep(from, to),
        1 => bench.tone(from, to),
        2 => {
            let tone = *rng.choice(FaxTone::ALL).unwrap_or(&FaxTone::Ced);
            bench.tone(from, to).fact(fax(tone, from, to))
        }
        3 => {
            let tone = *rng.choice(NetworkTone::ALL).unwrap_or(&NetworkTone::Busy);
            bench.tone(from, to).fact(network(tone, from, to))
        }
        4 => bench.until(from).answered(),
        5 => bench.until(from).media(),
        _ => bench.voice(from, to),
    }
}

fn run(seed: u64) -> (String, Bench) {
    let rng = &mut Rng::with_seed(seed);
    let options = options(rng);
    let mut bench = start(&options);
    let end = rng.u64(..MAX_LENGTH);
    while bench.now < end {
        bench = random_event(bench, rng);
    }
    bench = if rng.bool() {
        bench.stop()
    } else {
        bench.hangup()
    };
    (options, random_event(bench, rng).until(MAX_LENGTH))
}

/// Options of the adaptive strategy that change what follows a verdict.
fn adaptive_options(rng: &mut Rng) -> String {
    let mut options = String::from("strategy=adaptive,timeout=25");
    for choice in [
        "detect_message_end=true",
        "detect_interruptions=true",
        "ready_on=silence",
        "machine_ready_timeout=2",
        "listen_on=4",
        "revise=true",
        "after_machine=true",
        "max_ms=800",
        "sensitivity=90",
        "provisional=true",
    ] {
        if rng.bool() {
            options = format!("{options},{choice}");
        }
    }
    options
}

/// Voice of anybody, words, or one of the other events.
fn random_adaptive_event(bench: Bench, rng: &mut Rng) -> Bench {
    match rng.u8(..8) {
        0 => random_event(bench, rng),
        1 => {
            let words = ["leave a message", "who is this", "press one", "hello"];
            let words = words[rng.usize(..words.len())];
            let mut bench = bench.sounds_like(rng.bool());
            let now = from_ms(bench.now);
            bench.job.add_words(words, now, now);
            bench.outputs.append(bench.job.outputs());
            bench
        }
        _ => {
            let from = bench.now.next_multiple_of(10) + 2 * length(rng) - 10;
            let pitch_hz = [120.0, 220.0][rng.usize(..2)];
            bench.speech_of(pitch_hz, from, from + length(rng))
        }
    }
}

#[test]
fn every_adaptive_detection_finishes_once_and_last_with_its_last_verdict() {
    let mut results = std::collections::BTreeMap::new();
    for seed in 0..SCRIPTS / 3 {
        let rng = &mut Rng::with_seed(seed);
        let options = adaptive_options(rng);
        let mut bench = start(&options);
        while bench.now < MAX_LENGTH {
            bench = random_adaptive_event(bench, rng);
        }
        let log = bench.log();
        let context = format!("{seed}: {options}: {log:?}");
        let (mut verdict, mut ready, mut last_at) = (MachineVerdict::Detecting, false, 0);
        for (index, output) in bench.outputs.iter().enumerate() {
            let is_last = index + 1 == bench.outputs.len();
            match output {
                MachineOutput::Ended(_) => assert!(is_last, "{context}"),
                MachineOutput::Provisional { at, .. } => {
                    assert!(
                        *at >= last_at && verdict == MachineVerdict::Detecting,
                        "{context}"
                    );
                }
                MachineOutput::Event {
                    event, at, kind, ..
                } => {
                    assert!(!is_last && *at >= last_at, "{context}");
                    assert!((0.0..=1.0).contains(&kind.confidence), "{context}");
                    last_at = *at;
                    match event {
                        MachineEvent::Human => (verdict, ready) = (MachineVerdict::Human, false),
                        MachineEvent::Machine => verdict = MachineVerdict::Machine,
                        MachineEvent::Unknown => verdict = MachineVerdict::Unknown,
                        MachineEvent::Ced | MachineEvent::Cng => verdict = MachineVerdict::Fax,
                        MachineEvent::Ready => ready = true,
                        MachineEvent::NotReady => ready = false,
                        _ => {}
                    }
                }
            }
        }
        let result = bench.result();
        assert_eq!(
            (result.verdict, result.ready),
            (verdict, ready),
            "{context}"
        );
        assert!(result.ended <= from_ms(25_000), "{context}");
        assert!(result.text.len() < 64, "{context}");
        let text = result
            .text
            .trim_end_matches(|c: char| c == '-' || c.is_ascii_digit());
        *results.entry(text.to_owned()).or_insert(0) += 1;
    }
    for text in [
        "ADAPTIVE-HUMAN",
        "ADAPTIVE-MACHINE",
        "ADAPTIVE-REVISED",
        "ADAPTIVE-AFTER-MACHINE",
        "BEEP",
    ] {
        assert!(results.contains_key(text), "{text}: {results:?}");
    }
}

/// Whether `next` may follow `last`; network tones may occur anywhere and are not checked.
fn may_follow(last: &str, next: &str, options: &str) -> bool {
    let fax = next.starts_with('C');
    let beep_ends =
        !options.contains("detect_message_end") || !options.contains("ready_on=silence");
    match last {
        "" => fax || ["HUMAN", "MACHINE", "MACHINE beep", "UNKNOWN"].contains(&next),
        "HUMAN" => fax || next == "MACHINE beep",
        "MACHINE" => fax || ["NOT_READY", "READY", "MACHINE beep"].contains(&next),
        "NOT_READY" => fax || ["READY", "MACHINE beep"].contains(&next),
        "READY" => fax || ["NOT_READY", "MACHINE beep"].contains(&next),
        "MACHINE beep" if beep_ends => next == "READY beep",
        "MACHINE beep" => fax || ["NOT_READY beep", "READY beep", "MACHINE beep"].contains(&next),
        "NOT_READY beep" => fax || ["READY beep", "MACHINE beep"].contains(&next),
        "READY beep" if !beep_ends => fax || ["NOT_READY beep", "MACHINE beep"].contains(&next),
        _ => false,
    }
}

#[test]
fn every_detection_has_a_verdict_and_finishes_once_and_last() {
    let mut results = std::collections::BTreeMap::new();
    for seed in 0..SCRIPTS {
        let (options, bench) = run(seed);
        let log = bench.log();
        let context = format!("{seed}: {options}: {log:?}");

        let ends = bench
            .outputs
            .iter()
            .filter(|output| matches!(output, MachineOutput::Ended(_)));
        assert_eq!(ends.count(), 1, "{context}");
        let result = bench.result();

        let (mut last, mut verdict, mut ready) = (String::new(), MachineVerdict::Detecting, false);
        let mut last_at = 0;
        for output in &bench.outputs[..bench.outputs.len() - 1] {
            let MachineOutput::Event {
                event,
                at,
                beep,
                confidence,
                ..
            } = output
            else {
                panic!("{context}");
            };
            assert!(*at >= last_at && *at <= result.ended, "{context}");
            assert!((0.0..=1.0).contains(confidence), "{context}");
            last_at = *at;
            match event {
                MachineEvent::Ringback
                | MachineEvent::Busy
                | MachineEvent::Reorder
                | MachineEvent::Sit => continue,
                MachineEvent::Human => verdict = MachineVerdict::Human,
                MachineEvent::Machine => verdict = MachineVerdict::Machine,
                MachineEvent::Unknown => verdict = MachineVerdict::Unknown,
                MachineEvent::Ced | MachineEvent::Cng => verdict = MachineVerdict::Fax,
                MachineEvent::Ready => ready = true,
                MachineEvent::NotReady => ready = false,
                other => panic!("{other}: {context}"),
            }
            let next = format!("{event}{}", if *beep { " beep" } else { "" });
            assert!(
                may_follow(&last, &next, &options),
                "{next} after {last}: {context}"
            );
            last = next;
        }
        assert_eq!(
            (result.verdict, result.ready),
            (verdict, ready),
            "{context}"
        );
        assert_eq!(result.beep.is_some(), last.ends_with("beep"), "{context}");
        assert!(
            result.verdict_at.is_some_and(|at| at <= result.ended),
            "{context}"
        );
        assert!(result.text.len() < 64, "{context}");
        let has_cause = result.text.starts_with(result.cause.name());
        assert!(has_cause || result.cause == MachineCause::Ced, "{context}");
        if let Some(anchor) = result.anchor {
            assert!(result.ended <= anchor + from_ms(25_000), "{context}");
        }
        *results.entry(result.cause.name()).or_insert(0) += 1;
    }
    // The scripts reach every rule of `strategy=thresholds`.
    for cause in MachineCause::ALL {
        let unused = [
            MachineCause::None,
            MachineCause::Adaptive,
            MachineCause::Error,
        ];
        assert_eq!(
            results.contains_key(cause.name()),
            !unused.contains(cause),
            "{cause}: {results:?}"
        );
    }
}

#[test]
fn the_lag_of_voice_facts_changes_no_verdict() {
    for seed in 0..SCRIPTS {
        let verdicts = [0, 20, 100].map(|lag| {
            let rng = &mut Rng::with_seed(seed);
            let mut bench = Bench {
                lag,
                ..start("detect_message_end=true,detect_interruptions=true,timeout=None,initial_timeout=None")
            };
            let mut end = 0;
            while end < MAX_LENGTH {
                let from = end + length(rng);
                end = from + length(rng);
                bench = bench.voice(from, end);
            }
            let ms = |log: Vec<String>| -> Vec<(u64, String)> {
                let parts = log.iter().filter_map(|line| line.split_once(' '));
                parts
                    .map(|(at, what)| (at.parse::<u64>().unwrap_or(0) - lag, what.to_owned()))
                    .collect()
            };
            ms(bench.log())
        });
        assert_eq!(verdicts[0], verdicts[1], "{seed}");
        assert_eq!(verdicts[0], verdicts[2], "{seed}");
    }
}
