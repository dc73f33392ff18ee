//! Options as text and as JSON, of all three jobs. The first byte is the job; the second says whether the rest is a text, or keys and
//! values that must mean the same in both syntaxes.
#![no_main]

use earwig_core::job::dtmf::DtmfOptions;
use earwig_core::job::machine::MachineOptions;
use earwig_core::job::options::{parse_dtmf, parse_machine, parse_recorder};
use earwig_core::job::recorder::RecorderOptions;
use earwig_core::types::Error;
use earwig_fuzz::Input;
use libfuzzer_sys::fuzz_target;

const KEYS: [&[&str]; 3] = [
    &[
        "clear",
        "count",
        "seconds_predigits_timeout",
        "seconds_interdigit_timeout",
        "end",
        "seconds_timeout",
    ],
    &[
        "file_format",
        "rate",
        "seconds_timeout",
        "max_bytes",
        "milliseconds_max_silence",
        "milliseconds_initial_silence",
        "barge_in",
        "cipher",
        "source",
        "silence_dbm0",
        "squelch_dtmf",
        "overwrite",
        "append",
    ],
    &[
        "detect_message_end",
        "detect_interruptions",
        "detectors",
        "end_silence_timeout",
        "initial_timeout",
        "machine_ready_timeout",
        "machine_voice_threshold",
        "machine_words_threshold",
        "status_url",
        "timeout",
        "tone",
        "wait",
        "strategy",
        "anchor",
        "listen_on",
        "provisional",
        "status_secret",
    ],
];

const SECRETS: [&str; 2] = ["cipher", "status_secret"];

/// A secret that no error text has by chance.
const TOKEN: &str = "Zx9Qw7Lm5Tn3";

fn examples() -> Vec<Vec<u8>> {
    let texts = [
        (0, "count=4,seconds_predigits_timeout=10,end=#"),
        (
            0,
            r#"{"clear":true,"count":0,"seconds_timeout":null,"end":"*#"}"#,
        ),
        (
            0,
            "clear=yes,seconds_interdigit_timeout=none,seconds_timeout=0.5",
        ),
        (1, "file_format=s16bit,rate=16000,max_bytes=0,barge_in=true"),
        (
            1,
            r#"{"file_format":"ima","source":"both","seconds_timeout":1.5,"append":true}"#,
        ),
        (
            1,
            "cipher=00112233445566778899aabbccddeeff:0102030405060708090a0b0c0d0e0f10",
        ),
        (
            1,
            "silence_dbm0=-40,milliseconds_max_silence=none,squelch_dtmf=on",
        ),
        (2, "detect_message_end=true,detectors=amd,fax,tone=CED,CNG"),
        (
            2,
            r#"{"detect_machine":{"timeout":30,"wait":false,"status_url":"http://a/"}}"#,
        ),
        (
            2,
            r#"status_secret="a,b",strategy=adaptive,anchor=answer,listen_on=2"#,
        ),
        (
            2,
            "machine_words_threshold=6,machine_ready_timeout=None,initial_timeout=4.5",
        ),
    ];
    let mut examples: Vec<Vec<u8>> = texts
        .iter()
        .map(|(job, text)| [&[*job, 0], text.as_bytes()].concat())
        .collect();
    // Key number, length of the value, value.
    examples.push([&[0, 1, 1, 1], b"4".as_slice(), &[5, 3], b"1.5"].concat());
    examples.push([&[1, 1, 0, 3], b"ima".as_slice(), &[1, 4], b"8000"].concat());
    examples.push([&[2, 1, 9, 4], b"30.5".as_slice(), &[12, 8], b"adaptive"].concat());
    examples
}

/// The options as `Debug` shows them, or the error's text.
fn parse(job: usize, text: &str) -> Result<String, Error> {
    Ok(match job {
        0 => format!("{:?}", parse_dtmf(text, DtmfOptions::default())?),
        1 => {
            let options = parse_recorder(text, RecorderOptions::default())?;
            options.layout().expect("options that are refused later");
            format!("{options:?}")
        }
        _ => {
            let options = parse_machine(text, MachineOptions::default())?;
            options.check().expect("options that are refused later");
            format!("{options:?}")
        }
    })
}

fn parse_text(job: usize, text: &str) {
    if let Err(error) = parse(job, text) {
        assert!(!error.text.is_empty());
    }
    for key in SECRETS {
        if let Err(error) = parse(job, &format!("{text},{key}={TOKEN}")) {
            let shown = error.text.contains(TOKEN);
            assert!(!shown || text.contains(TOKEN), "{error:?}");
        }
    }
}

/// Keys with values that need no quotes mean the same in both syntaxes.
fn parse_both(job: usize, mut input: Input) {
    let (mut plain, mut json) = (Vec::new(), serde_json::Map::new());
    while !input.is_empty() {
        let key = input.one_of(KEYS[job]);
        let count = input.below(24);
        let value: String = input
            .take(count)
            .iter()
            .map(|&byte| char::from(b'!' + byte % (b'~' - b'!')))
            .filter(|c| !matches!(c, '"' | ',' | '=' | '\\'))
            .collect();
        let none = ["none", "null", "forever"].contains(&value.to_ascii_lowercase().as_str());
        if value.is_empty() || none || json.contains_key(key) {
            continue;
        }
        plain.push(format!("{key}={value}"));
        json.insert(key.into(), value.into());
    }
    let plain = parse(job, &plain.join(","));
    let json = parse(job, &serde_json::Value::from(json).to_string());
    // With several errors, the order of the keys decides which one is reported.
    match (plain, json) {
        (Ok(plain), Ok(json)) => assert_eq!(plain, json),
        (Err(_), Err(_)) => {}
        (plain, json) => panic!("{plain:?}, but as JSON {json:?}"),
    }
}

fuzz_target!(init: earwig_fuzz::write_examples(examples()), |data: &[u8]| {
    let mut input = Input(data);
    let job = input.below(3);
    if input.below(2) == 1 {
        parse_both(job, input);
    } else if let Ok(text) = std::str::from_utf8(input.0) {
        parse_text(job, text);
    }
});
