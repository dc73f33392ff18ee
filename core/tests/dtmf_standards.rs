//! The DTMF detector against the procedures of the standards. All sixteen digits, many random phases.

use earwig_core::detect::dtmf::{Detector, DtmfFact, Limits};
use earwig_signals::disturb::Disturbance::{self, Alaw, Echo, Loss, Noise, Tones, Ulaw};
use earwig_signals::dtmf::{Press, sequence};
use earwig_signals::score::Score;
use earwig_signals::{corpus, samples};

fn facts(pcm: &[i16], chunk: usize) -> Vec<DtmfFact> {
    let (mut detector, mut facts) = (Detector::new(Limits::default()), Vec::new());
    for chunk in pcm.chunks(chunk) {
        detector.process(chunk, &mut facts);
    }
    detector.finish(&mut facts);
    facts
}

fn heard(pcm: &[i16]) -> Vec<u8> {
    let digit = |fact| match fact {
        DtmfFact::Start { digit, .. } => Some(digit),
        DtmfFact::End { .. } => None,
    };
    facts(pcm, 160).into_iter().filter_map(digit).collect()
}

/// Sixteen digits a seed.
const SEEDS: std::ops::Range<u64> = 0..25;

fn score(press: &Press, disturbances: &[Disturbance]) -> Score {
    let mut score = Score::default();
    for seed in SEEDS {
        let sequence = sequence(press, disturbances, seed);
        score.add(&sequence.digits, &heard(&sequence.pcm));
    }
    score
}

#[track_caller]
fn all(press: Press, disturbances: &[Disturbance]) {
    at_least(100.0, press, disturbances);
}

#[track_caller]
fn at_least(per_cent: f64, press: Press, disturbances: &[Disturbance]) {
    let score = score(&press, disturbances);
    assert!(
        score.per_cent() >= per_cent && score.extra == 0,
        "{press:?} {disturbances:?}: {score:?}"
    );
}

#[track_caller]
fn none(press: Press) {
    let score = score(&press, &[]);
    assert!(score.hit == 0 && score.extra == 0, "{press:?}: {score:?}");
}

fn press() -> Press {
    Press::default()
}

fn fast() -> Press {
    Press {
        tone_ms: 40.0,
        pause_ms: 40.0,
        ..press()
    }
}

#[test]
fn frequencies_one_and_a_half_per_cent_off_are_accepted() {
    for off in [-1.5, 1.5] {
        all(
            Press {
                row_off: off,
                ..fast()
            },
            &[],
        );
        all(
            Press {
                column_off: off,
                ..fast()
            },
            &[],
        );
        all(
            Press {
                row_off: off,
                column_off: off,
                ..fast()
            },
            &[],
        );
        all(
            Press {
                row_off: off,
                column_off: -off,
                ..fast()
            },
            &[],
        );
    }
}

#[test]
fn frequencies_three_and_a_half_per_cent_off_are_refused() {
    for tone_ms in [50.0, 100.0, 500.0] {
        for off in [-3.5, 3.5] {
            none(Press {
                row_off: off,
                tone_ms,
                ..press()
            });
            none(Press {
                column_off: off,
                tone_ms,
                ..press()
            });
            none(Press {
                row_off: off,
                column_off: off,
                tone_ms,
                ..press()
            });
        }
    }
}

#[test]
fn the_column_may_be_4_db_above_the_row_and_8_db_below() {
    for level in [-4.0, -14.0, -30.0] {
        all(
            Press {
                row_dbm0: level - 4.0,
                column_dbm0: level,
                ..fast()
            },
            &[],
        );
        all(
            Press {
                row_dbm0: level,
                column_dbm0: level - 8.0,
                ..fast()
            },
            &[],
        );
    }
}

#[test]
fn twist_far_beyond_is_refused() {
    none(Press {
        row_dbm0: -17.0,
        column_dbm0: -10.0,
        ..press()
    });
    none(Press {
        row_dbm0: -10.0,
        column_dbm0: -21.0,
        ..press()
    });
}

