//! Cost with all detectors on: digits, voice, beeps, fax and network tones, and a machine detection without an end. Compared with
//! the detectors that a PBX would load instead: spandsp's for digits and fax tones, WebRTC's for voice.

use super::{FRAME, median};
use crate::competitors::frame_processor::{self, FrameProcessor};
use earwig_core::analysis::{After, Analysis};
use earwig_core::job::machine::MachineOptions;
use earwig_core::job::options::parse_machine;
use earwig_core::types::MachineCause;
use earwig_signals::{add_sine, to_pcm};
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;

const ROUNDS: usize = 15;

/// Options of a detection that only a beep or a fax tone ends.
const ENDLESS: &str = "end_silence_timeout=None,initial_timeout=None,machine_voice_threshold=None,\
     machine_words_threshold=1000,timeout=None,tone=CED,CNG";

/// Parses [`ENDLESS`].
pub fn endless() -> MachineOptions {
    parse_machine(ENDLESS, MachineOptions::default()).expect("valid options")
}

/// earwig's analysis of one stream, as in a call of the engine.
struct Earwig(Option<Analysis>);

impl Earwig {
    fn digits_only() -> Self {
        Self(Analysis::new(8000))
    }

    fn all_on() -> Self {
        let mut earwig = Self::digits_only();
        earwig.0.iter_mut().for_each(|a| a.detect(endless()));
        earwig
    }

    /// All detectors on. They stay on after a beep or a fax tone ends the detection.
    fn all_on_to_the_end() -> Self {
        let mut earwig = Self::all_on();
        earwig.0.iter_mut().for_each(Analysis::log_facts);
        earwig
    }

    /// Whether the detection lasts until the end of `pcm`.
    fn detects_to_the_end(pcm: &[i16]) -> bool {
        let mut earwig = Self::all_on();
        earwig.process(pcm);
        let result = earwig
            .0
            .take()
            .and_then(|a| a.finish(After::Hangup).machine);
        result.is_some_and(|result| result.cause == MachineCause::Hangup)
    }
}

impl FrameProcessor for Earwig {
    fn process(&mut self, pcm: &[i16]) {
        if let Some(analysis) = &mut self.0 {
            analysis.write(pcm);
        }
    }
}

impl Drop for Earwig {
    fn drop(&mut self) {
        black_box(self.0.take().map(|a| a.finish(After::Hangup)));
    }
}

/// A beep, CED, CNG, ringback and busy tones, with pauses.
fn tones() -> Vec<i16> {
    let mut pcm = Vec::new();
    for (hz, hz2, on_ms, off_ms) in [
        (1000.0, 0.0, 400, 600),
        (2100.0, 0.0, 3000, 1000),
        (1100.0, 0.0, 500, 3000),
        (440.0, 480.0, 2000, 4000),
        (480.0, 620.0, 500, 500),
        (425.0, 0.0, 500, 500),
    ] {
        let mut burst = vec![0.0; on_ms * 8];
        add_sine(&mut burst, hz, -13.0, 0.3);
        if hz2 > 0.0 {
            add_sine(&mut burst, hz2, -13.0, 0.7);
        }
        burst.resize((on_ms + off_ms) * 8, 0.0);
        pcm.extend(to_pcm(&burst));
    }
    pcm.repeat(5)
}

/// CPU time of this thread in seconds. Unlike wall time it does not grow while other processes run.
fn thread_cpu() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// Nanoseconds per sample.
fn time(pcm: &[i16], mut processor: Box<dyn FrameProcessor>) -> f64 {
    let began = thread_cpu();
    for frame in pcm.chunks_exact(FRAME) {
        processor.process(black_box(frame));
    }
    (thread_cpu() - began) * 1e9 / pcm.len() as f64
}

/// Prints a row. Each round runs every implementation once, so that disturbances affect all alike.
fn row(name: &str, pcm: &[i16]) {
    let mut implementations: Vec<frame_processor::Implementation> = vec![
        ("digits only", || Box::new(Earwig::digits_only())),
        if Earwig::detects_to_the_end(pcm) {
            ("all on", || Box::new(Earwig::all_on()))
        } else {
            ("all on", || Box::new(Earwig::all_on_to_the_end()))
        },
    ];
    implementations.extend(frame_processor::all());
    let mut times = vec![Vec::new(); implementations.len()];
    for _ in 0..ROUNDS {
        for (implementation, times) in implementations.iter().zip(&mut times) {
            times.push(time(pcm, implementation.1()));
        }
    }
    let times: Vec<f64> = times.into_iter().map(median).collect();
    let ours = times[1];
    print!("| {name} |");
    times.iter().for_each(|t| print!(" {t:.2} |"));
    if times.len() > 2 {
        let theirs: f64 = times[2..].iter().sum();
        print!(" **{:.1}** |", theirs / ours);
    }
    println!(" {:.0} |", 125_000.0 / ours);
}

/// Runs earwig alone, to count its instructions.
pub fn run_earwig(pcm: &[i16]) {
    time(pcm, Box::new(Earwig::all_on_to_the_end()));
}

/// Prints the table.
pub fn print(speech_name: &str, speech: &[i16], noise: &[i16], mixed: &[i16]) {
    println!(
        "\nAll detectors on (digits, voice, fax, beeps, network tones and a detection without an end), ns of CPU time per sample, one \
         thread, median of {ROUNDS} interleaved rounds; the ratio is the sum of the other libraries' times to earwig's time:\n"
    );
    print!("| audio | earwig: digits only | earwig: all on |");
    let others = frame_processor::all();
    others.iter().for_each(|(name, _)| print!(" {name} |"));
    if !others.is_empty() {
        print!(" ratio |");
    }
    println!(" channels per core |");
    println!(
        "|---|---|---|---|{}",
        "---|".repeat(others.len() + usize::from(!others.is_empty()))
    );
    row(speech_name, speech);
    row("line noise at -60 dBm0", noise);
    row("digital silence", &vec![0; 480_000]);
    row("tones with pauses", &tones());
    row("the mix", mixed);
}
