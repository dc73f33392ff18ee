//! Beeps as lines and mailboxes bring them: behind hum, with a click or a gap, decaying, in two parts, with an echo; and tones of
//! voices, which are none.

use earwig_core::detect::fact::{Beep, Fact};
use earwig_core::detect::pipeline::Pipeline;
use earwig_signals::tones::{Shape, Tape, ToneSpec};
use earwig_signals::voice::voice;
use earwig_signals::{add_sine, amplitude, samples, to_pcm};
use fastrand::Rng;
use std::f64::consts::TAU;

/// Lengths, frequencies and levels of the beeps.
const MS: [f64; 4] = [150.0, 250.0, 500.0, 1200.0];
const HZ: [f64; 5] = [360.0, 620.0, 1000.0, 1400.0, 1950.0];
const DBM0: [f64; 3] = [-8.0, -22.0, -36.0];

fn beeps(pcm: &[i16]) -> Vec<Beep> {
    let (mut pipeline, mut facts) = (Pipeline::default(), Vec::new());
    pipeline.process(pcm, &mut facts);
    pipeline.finish(&mut facts);
    let beep = |fact: Fact| match fact {
        Fact::Beep(beep) => Some(beep),
        _ => None,
    };
    facts.into_iter().filter_map(beep).collect()
}

/// A beep to find: its signal with speech before and silence after it, and its first sample.
struct Played {
    signal: Vec<f64>,
    from: usize,
    to: usize,
    rng: Rng,
    what: String,
}

/// All beeps after speech, shaped by `shape`, changed by `change`; the share found at the right time, alone.
#[track_caller]
fn found_at_least(per_cent: usize, shape: &Shape, change: impl Fn(&mut Played)) {
    let speech = to_pcm(&voice(1500, 120.0, -18.0));
    let (mut found, mut played, mut missed) = (0, 0, Vec::new());
    for (n, ms) in MS.into_iter().enumerate() {
        for hz in HZ {
            for dbm0 in DBM0 {
                let spec = ToneSpec {
                    dbm0,
                    seed: n as u64,
                    ..ToneSpec::default()
                };
                let tape = Tape::new(&spec).play(&speech).pause(60.0 + 90.0 * n as f64);
                let from = tape.now();
                let tape = tape.shaped(ms, &[hz], shape);
                let to = tape.now();
                let signal = tape.pause(1200.0).pcm().into_iter().map(f64::from);
                let mut beep = Played {
                    signal: signal.collect(),
                    from,
                    to,
                    rng: Rng::with_seed((hz + ms) as u64),
                    what: format!("{ms} ms {hz} Hz {dbm0} dBm0"),
                };
                change(&mut beep);
                let beeps = beeps(&to_pcm(&beep.signal));
                played += 1;
                let right = |b: &&Beep| b.start.abs_diff(beep.from as u64) < 480;
                if beeps.len() == 1 && beeps.iter().any(|b| right(&b)) {
                    found += 1;
                } else {
                    missed.push((beep.what, beeps.iter().map(|b| b.start).collect::<Vec<_>>()));
                }
            }
        }
    }
    assert!(
        found * 100 >= played * per_cent,
        "{found} of {played}: {missed:?}"
    );
}

#[test]
fn beeps_behind_the_hum_of_the_mains_are_detected() {
    for base in [50.0, 60.0] {
        found_at_least(70, &Shape::default(), |beep| {
            for (harmonic, dbm0) in [(1.0, -34.0), (2.0, -42.0), (3.0, -38.0), (4.0, -48.0)] {
                let phase = TAU * beep.rng.f64();
                add_sine(&mut beep.signal, base * harmonic, dbm0, phase);
            }
        });
    }
}

#[test]
fn hum_is_no_beep() {
    for base in [50.0, 60.0] {
        for ms in [150.0, 600.0, 2000.0] {
            let mut signal = vec![0.0; samples(500.0)];
            let mut hum = vec![0.0; samples(ms)];
            for harmonic in 1..=4 {
                let dbm0 = -10.0 - 4.0 * f64::from(harmonic);
                add_sine(&mut hum, base * f64::from(harmonic), dbm0, 0.3);
            }
            signal.extend(hum);
            signal.extend(vec![0.0; samples(1000.0)]);
            assert_eq!(beeps(&to_pcm(&signal)), [], "{base} Hz, {ms} ms");
        }
    }
}

