//! A small network that says how much like voice a hop is: one layer of gated recurrent units over the looks, and a weighted sum.
//!
//! Its weights are small integers (`weights`). It answers for a hop some hops later, having heard what follows.
#![forbid(unsafe_code)]

use super::bands::INPUTS;
use super::weights::{BIAS, FROM_INPUT, FROM_STATE, OUT, OUT_BIAS, SCALE, STATE_BIAS};
use once_cell::sync::Lazy;

/// Units.
pub const UNITS: usize = 24;

/// It answers for the hop so many before.
pub const LATE: usize = 3;

/// Gates at a time in the loops below.
const LANES: usize = 8;

/// Units times the three gates: reset, update, candidate.
const GATES: usize = 3 * UNITS;

struct Weights {
    from_input: [[f32; GATES]; INPUTS],
    from_state: [[f32; GATES]; UNITS],
}

static WEIGHTS: Lazy<Weights> = Lazy::new(|| Weights {
    from_input: FROM_INPUT.map(|row| row.map(|w| f32::from(w) * SCALE)),
    from_state: FROM_STATE.map(|row| row.map(|w| f32::from(w) * SCALE)),
});

/// What one stream's network remembers.
#[derive(Clone, Debug)]
pub struct Net {
    state: [f32; UNITS],
}

impl Default for Net {
    fn default() -> Self {
        Self {
            state: [0.0; UNITS],
        }
    }
}

impl Net {
    /// Hears a look; answers how likely the hop [`LATE`] before was voice.
    #[inline(always)]
    pub fn hear(&mut self, inputs: &[f32; INPUTS]) -> f32 {
        let x = products(inputs, &WEIGHTS.from_input, &BIAS);
        let h = products(&self.state, &WEIGHTS.from_state, &STATE_BIAS);
        let mut sum = OUT_BIAS;
        for i in 0..UNITS {
            let reset = sigmoid(x[i] + h[i]);
            let update = sigmoid(x[UNITS + i] + h[UNITS + i]);
            let candidate = tanh(x[2 * UNITS + i] + reset * h[2 * UNITS + i]);
            self.state[i] = candidate + update * (self.state[i] - candidate);
        }
        for (unit, weight) in self.state.iter().zip(&OUT) {
            sum += unit * weight;
        }
        sigmoid(sum)
    }
}

/// What comes to each gate. The sums stay in registers of eight.
#[inline(always)]
fn products<const N: usize>(
    from: &[f32; N],
    weights: &[[f32; GATES]; N],
    bias: &[f32; GATES],
) -> [f32; GATES] {
    const { assert!(GATES == 9 * LANES) };
    let bias = bias.as_chunks::<LANES>().0;
    let mut sums: [[f32; LANES]; 9] = std::array::from_fn(|i| bias[i]);
    for (x, row) in from.iter().zip(weights) {
        for (sum, weights) in sums.iter_mut().zip(row.as_chunks::<LANES>().0) {
            for i in 0..LANES {
                sum[i] += x * weights[i];
            }
        }
    }
    let mut all = [0.0; GATES];
    all.as_chunks_mut::<LANES>().0.copy_from_slice(&sums);
    all
}

/// The hyperbolic tangent, to 0.0003.
#[inline(always)]
fn tanh(x: f32) -> f32 {
    let x = x.clamp(-4.97, 4.97);
    let square = x * x;
    x * (135_135.0 + square * (17_325.0 + square * (378.0 + square)))
        / (135_135.0 + square * (62_370.0 + square * (3_150.0 + square * 28.0)))
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    0.5 + 0.5 * tanh(0.5 * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_true() {
        for i in -800..800 {
            let x = i as f32 / 100.0;
            assert!((tanh(x) - x.tanh()).abs() < 5e-4, "{x}");
        }
    }
}
