//! `detectors` and `tone`.
#![forbid(unsafe_code)]

use super::*;

const ALL: [FaxTone; 5] = [
    FaxTone::Ced,
    FaxTone::Ansam,
    FaxTone::AnsPr,
    FaxTone::V21,
    FaxTone::Cng,
];

fn detect(options: &str, tone: FaxTone) -> Bench {
    start(options).until(1500).fact(fax(tone, 1000, 1500))
}

#[test]
fn each_selected_tone_is_a_fax() {
    for options in ["tone=CED", "tone=CNG", "tone=\"CED,CNG\"", ""] {
        for tone in ALL {
            let is_cng = tone == FaxTone::Cng;
            let selected = match options {
                "tone=CNG" => is_cng,
                "tone=\"CED,CNG\"" => true,
                _ => !is_cng,
            };
            let bench = detect(options, tone);
            if !selected {
                assert!(bench.log().is_empty(), "{options} {tone}");
                continue;
            }
            let event = if is_cng { "CNG" } else { "CED" };
            assert_eq!(
                bench.log(),
                [
                    format!("1500 {event}"),
                    format!("1500 finished fax {tone}-500")
                ],
                "{options}"
            );
            let result = bench.result();
            let cause = if is_cng {
                MachineCause::Cng
            } else {
                MachineCause::Ced
            };
            assert_eq!((result.cause, result.fax_tone), (cause, tone));
            assert_eq!(result.confidence, 1.0);
        }
    }
}

#[test]
fn without_the_detector_fax_no_tone_is_a_fax() {
    for tone in ALL {
        let bench = detect("detectors=amd,tone=\"CED,CNG\"", tone).until(5000);
        assert_eq!(
            bench.end(),
            "4500 finished unknown INITIALSILENCE-4500-4500"
        );
        assert_eq!(bench.result().fax_tone, FaxTone::None);
    }
}

#[test]
fn without_the_detector_amd_voice_gives_no_verdict() {
    let bench = start("detectors=fax")
        .voice(500, 1000)
        .words(3000, 8)
        .voice(10_000, 20_000);
    assert!(bench.log().is_empty());
    assert_eq!(
        bench.until(31_000).log(),
        [
            "30000 UNKNOWN",
            "30000 finished unknown TOOLONG-30000-30000"
        ]
    );
}

#[test]
fn without_the_detector_amd_initial_timeout_does_not_count() {
    let bench = start("detectors=fax").until(20_000);
    assert_eq!(
        bench.fact(fax(FaxTone::Ced, 19_000, 20_000)).end(),
        "20000 finished fax CED-1000"
    );
}

#[test]
fn a_fax_tone_after_voice_is_a_fax() {
    let log = start("")
        .voice(500, 1000)
        .tone(1600, 2200)
        .fact(fax(FaxTone::Ced, 1600, 2200))
        .log();
    assert_eq!(log, ["2200 CED", "2200 finished fax CED-600"]);
}

#[test]
fn a_fax_tone_after_a_greeting_is_a_fax() {
    let bench = start("detect_message_end=true")
        .voice(500, 3000)
        .until(3800)
        .fact(fax(FaxTone::Ansam, 3200, 3800));
    assert_eq!(
        bench.log(),
        [
            "1750 MACHINE",
            "1755 NOT_READY",
            "3800 CED",
            "3800 finished fax ANSAM-600"
        ]
    );
    assert_eq!(bench.result().verdict, MachineVerdict::Fax);
    assert_eq!(bench.result().verdict_at, Some(from_ms(3800)));
}
