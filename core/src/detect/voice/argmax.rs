//! The place of the largest of some values.
//!
//! A value that is not negative and its place are put into one integer, so that the largest integer has both: a value must
//! be larger by one part in 65,536 to be told from another.
#![forbid(unsafe_code)]

use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x16, u32x16};

/// Values at a time.
pub const LANES: usize = 16;

/// There are fewer places.
const MOST: u32 = 128;

/// The places that are looked at.
pub struct Places<const N: usize> {
    place: [u32; N],
    /// What of a value is in its integer.
    value: [u32; N],
}

impl<const N: usize> Places<N> {
    /// Those from the first to before the last; all others count as the first, with nothing.
    pub const fn new(first: usize, last: usize) -> Self {
        assert!(last <= N && N <= MOST as usize && N.is_multiple_of(LANES));
        let mut places = Self {
            place: [first as u32; N],
            value: [0; N],
        };
        let mut k = first;
        while k < last {
            places.place[k] = k as u32;
            places.value[k] = !(MOST - 1);
            k += 1;
        }
        places
    }

    /// The integers of the values from `at` on.
    #[inline(always)]
    pub fn keys<S: Simd>(&self, simd: S, values: f32x16<S>, at: usize) -> u32x16<S> {
        let value = u32x16::from_slice(simd, &self.value[at..][..LANES]);
        values.max(0.0).to_bits() & value | self.place(simd, at)
    }

    /// The places from `at` on.
    #[inline(always)]
    pub fn place<S: Simd>(&self, simd: S, at: usize) -> u32x16<S> {
        u32x16::from_slice(simd, &self.place[at..][..LANES])
    }
}

/// The place of the largest.
#[inline(always)]
pub fn largest<S: Simd>(keys: u32x16<S>) -> usize {
    (keys.reduce_max() & (MOST - 1)) as usize
}
