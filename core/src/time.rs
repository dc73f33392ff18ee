//! Media time: samples at a rate, and milliseconds. The only unit conversions.
#![forbid(unsafe_code)]

/// Samples at [`RATE_HZ`] since the channel was made: audio that was written, gaps, and time added while nothing came.
pub type Samples = u64;

/// The rate at which everything is detected and all media time is counted.
pub const RATE_HZ: u32 = 8000;

/// Samples of `ms` milliseconds; saturates.
pub fn from_ms(ms: u64) -> Samples {
    ms.saturating_mul(u64::from(RATE_HZ) / 1000)
}

/// Whole milliseconds of `samples`.
pub fn to_ms(samples: Samples) -> u64 {
    samples / (u64::from(RATE_HZ) / 1000)
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeout {
    /// No limit: the seeds' `None`.
    Forever,
    /// This long; zero is "at once".
    After(Samples),
}

impl Timeout {
    /// `ms` milliseconds.
    pub fn ms(ms: u64) -> Self {
        Self::After(from_ms(ms))
    }

    /// The moment at which it runs out, counted from `start`; `None` if never.
    pub fn deadline(self, start: Samples) -> Option<Samples> {
        match self {
            Self::Forever => None,
            Self::After(length) => Some(start.saturating_add(length)),
        }
    }

    /// Whether it asks to return at once.
    pub fn is_zero(self) -> bool {
        self == Self::After(0)
    }
}
