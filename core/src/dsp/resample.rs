//! Sample rate conversion of a stream by polyphase FIR low-passes, computed only for the output samples.
//!
//! Output sample `k` has the time `k / to_hz` seconds after the first input sample: the output is not delayed in the file, it
//! becomes available later, when the second half of the filter has its input. `n` input samples give `ceil(n * to_hz /
//! from_hz)` outputs.
//!
//! A conversion with a large ratio or many phases uses two filters in series, by way of 16 kHz: from 32 kHz and above to less
//! than 16 kHz, and from 8000 to 11025 Hz. One is sharp, between rates with a simple ratio; the other is short, because it has
//! a wide transition band.
#![forbid(unsafe_code)]

use super::LEVEL;
use fearless_simd::dispatch;
use once_cell::sync::Lazy;
use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::sync::{Arc, Mutex, PoisonError};
use wide::f32x4;

/// Attenuation of aliases, dB. The tests require 85 dB; the noise of 16-bit samples is at -98 dB.
const STOP_DB: f64 = 92.0;

/// Attenuation of the filter with the wide transition band, dB: enough not to add to the aliases of the other one.
const WIDE_DB: f64 = 104.0;

/// End of the passband, relative to half of the lower rate. The stopband starts as far above that half.
const PASS: f64 = 0.88;

/// Intermediate rate of two filters in series.
const INTERMEDIATE_HZ: u32 = 16_000;

/// Maximum rate in Hz: the highest PCM rate of audio files.
const MAX_RATE_HZ: u32 = 384_000;

/// Outputs of one phase that are computed together.
const BLOCK: usize = 64;

/// Taps of the filters with an unrolled dot product.
const SHORT_TAPS: usize = 16;

/// Maximum number of phases, and of input samples between two outputs of one phase, for the interleaved layout.
const MAX_PHASES: usize = 64;

/// The low-pass for a pair of rates: one set of taps for each phase of the output relative to the input.
#[derive(Debug)]
struct Filter {
    up: usize,
    down: usize,
    /// Taps of one phase.
    taps: usize,
    layout: TapLayout,
}

#[derive(Debug)]
enum TapLayout {
    /// The taps of each phase, one phase after the other. The input is one line.
    Rows(Vec<f32>),
    /// The input is distributed over `down` lines, so that consecutive outputs of a phase use consecutive samples of a line.
    /// For each phase, its taps on each line, without the zeros at their ends.
    Lines(Vec<Vec<LineTaps>>),
}

#[derive(Debug)]
struct LineTaps {
    line: usize,
    /// Position of the first tap in the line.
    offset: usize,
    taps: Vec<f32>,
}

impl Filter {
    /// Designs a low-pass with a passband up to `pass_hz` and at least `stop_db` of attenuation from `stop_hz` on.
    fn new(from_hz: u32, to_hz: u32, pass_hz: f64, stop_hz: f64, stop_db: f64) -> Self {
        let divisor = gcd(from_hz, to_hz);
        let (up, down) = ((to_hz / divisor) as usize, (from_hz / divisor) as usize);
        // Relative to the input rate.
        let half = (pass_hz + stop_hz) / 2.0 / f64::from(from_hz);
        let transition = (stop_hz - pass_hz) / f64::from(from_hz);
        // Kaiser window. Rounding up the number of taps increases the attenuation.
        let slope = 2.285 * 2.0 * PI * transition;
        let taps = (((stop_db - 8.0) / slope).ceil() as usize + 1).next_multiple_of(4);
        let beta = 0.1102 * ((taps - 1) as f64 * slope + 8.0 - 8.7);
        let middle = taps as f64 / 2.0;
        let peak = bessel(beta);
        let tap = |phase: usize, i: usize| {
            // Time of the input sample relative to the output sample.
            let x = i as f64 - (middle - 1.0) - (phase * down % up) as f64 / up as f64;
            let sinc = if x.abs() < 1e-12 {
                2.0 * half
            } else {
                (2.0 * PI * half * x).sin() / (PI * x)
            };
            let edge = 1.0 - (x / middle).powi(2);
            if edge <= 0.0 {
                0.0
            } else {
                sinc * bessel(beta * edge.sqrt()) / peak
            }
        };
        let rows = (0..up).map(|phase| {
            let raw: Vec<f64> = (0..taps).map(|i| tap(phase, i)).collect();
            let sum: f64 = raw.iter().sum();
            (
                phase * down / up,
                raw.iter().map(|t| (t / sum) as f32).collect::<Vec<_>>(),
            )
        });
        let layout = if up.max(down) > MAX_PHASES {
            TapLayout::Rows(rows.flat_map(|(_, taps)| taps).collect())
        } else {
            TapLayout::Lines(
                rows.map(|(first, taps)| line_taps(first, &taps, down))
                    .collect(),
            )
        };
        Self {
            up,
            down,
            taps,
            layout,
        }
    }

