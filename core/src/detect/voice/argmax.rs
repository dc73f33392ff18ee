//! Index of the largest of up to 128 values, without branches.
//!
//! A non-negative value and its index are packed into one integer, so the maximum of the integers yields both. Values that
//! differ by less than one part in 65,536 count as equal; the larger index wins.
#![forbid(unsafe_code)]

use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x16, u32x16};

/// Values of a vector.
pub const LANES: usize = 16;

/// Maximum number of values.
const MAX_VALUES: u32 = 128;

/// The indices that are searched.
pub struct IndexTable<const N: usize> {
    index: [u32; N],
    /// Mask of the value: zero if the index is not searched.
    mask: [u32; N],
}

impl<const N: usize> IndexTable<N> {
    /// Indices from `first` to before `end`. All others count as `first` with the value 0.
    pub const fn new(first: usize, end: usize) -> Self {
        assert!(end <= N && N <= MAX_VALUES as usize && N.is_multiple_of(LANES));
        let mut table = Self {
            index: [first as u32; N],
            mask: [0; N],
        };
        let mut k = first;
        while k < end {
            table.index[k] = k as u32;
            table.mask[k] = !(MAX_VALUES - 1);
            k += 1;
        }
        table
    }

    /// Packs the values of a vector that starts at index `at`.
    #[inline(always)]
    pub fn pack<S: Simd>(&self, simd: S, values: f32x16<S>, at: usize) -> u32x16<S> {
        let mask = u32x16::from_slice(simd, &self.mask[at..][..LANES]);
        values.max(0.0).to_bits() & mask | self.indices(simd, at)
    }

    /// The indices of a vector that starts at index `at`.
    #[inline(always)]
    pub fn indices<S: Simd>(&self, simd: S, at: usize) -> u32x16<S> {
        u32x16::from_slice(simd, &self.index[at..][..LANES])
    }
}

/// Index of the largest of the packed values.
#[inline(always)]
pub fn index_of_max<S: Simd>(keys: u32x16<S>) -> usize {
    (keys.reduce_max() & (MAX_VALUES - 1)) as usize
}
