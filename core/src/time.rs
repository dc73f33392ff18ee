//! Media time in samples at 8 kHz, and its conversion from and to milliseconds.
#![forbid(unsafe_code)]

/// Media time in samples at [`RATE_HZ`] since the channel was made: audio written, gaps, and the time added by `stall_ms`.
pub type Samples = u64;

/// Rate of all detectors and of media time.
pub const RATE_HZ: u32 = 8000;

/// Samples in a millisecond.
pub const MS: Samples = RATE_HZ as Samples / 1000;

/// Converts milliseconds to samples; saturates.
pub fn from_ms(ms: u64) -> Samples {
    ms.saturating_mul(MS)
}

/// Converts samples to milliseconds, rounded down.
pub fn to_ms(samples: Samples) -> u64 {
    samples / MS
}

/// A limit of a waiting time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeout {
    /// No limit.
    Forever,
    /// This long. Zero means: return at once.
    After(Samples),
}

impl Timeout {
    /// A limit of `ms` milliseconds.
    pub fn ms(ms: u64) -> Self {
        Self::After(from_ms(ms))
    }

    /// Time at which it expires, counted from `start`; `None` if it never does.
    pub fn deadline(self, start: Samples) -> Option<Samples> {
        match self {
            Self::Forever => None,
            Self::After(length) => Some(start.saturating_add(length)),
        }
    }

    /// Whether the call returns at once.
    pub fn is_zero(self) -> bool {
        self == Self::After(0)
    }
}
