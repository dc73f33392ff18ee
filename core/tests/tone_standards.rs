//! The tone detectors against T.30, V.8, V.25, V.21, E.180 and the beeps of voicemails.

use earwig_core::detect::fact::{Beep, Fact};
use earwig_core::detect::pipeline::Pipeline;
use earwig_core::types::{FaxTone, NetworkTone};
use earwig_signals::g711::{through_alaw, through_ulaw};
use earwig_signals::tones::{Shape, Tape, ToneSpec};
use earwig_signals::{corpus, dtmf};

/// All facts about tones, with the audio in chunks of this size.
fn tone_facts(pcm: &[i16], chunk: usize) -> Vec<Fact> {
    let (mut pipeline, mut facts) = (Pipeline::default(), Vec::new());
    for chunk in pcm.chunks(chunk) {
        pipeline.process(chunk, &mut facts);
    }
    pipeline.finish(&mut facts);
    facts.retain(|fact| matches!(fact, Fact::Beep(_) | Fact::Fax(_) | Fact::Network(_)));
    facts
}

/// Names of the tones detected, in order.
fn names(pcm: &[i16]) -> Vec<&'static str> {
    let name = |fact: &Fact| match fact {
        Fact::Fax(fax) => fax.tone.name(),
        Fact::Network(network) => network.tone.name(),
        _ => "BEEP",
    };
    tone_facts(pcm, 160).iter().map(name).collect()
}

/// Level (dBm0) and signal to noise ratio (dB) at which every tone must be detected.
const CONDITIONS: [(f64, Option<f64>); 5] = [
    (-10.0, None),
    (-43.0, None),
    (-20.0, Some(10.0)),
    (-20.0, Some(5.0)),
    (-43.0, Some(3.0)),
];

/// Seeds of the random phases and noise.
const SEEDS: std::ops::Range<u64> = 0..8;

/// The signal at all levels, noises and random seeds, each with the tones detected in it.
fn conditions(
    change: ToneSpec,
    play: impl Fn(Tape) -> Tape,
) -> impl Iterator<Item = (ToneSpec, Vec<&'static str>)> {
    let levels = CONDITIONS.into_iter();
    let specs = levels.flat_map(move |(dbm0, snr_db)| {
        let change = change.clone();
        SEEDS.map(move |seed| ToneSpec {
            dbm0,
            snr_db,
            seed,
            ..change.clone()
        })
    });
    specs.map(move |spec| {
        let names = names(&play(Tape::new(&spec)).pcm());
        (spec, names)
    })
}

/// Asserts that exactly these tones are detected in all conditions.
#[track_caller]
fn always(expected: &[&str], change: ToneSpec, play: impl Fn(Tape) -> Tape) {
    for (spec, names) in conditions(change, play) {
        assert_eq!(names, expected, "{spec:?}");
    }
}

/// Asserts that none of these tones is detected in any condition. Others may be.
#[track_caller]
fn never(tones: &[&str], change: ToneSpec, play: impl Fn(Tape) -> Tape) {
    for (spec, names) in conditions(change, play) {
        assert!(
            !names.iter().any(|n| tones.contains(n)),
            "{spec:?}: {names:?}"
        );
    }
}

fn with_offset(hz_off: f64) -> ToneSpec {
    ToneSpec {
        hz_off,
        ..ToneSpec::default()
    }
}

fn with_timing(timing: f64) -> ToneSpec {
    ToneSpec {
        timing,
        ..ToneSpec::default()
    }
}

/// A synthetic voice: syllables of harmonics with a varying pitch.
fn voice(ms: usize) -> Vec<i16> {
    let mut phase = 0.0;
    (0..ms * 8)
        .map(|n| {
            let at = n as f64 / 8000.0;
            phase += std::f64::consts::TAU * (130.0 + 30.0 * (9.0 * at).sin()) / 8000.0;
            let vowel: f64 = (1..25)
                .map(|k| {
                    let hz = 130.0 * f64::from(k);
                    let formants = (-((hz - 500.0) / 200.0).powi(2)).exp()
                        + 0.5 * (-((hz - 1500.0) / 300.0).powi(2)).exp();
                    (0.05 + formants) * (f64::from(k) * phase).sin()
                })
                .sum();
            (1500.0 * vowel * (1.0 - (4.0 * std::f64::consts::TAU * at).cos()) / 2.0) as i16
        })
        .collect()
}

