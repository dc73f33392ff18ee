//! `earwig-figures classifier|voice`: computes the features of the adaptive classifier, or the inputs of the voice network, for calls.
//!
//! Standard input: calls, each a u32 count and that many i16 samples at 8 kHz. Standard output: for each call a u32 count of
//! rows, then rows of f32; all little-endian. A row of `classifier`, every 20 ms after the first voice: media time, the time
//! before which all facts were reported, both in ms, the log-odds of a machine and of a voice, then the features. A row of `voice`, every 10 ms: the network's inputs.
#![forbid(unsafe_code)]

use earwig_core::detect::fact::Fact;
use earwig_core::detect::pipeline::Pipeline;
use earwig_core::detect::voice;
use earwig_core::job::machine::classifier::Classifier;
use std::io::{self, BufWriter, Read, Write};

/// Samples in 10 ms.
const HOP: usize = 80;
/// Hops between two rows of the classifier.
const HOPS_PER_ROW: usize = 2;

/// The number of rows of `classifier`, and their values.
fn classifier(pcm: &[i16]) -> (usize, Vec<f32>) {
    let (mut pipeline, mut classifier, mut facts) = (
        Pipeline::default(),
        Classifier::default(),
        Vec::<Fact>::new(),
    );
    let (mut count, mut rows) = (0, Vec::new());
    for (hop, samples) in pcm.chunks(HOP).enumerate() {
        pipeline.process(samples, &mut facts);
        facts.drain(..).for_each(|fact| classifier.process(&fact));
        if classifier.has_voice() && hop % HOPS_PER_ROW == 0 {
            let complete = pipeline.complete_until();
            rows.extend([10.0 * (hop + 1) as f32, complete as f32 / 8.0]);
            rows.extend(classifier.log_odds(complete));
            rows.extend(classifier.features(complete));
            count += 1;
        }
    }
    (count, rows)
}

/// The number of rows of `voice`, and their values.
fn voice(pcm: &[i16]) -> (usize, Vec<f32>) {
    let inputs = voice::inputs(pcm);
    (inputs.len(), inputs.into_iter().flatten().collect())
}

fn main() -> io::Result<()> {
    let rows_of = match std::env::args().nth(1).as_deref() {
        Some("classifier") => classifier,
        Some("voice") => voice,
        _ => {
            eprintln!("usage: earwig-figures classifier|voice < CALLS > ROWS");
            std::process::exit(2);
        }
    };
    let (mut input, mut output) = (io::stdin().lock(), BufWriter::new(io::stdout().lock()));
    let mut length = [0; 4];
    while input.read_exact(&mut length).is_ok() {
        let mut bytes = vec![0; 2 * u32::from_le_bytes(length) as usize];
        input.read_exact(&mut bytes)?;
        let pcm: Vec<i16> = bytes
            .chunks_exact(2)
            .map(|b| i16::from_le_bytes([b[0], b[1]]))
            .collect();
        let (count, rows) = rows_of(&pcm);
        output.write_all(&(count as u32).to_le_bytes())?;
        for value in rows {
            output.write_all(&value.to_le_bytes())?;
        }
    }
    output.flush()
}
