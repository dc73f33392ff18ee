//! A call as a script: commands and audio from bytes.
#![forbid(unsafe_code)]

use crate::Input;
use earwig_core::job::recorder::Control;
use std::f64::consts::TAU;

/// Longest media time of a script, ms.
const MEDIA_MS_MAX: u32 = 8_000;

/// Options of collections.
const DTMF: [&str; 6] = [
    "",
    "count=3",
    "end=#,seconds_predigits_timeout=1",
    "clear=true,count=1,seconds_interdigit_timeout=0.3",
    "seconds_timeout=0.5",
    "count=32,seconds_timeout=none,seconds_interdigit_timeout=none,seconds_predigits_timeout=none",
];

/// Options of recordings.
const RECORDER: [&str; 8] = [
    "max_bytes=0",
    "file_format=ima,source=both,max_bytes=3000",
    "file_format=oki,rate=6000,source=both",
    "file_format=s16bit,rate=11025,source=mixed,seconds_timeout=1",
    "file_format=u8bit,rate=48000,source=tx,milliseconds_max_silence=300",
    "file_format=ulaw,barge_in=true,milliseconds_initial_silence=400",
    "squelch_dtmf=true,silence_dbm0=-40,milliseconds_max_silence=200",
    "rate=16000,source=both,squelch_dtmf=true,barge_in=true,milliseconds_initial_silence=200",
];

/// Options of detections.
const MACHINE: [&str; 9] = [
    "",
    "detect_message_end=true,timeout=3",
    "detectors=fax,tone=CED,CNG",
    "strategy=adaptive,provisional=true",
    "detect_interruptions=true,detect_message_end=true,end_silence_timeout=0.3,machine_voice_threshold=0.3",
    "initial_timeout=0.5,listen_on=1,anchor=answer",
    "machine_words_threshold=1,timeout=0.6,anchor=first_media",
    "strategy=adaptive,sensitivity=0,max_ms=700,listen_on=3,revise=true",
    "strategy=adaptive,sensitivity=100,after_machine=true,detect_message_end=true",
];

/// A sound of a script.
#[derive(Clone, Copy, Debug)]
pub enum Sound {
    /// Silence.
    Silence,
    /// A key of the dialling pad, 0 to 15.
    Key(u8),
    /// One tone of this frequency.
    Tone(u16),
    /// Noise.
    Noise,
    /// Noise that swells four times a second, as speech does.
    Babble,
    /// The loudest square wave.
    Clipped,
}

/// One step of a script.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// RX, and TX if `tx` is set, of this length.
    Audio { sound: Sound, tx: bool, ms: u32 },
    /// A gap of RX.
    Gap { ms: u32 },
    /// Time without audio.
    Stall { ms: u32 },
    /// The call is answered.
    Answer,
    /// The call hangs up.
    HangUp,
    /// Options of a collection that starts.
    StartDtmf(&'static str),
    /// The collection is stopped.
    StopDtmf,
    /// The digit buffer is emptied.
    ClearDigits,
    /// A signalled key of this length.
    Inject { key: u8, ms: u64 },
    /// Options of a recording that starts, and the channel's `stall_ms`.
    StartRecorder(&'static str, u32),
    /// The recording is controlled.
    Control(Control),
    /// The recording is stopped.
    StopRecorder,
    /// Options of a detection that starts.
    StartMachine(&'static str),
    /// The detection is stopped.
    StopMachine,
    /// The detection's result so far is asked for.
    Progress,
    /// Words of the host's recogniser.
    AddWords(&'static str),
}

/// Reads a script. Its steps are the bytes' alone: every input is a script.
pub fn steps(input: &mut Input) -> Vec<Step> {
    let (mut steps, mut left) = (Vec::new(), MEDIA_MS_MAX);
    let mut take = |ms: u32| {
        let ms = ms.min(left);
        left -= ms;
        ms
    };
    while !input.is_empty() {
        steps.push(match input.below(20) {
            0..=5 => {
                let what = input.byte();
                let sound = match what % 6 {
                    0 => Sound::Silence,
                    1 => Sound::Key(what / 6 % 16),
                    2 => Sound::Tone(
                        [400, 425, 480, 1000, 1100, 1400, 2100, 3000][usize::from(what / 6 % 8)],
                    ),
                    3 => Sound::Noise,
                    4 => Sound::Babble,
                    _ => Sound::Clipped,
                };
                let ms = take(u32::from(input.byte()) * 10);
                Step::Audio {
                    sound,
                    tx: what >= 128,
                    ms,
                }
            }
            6 => Step::Gap {
                ms: take(u32::from(input.byte()) * 5),
            },
            7 => Step::Stall {
                ms: take(u32::from(input.byte()) * 20),
            },
            8 => Step::Answer,
            9 => Step::HangUp,
            10 | 11 => Step::StartDtmf(input.one_of(&DTMF)),
            12 => Step::StopDtmf,
            13 => Step::ClearDigits,
            14 => Step::Inject {
                key: input.byte() % 16,
                ms: u64::from(input.byte()),
            },
            15 => Step::StartRecorder(input.one_of(&RECORDER), [500, 0, 20][input.below(3)]),
            16 => Step::Control(input.one_of(&[
                Control::Pause,
                Control::Resume,
                Control::Mask,
                Control::Unmask,
            ])),
            17 => Step::StopRecorder,
            18 => Step::StartMachine(input.one_of(&MACHINE)),
            _ => input.one_of(&[
                Step::StopMachine,
                Step::Progress,
                Step::AddWords("Hello? Leave a message, press one"),
            ]),
        });
    }
    steps
}

/// The samples of a sound of `ms` milliseconds at `rate_hz`.
pub fn samples(sound: Sound, ms: u32, rate_hz: u32) -> Vec<i16> {
    const ROWS: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
    const COLUMNS: [f64; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
    let sine = |n: u32, hz: f64| (TAU * hz * f64::from(n) / f64::from(rate_hz)).sin();
    let mut noise = 1u32;
    (0..ms * rate_hz / 1000)
        .map(|n| {
            noise = noise.wrapping_mul(1664525).wrapping_add(1013904223);
            let white = f64::from((noise >> 16) as i16);
            (match sound {
                Sound::Silence => 0.0,
                Sound::Key(key) => {
                    let (row, column) = (usize::from(key / 4), usize::from(key % 4));
                    6000.0 * (sine(n, ROWS[row]) + sine(n, COLUMNS[column]))
                }
                Sound::Tone(hz) => 9000.0 * sine(n, hz.into()),
                Sound::Noise => white / 20.0,
                Sound::Babble => white / 4.0 * sine(n, 4.0).max(0.0) * (1.0 + sine(n, 150.0)) / 2.0,
                Sound::Clipped => {
                    if n / 20 % 2 == 0 {
                        32767.0
                    } else {
                        -32768.0
                    }
                }
            }) as i16
        })
        .collect()
}
