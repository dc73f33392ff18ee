//! One call from samples to events: the jobs' times in the audio, for any division of it into writes.

use earwig_core::call::Call;
use earwig_core::event::Event;
use earwig_core::job::dtmf::DtmfOptions;
use earwig_core::job::machine::{MachineOptions, MachineResult};
use earwig_core::job::options::{parse_dtmf, parse_machine};
use earwig_core::time::{from_ms, to_ms};
use earwig_signals::tones::{Tape, ToneSpec};
use earwig_signals::{gauss, to_pcm, voice};

fn answered() -> Call {
    let mut call = Call::new([8000; 2]).unwrap();
    call.answer();
    call
}

/// An answered call with a detection. `late`: samples before its start.
fn detecting(options: &str, late: usize) -> Call {
    let mut call = answered();
    call.rx(&vec![0; late]);
    let options = parse_machine(options, MachineOptions::default()).unwrap();
    call.start_machine(1, options, false);
    call
}

/// The result of the detection, if it has ended.
fn ended(call: &mut Call) -> Option<MachineResult> {
    call.events().drain(..).find_map(|event| match event {
        Event::MachineEnded { result, .. } => Some(*result),
        _ => None,
    })
}

/// The DTMF digit 5 for `ms`.
fn five(tape: Tape, ms: f64) -> Tape {
    tape.on(ms, &[770.0, 1336.0])
}

fn speech(ms: usize) -> Vec<i16> {
    to_pcm(&voice::voice(ms, 120.0, -20.0))
}

fn noise(ms: usize, amplitude: f64) -> Vec<i16> {
    let mut rng = fastrand::Rng::with_seed(1);
    let noise: Vec<f64> = (0..ms * 8).map(|_| amplitude * gauss(&mut rng)).collect();
    to_pcm(&noise)
}

