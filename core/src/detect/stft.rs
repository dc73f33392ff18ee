//! The ear for everything but digits: a spectrum of 256 points through a Hann window of 32 ms, every 10 ms.
//!
//! Digits need quick looks at few frequencies (`dtmf`). Voice, beeps, fax and network tones need all of the band, finer: 31.25 Hz
//! a bin. The phase of a bin against its own of 10 ms before gives a tone's frequency to a fraction of that.
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

/// Between two bins.
pub const BIN_HZ: f32 = RATE_HZ as f32 / WINDOW as f32;

/// A sine of amplitude A at a bin's frequency has this times A there: a Hann window's sum is half its length.
const GAIN: f32 = WINDOW as f32 / 4.0;

const NOTHING: Complex = Complex { re: 0.0, im: 0.0 };

/// Two samples are one complex number: a spectrum of so many points.
const PAIRS: usize = WINDOW / 2;

/// The bins, filled up to whole lanes.
const WIDE: usize = BINS.next_multiple_of(8);

struct Tables {
    window: [f32; WINDOW],
    /// exp(-2 pi i k / WINDOW)
    cos: [f32; WIDE],
    sin: [f32; WIDE],
    plan: Arc<dyn Fft<f32>>,
}

static TABLES: Lazy<Tables> = Lazy::new(|| {
    let turn = |n: usize| 2.0 * PI * n as f64 / WINDOW as f64;
    Tables {
        // The halves that put two spectra together are in it too.
        window: std::array::from_fn(|n| (0.25 - 0.25 * turn(n).cos()) as f32 / GAIN),
        cos: std::array::from_fn(|k| turn(k).cos() as f32),
        sin: std::array::from_fn(|k| -turn(k).sin() as f32),
        plan: FftPlanner::new().plan_fft_forward(PAIRS),
    }
});

/// What was seen at one hop.
#[derive(Clone, Debug)]
pub struct Spectrum {
    /// The newest hop's first sample. The window's middle is 48 samples (6 ms) before it.
    pub at: Samples,
    /// The spectrum: a sine of amplitude A has magnitude A in its bin, and its phase is that at the window's begin.
    pub bins: [Complex; BINS],
    /// Squared magnitudes.
    pub power: [f32; BINS],
    /// Mean square of the newest hop, and of the one before.
    pub energy: f32,
    /// The largest absolute sample of the newest hop.
    pub peak: i16,
    /// Nothing but zeros in the newest hop: lost, never sent, or digital silence.
    pub blank: bool,
    /// Nothing but zeros in the whole window.
    pub silent: bool,
}

/// One stream's ear, 8 kHz.
#[derive(Clone, Debug)]
pub struct Stft {
    /// The last window, newest last, and behind it the hop that fills.
    line: [i16; WINDOW + HOP],
    filled: usize,
    /// Hops in a row with nothing but zeros.
    blank_hops: usize,
    now: Samples,
    /// The window's pairs, then their spectrum.
    pairs: [Complex32; PAIRS],
    scratch: Vec<Complex32>,
    spectrum: Spectrum,
}

