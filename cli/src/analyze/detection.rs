//! Who answered: the properties of `detect_machine` as arguments, read by the parser of the API's own text.

use clap::ValueEnum;
use earwig_core::analysis;
use earwig_core::job::machine::MachineOptions;
use earwig_core::job::options::parse_machine;
use serde_json::{Map, Value};

/// The seed's properties, and those beyond it.
#[derive(clap::Args)]
#[command(next_help_heading = "Who answered")]
pub struct DetectionArgs {
    /// All of them as text: key=value,key=value or JSON, as for the API; the arguments below go over it
    #[arg(long, value_name = "TEXT")]
    machine_options: Option<String>,

    /// After MACHINE go on until the beep, or the end of the greeting
    #[arg(long)]
    detect_message_end: bool,

    /// With it: go on after READY, and say when the machine speaks again
    #[arg(long)]
    detect_interruptions: bool,

    /// amd, fax, or both [default: amd,fax]
    #[arg(long, value_name = "LIST")]
    detectors: Option<String>,

    /// Silence after voice that makes it a person's, seconds or None [default: 1.0]
    #[arg(long, value_name = "S")]
    end_silence_timeout: Option<String>,

    /// How long to wait for the first voice [default: 4.5]
    #[arg(long, value_name = "S")]
    initial_timeout: Option<String>,

    /// Silence after a machine's voice that makes it ready [default: that of --end-silence-timeout]
    #[arg(long, value_name = "S")]
    machine_ready_timeout: Option<String>,

    /// Ongoing voice that makes it a machine's [default: 1.25]
    #[arg(long, value_name = "S")]
    machine_voice_threshold: Option<String>,

    /// Words in one utterance that make it a machine's [default: 6]
    #[arg(long, value_name = "N")]
    machine_words_threshold: Option<String>,

    /// The most that a detection may take [default: 30.0]
    #[arg(long, value_name = "S")]
    timeout: Option<String>,

    /// Fax tones that count: CED, CNG, or both [default: CED]
    #[arg(long, value_name = "LIST")]
    tone: Option<String>,

    /// thresholds or adaptive [default: thresholds]
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,

    /// From when timeouts count: start, answer, first_media or first_voice [default: start]
    #[arg(long, value_name = "NAME")]
    anchor: Option<String>,

    /// How long after HUMAN a beep or a fax tone may still say otherwise [default: 0]
    #[arg(long, value_name = "S")]
    listen_on: Option<String>,

    /// What comes after a file's end: silence, until the verdict falls, or the end of the call
    #[arg(long, value_name = "WHAT", default_value = "silence")]
    after: After,
}

/// What comes after a file's end.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum After {
    /// Silence, until the verdict falls
    Silence,
    /// The call hangs up
    Hangup,
}

impl DetectionArgs {
    /// What they ask for.
    pub fn options(&self) -> Result<MachineOptions, String> {
        let text = self.machine_options.as_deref().unwrap_or_default();
        let base =
            parse_machine(text, MachineOptions::default()).map_err(|error| error.to_string())?;
        let options = parse_machine(&self.given(), base).map_err(|error| error.to_string())?;
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
                return Err(format!(
                    "{key}: it is for calls; a file is judged without it"
                ));
            }
        }
        Ok(options)
    }

    /// What follows a file.
    pub fn after(&self) -> analysis::After {
        match self.after {
            After::Silence => analysis::After::Silence,
            After::Hangup => analysis::After::Hangup,
        }
    }

    /// The arguments that were given, as the API's JSON: there no value can be taken for two.
    fn given(&self) -> String {
        let mut object = Map::new();
        for (key, asked) in [
            ("detect_message_end", self.detect_message_end),
            ("detect_interruptions", self.detect_interruptions),
        ] {
            if asked {
                object.insert(key.to_owned(), Value::Bool(true));
            }
        }
        for (key, value) in [
            ("detectors", &self.detectors),
            ("end_silence_timeout", &self.end_silence_timeout),
            ("initial_timeout", &self.initial_timeout),
            ("machine_ready_timeout", &self.machine_ready_timeout),
            ("machine_voice_threshold", &self.machine_voice_threshold),
            ("machine_words_threshold", &self.machine_words_threshold),
            ("timeout", &self.timeout),
            ("tone", &self.tone),
            ("strategy", &self.strategy),
            ("anchor", &self.anchor),
            ("listen_on", &self.listen_on),
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
