//! OKI (Dialogic) ADPCM: 12-bit samples, 49 steps, two samples per byte, high nibble first. With two channels, the high nibble
//! is the left one.
#![forbid(unsafe_code)]

const STEPS: [i16; 49] = [
    16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118, 130,
    143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796,
    876, 963, 1060, 1166, 1282, 1411, 1552,
];

const STEP_CHANGES: [i8; 8] = [-1, -1, -1, -1, 2, 4, 6, 8];

/// Magnitudes of a nibble, and table entries of a step.
const ROW: usize = 8;

/// Change of the sample by a magnitude at one step, and the row of the next step.
#[derive(Clone, Copy)]
struct Transition {
    change: i32,
    row: u32,
}

static TRANSITIONS: [Transition; 49 * ROW] = {
    let mut all = [Transition { change: 0, row: 0 }; 49 * ROW];
    let mut at = 0;
    while at < all.len() {
        let (index, size) = ((at / ROW) as i32, at % ROW);
        let index = index + STEP_CHANGES[size] as i32;
        let index = if index < 0 {
            0
        } else if index > 48 {
            48
        } else {
            index
        };
        all[at] = Transition {
            // 12 bits, scaled to 16.
            change: (((2 * size as i32 + 1) * STEPS[at / ROW] as i32) >> 3) << 4,
            row: index as u32 * ROW as u32,
        };
        at += 1;
    }
    all
};

/// For each step, 2^31 divided by a quarter of it (scaled to 16 bits), rounded up: exact for differences of 17 bits.
static QUARTER_RECIPROCALS: [u32; 49] = {
    let mut all = [0; 49];
    let mut at = 0;
    while at < all.len() {
        all[at] = (1u64 << 31).div_ceil((STEPS[at] as u64) << 2) as u32;
        at += 1;
    }
    all
};

/// State shared by encoder and decoder: the last decoded sample (12 bits, scaled to 16) and the row of the step.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    sample: i32,
    row: u32,
}

impl State {
    /// Decodes a nibble to 16 bits.
    fn advance(&mut self, nibble: u8) -> i16 {
        self.change(u32::from(nibble & 7), -i32::from(nibble >> 3 & 1));
        self.sample as i16
    }

    /// Applies a change of the magnitude `size`; `sign` is 0 or -1.
    #[inline(always)]
    fn change(&mut self, size: u32, sign: i32) {
        let transition = TRANSITIONS[(self.row + size) as usize];
        self.sample += (transition.change ^ sign) - sign;
        if self.sample != i32::from(self.sample as i16) {
            self.sample = clip(self.sample);
        }
        self.row = transition.row;
    }

    /// Encodes a sample: returns the nibble that decodes nearest to it, and applies it.
    #[inline(always)]
    fn encode(&mut self, sample: i16) -> u8 {
        let difference = i32::from(sample) - self.sample;
        let sign = difference >> 31;
        let reciprocal = QUARTER_RECIPROCALS[self.row as usize / ROW];
        let distance = u64::from(difference.unsigned_abs());
        let size = ((distance * u64::from(reciprocal)) >> 31).min(7) as u32;
        self.change(size, sign);
        (sign as u32 & 8 | size) as u8
    }
}

/// Out of line, so that the common case costs one branch.
#[cold]
#[inline(never)]
fn clip(sample: i32) -> i32 {
    sample.clamp(-2048 << 4, 2047 << 4)
}

/// The encoder of one file.
#[derive(Clone, Debug)]
pub struct Encoder {
    states: [State; 2],
    channels: usize,
    /// High nibble of an incomplete byte.
    high: Option<u8>,
}

impl Encoder {
    /// Starts a file.
    pub fn new(channels: usize) -> Self {
        Self {
            states: [State::default(); 2],
            channels,
            high: None,
        }
    }

    /// Continues a file that has `samples` samples per channel in `data`. Returns the encoder and the number of bytes to keep.
    pub fn resume(channels: usize, samples: u64, data: &[u8]) -> (Self, u64) {
        let nibbles = (samples as usize)
            .saturating_mul(channels)
            .min(2 * data.len());
        let mut encoder = Self::new(channels);
        for at in 0..nibbles {
            let nibble = data[at / 2] >> (4 - 4 * (at % 2)) & 15;
            encoder.states[at % channels].advance(nibble);
            encoder.high = (at % 2 == 0).then_some(nibble);
        }
        (encoder, nibbles as u64 / 2)
    }

    /// Encodes interleaved samples and appends the bytes that they complete.
    pub fn encode(&mut self, samples: &[i16], out: &mut Vec<u8>) {
        out.reserve(samples.len() / 2 + 1);
        let mut samples = samples;
        if let (Some(high), Some((&first, rest))) = (self.high, samples.split_first()) {
            out.push(high << 4 | self.code(self.channels - 1, first));
            self.high = None;
            samples = rest;
        }
        let mut pairs = samples.chunks_exact(2);
        for pair in &mut pairs {
            let high = self.code(0, pair[0]);
            out.push(high << 4 | self.code(self.channels - 1, pair[1]));
        }
        if let [last] = pairs.remainder() {
            self.high = Some(self.code(0, *last));
        }
    }

    /// Appends an odd last nibble, completed by one that repeats the sample.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if let Some(high) = self.high.take() {
            let sample = self.states[self.channels - 1].sample as i16;
            out.push(high << 4 | self.code(self.channels - 1, sample));
        }
    }

    fn code(&mut self, channel: usize, sample: i16) -> u8 {
        self.states[channel].encode(sample)
    }
}

/// The decoder of one file.
#[derive(Clone, Debug)]
pub struct Decoder {
    states: [State; 2],
    channels: usize,
}

impl Decoder {
    /// Starts a file.
    pub fn new(channels: usize) -> Self {
        Self {
            states: [State::default(); 2],
            channels,
        }
    }

    /// Decodes bytes and appends two samples for each.
    pub fn decode(&mut self, bytes: &[u8], out: &mut Vec<i16>) {
        for &byte in bytes {
            out.push(self.states[0].advance(byte >> 4));
            out.push(self.states[self.channels - 1].advance(byte & 15));
        }
    }
}
