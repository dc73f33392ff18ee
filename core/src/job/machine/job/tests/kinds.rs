//! `kind` beside the verdict: in the events, in the progress and in the result.
#![forbid(unsafe_code)]

use super::*;
use crate::types::MachineKind;

/// Kind and confidence of the event at this place.
fn kind(bench: &Bench, index: usize) -> (MachineKind, f32) {
    match &bench.outputs[index] {
        MachineOutput::Event { kind, .. } => (kind.kind, kind.confidence),
        MachineOutput::Ended(result) => (result.kind.kind, result.kind.confidence),
        MachineOutput::Provisional { .. } => panic!("{:?}", bench.log()),
    }
}

#[test]
fn human_is_a_person() {
    let bench = start("").voice(500, 1000).until(2500);
    assert_eq!(kind(&bench, 0), (MachineKind::Person, 1.0));
    assert_eq!(kind(&bench, 1), (MachineKind::Person, 1.0));
    let bench = start("strategy=adaptive").sounds_like(false);
    let bench = bench.speech(500, 1000).until(2500);
    let confidence = bench.result().confidence;
    assert_eq!(kind(&bench, 1), (MachineKind::Person, confidence));
}

#[test]
fn unknown_and_fax_have_no_kind() {
    let bench = start("").until(5000);
    assert_eq!(kind(&bench, 1), (MachineKind::None, 0.0));
    let bench = start("").voice(0, 500).until(900);
    let bench = bench.fact(fax(FaxTone::Ced, 500, 900));
    assert_eq!(kind(&bench, 1), (MachineKind::None, 0.0));
}

#[test]
fn it_may_change_until_finished() {
    let bench = start("detect_message_end=true,machine_ready_timeout=9").voice(500, 3000);
    assert_eq!(kind(&bench, 0), (MachineKind::None, 0.0));
    let bench = bench.until(6000);
    let progress = bench.job.progress().kind;
    assert_eq!(progress.kind, MachineKind::Voicemail);
    assert!((0.5..0.8).contains(&progress.confidence));
    // It speaks again.
    let bench = bench.voice(7000, 9000);
    assert_eq!(bench.job.progress().kind.kind, MachineKind::Ivr);
    let bench = bench.beep(9500, 9900);
    let end = bench.outputs.len() - 1;
    assert_eq!(kind(&bench, end).0, MachineKind::Voicemail);
    assert!(kind(&bench, end).1 > 0.9);
}

#[test]
fn the_lag_of_the_facts_is_no_silence() {
    let bench = Bench {
        lag: 100,
        ..start("detect_message_end=true,machine_ready_timeout=9")
    };
    let bench = bench.voice(500, 3000).until(5095);
    assert_eq!(bench.job.progress().kind.kind, MachineKind::None);
    let bench = bench.until(5100);
    assert_eq!(bench.job.progress().kind.kind, MachineKind::Voicemail);
}