impl Default for Stft {
    fn default() -> Self {
        Self {
            line: [0; WINDOW + HOP],
            filled: 0,
            blank_hops: 0,
            now: 0,
            pairs: [Complex32::default(); PAIRS],
            scratch: vec![Complex32::default(); TABLES.plan.get_inplace_scratch_len()],
            spectrum: Spectrum {
                at: 0,
                bins: [NOTHING; BINS],
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
    /// An ear that begins to hear at `now`.
    pub fn new(now: Samples) -> Self {
        Self {
            now,
            ..Self::default()
        }
    }

    /// Hears samples in chunks of any size; `see` is told of each hop that is full.
    pub fn process(&mut self, mut samples: &[i16], mut see: impl FnMut(&Spectrum)) {
        while !samples.is_empty() {
            let taken = samples.len().min(HOP - self.filled);
            let (head, rest) = samples.split_at(taken);
            self.line[WINDOW + self.filled..][..taken].copy_from_slice(head);
            self.filled += taken;
            self.now += taken as Samples;
            samples = rest;
            if self.filled == HOP {
                self.filled = 0;
                self.look();
                see(&self.spectrum);
            }
        }
    }

    /// The time: that at which it began, and the samples facts since.
    pub fn now(&self) -> Samples {
        self.now
    }

    fn look(&mut self) {
        self.line.copy_within(HOP.., 0);
        dispatch!(*LEVEL, _ => self.listen());
        self.spectrum.at = self.now - HOP as Samples;
        let blank = self.spectrum.blank;
        self.blank_hops = if blank { self.blank_hops + 1 } else { 0 };
        self.spectrum.silent = self.blank_hops * HOP >= WINDOW;
        if self.spectrum.silent {
            // Digital silence needs no spectrum.
            self.spectrum.bins.fill(NOTHING);
            self.spectrum.power.fill(0.0);
            return;
        }
        let plan = &TABLES.plan;
        plan.process_with_scratch(&mut self.pairs, &mut self.scratch);
        dispatch!(*LEVEL, _ => self.tell());
    }

    /// Levels of the newest hop, and the window.
    #[inline(always)]
    fn listen(&mut self) {
        const LANES: usize = 16;
        let line = &self.line[..WINDOW];
        let samples = line.as_chunks::<2>().0.iter();
        let window = TABLES.window.as_chunks::<2>().0;
        for ((pair, sample), window) in self.pairs.iter_mut().zip(samples).zip(window) {
            pair.re = f32::from(sample[0]) * window[0];
            pair.im = f32::from(sample[1]) * window[1];
        }
        let (mut squares, mut peaks) = ([0f32; LANES], [0i16; LANES]);
        for chunk in line[WINDOW - HOP..].as_chunks::<LANES>().0 {
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

    /// The spectrum of the samples from that of their pairs, which is the sum of those of the even ones and of the odd ones.
    #[inline(always)]
    fn tell(&mut self) {
        let Tables { cos, sin, .. } = &*TABLES;
        // Z(k), and Z(-k).
        let (mut re, mut im) = ([0f32; WIDE], [0f32; WIDE]);
        let (mut back_re, mut back_im) = ([0f32; WIDE], [0f32; WIDE]);
        for ((re, im), z) in re.iter_mut().zip(&mut im).zip(&self.pairs) {
            (*re, *im) = (z.re, z.im);
        }
        (re[PAIRS], im[PAIRS]) = (re[0], im[0]);
        let back = self.pairs.iter().rev();
        for ((re, im), z) in back_re[1..].iter_mut().zip(&mut back_im[1..]).zip(back) {
            (*re, *im) = (z.re, z.im);
        }
        (back_re[0], back_im[0]) = (re[0], im[0]);
        for k in 0..WIDE {
            let (even_re, even_im) = (re[k] + back_re[k], im[k] - back_im[k]);
            let (odd_re, odd_im) = (im[k] + back_im[k], back_re[k] - re[k]);
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
    fn a_tone_gives_its_amplitude_in_its_bin() {
        let mut ear = Stft::default();
        let mut last = None;
        ear.process(&sine(1000.0, 8000.0, 800), |spectrum| {
            last = Some(spectrum.clone())
        });
        let last = last.unwrap();
        assert_eq!((last.at, ear.now()), (720, 800));
        assert!((last.power[32].sqrt() - 8000.0).abs() < 5.0);
        assert!((last.energy / (8000.0 * 8000.0 / 2.0) - 1.0).abs() < 0.01);
        assert!(last.power[40] < 1.0);
    }

    #[test]
    fn digital_silence_has_no_spectrum_and_ends_with_the_next_sound() {
        let mut ear = Stft::default();
        let mut pcm = sine(1000.0, 8000.0, 400);
        pcm.extend([0; 800]);
        pcm.extend(sine(1000.0, 8000.0, 400));
        let mut powers = Vec::new();
        ear.process(&pcm, |spectrum| {
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
    fn any_chunking_shows_the_same() {
        let pcm = sine(1234.0, 3000.0, 4000);
        let (mut whole, mut parts) = (Vec::new(), Vec::new());
        Stft::default().process(&pcm, |s| whole.push((s.at, s.power, s.energy)));
        let mut ear = Stft::default();
        for chunk in pcm.chunks(37) {
            ear.process(chunk, |s| parts.push((s.at, s.power, s.energy)));
        }
        assert!(whole.len() == 50 && whole == parts);
    }
}
