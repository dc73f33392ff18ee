//! Network tones: their events, and their use as the cause of UNKNOWN.
#![forbid(unsafe_code)]

use super::*;

const TONES: [(NetworkTone, &str); 4] = [
    (NetworkTone::Ringback, "RINGBACK"),
    (NetworkTone::Busy, "BUSY"),
    (NetworkTone::Reorder, "REORDER"),
    (NetworkTone::Sit, "SIT"),
];

#[test]
fn each_tone_is_emitted_and_is_the_cause_without_voice() {
    for (tone, name) in TONES {
        let bench = start("").until(1000).fact(network(tone, 200, 1000));
        assert_eq!(bench.log(), [format!("1000 {name}")]);
        let bench = bench.until(5000);
        assert_eq!(
            bench.log(),
            [
                format!("1000 {name}"),
                "4500 UNKNOWN".into(),
                format!("4500 finished unknown {name}-4500")
            ]
        );
        assert_eq!(bench.result().network_tone, tone);
        assert_eq!(bench.result().confidence, 0.0);
    }
}

#[test]
fn dial_tone_gives_no_event() {
    let end = start("")
        .until(1000)
        .fact(network(NetworkTone::Dial, 200, 1000))
        .until(5000)
        .log();
    assert_eq!(
        end,
        [
            "4500 UNKNOWN",
            "4500 finished unknown INITIALSILENCE-4500-4500"
        ]
    );
}

#[test]
fn the_last_tone_is_the_cause() {
    let end = start("")
        .until(1000)
        .fact(network(NetworkTone::Ringback, 200, 1000))
        .until(2000)
        .fact(network(NetworkTone::Busy, 1500, 2000))
        .until(5000)
        .end();
    assert_eq!(end, "4500 finished unknown BUSY-4500");
}

#[test]
fn voice_after_a_tone_gives_a_verdict() {
    let bench = start("")
        .until(1000)
        .fact(network(NetworkTone::Ringback, 200, 1000))
        .voice(2000, 2500)
        .until(5000);
    assert_eq!(
        bench.log(),
        [
            "1000 RINGBACK",
            "3500 HUMAN",
            "3500 finished human HUMAN-1000-1000"
        ]
    );
    assert_eq!(bench.result().network_tone, NetworkTone::Ringback);
}

#[test]
fn after_a_tone_the_cause_of_timeout_is_too_long() {
    let end = start("timeout=3")
        .until(1000)
        .fact(network(NetworkTone::Busy, 200, 1000))
        .until(5000)
        .end();
    assert_eq!(end, "3000 finished unknown TOOLONG-3000-3000");
}

#[test]
fn tones_are_emitted_without_the_detector_amd_and_after_the_verdict() {
    let log = start("detectors=fax")
        .until(1000)
        .fact(network(NetworkTone::Busy, 200, 1000))
        .log();
    assert_eq!(log, ["1000 BUSY"]);
    let bench = start("detect_message_end=true")
        .voice(0, 2000)
        .until(2500)
        .fact(network(NetworkTone::Busy, 2100, 2500))
        .until(3000);
    assert_eq!(
        bench.log(),
        [
            "1250 MACHINE",
            "1255 NOT_READY",
            "2500 BUSY",
            "3000 READY",
            "3000 finished machine LONGGREETING-1250-1250"
        ]
    );
    assert_eq!(bench.result().network_tone, NetworkTone::None);
}

#[test]
fn a_tone_before_the_answer_is_not_the_cause_of_silence_after_it() {
    for options in ["anchor=answer", "initial_timeout=12"] {
        let end = start(options)
            .until(2000)
            .fact(network(NetworkTone::Ringback, 0, 2000))
            .until(5000)
            .answered()
            .until(15_000)
            .end();
        assert!(end.contains("unknown INITIALSILENCE"), "{options}: {end}");
    }
}

#[test]
fn with_adaptive_a_busy_tone_ends_the_detection() {
    for (tone, name) in [
        (NetworkTone::Busy, "BUSY"),
        (NetworkTone::Reorder, "REORDER"),
    ] {
        let log = start("strategy=adaptive")
            .until(1000)
            .fact(network(tone, 200, 1000))
            .until(2000)
            .log();
        assert_eq!(
            log,
            [
                format!("1000 {name}"),
                "1005 UNKNOWN".into(),
                format!("1005 finished unknown {name}-1005")
            ]
        );
    }
}

#[test]
fn with_adaptive_voice_after_sit_is_a_machine() {
    let log = start("strategy=adaptive")
        .until(1000)
        .fact(network(NetworkTone::Sit, 0, 1000))
        .voice(1500, 1600)
        .until(1700)
        .log();
    assert_eq!(
        log,
        ["1000 SIT", "1600 MACHINE", "1600 finished machine SIT-1"]
    );
    // Without voice.
    let end = start("strategy=adaptive")
        .until(1000)
        .fact(network(NetworkTone::Sit, 0, 1000))
        .until(5000)
        .end();
    assert_eq!(end, "4500 finished unknown SIT-4500");
}

#[test]
fn with_adaptive_initial_timeout_restarts_at_each_ringback() {
    let end = start("strategy=adaptive")
        .until(2000)
        .fact(network(NetworkTone::Ringback, 0, 2000))
        .until(6400)
        .fact(network(NetworkTone::Ringback, 4400, 6400))
        .until(20_000)
        .end();
    assert_eq!(end, "10900 finished unknown RINGBACK-10900");
}
