//! IMA ADPCM in Microsoft's blocks: 256 bytes and 505 samples for each channel. The head of a block has an uncompressed sample
//! and the index of the step, so each block decodes on its own. Nibbles follow, low one first, in runs of eight for each
//! channel in turn.
//!
//! The encoder looks ahead: it follows two ways to encode a block, and keeps the one with the smaller error.
#![forbid(unsafe_code)]

use std::hint::select_unpredictable;

/// Bytes of one channel's block.
pub const BLOCK_BYTES: usize = 256;
/// Samples of one channel's block: one in its head, two for each byte after it.
pub const BLOCK_SAMPLES: usize = 2 * (BLOCK_BYTES - HEAD) + 1;
/// Bytes of the head of one channel.
const HEAD: usize = 4;
/// Nibbles of one channel before those of the next.
const RUN: usize = 8;

/// Step sizes.
const STEPS: [i16; 89] = [
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66,
    73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449,
    494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272,
    2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493,
    10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
];

/// Change of the step index by each magnitude of a nibble.
const INDEX_CHANGES: [i8; 8] = [-1, -1, -1, -1, 2, 4, 6, 8];

/// Bytes of one channel for the first `samples` of a block. An incomplete run counts as eight samples.
pub fn bytes(samples: usize) -> u64 {
    match samples {
        0 => 0,
        n => (HEAD + (n - 1).div_ceil(RUN) * RUN / 2) as u64,
    }
}

/// Samples of one channel in a last block of `bytes` bytes.
pub fn samples(bytes: u64) -> u64 {
    match bytes {
        b if b < HEAD as u64 => 0,
        b => 1 + (b - HEAD as u64) / (RUN as u64 / 2) * RUN as u64,
    }
}

/// State shared by encoder and decoder: the last decoded sample and the index of the step.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    sample: i32,
    index: i32,
}

impl State {
    /// Decodes a nibble.
    fn advance(&mut self, nibble: u8) -> i16 {
        let size = i32::from(nibble & 7);
        let step = i32::from(STEPS[self.index as usize]);
        let sign = -i32::from(nibble >> 3);
        self.sample = (self.sample + ((change(size, step) ^ sign) - sign)).clamp(-32768, 32767);
        self.index = next_index(self.index, size);
        self.sample as i16
    }
}

const fn change(size: i32, step: i32) -> i32 {
    ((2 * size + 1) * step) >> 3
}

const fn next_index(index: i32, size: i32) -> i32 {
    let index = index + INDEX_CHANGES[size as usize] as i32;
    if index < 0 {
        0
    } else if index > 88 {
        88
    } else {
        index
    }
}

/// Table entries of a step: magnitudes 0 to 7, and one that is never chosen.
const ROW: usize = 9;

/// Change of the sample by a magnitude at one step. `row_and_size`: row of the next step in the low 16 bits, the magnitude above.
#[derive(Clone, Copy)]
struct Transition {
    change: i32,
    row_and_size: u32,
}

/// Farther than any sample: the change of the entry that is never chosen.
const UNREACHABLE: i32 = 1 << 24;

static TRANSITIONS: [Transition; 89 * ROW] = {
    let mut all = [Transition {
        change: UNREACHABLE,
        row_and_size: 0,
    }; 89 * ROW];
    let mut at = 0;
    while at < all.len() {
        let (index, size) = (at / ROW, (at % ROW) as i32);
        if size < 8 {
            all[at] = Transition {
                change: change(size, STEPS[index] as i32),
                row_and_size: ROW as u32 * next_index(index as i32, size) as u32
                    + ((size as u32) << 16),
            };
        }
        at += 1;
    }
    all
};

/// For each table entry, 2^31 divided by a quarter of its step, rounded up: exact for differences of 17 bits.
static QUARTER_RECIPROCALS: [u32; 89 * ROW] = {
    let mut all = [0; 89 * ROW];
    let mut at = 0;
    while at < all.len() {
        all[at] = (4u64 << 31).div_ceil(STEPS[at / ROW] as u64) as u32;
        at += 1;
    }
    all
};

/// One way to encode a block up to a sample.
#[derive(Clone, Copy, Debug)]
struct Path {
    sample: i32,
    /// Row of the step in [`TRANSITIONS`].
    row: u32,
    /// Sum of squared errors.
    error: u64,
    /// The last 16 nibbles, the newest in the highest bits.
    nibbles: u64,
}