#[test]
fn levels_from_0_to_minus_36_are_accepted_and_below_minus_55_refused() {
    for level in [0.0, -3.0, -10.0, -25.0, -36.0] {
        all(
            Press {
                row_dbm0: level,
                column_dbm0: level,
                ..fast()
            },
            &[],
        );
    }
    none(Press {
        row_dbm0: -55.0,
        column_dbm0: -55.0,
        ..press()
    });
}

#[test]
fn tones_and_pauses_from_40_ms_are_digits() {
    all(fast(), &[]);
    all(
        Press {
            tone_ms: 40.0,
            pause_ms: 500.0,
            ..press()
        },
        &[],
    );
    all(
        Press {
            tone_ms: 500.0,
            pause_ms: 40.0,
            ..press()
        },
        &[],
    );
    // The signalling rate of 93 ms a digit.
    all(
        Press {
            tone_ms: 50.0,
            pause_ms: 43.0,
            ..press()
        },
        &[],
    );
}

#[test]
fn tones_of_20_ms_are_none() {
    for pause_ms in [40.0, 60.0, 100.0] {
        none(Press {
            tone_ms: 20.0,
            pause_ms,
            ..press()
        });
    }
}

#[test]
fn an_interruption_of_10_ms_splits_no_digit() {
    for tone_ms in [70.0, 100.0, 200.0] {
        all(
            Press {
                interruption_ms: 10.0,
                tone_ms,
                ..press()
            },
            &[],
        );
    }
}

#[test]
fn noise_at_15_db_costs_no_digit_and_at_6_db_one_in_a_hundred() {
    all(press(), &[Noise { snr_db: 15.0 }]);
    all(fast(), &[Noise { snr_db: 15.0 }]);
    all(
        Press {
            row_off: 1.5,
            column_off: -1.5,
            ..press()
        },
        &[Noise { snr_db: 15.0 }],
    );
    all(press(), &[Noise { snr_db: 10.0 }]);
    at_least(99.0, press(), &[Noise { snr_db: 6.0 }]);
}

#[test]
fn digits_are_heard_over_a_dial_tone_of_their_level() {
    // Each tone at the level of each tone of the digits.
    at_least(
        98.0,
        press(),
        &[Tones(vec![(350.0, -10.0), (440.0, -10.0)])],
    );
    at_least(98.0, press(), &[Tones(vec![(425.0, -10.0)])]);
    // Both together.
    at_least(98.0, press(), &[Tones(vec![(425.0, -7.0)])]);
}

#[test]
fn g711_harms_nothing() {
    for law in [Alaw, Ulaw] {
        all(fast(), std::slice::from_ref(&law));
        all(
            Press {
                row_dbm0: -36.0,
                column_dbm0: -36.0,
                ..press()
            },
            &[law],
        );
    }
}

#[test]
fn an_echo_doubles_no_digit() {
    for (tone_ms, pause_ms) in [(40.0, 40.0), (50.0, 43.0), (100.0, 60.0)] {
        all(
            Press {
                tone_ms,
                pause_ms,
                ..press()
            },
            &[Echo { ms: 20.0, db: 10.0 }],
        );
    }
}

#[test]
fn a_tenth_of_lost_frames_costs_3_in_a_hundred_and_adds_none() {
    for pause_ms in [60.0, 100.0] {
        at_least(
            97.0,
            Press {
                tone_ms: 100.0,
                pause_ms,
                ..press()
            },
            &[Loss { per_cent: 10.0 }],
        );
    }
}

#[test]
fn two_frames_lost_within_a_tone_do_not_make_two_of_it() {
    let tone = Press {
        tone_ms: 100.0,
        pause_ms: 80.0,
        ..press()
    };
    let mut score = Score::default();
    for seed in 5000..5500 {
        let sequence = sequence(&tone, &[Loss { per_cent: 10.0 }], seed);
        score.add(&sequence.digits, &heard(&sequence.pcm));
    }
    assert!(score.pressed == 8000 && score.extra == 0, "{score:?}");
}

#[test]
fn any_division_of_the_same_audio_gives_the_same_facts() {
    let sequence = sequence(&press(), &[Noise { snr_db: 9.0 }], 7);
    let whole = facts(&sequence.pcm, usize::MAX);
    for chunk in [1, 7, 39, 40, 41, 80, 160, 1000] {
        assert_eq!(facts(&sequence.pcm, chunk), whole, "{chunk}");
    }
}

