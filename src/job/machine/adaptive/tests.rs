use super::*;
use crate::detect::ear::HOP;
use crate::detect::ears::Ears;
use crate::time::to_ms;
use std::f64::consts::PI;

/// Syllables of a voice as a machine would make it, and pauses, in ms, over a faint hiss.
fn call(parts: &[(bool, usize)]) -> Vec<i16> {
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

/// The verdict, and its time in ms.
fn judged(pcm: &[i16]) -> Option<(f32, u64)> {
    let (mut ears, mut judge, mut heard) = (Ears::default(), Judge::default(), Vec::new());
    for (hop, samples) in pcm.chunks(HOP).enumerate() {
        ears.process(samples, &mut heard);
        heard.drain(..).for_each(|heard| judge.hear(&heard));
        let verdict = judge.verdict(ears.told_until());
        assert!((0.0..=1.0).contains(&verdict.machine));
        if verdict.decided {
            return Some((
                verdict.machine,
                to_ms((hop as Samples + 1) * HOP as Samples),
            ));
        }
    }
    None
}

#[test]
fn a_word_and_a_wait_is_a_human_within_2_s() {
    let (machine, at) = judged(&call(&[(false, 700), (true, 450), (false, 4000)])).unwrap();
    assert!(machine < 0.5, "{machine}");
    assert!((1150..3150).contains(&at), "{at}");
}

#[test]
fn who_talks_on_and_on_is_a_machine() {
    let (machine, _) = judged(&call(&[(false, 300), (true, 12000), (false, 4000)])).unwrap();
    assert!(machine > 0.5, "{machine}");
}

#[test]
fn a_line_without_a_voice_is_never_decided() {
    assert_eq!(judged(&call(&[(false, 20000)])), None);
    assert_eq!(judged(&[0; 160000]), None);
}
