//! The header, translated back to Rust by bindgen, has the layout of the Rust that it was generated from: size, alignment and
//! fields of each struct, value of each constant. A struct, field or constant that is not compared here fails the test too.

#[allow(non_camel_case_types, non_upper_case_globals, missing_docs, dead_code)]
mod header {
    include!(concat!(env!("OUT_DIR"), "/header.rs"));
}

use earwig::capi;
use earwig_core::types;
use std::collections::BTreeSet;

const HEADER: &str = include_str!(concat!(env!("OUT_DIR"), "/header.rs"));
const VALUES: &str = include_str!("../c/values.c");

fn size_of_field<S, F>(_: impl Fn(&S) -> &F) -> usize {
    size_of::<F>()
}

macro_rules! same {
    ($($name:ident { $($rust:ident = $c:ident),+ $(,)? })+) => {
        const COMPARED: &[&str] = &[$(stringify!($name)),+];

        $(#[test]
        fn $name() {
            assert_eq!(size_of::<header::$name>(), size_of::<capi::$name>());
            assert_eq!(align_of::<header::$name>(), align_of::<capi::$name>());
            $(
                assert_eq!(
                    std::mem::offset_of!(header::$name, $c),
                    std::mem::offset_of!(capi::$name, $rust),
                    "{}", stringify!($c)
                );
                assert_eq!(
                    size_of_field(|s: &header::$name| &s.$c),
                    size_of_field(|s: &capi::$name| &s.$rust),
                    "{}", stringify!($c)
                );
            )+
            // No field is left out: these patterns would not compile.
            let _ = |header::$name { $($c: _),+ }: header::$name| ();
            let _ = |capi::$name { $($rust: _),+ }: capi::$name| ();
        })+
    };
}

