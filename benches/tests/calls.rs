//! The generators of calls: right place and length, right labels, and the same calls in each run.

use earwig_benches::calls::early_pause::early_pause;
use earwig_benches::calls::greetings::{greetings, joined};
use earwig_benches::calls::line_noise::LineNoise;
use earwig_benches::calls::lines::{Line, cleaned, on_line};
use earwig_benches::calls::noises::{Noise, background_talk, noise};
use earwig_benches::calls::sentences::{free_sentence, short_machine};
use earwig_benches::calls::speech::{HOP, Speech};
use earwig_benches::calls::{Test, Truth, generated_noises, of_recording};
use earwig_signals::corpus::Label;
use earwig_signals::voice::voice;
use earwig_signals::{add_sine, amplitude, gauss, samples, to_pcm};
use fastrand::Rng;
use std::path::PathBuf;

/// Speech of these lengths with these pauses after it, ms, at -20 dBm0 over noise at -60 dBm0.
fn spoken(parts: &[(usize, f64)]) -> Vec<i16> {
    let mut signal = vec![0.0; samples(200.0)];
    for (ms, pause_ms) in parts {
        signal.extend(voice(*ms, 120.0, -20.0));
        signal.resize(signal.len() + samples(*pause_ms), 0.0);
    }
    on_noise(signal, -60.0)
}

fn on_noise(mut signal: Vec<f64>, dbm0: f64) -> Vec<i16> {
    let mut rng = Rng::with_seed(1);
    let rms = amplitude(dbm0) / 2f64.sqrt();
    signal.iter_mut().for_each(|x| *x += gauss(&mut rng) * rms);
    to_pcm(&signal)
}

fn level_dbm0(pcm: &[i16]) -> f64 {
    let power = pcm.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / pcm.len() as f64;
    10.0 * (power * 2.0).log10() - 20.0 * amplitude(0.0).log10()
}

fn rng() -> Rng {
    Rng::with_seed(7)
}

#[test]
fn a_pause_is_put_into_a_gap_after_the_first_phrase() {
    // Gaps at 0.8 s of speech, which is too early, at 1.6 s, and at 4.1 s, which is too late.
    let pcm = spoken(&[(800, 200.0), (800, 150.0), (2500, 150.0), (1000, 500.0)]);
    let paused = early_pause(&pcm, 600.0, &mut rng()).unwrap();
    assert_eq!(paused.pcm.len(), pcm.len() + samples(600.0));
    let gap = samples(200.0 + 800.0 + 200.0 + 800.0)..samples(2150.0);
    assert!(gap.contains(&paused.at), "{} is not in {gap:?}", paused.at);
    assert_eq!(paused.pcm[..paused.at], pcm[..paused.at]);
    assert_eq!(paused.pcm[paused.at + samples(600.0)..], pcm[paused.at..]);
}

#[test]
fn a_pause_has_the_noise_of_the_line() {
    let pcm = spoken(&[(1200, 300.0), (2000, 300.0)]);
    let paused = early_pause(&pcm, 1000.0, &mut rng()).unwrap();
    let level = level_dbm0(&paused.pcm[paused.at..][..samples(1000.0)]);
    assert!((level + 60.0).abs() < 2.0, "{level} dBm0");
}

#[test]
fn a_machine_without_a_second_phrase_gets_no_pause() {
    assert!(early_pause(&spoken(&[(1500, 800.0)]), 600.0, &mut rng()).is_none());
}

#[test]
fn a_gap_shorter_than_60_ms_gets_no_pause() {
    let pcm = spoken(&[(1200, 40.0), (2500, 300.0)]);
    assert!(early_pause(&pcm, 600.0, &mut rng()).is_none());
}

