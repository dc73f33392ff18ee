//! Options of a detection.
#![forbid(unsafe_code)]

use super::*;
use crate::job::machine::{MachineOptions, SECRET_MAX, Secret, URL_MAX};
use crate::job::recorder::RecorderOptions;
use crate::types::{MachineAnchor, MachineReadyOn, MachineStrategy};

fn parse(text: &str) -> Result<MachineOptions, Error> {
    parse_machine(text, MachineOptions::default())
}

/// Options that all differ from their defaults.
fn changed() -> MachineOptions {
    MachineOptions {
        detect_message_end: true,
        detect_interruptions: true,
        amd: false,
        fax: true,
        end_silence_timeout: Timeout::ms(800),
        initial_timeout: Timeout::ms(6000),
        machine_ready_timeout: Some(Timeout::ms(500)),
        machine_voice_threshold: Timeout::ms(2250),
        machine_words_threshold: 8,
        timeout: Timeout::ms(20_000),
        ced: false,
        cng: true,
        wait: false,
        status_url: "https://example.com/detect-events".into(),
        ..MachineOptions::default()
    }
}

const PLAIN: &str = "detect_message_end=true,detect_interruptions=true,detectors=fax,end_silence_timeout=0.8,\
     initial_timeout=6,machine_ready_timeout=0.5,machine_voice_threshold=2.25,machine_words_threshold=8,\
     status_url=https://example.com/detect-events,timeout=20,tone=CNG,wait=false";

const JSON: &str = r#"{
    "detect_message_end": true,
    "detect_interruptions": true,
    "detectors": "fax",
    "end_silence_timeout": 0.8,
    "initial_timeout": 6.0,
    "machine_ready_timeout": 0.5,
    "machine_voice_threshold": 2.25,
    "machine_words_threshold": 8,
    "status_url": "https://example.com/detect-events",
    "timeout": 20,
    "tone": "CNG",
    "wait": false
}"#;

#[test]
fn every_syntax_gives_the_same_options() {
    assert_eq!(parse(PLAIN).unwrap(), changed());
    assert_eq!(parse(JSON).unwrap(), changed());
    let wrapped = format!("{{\"detect_machine\": {JSON}}}");
    assert_eq!(parse(&wrapped).unwrap(), changed());
    assert_eq!(parse(&format!("\n  {wrapped}\n")).unwrap(), changed());
}

#[test]
fn the_examples_of_the_contract() {
    let o = parse(
        r#"{"detect_machine":{"status_url":"https://example.com/detect-events","timeout":20}}"#,
    )
    .unwrap();
    assert_eq!(o.status_url, "https://example.com/detect-events");
    assert_eq!(o.timeout, Timeout::ms(20_000));
    let o = parse(
        r#"{"detect_machine":{
            "status_url":"https://webhook.site/5c8abf82-b8c7-41c8-b5d6-b32a40068109",
            "detectors":"amd,fax",
            "wait":true}}"#,
    )
    .unwrap();
    let defaults = MachineOptions {
        status_url: "https://webhook.site/5c8abf82-b8c7-41c8-b5d6-b32a40068109".into(),
        ..MachineOptions::default()
    };
    assert_eq!(o, defaults);
}

#[test]
fn no_option_is_the_default() {
    let o = MachineOptions::default();
    for text in ["", " ", "{}", "{\"detect_machine\":{}}"] {
        assert_eq!(parse(text).unwrap(), o, "{text}");
    }
    assert!(!o.detect_message_end && !o.detect_interruptions);
    assert!(o.amd && o.fax && o.ced && !o.cng && o.wait);
    assert_eq!(o.end_silence_timeout, Timeout::ms(1000));
    assert_eq!(o.initial_timeout, Timeout::ms(4500));
    assert_eq!(o.ready_timeout(), Timeout::ms(1000));
    assert_eq!(o.machine_voice_threshold, Timeout::ms(1250));
    assert_eq!(o.machine_words_threshold, 6);
    assert_eq!(o.timeout, Timeout::ms(30_000));
    assert!(o.status_url.is_empty());
    // The extensions are off by default.
    assert_eq!(o.strategy, MachineStrategy::Thresholds);
    assert_eq!(o.anchor, MachineAnchor::Start);
    assert!(o.listen_on.is_zero() && o.fax_timeout.is_zero() && !o.provisional);
    assert_eq!((o.sensitivity, o.max_ms), (50, 0));
    assert!(!o.revise && !o.after_machine);
}

