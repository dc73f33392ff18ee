//! The files of the development corpus, analyzed once with each strategy.

use earwig_core::analysis::{After, Analysis, Report};
use earwig_core::job::machine::MachineOptions;
use earwig_core::job::machine::MachineResult;
use earwig_core::job::options::parse_machine;
use earwig_signals::corpus::{self, Label};

/// Who answers, by the labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answerer {
    Human,
    Machine,
    /// Nobody: line noise.
    Noise,
}

/// A file of the corpus and its analyses.
pub struct Analyzed {
    pub label: Label,
    /// Strategy `thresholds`, with tones and voice.
    pub report: Report,
    /// Strategy `adaptive`.
    pub adaptive: MachineResult,
    /// Strategy `thresholds` with `detect_message_end=true`.
    pub message_end: Report,
}

/// Samples of a frame: 20 ms.
const FRAME: usize = 160;

fn analyze(pcm: &[i16], options: &str, log_facts: bool) -> Report {
    let options = parse_machine(options, MachineOptions::default()).expect("valid options");
    let mut analysis = Analysis::new(8000).expect("a supported rate");
    if log_facts {
        analysis.log_facts();
    }
    analysis.detect(options);
    for frame in pcm.chunks(FRAME) {
        analysis.write(frame);
    }
    analysis.finish(After::Silence)
}

impl Analyzed {
    /// All files of the corpus that have a label.
    pub fn all() -> Vec<Self> {
        corpus::labels()
            .into_iter()
            .filter_map(|label| {
                let pcm = corpus::read(&label.file)?;
                Some(Self {
                    report: analyze(&pcm, "", true),
                    adaptive: analyze(&pcm, "strategy=adaptive", false).machine?,
                    message_end: analyze(&pcm, "detect_message_end=true", false),
                    label,
                })
            })
            .collect()
    }

    /// Result of the strategy `thresholds`.
    pub fn thresholds(&self) -> &MachineResult {
        self.report
            .machine
            .as_ref()
            .expect("a detection was started")
    }

    /// Who answers; `None` for files that are not answered calls.
    pub fn answerer(&self) -> Option<Answerer> {
        match self.label.group.as_str() {
            "human" | "machine" | "composed" | "silence_noise" => {}
            _ => return None,
        }
        match self.label.label.as_str() {
            label if label.starts_with("human") => Some(Answerer::Human),
            label if label.starts_with("machine") => Some(Answerer::Machine),
            label if label.starts_with("noise") => Some(Answerer::Noise),
            _ => None,
        }
    }

    /// Row of the table of verdicts to which the file belongs.
    pub fn category(&self) -> &'static str {
        match (self.label.group.as_str(), self.label.label.as_str()) {
            ("composed", label) if label.starts_with("human") => {
                "people with their line's own noise"
            }
            ("composed", _) => "composed machines (greeting and beep)",
            ("machine", "machine_ivr") => "IVR prompts",
            ("machine", _) => "greetings",
            ("human", label) if label.contains("hello") => "people: a hello or a phrase",
            ("human", "human_name") => "people: a name",
            ("human", _) => "people: a single word",
            _ => "noise",
        }
    }
}
