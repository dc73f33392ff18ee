//! Short-time Fourier transform: 256 points through a Hann window of 32 ms, every 10 ms.
//!
//! DTMF detection needs few frequencies at short intervals and has its own analysis (`dtmf`). Voice, beeps, fax and network tones
//! need the whole band at a finer resolution, 31.25 Hz. The phase advance of a bin over 10 ms gives the frequency of a tone to a
//! fraction of that.
#![forbid(unsafe_code)]

use crate::dsp::LEVEL;
use crate::dsp::bank::Complex;
use crate::time::{RATE_HZ, Samples};
use fearless_simd::dispatch;
use once_cell::sync::Lazy;
use rustfft::{Fft, FftPlanner, num_complex::Complex32};
use std::f64::consts::PI;
use std::sync::Arc;

/// Samples of a hop: 10 ms.
pub const HOP: usize = 80;

/// Samples of the window: 32 ms.
pub const WINDOW: usize = 256;

/// Bins, from 0 to 4000 Hz.
pub const BINS: usize = WINDOW / 2 + 1;

/// Spacing of the bins.
pub const BIN_HZ: f32 = RATE_HZ as f32 / WINDOW as f32;

/// Magnitude at its bin of a sine of amplitude 1, before scaling: the sum of a Hann window is half its length.
const GAIN: f32 = WINDOW as f32 / 4.0;

const ZERO: Complex = Complex { re: 0.0, im: 0.0 };

/// Points of the complex transform: each pair of samples is one complex number.
const PAIRS: usize = WINDOW / 2;

/// The bins, padded to a multiple of eight vector lanes.
const PADDED_BINS: usize = BINS.next_multiple_of(8);

struct Tables {
    window: [f32; WINDOW],
    /// exp(-2 pi i k / WINDOW), real and imaginary part.
    cos: [f32; PADDED_BINS],
    sin: [f32; PADDED_BINS],
    plan: Arc<dyn Fft<f32>>,
}

static TABLES: Lazy<Tables> = Lazy::new(|| {
    let turn = |n: usize| 2.0 * PI * n as f64 / WINDOW as f64;
    Tables {
        // Includes the factor 1/2 of `unpack_spectrum`.
        window: std::array::from_fn(|n| (0.25 - 0.25 * turn(n).cos()) as f32 / GAIN),
        cos: std::array::from_fn(|k| turn(k).cos() as f32),
        sin: std::array::from_fn(|k| -turn(k).sin() as f32),
        plan: FftPlanner::new().plan_fft_forward(PAIRS),
    }
});

/// The spectrum at one hop, with the levels of the hop.
#[derive(Clone, Debug)]
pub struct Spectrum {
    /// First sample of the newest hop. The middle of the window is 48 samples (6 ms) earlier.
    pub at: Samples,
    /// Complex values. A sine of amplitude A has magnitude A in its bin; phases refer to the start of the window.
    pub bins: [Complex; BINS],
    /// Squared magnitudes of `bins`.
    pub power: [f32; BINS],
    /// Mean square of the newest hop.
    pub energy: f32,
    /// Largest absolute sample of the newest hop.
    pub peak: i16,
    /// The newest hop is all zeros: lost, not sent, or digital silence.
    pub blank: bool,
    /// The whole window is all zeros.
    pub silent: bool,
}

/// The transform of one stream at 8 kHz.
#[derive(Clone, Debug)]
pub struct Stft {
    /// The last window, newest sample last, followed by the hop in progress.
    buffer: [i16; WINDOW + HOP],
    filled: usize,
    /// Consecutive hops of zeros.
    blank_hops: usize,
    now: Samples,
    /// The windowed samples as complex numbers, transformed in place.
    pairs: [Complex32; PAIRS],
    scratch: Vec<Complex32>,
    spectrum: Spectrum,
}