same! {
    earwig_engine_options { struct_size = struct_size, workers = workers, webhook_allow = webhook_allow }
    earwig_engine_stats {
        struct_size = struct_size, workers = workers, channels = channels, samples = samples, overruns = overruns,
        posts_sent = posts_sent, posts_failed = posts_failed, posts_dropped = posts_dropped,
    }
    earwig_channel_options {
        struct_size = struct_size, name = name, rx_rate_hz = rx_rate_hz, tx_rate_hz = tx_rate_hz, ring_ms = ring_ms,
        stall_ms = stall_ms, event_capacity = event_capacity, early_media = early_media,
    }
    earwig_channel_stats {
        struct_size = struct_size, media_ms = media_ms, rx_samples = rx_samples, tx_samples = tx_samples,
        gap_samples = gap_samples, overruns = overruns, events_dropped = events_dropped, digits_dropped = digits_dropped,
    }
    earwig_event {
        struct_size = struct_size, r#type = type_, cause = cause, at_ms = at_ms, digit = digit, source = source,
        start_ms = start_ms, end_ms = end_ms, low_dbm0 = low_dbm0, high_dbm0 = high_dbm0, twist_db = twist_db,
        stored = stored, digits = digits, audio_detected = audio_detected, duration_ms = duration_ms, bytes = bytes,
        machine_event = machine_event, machine_verdict = machine_verdict, beep = beep, hz = hz, confidence = confidence,
        detect_ms = detect_ms, onset_ms = onset_ms, cause_text = cause_text, machine_kind = machine_kind,
        kind_confidence = kind_confidence,
    }
    earwig_dtmf_options {
        struct_size = struct_size, clear = clear, count = count, predigits_timeout_ms = predigits_timeout_ms,
        interdigit_timeout_ms = interdigit_timeout_ms, timeout_ms = timeout_ms, end = end,
    }
    earwig_dtmf_result {
        struct_size = struct_size, cause = cause, count = count, digits = digits, started_ms = started_ms,
        ended_ms = ended_ms,
    }
    earwig_dtmf_limits {
        struct_size = struct_size, normal_twist_db = normal_twist_db, reverse_twist_db = reverse_twist_db,
        min_level_dbm0 = min_level_dbm0, min_tone_ms = min_tone_ms, min_pause_ms = min_pause_ms,
    }
    earwig_recorder_options {
        struct_size = struct_size, file_format = file_format, rate_hz = rate_hz, timeout_ms = timeout_ms,
        max_bytes = max_bytes, max_silence_ms = max_silence_ms, initial_silence_ms = initial_silence_ms,
        barge_in = barge_in, source = source, silence_dbm0 = silence_dbm0, squelch_dtmf = squelch_dtmf,
        overwrite = overwrite, append = append, key_bytes = key_bytes, iv_bytes = iv_bytes, key = key, iv = iv,
        file_mode = file_mode, cipher_mac = cipher_mac,
    }
    earwig_recorder_result {
        struct_size = struct_size, cause = cause, state = state, audio_detected = audio_detected,
        started_ms = started_ms, ended_ms = ended_ms, duration_ms = duration_ms, bytes = bytes, error = error,
    }
    earwig_machine_options {
        struct_size = struct_size, detect_message_end = detect_message_end,
        detect_interruptions = detect_interruptions, detectors = detectors,
        end_silence_timeout_ms = end_silence_timeout_ms, initial_timeout_ms = initial_timeout_ms,
        machine_ready_timeout_ms = machine_ready_timeout_ms, machine_voice_threshold_ms = machine_voice_threshold_ms,
        machine_words_threshold = machine_words_threshold, timeout_ms = timeout_ms, tone = tone, wait = wait,
        strategy = strategy, anchor = anchor, listen_on_ms = listen_on_ms, provisional = provisional,
        status_url = status_url, status_secret = status_secret, fax_timeout_ms = fax_timeout_ms,
        ready_on = ready_on, max_ms = max_ms, sensitivity = sensitivity, revise = revise,
        after_machine = after_machine,
    }
    earwig_machine_result {
        struct_size = struct_size, verdict = verdict, cause = cause, cause_text = cause_text, confidence = confidence,
        beep = beep, beep_ms = beep_ms, beep_hz = beep_hz, ready = ready, fax_tone = fax_tone,
        network_tone = network_tone, detect_ms = detect_ms, verdict_ms = verdict_ms, onset_ms = onset_ms,
        greeting_end_ms = greeting_end_ms, latency_ms = latency_ms, words = words, voice_ms = voice_ms,
        started_ms = started_ms, ended_ms = ended_ms, kind = kind, kind_confidence = kind_confidence,
    }
}

/// Words that follow `before` in the header's Rust.
fn named(before: &str) -> BTreeSet<String> {
    HEADER
        .lines()
        .filter_map(|line| line.strip_prefix(before))
        .map(|rest| {
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            rest[..end].to_string()
        })
        .collect()
}

#[test]
fn every_struct_is_compared() {
    let mut structs = named("pub struct ");
    // Handles have no fields to see.
    assert!(structs.remove("earwig_engine") && structs.remove("earwig_channel"));
    let compared = COMPARED.iter().map(|name| name.to_string()).collect();
    assert_eq!(structs, compared);
}

#[test]
fn every_constant_has_its_line_in_values_c() {
    let listed: BTreeSet<String> = VALUES
        .lines()
        .filter_map(|line| line.strip_prefix("VALUE("))
        .filter_map(|rest| rest.split_once(','))
        .map(|(name, _)| name.to_string())
        .collect();
    assert_eq!(named("pub const "), listed);
}

#[test]
fn constants_have_the_same_value() {
    assert_eq!(header::EARWIG_ABI_VERSION, capi::EARWIG_ABI_VERSION);
    assert_eq!(i64::from(header::EARWIG_FOREVER), capi::EARWIG_FOREVER);
    assert_eq!(i64::from(header::EARWIG_DEFAULT), capi::EARWIG_DEFAULT);
    assert_eq!(header::EARWIG_DIGITS_MAX as usize, capi::EARWIG_DIGITS_MAX);
    assert_eq!(header::EARWIG_DETECT_AMD as i32, capi::EARWIG_DETECT_AMD);
    assert_eq!(header::EARWIG_DETECT_FAX as i32, capi::EARWIG_DETECT_FAX);
    assert_eq!(header::EARWIG_TONE_CED as i32, capi::EARWIG_TONE_CED);
    assert_eq!(header::EARWIG_TONE_CNG as i32, capi::EARWIG_TONE_CNG);
}

