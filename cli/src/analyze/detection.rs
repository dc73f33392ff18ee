//! The options of a machine detection as command-line arguments. The API's own option parser reads their values.

use clap::ValueEnum;
use earwig_core::analysis;
use earwig_core::job::machine::MachineOptions;
use earwig_core::job::options::parse_machine;
use serde_json::{Map, Value};

/// Options of `detect_machine`, and what follows the end of a file.
#[derive(clap::Args)]
#[command(next_help_heading = "Who answered")]
pub struct DetectionArgs {
    /// All options as text: key=value,key=value or JSON, as in the API. The arguments below override it
    #[arg(long, value_name = "TEXT")]
    machine_options: Option<String>,

    /// After MACHINE, continue until the beep or the end of the greeting
    #[arg(long)]
    detect_message_end: bool,

    /// With --detect-message-end: continue after READY, and report when the machine speaks again
    #[arg(long)]
    detect_interruptions: bool,

    /// Detectors to run: amd, fax, or both [default: amd,fax]
    #[arg(long, value_name = "LIST")]
    detectors: Option<String>,

    /// Silence after voice that gives HUMAN, in seconds, or None [default: 1.0]
    #[arg(long, value_name = "S")]
    end_silence_timeout: Option<String>,

    /// Longest wait for the first voice, in seconds, or None [default: 4.5]
    #[arg(long, value_name = "S")]
    initial_timeout: Option<String>,

    /// Silence after a machine's voice that gives READY, in seconds [default: the value of --end-silence-timeout]
    #[arg(long, value_name = "S")]
    machine_ready_timeout: Option<String>,

    /// What gives READY: any, beep or silence [default: any]
    #[arg(long, value_name = "NAME")]
    ready_on: Option<String>,

    /// Continuous voice that gives MACHINE, in seconds, or None [default: 1.25]
    #[arg(long, value_name = "S")]
    machine_voice_threshold: Option<String>,

    /// Words in one utterance that give MACHINE, 1 to 1000 [default: 6]
    #[arg(long, value_name = "N")]
    machine_words_threshold: Option<String>,

    /// Longest duration of the detection, in seconds, or None [default: 30.0]
    #[arg(long, value_name = "S")]
    timeout: Option<String>,

    /// Fax tones to detect: CED, CNG, or both [default: CED]
    #[arg(long, value_name = "LIST")]
    tone: Option<String>,

    /// Decision rules: thresholds or adaptive [default: thresholds]
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,

    /// Instant from which timeouts count: start, answer, first_media or first_voice [default: start]
    #[arg(long, value_name = "NAME")]
    anchor: Option<String>,

    /// Time after HUMAN during which a beep or a fax tone overrides the verdict, in seconds [default: 0]
    #[arg(long, value_name = "S")]
    listen_on: Option<String>,

    /// Time after --initial-timeout during which a fax tone still counts, in seconds, or None [default: 0]
    #[arg(long, value_name = "S")]
    fax_timeout: Option<String>,

    /// With --strategy adaptive: 0, people are never lost, to 100, machines are never missed [default: 50]
    #[arg(long, value_name = "N")]
    sensitivity: Option<String>,

    /// With --strategy adaptive: longest time from the first voice to the verdict, in milliseconds, or 0 [default: 0]
    #[arg(long, value_name = "MS")]
    max_ms: Option<String>,

    /// With --strategy adaptive: after HUMAN, speech that goes on as a machine's does gives MACHINE during --listen-on
    #[arg(long)]
    revise: bool,

    /// With --strategy adaptive: after MACHINE, continue until a person comes on the line
    #[arg(long)]
    after_machine: bool,

    /// What follows the end of a file
    #[arg(long, value_name = "WHAT", default_value = "silence")]
    after: After,
}

/// Value of `--after`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum After {
    /// Silence until the verdict
    Silence,
    /// The call hangs up
    Hangup,
}

impl DetectionArgs {
    /// The options of the detection. Fails if one is malformed, out of range, or of no use for a file.
    pub fn options(&self) -> Result<MachineOptions, String> {
        let text = self.machine_options.as_deref().unwrap_or_default();
        let base =
            parse_machine(text, MachineOptions::default()).map_err(|error| error.to_string())?;
        let options = parse_machine(&self.as_json(), base).map_err(|error| error.to_string())?;
        let defaults = MachineOptions::default();
        for (key, differs) in [
            ("status_url", options.status_url != defaults.status_url),
            (
                "status_secret",
                options.status_secret != defaults.status_secret,
            ),
            ("wait", options.wait != defaults.wait),
            ("provisional", options.provisional != defaults.provisional),
        ] {
            if differs {
                return Err(format!("{key}: valid for live calls only, not for files"));
            }
        }
        Ok(options)
    }

    /// What follows the end of a file.
    pub fn after(&self) -> analysis::After {
        match self.after {
            After::Silence => analysis::After::Silence,
            After::Hangup => analysis::After::Hangup,
        }
    }

    /// The arguments that were given, as the API's JSON. In JSON a comma inside a value cannot start another option.
    fn as_json(&self) -> String {
        let mut object = Map::new();
        for (key, enabled) in [
            ("detect_message_end", self.detect_message_end),
            ("detect_interruptions", self.detect_interruptions),
            ("revise", self.revise),
            ("after_machine", self.after_machine),
        ] {
            if enabled {
                object.insert(key.to_owned(), Value::Bool(true));
            }
        }
        for (key, value) in [
            ("detectors", &self.detectors),
            ("end_silence_timeout", &self.end_silence_timeout),
            ("initial_timeout", &self.initial_timeout),
            ("machine_ready_timeout", &self.machine_ready_timeout),
            ("ready_on", &self.ready_on),
            ("machine_voice_threshold", &self.machine_voice_threshold),
            ("machine_words_threshold", &self.machine_words_threshold),
            ("timeout", &self.timeout),
            ("tone", &self.tone),
            ("strategy", &self.strategy),
            ("anchor", &self.anchor),
            ("listen_on", &self.listen_on),
            ("fax_timeout", &self.fax_timeout),
            ("sensitivity", &self.sensitivity),
            ("max_ms", &self.max_ms),
        ] {
            let Some(value) = value else { continue };
            let value = match value.trim() {
                none if none.eq_ignore_ascii_case("none") => Value::Null,
                value => Value::String(value.to_owned()),
            };
            object.insert(key.to_owned(), value);
        }
        Value::Object(object).to_string()
    }
}
