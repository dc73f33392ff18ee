//! From a rate that the engine does not take to one that it does, block by block.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler as _, WindowFunction};

/// Blocks a second: long enough that the filter is steep, short enough that memory is small.
const BLOCKS_PER_SECOND: u32 = 32;

/// One channel on its way to another rate. Its delay is taken off: a sound keeps its time.
pub struct Resampler {
    inner: Fft<f32>,
    from_hz: u64,
    to_hz: u64,
    input: Vec<f32>,
    output: Vec<f32>,
    /// Samples heard.
    heard: u64,
    /// Samples given.
    given: u64,
    /// Samples that are still the filter's own delay.
    delay: usize,
}

impl Resampler {
    /// Both in Hz, neither 0.
    pub fn new(from_hz: u32, to_hz: u32) -> Result<Self, String> {
        // An even number of the smallest blocks that come out whole at both rates: the filter's delay, half a block, is
        // then a whole number of samples.
        let smallest = 2 * from_hz / greatest_common_divisor(from_hz, to_hz);
        let block = (from_hz / BLOCKS_PER_SECOND).next_multiple_of(smallest) as usize;
        let window = WindowFunction::BlackmanHarris2;
        let inner = Fft::<f32>::new_custom(
            from_hz as usize,
            to_hz as usize,
            block,
            1,
            1,
            window,
            FixedSync::Both,
        )
        .map_err(|error| error.to_string())?;
        Ok(Self {
            input: Vec::with_capacity(inner.input_frames_max()),
            output: vec![0.0; inner.output_frames_max()],
            delay: inner.output_delay(),
            inner,
            from_hz: from_hz.into(),
            to_hz: to_hz.into(),
            heard: 0,
            given: 0,
        })
    }

    /// Hears samples; `sink` gets what is ready.
    pub fn write(
        &mut self,
        mut samples: &[f32],
        sink: &mut impl FnMut(&[f32]),
    ) -> Result<(), String> {
        self.heard += samples.len() as u64;
        while !samples.is_empty() {
            let room = self.inner.input_frames_next() - self.input.len();
            let (now, later) = samples.split_at(room.min(samples.len()));
            self.input.extend_from_slice(now);
            samples = later;
            if self.input.len() == self.inner.input_frames_next() {
                self.process(u64::MAX, sink)?;
            }
        }
        Ok(())
    }

    /// The input is over; `sink` gets the rest, so that all of it together is as long as what was heard.
    pub fn finish(&mut self, sink: &mut impl FnMut(&[f32])) -> Result<(), String> {
        let due = self.heard * self.to_hz / self.from_hz;
        while self.given < due {
            self.process(due, sink)?;
        }
        Ok(())
    }

    /// One block, filled up with silence if it is short, of which no more than makes `limit` in all is given.
    fn process(&mut self, limit: u64, sink: &mut impl FnMut(&[f32])) -> Result<(), String> {
        let partial = Indexing {
            partial_len: Some(self.input.len()),
            ..Indexing::default()
        };
        let frames = self.output.len();
        let input = InterleavedSlice::new(&self.input, 1, self.input.len())
            .map_err(|error| error.to_string())?;
        let mut output = InterleavedSlice::new_mut(&mut self.output, 1, frames)
            .map_err(|error| error.to_string())?;
        let (_, made) = self
            .inner
            .process_into_buffer(&input, &mut output, Some(&partial))
            .map_err(|error| error.to_string())?;
        self.input.clear();
        let skip = self.delay.min(made);
        self.delay -= skip;
        let left = usize::try_from(limit.saturating_sub(self.given)).unwrap_or(usize::MAX);
        let ready = &self.output[skip..made];
        let ready = &ready[..ready.len().min(left)];
        self.given += ready.len() as u64;
        sink(ready);
        Ok(())
    }
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    /// A sound of `hz` that starts at `start_s`.
    fn tone(hz: f64, rate_hz: u32, seconds: f64, start_s: f64) -> Vec<f32> {
        (0..(seconds * f64::from(rate_hz)) as u64)
            .map(|n| n as f64 / f64::from(rate_hz))
            .map(|t| {
                if t < start_s {
                    0.0
                } else {
                    0.5 * (TAU * hz * t).sin() as f32
                }
            })
            .collect()
    }

    fn resample(samples: &[f32], from_hz: u32, chunk: usize) -> Vec<f32> {
        let mut resampler = Resampler::new(from_hz, 8000).unwrap();
        let mut out = Vec::new();
        for chunk in samples.chunks(chunk) {
            resampler
                .write(chunk, &mut |block| out.extend_from_slice(block))
                .unwrap();
        }
        resampler
            .finish(&mut |block| out.extend_from_slice(block))
            .unwrap();
        out
    }

    #[test]
    fn length_time_and_level_are_kept() {
        for rate_hz in [
            6000, 8001, 11_025, 12_000, 22_050, 24_000, 37_800, 44_100, 96_000, 192_000,
        ] {
            let out = resample(&tone(941.0, rate_hz, 1.0, 0.5), rate_hz, 999);
            assert_eq!(out.len(), 8000, "{rate_hz}");
            let want = tone(941.0, 8000, 1.0, 0.5);
            // Away from the edges, where the filter rings.
            let error = (4200..7800)
                .map(|n| (out[n] - want[n]).abs())
                .fold(0.0, f32::max);
            assert!(error < 0.002, "{rate_hz} Hz: off by {error}");
            assert!(
                out[..3800].iter().all(|sample| sample.abs() < 0.002),
                "{rate_hz}"
            );
        }
    }

    #[test]
    fn what_the_target_cannot_hold_is_filtered_out() {
        let out = resample(&tone(7059.0, 44_100, 1.0, 0.0), 44_100, 441);
        assert!(out[400..7600].iter().all(|sample| sample.abs() < 0.001));
    }

    #[test]
    fn chunks_of_any_size_give_the_same() {
        let samples = tone(697.0, 44_100, 0.3, 0.1);
        let whole = resample(&samples, 44_100, samples.len());
        for chunk in [1, 7, 441, 5000] {
            assert_eq!(resample(&samples, 44_100, chunk), whole);
        }
    }

    #[test]
    fn nothing_and_next_to_nothing() {
        assert!(resample(&[], 44_100, 1).is_empty());
        assert_eq!(resample(&[0.1; 11], 44_100, 1).len(), 1);
    }
}
