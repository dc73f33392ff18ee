//! `initial_timeout` and `timeout`.
#![forbid(unsafe_code)]

use super::*;

#[test]
fn initial_timeout_without_voice_is_unknown() {
    let bench = start("").until(4495);
    assert!(bench.log().is_empty());
    assert_eq!(
        bench.until(4500).log(),
        [
            "4500 UNKNOWN",
            "4500 finished unknown INITIALSILENCE-4500-4500"
        ]
    );
}

#[test]
fn voice_just_before_the_end_of_initial_timeout_counts() {
    let end = start("").voice(4495, 5000).until(10_000).end();
    assert_eq!(end, "6000 finished human HUMAN-1000-1000");
}

#[test]
fn voice_at_the_end_of_initial_timeout_does_not_count() {
    let end = start("").voice(4500, 5000).end();
    assert_eq!(end, "4500 finished unknown INITIALSILENCE-4500-4500");
}

#[test]
fn initial_timeout_has_the_value_of_the_option() {
    let end = start("initial_timeout=2.5").until(5000).end();
    assert_eq!(end, "2500 finished unknown INITIALSILENCE-2500-2500");
    let end = start("initial_timeout=0").until(5000).end();
    assert_eq!(end, "0 finished unknown INITIALSILENCE-0-0");
    let end = start("initial_timeout=None").until(50_000).end();
    assert_eq!(end, "30000 finished unknown TOOLONG-30000-30000");
}

#[test]
fn a_click_within_initial_timeout_is_not_voice() {
    let end = start("").voice(1000, 1095).until(10_000).end();
    assert_eq!(end, "4500 finished unknown INITIALSILENCE-4500-4500");
    let end = start("").voice(1000, 1100).until(10_000).end();
    assert_eq!(end, "2100 finished human HUMAN-1000-1000");
}

