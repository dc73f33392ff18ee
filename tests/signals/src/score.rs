//! Score of detected digits against the digits played.

/// Counts of digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Digits played.
    pub pressed: usize,
    /// Digits detected in their order.
    pub hit: usize,
    /// Digits detected in addition.
    pub extra: usize,
}

impl Score {
    /// Adds a sequence. Hits are the longest common subsequence of the digits played and detected.
    pub fn add(&mut self, pressed: &[u8], detected: &[u8]) {
        let mut row = vec![0usize; detected.len() + 1];
        for &p in pressed {
            let mut diagonal = 0;
            for (i, &h) in detected.iter().enumerate() {
                let above = row[i + 1];
                row[i + 1] = if p == h {
                    diagonal + 1
                } else {
                    above.max(row[i])
                };
                diagonal = above;
            }
        }
        let hit = row[detected.len()];
        self.pressed += pressed.len();
        self.hit += hit;
        self.extra += detected.len() - hit;
    }

    /// Hits in per cent of the digits played.
    pub fn per_cent(&self) -> f64 {
        100.0 * self.hit as f64 / self.pressed.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_and_extras_are_counted() {
        let mut s = Score::default();
        s.add(b"1234", b"124");
        s.add(b"1234", b"12234");
        s.add(b"1", b"");
        assert_eq!(
            s,
            Score {
                pressed: 9,
                hit: 7,
                extra: 1
            }
        );
    }
}
