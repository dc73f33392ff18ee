//! The DTMF detector in the test procedures of Q.24, ES 201 235-3 and the Mitel tape. Each test plays all sixteen digits with
//! random phases.

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

fn detected(pcm: &[i16]) -> Vec<u8> {
    let digit = |fact| match fact {
        DtmfFact::Start { digit, .. } => Some(digit),
        DtmfFact::End { .. } => None,
    };
    facts(pcm, 160).into_iter().filter_map(digit).collect()
}

/// Seeds of the random phases. Each gives a sequence of sixteen digits.
const SEEDS: std::ops::Range<u64> = 0..25;

fn score(press: &Press, disturbances: &[Disturbance]) -> Score {
    let mut score = Score::default();
    for seed in SEEDS {
        let sequence = sequence(press, disturbances, seed);
        score.add(&sequence.digits, &detected(&sequence.pcm));
    }
    score
}

#[track_caller]
fn accepts_all(press: Press, disturbances: &[Disturbance]) {
    accepts(100.0, press, disturbances);
}

#[track_caller]
fn accepts(min_per_cent: f64, press: Press, disturbances: &[Disturbance]) {
    let score = score(&press, disturbances);
    assert!(
        score.per_cent() >= min_per_cent && score.extra == 0,
        "{press:?} {disturbances:?}: {score:?}"
    );
}

#[track_caller]
fn refuses_all(press: Press) {
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
        accepts_all(
            Press {
                row_off: off,
                ..fast()
            },
            &[],
        );
        accepts_all(
            Press {
                column_off: off,
                ..fast()
            },
            &[],
        );
        accepts_all(
            Press {
                row_off: off,
                column_off: off,
                ..fast()
            },
            &[],
        );
        accepts_all(
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
            refuses_all(Press {
                row_off: off,
                tone_ms,
                ..press()
            });
            refuses_all(Press {
                column_off: off,
                tone_ms,
                ..press()
            });
            refuses_all(Press {
                row_off: off,
                column_off: off,
                tone_ms,
                ..press()
            });
        }
    }
}