#[test]
fn the_extensions_of_the_contract() {
    for text in [
        "strategy=adaptive,anchor=first_voice,listen_on=3,fax_timeout=2.5,ready_on=beep,provisional=yes,status_secret=abc",
        r#"{"strategy":"ADAPTIVE","anchor":"First_Voice","listen_on":3.0,"fax_timeout":2.5,"ready_on":"Beep","provisional":true,"status_secret":"abc"}"#,
    ] {
        let o = parse(text).unwrap();
        assert_eq!(o.strategy, MachineStrategy::Adaptive);
        assert_eq!(o.anchor, MachineAnchor::FirstVoice);
        assert_eq!(o.listen_on, Timeout::ms(3000));
        assert_eq!(o.fax_timeout, Timeout::ms(2500));
        assert_eq!(o.ready_on, MachineReadyOn::Beep);
        assert!(o.provisional);
        assert_eq!(o.status_secret, Secret::new("abc"));
    }
}

#[test]
fn the_options_of_the_adaptive_strategy() {
    for text in [
        "sensitivity=80,max_ms=2500,revise=true,after_machine=yes",
        r#"{"sensitivity":80,"max_ms":2500,"revise":true,"after_machine":"on"}"#,
    ] {
        let o = parse(text).unwrap();
        assert_eq!((o.sensitivity, o.max_ms), (80, 2500), "{text}");
        assert!(o.revise && o.after_machine, "{text}");
    }
    assert_eq!(parse("max_ms=None").unwrap().max_ms, 0);
    assert_eq!(
        parse("max_ms=9223372036854775807").unwrap().max_ms,
        i64::MAX as u64
    );
    for sensitivity in [0, 100] {
        let o = parse(&format!("sensitivity={sensitivity}")).unwrap();
        assert_eq!(o.sensitivity, sensitivity);
    }
    for (text, error) in [
        ("sensitivity=101", "sensitivity is 101: it must be 0 to 100"),
        ("sensitivity=-1", "sensitivity is -1: it must be 0 to 100"),
        ("sensitivity=306", "sensitivity is 306: it must be 0 to 100"),
        (
            "sensitivity=0.5",
            "sensitivity=0.5: it must be a whole number",
        ),
        (
            "sensitivity=None",
            "sensitivity=: it must be a whole number",
        ),
        ("max_ms=-1", "max_ms=-1: it must be 0 or more"),
        ("max_ms=1.5", "max_ms=1.5: it must be a whole number"),
        ("revise=2", "revise=2: it must be true or false"),
        (
            "after_machine=maybe",
            "after_machine=maybe: it must be true or false",
        ),
    ] {
        assert_eq!(parse(text).unwrap_err().to_string(), error, "{text}");
    }
}

