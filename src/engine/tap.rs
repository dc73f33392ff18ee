//! The tap between the media thread and a worker: a ring of samples and a ring of gaps. The only file that uses ringbuf.
//!
//! A gap first goes into the pending word, an atomic with the gap's length and a serial number. The writer moves it to the gap
//! ring once that has room; a reader that has read everything else takes it directly. No audio is written while a gap is
//! pending, so audio never overtakes it.
//!
//! The writer is realtime-safe: it copies and returns, without allocation, system call, blocking lock or log line.
#![forbid(unsafe_code)]

use earwig_core::types::Status;
use ringbuf::traits::{Consumer, Observer, Producer, Split};
use ringbuf::{HeapCons, HeapProd, HeapRb};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Capacity of the gap ring: the worker reads every 10 ms, and the writer makes at most one gap per frame.
const GAPS_MAX: usize = 128;

/// A gap of `length` samples, behind `after` samples of audio.
#[derive(Clone, Copy, Debug)]
struct Gap {
    after: u64,
    length: u64,
}

/// State that writer and reader share.
#[derive(Debug, Default)]
pub struct TapStats {
    /// Samples written, gaps included, up to which the reader may read.
    position: AtomicU64,
    gaps: AtomicU64,
    overruns: AtomicU64,
    /// The pending gap: serial number in the upper bits, length in the lower ([`LENGTH_MASK`]); length 0 is none.
    pending_gap: AtomicU64,
    /// Samples of audio before the pending gap.
    pending_gap_after: AtomicU64,
}

/// Bits of the pending gap's length: 2^48 samples at 8 kHz are over 1000 years.
const LENGTH_MASK: u64 = (1 << 48) - 1;

impl TapStats {
    /// Samples written so far, gaps included.
    pub fn position(&self) -> u64 {
        self.position.load(Ordering::Acquire)
    }

    /// Samples of gaps, overruns included.
    pub fn gaps(&self) -> u64 {
        self.gaps.load(Ordering::Relaxed)
    }

    /// Number of writes into a full ring.
    pub fn overruns(&self) -> u64 {
        self.overruns.load(Ordering::Relaxed)
    }
}

/// The media thread's side.
pub struct TapWriter {
    ring: HeapProd<i16>,
    gaps: HeapProd<Gap>,
    audio: u64,
    position: u64,
    stats: Arc<TapStats>,
    /// Limit on the samples of one write or gap.
    max_length: usize,
}

/// The worker's side.
pub struct TapReader {
    stats: Arc<TapStats>,
    ring: HeapCons<i16>,
    gaps: HeapCons<Gap>,
    audio: u64,
    position: u64,
    /// Rest of a gap that was read in part.
    gap_left: u64,
}

/// Audio or a gap, as the reader receives it.
#[derive(Clone, Copy)]
pub enum Block<'a> {
    /// Samples.
    Audio(&'a [i16]),
    /// Number of samples that were lost or not sent.
    Gap(u64),
}