#[test]
fn cng_38_hz_off_or_14_per_cent_off_in_time_is_detected() {
    for hz_off in [-38.0, 0.0, 38.0] {
        always(&["CNG"], with_offset(hz_off), |tape| tape.cng(2));
    }
    for timing in [0.86, 1.14] {
        always(&["CNG"], with_timing(timing), |tape| tape.cng(2));
    }
}

#[test]
fn cng_is_reported_after_its_first_burst_if_there_was_no_voice() {
    always(&["CNG"], ToneSpec::default(), |tape| {
        tape.on(500.0, &[1100.0]).pause(400.0)
    });
}

#[test]
fn cng_after_voice_is_reported_when_it_repeats() {
    for seed in SEEDS {
        let spec = ToneSpec {
            seed,
            ..ToneSpec::default()
        };
        let tape = || Tape::new(&spec).play(&voice(1500)).pause(700.0);
        assert_eq!(names(&tape().cng(1).pcm()), ["BEEP"]);
        assert_eq!(names(&tape().cng(3).pcm()), ["BEEP", "CNG"]);
    }
}

#[test]
fn cng_50_hz_off_or_more_is_refused() {
    for hz_off in [-80.0, -50.0, 50.0, 80.0] {
        never(&["CNG"], with_offset(hz_off), |tape| tape.cng(3));
    }
}

#[test]
fn bursts_of_1100_hz_with_other_lengths_are_not_cng() {
    for ms in [150.0, 350.0, 700.0, 3000.0] {
        never(&["CNG"], ToneSpec::default(), |tape| {
            tape.on(ms, &[1100.0])
                .pause(3000.0)
                .on(ms, &[1100.0])
                .pause(500.0)
        });
    }
}

#[test]
fn variants_of_ced_are_distinguished_15_hz_off() {
    for hz_off in [-15.0, 0.0, 15.0] {
        always(&["CED"], with_offset(hz_off), |tape| {
            tape.ced(2600.0).pause(500.0)
        });
        always(&["ANS_PR"], with_offset(hz_off), |tape| {
            tape.ans_pr(3000.0).pause(500.0)
        });
    }
    always(&["ANSAM"], ToneSpec::default(), |tape| {
        tape.ansam(3000.0, false).pause(500.0)
    });
    always(&["ANSAM"], ToneSpec::default(), |tape| {
        tape.ansam(3000.0, true).pause(500.0)
    });
}

/// Asserts that `is_right` holds for the detected tones in at least `min` of 100 runs, in white noise of the power of the tone.
#[track_caller]
fn at_0_db(min: usize, is_right: impl Fn(&[&str]) -> bool, play: impl Fn(Tape) -> Tape) {
    let right = (0..100).filter(|&seed| {
        let spec = ToneSpec {
            dbm0: if seed % 2 == 0 { -20.0 } else { -43.0 },
            snr_db: Some(0.0),
            seed,
            ..ToneSpec::default()
        };
        is_right(&names(&play(Tape::new(&spec)).pcm()))
    });
    let right = right.count();
    assert!(right >= min, "{right}");
}

#[test]
fn fax_tones_are_detected_at_0_db_snr() {
    // In this much noise the variant of CED may be wrong.
    let ced = |names: &[&str]| matches!(names, ["CED" | "ANS_PR" | "ANSAM"]);
    at_0_db(100, ced, |tape| tape.ced(2600.0).pause(500.0));
    at_0_db(100, ced, |tape| tape.ans_pr(3000.0).pause(500.0));
    at_0_db(100, ced, |tape| tape.ansam(3000.0, false).pause(500.0));
    at_0_db(100, ced, |tape| tape.ansam(3000.0, true).pause(500.0));
    at_0_db(100, |names| names == ["CNG"], |tape| tape.cng(2));
    let v21 = |names: &[&str]| names == ["V21"];
    at_0_db(98, v21, |tape| tape.v21(1000.0, 0.0).pause(300.0));
}

