//! `after_machine`: a person who comes on the line after MACHINE.

#![forbid(unsafe_code)]

use super::*;
use crate::types::MachineKind;

const OPTIONS: &str = "strategy=adaptive,after_machine=true";

/// Pitch of another voice than the bench's 120 Hz.
const OTHER_HZ: f32 = 220.0;

/// A machine speaks from 500 to 4500 ms and is MACHINE before its end.
fn machine(options: &str) -> Bench {
    let bench = start(options).sounds_like(true).speech(500, 4500);
    assert!(bench.log()[0].ends_with(" MACHINE"), "{:?}", bench.log());
    bench
}

/// The classifier of the turn takes it for a person's, or for a machine's.
fn turn_sounds_like(mut bench: Bench, machine: bool) -> Bench {
    let log_odds = if machine { 30.0 } else { -30.0 };
    let after = bench.job.after_machine.as_mut().unwrap();
    after.turn_classifier().unwrap().add_evidence(log_odds);
    bench
}

/// A turn of another voice, which sounds like a person's.
fn turn(bench: Bench, from: u64, to: u64) -> Bench {
    turn_sounds_like(bench.until(from), false).speech_of(OTHER_HZ, from, to)
}

/// Time and cause of the end, without the confidence.
fn finished(bench: &Bench) -> String {
    let (at, text) = (to_ms(bench.result().ended), &bench.result().text);
    format!("{at} {}", text.rsplit_once('-').unwrap().0)
}

const PERSON: &str = "ADAPTIVE-AFTER-MACHINE";
const MACHINE: &str = "30000 ADAPTIVE-MACHINE";

#[test]
fn a_short_turn_of_another_voice_and_silence_is_a_person() {
    let bench = turn(machine(OPTIONS), 7000, 7600);
    let bench = bench.until(9000);
    assert_eq!(finished(&bench), format!("8600 {PERSON}"));
    let log = bench.log();
    assert_eq!(log[1], "8600 HUMAN");
    let result = bench.result();
    assert_eq!(
        (result.verdict, result.cause),
        (MachineVerdict::Human, MachineCause::Adaptive)
    );
    assert!(result.confidence > 0.99);
    assert_eq!(result.kind.kind, MachineKind::Person);
}

#[test]
fn after_more_than_1_s_of_voice_the_silence_is_1_8_s() {
    let bench = turn(machine(OPTIONS), 7000, 8200).until(12_000);
    assert_eq!(finished(&bench), format!("10000 {PERSON}"));
    // Words with pauses are one turn.
    let bench = turn(machine(OPTIONS), 7000, 7600).speech_of(OTHER_HZ, 8200, 8700);
    let bench = bench.until(12_000);
    assert_eq!(finished(&bench), format!("10500 {PERSON}"));
}

#[test]
fn without_the_option_or_adaptive_machine_is_the_end() {
    let bench = machine("strategy=adaptive");
    assert_eq!(bench.result().verdict, MachineVerdict::Machine);
    let bench = start("after_machine=true").speech(500, 4500);
    assert_eq!(
        bench.log()[1],
        "1750 finished machine LONGGREETING-1250-1250"
    );
}

#[test]
fn without_a_person_the_end_is_timeout_stop_or_hangup() {
    assert_eq!(finished(&machine(OPTIONS).until(40_000)), MACHINE);
    let bench = machine(OPTIONS).until(9000).stop();
    assert_eq!(finished(&bench), "9000 ADAPTIVE-MACHINE");
}

#[test]
fn the_machines_own_voice_is_no_person() {
    let bench = turn_sounds_like(machine(OPTIONS).until(7000), false);
    let bench = bench.speech(7000, 7600).until(40_000);
    assert_eq!(finished(&bench), MACHINE);
}

#[test]
fn a_turn_that_sounds_like_a_machine_is_no_person() {
    let bench = turn_sounds_like(machine(OPTIONS).until(7000), true);
    let bench = bench.speech_of(OTHER_HZ, 7000, 7600).until(40_000);
    assert_eq!(finished(&bench), MACHINE);
}

#[test]
fn a_turn_has_0_2_to_2_5_s_of_voice() {
    for (length, is_person) in [(190, false), (210, true), (2490, true), (2520, false)] {
        let bench = turn(machine(OPTIONS), 7000, 7000 + length).until(40_000);
        let person = bench.result().verdict == MachineVerdict::Human;
        assert_eq!(person, is_person, "{length}");
    }
    // A click is not the turn.
    let bench = machine(OPTIONS).voice(6900, 6960);
    let bench = turn(bench, 7100, 7700).until(40_000);
    assert_eq!(finished(&bench), format!("8700 {PERSON}"));
}

