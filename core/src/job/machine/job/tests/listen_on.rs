//! `listen_on`: a beep or a fax tone overrides HUMAN.
#![forbid(unsafe_code)]

use super::*;

fn human(options: &str) -> Bench {
    start(options).voice(500, 1000).until(2000)
}

const HUMAN: &str = "finished human HUMAN-1000-1000";

#[test]
fn by_default_human_ends_the_detection() {
    assert_eq!(human("").end(), format!("2000 {HUMAN}"));
    assert_eq!(human("listen_on=0").end(), format!("2000 {HUMAN}"));
}

#[test]
fn human_is_emitted_at_once_and_finished_after_listen_on() {
    let bench = human("listen_on=3").until(4995);
    assert_eq!(bench.log(), ["2000 HUMAN"]);
    assert_eq!(bench.job.progress().verdict, MachineVerdict::Human);
    let bench = bench.until(5000);
    assert_eq!(bench.log(), ["2000 HUMAN", &format!("5000 {HUMAN}")]);
    assert_eq!(bench.result().verdict_at, Some(from_ms(2000)));
}

#[test]
fn a_beep_overrides_human() {
    let bench = human("listen_on=3").beep(3000, 3400);
    assert_eq!(
        bench.log(),
        [
            "2000 HUMAN",
            "3450 MACHINE beep",
            "3450 READY beep",
            "3450 finished machine BEEP-1000-400"
        ]
    );
    assert_eq!(bench.result().verdict_at, Some(from_ms(3450)));
}

#[test]
fn a_fax_tone_overrides_human() {
    let bench = human("listen_on=3")
        .until(3500)
        .fact(fax(FaxTone::Ced, 3000, 3500));
    assert_eq!(
        bench.log(),
        ["2000 HUMAN", "3500 CED", "3500 finished fax CED-500"]
    );
}

#[test]
fn a_beep_that_begins_within_listen_on_overrides_human() {
    let end = human("listen_on=3").beep(4900, 5300).end();
    assert_eq!(end, "5350 finished machine BEEP-1000-400");
    // The tone was not a beep.
    let end = human("listen_on=3").tone(4900, 5300).until(9000).end();
    assert_eq!(end, format!("5300 {HUMAN}"));
}

#[test]
fn a_beep_that_begins_after_listen_on_does_not_override_human() {
    let end = human("listen_on=3").beep(5000, 5400).end();
    assert_eq!(end, format!("5000 {HUMAN}"));
}

#[test]
fn voice_does_not_override_human() {
    let bench = human("listen_on=3").voice(2500, 9000);
    assert_eq!(bench.log(), ["2000 HUMAN", &format!("5000 {HUMAN}")]);
    assert_eq!(bench.result().words, 1);
}

#[test]
fn network_tones_are_emitted_and_override_nothing() {
    let bench = human("listen_on=3")
        .until(3000)
        .fact(network(NetworkTone::Busy, 2500, 3000))
        .until(9000);
    assert_eq!(
        bench.log(),
        ["2000 HUMAN", "3000 BUSY", &format!("5000 {HUMAN}")]
    );
}

#[test]
fn timeout_stop_and_hangup_leave_the_verdict_human() {
    assert_eq!(
        human("listen_on=None").until(40_000).end(),
        format!("30000 {HUMAN}")
    );
    assert_eq!(
        human("listen_on=30,timeout=4").until(40_000).end(),
        format!("4000 {HUMAN}")
    );
    let bench = human("listen_on=30").until(3000).stop();
    assert_eq!(bench.log(), ["2000 HUMAN", &format!("3000 {HUMAN}")]);
    let bench = human("listen_on=30").until(3000).hangup();
    assert_eq!(bench.log(), ["2000 HUMAN", &format!("3000 {HUMAN}")]);
}

#[test]
fn listen_on_applies_to_human_only() {
    let end = start("listen_on=5").until(9000).end();
    assert_eq!(end, "4500 finished unknown INITIALSILENCE-4500-4500");
    let end = start("listen_on=5").voice(500, 3000).end();
    assert_eq!(end, "1750 finished machine LONGGREETING-1250-1250");
}
