//! `add_words`: words of the host's recogniser.
#![forbid(unsafe_code)]

use super::*;
use crate::types::MachineKind;

const ADAPTIVE: &str = "strategy=adaptive";
const MESSAGE: &str = "Please leave a message after the tone.";

impl Bench {
    /// Words that began at `at`.
    fn words_at(mut self, at: u64, text: &str) -> Self {
        self.job.add_words(text, from_ms(at), from_ms(self.now));
        self.outputs.append(self.job.outputs());
        self
    }

    /// Probability of a machine now.
    fn machine(&self) -> f32 {
        self.job.classifier.estimate(from_ms(self.now)).machine
    }
}

#[test]
fn words_move_the_odds_of_the_classifier() {
    let bench = start(ADAPTIVE).speech(500, 1000);
    let before = bench.machine();
    let bench = bench.words_at(500, "press one");
    let odds = |machine: f32| f32::ln(machine / (1.0 - machine));
    assert!((odds(bench.machine()) - odds(before) - 3.0).abs() < 0.01);
    // Once.
    let bench = bench.words_at(600, "press one");
    assert!((odds(bench.machine()) - odds(before) - 3.0).abs() < 0.01);
    // A person's words.
    let bench = bench.words_at(600, "who is this?");
    assert!((odds(bench.machine()) - odds(before) - 1.0).abs() < 0.01);
    // 8 at most.
    let bench = bench.words_at(600, MESSAGE).words_at(600, "voicemail");
    assert!((odds(bench.machine()) - odds(before) - 8.0).abs() < 0.01);
}

#[test]
fn words_give_no_verdict_before_there_is_voice() {
    for options in [ADAPTIVE, "strategy=adaptive,max_ms=100", ""] {
        let bench = start(options)
            .until(1000)
            .words_at(0, MESSAGE)
            .words_at(0, "press one, please state your name")
            .until(4495);
        assert_eq!(bench.log().len(), 0, "{options}");
        let end = bench.until(5000).end();
        assert_eq!(end, "4500 finished unknown INITIALSILENCE-4500-4500");
    }
}

#[test]
fn words_bring_the_verdict_forward() {
    let without = start(ADAPTIVE).sounds_like(false).speech(500, 1500);
    assert_eq!(without.log().len(), 0);
    let mut bench = start(ADAPTIVE).speech(500, 1500);
    // Even odds.
    let machine = bench.machine();
    let odds = f32::ln(machine / (1.0 - machine));
    bench.job.classifier.add_evidence(-odds);
    let bench = bench.words_at(500, MESSAGE).until(2500);
    assert_eq!(bench.result().verdict, MachineVerdict::Machine);
    assert_eq!(bench.result().kind.kind, MachineKind::Voicemail);
}

#[test]
fn words_from_before_the_detection_or_after_its_end_count_for_nothing() {
    let bench = start_at(5000, ADAPTIVE, CallTimes::default());
    let bench = bench.speech(5500, 6000);
    let before = bench.machine();
    let bench = bench.words_at(4900, MESSAGE);
    assert_eq!(bench.machine(), before);
    let bench = start("")
        .voice(500, 1000)
        .until(2500)
        .words_at(500, MESSAGE);
    assert_eq!(bench.log().len(), 2);
}

#[test]
fn thresholds_use_words_for_the_kind_alone() {
    let words = "detect_message_end=true,machine_ready_timeout=9";
    let bench = start(words).voice(500, 700).words_at(500, MESSAGE);
    let bench = bench.voice(900, 2500);
    let without = start(words).voice(500, 700).voice(900, 2500);
    assert_eq!(bench.log(), without.log());
    assert_eq!(bench.job.progress().kind.kind, MachineKind::Voicemail);
    assert_eq!(without.job.progress().kind.kind, MachineKind::None);
}

#[test]
fn after_human_words_of_a_machine_revise_it() {
    let options = "strategy=adaptive,listen_on=6,revise=true";
    let human = |options: &str| {
        let bench = start(options).sounds_like(false).speech(500, 1500);
        let mut bench = bench.until(3500);
        assert_eq!(bench.log().len(), 1);
        // Even odds.
        let machine = bench.machine();
        let odds = f32::ln(machine / (1.0 - machine)).max(-40.0);
        bench.job.classifier.add_evidence(-odds);
        bench
    };
    let bench = human(options).words_at(500, "not available");
    assert_eq!(bench.log().len(), 1);
    let bench = bench.words_at(500, MESSAGE);
    assert_eq!(bench.log()[1], "3500 MACHINE");
    assert!(bench.result().text.starts_with("ADAPTIVE-REVISED-"));
    // Not without the option.
    let bench = human("strategy=adaptive,listen_on=6").words_at(500, MESSAGE);
    assert_eq!(bench.log().len(), 1);
}
