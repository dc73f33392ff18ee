//! `revise`: after HUMAN, speech that goes on as a machine's does gives MACHINE.
#![forbid(unsafe_code)]

use super::*;

const REVISE: &str = "strategy=adaptive,listen_on=6,revise=true";

/// "Hi, this is Sarah." from 500 to 1500 ms, and HUMAN at 2200 ms.
fn human(options: &str) -> Bench {
    let mut bench = start(options).sounds_like(false);
    bench.job.estimated_at = from_ms(2200);
    let mut bench = bench.speech(500, 1500).until(2200);
    bench.job.decide_human(
        MachineCause::Adaptive,
        "ADAPTIVE-HUMAN-90".into(),
        from_ms(2200),
        from_ms(2200),
    );
    bench.outputs.append(bench.job.outputs());
    bench
}

fn finished(bench: &Bench) -> String {
    let (at, text) = (to_ms(bench.result().ended), &bench.result().text);
    format!("{at} {}", text.rsplit_once('-').unwrap().0)
}

#[test]
fn speech_that_goes_on_gives_machine_once_there_is_1_s_of_it() {
    let bench = human(REVISE).sounds_like(true).speech(2500, 5000);
    assert_eq!(finished(&bench), "3500 ADAPTIVE-REVISED");
    assert_eq!(bench.log()[1], "3500 MACHINE");
    let result = bench.result();
    assert_eq!(
        (result.verdict, result.cause, result.verdict_at),
        (
            MachineVerdict::Machine,
            MachineCause::Adaptive,
            Some(from_ms(3500))
        )
    );
}

#[test]
fn with_detect_message_end_the_greeting_goes_on() {
    let bench = human(&format!("{REVISE},detect_message_end=true"));
    let bench = bench.sounds_like(true).speech(2500, 5000);
    let log = bench.beep(5500, 5900).log();
    assert_eq!(
        log[1..5],
        [
            "3500 MACHINE",
            "3505 NOT_READY",
            "5950 MACHINE beep",
            "5950 READY beep"
        ]
    );
    assert!(log[5].starts_with("5950 finished machine ADAPTIVE-REVISED-"));
}

#[test]
fn the_end_of_a_segment_decides_by_the_odds() {
    let mut bench = human(REVISE).speech(2500, 3600);
    let odds = |bench: &Bench| {
        let machine = bench.job.classifier.estimate(from_ms(3600)).machine;
        f32::ln(machine / (1.0 - machine))
    };
    // Even odds and a little more: not enough while the voice lasts.
    let more = 0.5 - odds(&bench);
    bench.job.classifier.add_evidence(more);
    let bench = bench.until(3650);
    assert_eq!(finished(&bench), "3620 ADAPTIVE-REVISED");
    assert!((0.5..0.95).contains(&bench.result().confidence));
}

#[test]
fn short_voice_and_silence_again_is_a_person() {
    for (from, to) in [(2500, 3400), (3000, 3300)] {
        let bench = human(REVISE).sounds_like(true).speech(from, to);
        // After 1 s of silence nothing continues the greeting.
        let bench = bench.speech(to + 1010, to + 3000).until(9000);
        assert_eq!(finished(&bench), "8200 ADAPTIVE-HUMAN");
        assert_eq!(bench.log().len(), 2);
    }
    // After less, the voice goes on.
    let bench = human(REVISE).sounds_like(true).speech(2500, 3400);
    let bench = bench.speech(3900, 5000);
    assert_eq!(finished(&bench), "4000 ADAPTIVE-REVISED");
}

#[test]
fn a_person_who_speaks_on_is_a_person() {
    let bench = human(REVISE).speech(2500, 6000).until(9000);
    assert_eq!(finished(&bench), "8200 ADAPTIVE-HUMAN");
}

#[test]
fn voice_more_than_2_s_after_the_greeting_is_something_else() {
    let bench = human(REVISE).sounds_like(true).speech(3510, 6000);
    assert_eq!(finished(&bench.until(9000)), "8200 ADAPTIVE-HUMAN");
    let bench = human(REVISE).sounds_like(true).speech(3490, 6000);
    assert_eq!(finished(&bench), "4490 ADAPTIVE-REVISED");
}

#[test]
fn what_follows_another_sound_is_something_else() {
    let tone = human(REVISE).tone(2400, 2500);
    let ringback = human(REVISE).fact(network(NetworkTone::Ringback, 1800, 2300));
    for bench in [tone, ringback] {
        let bench = bench.sounds_like(true).speech(2800, 6000).until(9000);
        assert_eq!(finished(&bench), "8200 ADAPTIVE-HUMAN");
    }
}

#[test]
fn a_beep_or_a_fax_tone_overrides_human_at_any_time() {
    let bench = human(REVISE).beep(7000, 7400);
    assert_eq!(bench.result().verdict, MachineVerdict::Machine);
    assert_eq!(finished(&bench), "7450 BEEP-1000");
    // While voice goes on that is not a machine's.
    let bench = human(REVISE).speech(2500, 4000).beep(4100, 4500);
    assert_eq!(finished(&bench), "4550 BEEP-1000");
    let bench = human(REVISE)
        .until(3500)
        .fact(fax(FaxTone::Ced, 3000, 3500));
    assert_eq!(finished(&bench), "3500 CED");
}

#[test]
fn at_the_end_of_listen_on_the_voice_so_far_decides() {
    let options = "strategy=adaptive,listen_on=2,revise=true";
    let odds = |machine: f32| f32::ln(machine / (1.0 - machine));
    for (from, verdict) in [
        (2500, "4200 ADAPTIVE-REVISED"),
        (3300, "4200 ADAPTIVE-HUMAN"),
    ] {
        let mut bench = human(options).speech(from, 4180);
        let machine = bench.job.classifier.estimate(from_ms(4180)).machine;
        // The voice goes on: the end of the segment was not its end.
        bench = bench.fact(Fact::VoiceBegins { at: from_ms(4180) });
        bench.job.estimated_at = from_ms(4180);
        bench.job.classifier.add_evidence(0.6 - odds(machine));
        bench = bench.until(4300);
        assert_eq!(finished(&bench), verdict, "{from}");
    }
}

#[test]
fn without_revise_listen_on_or_adaptive_human_stays() {
    let bench = human("strategy=adaptive,listen_on=6").sounds_like(true);
    let bench = bench.speech(2500, 6000).until(9000);
    assert_eq!(finished(&bench), "8200 ADAPTIVE-HUMAN");
    let bench = human("strategy=adaptive,revise=true");
    assert_eq!(finished(&bench), "2200 ADAPTIVE-HUMAN");
    let bench = start("listen_on=6,revise=true")
        .speech(500, 1500)
        .until(2500);
    let bench = bench.sounds_like(true).speech(2600, 6000).until(9000);
    assert_eq!(bench.end(), "8500 finished human HUMAN-1000-1000");
}

#[test]
fn a_greeting_that_max_ms_cut_off_goes_on() {
    let options = format!("{REVISE},max_ms=600");
    let mut bench = start(&options).sounds_like(false);
    bench.job.estimated_at = from_ms(1100);
    let bench = bench.speech(500, 1500);
    assert_eq!(bench.log(), ["1100 HUMAN"]);
    let bench = bench.sounds_like(true).speech(1700, 4000);
    assert_eq!(finished(&bench), "2300 ADAPTIVE-REVISED");
}