/// Difference of step indices that does not matter to a block.
const MAX_INDEX_DIFFERENCE: i32 = 3;

/// Larger than the error of any path.
const NO_PATH: u64 = 1 << 50;

/// A continuation of a path by one nibble.
#[derive(Clone, Copy)]
struct Branch {
    sample: i32,
    /// Row of the next step in the low 16 bits, the nibble above.
    row_and_nibble: u32,
    error: u64,
}

impl Path {
    /// The continuations by the nearest magnitude and by the next larger one.
    #[inline(always)]
    fn branches(&self, sample: i32) -> [Branch; 2] {
        let difference = sample - self.sample;
        let sign = difference >> 31;
        let distance = u64::from(difference.unsigned_abs());
        let size = ((distance * u64::from(QUARTER_RECIPROCALS[self.row as usize])) >> 31).min(7);
        let nearest = self.row as usize + size as usize;

        [TRANSITIONS[nearest], TRANSITIONS[nearest + 1]].map(|transition| {
            let off = distance as i64 - i64::from(transition.change);
            Branch {
                sample: self.sample + ((transition.change ^ sign) - sign),
                row_and_nibble: transition.row_and_size | (sign as u32 & 8 << 16),
                error: self.error + (off * off) as u64,
            }
        })
    }
}

impl Branch {
    /// `self` or `other`, without a branch: it would be unpredictable.
    #[inline(always)]
    fn or(self, other: Self, this: bool) -> Self {
        Self {
            sample: select_unpredictable(this, self.sample, other.sample),
            row_and_nibble: select_unpredictable(this, self.row_and_nibble, other.row_and_nibble),
            error: select_unpredictable(this, self.error, other.error),
        }
    }

    #[inline(always)]
    fn path(self, nibbles: u64) -> Path {
        let mut sample = self.sample;
        if sample != i32::from(sample as i16) {
            sample = clip(sample);
        }
        Path {
            sample,
            row: self.row_and_nibble & 0xffff,
            error: self.error,
            nibbles: nibbles >> 4 | u64::from(self.row_and_nibble >> 16) << 60,
        }
    }
}

/// Out of line, so that the common case costs one branch.
#[cold]
#[inline(never)]
fn clip(sample: i32) -> i32 {
    sample.clamp(-32768, 32767)
}

/// The two best paths of one channel's block. A magnitude that is not the nearest may lead to a better step for the next
/// samples, so the choice between the paths is made one run later.
#[derive(Clone, Copy, Debug)]
struct Search([Path; 2]);

impl Search {
    /// Starts at a sample that the decoder knows.
    fn from(sample: i32, index: i32) -> Self {
        let path = |index: i32, error| Path {
            sample,
            row: index as u32 * ROW as u32,
            error,
            nibbles: 0,
        };
        Self([path(index, 0), path(index, NO_PATH)])
    }

    /// Step index of the better path.
    fn index(&self) -> i32 {
        (self.0[0].row / ROW as u32) as i32
    }

    /// Chooses the step at the head of a block: that of the previous block, or one that fits the largest difference in the
    /// first run.
    fn choose_first_step(&mut self, run: impl Iterator<Item = i16> + Clone) {
        let (sample, carried) = (self.0[0].sample, self.index());
        let mut last = sample;
        let mut widest = 0;
        for next in run.clone().map(i32::from) {
            widest = widest.max((next - last).abs());
            last = next;
        }
        // The largest magnitude changes the sample by nearly two steps.
        let fitting = STEPS.partition_point(|&step| i32::from(step) * 2 < widest) as i32;
        if (fitting.min(88) - carried).abs() <= MAX_INDEX_DIFFERENCE {
            return;
        }
        let error = |index: i32| {
            let mut search = Self::from(sample, index);
            run.clone().for_each(|next| search.extend(next));
            search.0[0].error.min(search.0[1].error)
        };
        if error(fitting.min(88)) < error(carried) {
            *self = Self::from(sample, fitting.min(88));
        }
    }

