//! Everything on: digits, voice, beeps, fax and network tones, and a detection that never ends; beside what a PBX would load for
//! it, spandsp's detectors of digits and of fax tones and WebRTC's of voice.

use super::{FRAME, median};
use crate::competitors::tones::{self, Listens};
use earwig_core::analysis::{After, Analysis};
use earwig_core::job::machine::MachineOptions;
use earwig_core::job::options::parse_machine;
use earwig_core::types::MachineCause;
use earwig_signals::{add_sine, to_pcm};
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;

const ROUNDS: usize = 15;

/// What no audio ends but a beep or a fax tone.
const ENDLESS: &str = "end_silence_timeout=None,initial_timeout=None,machine_voice_threshold=None,\
     machine_words_threshold=1000,timeout=None,tone=CED,CNG";

/// Options of a detection that goes on as long as the call.
pub fn endless() -> MachineOptions {
    parse_machine(ENDLESS, MachineOptions::default()).expect("they are right")
}

/// Ours: one analysis, as a leg of the engine has it.
struct Ours(Option<Analysis>);

impl Ours {
    fn digits() -> Self {
        Self(Analysis::new(8000))
    }

    fn everything() -> Self {
        let mut ours = Self::digits();
        ours.0.iter_mut().for_each(|a| a.detect(endless()));
        ours
    }

    /// Likewise, and listens on after a beep or a fax tone has ended the detection.
    fn without_end() -> Self {
        let mut ours = Self::everything();
        ours.0.iter_mut().for_each(Analysis::log_facts);
        ours
    }

    /// Whether a detection runs to the end of this.
    fn lasts(pcm: &[i16]) -> bool {
        let mut ours = Self::everything();
        ours.frame(pcm);
        let outcome = ours.0.take().and_then(|a| a.finish(After::Hangup).machine);
        outcome.is_some_and(|outcome| outcome.cause == MachineCause::Hangup)
    }
}

impl Listens for Ours {
    fn frame(&mut self, pcm: &[i16]) {
        if let Some(analysis) = &mut self.0 {
            analysis.write(pcm);
        }
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        black_box(self.0.take().map(|a| a.finish(After::Hangup)));
    }
}

/// Beeps, CED, CNG, ringback and busy, with pauses.
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

/// What this thread has used: others who want the processor meanwhile do not count.
fn used() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

fn time(pcm: &[i16], mut listens: Box<dyn Listens>) -> f64 {
    let began = used();
    for frame in pcm.chunks_exact(FRAME) {
        listens.frame(black_box(frame));
    }
    (used() - began) * 1e9 / pcm.len() as f64
}

/// A row: everybody by turns.
fn row(name: &str, pcm: &[i16]) {
    let mut makers: Vec<tones::Maker> = vec![
        ("digits", || Box::new(Ours::digits())),
        if Ours::lasts(pcm) {
            ("everything", || Box::new(Ours::everything()))
        } else {
            ("everything", || Box::new(Ours::without_end()))
        },
    ];
    makers.extend(tones::all());
    let mut times = vec![Vec::new(); makers.len()];
    for _ in 0..ROUNDS {
        for (maker, times) in makers.iter().zip(&mut times) {
            times.push(time(pcm, maker.1()));
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

/// Our own work alone, for instruction counts.
pub fn work(pcm: &[i16]) {
    time(pcm, Box::new(Ours::without_end()));
}

/// The table.
pub fn print(speech_name: &str, speech: &[i16], noise: &[i16], mixed: &[i16]) {
    println!(
        "\nEverything on (digits, voice, fax, beeps, network tones and a detection that never ends), ns a sample of one thread's time, median of \
         {ROUNDS} rounds by turns; the ratio is of all the peers' together to ours:\n"
    );
    print!("| audio | earwig: digits alone | earwig: everything |");
    let peers = tones::all();
    peers.iter().for_each(|(name, _)| print!(" {name} |"));
    if !peers.is_empty() {
        print!(" ratio |");
    }
    println!(" channels a core |");
    println!(
        "|---|---|---|---|{}",
        "---|".repeat(peers.len() + usize::from(!peers.is_empty()))
    );
    row(speech_name, speech);
    row("line noise at -60 dBm0", noise);
    row("digital silence", &vec![0; 480_000]);
    row("tones with pauses", &tones());
    row("the mix", mixed);
}
