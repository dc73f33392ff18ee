//! One call from samples to events: the jobs' times in the audio, for any division of it into writes.

use earwig_core::call::Call;
use earwig_core::event::Event;
use earwig_core::job::dtmf::DtmfOptions;
use earwig_core::job::options::parse_dtmf;
use earwig_core::time::to_ms;
use earwig_signals::tones::{Tape, ToneSpec};

fn answered() -> Call {
    let mut call = Call::new([8000; 2]).unwrap();
    call.answer();
    call
}

/// The DTMF digit 5 for `ms`.
fn five(tape: Tape, ms: f64) -> Tape {
    tape.on(ms, &[770.0, 1336.0])
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
