//! The way from the media thread to a worker: a ring of samples, and beside it the gaps. The only file that names ringbuf.
//!
//! A gap that finds no room waits in one word that both sides know: how long it is, and a number that changes with its place.
//! The writer adds to it and hands it over once there is room; a reader that has nothing else left takes it as it is. No
//! audio is written while a gap waits, so nothing overtakes it.
//!
//! The writer's side is realtime-safe: it copies and returns. No allocation, no system call, no lock that can block, no
//! log line.
#![forbid(unsafe_code)]

use earwig_core::types::Status;
use ringbuf::traits::{Consumer, Observer, Producer, Split};
use ringbuf::{HeapCons, HeapProd, HeapRb};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Gaps that wait for the worker; it comes by every 10 ms, and a writer makes one per frame at most.
const GAPS_MAX: usize = 128;

/// A gap of `length` samples after so many samples of audio.
#[derive(Clone, Copy, Debug)]
struct Gap {
    after: u64,
    length: u64,
}

/// What both sides know.
#[derive(Debug, Default)]
pub struct TapStats {
    /// Samples and gaps that the reader can see.
    position: AtomicU64,
    gaps: AtomicU64,
    overruns: AtomicU64,
    /// The gap that waits: its place's number above, its length below ([`LENGTH`]); and its place.
    waiting: AtomicU64,
    waiting_after: AtomicU64,
}

/// The part of the word that is the length: 2^48 samples are over a thousand years.
const LENGTH: u64 = (1 << 48) - 1;

impl TapStats {
    /// Samples written so far, gaps included.
    pub fn position(&self) -> u64 {
        self.position.load(Ordering::Acquire)
    }

    /// Samples of gaps, those of overruns included.
    pub fn gaps(&self) -> u64 {
        self.gaps.load(Ordering::Relaxed)
    }

    /// Writes that found the ring full.
    pub fn overruns(&self) -> u64 {
        self.overruns.load(Ordering::Relaxed)
    }
}

/// The media thread's end.
pub struct TapWriter {
    ring: HeapProd<i16>,
    gaps: HeapProd<Gap>,
    audio: u64,
    position: u64,
    stats: Arc<TapStats>,
    longest: usize,
}

/// The worker's end.
pub struct TapReader {
    stats: Arc<TapStats>,
    ring: HeapCons<i16>,
    gaps: HeapCons<Gap>,
    audio: u64,
    position: u64,
    /// What is left of a gap that was read in part.
    gap_left: u64,
}

/// What the reader is handed.
#[derive(Clone, Copy)]
pub enum Piece<'a> {
    /// Samples that came.
    Audio(&'a [i16]),
    /// So many were lost, or never sent.
    Gap(u64),
}

/// A tap that holds `capacity` samples; `longest` is the most that one write or gap may have.
pub fn tap(capacity: usize, longest: usize) -> (TapWriter, TapReader, Arc<TapStats>) {
    let (ring_in, ring_out) = HeapRb::new(capacity).split();
    let (gaps_in, gaps_out) = HeapRb::new(GAPS_MAX).split();
    let stats = Arc::new(TapStats::default());
    let writer = TapWriter {
        ring: ring_in,
        gaps: gaps_in,
        audio: 0,
        position: 0,
        stats: stats.clone(),
        longest,
    };
    let reader = TapReader {
        stats: stats.clone(),
        ring: ring_out,
        gaps: gaps_out,
        audio: 0,
        position: 0,
        gap_left: 0,
    };
    (writer, reader, stats)
}

impl TapWriter {
    /// Copies samples in. What finds no room is dropped and left as a gap of its length.
    pub fn write(&mut self, samples: &[i16]) -> Result<(), Status> {
        if samples.len() > self.longest {
            return Err(Status::ErrInvalid);
        }
        let written = if self.settle() {
            self.ring.push_slice(samples)
        } else {
            0
        };
        self.audio += written as u64;
        self.position += written as u64;
        let dropped = (samples.len() - written) as u64;
        if dropped > 0 {
            self.stats.overruns.fetch_add(1, Ordering::Relaxed);
            self.add_gap(dropped);
        }
        self.stats.position.store(self.position, Ordering::Release);
        if dropped > 0 {
            Err(Status::ErrOverrun)
        } else {
            Ok(())
        }
    }