#[test]
fn network_tones_are_detected_at_0_db_snr() {
    let only = |name: &'static str| move |names: &[&str]| names == [name];
    at_0_db(97, only("BUSY"), |tape| {
        tape.cadence(&[480.0, 620.0], &[(500.0, 500.0)], 5)
    });
    at_0_db(97, only("BUSY"), |tape| {
        tape.cadence(&[425.0], &[(500.0, 500.0)], 5)
    });
    at_0_db(95, only("REORDER"), |tape| {
        tape.cadence(&[425.0], &[(250.0, 250.0)], 5)
    });
    at_0_db(97, only("RINGBACK"), |tape| {
        tape.cadence(&[440.0, 480.0], &[(2000.0, 4000.0)], 1)
    });
    at_0_db(95, only("SIT"), |tape| {
        tape.sit([950.0, 1400.0, 1800.0], [330.0; 3], 0.0)
            .pause(500.0)
    });
}

#[test]
fn ced_is_reported_within_600_ms() {
    let tape = Tape::new(&ToneSpec::default());
    let from = tape.now() as u64;
    let facts = tone_facts(&tape.ced(2600.0).pcm(), 80);
    let [Fact::Fax(fax)] = facts[..] else {
        panic!("{facts:?}")
    };
    assert!(fax.tone == FaxTone::Ced && fax.start.abs_diff(from) < 120);
    assert!(fax.at > from + 450 * 8 && fax.at < from + 600 * 8);
}

#[test]
fn tones_40_hz_off_ced_and_of_other_modems_are_not_fax_tones() {
    for hz in [
        2020.0, 2060.0, 2140.0, 2180.0, 2225.0, 1300.0, 1650.0, 1850.0, 1270.0,
    ] {
        never(
            &["CED", "CNG", "ANSAM", "ANS_PR", "V21"],
            ToneSpec::default(),
            |tape| tape.on(3000.0, &[hz]).pause(300.0),
        );
    }
}

#[test]
fn modem_calling_tone_and_bell_answer_tone_are_not_reported() {
    always(&[], ToneSpec::default(), |tape| {
        tape.on(3000.0, &[2225.0]).pause(500.0)
    });
    always(&[], ToneSpec::default(), |tape| {
        tape.on(600.0, &[1300.0])
            .off(1700.0)
            .on(600.0, &[1300.0])
            .off(1700.0)
    });
}

#[test]
fn the_v21_preamble_is_reported_within_ten_flags() {
    for hz_off in [-6.0, 0.0, 6.0] {
        always(&["V21"], with_offset(hz_off), |tape| {
            tape.v21(850.0, 300.0).pause(300.0)
        });
    }
    let tape = Tape::new(&ToneSpec::default());
    let from = tape.now() as u64;
    let facts = tone_facts(&tape.v21(1000.0, 0.0).pcm(), 80);
    let [Fact::Fax(fax)] = facts[..] else {
        panic!("{facts:?}")
    };
    assert!(fax.start.abs_diff(from) < 200 && fax.at < from + 2134);
}

#[test]
fn v21_data_is_not_a_preamble() {
    never(&["V21"], ToneSpec::default(), |tape| {
        tape.v21(0.0, 3000.0).pause(300.0)
    });
}

#[test]
fn sit_of_e180_and_of_north_america_is_detected() {
    for hz_off in [-50.0, 0.0, 50.0] {
        for gap in [0.0, 30.0] {
            always(&["SIT"], with_offset(hz_off), |tape| {
                tape.sit([950.0, 1400.0, 1800.0], [330.0; 3], gap)
                    .pause(600.0)
            });
        }
    }
    for ms in [260.0, 400.0] {
        always(&["SIT"], ToneSpec::default(), |tape| {
            tape.sit([950.0, 1400.0, 1800.0], [ms; 3], 15.0)
                .pause(600.0)
        });
    }
    let (low, high) = ([913.8, 1370.6, 1776.7], [985.2, 1428.5, 1776.7]);
    for ms in [
        [276.0, 276.0, 380.0],
        [380.0, 276.0, 380.0],
        [380.0, 380.0, 380.0],
    ] {
        for hz in [low, high] {
            always(&["SIT"], ToneSpec::default(), |tape| {
                tape.sit(hz, ms, 0.0).pause(600.0)
            });
        }
    }
}

