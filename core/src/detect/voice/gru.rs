//! The voice network: one layer of gated recurrent units over the features of the hops, and a weighted sum of their states.
//!
//! Its weights are 8-bit integers (`weights`). Its output refers to a hop 30 ms back: it uses the features of the hops after it.
#![forbid(unsafe_code)]

use super::features::INPUTS;
use super::weights::{BIAS, FROM_INPUT, FROM_STATE, OUT, OUT_BIAS, SCALE, STATE_BIAS};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x8, f32x16};
use once_cell::sync::Lazy;

/// Units.
pub const UNITS: usize = 24;

/// Lookahead: the output refers to the hop this many before the latest.
pub const LOOKAHEAD_HOPS: usize = 3;

/// Units times the three gates: reset, update, candidate.
const GATES: usize = 3 * UNITS;

/// Units of a vector.
const LANES: usize = 8;

/// Weights from one input or unit to each gate. Aligned to cache lines.
#[repr(align(64))]
struct Row([f32; GATES]);

impl From<[i8; GATES]> for Row {
    fn from(weights: [i8; GATES]) -> Self {
        Self(weights.map(|w| f32::from(w) * SCALE))
    }
}

struct Weights {
    from_input: [Row; INPUTS],
    from_state: [Row; UNITS],
}

static WEIGHTS: Lazy<Weights> = Lazy::new(|| Weights {
    from_input: FROM_INPUT.map(Row::from),
    from_state: FROM_STATE.map(Row::from),
});

/// The network of one stream: the states of its units.
#[derive(Clone, Debug)]
pub struct Gru {
    state: [f32; UNITS],
}

impl Default for Gru {
    fn default() -> Self {
        Self {
            state: [0.0; UNITS],
        }
    }
}

impl Gru {
    /// Processes the inputs of a hop. Returns the likelihood of voice, 0 to 1, of the hop [`LOOKAHEAD_HOPS`] before it.
    #[inline(always)]
    pub fn step<S: Simd>(&mut self, simd: S, inputs: &[f32; INPUTS]) -> f32 {
        let weights = &*WEIGHTS;
        let mut x = Sums::new(simd, &BIAS);
        let mut h = Sums::new(simd, &STATE_BIAS);
        // The two sums in turn, so that neither addition waits for the previous one.
        let (first, rest) = inputs.split_at(UNITS);
        let (first_rows, rest_rows) = weights.from_input.split_at(UNITS);
        let states = self.state.iter().zip(&weights.from_state);
        for ((input, row), (state, state_row)) in first.iter().zip(first_rows).zip(states) {
            x.add(simd, *input, row);
            h.add(simd, *state, state_row);
        }
        for (input, row) in rest.iter().zip(rest_rows) {
            x.add(simd, *input, row);
        }
        let (x, h) = (x.into_array(), h.into_array());
        let mut sum = f32x8::splat(simd, 0.0);
        for at in (0..UNITS).step_by(LANES) {
            let reset = sigmoid(load(simd, &x, at) + load(simd, &h, at));
            let update = sigmoid(load(simd, &x, UNITS + at) + load(simd, &h, UNITS + at));
            let (x, h) = (
                load(simd, &x, 2 * UNITS + at),
                load(simd, &h, 2 * UNITS + at),
            );
            let candidate = tanh(reset.mul_add(h, x));
            let old = load(simd, &self.state, at);
            let new = update.mul_add(old - candidate, candidate);
            new.store_slice(&mut self.state[at..][..LANES]);
            sum = new.mul_add(load(simd, &OUT, at), sum);
        }
        let sum = f32x8::splat(simd, sum.reduce_sum() + OUT_BIAS);
        sigmoid(sum).as_slice()[0]
    }
}

/// The sum of the inputs of each gate, in four vectors of 16 and one of 8.
struct Sums<S: Simd>([f32x16<S>; 4], f32x8<S>);

impl<S: Simd> Sums<S> {
    #[inline(always)]
    fn new(simd: S, bias: &[f32; GATES]) -> Self {
        const { assert!(GATES == 4 * 16 + 8) };
        let mut wide = [f32x16::splat(simd, 0.0); 4];
        for (i, sum) in wide.iter_mut().enumerate() {
            *sum = f32x16::from_slice(simd, &bias[16 * i..][..16]);
        }
        Self(wide, load(simd, bias, 64))
    }

    #[inline(always)]
    fn add(&mut self, simd: S, x: f32, Row(row): &Row) {
        let wide = f32x16::splat(simd, x);
        for (i, sum) in self.0.iter_mut().enumerate() {
            *sum = wide.mul_add(f32x16::from_slice(simd, &row[16 * i..][..16]), *sum);
        }
        self.1 = f32x8::splat(simd, x).mul_add(load(simd, row, 64), self.1);
    }

    #[inline(always)]
    fn into_array(self) -> [f32; GATES] {
        let mut all = [0.0; GATES];
        for (i, sum) in self.0.iter().enumerate() {
            sum.store_slice(&mut all[16 * i..][..16]);
        }
        self.1.store_slice(&mut all[64..]);
        all
    }
}

#[inline(always)]
fn load<S: Simd>(simd: S, of: &[f32], at: usize) -> f32x8<S> {
    f32x8::from_slice(simd, &of[at..at + LANES])
}

/// Hyperbolic tangent with an error below 0.0003.
#[inline(always)]
fn tanh<S: Simd>(x: f32x8<S>) -> f32x8<S> {
    let x = x.max(-4.97).min(4.97);
    let square = x * x;
    let above = (square + 378.0).mul_add(square, 17_325.0);
    let above = above.mul_add(square, 135_135.0);
    let below = square.mul_add(28.0, 3_150.0);
    let below = below.mul_add(square, 62_370.0);
    let below = below.mul_add(square, 135_135.0);
    x * above / below
}

#[inline(always)]
fn sigmoid<S: Simd>(x: f32x8<S>) -> f32x8<S> {
    tanh(x * 0.5) * 0.5 + 0.5
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::LEVEL;
    use fearless_simd::dispatch;

    #[test]
    fn tanh_is_accurate() {
        for i in -800..800 {
            let x = i as f32 / 100.0;
            let ours = dispatch!(*LEVEL, simd => tanh(f32x8::splat(simd, x)).as_slice()[0]);
            assert!((ours - x.tanh()).abs() < 5e-4, "{x}");
        }
    }
}
