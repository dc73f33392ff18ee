//! Options of a collection.
#![forbid(unsafe_code)]

use super::*;
use crate::job::dtmf::DtmfOptions;

fn parse(text: &str) -> Result<DtmfOptions, Error> {
    parse_dtmf(text, DtmfOptions::default())
}

#[test]
fn both_syntaxes_give_the_same_options() {
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
fn no_option_is_the_default() {
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
fn a_fraction_of_a_second_is_rounded_up_to_a_millisecond() {
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
fn an_error_names_the_key_or_the_value() {
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