#[test]
fn tones_80_hz_off_or_falling_or_short_are_not_sit() {
    for hz_off in [-80.0, 80.0] {
        never(&["SIT"], with_offset(hz_off), |tape| {
            tape.sit([950.0, 1400.0, 1800.0], [330.0; 3], 15.0)
                .pause(600.0)
        });
    }
    always(&[], ToneSpec::default(), |tape| {
        tape.sit([1800.0, 1400.0, 950.0], [330.0; 3], 15.0)
            .pause(600.0)
    });
    always(&[], ToneSpec::default(), |tape| {
        tape.sit([950.0, 1400.0, 1800.0], [150.0; 3], 15.0)
            .pause(600.0)
    });
}

#[test]
fn ringback_is_reported_once_per_burst() {
    let twice = ["RINGBACK"; 2];
    always(&twice, ToneSpec::default(), |tape| {
        tape.cadence(&[440.0, 480.0], &[(2000.0, 4000.0)], 2)
    });
    for hz in [400.0, 425.0, 450.0] {
        always(&twice, ToneSpec::default(), |tape| {
            tape.cadence(&[hz], &[(1000.0, 4000.0)], 2)
        });
    }
    let japan = Shape {
        modulation: Some((16.0, 0.85)),
        ..Shape::default()
    };
    always(&twice, ToneSpec::default(), |tape| {
        let tape = tape.shaped(1000.0, &[400.0], &japan).off(2000.0);
        tape.shaped(1000.0, &[400.0], &japan).off(2000.0)
    });
}

#[test]
fn ringback_with_double_bursts_is_ringback() {
    for pair in [[400.0, 450.0], [400.0, 425.0]] {
        for seed in SEEDS {
            let spec = ToneSpec {
                seed,
                ..ToneSpec::default()
            };
            let tape = Tape::new(&spec).cadence(&pair, &[(400.0, 200.0), (400.0, 2000.0)], 2);
            let names = names(&tape.pcm());
            assert!(
                names.len() >= 2 && names.iter().all(|&n| n == "RINGBACK"),
                "{names:?}"
            );
        }
    }
}

#[test]
fn busy_and_reorder_are_reported_once() {
    let cases: [(&str, &[f64], f64); 8] = [
        ("BUSY", &[480.0, 620.0], 500.0),
        ("BUSY", &[425.0], 500.0),
        ("BUSY", &[440.0], 500.0),
        ("BUSY", &[400.0], 375.0),
        ("BUSY", &[450.0], 350.0),
        ("REORDER", &[480.0, 620.0], 250.0),
        ("REORDER", &[425.0], 250.0),
        ("REORDER", &[425.0], 200.0),
    ];
    for (name, hz, ms) in cases {
        always(&[name], ToneSpec::default(), |tape| {
            tape.cadence(hz, &[(ms, ms)], 5)
        });
    }
}

#[test]
fn dial_tone_is_reported_once() {
    for hz in [[350.0, 440.0], [350.0, 450.0]] {
        always(&["DIAL"], ToneSpec::default(), |tape| {
            tape.on(3000.0, &hz).pause(300.0)
        });
    }
    always(&["DIAL"], ToneSpec::default(), |tape| {
        tape.on(4000.0, &[425.0]).pause(300.0)
    });
}

#[test]
fn network_tones_have_their_times_and_frequencies() {
    let tape = Tape::new(&ToneSpec::default());
    let from = tape.now() as u64;
    let facts = tone_facts(
        &tape.cadence(&[440.0, 480.0], &[(2000.0, 1000.0)], 1).pcm(),
        160,
    );
    let [Fact::Network(ring)] = facts[..] else {
        panic!("{facts:?}")
    };
    assert!(ring.tone == NetworkTone::Ringback);
    assert!(ring.start.abs_diff(from) < 200 && ring.end.abs_diff(from + 16_000) < 200);
    assert!((ring.hz - 440.0).abs() < 2.0 && (ring.hz2 - 480.0).abs() < 2.0);
}

