//! The detectors of tones against T.30, V.8, V.25, V.21, E.180 and what voicemails play.

use earwig_core::detect::fact::{Beep, Fact};
use earwig_core::detect::pipeline::Pipeline;
use earwig_core::types::{FaxTone, NetworkTone};
use earwig_signals::g711::{through_alaw, through_ulaw};
use earwig_signals::tones::{Make, Shape, Tape};
use earwig_signals::{corpus, dtmf};

/// What was heard but voice, in chunks of this size.
fn heard(pcm: &[i16], chunk: usize) -> Vec<Fact> {
    let (mut ears, mut heard) = (Pipeline::default(), Vec::new());
    for chunk in pcm.chunks(chunk) {
        ears.process(chunk, &mut heard);
    }
    ears.finish(&mut heard);
    heard.retain(|h| matches!(h, Fact::Beep(_) | Fact::Fax(_) | Fact::Network(_)));
    heard
}

/// FieldSet of what was heard, in order.
fn names(pcm: &[i16]) -> Vec<&'static str> {
    let name = |h: &Fact| match h {
        Fact::Fax(fax) => fax.tone.name(),
        Fact::Network(network) => network.tone.name(),
        _ => "BEEP",
    };
    heard(pcm, 160).iter().map(name).collect()
}

/// Levels and noise in which every tone must be heard.
const LINES: [(f64, Option<f64>); 5] = [
    (-10.0, None),
    (-43.0, None),
    (-20.0, Some(10.0)),
    (-20.0, Some(5.0)),
    (-43.0, Some(3.0)),
];

const SEEDS: std::ops::Range<u64> = 0..8;

/// Each line and seed hears exactly this.
#[track_caller]
fn always(expected: &[&str], change: Make, play: impl Fn(Tape) -> Tape) {
    for (dbm0, snr_db) in LINES {
        for seed in SEEDS {
            let make = Make {
                dbm0,
                snr_db,
                seed,
                ..change.clone()
            };
            let names = names(&play(Tape::new(&make)).pcm());
            assert_eq!(names, expected, "{make:?}");
        }
    }
}

/// No seed hears this, whatever else.
#[track_caller]
fn never(tones: &[&str], change: Make, play: impl Fn(Tape) -> Tape) {
    for (dbm0, snr_db) in LINES {
        for seed in SEEDS {
            let make = Make {
                dbm0,
                snr_db,
                seed,
                ..change.clone()
            };
            let names = names(&play(Tape::new(&make)).pcm());
            assert!(
                !names.iter().any(|n| tones.contains(n)),
                "{make:?}: {names:?}"
            );
        }
    }
}

fn off(hz_off: f64) -> Make {
    Make {
        hz_off,
        ..Make::default()
    }
}

fn slow(timing: f64) -> Make {
    Make {
        timing,
        ..Make::default()
    }
}

/// Half a second of a voice: harmonics of a pitch that moves, in syllables.
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
fn cng_of_38_hz_off_and_15_per_cent_off_in_time_is_accepted() {
    for hz_off in [-38.0, 0.0, 38.0] {
        always(&["CNG"], off(hz_off), |tape| tape.cng(2));
    }
    for timing in [0.86, 1.14] {
        always(&["CNG"], slow(timing), |tape| tape.cng(2));
    }
}

#[test]
fn cng_is_told_after_its_first_burst_if_nobody_spoke() {
    always(&["CNG"], Make::default(), |tape| {
        tape.on(500.0, &[1100.0]).pause(400.0)
    });
}

#[test]
fn cng_after_a_voice_is_told_when_it_comes_again() {
    for seed in SEEDS {
        let make = Make {
            seed,
            ..Make::default()
        };
        let tape = || Tape::new(&make).play(&voice(1500)).pause(700.0);
        assert_eq!(names(&tape().cng(1).pcm()), ["BEEP"]);
        assert_eq!(names(&tape().cng(3).pcm()), ["BEEP", "CNG"]);
    }
}

#[test]
fn cng_50_hz_off_is_refused_and_80_too() {
    for hz_off in [-80.0, -50.0, 50.0, 80.0] {
        never(&["CNG"], off(hz_off), |tape| tape.cng(3));
    }
}

#[test]
fn bursts_of_1100_hz_that_are_no_cng_are_refused() {
    for ms in [150.0, 350.0, 700.0, 3000.0] {
        never(&["CNG"], Make::default(), |tape| {
            tape.on(ms, &[1100.0])
                .pause(3000.0)
                .on(ms, &[1100.0])
                .pause(500.0)
        });
    }
}