/// Creates a tap for `capacity` samples. `max_length`: limit on the samples of one write or gap.
pub fn tap(capacity: usize, max_length: usize) -> (TapWriter, TapReader, Arc<TapStats>) {
    let (ring_in, ring_out) = HeapRb::new(capacity).split();
    let (gaps_in, gaps_out) = HeapRb::new(GAPS_MAX).split();
    let stats = Arc::new(TapStats::default());
    let writer = TapWriter {
        ring: ring_in,
        gaps: gaps_in,
        audio: 0,
        position: 0,
        stats: stats.clone(),
        max_length,
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
    /// Appends samples. Samples beyond the ring's free space are dropped and become a gap: ERR_OVERRUN. ERR_INVALID above
    /// `max_length`.
    pub fn write(&mut self, samples: &[i16]) -> Result<(), Status> {
        if samples.len() > self.max_length {
            return Err(Status::ErrInvalid);
        }
        let written = if self.flush_gap() {
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

    /// Appends a gap of `count` samples. ERR_INVALID above `max_length`.
    pub fn gap(&mut self, count: usize) -> Result<(), Status> {
        if count > self.max_length {
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
        let pending = self.stats.pending_gap.load(Ordering::Acquire);
        if pending & LENGTH_MASK == 0 {
            // Only this thread changes the word while no gap is pending.
            self.stats
                .pending_gap_after
                .store(self.audio, Ordering::Relaxed);
            let number = (pending & !LENGTH_MASK).wrapping_add(LENGTH_MASK + 1);
            self.stats
                .pending_gap
                .store(number | count, Ordering::Release);
        } else {
            // If the reader takes the gap just now, the addition stays pending at the same place.
            self.stats.pending_gap.fetch_add(count, Ordering::AcqRel);
        }
        self.position += count;
        self.stats.gaps.fetch_add(count, Ordering::Relaxed);
        self.flush_gap();
    }

    /// Moves the pending gap to the gap ring. Returns `false` if the ring is full.
    fn flush_gap(&mut self) -> bool {
        if self.stats.pending_gap.load(Ordering::Acquire) & LENGTH_MASK == 0 {
            return true;
        }
        if self.gaps.is_full() {
            return false;
        }
        let length = self
            .stats
            .pending_gap
            .fetch_and(!LENGTH_MASK, Ordering::AcqRel)
            & LENGTH_MASK;
        // Cannot fail: the ring had room above, and the reader only makes more.
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

    /// Takes the pending gap, if everything before it was read; returns its length, else 0.
    fn take_pending_gap(&mut self) -> u64 {
        let pending = self.stats.pending_gap.load(Ordering::Acquire);
        let here = self.stats.pending_gap_after.load(Ordering::Acquire) == self.audio;
        if pending & LENGTH_MASK == 0 || !here || !self.gaps.is_empty() {
            return 0;
        }
        // The serial number has changed if this is another gap by now.
        match self.stats.pending_gap.compare_exchange(
            pending,
            pending & !LENGTH_MASK,
            Ordering::AcqRel,
            Ordering::Relaxed,
        ) {
            Ok(_) => pending & LENGTH_MASK,
            Err(_) => 0,
        }
    }

    /// Reads up to position `until`, or up to the end, in order.
    pub fn read(&mut self, until: u64, mut sink: impl FnMut(Block<'_>)) {
        // Read before the gaps: a gap that precedes this audio is already in the gap ring.
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
                sink(Block::Gap(length));
                continue;
            }
            // A gap that was written meanwhile may precede audio that was written after it.
            let next_gap = self.gaps.try_peek().map_or(u64::MAX, |g| g.after);
            let length = (audio_seen.min(next_gap) - self.audio).min(room) as usize;
            if length == 0 {
                self.gap_left = self.take_pending_gap();
                let now = self.audio + self.ring.occupied_len() as u64;
                if now == audio_seen && self.gap_left == 0 && self.gaps.is_empty() {
                    return;
                }
                audio_seen = now;
                continue;
            }
            let (first, second) = self.ring.as_slices();
            let head = &first[..length.min(first.len())];
            sink(Block::Audio(head));
            let tail = &second[..length - head.len()];
            if !tail.is_empty() {
                sink(Block::Audio(tail));
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
        let mut samples = Vec::new();
        reader.read(u64::MAX, |block| match block {
            Block::Audio(audio) => samples.extend_from_slice(audio),
            Block::Gap(length) => samples.extend(std::iter::repeat_n(0, length as usize)),
        });
        samples
    }

    #[test]
    fn gaps_are_read_where_they_were_written() {
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
    fn a_read_stops_at_the_given_position() {
        let (mut w, mut r, _) = tap(100, 1000);
        w.write(&[1, 2, 3]).unwrap();
        w.gap(4).unwrap();
        let mut lengths = Vec::new();
        r.read(5, |block| match block {
            Block::Audio(a) => lengths.push(a.len() as i64),
            Block::Gap(g) => lengths.push(-(g as i64)),
        });
        assert_eq!((lengths, r.position()), (vec![3, -2], 5));
        assert_eq!(all(&mut r), [0, 0]);
    }

    #[test]
    fn an_overrun_replaces_the_tail_by_a_gap() {
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
    fn a_full_gap_ring_keeps_positions_exact() {
        let (mut w, mut r, stats) = tap(1000, 1000);
        let (mut written, mut expected) = (0, Vec::new());
        for i in 0..GAPS_MAX as i16 + 20 {
            if w.write(&[i + 1]).is_ok() {
                expected.push(i + 1);
            } else {
                expected.push(0);
            }
            w.gap(1).unwrap();
            expected.push(0);
            written += 2;
        }
        assert_eq!(stats.position(), written);
        assert_eq!(all(&mut r), expected);
        assert_eq!(w.write(&[99]), Ok(()));
        assert_eq!(all(&mut r), [99]);
        assert_eq!(r.position(), stats.position());
    }

    #[test]
    fn writes_above_the_maximum_length_are_refused() {
        let (mut w, mut r, stats) = tap(10, 100);
        assert_eq!(w.gap(usize::MAX), Err(Status::ErrInvalid));
        assert_eq!(w.write(&[0; 101]), Err(Status::ErrInvalid));
        assert_eq!((all(&mut r).len(), stats.position()), (0, 0));
    }

    #[test]
    fn two_threads_transfer_all_samples_in_order() {
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
            r.read(u64::MAX, |block| match block {
                Block::Audio(samples) => {
                    for &s in samples {
                        assert!(s > last);
                        last = s;
                    }
                    audio += samples.len() as u64;
                }
                Block::Gap(length) => gaps += length,
            });
        }
        let lost = writer.join().unwrap();
        assert_eq!(audio, total as u64 - lost);
        assert_eq!(gaps, lost + total as u64 / 3);
    }
}