#[test]
fn a_short_machine_ends_with_its_first_phrase() {
    let pcm = spoken(&[(1200, 400.0), (2000, 300.0)]);
    let short = short_machine(&pcm).unwrap();
    assert_eq!(short.pcm[..], pcm[..short.pcm.len()]);
    let (start, end) = short.speech_ms;
    assert!((start - 200.0).abs() <= 30.0, "{start} ms");
    assert!((end - 1400.0).abs() <= 40.0, "{end} ms");
    assert!(short.pcm.len() <= samples(end + 70.0));
    assert!(short_machine(&spoken(&[(2500, 400.0), (1000, 300.0)])).is_none());
}

#[test]
fn a_free_sentence_is_followed_by_the_silence_of_its_line() {
    let pcm = spoken(&[(1000, 500.0), (3000, 500.0), (1000, 400.0)]);
    let sentence = free_sentence(&pcm, &mut rng()).unwrap();
    let (start, end) = sentence.speech_ms;
    assert!((end - start - 3000.0).abs() < 60.0, "{start} to {end} ms");
    let after = &sentence.pcm[samples(end) + samples(70.0)..];
    assert!(after.len() > samples(3900.0));
    let level = level_dbm0(after);
    assert!((level + 60.0).abs() < 2.0, "{level} dBm0");
    assert!(free_sentence(&spoken(&[(2000, 500.0)]), &mut rng()).is_none());
}

#[test]
fn the_noise_of_a_line_keeps_its_spectrum() {
    let mut signal = voice(1500, 120.0, -20.0);
    signal.resize(samples(2500.0), 0.0);
    add_sine(&mut signal, 1000.0, -50.0, 0.0);
    let pcm = on_noise(signal, -70.0);
    let noise = LineNoise::of(&pcm, &Speech::of(&pcm).unwrap());
    assert!(noise.is_real());
    let copy = to_pcm(&noise.samples(8000, &mut rng()));
    let level = level_dbm0(&copy);
    assert!((level + 50.0).abs() < 3.0, "{level} dBm0");
}

#[test]
fn cleaned_speech_has_no_line_noise_and_the_same_words() {
    let pcm = spoken(&[(1000, 1500.0)]);
    let clean = cleaned(&pcm).unwrap();
    assert_eq!(clean.len(), pcm.len());
    assert!(level_dbm0(&clean[samples(1500.0)..samples(2500.0)]) < -65.0);
    assert_eq!(
        clean[samples(300.0)..samples(1100.0)],
        pcm[samples(300.0)..samples(1100.0)]
    );
}

#[test]
fn a_machine_on_a_persons_line_has_its_noise_and_level() {
    let mut person = voice(1000, 120.0, -26.0);
    person.resize(samples(2500.0), 0.0);
    let line = Line::of(&on_noise(person, -50.0)).unwrap();
    let mut machine = voice(1500, 200.0, -12.0);
    machine.resize(samples(2000.0), 0.0);
    let pcm = on_line(&to_pcm(&machine), &line, &mut rng()).unwrap();
    let speech = Speech::of(&pcm).unwrap();
    assert!(
        (speech.level_dbm0 + 26.0).abs() < 3.0,
        "{}",
        speech.level_dbm0
    );
    let noise = level_dbm0(&pcm[samples(3000.0)..]);
    assert!((noise + 50.0).abs() < 3.0, "{noise} dBm0");
}

#[test]
fn clean_recordings_are_no_lines() {
    let mut person = voice(1000, 120.0, -20.0);
    person.resize(samples(2500.0), 0.0);
    assert!(Line::of(&to_pcm(&person)).is_none());
}

#[test]
fn sentences_are_joined_with_a_long_pause_after_the_first_alone() {
    let pcm = joined(&[vec![1; 80], vec![2; 80], vec![3; 80]], 1000.0);
    let spoken: Vec<usize> = (0..pcm.len()).filter(|i| pcm[*i] != 0).collect();
    assert_eq!(spoken[80] - spoken[79], 8001);
    assert_eq!(spoken[160] - spoken[159], 2001);
}

