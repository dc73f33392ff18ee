//! What was heard against what was pressed.

/// A tally of digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Pressed.
    pub pressed: usize,
    /// Fact in their order.
    pub hit: usize,
    /// Fact, and not pressed there.
    pub extra: usize,
}

impl Score {
    /// Adds a sequence: hits are its longest common subsequence with what was heard.
    pub fn add(&mut self, pressed: &[u8], heard: &[u8]) {
        let mut row = vec![0usize; heard.len() + 1];
        for &p in pressed {
            let mut diagonal = 0;
            for (i, &h) in heard.iter().enumerate() {
                let above = row[i + 1];
                row[i + 1] = if p == h {
                    diagonal + 1
                } else {
                    above.max(row[i])
                };
                diagonal = above;
            }
        }
        let hit = row[heard.len()];
        self.pressed += pressed.len();
        self.hit += hit;
        self.extra += heard.len() - hit;
    }

    /// Hits of a hundred.
    pub fn per_cent(&self) -> f64 {
        100.0 * self.hit as f64 / self.pressed.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_and_extras_are_told_apart() {
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
