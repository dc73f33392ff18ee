//! Channel options.
#![forbid(unsafe_code)]

use earwig_core::time::RATE_HZ;
use earwig_core::types::Error;

/// Options of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelOptions {
    /// Name of the channel in logs; may be empty.
    pub name: String,
    /// Rate of RX, Hz: 8000, 16000, 32000 or 48000.
    pub rx_rate_hz: u32,
    /// Rate of TX, Hz: 8000, 16000, 32000 or 48000.
    pub tx_rate_hz: u32,
    /// Capacity of each stream's ring, 100 to 10,000 ms.
    pub ring_ms: u32,
    /// Time without audio after which media time advances with the wall clock, 0 to 60,000 ms; 0: never.
    pub stall_ms: u32,
    /// Capacity of the event queue, 8 to 4096.
    pub event_capacity: usize,
    /// Whether jobs may run before the answer.
    pub early_media: bool,
}

impl Default for ChannelOptions {
    fn default() -> Self {
        Self {
            name: String::new(),
            rx_rate_hz: RATE_HZ,
            tx_rate_hz: RATE_HZ,
            ring_ms: 1000,
            stall_ms: 500,
            event_capacity: 64,
            early_media: false,
        }
    }
}

impl ChannelOptions {
    /// Refuses a value that is out of its range.
    pub fn check(&self) -> Result<(), Error> {
        for (name, rate) in [
            ("rx_rate_hz", self.rx_rate_hz),
            ("tx_rate_hz", self.tx_rate_hz),
        ] {
            if ![8000, 16000, 32000, 48000].contains(&rate) {
                return Err(Error::invalid(format!(
                    "{name} is {rate}: it must be 8000, 16000, 32000 or 48000"
                )));
            }
        }
        let ranges = [
            ("ring_ms", u64::from(self.ring_ms), 100, 10_000),
            ("stall_ms", u64::from(self.stall_ms), 0, 60_000),
            ("event_capacity", self.event_capacity as u64, 8, 4096),
        ];
        for (name, value, min, max) in ranges {
            if !(min..=max).contains(&value) {
                return Err(Error::invalid(format!(
                    "{name} is {value}: it must be {min} to {max}"
                )));
            }
        }
        Ok(())
    }
}
