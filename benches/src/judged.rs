//! Verdicts on calls: with the thresholds, and with the classifier at each setting of its sensitivity.

use crate::calls::{Call, Test, Truth};
use crate::fact_log::{Detected, FactLog};
use earwig_core::detect::fact::Fact;
use earwig_core::job::machine::MachineOptions;
use earwig_core::job::options::parse_machine;
use earwig_core::time::{Samples, to_ms};
use earwig_core::types::{MachineEvent, MachineVerdict};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The default of `sensitivity`.
const DEFAULT: u8 = 50;

/// Options from their text.
fn options(text: &str) -> MachineOptions {
    parse_machine(text, MachineOptions::default()).expect("valid options")
}

/// The settings of `sensitivity` that the curve shows, with their options: 0, 10 ... 100. Without that option, the default alone.
pub fn settings() -> Vec<(u8, MachineOptions)> {
    let adaptive = options("strategy=adaptive");
    let at = |sensitivity: u8| {
        let text = format!("sensitivity={sensitivity}");
        Some((sensitivity, parse_machine(&text, adaptive.clone()).ok()?))
    };
    let settings: Vec<_> = (0..=100).step_by(10).filter_map(at).collect();
    match settings.is_empty() {
        true => vec![(DEFAULT, adaptive)],
        false => settings,
    }
}

/// A verdict of one method.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// Who answered.
    pub verdict: MachineVerdict,
    /// Milliseconds since the start of the call.
    pub at_ms: Option<f64>,
    /// 0 to 1.
    pub confidence: f64,
}

impl Verdict {
    fn of(detected: &Detected) -> Self {
        Self {
            verdict: detected.result.verdict,
            at_ms: detected.result.verdict_at.map(|at| to_ms(at) as f64),
            confidence: f64::from(detected.result.confidence),
        }
    }

    /// Whether the verdict is the truth. Nobody and music are UNKNOWN.
    pub fn is_right(&self, truth: Truth) -> bool {
        self.verdict
            == match truth {
                Truth::Human => MachineVerdict::Human,
                Truth::Machine => MachineVerdict::Machine,
                Truth::Noise | Truth::Music => MachineVerdict::Unknown,
            }
    }

    /// Whether there is no verdict.
    pub fn is_missing(&self) -> bool {
        self.verdict == MachineVerdict::Unknown
    }

    /// Whether the verdict is false. UNKNOWN is not.
    pub fn is_wrong(&self, truth: Truth) -> bool {
        !self.is_right(truth) && !self.is_missing()
    }
}

/// READY of a detection with `detect_message_end`.
#[derive(Clone, Copy, Debug)]
pub struct Ready {
    /// Milliseconds since the start of the call.
    pub at_ms: f64,
    /// A beep was detected.
    pub beep: bool,
}

/// A call's truth, and the verdicts on it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The call, without its audio.
    pub call: Call,
    /// Start of the first voice and end of the last, ms: those of the labels, or the detected ones.
    pub speech_ms: Option<(f64, f64)>,
    /// Verdict of `strategy=thresholds`.
    pub thresholds: Verdict,
    /// Verdicts at [`settings`], in their order.
    pub dial: Vec<Verdict>,
    /// With `detect_message_end`; `None` if there is no READY.
    pub ready: Option<Ready>,
}

impl Judged {
    /// The verdict of the classifier with its default options.
    pub fn adaptive(&self) -> &Verdict {
        &self.dial[self.dial.len() / 2]
    }

    /// Seconds from the first voice to the end of the last.
    pub fn speech_seconds(&self) -> Option<f64> {
        let (start, end) = self.speech_ms?;
        Some((end - start) / 1000.0)
    }

    /// Time of the classifier's verdict `verdict` if it is right, ms: for a person since the end of the speech, otherwise since the
    /// first voice.
    pub fn right_after_ms(&self, verdict: &Verdict) -> Option<f64> {
        let (start, end) = self.speech_ms?;
        let since = match self.call.truth {
            Truth::Human => end,
            _ => start,
        };
        verdict
            .is_right(self.call.truth)
            .then_some(verdict.at_ms? - since)
    }
}

/// Judges a call whose facts are in `log`.
pub fn judge(mut call: Call, log: &mut FactLog, settings: &[(u8, MachineOptions)]) -> Judged {
    let mut verdict = |options: &MachineOptions| Verdict::of(&log.detect(options.clone()));
    let thresholds = verdict(&MachineOptions::default());
    let dial = settings.iter().map(|(_, options)| verdict(options));
    let dial = dial.collect();
    let ready = (call.truth == Truth::Machine && call.test == Test::Original)
        .then(|| ready(&log.detect(options("detect_message_end=true"))))
        .flatten();
    let detected = || {
        let voice = voice(log.all_facts());
        Some((
            to_ms(voice.first()?.0) as f64,
            to_ms(voice.last()?.1) as f64,
        ))
    };
    let speech_ms = call.speech_ms.or_else(detected);
    call.pcm = Vec::new();
    Judged {
        call,
        speech_ms,
        thresholds,
        dial,
        ready,
    }
}

fn ready(detected: &Detected) -> Option<Ready> {
    let is_ready = |&&(event, _): &&(MachineEvent, Samples)| event == MachineEvent::Ready;
    let &(_, at) = detected.events.iter().find(is_ready)?;
    Some(Ready {
        at_ms: to_ms(at) as f64,
        beep: detected.result.beep.is_some(),
    })
}

/// The voice segments among facts: first sample, and first sample after the segment.
pub fn voice(facts: &[Fact]) -> Vec<(Samples, Samples)> {
    let (mut segments, mut since) = (Vec::new(), None);
    for fact in facts {
        match fact {
            Fact::VoiceBegins { at } => since = Some(*at),
            Fact::VoiceEnds { at } => segments.push((since.take().unwrap_or(*at), *at)),
            _ => {}
        }
    }
    segments
}

/// Applies `f` to all items on all processors; the results are in the order of the items.
pub fn parallel<T: Sync, R: Send>(items: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else {
                return done;
            };
            done.push((at, f(item)));
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let join = |thread: std::thread::ScopedJoinHandle<_>| thread.join().expect("no panic");
        threads.into_iter().flat_map(join).collect()
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}
