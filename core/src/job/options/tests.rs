//! Options as text, in both spellings.

mod machine;

use super::*;
use crate::types::Status;

fn parse(text: &str) -> Result<DtmfOptions, Error> {
    parse_dtmf(text, DtmfOptions::default())
}

#[test]
fn the_seeds_example_reads_the_same_in_both_spellings() {
    let plain =
        parse("count=5, seconds_predigits_timeout=30,seconds_interdigit_timeout=1").unwrap();
    let json =
        parse(r#"{"count":5,"seconds_predigits_timeout":30,"seconds_interdigit_timeout":1.0}"#)
            .unwrap();
    assert_eq!(plain, json);
    assert_eq!(plain.count, 5);
    assert_eq!(plain.predigits_timeout, Timeout::ms(30_000));
    assert_eq!(plain.interdigit_timeout, Timeout::ms(1000));
    assert_eq!(plain.timeout, Timeout::Forever);
}

#[test]
fn nothing_is_the_seeds_default() {
    assert_eq!(parse("").unwrap(), DtmfOptions::default());
    assert_eq!(parse("{}").unwrap(), DtmfOptions::default());
    assert_eq!(
        parse("end=None,seconds_timeout=None").unwrap(),
        DtmfOptions::default()
    );
}

#[test]
fn none_is_no_limit() {
    for text in [
        "seconds_predigits_timeout=None",
        "seconds_predigits_timeout=forever",
        r#"{"seconds_predigits_timeout":null}"#,
    ] {
        assert_eq!(
            parse(text).unwrap().predigits_timeout,
            Timeout::Forever,
            "{text}"
        );
    }
}

#[test]
fn a_fraction_of_a_second_is_kept_and_never_becomes_zero() {
    assert_eq!(
        parse("seconds_timeout=2.5").unwrap().timeout,
        Timeout::ms(2500)
    );
    assert_eq!(
        parse("seconds_timeout=0.0001").unwrap().timeout,
        Timeout::ms(1)
    );
}

#[test]
fn what_is_wrong_is_said() {
    for (text, part) in [
        ("count=33", "33"),
        ("count=-1", "-1"),
        ("count=x", "whole number"),
        ("count=", "whole number"),
        ("cuont=3", "no such option"),
        ("end=12Z", "\"Z\""),
        ("end=a", "\"a\""),
        ("clear=maybe", "true or false"),
        ("seconds_timeout=-1", "0 or more"),
        ("seconds_timeout=NaN", "0 or more"),
        ("seconds_timeout=inf", "0 or more"),
        ("count=1,count=2", "twice"),
        ("count", "key=value"),
        ("{\"count\":[1]}", "must be a number"),
        ("{\"count\":1", "options:"),
        ("{\"count\":1} x", "options:"),
    ] {
        let error = parse(text).expect_err(text);
        assert!(error.text.contains(part), "{text}: {error}");
    }
}

fn record(text: &str) -> Result<RecorderOptions, Error> {
    parse_recorder(text, RecorderOptions::default())
}

#[test]
fn a_recordings_options_read_the_same_in_both_spellings() {
    let plain = record(
        "file_format=ulaw,rate=11025,max_bytes=0,milliseconds_max_silence=2000,barge_in=yes,source=both,append=true,\
         cipher=000102030405060708090a0b0c0d0e0f:00000000000000000000000000000000",
    )
    .unwrap();
    let json = record(
        r#"{"file_format":"ulaw","rate":11025,"max_bytes":0,"milliseconds_max_silence":2000,"barge_in":true,
        "source":"both","append":true,"cipher":"000102030405060708090A0B0C0D0E0F:00000000000000000000000000000000"}"#,
    )
    .unwrap();
    for o in [plain, json] {
        assert_eq!(
            (o.file_format, o.rate_hz, o.max_bytes),
            (RecorderFormat::Ulaw, 11025, 0)
        );
        assert_eq!(
            (o.max_silence_ms, o.barge_in, o.existing),
            (2000, true, Existing::Append)
        );
        assert_eq!(o.source, RecorderSource::Both);
        assert_eq!(o.cipher.unwrap().key.bytes()[15], 15);
    }
}

#[test]
fn what_is_wrong_with_a_recordings_options_is_said_without_the_key() {
    for (text, part) in [
        ("file_format=mp3", "alaw, ulaw, oki, ima"),
        ("rate=44100", "11025"),
        ("rate=-1", "0 or more"),
        ("max_bytes=-1", "0 or more"),
        ("max_bytes=1e9", "whole number"),
        ("source=left", "rx, tx, mixed, both"),
        ("silence_dbm0=-70", "-60"),
        ("silence_dbm0=NaN", "a number"),
        ("barge_in=perhaps", "true or false"),
        ("overwrite=1,append=1", "one of them"),
        ("cipher=0011223344", "KEY:IV"),
        ("cipher=0011223344:00", "5 bytes"),
        ("cipher=000102030405060708090a0b0c0d0e0f:00", "IV of 1"),
        ("cipher=zz:00", "hexadecimal"),
        ("cipher=0:0", "hexadecimal"),
        ("filename=x", "no such option"),
    ] {
        let error = record(text).expect_err(text);
        assert!(error.text.contains(part), "{text}: {error}");
        assert!(!error.text.contains("001122"), "{text}: {error}");
    }
}
