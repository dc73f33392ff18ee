//! Machine detection on the command line.

mod common;

use common::*;
use std::f64::consts::TAU;
use std::path::Path;

const RATE: usize = 8000;

fn silence(ms: usize) -> Vec<f64> {
    vec![0.0; ms * RATE / 1000]
}

fn tone(hz: f64, ms: usize) -> Vec<f64> {
    let sine = |n: usize| 0.2 * (TAU * hz * n as f64 / RATE as f64).sin();
    (0..ms * RATE / 1000).map(sine).collect()
}

/// A synthetic voice: syllables of 200 ms, each another vowel with a falling pitch, and noise between them.
fn voice(ms: usize) -> Vec<f64> {
    const SYLLABLE_MS: usize = 200;
    const VOWELS: [(f64, f64, f64); 4] = [
        (700.0, 1200.0, 2500.0),
        (350.0, 2100.0, 2900.0),
        (450.0, 850.0, 2400.0),
        (550.0, 1800.0, 2600.0),
    ];
    let (mut phase, mut noise) = (0.0, Noise::default());
    let sample = |n: usize| {
        let t = n as f64 / RATE as f64;
        let (syllable, within) = (
            n / (SYLLABLE_MS * RATE / 1000),
            (t * 1000.0) % SYLLABLE_MS as f64 / SYLLABLE_MS as f64,
        );
        let pitch = 140.0 - 30.0 * within + 12.0 * (syllable % 3) as f64;
        phase += TAU * pitch / RATE as f64;
        let open = (TAU / 2.0 * (within / 0.8).min(1.0)).sin();
        let (f1, f2, f3) = VOWELS[syllable % VOWELS.len()];
        let harmonics = (1..25).map(|k| {
            let hz = pitch * f64::from(k);
            let near = |formant: f64, width: f64| 1.0 / (1.0 + ((hz - formant) / width).powi(2));
            (near(f1, 100.0) + 0.6 * near(f2, 130.0) + 0.2 * near(f3, 200.0))
                * (phase * f64::from(k)).sin()
        });
        0.12 * (open * harmonics.sum::<f64>() + 0.15 * (1.0 - open) * noise.next())
    };
    (0..ms * RATE / 1000).map(sample).collect()
}

/// White noise from -1 to 1, the same in each run.
struct Noise(u32);

impl Default for Noise {
    fn default() -> Self {
        Self(0x2545_f491)
    }
}

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        2.0 * f64::from(self.0) / f64::from(u32::MAX) - 1.0
    }
}

/// Adds noise of amplitude 0.0003, as on a quiet line, and converts to 16 bits.
fn with_line_noise(parts: &[Vec<f64>]) -> Vec<u8> {
    let (samples, mut noise) = (parts.concat(), Noise::default());
    to_s16(
        &samples
            .iter()
            .map(|x| x + 0.0003 * noise.next())
            .collect::<Vec<_>>(),
    )
}

/// A folder with calls answered by a person, a machine, a fax machine and nobody.
fn calls(name: &str) -> std::path::PathBuf {
    let folder = folder(name);
    let write = |file: &str, parts: &[Vec<f64>]| {
        std::fs::write(folder.join(file), with_line_noise(parts)).unwrap();
    };
    write("person.sln", &[silence(500), voice(600), silence(2500)]);
    write(
        "machine.sln",
        &[
            silence(500),
            voice(3000),
            silence(300),
            tone(1000.0, 400),
            silence(1000),
        ],
    );
    write("fax.sln", &[silence(500), tone(2100.0, 3000), silence(500)]);
    write("nobody.sln", &[silence(6000)]);
    folder
}

fn analyze_one(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    let (lines, status) = analyze(folder, arguments);
    assert_eq!((lines.len(), status), (1, 0), "{lines:?}");
    lines[0].clone()
}

fn result(folder: &Path, arguments: &[&str]) -> (String, String) {
    let line = analyze_one(folder, arguments);
    let text = |key: &str| line["machine"][key].as_str().unwrap().to_owned();
    (text("result"), text("cause"))
}

#[test]
fn a_person_a_machine_and_nobody_are_distinguished() {
    let folder = calls("who");
    let line = analyze_one(&folder, &["person.sln"]);
    let machine = &line["machine"];
    assert_eq!(machine["result"], "human", "{line}");
    let cause = machine["cause"].as_str().unwrap();
    assert!(
        cause.starts_with("HUMAN-10") && cause.ends_with("-1000"),
        "{cause}"
    );
    let ms = |key: &str| machine[key].as_u64().unwrap();
    assert!(ms("onset_ms").abs_diff(500) <= 40, "{line}");
    assert!(ms("greeting_end_ms").abs_diff(1100) <= 80, "{line}");
    assert_eq!(ms("latency_ms"), ms("verdict_ms") - ms("greeting_end_ms"));
    assert_eq!(ms("detect_ms"), ms("verdict_ms"));
    let events: Vec<_> = machine["events"].as_array().unwrap().iter().collect();
    assert_eq!(
        (&events[0]["event"], &events[1]["event"], events.len()),
        (&"HUMAN".into(), &"finished".into(), 2)
    );
    assert_eq!(line["voice"].as_array().unwrap().len(), 1, "{line}");

    let (who, cause) = result(&folder, &["machine.sln"]);
    assert_eq!(who, "machine");
    assert!(cause.starts_with("LONGGREETING-12"), "{cause}");
    let (who, cause) = result(&folder, &["nobody.sln"]);
    assert_eq!(
        (who.as_str(), cause.as_str()),
        ("unknown", "INITIALSILENCE-4500-4500")
    );
}