#[test]
fn greetings_are_whole_and_final() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("greetings");
    let sentences = folder.join("sentences");
    std::fs::create_dir_all(&sentences).unwrap();
    let table = "file,voice,engine,language,text_id,sentence_index,sentences_in_text,text,split\n\
                 b.flac,anna,e,de,1,1,2,\"Ja, bitte.\",final\n\
                 a.flac,anna,e,de,1,0,2,Hallo.,final\n\
                 c.flac,anna,e,de,2,0,2,Only half of it is there.,final\n\
                 d.flac,carl,e,en,1,0,1,For training.,train\n";
    std::fs::write(folder.join("sentences.csv"), table).unwrap();
    let found = greetings(&sentences).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].voice, "anna");
    assert_eq!(
        found[0].sentences,
        ["a.flac", "b.flac"].map(|file| sentences.join(file))
    );
}

fn label(group: &str, label: &str) -> Label {
    Label {
        file: "a.flac".to_owned(),
        group: group.to_owned(),
        label: label.to_owned(),
        ..Label::default()
    }
}

#[test]
fn calls_are_labelled_by_what_speaks() {
    let pcm = spoken(&[(1200, 400.0), (2000, 400.0)]);
    let tests = |group: &str, name: &str| -> Vec<(Test, Truth)> {
        of_recording(&label(group, name), &pcm, &[])
            .iter()
            .map(|call| (call.test, call.truth))
            .collect()
    };
    assert_eq!(
        tests("machine", "machine_ivr"),
        [Test::Original, Test::Pause600, Test::Pause1000, Test::Short]
            .map(|test| (test, Truth::Machine))
    );
    assert_eq!(
        tests("human", "human_name"),
        [Test::Original, Test::Swapped].map(|test| (test, Truth::Human))
    );
    assert_eq!(
        tests("silence_noise", "noise_line"),
        [(Test::Original, Truth::Noise)]
    );
    assert_eq!(tests("talkoff", "music"), [(Test::Original, Truth::Music)]);
    let free = spoken(&[(3000, 500.0)]);
    let calls = of_recording(&label("talkoff", "speech_phone"), &free, &[]);
    assert_eq!(calls.len(), 1);
    assert_eq!(
        (calls[0].test, calls[0].truth),
        (Test::FreeSentence, Truth::Human)
    );
    assert!(tests("dtmf", "dtmf").is_empty());
}

#[test]
fn each_run_has_the_same_calls() {
    let pcm = spoken(&[(1200, 400.0), (2000, 400.0)]);
    let machine = || of_recording(&label("machine", "machine"), &pcm, &[]);
    let noises = || generated_noises(&vec![pcm.clone(); 3]);
    for (first, second) in [(machine(), machine()), (noises(), noises())] {
        assert!(!first.is_empty());
        for (a, b) in first.iter().zip(&second) {
            assert_eq!(a.pcm, b.pcm, "{}", a.file);
        }
    }
}

#[test]
fn noises_are_heard_and_differ() {
    for kind in Noise::ALL {
        let [a, b] = [1, 2].map(|seed| noise(kind, &mut Rng::with_seed(seed)));
        assert_ne!(a, b);
        assert!(a.len() >= samples(2000.0) && a.len() <= samples(6000.0));
        assert!(level_dbm0(&a) > -45.0, "{kind:?}: {} dBm0", level_dbm0(&a));
    }
}

#[test]
fn background_talk_is_faint() {
    let voices: Vec<Vec<i16>> = [110.0, 160.0, 220.0]
        .map(|hz| to_pcm(&voice(3000, hz, -15.0)))
        .to_vec();
    let voices: Vec<&[i16]> = voices.iter().map(Vec::as_slice).collect();
    let level = level_dbm0(&background_talk(&voices, &mut rng()));
    assert!((-50.0..-28.0).contains(&level), "{level} dBm0");
}

#[test]
fn speech_that_does_not_stand_out_is_not_found() {
    assert!(Speech::of(&on_noise(voice(1000, 120.0, -40.0), -40.0)).is_none());
    assert!(Speech::of(&[0; 100 * HOP]).is_none());
}