#[test]
fn lists_need_no_quotes_and_end_at_the_next_key() {
    let o = parse("detectors=amd,fax,timeout=20,tone=CED,CNG,wait=false").unwrap();
    assert!(o.amd && o.fax && o.ced && o.cng && !o.wait);
    assert_eq!(o.timeout, Timeout::ms(20_000));
    for (text, detectors) in [
        ("detectors=amd", [true, false]),
        ("detectors=fax", [false, true]),
        ("detectors=fax,amd", [true, true]),
        ("detectors=\"amd,fax\"", [true, true]),
        ("detectors= AMD , Fax ", [true, true]),
        ("detectors=amd+fax", [true, true]),
        ("detectors=amd,amd", [true, false]),
        ("{\"detectors\":\"amd, fax\"}", [true, true]),
    ] {
        let o = parse(text).unwrap();
        assert_eq!([o.amd, o.fax], detectors, "{text}");
    }
    for (text, tones) in [
        ("tone=CED", [true, false]),
        ("tone=CNG", [false, true]),
        ("tone=cng", [false, true]),
        ("tone=CNG|CED", [true, true]),
        ("{\"tone\":\"CED,CNG\"}", [true, true]),
    ] {
        let o = parse(text).unwrap();
        assert_eq!([o.ced, o.cng], tones, "{text}");
    }
}

#[test]
fn a_url_with_commas_is_quoted() {
    let url = "https://example.com/a?b=1,2&c=x,wait=false";
    let o = parse(&format!("status_url=\"{url}\",timeout=5")).unwrap();
    assert_eq!(o.status_url, url);
    assert!(o.wait);
    assert_eq!(o.timeout, Timeout::ms(5000));
    let o = parse(&format!("{{\"status_url\":\"{url}\"}}")).unwrap();
    assert_eq!(o.status_url, url);
    // Without a comma it needs no quotes, even if it has equals signs.
    let o = parse("status_url=https://example.com/a?b=1&c=2").unwrap();
    assert_eq!(o.status_url, "https://example.com/a?b=1&c=2");
}