impl Default for Stft {
    fn default() -> Self {
        Self {
            buffer: [0; WINDOW + HOP],
            filled: 0,
            blank_hops: 0,
            now: 0,
            pairs: [Complex32::default(); PAIRS],
            scratch: vec![Complex32::default(); TABLES.plan.get_inplace_scratch_len()],
            spectrum: Spectrum {
                at: 0,
                bins: [ZERO; BINS],
                power: [0.0; BINS],
                energy: 0.0,
                peak: 0,
                blank: true,
                silent: true,
            },
        }
    }
}

impl Stft {
    /// A transform whose first sample is at time `now`.
    pub fn new(now: Samples) -> Self {
        Self {
            now,
            ..Self::default()
        }
    }

    /// Processes samples in chunks of any size and calls `on_spectrum` for each complete hop.
    pub fn process(&mut self, mut samples: &[i16], mut on_spectrum: impl FnMut(&Spectrum)) {
        while !samples.is_empty() {
            let taken = samples.len().min(HOP - self.filled);
            let (head, rest) = samples.split_at(taken);
            self.buffer[WINDOW + self.filled..][..taken].copy_from_slice(head);
            self.filled += taken;
            self.now += taken as Samples;
            samples = rest;
            if self.filled == HOP {
                self.filled = 0;
                self.analyze();
                on_spectrum(&self.spectrum);
            }
        }
    }

    /// Time of the next sample.
    pub fn now(&self) -> Samples {
        self.now
    }

    /// Samples that complete the hop in progress; 0 if none is.
    pub fn to_next_hop(&self) -> Samples {
        (HOP - self.filled) as Samples % HOP as Samples
    }

    fn analyze(&mut self) {
        self.buffer.copy_within(HOP.., 0);
        dispatch!(*LEVEL, _ => self.apply_window());
        self.spectrum.at = self.now - HOP as Samples;
        let blank = self.spectrum.blank;
        self.blank_hops = if blank { self.blank_hops + 1 } else { 0 };
        self.spectrum.silent = self.blank_hops * HOP >= WINDOW;
        if self.spectrum.silent {
            // Digital silence needs no spectrum.
            self.spectrum.bins.fill(ZERO);
            self.spectrum.power.fill(0.0);
            return;
        }
        let plan = &TABLES.plan;
        plan.process_with_scratch(&mut self.pairs, &mut self.scratch);
        dispatch!(*LEVEL, _ => self.unpack_spectrum());
    }

    /// Windows the samples and measures the levels of the newest hop.
    #[inline(always)]
    fn apply_window(&mut self) {
        const LANES: usize = 16;
        let buffer = &self.buffer[..WINDOW];
        let samples = buffer.as_chunks::<2>().0.iter();
        let window = TABLES.window.as_chunks::<2>().0;
        for ((pair, sample), window) in self.pairs.iter_mut().zip(samples).zip(window) {
            pair.re = f32::from(sample[0]) * window[0];
            pair.im = f32::from(sample[1]) * window[1];
        }
        let (mut squares, mut peaks) = ([0f32; LANES], [0i16; LANES]);
        for chunk in buffer[WINDOW - HOP..].as_chunks::<LANES>().0 {
            for ((square, peak), &x) in squares.iter_mut().zip(&mut peaks).zip(chunk) {
                *square += f32::from(x) * f32::from(x);
                *peak = (*peak).max(x.saturating_abs());
            }
        }
        let spectrum = &mut self.spectrum;
        spectrum.energy = squares.iter().sum::<f32>() / HOP as f32;
        spectrum.peak = peaks.into_iter().fold(0, i16::max);
        spectrum.blank = spectrum.peak == 0;
    }