#[test]
fn json_has_the_keys_of_a_detection_in_order() {
    let folder = calls("keys");
    let output = earwig(&folder, &["analyze", "--json", "nobody.sln"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    let at = line["machine"]["detect_ms"].as_u64().unwrap();
    assert_eq!(at, 4500, "{text}");
    let expected = concat!(
        r#"{"file":"nobody.sln","duration_ms":6000,"digits":"","dtmf":[],"machine":{"result":"unknown","beep":false,"#,
        r#""beep_ms":null,"beep_hz":null,"detect_ms":AT,"verdict_ms":AT,"onset_ms":null,"greeting_end_ms":null,"#,
        r#""latency_ms":null,"ready":false,"cause":"INITIALSILENCE-4500-4500","confidence":0.0,"kind":"none","kind_confidence":0.0,"#,
        r#""events":[{"event":"UNKNOWN","at_ms":AT},{"event":"finished","at_ms":AT}]},"#,
        r#""fax":[],"beeps":[],"voice":[],"network":[],"error":null}"#,
        "\n"
    );
    assert_eq!(text, expected.replace("AT", &at.to_string()));
}

#[test]
fn a_line_of_text_has_the_verdict_and_its_time() {
    let folder = calls("line");
    let output = earwig(&folder, &["analyze", "nobody.sln", "nobody.sln"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let line = "nobody.sln: 6.000 s, no digits, unknown (INITIALSILENCE-4500-4500) after 4.500 s";
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.lines().all(|l| l == line), "{text}");
    // Without the DTMF detector the line says nothing about digits.
    let arguments = ["analyze", "--detect", "machine", "nobody.sln", "nobody.sln"];
    let text = String::from_utf8(earwig(&folder, &arguments).stdout).unwrap();
    assert!(text.starts_with("nobody.sln: 6.000 s, unknown ("), "{text}");
}

#[test]
fn the_options_have_the_names_of_the_contract() {
    let folder = calls("properties");
    let cause = |arguments: &[&str]| result(&folder, arguments).1;
    assert_eq!(
        cause(&["--initial-timeout", "2.5", "nobody.sln"]),
        "INITIALSILENCE-2500-2500"
    );
    assert!(cause(&["--end-silence-timeout", "0.5", "person.sln"]).ends_with("-500"));
    assert!(cause(&["--machine-voice-threshold", "2", "machine.sln"]).ends_with("-2000"));
    let text = r#"{"detect_machine":{"machine_voice_threshold":2.0}}"#;
    assert!(cause(&["--machine-options", text, "machine.sln"]).ends_with("-2000"));
    // An argument overrides --machine-options.
    let text = "initial_timeout=1,timeout=2";
    assert_eq!(
        cause(&["--machine-options", text, "nobody.sln"]),
        "INITIALSILENCE-1000-1000"
    );
    let arguments = ["--machine-options", text, "--initial-timeout", "None"];
    let arguments = [&arguments[..], &["nobody.sln"]].concat();
    assert_eq!(cause(&arguments), "TOOLONG-2000-2000");
    assert_eq!(
        cause(&["--detectors", "fax", "--timeout", "3", "person.sln"]),
        "TOOLONG-3000-3000"
    );
}

#[test]
fn after_chooses_silence_or_hangup_at_the_end_of_a_file() {
    let folder = folder("after");
    let call = with_line_noise(&[silence(500), voice(600), silence(100)]);
    std::fs::write(folder.join("short.sln"), call).unwrap();
    let line = analyze_one(&folder, &["short.sln"]);
    assert_eq!(
        (&line["duration_ms"], &line["machine"]["result"]),
        (&1200.into(), &"human".into())
    );
    let (who, cause) = result(&folder, &["--after", "hangup", "short.sln"]);
    assert_eq!((who.as_str(), cause.as_str()), ("unknown", "HANGUP-1200"));
}

#[test]
fn detect_selects_the_detectors() {
    let folder = calls("asked");
    let line = analyze_one(&folder, &["--detect", "voice", "person.sln"]);
    assert_eq!(line["machine"], serde_json::Value::Null);
    assert_eq!(line["voice"].as_array().unwrap().len(), 1);
    let line = analyze_one(&folder, &["--detect", "machine", "person.sln"]);
    assert_eq!(line["machine"]["result"], "human");
    assert_eq!(line["voice"], serde_json::json!([]));
}

#[test]
fn wrong_options_have_exit_status_2_and_a_reason() {
    let folder = calls("wrong");
    for (arguments, why) in [
        (
            &["--timeout", "soon"][..],
            "timeout=soon: it must be seconds, 0 or more, or None",
        ),
        (
            &["--timeout", "3,strategy=adaptive"],
            "timeout=3,strategy=adaptive",
        ),
        (
            &["--machine-words-threshold", "0"],
            "machine_words_threshold is 0: it must be 1 to 1000",
        ),
        (
            &["--detectors", "amd,sonar"],
            "detectors=amd,sonar: it must be amd, fax, or both",
        ),
        (
            &["--tone", "DTMF"],
            "tone=DTMF: it must be CED, CNG, or both",
        ),
        (&["--strategy", "guess"], "strategy=guess"),
        (&["--machine-options", "words=3"], "words: no such option"),
        (
            &["--machine-options", "status_url=http://example.com/"],
            "status_url: valid for live calls only",
        ),
        (
            &["--machine-options", "wait=False"],
            "wait: valid for live calls only",
        ),
    ] {
        let output = earwig(
            &folder,
            &[&["analyze"], arguments, &["nobody.sln"]].concat(),
        );
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), output.stdout.len()),
            (Some(2), 0),
            "{arguments:?}"
        );
        assert!(stderr.starts_with(&format!("earwig: {why}")), "{stderr}");
    }
}
