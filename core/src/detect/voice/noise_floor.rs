//! Noise floor of the line: the minimum of the smoothed level over the last 1.5 s.
#![forbid(unsafe_code)]

/// Blocks over which the minimum is taken: 1.5 s.
const BLOCKS: usize = 5;
/// Hops of a block: 300 ms.
const BLOCK_HOPS: u32 = 30;

/// Floor before the first hop, log2 of the mean square: -55 dBm0.
const INITIAL_LEVEL: f32 = 9.7;

/// The noise floor of one stream.
#[derive(Clone, Copy, Debug)]
pub struct NoiseFloor {
    /// Minimum of each block, newest first.
    blocks: [f32; BLOCKS],
    /// Hops of the newest block.
    hops: u32,
    smooth: f32,
    min: f32,
}

impl Default for NoiseFloor {
    fn default() -> Self {
        Self {
            blocks: [INITIAL_LEVEL; BLOCKS],
            hops: 0,
            smooth: INITIAL_LEVEL,
            min: INITIAL_LEVEL,
        }
    }
}

impl NoiseFloor {
    /// Processes the level of a hop, log2 of the mean square.
    #[inline(always)]
    pub fn update(&mut self, level: f32) {
        self.smooth += 0.35 * (level - self.smooth);
        if self.hops == BLOCK_HOPS {
            self.blocks.rotate_right(1);
            self.blocks[0] = f32::MAX;
            self.hops = 0;
        }
        self.hops += 1;
        self.blocks[0] = self.blocks[0].min(self.smooth.max(level));
        self.min = self.blocks.iter().copied().fold(f32::MAX, f32::min);
    }

    /// The floor, log2 of the mean square.
    pub fn level(&self) -> f32 {
        self.min
    }
}
