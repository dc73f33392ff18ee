//! What waits for the host: events, the last result, the last error.
//!
//! The queue is bounded. Progress that finds it full is dropped and counted; an ending is never, for the start of each job
//! reserves its place.
#![forbid(unsafe_code)]

use super::leg::Event;
use crate::cause::{Error, Status};
use crate::job::collect::Collected;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Write};

/// What waits for the host of one channel.
#[derive(Debug)]
pub struct Outbox {
    events: VecDeque<Event>,
    capacity: usize,
    /// Places kept for endings of jobs that run.
    reserved: usize,
    dropped: u64,
    /// The collection that runs, or how the last one ended.
    collect: CollectSlot,
    next_job: u64,
    /// Collections that a blocked thread waits for, by number, and how they ended.
    awaited: Vec<(u64, Option<Collected>)>,
    /// An eventfd, readable while events wait.
    fd: Option<File>,
}

#[derive(Debug)]
enum CollectSlot {
    Never,
    Running(u64),
    Ended(u64, Collected),
}

impl Outbox {
    /// A queue that holds `capacity` events.
    pub fn new(capacity: usize) -> Self {
        Self {
            events: VecDeque::with_capacity(capacity),
            capacity,
            reserved: 0,
            dropped: 0,
            collect: CollectSlot::Never,
            next_job: 1,
            awaited: Vec::new(),
            fd: None,
        }
    }

    /// A collection is about to start: its number, and its ending's place is kept.
    pub fn start_collect(&mut self) -> Result<u64, Error> {
        if let CollectSlot::Running(_) = self.collect {
            return Err(Error::new(Status::ErrBusy, "a collection runs already"));
        }
        let endings = self.events.iter().filter(|e| e.is_ending()).count();
        if endings + self.reserved >= self.capacity {
            return Err(Status::ErrFull.into());
        }
        self.reserved += 1;
        let job = self.next_job;
        self.next_job += 1;
        self.collect = CollectSlot::Running(job);
        Ok(job)
    }

    /// Takes in an event of the leg's.
    pub fn push(&mut self, event: Event) {
        if let Event::DtmfEnded { job, collected } = &event {
            self.reserved = self.reserved.saturating_sub(1);
            self.collect = CollectSlot::Ended(*job, collected.clone());
            if let Some((_, ended)) = self.awaited.iter_mut().find(|(number, _)| number == job) {
                *ended = Some(collected.clone());
            }
            if self.events.len() >= self.capacity
                && let Some(progress) = self.events.iter().position(|e| !e.is_ending())
            {
                self.events.remove(progress);
                self.dropped += 1;
            }
        } else if self.events.len() + self.reserved >= self.capacity {
            self.dropped += 1;
            return;
        }
        self.events.push_back(event);
        self.signal();
    }

    /// A fault was caught: the collection that runs, if any, ends like this.
    pub fn fail(&mut self, collected: Collected) {
        if let CollectSlot::Running(job) = self.collect {
            self.push(Event::DtmfEnded { job, collected });
        }
    }

    /// The next event, oldest first.
    pub fn pop(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        if self.events.is_empty() {
            self.unsignal();
        }
        event
    }

    /// Whether an event waits.
    pub fn has_events(&self) -> bool {
        !self.events.is_empty()
    }

    /// Events that found no room.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The number of the collection that runs or ended last; `None` if there never was one.
    pub fn collect_number(&self) -> Option<u64> {
        match &self.collect {
            CollectSlot::Never => None,
            CollectSlot::Running(job) | CollectSlot::Ended(job, _) => Some(*job),
        }
    }

    /// How the last collection ended; `None` while one runs or before the first.
    pub fn collected(&self) -> Option<&Collected> {
        match &self.collect {
            CollectSlot::Ended(_, collected) => Some(collected),
            _ => None,
        }
    }

    /// A thread will wait for this collection, whatever starts after it.
    pub fn await_collected(&mut self, number: u64) {
        self.awaited.push((number, None));
    }

    /// How an awaited collection ended; it is awaited no more then.
    pub fn take_awaited(&mut self, number: u64) -> Option<Collected> {
        let at = self
            .awaited
            .iter()
            .position(|(n, ended)| *n == number && ended.is_some())?;
        self.awaited.swap_remove(at).1
    }

    /// The result was read: its ending has been heard, and leaves the queue.
    pub fn forget_ending_of(&mut self, number: u64) {
        self.events
            .retain(|e| !matches!(e, Event::DtmfEnded { job, .. } if *job == number));
        if self.events.is_empty() {
            self.unsignal();
        }
    }

    /// From now on this eventfd says whether events wait.
    pub fn set_fd(&mut self, fd: File) {
        self.fd = Some(fd);
        if self.has_events() {
            self.signal();
        }
    }

    /// The eventfd.
    pub fn fd(&self) -> Option<&File> {
        self.fd.as_ref()
    }

    fn signal(&mut self) {
        if let Some(fd) = &mut self.fd {
            // It can fail only when the counter is at its end: then it is readable.
            let _ = fd.write(&1u64.to_ne_bytes());
        }
    }

    fn unsignal(&mut self) {
        if let Some(fd) = &mut self.fd {
            // Non-blocking; it fails when there is nothing to take.
            let _ = fd.read(&mut [0; 8]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::{DigitSource, DtmfCause};

    fn digit() -> Event {
        Event::Digit {
            at: 0,
            digit: b'1',
            source: DigitSource::Inband,
            start: 0,
            end: None,
            stored: true,
        }
    }

    fn ending(job: u64) -> Event {
        let collected = Collected {
            cause: DtmfCause::Count,
            digits: "1".into(),
            started: 0,
            ended: 1,
        };
        Event::DtmfEnded { job, collected }
    }

    #[test]
    fn progress_is_dropped_and_counted_an_ending_never() {
        let mut o = Outbox::new(8);
        let job = o.start_collect().unwrap();
        for _ in 0..20 {
            o.push(digit());
        }
        o.push(ending(job));
        assert_eq!(o.dropped(), 13);
        let events: Vec<Event> = std::iter::from_fn(|| o.pop()).collect();
        assert_eq!(events.len(), 8);
        assert!(events[7].is_ending());
    }

    #[test]
    fn endings_that_nobody_reads_refuse_the_next_job_rather_than_being_lost() {
        let mut o = Outbox::new(8);
        for _ in 0..8 {
            let job = o.start_collect().unwrap();
            o.push(ending(job));
        }
        assert_eq!(o.start_collect().unwrap_err().status, Status::ErrFull);
        o.pop();
        assert!(o.start_collect().is_ok());
        assert_eq!(o.start_collect().unwrap_err().status, Status::ErrBusy);
    }

    #[test]
    fn an_ending_that_finds_a_full_queue_pushes_progress_out() {
        let mut o = Outbox::new(8);
        for _ in 0..8 {
            o.push(digit());
        }
        let job = o.start_collect().unwrap();
        o.push(ending(job));
        let events: Vec<Event> = std::iter::from_fn(|| o.pop()).collect();
        assert_eq!((events.len(), events[7].is_ending()), (8, true));
    }

    #[test]
    fn a_result_that_was_read_takes_its_ending_along() {
        let mut o = Outbox::new(8);
        let job = o.start_collect().unwrap();
        o.push(digit());
        o.push(ending(job));
        o.forget_ending_of(job);
        assert_eq!(o.pop(), Some(digit()));
        assert_eq!(o.pop(), None);
        assert!(o.collected().is_some());
    }
}