#[test]
fn none_is_no_limit_and_for_machine_ready_timeout_the_default() {
    let o = parse("initial_timeout=None,timeout=forever,machine_ready_timeout=None").unwrap();
    assert_eq!(
        (o.initial_timeout, o.timeout),
        (Timeout::Forever, Timeout::Forever)
    );
    assert_eq!(o.ready_timeout(), Timeout::ms(1000));
    let o = parse(r#"{"end_silence_timeout":2,"machine_ready_timeout":null,"status_url":null}"#);
    assert_eq!(o.unwrap().ready_timeout(), Timeout::ms(2000));
}

#[test]
fn an_absent_option_keeps_its_value() {
    let o = parse_machine("timeout=5", changed()).unwrap();
    let expected = MachineOptions {
        timeout: Timeout::ms(5000),
        ..changed()
    };
    assert_eq!(o, expected);
    assert_eq!(parse_machine("", changed()).unwrap(), changed());
}

#[test]
fn an_error_names_the_option_or_the_range() {
    let url = format!("status_url=https://{}", "x".repeat(URL_MAX - 7));
    let secret = format!("status_secret={}", "x".repeat(SECRET_MAX + 1));
    for (text, part) in [
        ("detect_message_end=perhaps", "true or false"),
        ("detect_interruptions=", "true or false"),
        ("wait=None", "true or false"),
        ("provisional=2", "true or false"),
        ("detectors=", "amd, fax, or both"),
        ("detectors=None", "amd, fax, or both"),
        ("detectors=amd,beep", "amd, fax, or both"),
        ("{\"detectors\":null}", "amd, fax, or both"),
        ("{\"detectors\":[\"amd\"]}", "a number, a string"),
        ("tone=CEG", "CED, CNG, or both"),
        ("tone=2100", "CED, CNG, or both"),
        ("end_silence_timeout=-1", "seconds, 0 or more"),
        ("initial_timeout=4,5", "key=value"),
        ("machine_ready_timeout=soon", "seconds, 0 or more"),
        ("machine_voice_threshold=NaN", "seconds, 0 or more"),
        ("machine_voice_threshold=1250ms", "seconds, 0 or more"),
        ("timeout=1e10", "seconds, 0 or more"),
        ("listen_on=inf", "seconds, 0 or more"),
        ("fax_timeout=-1", "seconds, 0 or more"),
        ("ready_on=beeps", "beep"),
        ("machine_words_threshold=0", "1 to 1000"),
        ("machine_words_threshold=-1", "1 to 1000"),
        ("machine_words_threshold=1001", "1 to 1000"),
        ("machine_words_threshold=2.5", "whole number"),
        ("machine_words_threshold=None", "whole number"),
        ("strategy=guess", "thresholds, adaptive"),
        ("anchor=ring", "start, answer, first_media, first_voice"),
        (url.as_str(), "at most 1023"),
        (secret.as_str(), "at most 255"),
        ("{\"status_url\":\"a\\u0000b\"}", "NUL"),
        ("timeout=5,timeout=6", "twice"),
        ("timeuot=5", "no such option"),
        ("timeuot=5", "machine_voice_threshold"),
        ("TIMEOUT=5", "no such option"),
        ("status_url=https://x/a,b", "key=value"),
        ("status_url=\"https://x/a", "quote"),
        ("amd,fax", "key=value"),
        ("{\"detect_machine\":{\"timeuot\":5}}", "timeuot"),
        ("{\"detect_machine\":{},\"wait\":true}", "detect_machine"),
        ("{\"detect_machine\":5}", "detect_machine"),
        (
            "{\"detect_machine\":{\"detect_machine\":{}}}",
            "detect_machine",
        ),
        ("{\"timeout\":5", "options:"),
        ("{\"timeout\":{}}", "a number, a string"),
    ] {
        let error = parse(text).expect_err(text);
        assert!(error.text.contains(part), "{text}: {error}");
        assert_eq!(error.status, Status::ErrInvalid, "{text}");
    }
}

#[test]
fn the_longest_url_and_secret_are_accepted() {
    let url = format!("https://{}", "x".repeat(URL_MAX - 8));
    let secret = "x".repeat(SECRET_MAX);
    let o = parse(&format!("status_url={url},status_secret={secret}")).unwrap();
    assert_eq!(o.status_url, url);
    assert_eq!(o.status_secret.as_str(), secret);
}

#[test]
fn no_output_contains_a_secret() {
    let o = parse("status_secret=hunter2").unwrap();
    assert!(!format!("{o:?} {:#?}", o).contains("hunter2"));
    for text in [
        "status_secret=hunter2,timeout=x",
        "status_secret=hunter2,status_secret=hunter2",
        "status_secret=\"hunter2",
        "status_secret=correct,hunter2",
        "status_secret=correct, hunter2 ,timeout=5",
        "{\"status_secret\":\"hunter2\"",
        "{\"status_secret\":[\"hunter2\"]}",
        "{\"status_secret\":\"hunter2\",}",
        "{\"detect_machine\":{\"status_secret\":\"hunter2\",\"timeout\":-1}}",
    ] {
        let error = parse(text).expect_err(text);
        assert!(!error.text.contains("hunter2"), "{text}: {error}");
    }
    let error = parse_recorder("cipher=0011,001122:00", RecorderOptions::default())
        .expect_err("a comma within the key");
    assert!(!error.text.contains("001122"), "{error}");
}

#[test]
fn no_text_makes_the_parser_panic() {
    let words = [
        "detect_machine",
        "timeout",
        "tone",
        "detectors",
        "=",
        ",",
        "{",
        "}",
        "\"",
        ":",
        "null",
        "5",
        "-1",
        "CED",
        "amd",
        "é",
        "\0",
        " ",
        "true",
        "status_url",
        "[",
        "]",
        "1e400",
        "None",
    ];
    let mut rng = fastrand::Rng::with_seed(1);
    for _ in 0..20_000 {
        let count = rng.usize(..12);
        let text: String = (0..count).filter_map(|_| rng.choice(words)).collect();
        match parse(&text) {
            Ok(options) => assert_eq!(options.check(), Ok(()), "{text}"),
            Err(error) => assert!(!error.text.is_empty(), "{text}"),
        }
    }
}
