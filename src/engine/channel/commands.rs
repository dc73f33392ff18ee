//! Commands of control threads to the worker, in their order among the audio.
#![forbid(unsafe_code)]

use super::machine::NewMachine;
use super::{Channel, ChannelShared};
use crate::engine::recorder_job::NewRecorder;
use earwig_core::detect::dtmf::Limits;
use earwig_core::job::dtmf::DtmfOptions;
use earwig_core::job::recorder::Control;
use earwig_core::time::Samples;
use std::collections::VecDeque;
use std::sync::atomic::Ordering;

/// A request to the call. `u64` is the number of a job or of a flush.
#[derive(Debug)]
pub enum Request {
    Answer,
    StartDtmf(u64, DtmfOptions),
    StopDtmf(u64),
    ClearDigits,
    /// Digit and its duration, ms.
    Inject(u8, u64),
    SetDtmfLimits(Limits),
    StartRecorder(Box<NewRecorder>),
    StopRecorder(u64),
    ControlRecorder(Control),
    StartMachine(Box<NewMachine>),
    StopMachine(u64),
    /// Number of the detection, words of the host's recogniser, and the time at which they began.
    AddWords(u64, String, Samples),
    /// Confirms that all earlier audio and requests are processed.
    Flush(u64),
}

/// A request, with its position in the audio.
#[derive(Debug)]
pub struct Command {
    /// Samples of RX and TX written before the request.
    pub at: [u64; 2],
    /// Number of hang-ups before the request, and the position of the last one.
    pub hangups: u32,
    pub hangup_at: [u64; 2],
    pub request: Request,
}

impl Channel {
    /// Queues a request at the current position in the audio.
    pub(super) fn request(&self, shared: &mut ChannelShared, request: Request) {
        let hangups = self.hangups();
        self.request_after(shared, hangups, request);
    }

    /// Queues a request for the call that follows this number of hang-ups.
    pub(super) fn request_after(&self, shared: &mut ChannelShared, hangups: u32, request: Request) {
        shared.commands.push_back(Command {
            at: self.positions(),
            hangups,
            hangup_at: self.last_hangup_at(hangups),
            request,
        });
        self.has_commands.store(true, Ordering::Release);
        self.engine
            .request_service(self.worker, self.slot.load(Ordering::Acquire));
    }

    /// For the worker: moves the queued commands to `taken`. Returns `false` if a control thread was preempted while it held the
    /// channel's lock: nothing was taken.
    pub(in crate::engine) fn take_commands(&self, taken: &mut VecDeque<Command>) -> bool {
        if !self.has_commands.load(Ordering::Acquire) {
            return true;
        }
        let Some(mut shared) = self.lock_soon() else {
            return false;
        };
        self.has_commands.store(false, Ordering::Release);
        taken.append(&mut shared.commands);
        true
    }
}
