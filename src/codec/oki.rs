//! OKI (Dialogic) ADPCM: 12 bits, 49 steps, two samples a byte, the high nibble first. Of two channels, each has one nibble.
#![forbid(unsafe_code)]

const STEPS: [i16; 49] = [
    16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118, 130,
    143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796,
    876, 963, 1060, 1166, 1282, 1411, 1552,
];

const MOVES: [i8; 8] = [-1, -1, -1, -1, 2, 4, 6, 8];

/// What both ends know: the last sample as decoded, of 12 bits, and the step.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    sample: i32,
    index: i32,
}

impl State {
    fn step(self) -> i32 {
        i32::from(STEPS[self.index as usize])
    }

    /// What the decoder makes of a nibble, as 16 bits.
    fn advance(&mut self, nibble: u8) -> i16 {
        let size = i32::from(nibble & 7);
        let change = ((2 * size + 1) * self.step()) >> 3;
        let sign = -i32::from(nibble >> 3 & 1);
        self.sample = (self.sample + ((change ^ sign) - sign)).clamp(-2048, 2047);
        self.index = (self.index + i32::from(MOVES[size as usize])).clamp(0, 48);
        (self.sample << 4) as i16
    }

    /// The nibble that brings the decoder nearest to `sample`, of 16 bits.
    fn nibble(self, sample: i16) -> u8 {
        // A quarter of a step is four in 16 bits.
        let step = self.step() << 2;
        let difference = i32::from(sample) - (self.sample << 4);
        let sign = difference >> 31;
        let mut rest = (difference ^ sign) - sign;
        let mut nibble = (sign & 8) as u8;
        for bit in [4, 2, 1] {
            let fits = -i32::from(rest >= step * bit);
            nibble |= (bit & fits) as u8;
            rest -= (step * bit) & fits;
        }
        nibble
    }
}

/// Samples to bytes.
#[derive(Clone, Debug)]
pub struct Encoder {
    states: [State; 2],
    channels: usize,
    high: Option<u8>,
}

impl Encoder {
    /// At the beginning of a file.
    pub fn new(channels: usize) -> Self {
        Self {
            states: [State::default(); 2],
            channels,
            high: None,
        }
    }

    /// After a file's `samples`. Answers how many bytes of `data` stay.
    pub fn resume(channels: usize, samples: u64, data: &[u8]) -> (Self, u64) {
        let nibbles = (samples as usize)
            .saturating_mul(channels)
            .min(2 * data.len());
        let mut coder = Self::new(channels);
        for at in 0..nibbles {
            let nibble = data[at / 2] >> (4 - 4 * (at % 2)) & 15;
            coder.states[at % channels].advance(nibble);
            coder.high = (at % 2 == 0).then_some(nibble);
        }
        (coder, nibbles as u64 / 2)
    }

    /// Appends the bytes that `samples` complete.
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

    /// Appends the nibble that is left over, and beside it one that goes back.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if let Some(high) = self.high.take() {
            let sample = (self.states[self.channels - 1].sample << 4) as i16;
            out.push(high << 4 | self.code(self.channels - 1, sample));
        }
    }

    fn code(&mut self, channel: usize, sample: i16) -> u8 {
        let state = &mut self.states[channel];
        let nibble = state.nibble(sample);
        state.advance(nibble);
        nibble
    }
}

/// Bytes to samples.
#[derive(Clone, Debug)]
pub struct Decoder {
    states: [State; 2],
    channels: usize,
}

impl Decoder {
    /// At the beginning of a file.
    pub fn new(channels: usize) -> Self {
        Self {
            states: [State::default(); 2],
            channels,
        }
    }

    /// Appends two samples for each byte.
    pub fn decode(&mut self, bytes: &[u8], out: &mut Vec<i16>) {
        for &byte in bytes {
            out.push(self.states[0].advance(byte >> 4));
            out.push(self.states[self.channels - 1].advance(byte & 15));
        }
    }
}
