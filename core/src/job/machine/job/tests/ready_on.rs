//! `ready_on`: what gives READY.
#![forbid(unsafe_code)]

use super::*;

const GREETING: &str = "finished machine LONGGREETING-1250-1250";

fn greeting(options: &str) -> Bench {
    start(&format!("detect_message_end=true,{options}")).voice(500, 3000)
}

#[test]
fn beep_waits_for_the_beep() {
    let bench = greeting("ready_on=beep").until(20_000);
    assert_eq!(bench.log(), ["1750 MACHINE", "1755 NOT_READY"]);
    let bench = bench.beep(20_000, 20_400);
    assert_eq!(
        bench.log()[2..],
        [
            "20450 MACHINE beep",
            "20450 READY beep",
            &format!("20450 {GREETING}")
        ]
    );
    assert!(!bench.job.awaits_beep());
}

#[test]
fn beep_without_a_beep_ends_at_timeout_with_the_verdict() {
    let bench = greeting("ready_on=beep,detect_interruptions=true")
        .voice(8000, 9000)
        .until(40_000);
    assert_eq!(bench.log()[2..], [format!("30000 {GREETING}")]);
    assert!(!bench.result().ready);
}

#[test]
fn silence_gives_ready_after_the_beep_too() {
    let bench = greeting("ready_on=silence,machine_ready_timeout=2")
        .beep(3500, 3900)
        .until(20_000);
    assert_eq!(
        bench.log()[2..],
        [
            "3950 MACHINE beep",
            "5900 READY beep",
            &format!("5900 {GREETING}")
        ]
    );
    assert_eq!(bench.result().beep, Some((from_ms(3500), 1000.0)));
    // Voice after the beep: the machine is not ready yet.
    let bench = greeting("ready_on=silence").beep(3500, 3900);
    let bench = bench.voice(4200, 5000).until(20_000);
    assert_eq!(
        bench.log()[3..],
        ["6000 READY beep", &format!("6000 {GREETING}")]
    );
}

#[test]
fn silence_gives_ready_after_a_beep_without_a_greeting() {
    let log = start("detect_message_end=true,ready_on=silence")
        .beep(1000, 1420)
        .until(9000)
        .log();
    assert_eq!(
        log,
        [
            "1470 MACHINE beep",
            "2420 READY beep",
            "2420 finished machine BEEP-1000-420"
        ]
    );
}

#[test]
fn without_detect_message_end_ready_on_changes_nothing() {
    for ready_on in ["any", "beep", "silence"] {
        let bench = start(&format!("ready_on={ready_on}"));
        assert_eq!(
            bench.beep(1000, 1420).log(),
            [
                "1470 MACHINE beep",
                "1470 READY beep",
                "1470 finished machine BEEP-1000-420"
            ]
        );
    }
}

#[test]
fn a_beep_may_follow_ready_by_silence() {
    for (options, awaits) in [
        ("ready_on=any", true),
        ("ready_on=silence", true),
        ("ready_on=beep", false),
        ("detect_interruptions=true", false),
    ] {
        let bench = greeting(options).until(31_000);
        assert_eq!(bench.job.awaits_beep(), awaits, "{options}");
    }
    assert!(!greeting("").beep(3200, 3600).job.awaits_beep());
    assert!(!greeting("").until(3500).hangup().job.awaits_beep());
}
