//! `earwig-figures judge|voice`: what the adaptive judge, or the voice network, hears of calls.
//!
//! Calls come on the standard input, each a u32 count and so many i16 samples at 8 kHz; what is heard of each goes to the standard
//! output, a u32 count of rows and then rows of f32, all little-endian. A row of `judge`, every 20 ms once there was a voice: the
//! media time, the time up to which all is told, the judge's own opinion, what it decided (-1 nothing, 0 a human, 1 a machine), then
//! the figures. A row of `voice`, every 10 ms: the network's inputs.
#![forbid(unsafe_code)]

use earwig::detect::ears::Ears;
use earwig::detect::heard::Heard;
use earwig::detect::voice;
use earwig::job::machine::adaptive::{Answerer, Judge};
use std::io::{self, BufWriter, Read, Write};

/// Samples of 10 ms, and how often the judge is asked, in them.
const HOP: usize = 80;
const EVERY: usize = 2;

fn judge(pcm: &[i16]) -> (usize, Vec<f32>) {
    let (mut ears, mut judge, mut heard) = (Ears::default(), Judge::default(), Vec::<Heard>::new());
    let (mut count, mut rows) = (0, Vec::new());
    for (hop, samples) in pcm.chunks(HOP).enumerate() {
        ears.process(samples, &mut heard);
        heard.drain(..).for_each(|heard| judge.hear(&heard));
        if judge.has_voice() && hop % EVERY == 0 {
            let told = ears.told_until();
            let verdict = judge.verdict(told);
            let decided = match verdict.decided {
                None => -1.0,
                Some(Answerer::Human) => 0.0,
                Some(Answerer::Machine) => 1.0,
            };
            rows.extend([
                10.0 * (hop + 1) as f32,
                told as f32 / 8.0,
                verdict.machine,
                decided,
            ]);
            rows.extend(judge.course().figures(told));
            count += 1;
        }
    }
    (count, rows)
}

fn voice(pcm: &[i16]) -> (usize, Vec<f32>) {
    let inputs = voice::inputs(pcm);
    (inputs.len(), inputs.into_iter().flatten().collect())
}

fn main() -> io::Result<()> {
    let look = match std::env::args().nth(1).as_deref() {
        Some("judge") => judge,
        Some("voice") => voice,
        _ => {
            eprintln!("usage: earwig-figures judge|voice < CALLS > ROWS");
            std::process::exit(2);
        }
    };
    let (mut input, mut output) = (io::stdin().lock(), BufWriter::new(io::stdout().lock()));
    let mut count = [0; 4];
    while input.read_exact(&mut count).is_ok() {
        let mut bytes = vec![0; 2 * u32::from_le_bytes(count) as usize];
        input.read_exact(&mut bytes)?;
        let pcm: Vec<i16> = bytes
            .chunks_exact(2)
            .map(|b| i16::from_le_bytes([b[0], b[1]]))
            .collect();
        let (count, rows) = look(&pcm);
        output.write_all(&(count as u32).to_le_bytes())?;
        for value in rows {
            output.write_all(&value.to_le_bytes())?;
        }
    }
    output.flush()
}