#[test]
fn voice_soon_after_the_machines_is_the_machines() {
    let mut bench = machine(OPTIONS).until(5950);
    let after = bench.job.after_machine.as_mut().unwrap();
    assert!(after.turn_classifier().is_none());
    let bench = bench.speech_of(OTHER_HZ, 5950, 6500).until(40_000);
    assert_eq!(finished(&bench), MACHINE);
    let bench = turn(machine(OPTIONS), 6050, 6600).until(40_000);
    assert_eq!(finished(&bench), format!("7600 {PERSON}"));
}

#[test]
fn ringback_takes_no_gap() {
    let bench = machine(OPTIONS).tone(4700, 5600).until(5700);
    let bench = bench.fact(network(NetworkTone::Ringback, 4700, 5600));
    let bench = turn(bench, 5800, 6300).until(40_000);
    assert_eq!(finished(&bench), format!("7300 {PERSON}"));
    // Ringback after the turn: it was the machine's.
    let bench = turn(machine(OPTIONS), 7000, 7600)
        .tone(7800, 8550)
        .until(8600);
    let bench = bench.fact(network(NetworkTone::Ringback, 7800, 8550));
    assert_eq!(finished(&bench.until(40_000)), MACHINE);
}

#[test]
fn a_beep_after_the_turn_makes_it_the_machines() {
    let bench = turn(machine(OPTIONS), 7000, 7600).beep(7900, 8300);
    let bench = bench.until(40_000);
    assert_eq!(bench.log()[1..3], ["8350 MACHINE beep", "8350 READY beep"]);
    assert_eq!(finished(&bench), MACHINE);
    // A tone that lasts longer than the silence.
    let bench = turn(machine(OPTIONS), 7000, 7600).beep(8000, 9500);
    assert_eq!(finished(&bench.until(40_000)), MACHINE);
}

#[test]
fn somebody_may_pick_up_while_the_message_is_left() {
    let bench = machine(&format!("{OPTIONS},detect_message_end=true,ready_on=beep"));
    let bench = turn(bench.beep(5000, 5400), 9000, 9500).until(40_000);
    let log = bench.log();
    let events: Vec<&str> = log
        .iter()
        .filter_map(|line| line.split_once(' '))
        .map(|(_, what)| what)
        .collect();
    assert_eq!(
        events[..5],
        [
            "MACHINE",
            "NOT_READY",
            "MACHINE beep",
            "READY beep",
            "HUMAN beep"
        ]
    );
    assert_eq!(finished(&bench), format!("10500 {PERSON}"));
    assert!(!bench.result().ready);
}

#[test]
fn after_ready_by_silence_a_beep_is_reported_alone() {
    let bench = machine(&format!("{OPTIONS},detect_message_end=true"));
    let bench = bench.beep(8000, 8400).until(40_000);
    let log = bench.log();
    assert_eq!(log[2..4], ["5500 READY", "8450 MACHINE beep"]);
    assert_eq!(log.len(), 5);
    assert!(!bench.job.awaits_beep());
}

#[test]
fn a_person_may_speak_before_the_greeting_is_over() {
    let options = format!("{OPTIONS},detect_message_end=true,machine_ready_timeout=9");
    let bench = turn(machine(&options), 7000, 7600).until(40_000);
    assert_eq!(finished(&bench), format!("8600 {PERSON}"));
}

#[test]
fn after_the_person_listen_on_holds_and_revise_does_not() {
    let options = format!("{OPTIONS},listen_on=5,revise=true");
    let bench = turn(machine(&options), 7000, 7600).until(8700);
    let bench = bench.speech_of(OTHER_HZ, 8800, 12_000).until(40_000);
    assert_eq!(finished(&bench), format!("13600 {PERSON}"));
    let bench = turn(machine(&options), 7000, 7600).beep(9000, 9400);
    assert_eq!(bench.log()[2], "9450 MACHINE beep");
}

#[test]
fn words_of_the_turn_count_for_its_classifier_alone() {
    let estimate = |bench: &mut Bench| {
        let after = bench.job.after_machine.as_mut().unwrap();
        let turn = after.turn_classifier().unwrap();
        [&bench.job.classifier, turn].map(|c| c.estimate(from_ms(8000)).machine)
    };
    let mut bench = machine(OPTIONS).until(7000).speech_of(OTHER_HZ, 7000, 7600);
    let [first, turn] = estimate(&mut bench);
    bench
        .job
        .add_words("who is this", from_ms(7000), from_ms(7700));
    let [first_after, turn_after] = estimate(&mut bench);
    assert_eq!(first, first_after);
    assert!(turn_after < turn);
    // Words of the greeting that the recogniser reports late.
    bench
        .job
        .add_words("leave a message", from_ms(4000), from_ms(7700));
    assert_eq!(estimate(&mut bench)[1], turn_after);
}
