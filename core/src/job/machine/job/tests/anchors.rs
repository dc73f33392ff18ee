//! `anchor`: the start of the timeouts.
#![forbid(unsafe_code)]

use super::*;

fn call(answered: Option<u64>, first_media: Option<u64>) -> CallTimes {
    CallTimes {
        answered: answered.map(from_ms),
        first_media: first_media.map(from_ms),
    }
}

#[test]
fn start_does_not_depend_on_the_answer() {
    let bench = start("").until(3000).answered().until(5000);
    assert_eq!(
        bench.end(),
        "4500 finished unknown INITIALSILENCE-4500-4500"
    );
    assert_eq!(bench.result().anchor, Some(0));
}

#[test]
fn answer_waits_for_the_answer() {
    let bench = start("anchor=answer").until(50_000);
    assert!(bench.log().is_empty());
    let bench = bench.answered().until(54_495);
    assert!(bench.log().is_empty());
    let bench = bench.until(54_500);
    assert_eq!(
        bench.end(),
        "54500 finished unknown INITIALSILENCE-4500-4500"
    );
    assert_eq!(bench.result().anchor, Some(from_ms(50_000)));
    assert_eq!(bench.result().took(), from_ms(4500));
}

#[test]
fn timeout_counts_from_the_answer() {
    let end = start("anchor=answer,timeout=2")
        .until(7000)
        .answered()
        .until(20_000)
        .end();
    assert_eq!(end, "9000 finished unknown TOOLONG-2000-2000");
}

#[test]
fn before_the_answer_only_network_tones_count() {
    let bench = start("anchor=answer,tone=\"CED,CNG\"")
        .fact(network(NetworkTone::Ringback, 0, 0))
        .voice(500, 3000)
        .beep(3200, 3600)
        .fact(fax(FaxTone::Cng, 3200, 3600))
        .until(6000);
    assert_eq!(bench.log(), ["0 RINGBACK"]);
    let bench = bench.answered().voice(6500, 7000).until(9000);
    assert_eq!(bench.end(), "8000 finished human HUMAN-1000-1000");
    assert_eq!(bench.result().beep, None);
    assert_eq!(bench.result().onset, Some(from_ms(6500)));
    assert_eq!(bench.result().words, 1);
}

#[test]
fn voice_that_lasts_at_the_answer_counts_from_the_answer() {
    let bench = start("anchor=answer")
        .until(1000)
        .fact(Fact::VoiceBegins { at: from_ms(1000) })
        .until(5000)
        .answered()
        .until(6245);
    assert!(bench.log().is_empty());
    let bench = bench.until(6250);
    assert_eq!(bench.end(), "6250 finished machine LONGGREETING-1250-1250");
    assert_eq!(bench.result().onset, Some(from_ms(5000)));
}

#[test]
fn voice_that_ended_before_the_answer_does_not_count_if_reported_after_it() {
    let end = start("anchor=answer")
        .until(1000)
        .fact(Fact::VoiceBegins { at: from_ms(1000) })
        .until(5000)
        .answered()
        .until(5050)
        .fact(Fact::VoiceEnds { at: from_ms(4980) })
        .until(20_000)
        .end();
    assert_eq!(end, "9500 finished unknown INITIALSILENCE-4500-4500");
}

#[test]
fn an_answer_before_the_start_counts_from_the_start() {
    let bench = start_at(60_000, "anchor=answer", call(Some(2000), Some(0))).until(64_495);
    assert!(bench.log().is_empty());
    let bench = bench.until(64_500);
    assert_eq!(
        bench.end(),
        "64500 finished unknown INITIALSILENCE-4500-4500"
    );
    assert_eq!(bench.result().took(), from_ms(4500));
}

#[test]
fn a_second_answer_changes_nothing() {
    let end = start("anchor=answer")
        .until(1000)
        .answered()
        .until(3000)
        .answered()
        .until(9000)
        .end();
    assert_eq!(end, "5500 finished unknown INITIALSILENCE-4500-4500");
}

#[test]
fn first_media_waits_for_audio() {
    let bench = start("anchor=first_media").until(40_000);
    assert!(bench.log().is_empty());
    let end = bench.media().until(41_000).media().until(50_000).end();
    assert_eq!(end, "44500 finished unknown INITIALSILENCE-4500-4500");
}

#[test]
fn media_before_the_start_counts_from_the_start() {
    let end = start_at(10_000, "anchor=first_media", call(None, Some(1000)))
        .until(20_000)
        .end();
    assert_eq!(end, "14500 finished unknown INITIALSILENCE-4500-4500");
}

#[test]
fn first_voice_counts_timeout_from_the_first_word() {
    let options = "anchor=first_voice,timeout=2,machine_voice_threshold=None";
    let bench = start(options).voice(3000, 4995);
    assert!(bench.log().is_empty());
    let bench = bench.until(9000);
    assert_eq!(bench.end(), "5000 finished unknown TOOLONG-2000-2000");
    assert_eq!(bench.result().took(), from_ms(2000));
}

#[test]
fn first_voice_does_not_count_from_a_click() {
    let options = "anchor=first_voice,timeout=2,machine_voice_threshold=None";
    let end = start(options).voice(500, 550).voice(3000, 9000).end();
    assert_eq!(end, "5000 finished unknown TOOLONG-2000-2000");
}

#[test]
fn with_first_voice_initial_timeout_counts_from_the_start() {
    let bench = start("anchor=first_voice,timeout=2").until(9000);
    assert_eq!(
        bench.end(),
        "4500 finished unknown INITIALSILENCE-4500-4500"
    );
    assert_eq!(bench.result().anchor, None);
    assert_eq!(bench.result().took(), from_ms(4500));
}

#[test]
fn a_hangup_before_the_anchor_is_unknown() {
    for anchor in ["answer", "first_media", "first_voice"] {
        let bench = start(&format!("anchor={anchor}")).until(4000).hangup();
        assert_eq!(
            bench.log(),
            ["4000 UNKNOWN", "4000 finished unknown HANGUP-4000"],
            "{anchor}"
        );
        assert_eq!(bench.result().took(), from_ms(4000));
    }
}
