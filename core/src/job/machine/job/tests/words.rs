//! `machine_words_threshold`.
#![forbid(unsafe_code)]

use super::*;

#[test]
fn six_words_in_an_utterance_are_a_machine() {
    // One word every 500 ms; the sixth begins at 3000 ms and counts after 100 ms.
    let bench = start("").words(500, 5);
    assert!(bench.log().is_empty());
    assert_eq!(
        bench.words(3000, 1).log(),
        ["3100 MACHINE", "3100 finished machine MAXWORDS-6-6"]
    );
}

#[test]
fn five_words_are_a_human() {
    let bench = start("").words(500, 5).until(5000);
    assert_eq!(bench.end(), "3700 finished human HUMAN-1000-1000");
    assert_eq!(bench.result().words, 5);
}

#[test]
fn voice_of_95_ms_is_not_a_word() {
    let bench = start("").words(500, 5).voice(3000, 3095).until(5000);
    assert_eq!(bench.end(), "4095 finished human HUMAN-1000-1000");
    assert_eq!(bench.result().words, 5);
    let end = start("").words(500, 5).voice(3000, 3100).end();
    assert_eq!(end, "3100 finished machine MAXWORDS-6-6");
}

#[test]
fn machine_words_threshold_has_the_value_of_the_option() {
    let end = start("machine_words_threshold=1").voice(500, 1000).end();
    assert_eq!(end, "600 finished machine MAXWORDS-1-1");
    let end = start("machine_words_threshold=3").words(0, 6).end();
    assert_eq!(end, "1100 finished machine MAXWORDS-3-3");
    let end = start("machine_words_threshold=1000")
        .words(0, 30)
        .until(20_000)
        .end();
    assert_eq!(end, "15700 finished human HUMAN-1000-1000");
}

#[test]
fn a_long_voice_segment_is_one_word() {
    let options = "machine_words_threshold=2,machine_voice_threshold=None";
    let bench = start(options).voice(500, 8000).until(10_000);
    assert_eq!(bench.end(), "9000 finished human HUMAN-1000-1000");
    assert_eq!(bench.result().words, 1);
}

#[test]
fn machine_voice_threshold_wins_a_tie_with_words() {
    let options = "machine_words_threshold=1,machine_voice_threshold=0.1";
    let end = start(options).voice(500, 1000).end();
    assert_eq!(end, "600 finished machine LONGGREETING-100-100");
}

#[test]
fn words_add_up_over_a_pause_shorter_than_end_silence_timeout() {
    // The third word ends at 1700 ms; the pause is 995 ms.
    let end = start("").words(500, 3).words(2695, 3).end();
    assert_eq!(end, "3795 finished machine MAXWORDS-6-6");
}

#[test]
fn words_do_not_add_up_over_a_pause_of_end_silence_timeout() {
    // A tone in the pause: without it the pause would give HUMAN.
    let bench = start("")
        .words(500, 3)
        .tone(2400, 2700)
        .words(2700, 3)
        .until(10_000);
    assert_eq!(bench.end(), "4900 finished human HUMAN-1000-1000");
    assert_eq!(bench.result().words, 3);
    assert_eq!(bench.result().onset, Some(from_ms(500)));
}

#[test]
fn without_end_silence_timeout_all_words_are_one_utterance() {
    let end = start("end_silence_timeout=None")
        .voice(500, 700)
        .voice(5000, 5200)
        .voice(9000, 9200)
        .voice(13_000, 13_200)
        .voice(17_000, 17_200)
        .voice(21_000, 21_200)
        .end();
    assert_eq!(end, "21100 finished machine MAXWORDS-6-6");
}