#[test]
fn twist_of_8_db_and_reverse_twist_of_4_db_are_accepted() {
    for level in [-4.0, -14.0, -30.0] {
        accepts_all(
            Press {
                row_dbm0: level - 4.0,
                column_dbm0: level,
                ..fast()
            },
            &[],
        );
        accepts_all(
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
fn twist_of_11_db_and_reverse_twist_of_7_db_are_refused() {
    refuses_all(Press {
        row_dbm0: -17.0,
        column_dbm0: -10.0,
        ..press()
    });
    refuses_all(Press {
        row_dbm0: -10.0,
        column_dbm0: -21.0,
        ..press()
    });
}

#[test]
fn levels_from_0_to_minus_36_dbm0_are_accepted_and_minus_55_is_refused() {
    for level in [0.0, -3.0, -10.0, -25.0, -36.0] {
        accepts_all(
            Press {
                row_dbm0: level,
                column_dbm0: level,
                ..fast()
            },
            &[],
        );
    }
    refuses_all(Press {
        row_dbm0: -55.0,
        column_dbm0: -55.0,
        ..press()
    });
}

#[test]
fn tones_and_pauses_of_40_ms_are_accepted() {
    accepts_all(fast(), &[]);
    accepts_all(
        Press {
            tone_ms: 40.0,
            pause_ms: 500.0,
            ..press()
        },
        &[],
    );
    accepts_all(
        Press {
            tone_ms: 500.0,
            pause_ms: 40.0,
            ..press()
        },
        &[],
    );
    // Q.24: 93 ms per digit.
    accepts_all(
        Press {
            tone_ms: 50.0,
            pause_ms: 43.0,
            ..press()
        },
        &[],
    );
}

#[test]
fn tones_of_20_ms_are_refused() {
    for pause_ms in [40.0, 60.0, 100.0] {
        refuses_all(Press {
            tone_ms: 20.0,
            pause_ms,
            ..press()
        });
    }
}

#[test]
fn an_interruption_of_10_ms_does_not_split_a_digit() {
    for tone_ms in [70.0, 100.0, 200.0] {
        accepts_all(
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
fn all_digits_are_detected_at_15_db_snr_and_99_per_cent_at_6_db() {
    accepts_all(press(), &[Noise { snr_db: 15.0 }]);
    accepts_all(fast(), &[Noise { snr_db: 15.0 }]);
    accepts_all(
        Press {
            row_off: 1.5,
            column_off: -1.5,
            ..press()
        },
        &[Noise { snr_db: 15.0 }],
    );
    accepts_all(press(), &[Noise { snr_db: 10.0 }]);
    accepts(99.0, press(), &[Noise { snr_db: 6.0 }]);
}

#[test]
fn digits_are_detected_over_a_dial_tone_of_the_same_level() {
    // Each tone has the level of one tone of the digits.
    accepts(
        98.0,
        press(),
        &[Tones(vec![(350.0, -10.0), (440.0, -10.0)])],
    );
    accepts(98.0, press(), &[Tones(vec![(425.0, -10.0)])]);
    // The level of both tones of the digits together.
    accepts(98.0, press(), &[Tones(vec![(425.0, -7.0)])]);
}

#[test]
fn g711_does_not_affect_detection() {
    for law in [Alaw, Ulaw] {
        accepts_all(fast(), std::slice::from_ref(&law));
        accepts_all(
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
fn an_echo_does_not_double_a_digit() {
    for (tone_ms, pause_ms) in [(40.0, 40.0), (50.0, 43.0), (100.0, 60.0)] {
        accepts_all(
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
fn packet_loss_of_10_per_cent_costs_at_most_3_per_cent_and_adds_no_digit() {
    for pause_ms in [60.0, 100.0] {
        accepts(
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
fn packet_loss_within_a_tone_does_not_split_it() {
    let tone = Press {
        tone_ms: 100.0,
        pause_ms: 80.0,
        ..press()
    };
    let mut score = Score::default();
    for seed in 5000..5500 {
        let sequence = sequence(&tone, &[Loss { per_cent: 10.0 }], seed);
        score.add(&sequence.digits, &detected(&sequence.pcm));
    }
    assert!(score.pressed == 8000 && score.extra == 0, "{score:?}");
}

#[test]
fn any_chunking_gives_the_same_facts() {
    let sequence = sequence(&press(), &[Noise { snr_db: 9.0 }], 7);
    let whole = facts(&sequence.pcm, usize::MAX);
    for chunk in [1, 7, 39, 40, 41, 80, 160, 1000] {
        assert_eq!(facts(&sequence.pcm, chunk), whole, "{chunk}");
    }
}

#[test]
fn times_are_within_5_ms_and_levels_within_half_a_db() {
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
fn a_gap_counts_as_silence_and_advances_the_clock() {
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
fn limits_are_configurable() {
    let strict = Limits {
        normal_twist_db: 3.0,
        min_level_dbm0: -20.0,
        ..Limits::default()
    };
    let detects = |limits, press: &Press| {
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
    assert!(detects(strict, &press()));
    assert!(detects(Limits::default(), &twisted) && !detects(strict, &twisted));
    assert!(detects(Limits::default(), &weak) && !detects(strict, &weak));
    let long = Limits {
        min_tone_ms: 100,
        ..Limits::default()
    };
    assert!(
        !detects(long, &press())
            && detects(
                long,
                &Press {
                    tone_ms: 100.0,
                    ..press()
                }
            )
    );
}

earwig_signals::on_real_audio!(
    digits_of_real_telephones_are_detected,
    speech_and_music_contain_no_digit,
);

fn digits_of_real_telephones_are_detected() {
    let truth = corpus::digits();
    assert!(!truth.is_empty(), "the labels name no digits");
    let files = corpus::group("dtmf");
    for (name, digits) in truth {
        let (_, pcm) = files.iter().find(|(file, _)| *file == name).expect(&name);
        assert_eq!(String::from_utf8(detected(pcm)).unwrap(), digits, "{name}");
    }
}

fn speech_and_music_contain_no_digit() {
    for group in ["talkoff", "human", "machine", "composed", "silence_noise"] {
        let files = corpus::group(group);
        assert!(!files.is_empty(), "the corpus has no {group}");
        for (name, pcm) in files {
            assert!(detected(&pcm).is_empty(), "{name}: {:?}", facts(&pcm, 160));
        }
    }
}
