//! Options of a recording.
#![forbid(unsafe_code)]

use super::*;
use crate::job::recorder::{Existing, RecorderOptions};
use crate::types::{RecorderFormat, RecorderSource};

fn parse(text: &str) -> Result<RecorderOptions, Error> {
    parse_recorder(text, RecorderOptions::default())
}

#[test]
fn both_syntaxes_give_the_same_options() {
    let plain = parse(
        "file_format=ulaw,rate=11025,max_bytes=0,milliseconds_max_silence=2000,barge_in=yes,source=both,append=true,\
         cipher_mac=on,cipher=000102030405060708090a0b0c0d0e0f:00000000000000000000000000000000",
    )
    .unwrap();
    let json = parse(
        r#"{"file_format":"ulaw","rate":11025,"max_bytes":0,"milliseconds_max_silence":2000,"barge_in":true,
        "source":"both","append":true,"cipher_mac":true,"cipher":"000102030405060708090A0B0C0D0E0F:00000000000000000000000000000000"}"#,
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
        assert!(o.cipher_mac);
        assert_eq!(o.cipher.unwrap().key.bytes()[15], 15);
    }
}

#[test]
fn file_mode_is_octal_in_both_syntaxes() {
    assert_eq!(parse("").unwrap().file_mode, 0o640);
    for text in ["file_mode=0660", "file_mode=660", r#"{"file_mode":"0660"}"#] {
        assert_eq!(parse(text).unwrap().file_mode, 0o660, "{text}");
    }
}

#[test]
fn an_error_names_the_option_and_never_the_cipher_key() {
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
        ("file_mode=0440", "0600 to 0777"),
        ("file_mode=1640", "0600 to 0777"),
        ("file_mode=689", "octal"),
        ("file_mode=None", "octal"),
        ("cipher_mac=sha256", "true or false"),
        ("cipher=0011223344", "KEY:IV"),
        ("cipher=0011223344:00", "5 bytes"),
        ("cipher=000102030405060708090a0b0c0d0e0f:00", "IV of 1"),
        ("cipher=zz:00", "hexadecimal"),
        ("cipher=0:0", "hexadecimal"),
        ("filename=x", "no such option"),
    ] {
        let error = parse(text).expect_err(text);
        assert!(error.text.contains(part), "{text}: {error}");
        assert!(!error.text.contains("001122"), "{text}: {error}");
    }
}
