//! The tones of national networks: E.180 Supplement 2, as the public tables of PBXs repeat it.

use earwig_core::detect::fact::Fact;
use earwig_core::detect::pipeline::Pipeline;
use earwig_signals::tones::{Shape, Tape, ToneSpec};

/// A tone: one or two frequencies in Hz, or one and the frequency that modulates it.
#[derive(Clone, Copy, Debug)]
enum Tone {
    One(f64),
    Two(f64, f64),
    Modulated(f64, f64),
}

use Tone::{Modulated, One, Two};

/// On and off in ms, repeated.
type Cadence = &'static [(f64, f64)];

/// Countries, their tone and its cadence.
type Row = (&'static str, Tone, Cadence);

const RINGBACK: [Row; 19] = [
    ("North America", Two(440.0, 480.0), &[(2000.0, 4000.0)]),
    ("Taiwan", Two(440.0, 480.0), &[(1000.0, 2000.0)]),
    (
        "Britain, New Zealand",
        Two(400.0, 450.0),
        &[(400.0, 200.0), (400.0, 2000.0)],
    ),
    ("Philippines", Two(425.0, 480.0), &[(1000.0, 4000.0)]),
    ("Austria", One(420.0), &[(1000.0, 5000.0)]),
    (
        "Brazil, Germany, Italy, Netherlands, Poland, Russia",
        One(425.0),
        &[(1000.0, 4000.0)],
    ),
    ("Belgium", One(425.0), &[(1000.0, 3000.0)]),
    ("Portugal, Sweden", One(425.0), &[(1000.0, 5000.0)]),
    ("Spain", One(425.0), &[(1500.0, 3000.0)]),
    ("Hungary", One(425.0), &[(1250.0, 3750.0)]),
    ("France", One(440.0), &[(1500.0, 3500.0)]),
    ("Chile", One(400.0), &[(1000.0, 3000.0)]),
    ("China", One(450.0), &[(1000.0, 4000.0)]),
    ("Israel", One(414.0), &[(1000.0, 3000.0)]),
    ("Thailand", One(420.0), &[(1000.0, 5000.0)]),
    ("Malaysia", One(425.0), &[(400.0, 200.0), (400.0, 2000.0)]),
    ("Japan", Modulated(400.0, 16.0), &[(1000.0, 2000.0)]),
    (
        "India",
        Modulated(400.0, 25.0),
        &[(400.0, 200.0), (400.0, 2000.0)],
    ),
    (
        "Singapore",
        Modulated(425.0, 24.0),
        &[(400.0, 200.0), (400.0, 2000.0)],
    ),
];

const BUSY: [Row; 14] = [
    (
        "North America, Taiwan, Philippines",
        Two(480.0, 620.0),
        &[(500.0, 500.0)],
    ),
    ("Austria", One(420.0), &[(400.0, 400.0)]),
    ("Australia", One(425.0), &[(375.0, 375.0)]),
    (
        "Belgium, Denmark, Italy, Netherlands, Norway, Poland",
        One(425.0),
        &[(500.0, 500.0)],
    ),
    ("Britain", One(400.0), &[(375.0, 375.0)]),
    ("Britain, measured", One(400.0), &[(380.0, 370.0)]),
    (
        "Chile, Japan, New Zealand, South Africa, Thailand",
        One(400.0),
        &[(500.0, 500.0)],
    ),
    ("China", One(450.0), &[(350.0, 350.0)]),
    ("Czech Republic", One(425.0), &[(330.0, 330.0)]),
    ("France", One(440.0), &[(500.0, 500.0)]),
    ("Germany", One(425.0), &[(480.0, 480.0)]),
    ("Israel", One(414.0), &[(500.0, 500.0)]),
    ("Lithuania, Russia", One(425.0), &[(350.0, 350.0)]),
    (
        "Estonia, Finland, Greece, Hungary",
        One(425.0),
        &[(330.0, 330.0)],
    ),
];

const REORDER: [Row; 11] = [
    (
        "North America, Taiwan, Philippines",
        Two(480.0, 620.0),
        &[(250.0, 250.0)],
    ),
    ("Austria", One(420.0), &[(200.0, 200.0)]),
    ("Belgium", One(425.0), &[(167.0, 167.0)]),
    (
        "Bulgaria, Indonesia, Netherlands",
        One(425.0),
        &[(250.0, 250.0)],
    ),
    ("Chile", One(400.0), &[(200.0, 200.0)]),
    ("Czech Republic", One(425.0), &[(165.0, 165.0)]),
    ("France", One(440.0), &[(250.0, 250.0)]),
    ("Germany", One(425.0), &[(240.0, 240.0)]),
    ("Israel", One(414.0), &[(250.0, 250.0)]),
    (
        "Italy, Norway, Portugal, Switzerland",
        One(425.0),
        &[(200.0, 200.0)],
    ),
    ("Russia", One(425.0), &[(175.0, 175.0)]),
];

const DIAL: [Row; 8] = [
    (
        "North America, Britain",
        Two(350.0, 440.0),
        &[(4000.0, 0.0)],
    ),
    ("Austria", One(420.0), &[(4000.0, 0.0)]),
    (
        "Belgium, Germany, Spain and most others",
        One(425.0),
        &[(4000.0, 0.0)],
    ),
    ("Chile, Japan, New Zealand", One(400.0), &[(4000.0, 0.0)]),
    ("China", One(450.0), &[(4000.0, 0.0)]),
    ("France", One(440.0), &[(4000.0, 0.0)]),
    ("Israel", One(414.0), &[(4000.0, 0.0)]),
    (
        "Hong Kong, Ireland, Singapore",
        Two(350.0, 450.0),
        &[(4000.0, 0.0)],
    ),
];

/// Names of the facts about a tone; voice and beeps are facts too.
fn names(pcm: &[i16]) -> Vec<&'static str> {
    let (mut pipeline, mut facts) = (Pipeline::default(), Vec::new());
    pipeline.process(pcm, &mut facts);
    pipeline.finish(&mut facts);
    let name = |fact: &Fact| match fact {
        Fact::Network(network) => Some(network.tone.name()),
        Fact::Beep(_) => Some("BEEP"),
        Fact::Fax(_) => Some("FAX"),
        Fact::VoiceBegins { .. } => Some("VOICE"),
        _ => None,
    };
    facts.iter().filter_map(name).collect()
}