    /// Says that `count` samples are missing here.
    pub fn gap(&mut self, count: usize) -> Result<(), Status> {
        if count > self.longest {
            return Err(Status::ErrInvalid);
        }
        self.add_gap(count as u64);
        self.stats.position.store(self.position, Ordering::Release);
        Ok(())
    }

    fn add_gap(&mut self, count: u64) {
        if count == 0 {
            return;
        }
        let waiting = self.stats.waiting.load(Ordering::Acquire);
        if waiting & LENGTH == 0 {
            // Nobody but this thread changes the word while no gap waits.
            self.stats
                .waiting_after
                .store(self.audio, Ordering::Relaxed);
            let number = (waiting & !LENGTH).wrapping_add(LENGTH + 1);
            self.stats.waiting.store(number | count, Ordering::Release);
        } else {
            // Should the reader take it just now, the rest waits at the same place.
            self.stats.waiting.fetch_add(count, Ordering::AcqRel);
        }
        self.position += count;
        self.stats.gaps.fetch_add(count, Ordering::Relaxed);
        self.settle();
    }

    /// Hands over the gap that waits; `false` if there is no room for it.
    fn settle(&mut self) -> bool {
        if self.stats.waiting.load(Ordering::Acquire) & LENGTH == 0 {
            return true;
        }
        if self.gaps.is_full() {
            return false;
        }
        let length = self.stats.waiting.fetch_and(!LENGTH, Ordering::AcqRel) & LENGTH;
        // Room was seen above, and only the reader can change that: it makes more.
        let _ = self.gaps.try_push(Gap {
            after: self.audio,
            length,
        });
        true
    }
}

impl TapReader {
    /// Samples read so far, gaps included.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Takes the gap that waits for room, if all that came before it was read.
    fn take_waiting(&mut self) -> u64 {
        let waiting = self.stats.waiting.load(Ordering::Acquire);
        let here = self.stats.waiting_after.load(Ordering::Acquire) == self.audio;
        if waiting & LENGTH == 0 || !here || !self.gaps.is_empty() {
            return 0;
        }
        // The number tells whether it is still the gap of that place.
        match self.stats.waiting.compare_exchange(
            waiting,
            waiting & !LENGTH,
            Ordering::AcqRel,
            Ordering::Relaxed,
        ) {
            Ok(_) => waiting & LENGTH,
            Err(_) => 0,
        }
    }

