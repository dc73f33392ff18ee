//! `end_silence_timeout` and `machine_voice_threshold`.
#![forbid(unsafe_code)]

use super::*;

#[test]
fn voice_then_end_silence_timeout_is_a_human() {
    let bench = start("").voice(500, 1000).until(1995);
    assert!(bench.log().is_empty());
    assert_eq!(
        bench.until(2000).log(),
        ["2000 HUMAN", "2000 finished human HUMAN-1000-1000"]
    );
}

#[test]
fn voice_just_before_the_end_of_end_silence_timeout_restarts_it() {
    let bench = start("").voice(500, 1000).voice(1995, 2200).until(3195);
    assert!(bench.log().is_empty());
    assert_eq!(
        bench.until(3200).end(),
        "3200 finished human HUMAN-1000-1000"
    );
}

#[test]
fn voice_at_the_end_of_end_silence_timeout_does_not_count() {
    let end = start("").voice(500, 1000).voice(2000, 2200).end();
    assert_eq!(end, "2000 finished human HUMAN-1000-1000");
}

#[test]
fn end_silence_timeout_has_the_value_of_the_option() {
    let end = start("end_silence_timeout=0.6")
        .voice(500, 1000)
        .until(3000)
        .end();
    assert_eq!(end, "1600 finished human HUMAN-600-600");
}

#[test]
fn with_end_silence_timeout_0_the_first_word_ends_the_detection() {
    let bench = start("end_silence_timeout=0").voice(500, 1000);
    assert!(bench.log().is_empty());
    assert_eq!(bench.until(3000).end(), "1005 finished human HUMAN-5-0");
}

#[test]
fn without_end_silence_timeout_silence_gives_no_verdict() {
    let end = start("end_silence_timeout=None")
        .voice(500, 1000)
        .until(40_000)
        .end();
    assert_eq!(end, "30000 finished unknown TOOLONG-30000-30000");
}

#[test]
fn voice_for_machine_voice_threshold_is_a_machine() {
    let bench = start("").voice(500, 1745);
    assert!(bench.log().is_empty());
    assert_eq!(
        bench.until(3000).end(),
        "2745 finished human HUMAN-1000-1000"
    );

    let log = start("").voice(500, 1750).log();
    assert_eq!(
        log,
        [
            "1750 MACHINE",
            "1750 finished machine LONGGREETING-1250-1250"
        ]
    );
}

#[test]
fn machine_voice_threshold_has_the_value_of_the_option() {
    let end = start("machine_voice_threshold=2.5").voice(0, 5000).end();
    assert_eq!(end, "2500 finished machine LONGGREETING-2500-2500");
}

#[test]
fn a_pause_of_200_ms_does_not_interrupt_ongoing_voice() {
    let end = start("").voice(500, 1000).voice(1200, 5000).end();
    assert_eq!(end, "1750 finished machine LONGGREETING-1250-1250");
}

#[test]
fn a_longer_pause_restarts_ongoing_voice() {
    let end = start("").voice(500, 1000).voice(1205, 5000).end();
    assert_eq!(end, "2455 finished machine LONGGREETING-1250-1250");
}

#[test]
fn a_final_pause_does_not_count_as_ongoing_voice() {
    // 1200 ms of voice; with the pause it would exceed 1250 ms.
    let end = start("").voice(500, 1700).until(5000).end();
    assert_eq!(end, "2700 finished human HUMAN-1000-1000");
}

#[test]
fn short_pauses_count_once_voice_continues() {
    let end = start("")
        .voice(0, 400)
        .voice(600, 800)
        .voice(1000, 1200)
        .voice(1400, 1600)
        .end();
    assert_eq!(end, "1405 finished machine LONGGREETING-1405-1250");
}

#[test]
fn with_machine_voice_threshold_0_the_first_word_is_a_machine() {
    let end = start("machine_voice_threshold=0").voice(500, 595).end();
    assert_eq!(end, "");
    let end = start("machine_voice_threshold=0").voice(500, 600).end();
    assert_eq!(end, "600 finished machine LONGGREETING-100-0");
}

#[test]
fn without_machine_voice_threshold_long_voice_is_not_a_machine() {
    let end = start("machine_voice_threshold=None")
        .voice(0, 20_000)
        .until(25_000)
        .end();
    assert_eq!(end, "21000 finished human HUMAN-1000-1000");
}

#[test]
fn a_tone_at_the_end_of_end_silence_timeout_delays_the_verdict() {
    let bench = start("").voice(500, 1000).tone(1900, 2300).until(2385);
    assert!(bench.log().is_empty());
    assert_eq!(
        bench.until(3000).end(),
        "2390 finished human HUMAN-1390-1000"
    );
}

#[test]
fn an_earlier_tone_does_not_delay_the_verdict() {
    let end = start("")
        .voice(500, 1000)
        .tone(1200, 1500)
        .until(3000)
        .end();
    assert_eq!(end, "2000 finished human HUMAN-1000-1000");
}

#[test]
fn a_tone_is_not_voice() {
    let end = start("").tone(0, 4300).until(5000).end();
    assert_eq!(end, "4500 finished unknown INITIALSILENCE-4500-4500");
}

#[test]
fn the_result_of_a_human() {
    let bench = start("")
        .voice(500, 800)
        .voice(1100, 1500)
        .voice(1600, 1640)
        .until(5000);
    let result = bench.result();
    assert_eq!(result.verdict, MachineVerdict::Human);
    assert_eq!(result.cause, MachineCause::Human);
    assert_eq!(result.confidence, 1.0);
    assert_eq!(result.onset, Some(from_ms(500)));
    assert_eq!(result.greeting_end, Some(from_ms(1640)));
    assert_eq!(result.verdict_at, Some(from_ms(2640)));
    assert_eq!(result.latency(), Some(from_ms(1000)));
    assert_eq!((result.words, result.voice), (2, from_ms(740)));
    assert_eq!(result.took(), from_ms(2640));
    assert_eq!((result.beep, result.ready), (None, false));
    assert_eq!(result.fax_tone, FaxTone::None);
    assert_eq!(result.network_tone, NetworkTone::None);
}

#[test]
fn a_verdict_during_voice_has_no_greeting_end() {
    let bench = start("").voice(500, 5000);
    let result = bench.result();
    assert_eq!((result.greeting_end, result.latency()), (None, None));
    assert_eq!((result.words, result.voice), (1, from_ms(1250)));
}

#[test]
fn a_detection_counts_from_its_own_start() {
    let bench = start_at(60_000, "", CallTimes::default())
        .voice(60_500, 61_000)
        .until(63_000);
    assert_eq!(bench.end(), "62000 finished human HUMAN-1000-1000");
    assert_eq!(bench.result().started, from_ms(60_000));
    assert_eq!(bench.result().took(), from_ms(2000));
}
