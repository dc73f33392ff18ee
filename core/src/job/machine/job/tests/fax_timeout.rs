//! `fax_timeout`: a fax tone after `initial_timeout`.
#![forbid(unsafe_code)]

use super::*;

const UNKNOWN: &str = "finished unknown INITIALSILENCE-4500-4500";

#[test]
fn by_default_a_fax_tone_after_initial_timeout_is_not_detected() {
    let bench = start("").until(6000).fact(fax(FaxTone::Ced, 5000, 6000));
    assert_eq!(bench.log(), ["4500 UNKNOWN", &format!("4500 {UNKNOWN}")]);
}

#[test]
fn a_fax_tone_within_fax_timeout_is_a_fax() {
    for (options, tone) in [
        ("fax_timeout=10", FaxTone::Ced),
        ("fax_timeout=10,tone=CNG", FaxTone::Cng),
        ("fax_timeout=None", FaxTone::V21),
    ] {
        let bench = start(options).until(13_000);
        assert!(bench.log().is_empty());
        assert_eq!(bench.job.progress().verdict, MachineVerdict::Detecting);
        let end = bench.fact(fax(tone, 12_450, 13_000)).end();
        assert_eq!(end, format!("13000 finished fax {tone}-550"));
    }
}

#[test]
fn unknown_follows_fax_timeout_with_the_cause_of_initial_timeout() {
    let bench = start("fax_timeout=10").until(40_000);
    assert_eq!(bench.log(), ["14500 UNKNOWN", &format!("14500 {UNKNOWN}")]);
    let bench = start("fax_timeout=10")
        .until(2000)
        .fact(network(NetworkTone::Ringback, 1000, 2000))
        .until(40_000);
    assert_eq!(bench.end(), "14500 finished unknown RINGBACK-4500");
}

#[test]
fn timeout_limits_fax_timeout() {
    for options in ["fax_timeout=None", "fax_timeout=30"] {
        let end = start(options).until(40_000).end();
        assert_eq!(end, format!("30000 {UNKNOWN}"));
    }
}

#[test]
fn after_initial_timeout_only_fax_tones_count() {
    let bench = start("fax_timeout=10,detect_message_end=true")
        .voice(5000, 8000)
        .beep(8200, 8600)
        .until(9000)
        .fact(network(NetworkTone::Ringback, 8800, 9000));
    assert_eq!(bench.log(), ["9000 RINGBACK"]);
    let end = bench.until(20_000).end();
    assert_eq!(end, format!("14500 {UNKNOWN}"));
}

#[test]
fn a_tone_that_sounds_at_the_end_of_fax_timeout_may_be_a_fax() {
    let bench = start("fax_timeout=5").tone(9400, 9950);
    let end = bench.fact(fax(FaxTone::Ced, 9400, 9950)).end();
    assert_eq!(end, "9950 finished fax CED-550");
    // It was none.
    let end = start("fax_timeout=5").tone(9400, 9900).until(12_000).end();
    assert_eq!(end, format!("9900 {UNKNOWN}"));
    // CNG has silence after it.
    let bench = start("fax_timeout=5,tone=CNG").tone(9400, 9900);
    let end = bench
        .until(10_090)
        .fact(fax(FaxTone::Cng, 9400, 10_090))
        .end();
    assert_eq!(end, "10090 finished fax CNG-690");
}

#[test]
fn a_stop_and_a_hangup_within_fax_timeout_are_unknown() {
    let end = start("fax_timeout=10").until(6000).stop().end();
    assert_eq!(end, "6000 finished unknown STOPPED-6000");
    let end = start("fax_timeout=10").until(6000).hangup().end();
    assert_eq!(end, "6000 finished unknown HANGUP-6000");
}

#[test]
fn fax_timeout_needs_both_detectors_and_no_voice() {
    let end = start("fax_timeout=10,detectors=amd").until(20_000).end();
    assert_eq!(end, format!("4500 {UNKNOWN}"));
    let end = start("fax_timeout=1,detectors=fax").until(40_000).end();
    assert_eq!(end, "30000 finished unknown TOOLONG-30000-30000");
    let end = start("fax_timeout=10").voice(500, 1000).until(20_000).end();
    assert_eq!(end, "2000 finished human HUMAN-1000-1000");
}