    /// Reads what is there up to position `until`, in order.
    pub fn read(&mut self, until: u64, mut take: impl FnMut(Piece<'_>)) {
        // The audio first: a gap before it was handed over before it was.
        let mut audio_seen = self.audio + self.ring.occupied_len() as u64;
        while self.position < until {
            let room = until - self.position;
            if self.gap_left == 0 && self.gaps.try_peek().is_some_and(|g| g.after <= self.audio) {
                self.gap_left = self.gaps.try_pop().map_or(0, |g| g.length);
            }
            if self.gap_left > 0 {
                let length = self.gap_left.min(room);
                self.gap_left -= length;
                self.position += length;
                take(Piece::Gap(length));
                continue;
            }
            // A gap that came while this ran may stand before audio that came after it.
            let next_gap = self.gaps.try_peek().map_or(u64::MAX, |g| g.after);
            let length = (audio_seen.min(next_gap) - self.audio).min(room) as usize;
            if length == 0 {
                self.gap_left = self.take_waiting();
                let now = self.audio + self.ring.occupied_len() as u64;
                if now == audio_seen && self.gap_left == 0 && self.gaps.is_empty() {
                    return;
                }
                audio_seen = now;
                continue;
            }
            let (first, second) = self.ring.as_slices();
            let head = &first[..length.min(first.len())];
            take(Piece::Audio(head));
            let tail = &second[..length - head.len()];
            if !tail.is_empty() {
                take(Piece::Audio(tail));
            }
            self.ring.skip(length);
            self.audio += length as u64;
            self.position += length as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(reader: &mut TapReader) -> Vec<i16> {
        let mut heard = Vec::new();
        reader.read(u64::MAX, |piece| match piece {
            Piece::Audio(samples) => heard.extend_from_slice(samples),
            Piece::Gap(length) => heard.extend(std::iter::repeat_n(0, length as usize)),
        });
        heard
    }

    #[test]
    fn gaps_come_out_where_they_went_in() {
        let (mut w, mut r, stats) = tap(100, 1000);
        w.write(&[1, 2]).unwrap();
        w.gap(3).unwrap();
        w.gap(1).unwrap();
        w.write(&[3]).unwrap();
        assert_eq!(stats.position(), 7);
        assert_eq!(all(&mut r), [1, 2, 0, 0, 0, 0, 3]);
        assert_eq!(r.position(), 7);
    }

    #[test]
    fn a_read_stops_at_the_position_that_it_is_given() {
        let (mut w, mut r, _) = tap(100, 1000);
        w.write(&[1, 2, 3]).unwrap();
        w.gap(4).unwrap();
        let mut pieces = Vec::new();
        r.read(5, |p| match p {
            Piece::Audio(a) => pieces.push(a.len() as i64),
            Piece::Gap(g) => pieces.push(-(g as i64)),
        });
        assert_eq!((pieces, r.position()), (vec![3, -2], 5));
        assert_eq!(all(&mut r), [0, 0]);
    }

    #[test]
    fn an_overrun_drops_the_tail_and_leaves_a_gap_of_its_length() {
        let (mut w, mut r, stats) = tap(4, 1000);
        assert_eq!(w.write(&[1, 2, 3, 4, 5, 6]), Err(Status::ErrOverrun));
        assert_eq!(w.write(&[7]), Err(Status::ErrOverrun));
        assert_eq!(all(&mut r), [1, 2, 3, 4, 0, 0, 0]);
        w.write(&[8]).unwrap();
        assert_eq!(all(&mut r), [8]);
        assert_eq!(
            (stats.overruns(), stats.gaps(), stats.position()),
            (2, 3, 8)
        );
    }

    #[test]
    fn when_not_even_a_gap_finds_room_the_clock_stays_true() {
        let (mut w, mut r, stats) = tap(1000, 1000);
        let (mut written, mut wanted) = (0, Vec::new());
        for i in 0..GAPS_MAX as i16 + 20 {
            if w.write(&[i + 1]).is_ok() {
                wanted.push(i + 1);
            } else {
                wanted.push(0);
            }
            w.gap(1).unwrap();
            wanted.push(0);
            written += 2;
        }
        assert_eq!(stats.position(), written);
        assert_eq!(all(&mut r), wanted);
        assert_eq!(w.write(&[99]), Ok(()));
        assert_eq!(all(&mut r), [99]);
        assert_eq!(r.position(), stats.position());
    }

    #[test]
    fn absurd_sizes_are_refused() {
        let (mut w, mut r, stats) = tap(10, 100);
        assert_eq!(w.gap(usize::MAX), Err(Status::ErrInvalid));
        assert_eq!(w.write(&[0; 101]), Err(Status::ErrInvalid));
        assert_eq!((all(&mut r).len(), stats.position()), (0, 0));
    }

    #[test]
    fn two_threads_see_the_same_samples_in_the_same_order() {
        let (mut w, mut r, _) = tap(64, 1000);
        let total = 20_000i16;
        let writer = std::thread::spawn(move || {
            let mut lost = 0u64;
            for i in 1..=total {
                if w.write(&[i]).is_err() {
                    lost += 1;
                }
                if i % 3 == 0 {
                    w.gap(1).unwrap();
                }
            }
            lost
        });
        let (mut last, mut audio, mut gaps) = (0i16, 0u64, 0u64);
        let mut done = false;
        while !done {
            done = writer.is_finished();
            r.read(u64::MAX, |piece| match piece {
                Piece::Audio(samples) => {
                    for &s in samples {
                        assert!(s > last);
                        last = s;
                    }
                    audio += samples.len() as u64;
                }
                Piece::Gap(length) => gaps += length,
            });
        }
        let lost = writer.join().unwrap();
        assert_eq!(audio, total as u64 - lost);
        assert_eq!(gaps, lost + total as u64 / 3);
    }
}
