//! IMA ADPCM in Microsoft's blocks: 256 bytes for each channel, which are 505 samples. A block opens with a sample as it is
//! and the step's index, so each can be decoded alone; nibbles follow, low one first, eight of each channel in turn.
#![forbid(unsafe_code)]

use std::hint::select_unpredictable;

/// Bytes of one channel's block.
pub const BLOCK_BYTES: usize = 256;
/// Samples of one channel's block: one in its head, two for each byte behind it.
pub const BLOCK_SAMPLES: usize = 2 * (BLOCK_BYTES - HEAD) + 1;
const HEAD: usize = 4;
/// Nibbles of one channel before the next channel's turn.
const RUN: usize = 8;

const STEPS: [i16; 89] = [
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66,
    73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449,
    494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272,
    2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493,
    10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
];

const MOVES: [i8; 8] = [-1, -1, -1, -1, 2, 4, 6, 8];

/// Bytes of one channel that the first `samples` of a block take; runs of eight are filled up.
pub fn bytes(samples: usize) -> u64 {
    match samples {
        0 => 0,
        n => (HEAD + (n - 1).div_ceil(RUN) * RUN / 2) as u64,
    }
}

/// Samples of one channel that a last block of so many bytes can hold.
pub fn samples(bytes: u64) -> u64 {
    match bytes {
        b if b < HEAD as u64 => 0,
        b => 1 + (b - HEAD as u64) / (RUN as u64 / 2) * RUN as u64,
    }
}

/// What both ends know: the last sample as decoded, and the step.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    sample: i32,
    index: i32,
}

impl State {
    /// What the decoder makes of a nibble.
    fn advance(&mut self, nibble: u8) -> i16 {
        let size = i32::from(nibble & 7);
        let step = i32::from(STEPS[self.index as usize]);
        let sign = -i32::from(nibble >> 3);
        self.sample = (self.sample + ((change(size, step) ^ sign) - sign)).clamp(-32768, 32767);
        self.index = moved(self.index, size);
        self.sample as i16
    }
}

const fn change(size: i32, step: i32) -> i32 {
    ((2 * size + 1) * step) >> 3
}

const fn moved(index: i32, size: i32) -> i32 {
    let index = index + MOVES[size as usize] as i32;
    if index < 0 {
        0
    } else if index > 88 {
        88
    } else {
        index
    }
}

/// Of one step, the sizes 0 to 7 and one that is none.
const ROW: usize = 9;

/// What a size changes at one step; the row of the step that it leads to, and the size above its 16 bits.
#[derive(Clone, Copy)]
struct Move {
    change: i32,
    row_and_size: u32,
}

/// Farther than any sample: the size that is none.
const NOWHERE: i32 = 1 << 24;

static CHANGES: [Move; 89 * ROW] = {
    let mut all = [Move {
        change: NOWHERE,
        row_and_size: 0,
    }; 89 * ROW];
    let mut at = 0;
    while at < all.len() {
        let (index, size) = (at / ROW, (at % ROW) as i32);
        if size < 8 {
            all[at] = Move {
                change: change(size, STEPS[index] as i32),
                row_and_size: ROW as u32 * moved(index as i32, size) as u32 + ((size as u32) << 16),
            };
        }
        at += 1;
    }
    all
};

/// Of each row's step, 2^31 over its quarter, rounded up: exact for differences of 17 bits.
static QUARTERS: [u32; 89 * ROW] = {
    let mut all = [0; 89 * ROW];
    let mut at = 0;
    while at < all.len() {
        all[at] = (4u64 << 31).div_ceil(STEPS[at / ROW] as u64) as u32;
        at += 1;
    }
    all
};

/// One way to code a block so far.
#[derive(Clone, Copy, Debug)]
struct Path {
    sample: i32,
    /// Of the step, in [`CHANGES`].
    row: u32,
    /// Sum of squares.
    error: u64,
    /// The last sixteen, the newest on top.
    nibbles: u64,
}

/// Steps that are so near to one another make no difference to a block.
const NEAR: i32 = 3;

/// More than any path's error.
const NO_PATH: u64 = 1 << 50;

/// A path's next step.
#[derive(Clone, Copy)]
struct Branch {
    sample: i32,
    /// Row, and the nibble above its 16 bits.
    row_and_nibble: u32,
    error: u64,
}