/// Plays a beep after a voice. Asserts that it alone is detected, with the right start and end, and returns it.
#[track_caller]
fn one_beep(spec: &ToneSpec, ms: f64, hz: &[f64], shape: &Shape, codec: fn(i16) -> i16) -> Beep {
    let tape = Tape::new(spec).play(&voice(1200)).pause(400.0);
    let from = tape.now() as u64;
    let tape = tape.shaped(ms, hz, shape);
    let to = tape.now() as u64;
    let pcm: Vec<i16> = tape.pause(900.0).pcm().into_iter().map(codec).collect();
    let facts = tone_facts(&pcm, 160);
    let [Fact::Beep(beep)] = facts[..] else {
        panic!("{spec:?} {ms} ms {hz:?} {shape:?}: {facts:?}")
    };
    let slack = 200 + (shape.fade_ms * 8.0) as u64;
    assert!(
        beep.start.abs_diff(from) < slack,
        "{spec:?} {ms} {hz:?} {beep:?} {from}"
    );
    assert!(
        shape.decay_db_s > 0.0 || beep.end.abs_diff(to) < slack,
        "{spec:?} {ms} {hz:?} {beep:?} {to}"
    );
    beep
}

#[test]
fn beeps_of_80_to_2500_ms_are_detected() {
    for ms in [80.0, 100.0, 180.0, 400.0, 1000.0, 2500.0] {
        for (n, hz) in [360.0, 505.0, 640.0, 700.0, 1000.0, 1400.0, 1950.0, 2490.0]
            .into_iter()
            .enumerate()
        {
            for (dbm0, snr_db) in [(-5.0, None), (-15.0, Some(20.0)), (-35.0, Some(20.0))] {
                let spec = ToneSpec {
                    dbm0,
                    snr_db,
                    seed: n as u64,
                    ..ToneSpec::default()
                };
                let beep = one_beep(&spec, ms, &[hz], &Shape::default(), |x| x);
                assert!((f64::from(beep.hz) - hz).abs() < 4.0 && beep.hz2 == 0.0);
                assert!((f64::from(beep.level_dbm0) - dbm0).abs() < 1.5);
            }
        }
    }
}

#[test]
fn beeps_are_detected_6_db_above_the_noise() {
    let (mut played, mut found) = (0, 0);
    for seed in 0..60 {
        let spec = ToneSpec {
            dbm0: -20.0,
            snr_db: Some(6.0),
            seed,
            ..ToneSpec::default()
        };
        let hz = 505.0 + 33.0 * seed as f64;
        if (hz - 2100.0).abs() < 30.0 || (hz - 1100.0).abs() < 45.0 {
            continue;
        }
        for ms in [100.0, 200.0, 400.0] {
            let pcm = Tape::new(&spec).on(ms, &[hz]).pause(900.0).pcm();
            played += 1;
            found += usize::from(names(&pcm) == ["BEEP"]);
        }
    }
    assert!(found * 100 >= played * 97, "{found} of {played}");
}

#[test]
fn two_simultaneous_tones_are_one_beep() {
    for hz in [
        [620.0, 1000.0],
        [550.0, 1410.0],
        [1400.0, 2060.0],
        [950.0, 1950.0],
    ] {
        let beep = one_beep(&ToneSpec::default(), 300.0, &hz, &Shape::default(), |x| x);
        let (low, high) = (beep.hz.min(beep.hz2), beep.hz.max(beep.hz2));
        assert!((f64::from(low) - hz[0]).abs() < 3.0 && (f64::from(high) - hz[1]).abs() < 3.0);
    }
}

#[test]
fn beeps_of_any_shape_are_detected_through_g711() {
    let shape = Shape::default();
    let shapes = [
        Shape {
            fade_ms: 10.0,
            ..shape
        },
        Shape {
            decay_db_s: 40.0,
            ..shape
        },
        Shape {
            glide_hz: 8.0,
            ..shape
        },
        Shape {
            square: true,
            ..shape
        },
    ];
    for shape in shapes {
        for hz in [640.0, 1000.0, 1420.0] {
            for codec in [through_alaw, through_ulaw] {
                one_beep(&ToneSpec::default(), 250.0, &[hz], &shape, codec);
            }
        }
    }
}