    /// Extends both paths by one sample.
    #[inline(always)]
    fn extend(&mut self, sample: i16) {
        let [a, b] = self.0;
        let ([a1, a2], [b1, _]) = (a.branches(sample.into()), b.branches(sample.into()));
        let first = a1.error <= b1.error;
        let stays = b1.error < a2.error;
        let best = a1.or(b1, first);
        let runner = b1.or(a2, stays).or(a1, first);
        let from = select_unpredictable(first, a.nibbles, b.nibbles);
        let runner_from = select_unpredictable(first & stays, b.nibbles, a.nibbles);
        self.0 = [best.path(from), runner.path(runner_from)];
    }

    /// Ends a run: puts the better path first, and drops the other unless both agree on the previous run.
    fn end_run(&mut self) {
        if self.0[1].error < self.0[0].error {
            self.0.swap(0, 1);
        }
        if self.0[0].nibbles as u32 != self.0[1].nibbles as u32 {
            self.0[1].error = NO_PATH;
        }
    }

    /// Nibbles of the previous run and of the last one.
    fn runs(&self) -> [u32; 2] {
        let nibbles = self.0[0].nibbles;
        [nibbles as u32, (nibbles >> 32) as u32]
    }
}

/// The encoder of one file.
#[derive(Clone, Debug)]
pub struct Encoder {
    searches: [Search; 2],
    channels: usize,
    /// Samples per channel in the block. `block`: its bytes so far, without the held run.
    filled: usize,
    block: Vec<u8>,
    /// The last run is not written yet: the next one may change it.
    held: bool,
    /// Interleaved samples of an incomplete run.
    pending: Vec<i16>,
}

impl Encoder {
    /// Starts a file.
    pub fn new(channels: usize) -> Self {
        Self {
            searches: [Search::from(0, 0); 2],
            channels,
            filled: 0,
            block: Vec::with_capacity(BLOCK_BYTES * channels),
            held: false,
            pending: Vec::with_capacity(RUN * channels),
        }
    }

    /// Continues a file that has `samples` samples per channel in `data`. Returns the encoder and the number of bytes to keep:
    /// all complete blocks. The encoder writes the incomplete last block again.
    pub fn resume(channels: usize, samples: u64, data: &[u8]) -> (Self, u64) {
        let block = BLOCK_BYTES * channels;
        let kept = ((samples / BLOCK_SAMPLES as u64) as usize * block).min(data.len());
        let (whole, part) = data.split_at(kept);
        let (mut encoder, mut decoder) = (Self::new(channels), Decoder::new(channels));
        decoder.decode(&whole[kept.saturating_sub(block)..], &mut Vec::new());
        let kept_samples =
            self::samples((part.len() / channels) as u64).min(samples % BLOCK_SAMPLES as u64);
        if kept_samples > 0 {
            // Complete runs are kept; the samples of an incomplete one are encoded again.
            let runs = (kept_samples as usize - 1) / RUN;
            let (runs, run) = part.split_at((HEAD + runs * RUN / 2) * channels);
            let mut pcm = Vec::new();
            decoder.decode(runs, &mut pcm);
            decoder.finish(&mut pcm);
            encoder.block.extend_from_slice(runs);
            encoder.filled = pcm.len() / channels;
            let mut states = decoder.states;
            decode_run(&mut states[..channels], run, &mut encoder.pending);
            encoder
                .pending
                .truncate((kept_samples as usize - encoder.filled) * channels);
        }
        for (search, state) in encoder.searches.iter_mut().zip(decoder.states) {
            *search = Search::from(state.sample, state.index);
        }
        (encoder, kept as u64)
    }

    /// Encodes interleaved samples and appends the blocks that they complete.
    pub fn encode(&mut self, mut samples: &[i16], out: &mut Vec<u8>) {
        while !samples.is_empty() {
            let wanted = if self.filled == 0 { 1 } else { RUN } * self.channels;
            if self.pending.is_empty() && samples.len() >= wanted {
                let (run, rest) = samples.split_at(wanted);
                self.encode_run(run);
                samples = rest;
            } else {
                let part = samples.len().min(wanted - self.pending.len());
                self.pending.extend_from_slice(&samples[..part]);
                samples = &samples[part..];
                if self.pending.len() == wanted {
                    let run = std::mem::take(&mut self.pending);
                    self.encode_run(&run);
                    self.pending = run;
                    self.pending.clear();
                }
            }
            if self.filled == BLOCK_SAMPLES {
                self.end_block(out);
            }
        }
    }