/// The values of one enum in the header, by the prefix of their names.
fn values(prefix: &str) -> BTreeSet<i32> {
    HEADER
        .lines()
        .filter_map(|line| line.strip_prefix("pub const "))
        .filter(|line| line.starts_with(prefix))
        .filter_map(|line| line.split_once("= "))
        .map(|(_, value)| value.trim_end_matches(';').parse().expect("an integer"))
        .collect()
}

#[test]
fn every_enum_has_the_same_values() {
    fn of<T: Copy>(all: &[T], value: impl Fn(T) -> i32) -> BTreeSet<i32> {
        all.iter().map(|v| value(*v)).collect()
    }
    let mut status = values("EARWIG_ERR_");
    status.insert(header::EARWIG_OK);
    assert_eq!(status, of(types::Status::ALL, |v| v as i32));
    assert_eq!(
        values("EARWIG_EVENT_TYPE_"),
        of(types::EventType::ALL, |v| v as i32)
    );
    assert_eq!(
        values("EARWIG_DTMF_CAUSE_"),
        of(types::DtmfCause::ALL, |v| v as i32)
    );
    assert_eq!(
        values("EARWIG_DIGIT_SOURCE_"),
        of(types::DigitSource::ALL, |v| v as i32)
    );
    assert_eq!(
        values("EARWIG_CALL_STATE_"),
        of(types::CallState::ALL, |v| v as i32)
    );
    assert_eq!(
        values("EARWIG_STREAM_"),
        of(types::Stream::ALL, |v| v as i32)
    );
    assert_eq!(
        values("EARWIG_RECORDER_STATE_"),
        of(types::RecorderState::ALL, |v| v as i32)
    );
    assert_eq!(
        values("EARWIG_RECORDER_CAUSE_"),
        of(types::RecorderCause::ALL, |v| v as i32)
    );
    assert_eq!(
        values("EARWIG_RECORDER_FORMAT_"),
        of(types::RecorderFormat::ALL, |v| v as i32)
    );
    assert_eq!(
        values("EARWIG_RECORDER_SOURCE_"),
        of(types::RecorderSource::ALL, |v| v as i32)
    );
    assert_eq!(
        values("EARWIG_FAX_TONE_"),
        of(types::FaxTone::ALL, |v| v as i32)
    );
    assert_eq!(
        values("EARWIG_NETWORK_TONE_"),
        of(types::NetworkTone::ALL, |v| v as i32)
    );
    assert_eq!(
        values("EARWIG_MACHINE_VERDICT_"),
        of(types::MachineVerdict::ALL, |v| v as i32)
    );
    assert_eq!(
        values("EARWIG_MACHINE_EVENT_"),
        of(types::MachineEvent::ALL, |v| v as i32)
    );
    assert_eq!(
        values("EARWIG_MACHINE_CAUSE_"),
        of(types::MachineCause::ALL, |v| v as i32)
    );
    assert_eq!(
        values("EARWIG_MACHINE_STRATEGY_"),
        of(types::MachineStrategy::ALL, |v| v as i32)
    );
    assert_eq!(
        values("EARWIG_MACHINE_READY_ON_"),
        of(types::MachineReadyOn::ALL, |v| v as i32)
    );
    assert_eq!(
        values("EARWIG_MACHINE_ANCHOR_"),
        of(types::MachineAnchor::ALL, |v| v as i32)
    );
    assert_eq!(
        values("EARWIG_FIELD_SET_"),
        of(types::FieldSet::ALL, |v| v as i32)
    );
}