impl Path {
    /// With the size whose end is nearest, and with the next.
    #[inline(always)]
    fn branches(&self, sample: i32) -> [Branch; 2] {
        let difference = sample - self.sample;
        let sign = difference >> 31;
        let apart = u64::from(difference.unsigned_abs());
        let size = ((apart * u64::from(QUARTERS[self.row as usize])) >> 31).min(7);
        let nearest = self.row as usize + size as usize;

        [CHANGES[nearest], CHANGES[nearest + 1]].map(|found| {
            let off = apart as i64 - i64::from(found.change);
            Branch {
                sample: self.sample + ((found.change ^ sign) - sign),
                row_and_nibble: found.row_and_size | (sign as u32 & 8 << 16),
                error: self.error + (off * off) as u64,
            }
        })
    }
}

impl Branch {
    /// `self` or `other`, without a jump: which it will be cannot be foreseen.
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
            sample = clipped(sample);
        }
        Path {
            sample,
            row: self.row_and_nibble & 0xffff,
            error: self.error,
            nibbles: nibbles >> 4 | u64::from(self.row_and_nibble >> 16) << 60,
        }
    }
}

/// Apart, so that the common case has a jump over it and no more.
#[cold]
#[inline(never)]
fn clipped(sample: i32) -> i32 {
    sample.clamp(-32768, 32767)
}

/// One channel's block in the making. A size that is not the nearest is worth it where it brings the right step for what
/// comes, so two paths are followed; the better is taken a run later.
#[derive(Clone, Copy, Debug)]
struct Search([Path; 2]);

impl Search {
    /// From a sample that both ends know.
    fn from(sample: i32, index: i32) -> Self {
        let path = |index: i32, error| Path {
            sample,
            row: index as u32 * ROW as u32,
            error,
            nibbles: 0,
        };
        Self([path(index, 0), path(index, NO_PATH)])
    }

    /// The better path's step.
    fn index(&self) -> i32 {
        (self.0[0].row / ROW as u32) as i32
    }

    /// At the head of a block any step may be taken: that of the block before, or the one that the first run asks for.
    fn begin_well(&mut self, run: impl Iterator<Item = i16> + Clone) {
        let (sample, carried) = (self.0[0].sample, self.index());
        let mut last = sample;
        let mut widest = 0;
        for next in run.clone().map(i32::from) {
            widest = widest.max((next - last).abs());
            last = next;
        }
        // The largest size reaches nearly two steps.
        let asked = STEPS.partition_point(|&step| i32::from(step) * 2 < widest) as i32;
        if (asked.min(88) - carried).abs() <= NEAR {
            return;
        }
        let tried = |index: i32| {
            let mut search = Self::from(sample, index);
            run.clone().for_each(|next| search.follow(next));
            search.0[0].error.min(search.0[1].error)
        };
        if tried(asked.min(88)) < tried(carried) {
            *self = Self::from(sample, asked.min(88));
        }
    }

    #[inline(always)]
    fn follow(&mut self, sample: i16) {
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

    /// A run is whole: the better path is put first, and the other must have its older run.
    fn settle(&mut self) {
        if self.0[1].error < self.0[0].error {
            self.0.swap(0, 1);
        }
        if self.0[0].nibbles as u32 != self.0[1].nibbles as u32 {
            self.0[1].error = NO_PATH;
        }
    }

    /// Nibbles of the run before, and of the last one.
    fn runs(&self) -> [u32; 2] {
        let nibbles = self.0[0].nibbles;
        [nibbles as u32, (nibbles >> 32) as u32]
    }
}

/// Samples to blocks.
#[derive(Clone, Debug)]
pub struct Encoder {
    searches: [Search; 2],
    channels: usize,
    /// Samples of each channel that the block has, and its bytes so far: all but those of the run held.
    filled: usize,
    block: Vec<u8>,
    /// The last run waits for what comes.
    held: bool,
    /// Interleaved samples that make no whole run yet.
    waiting: Vec<i16>,
}

impl Encoder {
    /// At the beginning of a block.
    pub fn new(channels: usize) -> Self {
        Self {
            searches: [Search::from(0, 0); 2],
            channels,
            filled: 0,
            block: Vec::with_capacity(BLOCK_BYTES * channels),
            held: false,
            waiting: Vec::with_capacity(RUN * channels),
        }
    }