    /// Appends the incomplete last block. An incomplete run is padded with its last sample.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if !self.pending.is_empty() {
            let mut run = std::mem::take(&mut self.pending);
            while run.len() < RUN * self.channels {
                run.push(run[run.len() - self.channels]);
            }
            self.encode_run(&run);
        }
        self.end_block(out);
    }

    fn end_block(&mut self, out: &mut Vec<u8>) {
        self.write_heads();
        if self.held {
            for search in &self.searches[..self.channels] {
                self.block
                    .extend_from_slice(&search.runs()[1].to_le_bytes());
            }
        }
        out.append(&mut self.block);
        self.held = false;
        self.filled = 0;
    }

    /// Writes the heads of the block, once it has samples.
    fn write_heads(&mut self) {
        if self.filled > 0 && self.block.is_empty() {
            for search in &self.searches[..self.channels] {
                let Path { sample, .. } = search.0[0];
                self.block.extend_from_slice(&(sample as i16).to_le_bytes());
                self.block.extend_from_slice(&[search.index() as u8, 0]);
            }
        }
    }

    /// Encodes the head of a block, or a run of eight samples per channel.
    fn encode_run(&mut self, run: &[i16]) {
        let channels = self.channels;
        if self.filled == 0 {
            for (search, &sample) in self.searches.iter_mut().zip(&run[..channels]) {
                *search = Search::from(sample.into(), search.index());
            }
            self.filled = 1;
            return;
        }
        if self.block.is_empty() {
            for (channel, search) in self.searches[..channels].iter_mut().enumerate() {
                search.choose_first_step(run.iter().skip(channel).step_by(channels).copied());
            }
            self.write_heads();
        }
        for (channel, search) in self.searches[..channels].iter_mut().enumerate() {
            let mut extended = *search;
            for frame in run.chunks_exact(channels) {
                extended.extend(frame[channel]);
            }
            extended.end_run();
            *search = extended;
            if self.held {
                self.block
                    .extend_from_slice(&extended.runs()[0].to_le_bytes());
            }
        }
        self.held = true;
        self.filled += RUN;
    }
}

/// The decoder of one file.
#[derive(Clone, Debug)]
pub struct Decoder {
    channels: usize,
    states: [State; 2],
    block: Vec<u8>,
}

impl Decoder {
    /// Starts a file.
    pub fn new(channels: usize) -> Self {
        Self {
            channels,
            states: [State::default(); 2],
            block: Vec::new(),
        }
    }

    /// Decodes `bytes` and appends the samples of the blocks that they complete.
    pub fn decode(&mut self, mut bytes: &[u8], out: &mut Vec<i16>) {
        let whole = BLOCK_BYTES * self.channels;
        while !bytes.is_empty() {
            let part = bytes.len().min(whole - self.block.len());
            self.block.extend_from_slice(&bytes[..part]);
            bytes = &bytes[part..];
            if self.block.len() == whole {
                self.finish(out);
            }
        }
    }

    /// Appends the samples of an incomplete block, without those of an incomplete run.
    pub fn finish(&mut self, out: &mut Vec<i16>) {
        let block = std::mem::take(&mut self.block);
        if block.len() < HEAD * self.channels {
            return;
        }
        let (heads, runs) = block.split_at(HEAD * self.channels);
        for (state, head) in self.states.iter_mut().zip(heads.chunks_exact(HEAD)) {
            *state = State {
                sample: i32::from(i16::from_le_bytes([head[0], head[1]])),
                index: i32::from(head[2]).min(88),
            };
            out.push(state.sample as i16);
        }
        for group in runs.chunks_exact(RUN / 2 * self.channels) {
            decode_run(&mut self.states[..self.channels], group, out);
        }
    }
}

/// Appends the interleaved samples of one run of each channel; nothing if the run is incomplete.
fn decode_run(states: &mut [State], bytes: &[u8], out: &mut Vec<i16>) {
    let channels = states.len();
    if bytes.len() < RUN / 2 * channels {
        return;
    }
    let base = out.len();
    out.resize(base + RUN * channels, 0);
    for (channel, (run, state)) in bytes.chunks_exact(RUN / 2).zip(states).enumerate() {
        for i in 0..RUN {
            let nibble = run[i / 2] >> (4 * (i % 2)) & 15;
            out[base + i * channels + channel] = state.advance(nibble);
        }
    }
}