#[test]
fn each_kind_of_ced_is_told_by_its_name_15_hz_off() {
    for hz_off in [-15.0, 0.0, 15.0] {
        always(&["CED"], off(hz_off), |tape| tape.ced(2600.0).pause(500.0));
        always(&["ANS_PR"], off(hz_off), |tape| {
            tape.ans_pr(3000.0).pause(500.0)
        });
    }
    always(&["ANSAM"], Make::default(), |tape| {
        tape.ansam(3000.0, false).pause(500.0)
    });
    always(&["ANSAM"], Make::default(), |tape| {
        tape.ansam(3000.0, true).pause(500.0)
    });
}

/// Noise as loud as the tone, over all of the band. How often `told` of what is heard is right, of a hundred.
#[track_caller]
fn at_0_db(least: usize, told: impl Fn(&[&str]) -> bool, play: impl Fn(Tape) -> Tape) {
    let right = (0..100).filter(|&seed| {
        let make = Make {
            dbm0: if seed % 2 == 0 { -20.0 } else { -43.0 },
            snr_db: Some(0.0),
            seed,
            ..Make::default()
        };
        told(&names(&play(Tape::new(&make)).pcm()))
    });
    let right = right.count();
    assert!(right >= least, "{right}");
}

#[test]
fn at_0_db_every_fax_is_a_fax() {
    // Which kind of CED it is may be told wrongly in so much noise.
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
fn at_0_db_the_network_is_heard() {
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
fn ced_is_told_within_600_ms() {
    let tape = Tape::new(&Make::default());
    let from = tape.now() as u64;
    let heard = heard(&tape.ced(2600.0).pcm(), 80);
    let [Fact::Fax(fax)] = heard[..] else {
        panic!("{heard:?}")
    };
    assert!(fax.tone == FaxTone::Ced && fax.start.abs_diff(from) < 120);
    assert!(fax.at > from + 450 * 8 && fax.at < from + 600 * 8);
}

#[test]
fn ced_80_hz_off_is_refused_and_other_modems_are_no_fax() {
    for hz in [
        2020.0, 2060.0, 2140.0, 2180.0, 2225.0, 1300.0, 1650.0, 1850.0, 1270.0,
    ] {
        never(
            &["CED", "CNG", "ANSAM", "ANS_PR", "V21"],
            Make::default(),
            |tape| tape.on(3000.0, &[hz]).pause(300.0),
        );
    }
}

#[test]
fn a_modem_that_calls_or_answers_by_bell_is_nothing() {
    always(&[], Make::default(), |tape| {
        tape.on(3000.0, &[2225.0]).pause(500.0)
    });
    always(&[], Make::default(), |tape| {
        tape.on(600.0, &[1300.0])
            .off(1700.0)
            .on(600.0, &[1300.0])
            .off(1700.0)
    });
}

#[test]
fn the_v21_preamble_is_told_within_ten_flags() {
    for hz_off in [-6.0, 0.0, 6.0] {
        always(&["V21"], off(hz_off), |tape| {
            tape.v21(850.0, 300.0).pause(300.0)
        });
    }
    let tape = Tape::new(&Make::default());
    let from = tape.now() as u64;
    let heard = heard(&tape.v21(1000.0, 0.0).pcm(), 80);
    let [Fact::Fax(fax)] = heard[..] else {
        panic!("{heard:?}")
    };
    assert!(fax.start.abs_diff(from) < 200 && fax.at < from + 2134);
}

#[test]
fn data_by_v21_is_no_preamble() {
    never(&["V21"], Make::default(), |tape| {
        tape.v21(0.0, 3000.0).pause(300.0)
    });
}

#[test]
fn sit_of_e180_and_of_north_america_is_told_after_its_third_tone() {
    for hz_off in [-50.0, 0.0, 50.0] {
        for gap in [0.0, 30.0] {
            always(&["SIT"], off(hz_off), |tape| {
                tape.sit([950.0, 1400.0, 1800.0], [330.0; 3], gap)
                    .pause(600.0)
            });
        }
    }
    for ms in [260.0, 400.0] {
        always(&["SIT"], Make::default(), |tape| {
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
            always(&["SIT"], Make::default(), |tape| {
                tape.sit(hz, ms, 0.0).pause(600.0)
            });
        }
    }
}

#[test]
fn tones_80_hz_off_or_falling_or_short_are_no_sit_and_no_beep() {
    for hz_off in [-80.0, 80.0] {
        never(&["SIT"], off(hz_off), |tape| {
            tape.sit([950.0, 1400.0, 1800.0], [330.0; 3], 15.0)
                .pause(600.0)
        });
    }
    always(&[], Make::default(), |tape| {
        tape.sit([1800.0, 1400.0, 950.0], [330.0; 3], 15.0)
            .pause(600.0)
    });
    always(&[], Make::default(), |tape| {
        tape.sit([950.0, 1400.0, 1800.0], [150.0; 3], 15.0)
            .pause(600.0)
    });
}

#[test]
fn ringback_is_told_once_a_burst() {
    let twice = ["RINGBACK"; 2];
    always(&twice, Make::default(), |tape| {
        tape.cadence(&[440.0, 480.0], &[(2000.0, 4000.0)], 2)
    });
    for hz in [400.0, 425.0, 450.0] {
        always(&twice, Make::default(), |tape| {
            tape.cadence(&[hz], &[(1000.0, 4000.0)], 2)
        });
    }
    let japan = Shape {
        modulation: Some((16.0, 0.85)),
        ..Shape::default()
    };
    always(&twice, Make::default(), |tape| {
        let tape = tape.shaped(1000.0, &[400.0], &japan).off(2000.0);
        tape.shaped(1000.0, &[400.0], &japan).off(2000.0)
    });
}

#[test]
fn ringback_of_two_bursts_is_ringback() {
    for pair in [[400.0, 450.0], [400.0, 425.0]] {
        for seed in SEEDS {
            let make = Make {
                seed,
                ..Make::default()
            };
            let tape = Tape::new(&make).cadence(&pair, &[(400.0, 200.0), (400.0, 2000.0)], 2);
            let names = names(&tape.pcm());
            assert!(
                names.len() >= 2 && names.iter().all(|&n| n == "RINGBACK"),
                "{names:?}"
            );
        }
    }
}

#[test]
fn busy_and_reorder_are_told_once_after_the_second_burst() {
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
        always(&[name], Make::default(), |tape| {
            tape.cadence(hz, &[(ms, ms)], 5)
        });
    }
}

#[test]
fn dial_tone_is_told_once() {
    for hz in [[350.0, 440.0], [350.0, 450.0]] {
        always(&["DIAL"], Make::default(), |tape| {
            tape.on(3000.0, &hz).pause(300.0)
        });
    }
    always(&["DIAL"], Make::default(), |tape| {
        tape.on(4000.0, &[425.0]).pause(300.0)
    });
}

#[test]
fn the_networks_tones_have_their_times_and_frequencies() {
    let tape = Tape::new(&Make::default());
    let from = tape.now() as u64;
    let heard = heard(
        &tape.cadence(&[440.0, 480.0], &[(2000.0, 1000.0)], 1).pcm(),
        160,
    );
    let [Fact::Network(ring)] = heard[..] else {
        panic!("{heard:?}")
    };
    assert!(ring.tone == NetworkTone::Ringback);
    assert!(ring.start.abs_diff(from) < 200 && ring.end.abs_diff(from + 16_000) < 200);
    assert!((ring.hz - 440.0).abs() < 2.0 && (ring.hz2 - 480.0).abs() < 2.0);
}

/// The one beep that is heard, with its true begin and end.
#[track_caller]
fn one_beep(make: &Make, ms: f64, hz: &[f64], shape: &Shape, codec: fn(i16) -> i16) -> Beep {
    let tape = Tape::new(make).play(&voice(1200)).pause(400.0);
    let from = tape.now() as u64;
    let tape = tape.shaped(ms, hz, shape);
    let to = tape.now() as u64;
    let pcm: Vec<i16> = tape.pause(900.0).pcm().into_iter().map(codec).collect();
    let heard = heard(&pcm, 160);
    let [Fact::Beep(beep)] = heard[..] else {
        panic!("{make:?} {ms} ms {hz:?} {shape:?}: {heard:?}")
    };
    let slack = 200 + (shape.fade_ms * 8.0) as u64;
    assert!(
        beep.start.abs_diff(from) < slack,
        "{make:?} {ms} {hz:?} {beep:?} {from}"
    );
    assert!(
        shape.decay_db_s > 0.0 || beep.end.abs_diff(to) < slack,
        "{make:?} {ms} {hz:?} {beep:?} {to}"
    );
    beep
}

#[test]
fn a_beep_of_80_ms_is_heard_and_one_of_2500_ms_too() {
    for ms in [80.0, 100.0, 180.0, 400.0, 1000.0, 2500.0] {
        for (n, hz) in [360.0, 505.0, 640.0, 700.0, 1000.0, 1400.0, 1950.0, 2490.0]
            .into_iter()
            .enumerate()
        {
            for (dbm0, snr_db) in [(-5.0, None), (-15.0, Some(20.0)), (-35.0, Some(20.0))] {
                let make = Make {
                    dbm0,
                    snr_db,
                    seed: n as u64,
                    ..Make::default()
                };
                let beep = one_beep(&make, ms, &[hz], &Shape::default(), |x| x);
                assert!((f64::from(beep.hz) - hz).abs() < 4.0 && beep.hz2 == 0.0);
                assert!((f64::from(beep.level_dbm0) - dbm0).abs() < 1.5);
            }
        }
    }
}

#[test]
fn a_beep_is_heard_6_db_above_the_noise() {
    let (mut played, mut found) = (0, 0);
    for seed in 0..60 {
        let make = Make {
            dbm0: -20.0,
            snr_db: Some(6.0),
            seed,
            ..Make::default()
        };
        let hz = 505.0 + 33.0 * seed as f64;
        if (hz - 2100.0).abs() < 30.0 || (hz - 1100.0).abs() < 45.0 {
            continue;
        }
        for ms in [100.0, 200.0, 400.0] {
            let pcm = Tape::new(&make).on(ms, &[hz]).pause(900.0).pcm();
            played += 1;
            found += usize::from(names(&pcm) == ["BEEP"]);
        }
    }
    assert!(found * 100 >= played * 97, "{found} of {played}");
}

#[test]
fn two_tones_together_are_one_beep() {
    for hz in [
        [620.0, 1000.0],
        [550.0, 1410.0],
        [1400.0, 2060.0],
        [950.0, 1950.0],
    ] {
        let beep = one_beep(&Make::default(), 300.0, &hz, &Shape::default(), |x| x);
        let (low, high) = (beep.hz.min(beep.hz2), beep.hz.max(beep.hz2));
        assert!((f64::from(low) - hz[0]).abs() < 3.0 && (f64::from(high) - hz[1]).abs() < 3.0);
    }
}

#[test]
fn beeps_of_any_shape_through_any_codec_are_heard() {
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
                one_beep(&Make::default(), 250.0, &[hz], &shape, codec);
            }
        }
    }
}