    /// Converts the transform of the pairs into the spectrum of the samples, by separating even and odd samples.
    #[inline(always)]
    fn unpack_spectrum(&mut self) {
        let Tables { cos, sin, .. } = &*TABLES;
        // Z(k) and Z(-k).
        let (mut re, mut im) = ([0f32; PADDED_BINS], [0f32; PADDED_BINS]);
        let (mut mirrored_re, mut mirrored_im) = ([0f32; PADDED_BINS], [0f32; PADDED_BINS]);
        for ((re, im), z) in re.iter_mut().zip(&mut im).zip(&self.pairs) {
            (*re, *im) = (z.re, z.im);
        }
        (re[PAIRS], im[PAIRS]) = (re[0], im[0]);
        let mirrored = self.pairs.iter().rev();
        for ((re, im), z) in mirrored_re[1..]
            .iter_mut()
            .zip(&mut mirrored_im[1..])
            .zip(mirrored)
        {
            (*re, *im) = (z.re, z.im);
        }
        (mirrored_re[0], mirrored_im[0]) = (re[0], im[0]);
        for k in 0..PADDED_BINS {
            let (even_re, even_im) = (re[k] + mirrored_re[k], im[k] - mirrored_im[k]);
            let (odd_re, odd_im) = (im[k] + mirrored_im[k], mirrored_re[k] - re[k]);
            re[k] = even_re + cos[k] * odd_re - sin[k] * odd_im;
            im[k] = even_im + cos[k] * odd_im + sin[k] * odd_re;
        }
        let spectrum = &mut self.spectrum;
        for ((bin, &re), &im) in spectrum.bins.iter_mut().zip(&re).zip(&im) {
            *bin = Complex { re, im };
        }
        for ((power, re), im) in spectrum.power.iter_mut().zip(&re).zip(&im) {
            *power = re * re + im * im;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(hz: f64, amplitude: f64, samples: usize) -> Vec<i16> {
        (0..samples)
            .map(|n| (amplitude * (2.0 * PI * hz * n as f64 / 8000.0).sin()).round() as i16)
            .collect()
    }

    #[test]
    fn a_bin_has_the_amplitude_of_its_sine() {
        let mut stft = Stft::default();
        let mut last = None;
        stft.process(&sine(1000.0, 8000.0, 800), |spectrum| {
            last = Some(spectrum.clone())
        });
        let last = last.unwrap();
        assert_eq!((last.at, stft.now()), (720, 800));
        assert!((last.power[32].sqrt() - 8000.0).abs() < 5.0);
        assert!((last.energy / (8000.0 * 8000.0 / 2.0) - 1.0).abs() < 0.01);
        assert!(last.power[40] < 1.0);
    }

    #[test]
    fn digital_silence_has_a_zero_spectrum() {
        let mut stft = Stft::default();
        let mut pcm = sine(1000.0, 8000.0, 400);
        pcm.extend([0; 800]);
        pcm.extend(sine(1000.0, 8000.0, 400));
        let mut powers = Vec::new();
        stft.process(&pcm, |spectrum| {
            powers.push((spectrum.blank, spectrum.power[32]))
        });
        let blank: Vec<bool> = powers.iter().map(|p| p.0).collect();
        assert_eq!(
            blank,
            [[false; 5], [true; 5], [true; 5], [false; 5]].concat()
        );
        // The window is 3.2 hops long.
        let loud: Vec<bool> = powers.iter().map(|p| p.1 > 100.0).collect();
        assert!(loud[6] && loud[8..15] == [false; 7] && loud[16], "{loud:?}");
        assert!((powers[19].1.sqrt() - 8000.0).abs() < 5.0);
    }

    #[test]
    fn any_chunking_gives_the_same_spectra() {
        let pcm = sine(1234.0, 3000.0, 4000);
        let (mut whole, mut parts) = (Vec::new(), Vec::new());
        Stft::default().process(&pcm, |s| whole.push((s.at, s.power, s.energy)));
        let mut stft = Stft::default();
        for chunk in pcm.chunks(37) {
            stft.process(chunk, |s| parts.push((s.at, s.power, s.energy)));
        }
        assert!(whole.len() == 50 && whole == parts);
    }
}
