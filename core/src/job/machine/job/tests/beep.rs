//! A beep before any verdict.
#![forbid(unsafe_code)]

use super::*;

#[test]
fn a_beep_without_voice_is_a_machine_and_ready() {
    for options in ["", "detect_message_end=true", "detect_interruptions=true"] {
        let bench = start(options).beep(1000, 1420);
        assert_eq!(
            bench.log(),
            [
                "1470 MACHINE beep",
                "1470 READY beep",
                "1470 finished machine BEEP-1000-420"
            ],
            "{options}"
        );
        let result = bench.result();
        assert_eq!(result.cause, MachineCause::Beep);
        assert_eq!(result.beep, Some((from_ms(1000), 1000.0)));
        assert_eq!((result.ready, result.confidence), (true, 1.0));
        assert_eq!((result.onset, result.latency()), (None, None));
    }
}

#[test]
fn a_beep_after_a_short_greeting_is_a_machine() {
    let bench = start("").voice(500, 1000).beep(1500, 1900);
    assert_eq!(bench.end(), "1950 finished machine BEEP-1000-400");
    let result = bench.result();
    assert_eq!(result.greeting_end, Some(from_ms(1000)));
    assert_eq!(result.latency(), Some(from_ms(950)));
    assert_eq!(result.words, 1);
}

#[test]
fn a_beep_within_end_silence_timeout_wins() {
    let end = start("").voice(500, 1000).beep(1990, 2500).end();
    assert_eq!(end, "2550 finished machine BEEP-1000-510");
}

#[test]
fn a_beep_after_a_human_changes_nothing() {
    let end = start("")
        .voice(500, 1000)
        .until(2000)
        .beep(2100, 2500)
        .end();
    assert_eq!(end, "2000 finished human HUMAN-1000-1000");
}

#[test]
fn the_event_has_the_frequency_of_the_beep() {
    let bench = start("").beep(1000, 1420);
    let hz: Vec<f32> = bench
        .outputs
        .iter()
        .filter_map(|output| match output {
            MachineOutput::Event { hz, .. } => Some(*hz),
            _ => None,
        })
        .collect();
    assert_eq!(hz, [1000.0, 0.0]);
}

#[test]
fn without_the_detector_amd_a_beep_changes_nothing() {
    let bench = start("detectors=fax").beep(1000, 1420).until(40_000);
    assert_eq!(bench.end(), "30000 finished unknown TOOLONG-30000-30000");
    assert_eq!(bench.result().beep, None);
}
