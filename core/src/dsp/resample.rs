//! From one rate to another, as a stream: polyphase low-passes, computed for the samples that are kept alone.
//!
//! Output sample `k` stands for the moment `k / to` seconds after the first input sample: nothing is delayed in the file, the
//! filter's second half is waited for instead. `n` samples in give `ceil(n * to / from)` out.
//!
//! A sharp filter is cheap where the rates are a few steps apart, and a short one is enough where there is much room above
//! the band that is kept; so from 32 kHz and more down, and from 8000 to 11025 Hz, it goes by way of 16 kHz.
#![forbid(unsafe_code)]

use super::LEVEL;
use fearless_simd::dispatch;
use once_cell::sync::Lazy;
use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::sync::{Arc, Mutex, PoisonError};
use wide::f32x4;

/// How far what would fold is put down; 85 dB are promised, and 16-bit samples have their own noise at 98.
const STOP_DB: f64 = 92.0;

/// A second filter with much room costs little, and is not to be heard beside the first.
const WIDE_DB: f64 = 104.0;

/// The band that is kept, as a part of the lower rate's half; what folds ends as far above that half.
const PASS: f64 = 0.88;

/// The rate by way of which there are two filters.
const BETWEEN_HZ: u32 = 16_000;

/// The highest rate in Hz: that of the highest PCM rate which audio files have.
const MAX_RATE_HZ: u32 = 384_000;

/// Outputs of one phase that are computed side by side.
const BLOCK: usize = 64;

/// Taps of a short filter.
const SHORT: usize = 16;

/// The most phases and the most input samples between two outputs of one phase for that: beyond, they are too far apart.
const MOST_PHASES: usize = 64;

/// Low-passes of one pair of rates, for each phase of the output to the input.
#[derive(Debug)]
struct Filter {
    up: usize,
    down: usize,
    /// Of one phase.
    taps: usize,
    shape: Shape,
}

#[derive(Debug)]
enum Shape {
    /// Each phase's taps.
    Rows(Vec<f32>),
    /// The input dealt out to `down` lines, so that neighbours in a line are used by neighbours of a phase: for each phase its
    /// parts, without zeros at their ends.
    Lines(Vec<Vec<Part>>),
}

#[derive(Debug)]
struct Part {
    line: usize,
    offset: usize,
    taps: Vec<f32>,
}