#[test]
fn a_word_that_begins_within_initial_timeout_counts() {
    let bench = start("").voice(4450, 4540);
    assert!(bench.log().is_empty());
    assert_eq!(
        bench.until(5000).end(),
        "4500 finished unknown INITIALSILENCE-4500-4500"
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
fn a_tone_at_the_end_of_initial_timeout_delays_the_verdict() {
    let end = start("").tone(4400, 4600).until(5000).end();
    assert_eq!(end, "4600 finished unknown INITIALSILENCE-4600-4500");
    let end = start("").beep(4400, 4700).end();
    assert_eq!(end, "4750 finished machine BEEP-1000-300");
}

#[test]
fn timeout_without_a_verdict_is_unknown() {
    let bench = start("timeout=2").voice(500, 1500).until(1995);
    assert!(bench.log().is_empty());
    assert_eq!(
        bench.until(2000).log(),
        ["2000 UNKNOWN", "2000 finished unknown TOOLONG-2000-2000"]
    );
}

#[test]
fn a_timeout_of_0_ends_the_detection_at_once() {
    let end = start("timeout=0").until(100).end();
    assert_eq!(end, "0 finished unknown TOOLONG-0-0");
}

#[test]
fn without_timeout_the_detection_lasts_until_it_is_stopped() {
    let options = "timeout=None,initial_timeout=None";
    let bench = start(options).until(100_000);
    assert!(bench.log().is_empty());
    assert_eq!(bench.stop().end(), "100000 finished unknown STOPPED-100000");
}

#[test]
fn a_tone_does_not_delay_timeout() {
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
    let log = start("detect_message_end=true,timeout=4")
        .voice(500, 3000)
        .until(5000)
        .log();
    assert_eq!(
        log,
        [
            "1750 MACHINE",
            "1755 NOT_READY",
            "4000 READY",
            "4000 finished machine LONGGREETING-1250-1250"
        ]
    );
}

#[test]
fn timeout_keeps_the_verdict() {
    let bench = start("detect_message_end=true,timeout=3")
        .voice(500, 3500)
        .until(5000);
    assert_eq!(
        bench.log(),
        [
            "1750 MACHINE",
            "1755 NOT_READY",
            "3000 finished machine LONGGREETING-1250-1250"
        ]
    );
    assert!(!bench.result().ready);
}

#[test]
fn a_limit_is_the_time_of_its_ending_for_any_lag() {
    for lag in [0, 30, 60, 100] {
        let bench = |options: &str| Bench {
            lag,
            ..start(options)
        };
        let end = bench("").until(10_000).end();
        assert_eq!(
            end, "4500 finished unknown INITIALSILENCE-4500-4500",
            "{lag}"
        );
        let end = bench("timeout=2").voice(500, 1500).until(10_000).end();
        assert_eq!(end, "2000 finished unknown TOOLONG-2000-2000", "{lag}");
        let end = bench("timeout=4,listen_on=1.5")
            .voice(500, 1000)
            .until(10_000);
        let end = end.end();
        let at = (3500 + lag).min(4000);
        assert_eq!(end, format!("{at} finished human HUMAN-1000-1000"), "{lag}");
    }
}

#[test]
fn a_tone_that_begins_after_initial_timeout_does_not_delay_the_verdict() {
    let bench = Bench {
        lag: 100,
        ..start("")
    };
    let end = bench.tone(4500, 6000).until(10_000).end();
    assert_eq!(end, "4500 finished unknown INITIALSILENCE-4500-4500");
}

#[test]
fn the_preview_decides_at_timeout() {
    let limit = |facts| {
        let bench = Bench {
            lag: 100,
            ..start("timeout=2,machine_voice_threshold=None")
        };
        let mut bench = bench
            .until(500)
            .fact(Fact::VoiceBegins { at: from_ms(500) });
        bench = bench.until(1995);
        let preview = Preview {
            facts,
            quiet: false,
        };
        bench.job.reach_limit(&preview, from_ms(2000));
        bench.outputs.append(bench.job.outputs());
        bench.end()
    };
    let voice_ends = |ms| Fact::VoiceEnds { at: from_ms(ms) };
    assert_eq!(
        limit(vec![voice_ends(1000)]),
        "2000 finished human HUMAN-1000-1000"
    );
    assert_eq!(
        limit(vec![voice_ends(1200)]),
        "2000 finished unknown TOOLONG-2000-2000"
    );
    assert_eq!(
        limit(vec![voice_ends(1200), beep(1500, 1950)]),
        "2000 finished machine BEEP-1000-450"
    );
}

#[test]
fn facts_count_at_their_own_time_for_any_lag() {
    for lag in [0, 30, 60, 100] {
        let bench = |options: &str| Bench {
            lag,
            ..start(options)
        };
        let end = |bench: Bench| bench.end().split_once(' ').unwrap().1.to_owned();
        // The voice begins before the timeout, and is reported after it.
        let human = bench("").voice(4495, 5000).until(10_000);
        assert_eq!(end(human), "finished human HUMAN-1000-1000", "{lag}");
        // The voice begins after the timeout, and is reported before the timeout is noticed.
        for from in [2000, 2005, 2050] {
            let human = bench("").voice(500, 1000).voice(from, from + 500);
            assert_eq!(end(human), "finished human HUMAN-1000-1000", "{lag}");
        }
        for from in [4500, 4505, 4550] {
            let unknown = bench("").voice(from, from + 500);
            assert_eq!(
                end(unknown),
                "finished unknown INITIALSILENCE-4500-4500",
                "{lag}"
            );
        }
    }
}

#[test]
fn a_voice_fact_first_advances_time_to_its_start() {
    // A pipeline that could not yet decide whether the voice lasted reports the pause as a whole.
    let mut bench = start("").voice(500, 1000).until(1990);
    bench.now = 2100;
    let log = bench.fact(Fact::VoiceBegins { at: from_ms(2005) }).log();
    assert_eq!(log, ["2100 HUMAN", "2100 finished human HUMAN-1005-1000"]);

    let mut bench = start("").until(4490);
    bench.now = 4600;
    let bench = bench.fact(Fact::VoiceBegins { at: from_ms(4495) });
    assert!(bench.log().is_empty());
}
