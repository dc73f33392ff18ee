use super::*;
use crate::detect::pipeline::Pipeline;
use crate::detect::stft::HOP;
use crate::time::to_ms;
use std::f64::consts::PI;

/// Synthetic syllables and pauses over a faint hiss: (voice, ms).
fn speech(parts: &[(bool, usize)]) -> Vec<i16> {
    let mut rng = fastrand::Rng::with_seed(1);
    let (mut phase, mut memory) = (0.0f64, [[0.0f64; 2]; 3]);
    let mut pcm = Vec::new();
    for &(voice, ms) in parts {
        for i in 0..ms * 8 {
            let t = i as f64 / 8000.0;
            phase += 120.0 * (1.0 + 0.1 * (2.0 * PI * 1.3 * t).sin()) / 8000.0;
            let mut x = if phase >= 1.0 { 400.0 } else { 0.0 };
            phase %= 1.0;
            for (k, hz) in [600.0, 1300.0, 2500.0].into_iter().enumerate() {
                let r = (-PI * 100.0 / 8000.0f64).exp();
                let moved = hz * (1.0 + 0.25 * (2.0 * PI * (2.1 + k as f64) * t).sin());
                let [y1, y2] = memory[k];
                x += 2.0 * r * (2.0 * PI * moved / 8000.0).cos() * y1 - r * r * y2;
                memory[k] = [x, y1];
            }
            let envelope = (1.5 * (2.0 * PI * 4.0 * t).sin() + 1.2).clamp(0.05, 1.0);
            let x = if voice { x * envelope } else { 0.0 };
            let hiss = (rng.f64() - 0.5) * 12.0;
            pcm.push((x + hiss).clamp(-20000.0, 20000.0) as i16);
        }
    }
    pcm
}

/// The decision and its time, ms; `None` if there is none.
fn decision(pcm: &[i16]) -> Option<(Answerer, u64)> {
    let (mut pipeline, mut classifier, mut facts) =
        (Pipeline::default(), Classifier::default(), Vec::new());
    for (hop, samples) in pcm.chunks(HOP).enumerate() {
        pipeline.process(samples, &mut facts);
        facts.drain(..).for_each(|fact| classifier.process(&fact));
        let estimate = classifier.estimate(pipeline.complete_until());
        assert!((0.0..=1.0).contains(&estimate.machine));
        if let Some(answerer) = estimate.decided {
            return Some((answerer, to_ms((hop as Samples + 1) * HOP as Samples)));
        }
    }
    None
}

#[test]
fn a_word_and_silence_is_a_human_within_2_s() {
    let (answerer, at) = decision(&speech(&[(false, 700), (true, 450), (false, 4000)])).unwrap();
    assert_eq!(answerer, Answerer::Human);
    assert!((1150..3150).contains(&at), "{at}");
}

#[test]
fn long_speech_is_a_machine() {
    let (answerer, _) = decision(&speech(&[(false, 300), (true, 12000), (false, 4000)])).unwrap();
    assert_eq!(answerer, Answerer::Machine);
}

#[test]
fn without_voice_there_is_no_decision() {
    assert_eq!(decision(&speech(&[(false, 20000)])), None);
    assert_eq!(decision(&[0; 160000]), None);
}

/// Synthetic coughs and pauses, noise with aperiodic pulses: (cough, ms).
fn coughs(parts: &[(bool, usize)]) -> Vec<i16> {
    let mut rng = fastrand::Rng::with_seed(2);
    let (mut memory, mut wait) = ([0.0f64; 2], 0);
    let mut pcm = Vec::new();
    for &(sounds, ms) in parts {
        for i in 0..ms * 8 {
            let decay = (-(i as f64) / (ms as f64 * 3.0)).exp();
            wait -= 1;
            if wait < 0 {
                wait = rng.i32(20..70);
            }
            let pulse = if wait == 0 { 6000.0 } else { 0.0 };
            let x = (rng.f64() - 0.5) * 4000.0 + pulse;
            let y = x + 1.3 * memory[0] - 0.7 * memory[1];
            memory = [y, memory[0]];
            let hiss = (rng.f64() - 0.5) * 12.0;
            pcm.push(((if sounds { y * decay } else { 0.0 }) + hiss) as i16);
        }
    }
    pcm
}

#[test]
fn a_cough_gives_no_decision() {
    let parts = [
        (false, 400),
        (true, 250),
        (false, 120),
        (true, 400),
        (false, 3000),
    ];
    assert_eq!(decision(&coughs(&parts)), None);
}