#[test]
fn a_beep_at_the_end_of_the_stream_is_detected() {
    let tape = Tape::new(&ToneSpec::default()).on(400.0, &[700.0]);
    assert_eq!(names(&tape.clone().pcm()), ["BEEP"]);
    assert_eq!(names(&tape.pause(30.0).pcm()), ["BEEP"]);
}

#[test]
fn a_440_hz_beep_is_reported_if_it_does_not_repeat() {
    let tape = Tape::new(&ToneSpec::default())
        .play(&voice(1500))
        .pause(500.0);
    let pcm = tape.on(400.0, &[440.0]).pause(1200.0).pcm();
    assert_eq!(names(&pcm), ["BEEP"]);
}

#[test]
fn a_melody_is_not_a_beep() {
    let notes = [523.3, 659.3, 784.0, 1046.5, 784.0, 659.3];
    always(&[], ToneSpec::default(), |mut tape| {
        for hz in notes {
            tape = tape.on(240.0, &[hz]).pause(20.0);
        }
        tape.pause(800.0)
    });
}

#[test]
fn dtmf_is_not_reported_as_a_tone() {
    for seed in 0..20 {
        for (tone_ms, pause_ms) in [(50.0, 50.0), (100.0, 400.0), (400.0, 700.0)] {
            let press = dtmf::Press {
                tone_ms,
                pause_ms,
                ..dtmf::Press::default()
            };
            let sequence = dtmf::sequence(&press, &[], seed);
            assert_eq!(names(&sequence.pcm), [""; 0], "{press:?}");
        }
    }
}

#[test]
fn voice_is_not_reported_as_a_tone() {
    assert_eq!(names(&voice(60_000)), [""; 0]);
}

#[test]
fn any_chunking_gives_the_same_facts() {
    let spec = ToneSpec {
        snr_db: Some(15.0),
        ..ToneSpec::default()
    };
    let pcm = Tape::new(&spec)
        .cadence(&[440.0, 480.0], &[(1000.0, 1000.0)], 2)
        .play(&voice(1000))
        .pause(300.0)
        .on(400.0, &[700.0])
        .pause(600.0)
        .sit([950.0, 1400.0, 1800.0], [330.0; 3], 10.0)
        .pause(300.0)
        .v21(1000.0, 200.0)
        .pause(300.0)
        .ced(3000.0)
        .pcm();
    let whole = tone_facts(&pcm, pcm.len());
    assert_eq!(whole.len(), 6, "{whole:?}");
    for chunk in [1, 37, 160, 999] {
        assert_eq!(tone_facts(&pcm, chunk), whole, "chunks of {chunk}");
    }
}

earwig_signals::on_real_audio!(real_beeps_are_detected_and_nothing_else_is_a_beep);

/// At least 95 % of the beeps are detected, and at most two files have a false one.
fn real_beeps_are_detected_and_nothing_else_is_a_beep() {
    let groups = [
        "human",
        "machine",
        "talkoff",
        "silence_noise",
        "composed",
        "beep",
        "dtmf",
    ];
    let (mut found, mut expected, mut wrong) = (0, 0, Vec::new());
    for (name, pcm) in groups.into_iter().flat_map(corpus::group) {
        let beeps = names(&pcm).iter().filter(|&&n| n == "BEEP").count();
        let has_beep = name.starts_with("beep/")
            || (name.starts_with("composed/") && !name.starts_with("composed/human"));
        expected += usize::from(has_beep);
        found += usize::from(has_beep && beeps == 1);
        if beeps > usize::from(has_beep) {
            wrong.push(name);
        }
    }
    assert!(expected > 0, "the corpus has no beeps");
    assert!(found * 100 >= expected * 95, "{found} of {expected}");
    assert!(wrong.len() <= 2, "{wrong:?}");
}