#[test]
fn a_beep_at_the_end_of_the_stream_is_heard() {
    let tape = Tape::new(&Make::default()).on(400.0, &[700.0]);
    assert_eq!(names(&tape.clone().pcm()), ["BEEP"]);
    assert_eq!(names(&tape.pause(30.0).pcm()), ["BEEP"]);
}

#[test]
fn a_440_hz_beep_is_told_when_it_does_not_come_again() {
    let tape = Tape::new(&Make::default()).play(&voice(1500)).pause(500.0);
    let pcm = tape.on(400.0, &[440.0]).pause(1200.0).pcm();
    assert_eq!(names(&pcm), ["BEEP"]);
}

#[test]
fn a_melody_is_no_beep() {
    let notes = [523.3, 659.3, 784.0, 1046.5, 784.0, 659.3];
    always(&[], Make::default(), |mut tape| {
        for hz in notes {
            tape = tape.on(240.0, &[hz]).pause(20.0);
        }
        tape.pause(800.0)
    });
}

#[test]
fn digits_are_nothing_here() {
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
fn a_voice_is_nothing_here() {
    assert_eq!(names(&voice(60_000)), [""; 0]);
}

#[test]
fn any_chunking_hears_the_same() {
    let make = Make {
        snr_db: Some(15.0),
        ..Make::default()
    };
    let pcm = Tape::new(&make)
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
    let whole = heard(&pcm, pcm.len());
    assert_eq!(whole.len(), 6, "{whole:?}");
    for chunk in [1, 37, 160, 999] {
        assert_eq!(heard(&pcm, chunk), whole, "chunks of {chunk}");
    }
}

earwig_signals::on_real_audio!(beeps_are_found_and_nothing_else_beeps);

/// At least 95 % of the beeps, and at most two false ones.
fn beeps_are_found_and_nothing_else_beeps() {
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
        let beeping = name.starts_with("beep/")
            || (name.starts_with("composed/") && !name.starts_with("composed/human"));
        expected += usize::from(beeping);
        found += usize::from(beeping && beeps == 1);
        if beeps > usize::from(beeping) {
            wrong.push(name);
        }
    }
    assert!(expected > 0, "the corpus has no beeps");
    assert!(found * 100 >= expected * 95, "{found} of {expected}");
    assert!(wrong.len() <= 2, "{wrong:?}");
}
