//! The events and results of one channel, until the host reads them.
//!
//! The event queue is bounded. Progress is dropped and counted if the queue is full. An ending is never dropped: the start of
//! each job reserves a place for it.
#![forbid(unsafe_code)]

use super::job_slot::{JobResult, Slot};
use earwig_core::event::Event;
use earwig_core::job::dtmf::DtmfResult;
use earwig_core::job::machine::MachineResult;
use earwig_core::job::recorder::RecorderResult;
use earwig_core::types::{Error, Status};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Write};

/// Events and results of one channel.
#[derive(Debug)]
pub struct Outbox {
    events: VecDeque<Event>,
    capacity: usize,
    /// Places reserved for the endings of running jobs.
    reserved: usize,
    /// Progress events dropped.
    dropped: u64,
    next_job: u64,
    /// The latest collection.
    pub dtmf: Slot<DtmfResult>,
    /// The latest recording.
    pub recorder: Slot<RecorderResult>,
    /// The latest detection.
    pub machine: Slot<MachineResult>,
    /// An eventfd, readable while the queue has events.
    fd: Option<File>,
}

impl Outbox {
    /// An outbox for `capacity` events.
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
            fd: None,
        }
    }

    /// Starts a job: reserves the place of its ending and returns its number. `call`: number of hang-ups before it. ERR_BUSY if one
    /// of this call has not ended, ERR_FULL if the queue has no place.
    pub fn start<T: JobResult>(&mut self, call: u32) -> Result<u64, Error> {
        let job = self.reserve::<T>(call)?;
        T::slot(self).start(job, call);
        Ok(job)
    }

    /// Starts a recording like [`Self::start`]; its file is not yet created.
    pub fn start_recorder(&mut self, call: u32) -> Result<u64, Error> {
        let job = self.reserve::<RecorderResult>(call)?;
        self.recorder.start_opening(job, call);
        Ok(job)
    }

    /// Undoes the start of a recording whose file could not be created.
    pub fn cancel_recorder(&mut self, job: u64) {
        self.reserved = self.reserved.saturating_sub(1);
        self.recorder.cancel(job);
    }

    /// Reserves a place for the ending of a new job and returns the job's number.
    fn reserve<T: JobResult>(&mut self, call: u32) -> Result<u64, Error> {
        if T::slot(self).is_busy(call) {
            return Err(Error::new(Status::ErrBusy, T::BUSY));
        }
        let endings = self.events.iter().filter(|e| e.is_ending()).count();
        if endings + self.reserved >= self.capacity {
            return Err(Status::ErrFull.into());
        }
        self.reserved += 1;
        let job = self.next_job;
        self.next_job += 1;
        Ok(job)
    }

    /// Adds an event of the call or of storage.
    pub fn push(&mut self, event: Event) {
        match &event {
            Event::DtmfEnded { job, result } => self.dtmf.end(*job, result),
            Event::RecorderEnded { job, result } => self.recorder.end(*job, result),
            Event::MachineEnded { job, result } => self.machine.end(*job, result),
            Event::Digit { .. }
            | Event::DigitEnd { .. }
            | Event::Machine { .. }
            | Event::MachineProvisional { .. }
            | Event::MachineBeep { .. } => {
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

    /// After a fault: ends all collections and detections with these results.
    pub fn fail(&mut self, dtmf: DtmfResult, machine: MachineResult) {
        for job in self.machine.unfinished() {
            let result = Box::new(machine.clone());
            self.push(Event::MachineEnded { job, result });
        }
        for job in self.dtmf.unfinished() {
            let result = dtmf.clone();
            self.push(Event::DtmfEnded { job, result });
        }
    }

    /// Takes the oldest event.
    pub fn pop(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        if self.events.is_empty() {
            self.clear_signal();
        }
        event
    }

    /// Whether the queue has events.
    pub fn has_events(&self) -> bool {
        !self.events.is_empty()
    }

    /// Progress events dropped because the queue was full.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Removes the ending of a job from the queue, because the host has read its result.
    pub fn remove_ending(&mut self, number: u64) {
        self.events
            .retain(|event| event.ended_job() != Some(number));
        if self.events.is_empty() {
            self.clear_signal();
        }
    }

    /// Sets the eventfd, which is readable while the queue has events.
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
            // Fails only if the counter is at its maximum: then the eventfd is readable.
            let _ = fd.write(&1u64.to_ne_bytes());
        }
    }

    fn clear_signal(&mut self) {
        if let Some(fd) = &mut self.fd {
            // Non-blocking; fails if the counter is 0.
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
    fn a_full_queue_drops_and_counts_progress_but_no_ending() {
        let mut o = Outbox::new(8);
        let job = o.start::<DtmfResult>(0).unwrap();
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
    fn a_queue_full_of_endings_refuses_the_next_job() {
        let mut o = Outbox::new(8);
        for _ in 0..8 {
            let job = o.start::<DtmfResult>(0).unwrap();
            o.push(ending(job));
        }
        assert_eq!(
            o.start::<DtmfResult>(0).unwrap_err().status,
            Status::ErrFull
        );
        o.pop();
        assert!(o.start::<DtmfResult>(0).is_ok());
        assert_eq!(
            o.start::<DtmfResult>(0).unwrap_err().status,
            Status::ErrBusy
        );
    }

    #[test]
    fn an_ending_replaces_progress_in_a_full_queue() {
        let mut o = Outbox::new(8);
        for _ in 0..8 {
            o.push(digit());
        }
        let job = o.start::<DtmfResult>(0).unwrap();
        o.push(ending(job));
        let events: Vec<Event> = std::iter::from_fn(|| o.pop()).collect();
        assert_eq!((events.len(), events[7].is_ending()), (8, true));
    }

    #[test]
    fn reading_a_result_removes_its_ending() {
        let mut o = Outbox::new(8);
        let job = o.start::<DtmfResult>(0).unwrap();
        o.push(digit());
        o.push(ending(job));
        o.remove_ending(job);
        assert_eq!(o.pop(), Some(digit()));
        assert_eq!(o.pop(), None);
        assert!(o.dtmf.result().is_some());
    }
}
