//! `detect_message_end`, `machine_ready_timeout` and `detect_interruptions`.
#![forbid(unsafe_code)]

use super::*;

const GREETING: &str = "finished machine LONGGREETING-1250-1250";

#[test]
fn without_detect_message_end_the_verdict_ends_the_detection() {
    for options in ["", "detect_interruptions=true"] {
        let log = start(options).voice(500, 3000).until(9000).log();
        assert_eq!(
            log,
            ["1750 MACHINE", &format!("1750 {GREETING}")],
            "{options}"
        );
    }
}

#[test]
fn the_end_of_the_greeting_gives_ready() {
    let bench = start("detect_message_end=true")
        .voice(500, 3000)
        .until(3995);
    assert_eq!(bench.log(), ["1750 MACHINE", "1755 NOT_READY"]);
    let bench = bench.until(4000);
    assert_eq!(
        bench.log()[2..],
        ["4000 READY", &format!("4000 {GREETING}")]
    );
    let result = bench.result();
    assert!(result.ready);
    assert_eq!(result.verdict_at, Some(from_ms(1750)));
    assert_eq!(
        (result.ended, result.took()),
        (from_ms(4000), from_ms(4000))
    );
}

#[test]
fn machine_ready_timeout_defaults_to_end_silence_timeout() {
    for (options, ready) in [
        ("end_silence_timeout=0.6", 3600),
        ("end_silence_timeout=0.6,machine_ready_timeout=None", 3600),
        ("end_silence_timeout=0.6,machine_ready_timeout=2", 5000),
        ("machine_ready_timeout=0.3", 3300),
        ("machine_ready_timeout=0", 3005),
    ] {
        let end = start(&format!("detect_message_end=true,{options}"))
            .voice(500, 3000)
            .until(9000)
            .end();
        assert_eq!(end, format!("{ready} {GREETING}"), "{options}");
    }
}

#[test]
fn with_an_infinite_machine_ready_timeout_only_the_beep_ends_the_message() {
    let options = MachineOptions {
        detect_message_end: true,
        machine_ready_timeout: Some(Timeout::Forever),
        ..MachineOptions::default()
    };
    let bench = start_with(0, options, CallTimes::default())
        .voice(500, 3000)
        .until(20_000);
    assert_eq!(bench.log(), ["1750 MACHINE", "1755 NOT_READY"]);
    assert_eq!(
        bench.beep(20_000, 20_400).end(),
        format!("20450 {GREETING}")
    );
}

#[test]
fn a_pause_within_the_greeting_does_not_end_it() {
    let end = start("detect_message_end=true")
        .voice(500, 3000)
        .voice(3995, 4500)
        .until(9000)
        .end();
    assert_eq!(end, format!("5500 {GREETING}"));
}

#[test]
fn the_beep_ends_the_message() {
    let bench = start("detect_message_end=true")
        .voice(500, 3000)
        .beep(3200, 3600);
    assert_eq!(
        bench.log(),
        [
            "1750 MACHINE",
            "1755 NOT_READY",
            "3650 MACHINE beep",
            "3650 READY beep",
            &format!("3650 {GREETING}")
        ]
    );
    let result = bench.result();
    assert_eq!(result.beep, Some((from_ms(3200), 1000.0)));
    assert!(result.ready);
    assert_eq!(result.cause, MachineCause::LongGreeting);
}

#[test]
fn a_tone_at_the_end_of_machine_ready_timeout_delays_ready() {
    let log = start("detect_message_end=true")
        .voice(500, 3000)
        .beep(3900, 4500)
        .log();
    assert_eq!(log[2..4], ["4550 MACHINE beep", "4550 READY beep"]);
    // The tone was not a beep.
    let end = start("detect_message_end=true")
        .voice(500, 3000)
        .tone(3900, 4500)
        .until(9000)
        .end();
    assert_eq!(end, format!("4590 {GREETING}"));
}

#[test]
fn a_human_ends_the_detection_at_once() {
    let log = start("detect_message_end=true,detect_interruptions=true")
        .voice(500, 1000)
        .until(9000)
        .log();
    assert_eq!(log, ["2000 HUMAN", "2000 finished human HUMAN-1000-1000"]);
}

fn interrupted() -> Bench {
    start("detect_message_end=true,detect_interruptions=true")
        .voice(500, 3000)
        .until(4500)
}

#[test]
fn with_detect_interruptions_the_detection_continues_after_ready() {
    let bench = interrupted();
    assert_eq!(
        bench.log(),
        ["1750 MACHINE", "1755 NOT_READY", "4000 READY"]
    );
    assert!(bench.job.progress().ready);
    let bench = bench.until(40_000);
    assert_eq!(bench.end(), format!("30000 {GREETING}"));
    assert!(bench.result().ready);
}

#[test]
fn voice_after_ready_gives_not_ready_each_time() {
    let bench = interrupted()
        .voice(5000, 6000)
        .voice(6500, 7000)
        .until(8500)
        .voice(9000, 9200)
        .until(9500);
    assert_eq!(
        bench.log()[2..],
        [
            "4000 READY",
            "5100 NOT_READY",
            "8000 READY",
            "9100 NOT_READY"
        ]
    );
    assert!(!bench.job.progress().ready);
    assert!(!bench.stop().result().ready);
}