    /// Zeros before the first input sample.
    fn leading_zeros(&self) -> usize {
        self.taps / 2 - 1
    }
}

/// Distributes the taps of a phase over the lines.
fn line_taps(first: usize, taps: &[f32], down: usize) -> Vec<LineTaps> {
    let part = |line: usize| {
        let skipped = (line + down - first % down) % down;
        let own: Vec<f32> = taps.iter().skip(skipped).step_by(down).copied().collect();
        let is_nonzero = |t: &f32| t.abs() > 1e-9;
        let first_tap = own.iter().position(is_nonzero)?;
        let ends = own.iter().rposition(is_nonzero)? + 1;
        Some(LineTaps {
            line,
            offset: (first + skipped) / down + first_tap,
            taps: own[first_tap..ends].to_vec(),
        })
    };
    (0..down).filter_map(part).collect()
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Modified Bessel function of order 0, for the Kaiser window.
fn bessel(x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..100 {
        term *= (x / 2.0 / f64::from(k)).powi(2);
        if sum + term == sum {
            break;
        }
        sum += term;
    }
    sum
}

/// The filters in series that convert from one rate to the other.
fn filters(from_hz: u32, to_hz: u32) -> Vec<Arc<Filter>> {
    let nyquist = f64::from(from_hz.min(to_hz)) / 2.0;
    let (pass, stop) = (nyquist * PASS, nyquist * (2.0 - PASS));
    // Frequencies above `stop` may alias among themselves: the other filter removes them.
    let wide = f64::from(INTERMEDIATE_HZ) - stop;
    let phases = to_hz / gcd(from_hz, to_hz);
    let all = if from_hz >= 2 * INTERMEDIATE_HZ && to_hz < INTERMEDIATE_HZ {
        vec![
            Filter::new(from_hz, INTERMEDIATE_HZ, stop, wide, WIDE_DB),
            Filter::new(INTERMEDIATE_HZ, to_hz, pass, stop, STOP_DB),
        ]
    } else if from_hz == INTERMEDIATE_HZ / 2 && phases as usize > MAX_PHASES && wide > stop {
        vec![
            Filter::new(from_hz, INTERMEDIATE_HZ, pass, stop, STOP_DB),
            Filter::new(INTERMEDIATE_HZ, to_hz, pass, wide, WIDE_DB),
        ]
    } else {
        vec![Filter::new(from_hz, to_hz, pass, stop, STOP_DB)]
    };
    all.into_iter().map(Arc::new).collect()
}

type Pairs = BTreeMap<(u32, u32), Vec<Arc<Filter>>>;

/// Filters by pair of rates, designed once per process.
static FILTERS: Lazy<Mutex<Pairs>> = Lazy::new(Mutex::default);

/// One filter of a stream.
#[derive(Clone, Debug)]
struct Stage {
    filter: Arc<Filter>,
    /// Input that later outputs need: one line or `down` lines.
    lines: Vec<Vec<f32>>,
    /// Index of the line of the next input sample.
    next: usize,
    /// Input samples so far.
    input_count: u64,
    /// Complete rounds of `up` outputs so far. `phase`: outputs of the next round, with rows only.
    rounds: u64,
    phase: usize,
}

impl Stage {
    fn new(filter: Arc<Filter>) -> Self {
        let (count, leading_zeros) = match filter.layout {
            TapLayout::Rows(_) => (1, filter.leading_zeros()),
            TapLayout::Lines(_) => (filter.down, filter.leading_zeros()),
        };
        let mut lines = vec![Vec::new(); count];
        for at in 0..leading_zeros {
            lines[at % count].push(0.0);
        }
        Self {
            filter,
            lines,
            next: leading_zeros % count,
            input_count: 0,
            rounds: 0,
            phase: 0,
        }
    }

    fn push(&mut self, input: &[f32]) {
        match self.lines.len() {
            1 => self.lines[0].extend_from_slice(input),
            2 => self.distribute::<2>(input),
            3 => self.distribute::<3>(input),
            4 => self.distribute::<4>(input),
            _ => self.push_each(input),
        }
    }

    fn distribute<const N: usize>(&mut self, input: &[f32]) {
        let (first, rest) = input.split_at(((N - self.next) % N).min(input.len()));
        self.push_each(first);
        let (whole, last) = rest.as_chunks::<N>();
        for (k, line) in self.lines.iter_mut().enumerate() {
            line.extend(whole.iter().map(|chunk| chunk[k]));
        }
        self.push_each(last);
    }

    fn push_each(&mut self, input: &[f32]) {
        for &sample in input {
            self.lines[self.next].push(sample);
            self.next = (self.next + 1) % self.lines.len();
        }
    }

    fn process(&mut self, input: &[f32], out: &mut Vec<f32>) {
        self.input_count += input.len() as u64;
        self.push(input);
        self.run(out);
    }

    /// Appends the remaining outputs.
    fn finish(&mut self, out: &mut Vec<f32>) {
        let (up, down) = (self.filter.up as u64, self.filter.down as u64);
        let due = (self.input_count * up).div_ceil(down);
        let output_count = self.rounds * up + self.phase as u64;
        let end = out.len() + (due - output_count.min(due)) as usize;
        self.push(&vec![0.0; self.filter.taps + 2 * self.filter.down]);
        self.run(out);
        out.truncate(end);
    }

    fn run(&mut self, out: &mut Vec<f32>) {
        let filter = self.filter.clone();
        dispatch!(*LEVEL, _ => self.run_with(&filter, out));
    }

    #[inline(always)]
    fn run_with(&mut self, filter: &Filter, out: &mut Vec<f32>) {
        match &filter.layout {
            TapLayout::Rows(rows) if filter.taps == SHORT_TAPS => {
                self.run_rows(filter, rows, out, dot_short)
            }
            TapLayout::Rows(rows) => self.run_rows(filter, rows, out, dot),
            TapLayout::Lines(phases) => self.run_lines(phases, out),
        }
    }

    /// `dot`: dot product of samples and taps.
    #[inline(always)]
    fn run_rows(
        &mut self,
        filter: &Filter,
        rows: &[f32],
        out: &mut Vec<f32>,
        dot: impl Fn(&[f32], &[f32]) -> f32,
    ) {
        let (up, down, taps) = (filter.up, filter.down, filter.taps);
        let line = &mut self.lines[0];
        // Outputs of this and later rounds whose input is complete.
        let ready = ((line.len() + 1).saturating_sub(taps) * up).div_ceil(down);
        let count = ready.saturating_sub(self.phase);
        let mut position = self.phase * down;
        let (mut at, mut fraction) = (position / up, position % up);
        let (mut phase, step, remainder) = (self.phase, down / up, down % up);
        let start = out.len();
        out.resize(start + count, 0.0);
        for slot in &mut out[start..] {
            *slot = dot(
                &line[at..at + taps],
                &rows[phase * taps..(phase + 1) * taps],
            );
            phase = if phase + 1 == up { 0 } else { phase + 1 };
            at += step;
            fraction += remainder;
            if fraction >= up {
                fraction -= up;
                at += 1;
            }
        }
        position = self.phase + count;
        self.rounds += (position / up) as u64;
        line.drain(..position / up * down);
        self.phase = position % up;
    }

    #[inline(always)]
    fn run_lines(&mut self, phases: &[Vec<LineTaps>], out: &mut Vec<f32>) {
        let lines = &self.lines;
        let ready = |part: &LineTaps| {
            (lines[part.line].len() + 1).saturating_sub(part.offset + part.taps.len())
        };
        let count = phases.iter().flatten().map(ready).min().unwrap_or(0);
        if count == 0 {
            return;
        }
        let up = phases.len();
        let start = out.len();
        out.resize(start + count * up, 0.0);
        let outputs = &mut out[start..];
        for (phase, phase_taps) in phases.iter().enumerate() {
            let mut at = 0;
            while at < count {
                let rest = &mut outputs[at * up..];
                at += match count - at {
                    BLOCK.. => compute_block::<BLOCK>(lines, phase_taps, at, phase, up, rest),
                    32.. => compute_block::<32>(lines, phase_taps, at, phase, up, rest),
                    16.. => compute_block::<16>(lines, phase_taps, at, phase, up, rest),
                    8.. => compute_block::<8>(lines, phase_taps, at, phase, up, rest),
                    4.. => compute_block::<4>(lines, phase_taps, at, phase, up, rest),
                    _ => compute_block::<1>(lines, phase_taps, at, phase, up, rest),
                };
            }
        }
        for line in &mut self.lines {
            line.drain(..count);
        }
        self.rounds += count as u64;
    }
}

/// Computes `N` outputs of one phase. Returns `N`.
#[inline(always)]
fn compute_block<const N: usize>(
    lines: &[Vec<f32>],
    phase_taps: &[LineTaps],
    at: usize,
    phase: usize,
    up: usize,
    out: &mut [f32],
) -> usize {
    let mut sums = [0.0; N];
    for part in phase_taps {
        let start = at + part.offset;
        let line = &lines[part.line][start..start + part.taps.len() + N - 1];
        for (x, &tap) in line.windows(N).zip(&part.taps) {
            for (sum, x) in sums.iter_mut().zip(x) {
                *sum += x * tap;
            }
        }
    }
    for (slot, sum) in out[phase..].iter_mut().step_by(up).zip(sums) {
        *slot = sum;
    }
    N
}

/// Dot product of `SHORT_TAPS` samples.
#[inline(always)]
fn dot_short(x: &[f32], taps: &[f32]) -> f32 {
    let (x, taps) = (x.as_chunks().0, taps.as_chunks().0);
    let product = |i: usize| f32x4::new(x[i]) * f32x4::new(taps[i]);
    ((product(0) + product(1)) + (product(2) + product(3))).reduce_add()
}

/// Dot product of any length.
#[inline(always)]
fn dot(x: &[f32], taps: &[f32]) -> f32 {
    let mut sums = [0.0; 16];
    for (x, taps) in x.chunks(16).zip(taps.chunks(16)) {
        for ((sum, x), tap) in sums.iter_mut().zip(x).zip(taps) {
            *sum += x * tap;
        }
    }
    sums.iter().sum()
}

/// The sample rate converter of one stream.
#[derive(Clone, Debug)]
pub struct Resampler {
    from_hz: u32,
    to_hz: u32,
    input_count: u64,
    output_count: u64,
    stages: Vec<Stage>,
    /// Input and output of a stage, swapped after each.
    buffers: [Vec<f32>; 2],
}

impl Resampler {
    /// A converter from `from_hz` to `to_hz`. Returns `None` unless both are 1 to 384,000.
    pub fn new(from_hz: u32, to_hz: u32) -> Option<Self> {
        let range = 1..=MAX_RATE_HZ;
        if !range.contains(&from_hz) || !range.contains(&to_hz) {
            return None;
        }
        let filters = if from_hz == to_hz {
            Vec::new()
        } else {
            let mut all = FILTERS.lock().unwrap_or_else(PoisonError::into_inner);
            all.entry((from_hz, to_hz))
                .or_insert_with(|| filters(from_hz, to_hz))
                .clone()
        };
        Some(Self {
            from_hz,
            to_hz,
            input_count: 0,
            output_count: 0,
            stages: filters.into_iter().map(Stage::new).collect(),
            buffers: Default::default(),
        })
    }

    /// Processes `input` and appends the output samples that it completes.
    pub fn process(&mut self, input: &[i16], out: &mut Vec<i16>) {
        if self.stages.is_empty() {
            out.extend_from_slice(input);
            return;
        }
        self.input_count += input.len() as u64;
        let [current, next] = &mut self.buffers;
        current.clear();
        current.extend(input.iter().map(|&s| f32::from(s)));
        for stage in &mut self.stages {
            next.clear();
            stage.process(current, next);
            std::mem::swap(current, next);
        }
        self.output_count += current.len() as u64;
        out.extend(current.iter().map(|&s| rounded(s)));
    }

    /// Ends the stream and appends the remaining output samples.
    pub fn finish(&mut self, out: &mut Vec<i16>) {
        let [current, next] = &mut self.buffers;
        current.clear();
        for stage in &mut self.stages {
            next.clear();
            stage.process(current, next);
            stage.finish(next);
            std::mem::swap(current, next);
        }
        let due = (self.input_count * u64::from(self.to_hz)).div_ceil(u64::from(self.from_hz));
        current.truncate(due.saturating_sub(self.output_count) as usize);
        self.output_count += current.len() as u64;
        out.extend(current.iter().map(|&s| rounded(s)));
    }
}

/// Rounds to the nearest integer without a function call: adding 1.5 * 2^23 leaves no bits for a fraction.
fn rounded(sample: f32) -> i16 {
    const HIGH: f32 = 12_582_912.0;
    let sum = sample.clamp(-32768.0, 32767.0) + HIGH;
    sum.to_bits().wrapping_sub(HIGH.to_bits()) as i16
}
