//! Scripts at random, always the same ones: what holds of every detection.
#![forbid(unsafe_code)]

use super::*;
use fastrand::Rng;

const SCRIPTS: u64 = 3000;

/// No script is longer, ms.
const LONGEST: u64 = 40_000;

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
        "machine_voice_threshold=None",
        "machine_voice_threshold=3",
        "machine_words_threshold=3",
        "detectors=fax",
        "detectors=amd",
        "tone=CED+CNG",
        "listen_on=4",
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

/// A length in ms, in steps of 5 ms; short ones are as frequent as long ones.
fn length(rng: &mut Rng) -> u64 {
    let longest = 1 << rng.u32(2..10);
    5 * rng.u64(1..=longest)
}

/// A pause, then voice or a tone, whatever it may be.
fn something(bench: Bench, rng: &mut Rng) -> Bench {
    let from = bench.now.next_multiple_of(10) + 2 * length(rng) - 10;
    let to = from + length(rng);
    match rng.u8(..12) {
        0 => bench.beep(from, to),
        1 => bench.tone(from, to),
        2 => {
            let tone = *rng.choice(FaxTone::ALL).unwrap_or(&FaxTone::Ced);
            bench.tone(from, to).hear(fax(tone, from, to))
        }
        3 => {
            let tone = *rng.choice(NetworkTone::ALL).unwrap_or(&NetworkTone::Busy);
            bench.tone(from, to).hear(network(tone, from, to))
        }
        4 => bench.until(from).answered(),
        5 => bench.until(from).media(),
        _ => bench.voice(from, to),
    }
}

fn play(seed: u64) -> (String, Bench) {
    let rng = &mut Rng::with_seed(seed);
    let options = options(rng);
    let mut bench = start(&options);
    let over = rng.u64(..LONGEST);
    while bench.now < over {
        bench = something(bench, rng);
    }
    bench = if rng.bool() {
        bench.stop()
    } else {
        bench.hangup()
    };
    (options, something(bench, rng).until(LONGEST))
}

/// What may follow an event; the network's tones may stand anywhere.
fn may_follow(last: &str, next: &str) -> bool {
    let fax = ["CED", "CNG"].contains(&next);
    match last {
        "" => fax || ["HUMAN", "MACHINE", "MACHINE beep", "UNKNOWN"].contains(&next),
        "HUMAN" => fax || next == "MACHINE beep",
        "MACHINE" | "NOT_READY" => fax || ["READY", "MACHINE beep"].contains(&next),
        "READY" => fax || ["NOT_READY", "MACHINE beep"].contains(&next),
        "MACHINE beep" => next == "READY beep",
        _ => false,
    }
}

#[test]
fn every_detection_has_a_verdict_and_finishes_once_and_last() {
    let mut results = std::collections::BTreeMap::new();
    for seed in 0..SCRIPTS {
        let (options, bench) = play(seed);
        let story = bench.story();
        let says = format!("{seed}: {options}: {story:?}");

        let ends = bench
            .outputs
            .iter()
            .filter(|output| matches!(output, MachineOutput::Ended(_)));
        assert_eq!(ends.count(), 1, "{says}");
        let result = bench.result();

        let (mut last, mut verdict, mut ready) = (String::new(), MachineVerdict::Detecting, false);
        let mut then = 0;
        for output in &bench.outputs[..bench.outputs.len() - 1] {
            let MachineOutput::Event {
                event,
                at,
                beep,
                confidence,
                ..
            } = output
            else {
                panic!("{says}");
            };
            assert!(*at >= then && *at <= result.ended, "{says}");
            assert!((0.0..=1.0).contains(confidence), "{says}");
            then = *at;
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
                other => panic!("{other}: {says}"),
            }
            let next = format!("{event}{}", if *beep { " beep" } else { "" });
            assert!(may_follow(&last, &next), "{next} after {last}: {says}");
            last = next;
        }
        assert_eq!((result.verdict, result.ready), (verdict, ready), "{says}");
        assert_eq!(result.beep.is_some(), last.ends_with("beep"), "{says}");
        assert!(
            result.verdict_at.is_some_and(|at| at <= result.ended),
            "{says}"
        );
        assert!(result.text.len() < 64, "{says}");
        let starts = result.text.starts_with(result.cause.name());
        assert!(starts || result.cause == MachineCause::Ced, "{says}");
        if let Some(anchor) = result.anchor {
            assert!(result.ended <= anchor + from_ms(25_000), "{says}");
        }
        *results.entry(result.cause.name()).or_insert(0) += 1;
    }
    // The scripts reach every rule of the thresholds.
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
fn how_late_voice_is_told_changes_no_verdict() {
    for seed in 0..SCRIPTS {
        let verdicts = [0, 20, 100].map(|late| {
            let rng = &mut Rng::with_seed(seed);
            let mut bench = Bench {
                late,
                ..start("detect_message_end=true,detect_interruptions=true")
            };
            let mut then = 0;
            while then < LONGEST {
                let from = then + length(rng);
                then = from + length(rng);
                bench = bench.voice(from, then);
            }
            let ms = |story: Vec<String>| -> Vec<(u64, String)> {
                let parts = story.iter().filter_map(|line| line.split_once(' '));
                parts
                    .map(|(at, what)| (at.parse::<u64>().unwrap_or(0) - late, what.to_owned()))
                    .collect()
            };
            ms(bench.story())
        });
        assert_eq!(verdicts[0], verdicts[1], "{seed}");
        assert_eq!(verdicts[0], verdicts[2], "{seed}");
    }
}