#[test]
fn voice_that_begins_with_ready_is_an_interruption() {
    let log = interrupted_from(4000);
    assert_eq!(log[2..], ["4000 READY", "4100 NOT_READY", "6000 READY"]);
    // Voice that begins 5 ms earlier belongs to the greeting.
    let log = interrupted_from(3995);
    assert_eq!(log[2..], ["6000 READY"]);
}

fn interrupted_from(from: u64) -> Vec<String> {
    start("detect_message_end=true,detect_interruptions=true")
        .voice(500, 3000)
        .voice(from, 5000)
        .until(6500)
        .log()
}

#[test]
fn a_click_after_ready_is_no_interruption() {
    for options in ["", ",machine_ready_timeout=0.1"] {
        let options = format!("detect_message_end=true,detect_interruptions=true{options}");
        let log = start(&options)
            .voice(500, 3000)
            .until(3100)
            .voice(3150, 3245)
            .voice(5000, 5095)
            .until(20_000)
            .log();
        assert_eq!(log.len(), 3, "{log:?}");
    }
}

#[test]
fn the_shortest_word_is_an_interruption_even_if_reported_at_its_end() {
    let log = interrupted()
        .until(5100)
        .fact(Fact::VoiceBegins { at: from_ms(5000) })
        .fact(Fact::VoiceEnds { at: from_ms(5100) })
        .until(7000)
        .log();
    assert_eq!(log[3..], ["5105 NOT_READY", "6100 READY"]);
}

#[test]
fn the_beep_ends_detect_interruptions() {
    let bench = interrupted().voice(5000, 6000).beep(6200, 6500);
    assert_eq!(
        bench.log()[2..],
        [
            "4000 READY",
            "5100 NOT_READY",
            "6550 MACHINE beep",
            "6550 READY beep",
            &format!("6550 {GREETING}")
        ]
    );
    assert!(bench.result().ready);
    // The same while the machine is ready.
    let log = interrupted().beep(5000, 5400).log();
    assert_eq!(log[3..5], ["5450 MACHINE beep", "5450 READY beep"]);
}

#[test]
fn timeout_ends_detect_interruptions() {
    let bench = start("detect_message_end=true,detect_interruptions=true,timeout=6")
        .voice(500, 3000)
        .voice(5000, 9000);
    assert_eq!(
        bench.log()[3..],
        ["5100 NOT_READY", &format!("6000 {GREETING}")]
    );
    assert!(!bench.result().ready);
}

#[test]
fn a_machine_by_words_has_a_message_end_too() {
    let log = start("detect_message_end=true")
        .words(500, 7)
        .until(9000)
        .log();
    assert_eq!(
        log,
        [
            "3100 MACHINE",
            "3105 NOT_READY",
            "4700 READY",
            "4700 finished machine MAXWORDS-6-6"
        ]
    );
}

#[test]
fn a_machine_that_speaks_on_is_not_ready_once() {
    let options = "detect_message_end=true";
    let log = start(options)
        .voice(500, 3000)
        .voice(3500, 4000)
        .voice(4300, 5000)
        .until(9000)
        .log();
    let expected = [
        "1750 MACHINE",
        "1755 NOT_READY",
        "6000 READY",
        &format!("6000 {GREETING}"),
    ];
    assert_eq!(log, expected);
    // The same without a word at the verdict.
    let log = start(options)
        .voice(500, 1750)
        .voice(2500, 2900)
        .until(9000)
        .log();
    let expected = [
        "1750 MACHINE",
        "2600 NOT_READY",
        "3900 READY",
        &format!("3900 {GREETING}"),
    ];
    assert_eq!(log, expected);
}

#[test]
fn a_machine_that_is_silent_after_the_verdict_is_ready() {
    let log = start("detect_message_end=true")
        .voice(500, 1750)
        .voice(2000, 2090)
        .until(9000)
        .log();
    // The second sound is no word, but silence begins after it.
    let expected = ["1750 MACHINE", "3090 READY", &format!("3090 {GREETING}")];
    assert_eq!(log, expected);
}

#[test]
fn a_beep_as_the_verdict_has_no_not_ready() {
    let log = start("detect_message_end=true").beep(1000, 1420).log();
    assert!(
        !log.iter().any(|line| line.contains("NOT_READY")),
        "{log:?}"
    );
}

#[test]
fn the_lag_of_the_facts_does_not_change_not_ready() {
    for lag in [0, 60, 100] {
        let bench = Bench {
            lag,
            ..start("detect_message_end=true,detect_interruptions=true")
        };
        let log = bench.voice(500, 1750).until(9000).log();
        assert!(
            !log.iter().any(|line| line.contains("NOT_READY")),
            "{log:?}"
        );
        let bench = Bench {
            lag,
            ..start("detect_message_end=true,detect_interruptions=true")
        };
        let log = bench.voice(500, 1850).until(9000).log();
        assert_eq!(log[1], format!("{} NOT_READY", 1755 + lag));
    }
}
