//! The line's own noise: the lowest that it has been of late.
#![forbid(unsafe_code)]

/// The floor is the least of so many parts of [`PART`] hops each: 1.5 s.
const PARTS: usize = 5;
const PART: u32 = 30;

/// Nobody has facts anything yet: a line with this noise (log2 of the mean square; -55 dBm0).
const AT_FIRST: f32 = 9.7;

/// The floor of one stream's level.
#[derive(Clone, Copy, Debug)]
pub struct NoiseFloor {
    parts: [f32; PARTS],
    hops: u32,
    smooth: f32,
    least: f32,
}

impl Default for NoiseFloor {
    fn default() -> Self {
        Self {
            parts: [AT_FIRST; PARTS],
            hops: 0,
            smooth: AT_FIRST,
            least: AT_FIRST,
        }
    }
}

impl NoiseFloor {
    /// Hears a level, log2 of the mean square.
    #[inline(always)]
    pub fn hear(&mut self, level: f32) {
        self.smooth += 0.35 * (level - self.smooth);
        if self.hops == PART {
            self.parts.rotate_right(1);
            self.parts[0] = f32::MAX;
            self.hops = 0;
        }
        self.hops += 1;
        self.parts[0] = self.parts[0].min(self.smooth.max(level));
        self.least = self.parts.iter().copied().fold(f32::MAX, f32::min);
    }

    /// The floor.
    pub fn level(&self) -> f32 {
        self.least
    }
}
