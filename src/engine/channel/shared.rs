//! What control threads and the worker share, and how they ask, tell and wait.
#![forbid(unsafe_code)]

use super::machine::NewMachine;
use super::{Callback, Channel, may_block};
use crate::engine::outbox::Outbox;
use crate::engine::recorder_job::NewRecorder;
use crate::engine::webhook::CallIds;
use earwig_core::detect::dtmf::Limits;
use earwig_core::job::dtmf::{DtmfOptions, DtmfResult};
use earwig_core::job::machine::MachineResult;
use earwig_core::job::recorder::Control;
use earwig_core::types::{Error, Status};
use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What a control call asks of the leg, in its place among the audio.
#[derive(Debug)]
pub enum Request {
    Answer,
    StartDtmf(u64, DtmfOptions),
    StopDtmf(u64),
    ClearDigits,
    Inject(u8, u64),
    SetDtmfLimits(Limits),
    StartRecorder(Box<NewRecorder>),
    StopRecorder(u64),
    ControlRecorder(Control),
    StartMachine(Box<NewMachine>),
    StopMachine(u64),
    /// Says that everything before it is done.
    Flush(u64),
}

/// A request, with how much of RX and TX was written and how many hang-ups had been when it was made.
#[derive(Debug)]
pub struct Command {
    pub at: [u64; 2],
    pub hangups: u32,
    pub request: Request,
}

/// What control threads and the worker share, behind one lock that is held for moments.
pub struct ChannelShared {
    pub commands: VecDeque<Command>,
    pub outbox: Outbox,
    pub callback: Option<Callback>,
    /// The channel is in the dispatcher's queue.
    pub dispatching: bool,
    /// What the leg's buffer held when it was last looked at.
    pub digits: String,
    pub digits_dropped: u64,
    /// What was known of the detection that runs when it last told something.
    pub machine: Option<MachineResult>,
    pub flushed: u64,
    flushes: u64,
    pub error: String,
    /// By what names the call goes in status callbacks.
    pub ids: CallIds,
}

impl ChannelShared {
    /// A shared with nothing on it, for so many events.
    pub fn new(event_capacity: usize) -> Self {
        Self {
            commands: VecDeque::new(),
            outbox: Outbox::new(event_capacity),
            callback: None,
            dispatching: false,
            digits: String::new(),
            digits_dropped: 0,
            machine: None,
            flushed: 0,
            flushes: 0,
            error: String::new(),
            ids: CallIds::default(),
        }
    }

    /// An ending that was read is heard; with a callback, the callback hears every one.
    pub fn forget_ending(&mut self, job: u64) {
        if self.callback.is_none() {
            self.outbox.forget_ending_of(job);
        }
    }

    /// A fault was caught: whoever waits is let go.
    pub fn fail(&mut self, collected: DtmfResult, outcome: MachineResult) {
        self.flushed = self.flushes;
        self.outbox.fail(collected, outcome);
    }
}

impl Channel {
    pub(in crate::engine) fn lock(&self) -> MutexGuard<'_, ChannelShared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::engine) fn request(&self, shared: &mut ChannelShared, request: Request) {
        let hangups = self.hangups.load(Ordering::Acquire);
        self.request_after(shared, hangups, request);
    }

    /// Asks for something that is meant for the call after so many hang-ups.
    pub(in crate::engine) fn request_after(
        &self,
        shared: &mut ChannelShared,
        hangups: u32,
        request: Request,
    ) {
        shared.commands.push_back(Command {
            at: self.positions(),
            hangups,
            request,
        });
        self.called.store(true, Ordering::Release);
        self.engine
            .attend(self.worker, self.slot.load(Ordering::Acquire));
    }

    pub(in crate::engine) fn wait<T>(
        &self,
        timeout: Option<Duration>,
        mut ready: impl FnMut(&mut ChannelShared) -> Option<T>,
    ) -> Result<T, Error> {
        // A wait too long for the clock is a wait without limit.
        let deadline = timeout.and_then(|t| Instant::now().checked_add(t));
        let mut shared = self.lock();
        loop {
            if let Some(value) = ready(&mut shared) {
                return Ok(value);
            }
            shared = match deadline {
                None => self
                    .changed
                    .wait(shared)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return Err(Status::ErrTimeout.into());
                    }
                    self.changed
                        .wait_timeout(shared, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
    }

    /// Waits until all that was written and asked so far is done.
    pub fn flush(&self, timeout: Option<Duration>) -> Result<(), Error> {
        may_block()?;
        let number = {
            let mut shared = self.lock();
            shared.flushes += 1;
            let number = shared.flushes;
            self.request(&mut shared, Request::Flush(number));
            number
        };
        self.wait(timeout, |shared| (shared.flushed >= number).then_some(()))
    }

    /// The commands that wait.
    pub(in crate::engine) fn take_commands(&self) -> VecDeque<Command> {
        if !self.called.swap(false, Ordering::AcqRel) {
            return VecDeque::new();
        }
        std::mem::take(&mut self.lock().commands)
    }

    /// Hands over what the worker has to tell.
    pub(in crate::engine) fn publish(&self, tell: impl FnOnce(&mut ChannelShared)) {
        {
            let mut shared = self.lock();
            tell(&mut shared);
            self.dispatch(&mut shared);
        }
        self.changed.notify_all();
    }
}