impl Filter {
    /// Keeps what is below `pass_hz`, puts what is above `stop_hz` down by `stop_db` or more.
    fn new(from_hz: u32, to_hz: u32, pass_hz: f64, stop_hz: f64, stop_db: f64) -> Self {
        let divisor = gcd(from_hz, to_hz);
        let (up, down) = ((to_hz / divisor) as usize, (from_hz / divisor) as usize);
        // All in units of the input rate.
        let half = (pass_hz + stop_hz) / 2.0 / f64::from(from_hz);
        let transition = (stop_hz - pass_hz) / f64::from(from_hz);
        // Kaiser's window; what is rounded up goes into a deeper stop.
        let slope = 2.285 * 2.0 * PI * transition;
        let taps = (((stop_db - 8.0) / slope).ceil() as usize + 1).next_multiple_of(4);
        let beta = 0.1102 * ((taps - 1) as f64 * slope + 8.0 - 8.7);
        let middle = taps as f64 / 2.0;
        let peak = bessel(beta);
        let tap = |phase: usize, i: usize| {
            // From the output's moment to the input sample.
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
        let shape = if up.max(down) > MOST_PHASES {
            Shape::Rows(rows.flat_map(|(_, taps)| taps).collect())
        } else {
            Shape::Lines(
                rows.map(|(first, taps)| parts(first, &taps, down))
                    .collect(),
            )
        };
        Self {
            up,
            down,
            taps,
            shape,
        }
    }

    /// Zeros before the first input sample.
    fn before(&self) -> usize {
        self.taps / 2 - 1
    }
}

/// A phase's taps dealt out to lines.
fn parts(first: usize, taps: &[f32], down: usize) -> Vec<Part> {
    let part = |line: usize| {
        let skipped = (line + down - first % down) % down;
        let mine: Vec<f32> = taps.iter().skip(skipped).step_by(down).copied().collect();
        let counts = |t: &f32| t.abs() > 1e-9;
        let begins = mine.iter().position(counts)?;
        let ends = mine.iter().rposition(counts)? + 1;
        Some(Part {
            line,
            offset: (first + skipped) / down + begins,
            taps: mine[begins..ends].to_vec(),
        })
    };
    (0..down).filter_map(part).collect()
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The modified Bessel function of order 0, of Kaiser's window.
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

/// One after another, those that lead from one rate to another.
fn filters(from_hz: u32, to_hz: u32) -> Vec<Arc<Filter>> {
    let nyquist = f64::from(from_hz.min(to_hz)) / 2.0;
    let (pass, stop) = (nyquist * PASS, nyquist * (2.0 - PASS));
    // What is above `stop` need not be told from what folds onto it.
    let wide = f64::from(BETWEEN_HZ) - stop;
    let phases = to_hz / gcd(from_hz, to_hz);
    let all = if from_hz >= 2 * BETWEEN_HZ && to_hz < BETWEEN_HZ {
        vec![
            Filter::new(from_hz, BETWEEN_HZ, stop, wide, WIDE_DB),
            Filter::new(BETWEEN_HZ, to_hz, pass, stop, STOP_DB),
        ]
    } else if from_hz == BETWEEN_HZ / 2 && phases as usize > MOST_PHASES && wide > stop {
        vec![
            Filter::new(from_hz, BETWEEN_HZ, pass, stop, STOP_DB),
            Filter::new(BETWEEN_HZ, to_hz, pass, wide, WIDE_DB),
        ]
    } else {
        vec![Filter::new(from_hz, to_hz, pass, stop, STOP_DB)]
    };
    all.into_iter().map(Arc::new).collect()
}

type Pairs = BTreeMap<(u32, u32), Vec<Arc<Filter>>>;

/// Filters are made once for each pair of rates.
static FILTERS: Lazy<Mutex<Pairs>> = Lazy::new(Mutex::default);

/// A stream through one filter.
#[derive(Clone, Debug)]
struct Stage {
    filter: Arc<Filter>,
    /// The input that outputs to come need: one line, or `down`.
    lines: Vec<Vec<f32>>,
    /// The line that the next input sample goes to.
    next: usize,
    taken: u64,
    /// Whole rounds of `up` outputs that have been made; with rows, outputs of the next round too.
    rounds: u64,
    phase: usize,
}

impl Stage {
    fn new(filter: Arc<Filter>) -> Self {
        let (count, before) = match filter.shape {
            Shape::Rows(_) => (1, filter.before()),
            Shape::Lines(_) => (filter.down, filter.before()),
        };
        let mut lines = vec![Vec::new(); count];
        for at in 0..before {
            lines[at % count].push(0.0);
        }
        Self {
            filter,
            lines,
            next: before % count,
            taken: 0,
            rounds: 0,
            phase: 0,
        }
    }

    fn take(&mut self, input: &[f32]) {
        match self.lines.len() {
            1 => self.lines[0].extend_from_slice(input),
            2 => self.deal::<2>(input),
            3 => self.deal::<3>(input),
            4 => self.deal::<4>(input),
            _ => self.deal_singly(input),
        }
    }

    fn deal<const N: usize>(&mut self, input: &[f32]) {
        let (first, rest) = input.split_at(((N - self.next) % N).min(input.len()));
        self.deal_singly(first);
        let (whole, last) = rest.as_chunks::<N>();
        for (k, line) in self.lines.iter_mut().enumerate() {
            line.extend(whole.iter().map(|chunk| chunk[k]));
        }
        self.deal_singly(last);
    }

    fn deal_singly(&mut self, input: &[f32]) {
        for &sample in input {
            self.lines[self.next].push(sample);
            self.next = (self.next + 1) % self.lines.len();
        }
    }

    fn process(&mut self, input: &[f32], out: &mut Vec<f32>) {
        self.taken += input.len() as u64;
        self.take(input);
        self.run(out);
    }

    /// What is left, behind what has been made of it so far.
    fn finish(&mut self, out: &mut Vec<f32>) {
        let (up, down) = (self.filter.up as u64, self.filter.down as u64);
        let due = (self.taken * up).div_ceil(down);
        let made = self.rounds * up + self.phase as u64;
        let end = out.len() + (due - made.min(due)) as usize;
        self.take(&vec![0.0; self.filter.taps + 2 * self.filter.down]);
        self.run(out);
        out.truncate(end);
    }

    fn run(&mut self, out: &mut Vec<f32>) {
        let filter = self.filter.clone();
        dispatch!(*LEVEL, _ => self.run_with(&filter, out));
    }

    #[inline(always)]
    fn run_with(&mut self, filter: &Filter, out: &mut Vec<f32>) {
        match &filter.shape {
            Shape::Rows(rows) if filter.taps == SHORT => self.run_rows(filter, rows, out, short),
            Shape::Rows(rows) => self.run_rows(filter, rows, out, long),
            Shape::Lines(phases) => self.run_lines(phases, out),
        }
    }

    /// `dot`: the sum of a row's products with what it stands over.
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
        // Of this round on, those whose taps all stand over the line.
        let ready = ((line.len() + 1).saturating_sub(taps) * up).div_ceil(down);
        let count = ready.saturating_sub(self.phase);
        let mut place = self.phase * down;
        let (mut at, mut part) = (place / up, place % up);
        let (mut phase, step, more) = (self.phase, down / up, down % up);
        let begins = out.len();
        out.resize(begins + count, 0.0);
        for slot in &mut out[begins..] {
            *slot = dot(
                &line[at..at + taps],
                &rows[phase * taps..(phase + 1) * taps],
            );
            phase = if phase + 1 == up { 0 } else { phase + 1 };
            at += step;
            part += more;
            if part >= up {
                part -= up;
                at += 1;
            }
        }
        place = self.phase + count;
        self.rounds += (place / up) as u64;
        line.drain(..place / up * down);
        self.phase = place % up;
    }

    #[inline(always)]
    fn run_lines(&mut self, phases: &[Vec<Part>], out: &mut Vec<f32>) {
        let lines = &self.lines;
        let ready = |part: &Part| {
            (lines[part.line].len() + 1).saturating_sub(part.offset + part.taps.len())
        };
        let count = phases.iter().flatten().map(ready).min().unwrap_or(0);
        if count == 0 {
            return;
        }
        let up = phases.len();
        let begins = out.len();
        out.resize(begins + count * up, 0.0);
        let made = &mut out[begins..];
        for (phase, parts) in phases.iter().enumerate() {
            let mut at = 0;
            while at < count {
                let here = &mut made[at * up..];
                at += match count - at {
                    BLOCK.. => side_by_side::<BLOCK>(lines, parts, at, phase, up, here),
                    32.. => side_by_side::<32>(lines, parts, at, phase, up, here),
                    16.. => side_by_side::<16>(lines, parts, at, phase, up, here),
                    8.. => side_by_side::<8>(lines, parts, at, phase, up, here),
                    4.. => side_by_side::<4>(lines, parts, at, phase, up, here),
                    _ => side_by_side::<1>(lines, parts, at, phase, up, here),
                };
            }
        }
        for line in &mut self.lines {
            line.drain(..count);
        }
        self.rounds += count as u64;
    }
}

/// So many outputs of one phase.
#[inline(always)]
fn side_by_side<const N: usize>(
    lines: &[Vec<f32>],
    parts: &[Part],
    at: usize,
    phase: usize,
    up: usize,
    out: &mut [f32],
) -> usize {
    let mut sums = [0.0; N];
    for part in parts {
        let begins = at + part.offset;
        let line = &lines[part.line][begins..begins + part.taps.len() + N - 1];
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

/// A sum of a few products.
#[inline(always)]
fn short(x: &[f32], taps: &[f32]) -> f32 {
    let (x, taps) = (x.as_chunks().0, taps.as_chunks().0);
    let product = |i: usize| f32x4::new(x[i]) * f32x4::new(taps[i]);
    ((product(0) + product(1)) + (product(2) + product(3))).reduce_add()
}

/// A sum of many.
#[inline(always)]
fn long(x: &[f32], taps: &[f32]) -> f32 {
    let mut sums = [0.0; 16];
    for (x, taps) in x.chunks(16).zip(taps.chunks(16)) {
        for ((sum, x), tap) in sums.iter_mut().zip(x).zip(taps) {
            *sum += x * tap;
        }
    }
    sums.iter().sum()
}

/// A stream's way from one rate to another.
#[derive(Clone, Debug)]
pub struct Resampler {
    from_hz: u32,
    to_hz: u32,
    taken: u64,
    made: u64,
    stages: Vec<Stage>,
    /// What goes from one stage to the next.
    buffers: [Vec<f32>; 2],
}

impl Resampler {
    /// `None` for a rate of 0 or over 384 kHz.
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
            taken: 0,
            made: 0,
            stages: filters.into_iter().map(Stage::new).collect(),
            buffers: Default::default(),
        })
    }

