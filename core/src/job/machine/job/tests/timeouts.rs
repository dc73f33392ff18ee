//! `initial_timeout` and `timeout`.
#![forbid(unsafe_code)]

use super::*;

#[test]
fn initial_timeout_without_voice_is_unknown() {
    let bench = start("").until(4495);
    assert!(bench.story().is_empty());
    assert_eq!(
        bench.until(4500).story(),
        [
            "4500 UNKNOWN",
            "4500 finished unknown INITIALSILENCE-4500-4500"
        ]
    );
}

#[test]
fn voice_just_before_the_end_of_initial_timeout_is_judged() {
    let end = start("").voice(4495, 5000).until(10_000).end();
    assert_eq!(end, "6000 finished human HUMAN-1000-1000");
}

#[test]
fn voice_at_the_end_of_initial_timeout_is_too_late() {
    let end = start("").voice(4500, 5000).end();
    assert_eq!(end, "4500 finished unknown INITIALSILENCE-4500-4500");
}

#[test]
fn initial_timeout_is_what_was_asked_for() {
    let end = start("initial_timeout=2.5").until(5000).end();
    assert_eq!(end, "2500 finished unknown INITIALSILENCE-2500-2500");
    let end = start("initial_timeout=0").until(5000).end();
    assert_eq!(end, "5 finished unknown INITIALSILENCE-5-0");
    let end = start("initial_timeout=None").until(50_000).end();
    assert_eq!(end, "30000 finished unknown TOOLONG-30000-30000");
}

#[test]
fn a_click_is_no_voice_within_initial_timeout() {
    let end = start("").voice(1000, 1095).until(10_000).end();
    assert_eq!(end, "4500 finished unknown INITIALSILENCE-4500-4500");
    let end = start("").voice(1000, 1100).until(10_000).end();
    assert_eq!(end, "2100 finished human HUMAN-1000-1000");
}

#[test]
fn what_begins_within_initial_timeout_may_still_become_a_word() {
    let bench = start("").voice(4450, 4540);
    assert!(bench.story().is_empty());
    assert_eq!(
        bench.until(5000).end(),
        "4545 finished unknown INITIALSILENCE-4545-4500"
    );
    let end = start("").voice(4450, 4550).until(10_000).end();
    assert_eq!(end, "5550 finished human HUMAN-1000-1000");
}

#[test]
fn a_click_is_not_the_onset() {
    let bench = start("").voice(300, 350).voice(1000, 1500).until(3000);
    assert_eq!(bench.result().onset, Some(from_ms(1000)));
    assert_eq!(bench.result().words, 1);
    let bench = start("").voice(300, 350).until(5000);
    assert_eq!(bench.result().onset, None);
}

#[test]
fn a_tone_at_the_end_of_initial_timeout_is_waited_for() {
    let end = start("").tone(4400, 4600).until(5000).end();
    assert_eq!(end, "4690 finished unknown INITIALSILENCE-4690-4500");
    let end = start("").beep(4400, 4700).end();
    assert_eq!(end, "4750 finished machine BEEP-1000-300");
}

#[test]
fn timeout_without_a_verdict_is_unknown() {
    let bench = start("timeout=2").voice(500, 1500).until(1995);
    assert!(bench.story().is_empty());
    assert_eq!(
        bench.until(2000).story(),
        ["2000 UNKNOWN", "2000 finished unknown TOOLONG-2000-2000"]
    );
}

#[test]
fn a_timeout_of_0_is_at_once() {
    let end = start("timeout=0").until(100).end();
    assert_eq!(end, "5 finished unknown TOOLONG-5-0");
}

#[test]
fn without_timeout_it_lasts_until_it_is_stopped() {
    let options = "timeout=None,initial_timeout=None";
    let bench = start(options).until(100_000);
    assert!(bench.story().is_empty());
    assert_eq!(bench.stop().end(), "100000 finished unknown STOPPED-100000");
}

#[test]
fn no_tone_holds_up_timeout() {
    let end = start("timeout=2,initial_timeout=1").tone(500, 5000).end();
    assert_eq!(end, "2000 finished unknown TOOLONG-2000-2000");
}

#[test]
fn a_verdict_wins_a_tie_with_timeout() {
    for (options, end) in [
        ("timeout=2", "2000 finished human HUMAN-1000-1000"),
        (
            "timeout=1.75,machine_voice_threshold=0.5",
            "1000 finished machine LONGGREETING-500-500",
        ),
        (
            "timeout=0.6,machine_words_threshold=1",
            "600 finished machine MAXWORDS-1-1",
        ),
    ] {
        let bench = start(options).voice(500, 1000).until(3000);
        assert_eq!(bench.end(), end, "{options}");
    }
    let end = start("timeout=4.5").until(5000).end();
    assert_eq!(end, "4500 finished unknown INITIALSILENCE-4500-4500");
}

#[test]
fn ready_wins_a_tie_with_timeout() {
    let story = start("detect_message_end=true,timeout=4")
        .voice(500, 3000)
        .until(5000)
        .story();
    assert_eq!(
        story,
        [
            "1750 MACHINE",
            "4000 READY",
            "4000 finished machine LONGGREETING-1250-1250"
        ]
    );
}

#[test]
fn timeout_does_not_take_back_a_verdict() {
    let bench = start("detect_message_end=true,timeout=3")
        .voice(500, 3500)
        .until(5000);
    assert_eq!(
        bench.story(),
        [
            "1750 MACHINE",
            "3000 finished machine LONGGREETING-1250-1250"
        ]
    );
    assert!(!bench.result().ready);
}

#[test]
fn what_was_heard_in_time_counts_however_late_it_is_told() {
    for late in [0, 30, 60, 100] {
        let bench = |options: &str| Bench {
            late,
            ..start(options)
        };
        let end = |bench: Bench| bench.end().split_once(' ').unwrap().1.to_owned();
        // The voice is complete after the timeout has run out, but it began before.
        let human = bench("").voice(4495, 5000).until(10_000);
        assert_eq!(end(human), "finished human HUMAN-1000-1000", "{late}");
        // It began after, and is complete before that is noticed.
        for from in [2000, 2005, 2050] {
            let human = bench("").voice(500, 1000).voice(from, from + 500);
            assert_eq!(end(human), "finished human HUMAN-1000-1000", "{late}");
        }
        for from in [4500, 4505, 4550] {
            let nobody = bench("").voice(from, from + 500);
            assert_eq!(
                end(nobody),
                "finished unknown INITIALSILENCE-4500-4500",
                "{late}"
            );
        }
    }
}

#[test]
fn time_may_jump_to_the_next_voice() {
    // Pipeline that were not sure whether the voice went on emit the pause in one go.
    let mut bench = start("").voice(500, 1000).until(1990);
    bench.now = 2100;
    let story = bench.hear(Fact::VoiceBegins { at: from_ms(2005) }).story();
    assert_eq!(story, ["2100 HUMAN", "2100 finished human HUMAN-1005-1000"]);

    let mut bench = start("").until(4490);
    bench.now = 4600;
    let bench = bench.hear(Fact::VoiceBegins { at: from_ms(4495) });
    assert!(bench.story().is_empty());
}
