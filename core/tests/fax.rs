//! A fax machine that answers late: dial tone, ringback and keys before its tone neither end nor spoil the detection.

use earwig_core::analysis::{After, Analysis};
use earwig_core::job::machine::{MachineOptions, MachineResult};
use earwig_core::job::options::parse_machine;
use earwig_signals::tones::{Tape, ToneSpec};

fn detect(options: &str, pcm: &[i16]) -> MachineResult {
    let mut analysis = Analysis::new(8000).unwrap();
    analysis.detect(parse_machine(options, MachineOptions::default()).unwrap());
    analysis.write(pcm);
    analysis.finish(After::Silence).machine.unwrap()
}

/// A name, and what it sounds like.
type Sound = (&'static str, fn(Tape) -> Tape);

/// What a caller may hear before the answer.
const BEFORE: [Sound; 10] = [
    ("silence", |tape| tape.off(6000.0)),
    ("dial tone of North America", |tape| {
        tape.on(3000.0, &[350.0, 440.0]).off(4000.0)
    }),
    ("dial tone of Europe", |tape| {
        tape.on(7000.0, &[425.0]).off(1000.0)
    }),
    ("dial tone and keys", |tape| {
        keys(tape.on(2000.0, &[350.0, 440.0]).off(300.0)).off(4000.0)
    }),
    ("keys", |tape| keys(tape).off(4000.0)),
    ("ringback of North America", |tape| {
        tape.cadence(&[440.0, 480.0], &[(2000.0, 4000.0)], 2)
    }),
    ("ringback of Europe", |tape| {
        tape.cadence(&[425.0], &[(1000.0, 4000.0)], 2)
    }),
    ("ringback of Britain", |tape| {
        tape.cadence(&[400.0, 450.0], &[(400.0, 200.0), (400.0, 2000.0)], 3)
    }),
    ("keys and ringback", |tape| {
        keys(tape)
            .off(500.0)
            .cadence(&[425.0], &[(1000.0, 4000.0)], 2)
    }),
    ("everything", |tape| {
        keys(tape.on(1500.0, &[425.0]).off(300.0))
            .off(500.0)
            .cadence(&[440.0, 480.0], &[(2000.0, 4000.0)], 2)
    }),
];

fn keys(tape: Tape) -> Tape {
    let (rows, columns) = ([697.0, 770.0, 852.0, 941.0], [1209.0, 1336.0, 1477.0]);
    (0..12).fold(tape, |tape, key| {
        tape.on(90.0, &[rows[key / 3], columns[key % 3]]).off(90.0)
    })
}

/// Each answer tone after each sound before it, in silence and in noise.
fn each_late_fax(check: impl Fn(&str, &str, &[i16])) {
    let answers: [Sound; 4] = [
        ("CED", |tape| tape.ced(2600.0)),
        ("CED", |tape| tape.ansam(3000.0, true)),
        ("CED", |tape| tape.v21(1000.0, 300.0)),
        ("CNG", |tape| tape.cng(2)),
    ];
    for snr_db in [None, Some(20.0)] {
        for (name, before) in BEFORE {
            for (cause, answer) in answers {
                let spec = ToneSpec {
                    snr_db,
                    ..ToneSpec::default()
                };
                check(name, cause, &answer(before(Tape::new(&spec))).pcm());
            }
        }
    }
}

#[test]
fn the_detector_fax_alone_finds_a_late_fax() {
    each_late_fax(|before, cause, pcm| {
        let result = detect("detectors=fax,tone=\"CED,CNG\"", pcm);
        assert_eq!(result.cause.name(), cause, "{before}: {}", result.text);
    });
}

#[test]
fn fax_timeout_finds_a_late_fax_beside_amd() {
    for strategy in ["thresholds", "adaptive"] {
        let options = format!("fax_timeout=20,tone=\"CED,CNG\",strategy={strategy}");
        each_late_fax(|before, cause, pcm| {
            let result = detect(&options, pcm);
            assert_eq!(
                result.cause.name(),
                cause,
                "{strategy}, {before}: {}",
                result.text
            );
        });
    }
}

#[test]
fn by_default_a_late_fax_is_as_unknown_as_a_silent_call() {
    let ced = Tape::new(&ToneSpec::default())
        .off(5000.0)
        .ced(2600.0)
        .pcm();
    assert_eq!(detect("", &ced).text, "INITIALSILENCE-4500-4500");
    assert_eq!(detect("fax_timeout=2", &ced).cause.name(), "CED");
    let silence = vec![0; 60_000];
    let result = detect("fax_timeout=2", &silence);
    assert_eq!(
        (result.text.as_str(), result.took()),
        ("INITIALSILENCE-4500-4500", 6500 * 8)
    );
}

#[test]
fn keys_just_before_an_answer_tone_do_not_make_a_beep_of_it() {
    for (snr_db, seed) in [None, Some(20.0)].into_iter().zip(1..) {
        let spec = ToneSpec {
            snr_db,
            seed,
            ..ToneSpec::default()
        };
        let before = || keys(Tape::new(&spec)).off(500.0);
        let result = detect("tone=\"CED,CNG\"", &before().cng(2).pcm());
        assert_eq!(result.cause.name(), "CNG", "{}", result.text);
        let result = detect("", &before().ced(2600.0).pcm());
        assert_eq!(result.cause.name(), "CED", "{}", result.text);
    }
}