#[test]
fn a_fact_tells_when_and_how_loud_it_was() {
    let press = Press {
        row_dbm0: -12.0,
        column_dbm0: -9.0,
        tone_ms: 80.0,
        pause_ms: 70.0,
        ..press()
    };
    for seed in SEEDS {
        let sequence = sequence(&press, &[], seed);
        let first = sequence.pcm.iter().position(|&x| x != 0).unwrap() as i64;
        let ends = facts(&sequence.pcm, 160)
            .into_iter()
            .filter_map(|f| match f {
                DtmfFact::End {
                    start,
                    end,
                    low_dbm0,
                    high_dbm0,
                    ..
                } => Some((start, end, low_dbm0, high_dbm0)),
                DtmfFact::Start { .. } => None,
            });
        for (i, (start, end, low_dbm0, high_dbm0)) in ends.enumerate() {
            let begins = first + (i * samples(150.0)) as i64;
            assert!(
                (start as i64 - begins).abs() <= samples(5.0) as i64,
                "{start} {begins}"
            );
            assert!(
                (end as i64 - begins - samples(80.0) as i64).abs() <= samples(5.0) as i64,
                "{end} {begins}"
            );
            assert!(
                (low_dbm0 + 12.0).abs() < 0.5 && (high_dbm0 + 9.0).abs() < 0.5,
                "{low_dbm0} {high_dbm0}"
            );
        }
    }
}

#[test]
fn a_gap_is_silence_and_keeps_the_clock() {
    let sequence = sequence(&press(), &[], 1);
    let (mut detector, mut facts) = (Detector::new(Limits::default()), Vec::new());
    detector.gap(80_013, &mut facts);
    detector.process(&sequence.pcm, &mut facts);
    detector.finish(&mut facts);
    let first = sequence.pcm.iter().position(|&x| x != 0).unwrap() as u64 + 80_013;
    let Some(DtmfFact::Start { start, .. }) = facts.first() else {
        panic!("{facts:?}")
    };
    assert!(
        start.abs_diff(first) <= samples(5.0) as u64,
        "{start} {first}"
    );
}

#[test]
fn limits_can_be_set() {
    let strict = Limits {
        normal_twist_db: 3.0,
        min_level_dbm0: -20.0,
        ..Limits::default()
    };
    let hears = |limits, press: &Press| {
        let (mut detector, mut facts) = (Detector::new(limits), Vec::new());
        detector.process(&sequence(press, &[], 1).pcm, &mut facts);
        !facts.is_empty()
    };
    let twisted = Press {
        column_dbm0: -17.0,
        ..press()
    };
    let weak = Press {
        row_dbm0: -25.0,
        column_dbm0: -25.0,
        ..press()
    };
    assert!(hears(strict, &press()));
    assert!(hears(Limits::default(), &twisted) && !hears(strict, &twisted));
    assert!(hears(Limits::default(), &weak) && !hears(strict, &weak));
    let long = Limits {
        min_tone_ms: 100,
        ..Limits::default()
    };
    assert!(
        !hears(long, &press())
            && hears(
                long,
                &Press {
                    tone_ms: 100.0,
                    ..press()
                }
            )
    );
}

earwig_signals::on_real_audio!(
    the_corpus_of_real_digits_is_read_right,
    speech_and_music_hold_no_digit,
);

fn the_corpus_of_real_digits_is_read_right() {
    let truth = corpus::digits();
    assert!(!truth.is_empty(), "the labels name no digits");
    let files = corpus::group("dtmf");
    for (name, digits) in truth {
        let (_, pcm) = files.iter().find(|(file, _)| *file == name).expect(&name);
        assert_eq!(String::from_utf8(heard(pcm)).unwrap(), digits, "{name}");
    }
}

fn speech_and_music_hold_no_digit() {
    for group in ["talkoff", "human", "machine", "composed", "silence_noise"] {
        let files = corpus::group(group);
        assert!(!files.is_empty(), "the corpus has no {group}");
        for (name, pcm) in files {
            assert!(heard(&pcm).is_empty(), "{name}: {:?}", facts(&pcm, 160));
        }
    }
}
