//! Labelled calls made from recordings. All random choices follow from the names of file and test, so each run has the same calls.

pub mod early_pause;
pub mod filters;
pub mod greetings;
pub mod line_noise;
pub mod lines;
pub mod noises;
pub mod sentences;
pub mod speech;

use earwig_signals::corpus::Label;
use fastrand::Rng;
use lines::Line;
use noises::Noise;

/// What really answers a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// A person.
    Human,
    /// A greeting, a menu, an announcement.
    Machine,
    /// Nobody: line noise, coughs, talk in the background.
    Noise,
    /// Music, as on hold.
    Music,
}

impl Truth {
    /// By the label of a file; `None` if the file is no answered call.
    pub fn of(label: &Label) -> Option<Self> {
        match label.label.as_str() {
            label if label.starts_with("human") => Some(Self::Human),
            label if label.starts_with("machine") => Some(Self::Machine),
            label if label.starts_with("noise") => Some(Self::Noise),
            "music" => Some(Self::Music),
            _ => None,
        }
    }
}

/// How a call was made from its recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Test {
    /// The recording itself.
    Original,
    /// A machine with a pause of 0.6 s put in after its first phrase.
    Pause600,
    /// The same with 1.0 s.
    Pause1000,
    /// A machine's first phrase, and nothing after it.
    Short,
    /// A caller's free sentence, then the silence of the line.
    FreeSentence,
    /// A person without their line, or a machine on a person's line.
    Swapped,
    /// Sentences of a synthetic voice without a long pause.
    Greeting,
    /// The same with 0.6 s after the first sentence.
    Greeting600,
    /// The same with 1.0 s.
    Greeting1000,
    /// The first sentence alone.
    FirstSentence,
}

/// A call and what is known of it.
#[derive(Clone, Debug)]
pub struct Call {
    /// How it was made.
    pub test: Test,
    /// What really answers.
    pub truth: Truth,
    /// Class of the recording, such as `human_name`.
    pub label: String,
    /// Language, such as `en-US`.
    pub language: String,
    /// Origin of the recording.
    pub source: String,
    /// The recording.
    pub file: String,
    /// Start and end of the speech, ms, as far as both are labelled.
    pub speech_ms: Option<(f64, f64)>,
    /// Audio at 8 kHz, from the answer on.
    pub pcm: Vec<i16>,
}

/// The random choices of a test on a file. They follow from both names, by FNV-1a.
pub fn choices(file: &str, test: &str) -> Rng {
    let bytes = file.bytes().chain([0]).chain(test.bytes());
    Rng::with_seed(bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    }))
}

/// Labels of free speech.
const FREE_SPEECH: [&str; 2] = ["speech_phone", "speech_spontaneous"];

/// All calls that are made of a recording. `lines`: lines of people, for machines.
pub fn of_recording(label: &Label, pcm: &[i16], lines: &[Line]) -> Vec<Call> {
    let rng = |test| choices(&label.file, test);
    let labelled = label.speech_start_ms.zip(label.greeting_end_ms);
    let call = |test, truth, pcm: Vec<i16>, speech_ms| Call {
        test,
        truth,
        label: class(label),
        language: label.language.clone(),
        source: label.source.clone(),
        file: label.file.clone(),
        speech_ms,
        pcm,
    };
    let mut calls = Vec::new();
    if FREE_SPEECH.contains(&label.label.as_str()) {
        let sentence = sentences::free_sentence(pcm, &mut rng("free sentence"));
        calls.extend(sentence.map(|sentence| {
            let speech_ms = Some(sentence.speech_ms);
            call(Test::FreeSentence, Truth::Human, sentence.pcm, speech_ms)
        }));
    }
    let Some(truth) = Truth::of(label) else {
        return calls;
    };
    calls.push(call(Test::Original, truth, pcm.to_vec(), labelled));
    match truth {
        Truth::Human => {
            let cleaned = lines::cleaned(pcm);
            calls.extend(cleaned.map(|pcm| call(Test::Swapped, truth, pcm, labelled)));
        }
        Truth::Machine => {
            for (test, ms) in [(Test::Pause600, 600.0), (Test::Pause1000, 1000.0)] {
                let paused = early_pause::early_pause(pcm, ms, &mut rng("early pause"));
                let later = |(start, end)| (start, end + ms);
                calls.extend(
                    paused.map(|paused| call(test, truth, paused.pcm, labelled.map(later))),
                );
            }
            let short = sentences::short_machine(pcm);
            calls.extend(
                short.map(|short| call(Test::Short, truth, short.pcm, Some(short.speech_ms))),
            );
            let mut rng = rng("swapped");
            if !lines.is_empty() {
                let line = &lines[rng.usize(..lines.len())];
                let swapped = lines::on_line(pcm, line, &mut rng);
                calls.extend(swapped.map(|pcm| call(Test::Swapped, truth, pcm, labelled)));
            }
        }
        Truth::Noise | Truth::Music => {}
    }
    calls
}

/// The label, with the group of composed files, which are made of several recordings.
fn class(label: &Label) -> String {
    match label.group.as_str() {
        "composed" => format!("{}, composed", label.label),
        _ => label.label.clone(),
    }
}

/// Generated noises of each kind.
const NOISES: usize = 40;
/// Generated talk in the background, and the voices in each.
const BACKGROUNDS: usize = 30;
const VOICES: usize = 3;

/// Calls on which nobody speaks to the caller. `talk`: recordings of speech for the background.
pub fn generated_noises(talk: &[Vec<i16>]) -> Vec<Call> {
    let call = |label: &str, i: usize, pcm| Call {
        test: Test::Original,
        truth: Truth::Noise,
        label: label.to_owned(),
        language: "-".to_owned(),
        source: "generated".to_owned(),
        file: format!("{label} {i}"),
        speech_ms: None,
        pcm,
    };
    let mut calls = Vec::new();
    for kind in Noise::ALL {
        for i in 0..NOISES {
            let mut rng = choices(kind.name(), &i.to_string());
            calls.push(call(kind.name(), i, noises::noise(kind, &mut rng)));
        }
    }
    let name = "talk in the background";
    for i in 0..if talk.len() < VOICES { 0 } else { BACKGROUNDS } {
        let mut rng = choices(name, &i.to_string());
        let voices: Vec<&[i16]> = (0..VOICES)
            .map(|_| talk[rng.usize(..talk.len())].as_slice())
            .collect();
        calls.push(call(name, i, noises::background_talk(&voices, &mut rng)));
    }
    calls
}