/// Cause, digits and duration (ms) of each collection that ended, and the number of key presses.
fn collections(call: &mut Call) -> (Vec<(&'static str, String, u64)>, usize) {
    let (mut ended, mut presses) = (Vec::new(), 0);
    for event in call.events().drain(..) {
        match event {
            Event::Digit { .. } => presses += 1,
            Event::DtmfEnded { result, .. } => ended.push((
                result.cause.name(),
                result.digits,
                to_ms(result.ended - result.started),
            )),
            _ => {}
        }
    }
    (ended, presses)
}

#[test]
fn a_key_held_beyond_the_interdigit_timeout_ends_the_collection_and_is_one_digit() {
    let mut call = answered();
    let options = "count=4,seconds_predigits_timeout=9,seconds_interdigit_timeout=2";
    let options = parse_dtmf(options, DtmfOptions::default()).unwrap();
    call.start_dtmf(1, options);
    let tape = Tape::new(&ToneSpec::default()).off(800.0);
    let pressed = tape.now() as u64;
    let pcm = five(tape, 5000.0).off(500.0).pcm();
    call.rx(&pcm[..4 * 8000]);
    let (ended, presses) = collections(&mut call);
    let [(cause, digits, ms)] = ended.as_slice() else {
        panic!("{ended:?}");
    };
    assert_eq!((*cause, digits.as_str(), presses), ("TIMEOUT", "5", 1));
    assert!(ms.abs_diff(to_ms(pressed) + 2000) <= 5, "{ms}");
    // The rest of the press is no digit of the next collection.
    call.start_dtmf(2, options);
    call.rx(&pcm[4 * 8000..]);
    assert_eq!(collections(&mut call), (vec![], 0));
    assert!(call.buffer().is_empty());
}

#[test]
fn timeout_ends_the_detection_with_the_sample_of_the_limit() {
    let no_verdict = "initial_timeout=None,end_silence_timeout=None,machine_voice_threshold=None";
    for ms in [0, 1, 50, 1000, 2003, 30_000] {
        let options = format!("{no_verdict},timeout={}", ms as f64 / 1000.0);
        for late in [0, 8, 37] {
            for mut audio in [vec![], noise(ms, 100.0), speech(ms.min(1500))] {
                audio.resize(ms * 8, 0);
                let mut call = detecting(&options, late);
                if let Some((last, audio)) = audio.split_last() {
                    call.rx(audio);
                    assert_eq!(ended(&mut call), None, "{ms} {late}");
                    call.rx(&[*last]);
                }
                let result = ended(&mut call).unwrap_or_else(|| panic!("{ms} {late}"));
                assert_eq!(result.text, format!("TOOLONG-{ms}-{ms}"));
                assert_eq!(result.took(), from_ms(ms as u64));
                assert_eq!(result.verdict_at, Some(result.ended));
            }
        }
    }
}

#[test]
fn initial_timeout_ends_the_detection_of_a_silent_call_with_the_sample_of_the_limit() {
    for ms in [0, 500, 1000, 2000, 4500] {
        for late in [0, 8, 37] {
            let options = format!("initial_timeout={}", ms as f64 / 1000.0);
            let mut call = detecting(&options, late);
            call.rx(&vec![0; (ms * 8_usize).saturating_sub(1)]);
            assert_eq!(ended(&mut call).is_some(), ms == 0, "{ms}");
            let mut call = detecting(&options, late);
            call.rx(&vec![0; ms * 8]);
            let result = ended(&mut call).unwrap_or_else(|| panic!("{ms} {late}"));
            assert_eq!(result.text, format!("INITIALSILENCE-{ms}-{ms}"));
            assert_eq!(result.took(), from_ms(ms as u64));
        }
    }
}

#[test]
fn limits_are_exact_without_audio() {
    for (options, ms) in [("", 4500), ("initial_timeout=None,timeout=2.003", 2003)] {
        let mut call = detecting(options, 37);
        call.stall(from_ms(ms) - 1);
        assert_eq!(ended(&mut call), None);
        call.stall(1);
        assert_eq!(
            ended(&mut call).map(|result| result.took()),
            Some(from_ms(ms))
        );
        let mut call = detecting(options, 37);
        call.rx_gap(80_000);
        assert_eq!(
            ended(&mut call).map(|result| result.took()),
            Some(from_ms(ms))
        );
    }
}

#[test]
fn initial_timeout_is_the_time_of_the_ending_on_a_noisy_line() {
    for amplitude in [3.0, 30.0, 100.0, 300.0] {
        let mut call = detecting("", 0);
        call.rx(&noise(4700, amplitude));
        let result = ended(&mut call).unwrap_or_else(|| panic!("{amplitude}"));
        assert_eq!(result.text, "INITIALSILENCE-4500-4500", "{amplitude}");
        assert_eq!(result.took(), from_ms(4500), "{amplitude}");
    }
}

#[test]
fn voice_that_begins_just_before_initial_timeout_counts() {
    for before in [20, 30, 50, 80, 110, 150, 300] {
        let mut call = detecting("", 0);
        call.rx(&vec![0; (4500 - before) * 8]);
        call.rx(&speech(1000));
        call.rx(&vec![0; 2000 * 8]);
        let result = ended(&mut call).unwrap_or_else(|| panic!("{before}"));
        assert_eq!(result.verdict.name(), "human", "{before}: {}", result.text);
    }
}

/// All events and facts of a call that ends in a hang-up.
fn history(pcm: &[i16], options: &str, sizes: &mut dyn Iterator<Item = usize>) -> String {
    let mut call = answered();
    call.log_facts();
    call.rx(&[0; 123]);
    let options = parse_machine(options, MachineOptions::default()).unwrap();
    call.start_machine(1, options, false);
    let mut left = pcm;
    while !left.is_empty() {
        let (chunk, rest) = left.split_at(sizes.next().unwrap_or(1).min(left.len()));
        call.rx(chunk);
        left = rest;
    }
    call.hangup();
    let facts = call.take_facts();
    format!("{:?} {facts:?}", call.events())
}

#[test]
fn the_size_of_the_writes_changes_nothing() {
    let silence = |ms: usize| vec![0; ms * 8];
    let beep = Tape::new(&ToneSpec::default()).on(300.0, &[1000.0]).pcm();
    let pcm = [
        noise(900, 20.0),
        speech(3000),
        noise(300, 20.0),
        beep,
        silence(700),
        speech(400),
        silence(1500),
    ]
    .concat();
    for options in [
        "",
        "timeout=2.013",
        "timeout=3.0",
        "initial_timeout=0.907",
        "initial_timeout=0.913,timeout=1.1",
        "detect_message_end=true,timeout=6.051",
        "detect_message_end=true,detect_interruptions=true",
        "listen_on=1.003,machine_voice_threshold=None,machine_words_threshold=1000,end_silence_timeout=0.2",
        "anchor=first_voice,timeout=0.05",
        "anchor=first_voice,timeout=1.501,strategy=adaptive",
    ] {
        let whole = history(&pcm, options, &mut std::iter::repeat(8000));
        for size in [1, 160] {
            let parts = history(&pcm, options, &mut std::iter::repeat(size));
            assert!(parts == whole, "{options}, {size}");
        }
        let mut rng = fastrand::Rng::with_seed(7);
        let parts = history(
            &pcm,
            options,
            &mut std::iter::repeat_with(|| rng.usize(1..700)),
        );
        assert!(parts == whole, "{options}, random sizes");
    }
}

#[test]
fn a_limit_changes_no_fact() {
    let pcm = [noise(900, 20.0), speech(3000), noise(2000, 20.0)].concat();
    let facts = |options| {
        let history = history(&pcm, options, &mut std::iter::repeat(160));
        history.split_once("] [").map(|(_, facts)| facts.to_owned())
    };
    let expected = facts("timeout=None,initial_timeout=None");
    assert!(expected.is_some());
    for options in [
        "timeout=2.013",
        "initial_timeout=0.903",
        "initial_timeout=0.953",
    ] {
        assert!(facts(options) == expected, "{options}");
    }
}

#[test]
fn a_fax_tone_that_begins_before_initial_timeout_is_a_fax() {
    let tape = || Tape::new(&ToneSpec::default()).off(3900.0);
    let cng = tape().cng(2).off(2000.0).pcm();
    let ced = tape().ced(2600.0).off(2000.0).pcm();
    for (pcm, cause) in [(cng, "CNG"), (ced, "CED")] {
        let mut call = detecting("tone=\"CED,CNG\"", 0);
        call.rx(&pcm);
        let result = ended(&mut call).unwrap_or_else(|| panic!("{cause}"));
        assert_eq!(result.cause.name(), cause, "{}", result.text);
    }
}

/// A greeting, and a beep that comes after the end of the greeting was READY; silence of `pause` ms between.
fn greeting_and_beep(pause: usize) -> [Vec<i16>; 3] {
    let beep = Tape::new(&ToneSpec::default())
        .on(400.0, &[1000.0])
        .off(500.0);
    [speech(2500), vec![0; pause * 8], beep.pcm()]
}

/// Names of the events of detections, in order.
fn names(call: &mut Call) -> Vec<String> {
    let names = call.events().drain(..).filter_map(|event| match event {
        Event::Machine { event, .. } => Some(event.name().to_owned()),
        Event::MachineBeep { hz, .. } => Some(format!("beep of {hz:.0} Hz")),
        Event::MachineEnded { .. } => Some("finished".to_owned()),
        _ => None,
    });
    names.collect()
}

const READY: [&str; 4] = ["MACHINE", "NOT_READY", "READY", "finished"];

#[test]
fn a_beep_after_ready_by_silence_is_an_event_of_its_own() {
    let mut call = detecting("detect_message_end=true", 0);
    for part in greeting_and_beep(3000) {
        call.rx(&part);
    }
    let events = std::mem::take(call.events());
    let Some(Event::MachineBeep { at, start, end, hz }) = events.last() else {
        panic!("{events:?}");
    };
    let began = 8 * (2500 + 3000 + 205);
    assert!(start.abs_diff(began) < 160 && end.abs_diff(began + 3200) < 160);
    assert!(*at > *end && *at < end + from_ms(250), "{at} {end}");
    assert!((hz - 1000.0).abs() < 3.0);
    call.events().extend(events);
    assert_eq!(names(&mut call)[..4], READY);
    // So is the next one.
    call.rx(&greeting_and_beep(0)[2]);
    assert_eq!(names(&mut call), ["beep of 1000 Hz"]);
}

#[test]
fn with_ready_on_beep_the_late_beep_is_ready() {
    let mut call = detecting("detect_message_end=true,ready_on=beep", 0);
    for part in greeting_and_beep(3000) {
        call.rx(&part);
    }
    let expected = ["MACHINE", "NOT_READY", "MACHINE", "READY", "finished"];
    assert_eq!(names(&mut call), expected);
}

#[test]
fn with_detect_interruptions_the_late_beep_belongs_to_the_detection() {
    let mut call = detecting("detect_message_end=true,detect_interruptions=true", 0);
    for part in greeting_and_beep(3000) {
        call.rx(&part);
    }
    let names = names(&mut call);
    assert_eq!(names[..3], READY[..3]);
    assert_eq!(names[3..], ["MACHINE", "READY", "finished"]);
}

#[test]
fn no_beep_is_reported_after_timeout_stop_hangup_or_a_beep_that_was_ready() {
    let options = "detect_message_end=true,timeout=6";
    let ready = || {
        let [speech, ..] = greeting_and_beep(0);
        let mut call = detecting(options, 0);
        call.rx(&speech);
        call.rx(&[0; 1500 * 8]);
        assert_eq!(names(&mut call), READY);
        call
    };
    let beep = &greeting_and_beep(0)[2];
    let mut call = ready();
    call.rx(beep);
    assert_eq!(names(&mut call), ["beep of 1000 Hz"]);

    let mut call = ready();
    call.rx(&[0; 2000 * 8]);
    call.rx(beep);
    assert!(names(&mut call).is_empty());

    let mut call = ready();
    call.stop_machine(Some(2));
    call.rx(&beep[..3000]);
    call.stop_machine(Some(1));
    call.rx(&beep[3000..]);
    assert!(names(&mut call).is_empty());

    let mut call = ready();
    call.hangup();
    call.answer();
    call.rx(beep);
    assert!(names(&mut call).is_empty());

    let mut call = detecting(options, 0);
    for part in greeting_and_beep(300) {
        call.rx(&part);
    }
    assert!(names(&mut call).ends_with(&["READY".to_owned(), "finished".to_owned()]));
    call.rx(beep);
    assert!(names(&mut call).is_empty());
}

#[test]
fn a_detection_after_ready_by_silence_begins_anew() {
    let run = |call: &mut Call| {
        let options = parse_machine("timeout=9", MachineOptions::default()).unwrap();
        call.start_machine(2, options, false);
        call.rx(&speech(900));
        call.rx(&[0; 1200 * 8]);
        let events: Vec<Event> = call.events().drain(..).collect();
        format!("{events:?}")
    };
    let mut call = detecting("detect_message_end=true", 0);
    call.rx(&speech(2500));
    call.rx(&[0; 1500 * 8]);
    assert_eq!(names(&mut call), READY);
    // The next detection starts while the machine speaks.
    call.rx(&speech(500));
    let mut fresh = answered();
    fresh.rx(&speech(2500));
    fresh.rx(&[0; 1500 * 8]);
    fresh.rx(&speech(500));
    assert_eq!(run(&mut call), run(&mut fresh));
}
