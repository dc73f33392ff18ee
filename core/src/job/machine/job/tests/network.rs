//! Tones of the network: complete as they are facts, and why nobody spoke.
#![forbid(unsafe_code)]

use super::*;

const TOLD: [(NetworkTone, &str); 4] = [
    (NetworkTone::Ringback, "RINGBACK"),
    (NetworkTone::Busy, "BUSY"),
    (NetworkTone::Reorder, "REORDER"),
    (NetworkTone::Sit, "SIT"),
];

#[test]
fn each_is_told_and_is_why_nobody_spoke() {
    for (tone, name) in TOLD {
        let bench = start("").until(1000).hear(network(tone, 200, 1000));
        assert_eq!(bench.story(), [format!("1000 {name}")]);
        let bench = bench.until(5000);
        assert_eq!(
            bench.story(),
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
fn dial_tone_is_no_news() {
    let end = start("")
        .until(1000)
        .hear(network(NetworkTone::Dial, 200, 1000))
        .until(5000)
        .story();
    assert_eq!(
        end,
        [
            "4500 UNKNOWN",
            "4500 finished unknown INITIALSILENCE-4500-4500"
        ]
    );
}

#[test]
fn the_last_is_the_reason() {
    let end = start("")
        .until(1000)
        .hear(network(NetworkTone::Ringback, 200, 1000))
        .until(2000)
        .hear(network(NetworkTone::Busy, 1500, 2000))
        .until(5000)
        .end();
    assert_eq!(end, "4500 finished unknown BUSY-4500");
}

#[test]
fn whoever_speaks_after_it_is_judged() {
    let bench = start("")
        .until(1000)
        .hear(network(NetworkTone::Ringback, 200, 1000))
        .voice(2000, 2500)
        .until(5000);
    assert_eq!(
        bench.story(),
        [
            "1000 RINGBACK",
            "3500 HUMAN",
            "3500 finished human HUMAN-1000-1000"
        ]
    );
    assert_eq!(bench.result().network_tone, NetworkTone::Ringback);
}

#[test]
fn timeout_says_that_it_was_timeout() {
    let end = start("timeout=3")
        .until(1000)
        .hear(network(NetworkTone::Busy, 200, 1000))
        .until(5000)
        .end();
    assert_eq!(end, "3000 finished unknown TOOLONG-3000-3000");
}

#[test]
fn they_are_told_whatever_is_detected_and_after_the_verdict() {
    let story = start("detectors=fax")
        .until(1000)
        .hear(network(NetworkTone::Busy, 200, 1000))
        .story();
    assert_eq!(story, ["1000 BUSY"]);
    let bench = start("detect_message_end=true")
        .voice(0, 2000)
        .until(2500)
        .hear(network(NetworkTone::Busy, 2100, 2500))
        .until(3000);
    assert_eq!(
        bench.story(),
        [
            "1250 MACHINE",
            "2500 BUSY",
            "3000 READY",
            "3000 finished machine LONGGREETING-1250-1250"
        ]
    );
    assert_eq!(bench.result().network_tone, NetworkTone::None);
}

#[test]
fn what_it_said_before_the_answer_is_no_reason_for_silence_after_it() {
    for options in ["anchor=answer", "initial_timeout=12"] {
        let end = start(options)
            .until(2000)
            .hear(network(NetworkTone::Ringback, 0, 2000))
            .until(5000)
            .answered()
            .until(15_000)
            .end();
        assert!(end.contains("unknown INITIALSILENCE"), "{options}: {end}");
    }
}

#[test]
fn adaptively_a_busy_tone_is_enough() {
    for (tone, name) in [
        (NetworkTone::Busy, "BUSY"),
        (NetworkTone::Reorder, "REORDER"),
    ] {
        let story = start("strategy=adaptive")
            .until(1000)
            .hear(network(tone, 200, 1000))
            .until(2000)
            .story();
        assert_eq!(
            story,
            [
                format!("1000 {name}"),
                "1005 UNKNOWN".into(),
                format!("1005 finished unknown {name}-1005")
            ]
        );
    }
}

#[test]
fn adaptively_an_announcement_is_a_machine() {
    let story = start("strategy=adaptive")
        .until(1000)
        .hear(network(NetworkTone::Sit, 0, 1000))
        .voice(1500, 1600)
        .until(1700)
        .story();
    assert_eq!(
        story,
        ["1000 SIT", "1600 MACHINE", "1600 finished machine SIT-1"]
    );
    // Nobody speaks.
    let end = start("strategy=adaptive")
        .until(1000)
        .hear(network(NetworkTone::Sit, 0, 1000))
        .until(5000)
        .end();
    assert_eq!(end, "4500 finished unknown SIT-4500");
}

#[test]
fn adaptively_initial_timeout_does_not_count_while_it_rings() {
    let end = start("strategy=adaptive")
        .until(2000)
        .hear(network(NetworkTone::Ringback, 0, 2000))
        .until(6400)
        .hear(network(NetworkTone::Ringback, 4400, 6400))
        .until(20_000)
        .end();
    assert_eq!(end, "10900 finished unknown RINGBACK-10900");
}