#[test]
fn beeps_with_a_gap_of_up_to_10_ms_are_detected() {
    for gap_ms in [1.0, 4.0, 10.0] {
        found_at_least(95, &Shape::default(), |beep| {
            let at = beep.from + (beep.to - beep.from) / 2;
            beep.signal[at..at + samples(gap_ms)].fill(0.0);
        });
    }
}

#[test]
fn beeps_with_a_click_are_detected() {
    for part in [0.5, 0.7] {
        found_at_least(95, &Shape::default(), |beep| {
            let at = beep.from + ((beep.to - beep.from) as f64 * part) as usize;
            for x in &mut beep.signal[at..at + 16] {
                *x += amplitude(-12.0) * (2.0 * beep.rng.f64() - 1.0);
            }
        });
    }
}

#[test]
fn beeps_that_decay_are_detected() {
    for decay_db_s in [30.0, 60.0, 90.0] {
        let shape = Shape {
            decay_db_s,
            ..Shape::default()
        };
        let speech = to_pcm(&voice(1500, 120.0, -18.0));
        for hz in HZ {
            for ms in [150.0, 400.0, 900.0] {
                let tape = Tape::new(&ToneSpec::default()).play(&speech).pause(120.0);
                let from = tape.now() as u64;
                let pcm = tape.shaped(ms, &[hz], &shape).pause(1200.0).pcm();
                let beeps = beeps(&pcm);
                let right = beeps.len() == 1 && beeps[0].start.abs_diff(from) < 480;
                assert!(right, "{decay_db_s} dB/s, {hz} Hz, {ms} ms: {beeps:?}");
            }
        }
    }
}

#[test]
fn the_two_parts_of_a_beep_are_one_from_its_start_to_its_end() {
    let speech = to_pcm(&voice(1500, 120.0, -18.0));
    for hz in [620.0, 1000.0, 1400.0] {
        for ms in [100.0, 200.0] {
            for gap_ms in [50.0, 80.0, 100.0] {
                let tape = Tape::new(&ToneSpec::default()).play(&speech).pause(120.0);
                let from = tape.now() as u64;
                let tape = tape.on(ms, &[hz]).pause(gap_ms).on(ms, &[hz]);
                let to = tape.now() as u64;
                let beeps = beeps(&tape.pause(1200.0).pcm());
                let whole = |b: &Beep| b.start.abs_diff(from) < 200 && b.end.abs_diff(to) < 200;
                let right = beeps.len() == 1 && beeps.iter().all(whole);
                assert!(
                    right,
                    "{hz} Hz, {ms} ms, gap {gap_ms} ms: {beeps:?}, {from} to {to}"
                );
            }
        }
    }
}

#[test]
fn the_echo_of_a_beep_is_neither_a_beep_nor_hides_it() {
    for (ms, db) in [(30.0, 18.0), (90.0, 14.0), (180.0, 12.0), (260.0, 20.0)] {
        found_at_least(90, &Shape::default(), |beep| {
            let (delay, gain) = (samples(ms), 10f64.powf(-db / 20.0));
            let before = beep.signal[beep.from..].to_vec();
            let echo = &mut beep.signal[beep.from + delay..];
            for (x, earlier) in echo.iter_mut().zip(before) {
                *x += gain * earlier;
            }
        });
    }
}

/// A held vowel: a partial that dominates, its second harmonic 14 dB below it, and the jitter of a voice.
#[test]
fn a_held_vowel_is_no_beep() {
    for hz in [345.0, 380.0, 415.0, 450.0, 490.0, 521.0] {
        for seed in 0..10 {
            let mut rng = Rng::with_seed(seed);
            let (mut phase, mut wander) = (0.0, 0.0);
            let mut signal = vec![0.0; samples(300.0)];
            let count = samples(180.0 + 60.0 * seed as f64);
            for n in 0..count {
                if n % 40 == 0 {
                    wander = 0.8 * wander + 5.0 * (rng.f64() - 0.5);
                }
                phase += TAU * (hz + wander) / 8000.0;
                let edge = (n.min(count - n) as f64 / 160.0).min(1.0);
                signal.push(edge * 4000.0 * (phase.sin() + 0.2 * (2.0 * phase).sin()));
            }
            signal.extend(vec![0.0; samples(1000.0)]);
            assert_eq!(beeps(&to_pcm(&signal)), [], "{hz} Hz, seed {seed}");
        }
    }
}
