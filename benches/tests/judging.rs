//! Verdicts from kept facts are those of the whole library.

use earwig_benches::calls::noises::{Noise, noise};
use earwig_benches::fact_log::FactLog;
use earwig_benches::judged::{parallel, settings};
use earwig_core::analysis::{After, Analysis};
use earwig_core::job::machine::MachineOptions;
use earwig_core::job::options::parse_machine;
use earwig_core::types::MachineVerdict;
use earwig_signals::tones::{Tape, ToneSpec};
use earwig_signals::voice::voice;
use earwig_signals::{add_sine, samples, to_pcm};
use fastrand::Rng;

/// Calls of many kinds: people, machines, tones, noise, and nobody.
fn calls() -> Vec<(&'static str, Vec<i16>)> {
    let silence = |ms: f64| vec![0.0; samples(ms)];
    let hello = [silence(300.0), voice(500, 140.0, -20.0)].concat();
    let greeting = [hello.clone(), silence(700.0), voice(6000, 110.0, -18.0)].concat();
    let mut beep = [greeting.clone(), silence(300.0)].concat();
    let mut tone = silence(420.0);
    add_sine(&mut tone, 1000.0, -15.0, 0.0);
    beep.extend(tone);
    let mut digits = hello.clone();
    let start = digits.len();
    digits.extend(silence(150.0));
    for hz in [770.0, 1336.0] {
        add_sine(&mut digits[start..], hz, -10.0, 0.0);
    }
    let long = (0..40).flat_map(|_| [voice(90, 130.0, -25.0), silence(160.0)].concat());
    let spec = ToneSpec::default();
    let ringback = Tape::new(&spec)
        .cadence(&[440.0, 480.0], &[(2000.0, 1000.0)], 1)
        .play(&to_pcm(&hello))
        .pcm();
    let rings = Tape::new(&spec)
        .cadence(&[440.0, 480.0], &[(1999.0, 4003.0)], 2)
        .pcm();
    let fax = Tape::new(&spec).pause(500.0).ced(3000.0).pcm();
    vec![
        ("hello", to_pcm(&hello)),
        ("greeting", to_pcm(&greeting)),
        ("beep", to_pcm(&beep)),
        ("digit", to_pcm(&digits)),
        ("words", to_pcm(&long.collect::<Vec<_>>())),
        ("ringback", ringback),
        ("ringback alone", rings),
        ("fax", fax),
        ("cough", noise(Noise::Cough, &mut Rng::with_seed(3))),
        ("knocks", noise(Noise::Knocks, &mut Rng::with_seed(3))),
        ("silence", vec![0; 12_345]),
        ("nothing", Vec::new()),
    ]
}

#[test]
fn kept_facts_give_the_librarys_verdict_and_time() {
    let texts = [
        "",
        "strategy=adaptive",
        "detect_message_end=true",
        "strategy=adaptive,timeout=2.0037,initial_timeout=1.0021",
        "listen_on=5,end_silence_timeout=0.5",
        "anchor=first_voice,timeout=3,tone=\"CED,CNG\",fax_timeout=5",
    ];
    let mut all: Vec<MachineOptions> = texts
        .iter()
        .map(|text| parse_machine(text, MachineOptions::default()).unwrap())
        .collect();
    all.extend(settings().into_iter().map(|(_, options)| options));
    let mut verdicts = Vec::new();
    for (name, pcm) in calls() {
        let mut log = FactLog::new(&pcm);
        for options in &all {
            let kept = log.detect(options.clone());
            let mut analysis = Analysis::new(8000).unwrap();
            analysis.detect(options.clone());
            analysis.write(&pcm);
            let report = analysis.finish(After::Silence);
            assert_eq!(
                Some(&kept.result),
                report.machine.as_ref(),
                "{name}: {options:?}"
            );
            // The report's last event is the end.
            assert_eq!(
                kept.events,
                report.events[..report.events.len() - 1],
                "{name}"
            );
            verdicts.push(kept.result.verdict);
        }
    }
    for verdict in [
        MachineVerdict::Human,
        MachineVerdict::Machine,
        MachineVerdict::Fax,
        MachineVerdict::Unknown,
    ] {
        assert!(verdicts.contains(&verdict), "no call is {verdict}");
    }
}

#[test]
fn a_limit_is_judged_after_the_detectors_have_gone_on() {
    let pcm = to_pcm(&voice(5000, 120.0, -20.0));
    let mut log = FactLog::new(&pcm);
    log.all_facts();
    let options = parse_machine("timeout=0.7012", MachineOptions::default()).unwrap();
    let late = log.detect(options.clone()).result;
    assert_eq!(late, FactLog::new(&pcm).detect(options).result);
}

#[test]
fn results_are_in_the_order_of_the_items() {
    let items: Vec<usize> = (0..1000).collect();
    assert_eq!(
        parallel(&items, |i| i * i),
        items.iter().map(|i| i * i).collect::<Vec<_>>()
    );
}