    /// After a file's `samples`: goes on in its last block. Answers how many bytes of `data` stay.
    pub fn resume(channels: usize, samples: u64, data: &[u8]) -> (Self, u64) {
        let block = BLOCK_BYTES * channels;
        let kept = ((samples / BLOCK_SAMPLES as u64) as usize * block).min(data.len());
        let (whole, part) = data.split_at(kept);
        let (mut coder, mut decoder) = (Self::new(channels), Decoder::new(channels));
        decoder.decode(&whole[kept.saturating_sub(block)..], &mut Vec::new());
        let there =
            self::samples((part.len() / channels) as u64).min(samples % BLOCK_SAMPLES as u64);
        if there > 0 {
            // Whole runs stay as they are, the samples of another are coded once more.
            let runs = (there as usize - 1) / RUN;
            let (runs, run) = part.split_at((HEAD + runs * RUN / 2) * channels);
            let mut pcm = Vec::new();
            decoder.decode(runs, &mut pcm);
            decoder.finish(&mut pcm);
            coder.block.extend_from_slice(runs);
            coder.filled = pcm.len() / channels;
            let mut states = decoder.states;
            decode_run(&mut states[..channels], run, &mut coder.waiting);
            coder
                .waiting
                .truncate((there as usize - coder.filled) * channels);
        }
        for (search, state) in coder.searches.iter_mut().zip(decoder.states) {
            *search = Search::from(state.sample, state.index);
        }
        (coder, kept as u64)
    }

    /// Appends the blocks that `samples` complete.
    pub fn encode(&mut self, mut samples: &[i16], out: &mut Vec<u8>) {
        while !samples.is_empty() {
            let wanted = if self.filled == 0 { 1 } else { RUN } * self.channels;
            if self.waiting.is_empty() && samples.len() >= wanted {
                let (run, rest) = samples.split_at(wanted);
                self.code(run);
                samples = rest;
            } else {
                let part = samples.len().min(wanted - self.waiting.len());
                self.waiting.extend_from_slice(&samples[..part]);
                samples = &samples[part..];
                if self.waiting.len() == wanted {
                    let run = std::mem::take(&mut self.waiting);
                    self.code(&run);
                    self.waiting = run;
                    self.waiting.clear();
                }
            }
            if self.filled == BLOCK_SAMPLES {
                self.end_block(out);
            }
        }
    }

    /// Appends what there is of a block; a run that is not whole repeats its last sample.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if !self.waiting.is_empty() {
            let mut run = std::mem::take(&mut self.waiting);
            while run.len() < RUN * self.channels {
                run.push(run[run.len() - self.channels]);
            }
            self.code(&run);
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

    /// The heads of a block that has begun, if they are not written yet.
    fn write_heads(&mut self) {
        if self.filled > 0 && self.block.is_empty() {
            for search in &self.searches[..self.channels] {
                let Path { sample, .. } = search.0[0];
                self.block.extend_from_slice(&(sample as i16).to_le_bytes());
                self.block.extend_from_slice(&[search.index() as u8, 0]);
            }
        }
    }

    /// Codes the head of a block or a run of eight.
    fn code(&mut self, run: &[i16]) {
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
                search.begin_well(run.iter().skip(channel).step_by(channels).copied());
            }
            self.write_heads();
        }
        for (channel, search) in self.searches[..channels].iter_mut().enumerate() {
            let mut now = *search;
            for frame in run.chunks_exact(channels) {
                now.follow(frame[channel]);
            }
            now.settle();
            *search = now;
            if self.held {
                self.block.extend_from_slice(&now.runs()[0].to_le_bytes());
            }
        }
        self.held = true;
        self.filled += RUN;
    }
}

/// Blocks to samples.
#[derive(Clone, Debug)]
pub struct Decoder {
    channels: usize,
    states: [State; 2],
    block: Vec<u8>,
}

impl Decoder {
    /// At the beginning of a block.
    pub fn new(channels: usize) -> Self {
        Self {
            channels,
            states: [State::default(); 2],
            block: Vec::new(),
        }
    }

    /// Appends the samples of the blocks that `bytes` complete.
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

    /// Appends the samples of a block that may be shorter; half a run is left out.
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

/// Appends the samples (interleaved) of a run of eight of each channel; nothing of half a run.
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
