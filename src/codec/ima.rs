//! IMA ADPCM in Microsoft's blocks: 256 bytes for each channel, which are 505 samples. A block opens with a sample as it is
//! and the step's index, so each can be decoded alone; nibbles follow, low one first, eight of each channel in turn.
#![forbid(unsafe_code)]

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
    fn step(self) -> i32 {
        i32::from(STEPS[self.index as usize])
    }

    /// What the decoder makes of a nibble.
    fn advance(&mut self, nibble: u8) -> i16 {
        let size = i32::from(nibble & 7);
        let change = ((2 * size + 1) * self.step()) >> 3;
        let sign = -i32::from(nibble >> 3);
        self.sample = (self.sample + ((change ^ sign) - sign)).clamp(-32768, 32767);
        self.index = (self.index + i32::from(MOVES[size as usize])).clamp(0, 88);
        self.sample as i16
    }

    /// The nibble that brings the decoder nearest to `sample`.
    fn nibble(self, sample: i16) -> u8 {
        let step = self.step();
        let difference = i32::from(sample) - self.sample;
        let sign = difference >> 31;
        let mut rest = ((difference ^ sign) - sign) << 2;
        let mut nibble = (sign & 8) as u8;
        for bit in [4, 2, 1] {
            let fits = -i32::from(rest >= step * bit);
            nibble |= (bit & fits) as u8;
            rest -= (step * bit) & fits;
        }
        nibble
    }
}

/// Samples to blocks.
#[derive(Clone, Debug)]
pub struct Encoder {
    states: [State; 2],
    channels: usize,
    /// Samples of each channel that the block has, and its bytes so far.
    filled: usize,
    block: Vec<u8>,
    /// Interleaved samples that make no whole run yet.
    waiting: Vec<i16>,
}

impl Encoder {
    /// At the beginning of a block.
    pub fn new(channels: usize) -> Self {
        Self {
            states: [State::default(); 2],
            channels,
            filled: 0,
            block: Vec::with_capacity(BLOCK_BYTES * channels),
            waiting: Vec::with_capacity(RUN * channels),
        }
    }

    /// After a file's `samples`: goes on in its last block. Answers how many bytes of `data` stay.
    pub fn resume(channels: usize, samples: u64, data: &[u8]) -> (Self, u64) {
        let block = BLOCK_BYTES * channels;
        let kept = ((samples / BLOCK_SAMPLES as u64) as usize * block).min(data.len());
        let (whole, part) = data.split_at(kept);
        let (mut decoder, mut last) = (Decoder::new(channels), Vec::new());
        decoder.decode(&whole[kept.saturating_sub(block)..], &mut last);
        let mut coder = Self::new(channels);
        coder.states = decoder.states;
        // What the last block holds is coded once more: from the same step, its nibbles come out as they were.
        for (state, head) in coder.states.iter_mut().zip(part.chunks_exact(HEAD)) {
            state.index = i32::from(head[2]).min(88);
        }
        last.clear();
        decoder.decode(part, &mut last);
        decoder.finish(&mut last);
        last.truncate((samples % BLOCK_SAMPLES as u64) as usize * channels);
        coder.encode(&last, &mut Vec::new());
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
                out.append(&mut self.block);
                self.filled = 0;
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
        out.append(&mut self.block);
        self.filled = 0;
    }

    /// Codes the head of a block or a run of eight.
    fn code(&mut self, run: &[i16]) {
        let channels = self.channels;
        for (channel, state) in self.states[..channels].iter_mut().enumerate() {
            if self.filled == 0 {
                state.sample = i32::from(run[channel]);
                self.block.extend_from_slice(&run[channel].to_le_bytes());
                self.block.extend_from_slice(&[state.index as u8, 0]);
                continue;
            }
            let mut word = 0;
            for i in 0..RUN {
                let nibble = state.nibble(run[i * channels + channel]);
                state.advance(nibble);
                word |= u32::from(nibble) << (4 * i);
            }
            self.block.extend_from_slice(&word.to_le_bytes());
        }
        self.filled += if self.filled == 0 { 1 } else { RUN };
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
            let base = out.len();
            out.resize(base + RUN * self.channels, 0);
            for (channel, run) in group.chunks_exact(RUN / 2).enumerate() {
                for i in 0..RUN {
                    let nibble = run[i / 2] >> (4 * (i % 2)) & 15;
                    out[base + i * self.channels + channel] = self.states[channel].advance(nibble);
                }
            }
        }
    }
}
