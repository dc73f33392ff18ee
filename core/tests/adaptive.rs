//! What follows a verdict of the adaptive strategy, and its limit, from samples to events.

use earwig_core::call::Call;
use earwig_core::event::Event;
use earwig_core::job::machine::{MachineOptions, MachineResult};
use earwig_core::job::options::parse_machine;
use earwig_core::time::from_ms;
use earwig_core::types::MachineVerdict;
use earwig_signals::{gauss, to_pcm, voice};

/// Audio of a call: voices and silence over the faint noise of a line.
struct Line(Vec<f64>);

impl Line {
    fn new() -> Self {
        Self(Vec::new())
    }

    fn silence(mut self, ms: usize) -> Self {
        self.0.extend(vec![0.0; ms * 8]);
        self
    }

    fn voice(mut self, ms: usize, pitch_hz: f64, dbm0: f64) -> Self {
        self.0.extend(voice::voice(ms, pitch_hz, dbm0));
        self
    }

    fn pcm(self) -> Vec<i16> {
        let mut rng = fastrand::Rng::with_seed(1);
        let noisy: Vec<f64> = self.0.iter().map(|x| x + 3.0 * gauss(&mut rng)).collect();
        to_pcm(&noisy)
    }
}

/// Writes the audio in pieces of `size` samples. Returns the events, and the result if the detection has ended.
fn detect(options: &str, pcm: &[i16], size: usize) -> (Vec<String>, Option<MachineResult>) {
    let mut call = Call::new([8000; 2]).unwrap();
    call.answer();
    let options = format!("strategy=adaptive,{options}");
    let options = parse_machine(&options, MachineOptions::default()).unwrap();
    call.start_machine(1, options, false);
    pcm.chunks(size).for_each(|part| call.rx(part));
    let (mut events, mut ended) = (Vec::new(), None);
    for event in call.events().drain(..) {
        match event {
            Event::Machine { event, .. } => events.push(event.name().to_owned()),
            Event::MachineEnded { result, .. } => ended = Some(*result),
            other => panic!("{other:?}"),
        }
    }
    (events, ended)
}

#[test]
fn max_ms_is_exact_for_any_division_into_writes() {
    let pcm = Line::new().silence(700).voice(4000, 120.0, -20.0).pcm();
    for max_ms in [300, 451, 700] {
        let options = format!("max_ms={max_ms}");
        for size in [37, 160, 4000, pcm.len()] {
            let (_, result) = detect(&options, &pcm, size);
            let result = result.unwrap();
            let onset = result.onset.unwrap();
            assert_eq!(
                (result.verdict_at, result.ended),
                (Some(onset + from_ms(max_ms)), onset + from_ms(max_ms)),
                "{max_ms}, {size}: {result:?}"
            );
        }
    }
}

const AFTER: &str = "after_machine=true,timeout=25";

#[test]
fn another_voice_after_the_machines_is_a_person() {
    let greeting = || {
        Line::new()
            .silence(500)
            .voice(8000, 120.0, -20.0)
            .silence(3000)
    };
    let pcm = greeting().voice(450, 210.0, -26.0).silence(3000).pcm();
    let (events, result) = detect(AFTER, &pcm, 160);
    assert_eq!(events, ["MACHINE", "HUMAN"]);
    let result = result.unwrap();
    assert_eq!(result.verdict, MachineVerdict::Human);
    assert!(result.text.starts_with("ADAPTIVE-AFTER-MACHINE-"));
    // 1 s after its voice, and the lag of the detectors.
    let voice_ended = from_ms(500 + 8000 + 3000 + 450);
    let waited = result.ended - voice_ended;
    assert!((from_ms(950)..from_ms(1250)).contains(&waited), "{waited}");
    // The machine itself.
    let pcm = greeting().voice(450, 120.0, -20.0).silence(3000).pcm();
    assert_eq!(detect(AFTER, &pcm, 160), (vec!["MACHINE".into()], None));
}

#[test]
fn after_machine_is_the_same_for_any_division_into_writes() {
    let pcm = Line::new()
        .silence(500)
        .voice(8000, 120.0, -20.0)
        .silence(3000)
        .voice(450, 210.0, -26.0)
        .silence(3000)
        .pcm();
    let whole = detect(AFTER, &pcm, pcm.len());
    for size in [37, 160, 4000] {
        assert_eq!(detect(AFTER, &pcm, size), whole, "{size}");
    }
}
