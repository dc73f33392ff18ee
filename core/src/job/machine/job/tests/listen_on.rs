//! `listen_on`: a beep or a fax tone may still say that it was no human.
#![forbid(unsafe_code)]

use super::*;

fn human(options: &str) -> Bench {
    start(options).voice(500, 1000).until(2000)
}

const HUMAN: &str = "finished human HUMAN-1000-1000";

#[test]
fn by_default_human_is_the_end() {
    assert_eq!(human("").end(), format!("2000 {HUMAN}"));
    assert_eq!(human("listen_on=0").end(), format!("2000 {HUMAN}"));
}

#[test]
fn human_is_told_at_once_and_finished_later() {
    let bench = human("listen_on=3").until(4995);
    assert_eq!(bench.story(), ["2000 HUMAN"]);
    assert_eq!(bench.job.progress().verdict, MachineVerdict::Human);
    let bench = bench.until(5000);
    assert_eq!(bench.story(), ["2000 HUMAN", &format!("5000 {HUMAN}")]);
    assert_eq!(bench.result().verdict_at, Some(from_ms(2000)));
}

#[test]
fn a_beep_overrides_human() {
    let bench = human("listen_on=3").beep(3000, 3400);
    assert_eq!(
        bench.story(),
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
        .hear(fax(FaxTone::Ced, 3000, 3500));
    assert_eq!(
        bench.story(),
        ["2000 HUMAN", "3500 CED", "3500 finished fax CED-500"]
    );
}

#[test]
fn a_beep_that_began_in_time_overrides_human() {
    let end = human("listen_on=3").beep(4900, 5300).end();
    assert_eq!(end, "5350 finished machine BEEP-1000-400");
    // It was none.
    let end = human("listen_on=3").tone(4900, 5300).until(9000).end();
    assert_eq!(end, format!("5390 {HUMAN}"));
}

#[test]
fn a_beep_that_began_later_does_not() {
    let end = human("listen_on=3").beep(5000, 5400).end();
    assert_eq!(end, format!("5000 {HUMAN}"));
}

#[test]
fn voice_does_not_override_human() {
    let bench = human("listen_on=3").voice(2500, 9000);
    assert_eq!(bench.story(), ["2000 HUMAN", &format!("5000 {HUMAN}")]);
    assert_eq!(bench.result().words, 1);
}

#[test]
fn network_tones_are_told_and_override_nothing() {
    let bench = human("listen_on=3")
        .until(3000)
        .hear(network(NetworkTone::Busy, 2500, 3000))
        .until(9000);
    assert_eq!(
        bench.story(),
        ["2000 HUMAN", "3000 BUSY", &format!("5000 {HUMAN}")]
    );
}

#[test]
fn timeout_stop_and_hang_up_leave_it_a_human() {
    assert_eq!(
        human("listen_on=None").until(40_000).end(),
        format!("30000 {HUMAN}")
    );
    assert_eq!(
        human("listen_on=30,timeout=4").until(40_000).end(),
        format!("4000 {HUMAN}")
    );
    let bench = human("listen_on=30").until(3000).stop();
    assert_eq!(bench.story(), ["2000 HUMAN", &format!("3000 {HUMAN}")]);
    let bench = human("listen_on=30").until(3000).hangup();
    assert_eq!(bench.story(), ["2000 HUMAN", &format!("3000 {HUMAN}")]);
}

#[test]
fn it_is_about_humans_alone() {
    let end = start("listen_on=5").until(9000).end();
    assert_eq!(end, "4500 finished unknown INITIALSILENCE-4500-4500");
    let end = start("listen_on=5").voice(500, 3000).end();
    assert_eq!(end, "1750 finished machine LONGGREETING-1250-1250");
}