    /// Appends the samples that `input` completes.
    pub fn process(&mut self, input: &[i16], out: &mut Vec<i16>) {
        if self.stages.is_empty() {
            out.extend_from_slice(input);
            return;
        }
        self.taken += input.len() as u64;
        let [now, then] = &mut self.buffers;
        now.clear();
        now.extend(input.iter().map(|&s| f32::from(s)));
        for stage in &mut self.stages {
            then.clear();
            stage.process(now, then);
            std::mem::swap(now, then);
        }
        self.made += now.len() as u64;
        out.extend(now.iter().map(|&s| rounded(s)));
    }

    /// Appends what is left: every sample whose moment has come.
    pub fn finish(&mut self, out: &mut Vec<i16>) {
        let [now, then] = &mut self.buffers;
        now.clear();
        for stage in &mut self.stages {
            then.clear();
            stage.process(now, then);
            stage.finish(then);
            std::mem::swap(now, then);
        }
        let due = (self.taken * u64::from(self.to_hz)).div_ceil(u64::from(self.from_hz));
        now.truncate(due.saturating_sub(self.made) as usize);
        self.made += now.len() as u64;
        out.extend(now.iter().map(|&s| rounded(s)));
    }
}

/// To the nearest, without a call: the sum has no bits for a fraction.
fn rounded(sample: f32) -> i16 {
    const HIGH: f32 = 12_582_912.0;
    let sum = sample.clamp(-32768.0, 32767.0) + HIGH;
    sum.to_bits().wrapping_sub(HIGH.to_bits()) as i16
}
