//! A small network that says how much like voice a hop is: one layer of gated recurrent units over the looks, and a weighted sum.
//!
//! Its weights are small integers (`weights`). It answers for a hop some hops later, having facts what follows.
#![forbid(unsafe_code)]

use super::features::INPUTS;
use super::weights::{BIAS, FROM_INPUT, FROM_STATE, OUT, OUT_BIAS, SCALE, STATE_BIAS};
use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x8, f32x16};
use once_cell::sync::Lazy;

/// Units.
pub const UNITS: usize = 24;

/// It answers for the hop so many before.
pub const LATE: usize = 3;

/// Units times the three gates: reset, update, candidate.
const GATES: usize = 3 * UNITS;

/// Units at a time.
const LANES: usize = 8;

/// Weights to each gate. They lie as lines of the cache do.
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

/// What one stream's network remembers.
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
    /// Hears a look; answers how likely the hop [`LATE`] before was voice.
    #[inline(always)]
    pub fn hear<S: Simd>(&mut self, simd: S, inputs: &[f32; INPUTS]) -> f32 {
        let weights = &*WEIGHTS;
        let mut x = Sums::new(simd, &BIAS);
        let mut h = Sums::new(simd, &STATE_BIAS);
        // By turns: neither waits for its own last sum.
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
        let (x, h) = (x.all(), h.all());
        let mut sum = f32x8::splat(simd, 0.0);
        for at in (0..UNITS).step_by(LANES) {
            let reset = sigmoid(eight(simd, &x, at) + eight(simd, &h, at));
            let update = sigmoid(eight(simd, &x, UNITS + at) + eight(simd, &h, UNITS + at));
            let (x, h) = (
                eight(simd, &x, 2 * UNITS + at),
                eight(simd, &h, 2 * UNITS + at),
            );
            let candidate = tanh(reset.mul_add(h, x));
            let old = eight(simd, &self.state, at);
            let new = update.mul_add(old - candidate, candidate);
            new.store_slice(&mut self.state[at..][..LANES]);
            sum = new.mul_add(eight(simd, &OUT, at), sum);
        }
        let sum = f32x8::splat(simd, sum.reduce_sum() + OUT_BIAS);
        sigmoid(sum).as_slice()[0]
    }
}

/// What comes to each gate.
struct Sums<S: Simd>([f32x16<S>; 4], f32x8<S>);

impl<S: Simd> Sums<S> {
    #[inline(always)]
    fn new(simd: S, bias: &[f32; GATES]) -> Self {
        const { assert!(GATES == 4 * 16 + 8) };
        let mut wide = [f32x16::splat(simd, 0.0); 4];
        for (i, sum) in wide.iter_mut().enumerate() {
            *sum = f32x16::from_slice(simd, &bias[16 * i..][..16]);
        }
        Self(wide, eight(simd, bias, 64))
    }

    #[inline(always)]
    fn add(&mut self, simd: S, x: f32, Row(row): &Row) {
        let wide = f32x16::splat(simd, x);
        for (i, sum) in self.0.iter_mut().enumerate() {
            *sum = wide.mul_add(f32x16::from_slice(simd, &row[16 * i..][..16]), *sum);
        }
        self.1 = f32x8::splat(simd, x).mul_add(eight(simd, row, 64), self.1);
    }

    #[inline(always)]
    fn all(self) -> [f32; GATES] {
        let mut all = [0.0; GATES];
        for (i, sum) in self.0.iter().enumerate() {
            sum.store_slice(&mut all[16 * i..][..16]);
        }
        self.1.store_slice(&mut all[64..]);
        all
    }
}

#[inline(always)]
fn eight<S: Simd>(simd: S, of: &[f32], at: usize) -> f32x8<S> {
    f32x8::from_slice(simd, &of[at..at + LANES])
}

/// The hyperbolic tangent, to 0.0003.
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
    fn curves_are_true() {
        for i in -800..800 {
            let x = i as f32 / 100.0;
            let ours = dispatch!(*LEVEL, simd => tanh(f32x8::splat(simd, x)).as_slice()[0]);
            assert!((ours - x.tanh()).abs() < 5e-4, "{x}");
        }
    }
}
