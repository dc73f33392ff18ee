use crate::detect::fact::Fact;
use crate::detect::pipeline::Pipeline;
use earwig_signals::voice::{scaled, voice};
use std::f64::consts::PI;

fn samples(ms: usize) -> usize {
    ms * 8
}

/// Noise. `color`: 0 is white, towards 1 low frequencies prevail.
fn noise(ms: usize, color: f64, dbm0: f32, seed: u64) -> Vec<f64> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut low = 0.0;
    let x = (0..samples(ms))
        .map(|_| {
            let white: f64 = (0..6).map(|_| rng.f64() - 0.5).sum();
            low = color * low + white;
            low
        })
        .collect();
    scaled(x, f64::from(dbm0))
}

fn sines(ms: usize, hz: &[f64], dbm0: f32) -> Vec<f64> {
    let x = (0..samples(ms))
        .map(|i| {
            let sine = |hz: &f64| (2.0 * PI * hz * i as f64 / 8000.0).sin();
            hz.iter().map(sine).sum()
        })
        .collect();
    scaled(x, f64::from(dbm0))
}

fn silence(ms: usize) -> Vec<f64> {
    vec![0.0; samples(ms)]
}

fn mixed(a: Vec<f64>, b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

fn pcm(signal: &[f64]) -> Vec<i16> {
    signal.iter().map(|x| x.round() as i16).collect()
}

/// Start and end of the segments in ms. Checks the order of all facts and `complete_until`.
fn segments(signal: &[f64]) -> Vec<(u64, u64)> {
    let signal = pcm(signal);
    let mut pipeline = Pipeline::default();
    let (mut facts, mut segments, mut frames) = (Vec::new(), Vec::new(), 0);
    let mut complete = 0;
    for chunk in signal.chunks(80).map(Some).chain([None]) {
        match chunk {
            Some(chunk) => pipeline.process(chunk, &mut facts),
            None => pipeline.finish(&mut facts),
        }
        for fact in facts.drain(..) {
            match fact {
                Fact::Frame(frame) => {
                    assert_eq!(frame.at, frames * 80, "every 10 ms, in order");
                    frames += 1;
                }
                Fact::VoiceBegins { at } => {
                    assert!(at >= complete, "began at {at}, complete until {complete}");
                    segments.push((at / 8, u64::MAX));
                }
                Fact::VoiceEnds { at } => {
                    assert!(at >= complete, "ended at {at}, complete until {complete}");
                    segments.last_mut().unwrap().1 = at / 8;
                }
                _ => {}
            }
        }
        assert!(
            pipeline.complete_until() >= complete,
            "the time never goes back"
        );
        complete = pipeline.complete_until();
    }
    assert!(
        segments
            .iter()
            .all(|(from, to)| from < to && *to != u64::MAX)
    );
    assert!(segments.windows(2).all(|two| two[0].1 <= two[1].0));
    segments
}

#[test]
fn a_voice_starts_within_20_ms_and_ends_within_25_ms() {
    for (pitch, dbm0) in [
        (100.0, -15.0),
        (130.0, -25.0),
        (200.0, -10.0),
        (240.0, -32.0),
    ] {
        for (before, length) in [(1000, 400), (1003, 900), (757, 250)] {
            let signal = [silence(before), voice(length, pitch, dbm0), silence(1500)].concat();
            let signal = mixed(noise(before + length + 1500, 0.0, -65.0, 1), &signal);
            let found = segments(&signal);
            let (first, last) = (found[0].0, found.last().unwrap().1);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(first.abs_diff(before as u64) <= 20, "{before}: {first}");
            let end = (before + length) as u64;
            assert!(last.abs_diff(end) <= 25, "{end}: {last}");
        }
    }
}

#[test]
fn a_pause_splits_a_word_and_a_plosive_does_not() {
    for (gap, words) in [(30, 1), (50, 1), (150, 2), (400, 2)] {
        let parts = [
            silence(500),
            voice(300, 120.0, -20.0),
            silence(gap),
            voice(300, 120.0, -20.0),
            silence(800),
        ]
        .concat();
        let signal = mixed(noise(4000, 0.0, -65.0, 2), &parts);
        assert_eq!(segments(&signal).len(), words, "{gap} ms");
    }
}

#[test]
fn noise_hum_and_silence_are_not_voice() {
    let mut lines = vec![silence(6000), vec![300.0; samples(6000)]];
    for dbm0 in [-30.0, -40.0, -55.0] {
        for color in [0.0, 0.7, 0.95, 0.99] {
            lines.push(noise(6000, color, dbm0, 3));
        }
        for hz in [50.0, 60.0, 100.0, 150.0] {
            lines.push(sines(6000, &[hz], dbm0));
            lines.push(sines(6000, &[hz, 2.0 * hz, 3.0 * hz, 5.0 * hz], dbm0));
        }
    }
    for line in lines {
        assert_eq!(segments(&line), []);
        // Intermittent comfort noise.
        let intermittent: Vec<f64> = line
            .iter()
            .enumerate()
            .map(|(i, x)| if i / 3760 % 2 == 0 { 0.0 } else { *x })
            .collect();
        assert_eq!(segments(&intermittent), []);
    }
}

#[test]
fn tones_are_not_voice() {
    for dbm0 in [-10.0, -20.0, -30.0] {
        for hz in [
            vec![425.0],
            vec![440.0, 480.0],
            vec![350.0, 440.0],
            vec![480.0, 620.0],
            vec![1000.0],
            vec![1100.0],
            vec![2100.0],
            vec![770.0, 1336.0],
        ] {
            for (on, off) in [(100, 100), (500, 500), (2000, 1000)] {
                let cadence = [sines(on, &hz, dbm0), silence(off)].concat().repeat(3);
                let noisy = mixed(noise(9000, 0.0, -50.0, 4), &cadence);
                assert_eq!(segments(&cadence), [], "{hz:?}");
                assert_eq!(segments(&noisy), [], "{hz:?} over noise");
            }
        }
    }
}

#[test]
fn clicks_are_not_voice() {
    for (length, height) in [(1, 20000.0), (8, 8000.0), (40, 3000.0)] {
        let mut signal = noise(5000, 0.0, -60.0, 5);
        for at in (4000..38000).step_by(3700) {
            signal[at..at + length].fill(height);
        }
        assert_eq!(segments(&signal), []);
    }
}

#[test]
fn any_chunking_gives_the_same_facts() {
    let signal = pcm(&[silence(300), voice(700, 140.0, -18.0), silence(500)].concat());
    let facts_of = |size: usize| {
        let (mut pipeline, mut facts) = (Pipeline::default(), Vec::new());
        signal
            .chunks(size)
            .for_each(|c| pipeline.process(c, &mut facts));
        pipeline.finish(&mut facts);
        facts
    };
    let whole = facts_of(usize::MAX);
    assert!(whole.len() > 140);
    assert_eq!(whole, facts_of(37));
    assert_eq!(whole, facts_of(160));
}

#[test]
fn a_voice_that_lasts_ends_with_the_stream() {
    let signal = mixed(
        noise(2000, 0.0, -65.0, 6),
        &[silence(500), voice(1500, 110.0, -20.0)].concat(),
    );
    let found = segments(&signal);
    assert_eq!(found.last().unwrap().1, 2000);
}
