//! Stop and hang-up in every state; no output after the end.
#![forbid(unsafe_code)]

use super::*;

/// A detection in each state, with its verdict and cause there.
fn states() -> Vec<(&'static str, Bench, &'static str)> {
    let greeting = "detect_message_end=true,detect_interruptions=true";
    let machine = "machine LONGGREETING-1250-1250";
    vec![
        ("at the start", start(""), ""),
        ("silence", start("").until(3000), ""),
        ("voice", start("").until(3000).voice(3000, 3500), ""),
        (
            "an unfinished word",
            start("")
                .until(1000)
                .fact(Fact::VoiceBegins { at: from_ms(1000) })
                .until(1500),
            "",
        ),
        ("a tone", start("").tone(1000, 1500), ""),
        ("before the answer", start("anchor=answer").until(3000), ""),
        ("fax alone", start("detectors=fax").until(9000), ""),
        (
            "greeting",
            start(greeting).voice(500, 3000).until(3500),
            machine,
        ),
        (
            "ready",
            start(greeting).voice(500, 3000).until(5000),
            machine,
        ),
        (
            "not ready",
            start(greeting)
                .voice(500, 3000)
                .voice(5000, 5500)
                .until(5600),
            machine,
        ),
        (
            "listening on",
            start("listen_on=10").voice(500, 1000).until(3000),
            "human HUMAN-1000-1000",
        ),
    ]
}

#[test]
fn a_hangup_ends_the_detection_in_every_state() {
    for (state, bench, verdict) in states() {
        let (before, now) = (bench.log(), bench.now);
        let bench = bench.hangup();
        check(state, &before, &bench, now, verdict, "HANGUP");
        let cause = bench.result().cause;
        assert_eq!(cause == MachineCause::Hangup, verdict.is_empty(), "{state}");
    }
}

#[test]
fn a_stop_ends_the_detection_in_every_state() {
    for (state, bench, verdict) in states() {
        let (before, now) = (bench.log(), bench.now);
        let bench = bench.stop();
        check(state, &before, &bench, now, verdict, "STOPPED");
        let cause = bench.result().cause;
        assert_eq!(
            cause == MachineCause::Stopped,
            verdict.is_empty(),
            "{state}"
        );
    }
}

/// Checks that `finished` comes once and last, after UNKNOWN if there was no verdict.
fn check(state: &str, before: &[String], bench: &Bench, now: u64, verdict: &str, cause: &str) {
    let mut expected = before.to_vec();
    if verdict.is_empty() {
        expected.push(format!("{now} UNKNOWN"));
        expected.push(format!("{now} finished unknown {cause}-{now}"));
    } else {
        expected.push(format!("{now} finished {verdict}"));
    }
    assert_eq!(bench.log(), expected, "{state}");
}

#[test]
fn after_the_end_there_is_no_output() {
    for (state, bench, _) in states() {
        let bench = bench.stop();
        let log = bench.log();
        let now = bench.now;
        let bench = bench
            .stop()
            .hangup()
            .answered()
            .media()
            .voice(now + 100, now + 3000)
            .beep(now + 3100, now + 3500)
            .fact(fax(FaxTone::Ced, now + 3000, now + 3500))
            .fact(network(NetworkTone::Busy, now, now + 500))
            .until(now + 60_000)
            .stop();
        assert_eq!(bench.log(), log, "{state}");
    }
}

#[test]
fn the_cause_of_a_hangup_has_the_duration() {
    let bench = start_at(60_000, "", CallTimes::default())
        .until(61_000)
        .hangup();
    assert_eq!(bench.end(), "61000 finished unknown HANGUP-1000");
}

#[test]
fn the_result_without_verdict_has_no_duration() {
    let result = MachineResult::without_verdict(MachineCause::Hangup, from_ms(500));
    assert_eq!(result.verdict, MachineVerdict::Unknown);
    assert_eq!((result.text.as_str(), result.took()), ("HANGUP", 0));
    let result = MachineResult::without_verdict(MachineCause::Error, from_ms(500));
    assert_eq!(result.verdict, MachineVerdict::Error);
}

#[test]
fn the_progress_has_the_verdict_so_far() {
    let bench = start("detect_message_end=true").until(1000);
    let progress = bench.job.progress();
    assert_eq!(progress.verdict, MachineVerdict::Detecting);
    assert_eq!(progress.cause, MachineCause::None);
    assert_eq!(
        (progress.verdict_at, progress.took()),
        (None, from_ms(1000))
    );
    let bench = bench.voice(1000, 2500);
    let progress = bench.job.progress();
    assert_eq!(progress.verdict, MachineVerdict::Machine);
    assert_eq!(progress.text, "LONGGREETING-1250-1250");
    assert!(!progress.ready);
}
