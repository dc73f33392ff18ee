//! What waits for the host: events, the last result, the last error.
//!
//! The queue is bounded. Progress that finds it full is dropped and counted; an ending is never, for the start of each job
//! reserves its place.
#![forbid(unsafe_code)]

use super::job_slot::{Ending, Slot};
use earwig_core::event::Event;
use earwig_core::job::dtmf::DtmfResult;
use earwig_core::job::machine::MachineResult;
use earwig_core::job::recorder::RecorderResult;
use earwig_core::types::{Error, Status};
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
    next_job: u64,
    /// The collection that runs or ran last.
    pub dtmf: Slot<DtmfResult>,
    /// The recording that runs or ran last.
    pub recorder: Slot<RecorderResult>,
    /// The detection that runs or ran last.
    pub machine: Slot<MachineResult>,
    /// The recording whose file is being made, and whether it is to be stopped as soon as it is.
    opening: Option<(u64, bool)>,
    /// An eventfd, readable while events wait.
    fd: Option<File>,
}

impl Outbox {
    /// A queue that holds `capacity` events.
    pub fn new(capacity: usize) -> Self {
        Self {
            events: VecDeque::with_capacity(capacity),
            capacity,
            reserved: 0,
            dropped: 0,
            next_job: 1,
            dtmf: Slot::new(),
            recorder: Slot::new(),
            machine: Slot::new(),
            opening: None,
            fd: None,
        }
    }

    /// A job is about to start: its number, and its ending's place is kept.
    pub fn start<T: Ending>(&mut self) -> Result<u64, Error> {
        if T::slot(self).running().is_some() {
            return Err(Error::new(Status::ErrBusy, T::BUSY));
        }
        let job = self.reserve()?;
        T::slot(self).start(job);
        Ok(job)
    }

    /// A recording is about to start, likewise; its file is yet to be made.
    pub fn start_recorder(&mut self) -> Result<u64, Error> {
        let job = self.start::<RecorderResult>()?;
        self.opening = Some((job, false));
        Ok(job)
    }

    /// Whether the file of the recording that runs is still being made.
    pub fn is_opening(&self) -> bool {
        self.opening.is_some()
    }

    /// Stops a recording whose file is being made; `false` if it has started.
    pub fn stop_opening(&mut self) -> bool {
        let Some((_, stop)) = &mut self.opening else {
            return false;
        };
        *stop = true;
        true
    }

    /// The file is made; answers whether the recording is to be stopped at once.
    pub fn opened(&mut self) -> bool {
        self.opening.take().is_some_and(|(_, stop)| stop)
    }

    /// It could not start after all: all is as it was, or as if there had been none.
    pub fn cancel_recorder(&mut self, before: Option<(u64, RecorderResult)>) {
        self.opening = None;
        self.reserved = self.reserved.saturating_sub(1);
        self.recorder.restore(before);
    }

    fn reserve(&mut self) -> Result<u64, Error> {
        let endings = self.events.iter().filter(|e| e.is_ending()).count();
        if endings + self.reserved >= self.capacity {
            return Err(Status::ErrFull.into());
        }
        self.reserved += 1;
        let job = self.next_job;
        self.next_job += 1;
        Ok(job)
    }

    /// Takes in an event of the leg's or of a disk's.
    pub fn push(&mut self, event: Event) {
        match &event {
            Event::DtmfEnded { job, result } => self.dtmf.end(*job, result),
            Event::RecorderEnded { job, result } => self.recorder.end(*job, result),
            Event::MachineEnded { job, result } => self.machine.end(*job, result),
            Event::Digit { .. }
            | Event::DigitEnd { .. }
            | Event::Machine { .. }
            | Event::MachineProvisional { .. } => {
                if self.events.len() + self.reserved >= self.capacity {
                    self.dropped += 1;
                    return;
                }
            }
        }
        if event.is_ending() {
            self.reserved = self.reserved.saturating_sub(1);
            if self.events.len() >= self.capacity
                && let Some(progress) = self.events.iter().position(|e| !e.is_ending())
            {
                self.events.remove(progress);
                self.dropped += 1;
            }
        }
        self.events.push_back(event);
        self.signal();
    }

    /// Ends the running collection and detection, if any, with these results, after a fault.
    pub fn fail(&mut self, collection: DtmfResult, detection: MachineResult) {
        if let Some(job) = self.machine.running() {
            let result = Box::new(detection);
            self.push(Event::MachineEnded { job, result });
        }
        if let Some(job) = self.dtmf.running() {
            let result = collection;
            self.push(Event::DtmfEnded { job, result });
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

    /// The result was read: its ending has been heard, and leaves the queue.
    pub fn forget_ending_of(&mut self, number: u64) {
        self.events
            .retain(|event| event.ended_job() != Some(number));
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
    use earwig_core::types::{DigitSource, DtmfCause};

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
        let result = DtmfResult {
            cause: DtmfCause::Count,
            digits: "1".into(),
            started: 0,
            ended: 1,
        };
        Event::DtmfEnded { job, result }
    }

    #[test]
    fn progress_is_dropped_and_counted_an_ending_never() {
        let mut o = Outbox::new(8);
        let job = o.start::<DtmfResult>().unwrap();
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
            let job = o.start::<DtmfResult>().unwrap();
            o.push(ending(job));
        }
        assert_eq!(o.start::<DtmfResult>().unwrap_err().status, Status::ErrFull);
        o.pop();
        assert!(o.start::<DtmfResult>().is_ok());
        assert_eq!(o.start::<DtmfResult>().unwrap_err().status, Status::ErrBusy);
    }

    #[test]
    fn an_ending_that_finds_a_full_queue_pushes_progress_out() {
        let mut o = Outbox::new(8);
        for _ in 0..8 {
            o.push(digit());
        }
        let job = o.start::<DtmfResult>().unwrap();
        o.push(ending(job));
        let events: Vec<Event> = std::iter::from_fn(|| o.pop()).collect();
        assert_eq!((events.len(), events[7].is_ending()), (8, true));
    }

    #[test]
    fn a_result_that_was_read_takes_its_ending_along() {
        let mut o = Outbox::new(8);
        let job = o.start::<DtmfResult>().unwrap();
        o.push(digit());
        o.push(ending(job));
        o.forget_ending_of(job);
        assert_eq!(o.pop(), Some(digit()));
        assert_eq!(o.pop(), None);
        assert!(o.dtmf.ended().is_some());
    }
}
