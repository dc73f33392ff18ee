//! The development corpus, heard once with each strategy.

use earwig_core::analysis::{After, Analysis, Report};
use earwig_core::job::machine::MachineOptions;
use earwig_core::job::machine::MachineResult;
use earwig_core::job::options::parse_machine;
use earwig_signals::corpus::{self, Label};

/// What somebody who answers is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    Human,
    Machine,
    /// Nobody: a line's noise.
    Noise,
}

/// A file, and what was heard in it.
pub struct Fact {
    pub label: Label,
    /// By the thresholds, with all that is heard besides.
    pub report: Report,
    /// By the adaptive strategy.
    pub adaptive: MachineResult,
    /// To the end of the message, by the thresholds.
    pub to_the_end: Report,
}

/// Frames of a call.
const FRAME: usize = 160;

fn analysed(pcm: &[i16], options: &str, listen: bool) -> Report {
    let options = parse_machine(options, MachineOptions::default()).expect("they are right");
    let mut analysis = Analysis::new(8000).expect("8 kHz is known");
    if listen {
        analysis.log_facts();
    }
    analysis.detect(options);
    for frame in pcm.chunks(FRAME) {
        analysis.write(frame);
    }
    analysis.finish(After::Silence)
}

impl Fact {
    /// All files that have a label.
    pub fn all() -> Vec<Self> {
        corpus::labels()
            .into_iter()
            .filter_map(|label| {
                let pcm = corpus::read(&label.file)?;
                Some(Self {
                    report: analysed(&pcm, "", true),
                    adaptive: analysed(&pcm, "strategy=adaptive", false).machine?,
                    to_the_end: analysed(&pcm, "detect_message_end=true", false),
                    label,
                })
            })
            .collect()
    }

    /// By the thresholds.
    pub fn thresholds(&self) -> &MachineResult {
        self.report.machine.as_ref().expect("it was asked for")
    }

    /// Who answers here, of the files that are for that.
    pub fn truth(&self) -> Option<Truth> {
        match self.label.group.as_str() {
            "human" | "machine" | "composed" | "silence_noise" => {}
            _ => return None,
        }
        match self.label.label.as_str() {
            label if label.starts_with("human") => Some(Truth::Human),
            label if label.starts_with("machine") => Some(Truth::Machine),
            label if label.starts_with("noise") => Some(Truth::Noise),
            _ => None,
        }
    }

    /// What of its kind it is, in words.
    pub fn kind(&self) -> &'static str {
        match (self.label.group.as_str(), self.label.label.as_str()) {
            ("composed", label) if label.starts_with("human") => "people in their own line's noise",
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