/// Asserts that every row gives `name`, and nothing else, at both levels, three frequencies and with noise.
#[track_caller]
fn all_are(name: &str, rows: &[Row]) {
    let mut wrong = Vec::new();
    for (country, tone, cadence) in rows {
        for (dbm0, off, snr_db) in [
            (-10.0, 0.0, None),
            (-35.0, 0.0, None),
            (-10.0, -0.015, None),
            (-10.0, 0.015, None),
            (-20.0, 0.0, Some(20.0)),
        ] {
            let spec = ToneSpec {
                dbm0,
                snr_db,
                ..ToneSpec::default()
            };
            let mut tape = Tape::new(&spec);
            for &(on, pause) in cadence.iter().cycle().take(4 * cadence.len()) {
                // Ringback pairs and modulated tones are known by their exact distance, which the networks keep.
                let exact = name == "RINGBACK" && !matches!(tone, One(_));
                let by = 1.0 + if exact { off / 5.0 } else { off };
                tape = match *tone {
                    One(hz) => tape.on(on, &[hz * by]),
                    Two(a, b) => tape.on(on, &[a * by, b * by]),
                    Modulated(hz, modulation) => {
                        let shape = Shape {
                            modulation: Some((modulation, 0.85)),
                            ..Shape::default()
                        };
                        tape.shaped(on, &[hz * by], &shape)
                    }
                };
                tape = tape.pause(pause);
            }
            let names = names(&tape.pause(500.0).pcm());
            if names.is_empty() || names.iter().any(|n| *n != name) {
                wrong.push(format!(
                    "{country} {tone:?} {dbm0} dBm0, {off}, {snr_db:?}: {names:?}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn ringback_of_all_countries_is_ringback() {
    all_are("RINGBACK", &RINGBACK);
}

#[test]
fn busy_of_all_countries_is_busy() {
    all_are("BUSY", &BUSY);
}

#[test]
fn congestion_of_all_countries_is_reorder() {
    all_are("REORDER", &REORDER);
}

#[test]
fn dial_tone_of_all_countries_is_dial() {
    all_are("DIAL", &DIAL);
}
