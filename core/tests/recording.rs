//! A recording in a call: its bytes do not depend on the size of the writes.

use earwig_core::call::Call;
use earwig_core::codec::Encoder;
use earwig_core::job::options::parse_recorder;
use earwig_core::job::recorder::{RecorderOptions, RecordingEnd, RecordingStart};
use earwig_core::types::RecorderCause;
use earwig_signals::tones::{Tape, ToneSpec};

/// The file of a recording of `pcm`, written in parts of `size` samples, and its end.
fn record(pcm: &[i16], options: &str, size: usize) -> (Vec<u8>, RecordingEnd) {
    let mut call = Call::new([8000; 2]).unwrap();
    call.answer();
    let options = parse_recorder(options, RecorderOptions::default()).unwrap();
    let layout = options.layout().unwrap();
    let start = RecordingStart {
        options,
        layout,
        encoder: Encoder::new(layout),
        before: 0,
        stall_ms: 0,
    };
    call.start_recorder(1, start);
    let mut file = Vec::new();
    for part in pcm.chunks(size) {
        call.rx(part);
        call.advance_recording();
        if let Some(bytes) = call.recording_bytes() {
            file.append(bytes);
        }
    }
    call.end_recording(RecorderCause::Hangup);
    let mut end = call.take_recording_end().unwrap();
    file.append(&mut end.bytes);
    (file, end)
}

#[test]
fn squelch_ends_with_the_tone_whatever_the_size_of_the_writes() {
    let tape = Tape::new(&ToneSpec::default());
    let pcm = tape.on(80.0, &[770.0, 1336.0]).on(400.0, &[480.0]).pcm();
    let options = "squelch_dtmf=true,max_bytes=0,milliseconds_max_silence=0";
    let whole = record(&pcm, options, pcm.len());
    for size in [1, 7, 160, 1000] {
        assert!(record(&pcm, options, size) == whole, "writes of {size}");
    }
}
