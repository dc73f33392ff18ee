//! `max_ms`: a verdict within so long after the first voice.
#![forbid(unsafe_code)]

use super::*;

const ADAPTIVE: &str = "strategy=adaptive,max_ms=1500";

/// The end without the confidence.
fn verdict(bench: &Bench) -> String {
    let end = bench.end();
    end.rsplit_once('-').unwrap().0.to_owned()
}

#[test]
fn the_likelier_answerer_is_the_verdict_at_the_limit_to_the_sample() {
    for (machine, text) in [
        (false, "finished human ADAPTIVE-HUMAN"),
        (true, "finished machine ADAPTIVE-MACHINE"),
    ] {
        // Without the limit the verdict of a person waits for the end of the voice.
        let without = start("strategy=adaptive")
            .sounds_like(false)
            .speech(503, 2003);
        assert_eq!(without.log().len(), 0);
        let mut bench = start(ADAPTIVE).sounds_like(machine);
        // No verdict by the odds: the next estimate is due after the limit.
        bench.job.estimated_at = from_ms(5000);
        let bench = bench.speech(503, 1483);
        assert_eq!(bench.job.next_limit(), Some(from_ms(2003)));
        let bench = Bench { now: 1998, ..bench }.until(2003);
        assert_eq!(verdict(&bench), format!("2003 {text}"));
        assert_eq!(bench.result().verdict_at, Some(from_ms(2003)));
    }
}

#[test]
fn the_facts_that_lag_decide_too() {
    let options = format!("{ADAPTIVE},listen_on=9,initial_timeout=None");
    let mut bench = start(&options).sounds_like(false).until(500);
    bench = bench.fact(Fact::VoiceBegins { at: from_ms(500) });
    // All frames of the voice lag: only the preview has them.
    let frames = start(&options).speech(500, 1500);
    assert!(frames.job.classifier.has_voice());
    let facts = (50..150).map(|i| {
        Fact::Frame(Frame {
            at: from_ms(i * 10),
            level_dbm0: -20.0,
            voice: 0.95,
            voiced: 0.8,
            pitch_hz: 120.0,
            ..Frame::default()
        })
    });
    let preview = Preview {
        facts: facts.collect(),
        quiet: false,
    };
    bench.job.reach_limit(&preview, from_ms(2000));
    bench.outputs.append(bench.job.outputs());
    assert_eq!(bench.log(), ["2000 HUMAN"]);
    // The job itself has not processed them.
    assert!(!bench.job.classifier.has_voice());
}

#[test]
fn without_voice_the_limit_gives_no_verdict() {
    // A noise: a segment, but no frames of voice.
    let bench = start(ADAPTIVE).voice(500, 800).until(4495);
    assert_eq!(bench.log().len(), 0);
    assert_eq!(
        bench.until(5000).end(),
        "4500 finished unknown INITIALSILENCE-4500-4500"
    );
    // Voice after the limit of the noise.
    let bench = start(ADAPTIVE).voice(500, 800);
    let bench = bench.sounds_like(false).speech(2100, 2600);
    let result = bench.result();
    assert_eq!(result.verdict, MachineVerdict::Human);
    assert!((from_ms(2200)..from_ms(2400)).contains(&result.ended));
}

#[test]
fn a_verdict_before_the_limit_stays() {
    let bench = start("strategy=adaptive,max_ms=3000").sounds_like(true);
    let bench = bench.speech(500, 4000);
    assert_eq!(bench.result().verdict, MachineVerdict::Machine);
    assert!(bench.result().ended < from_ms(3400));
}

#[test]
fn thresholds_do_not_know_the_limit() {
    let log = start("max_ms=100").voice(500, 1000).until(3000).log();
    assert_eq!(log, start("").voice(500, 1000).until(3000).log());
    let log = start("max_ms=100,detectors=fax").speech(500, 1000).log();
    assert_eq!(log.len(), 0);
}
