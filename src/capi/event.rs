//! A channel's events are queued in the order in which they became known. A host takes them by polling
//! (`earwig_channel_next_event`), by waiting (`earwig_channel_wait_event`), in an event loop
//! (`earwig_channel_get_event_fd`), or has them delivered to a function (`earwig_channel_set_callback`).
//!
//! Progress events (DIGIT, DIGIT_END, MACHINE, MACHINE_PROVISIONAL, MACHINE_BEEP) that find the queue full are dropped
//! and counted.
//! Endings (DTMF_ENDED, RECORDER_ENDED, MACHINE_ENDED) are never dropped: a job reserves the place of its ending when
//! it starts, and does not start when the queue is full of endings (`EARWIG_ERR_FULL`).
//!
//! An ending leaves the queue when it is taken as an event, delivered to the callback, or when its result is read:
//! `earwig_dtmf_collect`, `earwig_recorder_record`, `earwig_machine_detect`, `_wait` and `_get_result` take it out,
//! unless the channel has a callback. `_stop`, `_get_cause`, `_get_state`, `earwig_machine_get_progress` and
//! `earwig_channel_to_json` leave it in. A result can be read any number of times, until the next job of its kind
//! starts.
//!
//! Events lag the audio by 80 to 170 ms; endings by a timeout do not.

use super::channel::earwig_channel;
use super::{
    on_channel, on_channel_blocking, struct_room, text_array, versioned, wait_ms, write_out,
    write_struct,
};
use crate::engine::{Callback, Channel};
use earwig_core::event::Event;
use earwig_core::time::{Samples, to_ms};
use earwig_core::types::{
    DigitSource, Error, EventType, MachineEvent, MachineKind, MachineVerdict, Status,
};
use std::ffi::{c_char, c_int, c_void};
use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::Arc;

/// One event. The fields of other event types are 0 or empty.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_event {
    /// Size of this struct in bytes; set by `earwig_event_init`.
    pub struct_size: usize,
    /// Kind of the event.
    pub r#type: EventType,
    /// DTMF_ENDED: an `earwig_dtmf_cause`. RECORDER_ENDED: an `earwig_recorder_cause`. MACHINE_ENDED: an
    /// `earwig_machine_cause`.
    pub cause: i32,
    /// Media time at which it became known, ms. Endings: media time at which the job ended.
    pub at_ms: i64,
    /// DIGIT, DIGIT_END: the digit, ASCII: one of `0123456789ABCD*#`.
    pub digit: i32,
    /// DIGIT: how the digit came.
    pub source: DigitSource,
    /// DIGIT, DIGIT_END: media time at which the press began, ms. MACHINE_BEEP: at which the beep began. Endings: at
    /// which the job began.
    pub start_ms: i64,
    /// DIGIT, DIGIT_END: media time at which the press ended, ms; -1 while it lasts. MACHINE_BEEP: at which the beep
    /// ended.
    pub end_ms: i64,
    /// DIGIT_END: level of the row's tone (697 to 941 Hz), dBm0.
    pub low_dbm0: f32,
    /// DIGIT_END: level of the column's tone (1209 to 1633 Hz), dBm0.
    pub high_dbm0: f32,
    /// DIGIT_END: level of the row above that of the column, dB.
    pub twist_db: f32,
    /// DIGIT: 1 if the digit is in the digit buffer; 0 if the buffer was full.
    pub stored: i32,
    /// DTMF_ENDED: the digits that the collection returned, NUL-terminated.
    pub digits: [c_char; 33],
    /// RECORDER_ENDED: 1 if the recording has audio, 0 if it is silence.
    pub audio_detected: i32,
    /// RECORDER_ENDED: length of the audio in the file, ms.
    pub duration_ms: i64,
    /// RECORDER_ENDED: bytes of audio in the file, without its header.
    pub bytes: i64,
    /// MACHINE: what the detection reports. MACHINE_ENDED: `EARWIG_MACHINE_EVENT_FINISHED`.
    pub machine_event: MachineEvent,
    /// MACHINE_ENDED: the verdict. MACHINE_PROVISIONAL: the verdict by now.
    pub machine_verdict: MachineVerdict,
    /// MACHINE, MACHINE_ENDED, MACHINE_BEEP: 1 if a beep was detected.
    pub beep: i32,
    /// MACHINE: frequency of the tone that it reports, Hz. MACHINE_ENDED, MACHINE_BEEP: frequency of the beep. 0
    /// without a tone.
    pub hz: f32,
    /// MACHINE, MACHINE_ENDED, MACHINE_PROVISIONAL: confidence of the verdict, 0 to 1.
    pub confidence: f32,
    /// MACHINE_ENDED: duration of the detection, ms, from the moment at which its timeouts began to count (`anchor`).
    pub detect_ms: i64,
    /// MACHINE_ENDED: media time of the first voice, ms; -1 if there was none.
    pub onset_ms: i64,
    /// MACHINE_ENDED: the cause with its numbers, such as "MAXWORDS-6-6"; NUL-terminated.
    pub cause_text: [c_char; 64],
    /// MACHINE, MACHINE_ENDED: what answered, as far as it is known.
    pub machine_kind: MachineKind,
    /// MACHINE, MACHINE_ENDED: probability of the kind by its rules, 0 to 1; 0 with NONE.
    pub kind_confidence: f32,
}

versioned! {
    earwig_event {
        r#type, cause, at_ms, digit, source, start_ms, end_ms, low_dbm0, high_dbm0, twist_db, stored, digits, audio_detected,
        duration_ms, bytes, machine_event, machine_verdict, beep, hz, confidence, detect_ms, onset_ms, cause_text,
        machine_kind, kind_confidence;
        r#type: EventType, source: DigitSource, machine_event: MachineEvent, machine_verdict: MachineVerdict,
        machine_kind: MachineKind
    }
}

const EMPTY: earwig_event = earwig_event {
    struct_size: 0,
    r#type: EventType::None,
    cause: 0,
    at_ms: 0,
    digit: 0,
    source: DigitSource::Inband,
    start_ms: 0,
    end_ms: 0,
    low_dbm0: 0.0,
    high_dbm0: 0.0,
    twist_db: 0.0,
    stored: 0,
    digits: [0; 33],
    audio_detected: 0,
    duration_ms: 0,
    bytes: 0,
    machine_event: MachineEvent::None,
    machine_verdict: MachineVerdict::Detecting,
    beep: 0,
    hz: 0.0,
    confidence: 0.0,
    detect_ms: 0,
    onset_ms: 0,
    cause_text: [0; 64],
    machine_kind: MachineKind::None,
    kind_confidence: 0.0,
};

fn ms(samples: Samples) -> i64 {
    to_ms(samples) as i64
}

impl From<&Event> for earwig_event {
    fn from(event: &Event) -> Self {
        match event {
            Event::Digit {
                at,
                digit,
                source,
                start,
                end,
                stored,
            } => Self {
                r#type: EventType::Digit,
                at_ms: ms(*at),
                digit: i32::from(*digit),
                source: *source,
                start_ms: ms(*start),
                end_ms: end.map_or(-1, ms),
                stored: i32::from(*stored),
                ..EMPTY
            },
            Event::DigitEnd {
                at,
                digit,
                start,
                end,
                low_dbm0,
                high_dbm0,
            } => Self {
                r#type: EventType::DigitEnd,
                at_ms: ms(*at),
                digit: i32::from(*digit),
                start_ms: ms(*start),
                end_ms: ms(*end),
                low_dbm0: *low_dbm0,
                high_dbm0: *high_dbm0,
                twist_db: low_dbm0 - high_dbm0,
                ..EMPTY
            },
            Event::DtmfEnded { result, .. } => Self {
                r#type: EventType::DtmfEnded,
                cause: result.cause as i32,
                at_ms: ms(result.ended),
                start_ms: ms(result.started),
                digits: text_array(&result.digits),
                ..EMPTY
            },
            Event::RecorderEnded { result, .. } => Self {
                r#type: EventType::RecorderEnded,
                cause: result.cause as i32,
                at_ms: ms(result.ended),
                start_ms: ms(result.started),
                audio_detected: i32::from(result.audio_detected),
                duration_ms: result.duration_ms as i64,
                bytes: result.bytes as i64,
                ..EMPTY
            },
            Event::Machine {
                event,
                at,
                beep,
                hz,
                confidence,
                kind,
                ..
            } => Self {
                r#type: EventType::Machine,
                at_ms: ms(*at),
                machine_event: *event,
                beep: i32::from(*beep),
                hz: *hz,
                confidence: *confidence,
                machine_kind: kind.kind,
                kind_confidence: kind.confidence,
                ..EMPTY
            },
            Event::MachineProvisional {
                at,
                verdict,
                confidence,
            } => Self {
                r#type: EventType::MachineProvisional,
                at_ms: ms(*at),
                machine_verdict: *verdict,
                confidence: *confidence,
                ..EMPTY
            },
            Event::MachineBeep { at, start, end, hz } => Self {
                r#type: EventType::MachineBeep,
                at_ms: ms(*at),
                start_ms: ms(*start),
                end_ms: ms(*end),
                beep: 1,
                hz: *hz,
                ..EMPTY
            },
            Event::MachineEnded { result, .. } => Self {
                r#type: EventType::MachineEnded,
                cause: result.cause as i32,
                at_ms: ms(result.ended),
                start_ms: ms(result.started),
                machine_event: MachineEvent::Finished,
                machine_verdict: result.verdict,
                beep: i32::from(result.beep.is_some()),
                hz: result.beep.map_or(0.0, |(_, hz)| hz),
                confidence: result.confidence,
                detect_ms: ms(result.took()),
                onset_ms: result.onset.map_or(-1, ms),
                cause_text: text_array(&result.text),
                machine_kind: result.kind.kind,
                kind_confidence: result.kind.confidence,
                ..EMPTY
            },
        }
    }
}

/// Sets an event to type NONE, and `struct_size`.
///
/// # Parameters
///
/// - `event`: the struct to set; its previous content is ignored.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_NULL`: `event` is NULL.
///
/// # Threads
///
/// Any thread, a media thread included. Does not block. May be called from a callback.
///
/// # Safety
/// `event` is NULL or points to a writable struct.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_event_init(event: *mut earwig_event) -> Status {
    // SAFETY: S3, as the caller promises.
    unsafe { super::init_struct(event, EMPTY) }
}

/// Takes the oldest event out of the queue.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `event`: receives the event; its `struct_size` must be set.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_AGAIN`: the queue is empty.
/// - `EARWIG_ERR_NULL`: `channel` or `event` is NULL. No event is taken.
/// - `EARWIG_ERR_SIZE`: `event->struct_size` is unknown. No event is taken.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `channel` is NULL or lives; `event` is NULL or writable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_next_event(
    channel: *mut earwig_channel,
    event: *mut earwig_event,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(event)?;
            write_struct(event, earwig_event::from(&c.next_event()?))
        })
    }
}

/// Waits for an event and takes it out of the queue. A hang-up alone is no event: a thread that must notice it uses a
/// `timeout_ms`, or runs a job, whose ending is an event.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `timeout_ms`: maximum wait, ms; 0 does not wait; `EARWIG_FOREVER`: no limit.
/// - `event`: receives the event; its `struct_size` must be set.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_TIMEOUT`: no event came.
/// - `EARWIG_ERR_DEADLOCK`: called from a callback.
/// - `EARWIG_ERR_INVALID`: `timeout_ms` is below -1.
/// - `EARWIG_ERR_NULL`: `channel` or `event` is NULL. No event is taken.
/// - `EARWIG_ERR_SIZE`: `event->struct_size` is unknown. No event is taken.
///
/// # Threads
///
/// Control thread. Blocks. Not from a callback.
///
/// # Safety
/// `channel` is NULL or lives; `event` is NULL or writable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_wait_event(
    channel: *mut earwig_channel,
    timeout_ms: i64,
    event: *mut earwig_event,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel_blocking(channel, |c| {
            struct_room(event)?;
            write_struct(
                event,
                earwig_event::from(&c.wait_event(wait_ms(timeout_ms)?)?),
            )
        })
    }
}

/// Gets a file descriptor that is readable while events are in the queue, for `poll`, `select` or `epoll` (an
/// eventfd).
///
/// The channel owns it: the host neither reads nor closes it. When it is readable, the host calls
/// `earwig_channel_next_event` until that returns `EARWIG_ERR_AGAIN`.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `fd`: receives the descriptor, the same one in each call; valid until the channel is freed.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_SYSTEM`: the process has no more descriptors.
/// - `EARWIG_ERR_NULL`: `channel` or `fd` is NULL.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `channel` is NULL or lives; `fd` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_get_event_fd(
    channel: *mut earwig_channel,
    fd: *mut c_int,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            if fd.is_null() {
                return Err(Status::ErrNull.into());
            }
            let number = c.event_fd(eventfd, AsRawFd::as_raw_fd)?;
            write_out(fd, number)
        })
    }
}

fn eventfd() -> Result<File, Error> {
    // SAFETY: it takes no pointer.
    let fd = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
    if fd < 0 {
        let error = std::io::Error::last_os_error();
        return Err(Error::new(
            Status::ErrSystem,
            format!("no eventfd: {error}"),
        ));
    }
    // SAFETY: the descriptor is new, and nobody else has it.
    Ok(File::from(unsafe { OwnedFd::from_raw_fd(fd) }))
}

/// Event function of the host.
///
/// - `user`: the pointer given to `earwig_channel_set_callback`.
/// - `channel`, `event`: valid until the function returns. A host that keeps the channel takes a reference.
///
/// It runs on threads of the engine, one event at a time for each channel. Events of different channels may be
/// delivered at once, by up to 8 threads. It should return soon: while 8 callbacks of an engine stall at the same time,
/// its other channels' callbacks wait. Audio and detection never wait. Functions that block return
/// `EARWIG_ERR_DEADLOCK` in it.
#[allow(non_camel_case_types)]
pub type earwig_event_fn = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        channel: *mut earwig_channel,
        event: *const earwig_event,
    ),
>;

/// Destructor for `user`. Called exactly once, after its last use, on a thread that runs callbacks or inside
/// `earwig_channel_set_callback`.
#[allow(non_camel_case_types)]
pub type earwig_drop_fn = Option<unsafe extern "C" fn(user: *mut c_void)>;

/// The host's pointer and its destructor.
struct User {
    pointer: *mut c_void,
    drop: earwig_drop_fn,
}

// SAFETY: S6: the host promises that its functions may be called with its pointer on any thread.
unsafe impl Send for User {}
// SAFETY: S6: it is only handed to them.
unsafe impl Sync for User {}

impl User {
    fn pointer(&self) -> *mut c_void {
        self.pointer
    }
}

impl Drop for User {
    fn drop(&mut self) {
        if let Some(drop) = self.drop {
            // SAFETY: S6: this is the only place that calls it, and a value is dropped once.
            crate::engine::in_callback(|| unsafe { drop(self.pointer) });
        }
    }
}

/// Replaces the function that receives the channel's events. Events in the queue go to it at once. With a callback,
/// endings stay in the queue until the callback receives them, whether their results are read or not.
///
/// The previous function may still be running on another thread when this returns; its `drop` is called after that.
///
/// # Parameters
///
/// - `channel`: the channel.
/// - `function`: the new function; NULL for none: events stay in the queue.
/// - `user`: passed to `function`; may be NULL.
/// - `drop`: destructor for `user`; NULL for none. It is called when the function is replaced or the channel is
///   freed, and also if this call fails, unless `channel` is NULL.
///
/// # Returns
///
/// - `EARWIG_OK`
/// - `EARWIG_ERR_SYSTEM`: the operating system refused a thread.
/// - `EARWIG_ERR_NULL`: `channel` is NULL. `drop` is not called.
///
/// # Threads
///
/// Control thread. Does not block. May be called from a callback.
///
/// # Safety
/// `channel` is NULL or lives; `function` may be called with `user` on any thread until `drop` is called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_set_callback(
    channel: *mut earwig_channel,
    function: earwig_event_fn,
    user: *mut c_void,
    drop: earwig_drop_fn,
) -> Status {
    super::control(|| {
        // SAFETY: S1, as the caller promises.
        let channel = unsafe { channel.as_ref() }.ok_or(Status::ErrNull)?;
        let user = User {
            pointer: user,
            drop,
        };
        let callback = function.map(|function| {
            Arc::new(move |channel: &Arc<Channel>, event: &Event| {
                let mut event = earwig_event::from(event);
                event.struct_size = size_of::<earwig_event>();
                // SAFETY: S6: the host's promise; the channel lives while the dispatcher holds it.
                unsafe {
                    function(
                        user.pointer(),
                        Arc::as_ptr(channel).cast_mut(),
                        &raw const event,
                    )
                }
            }) as Callback
        });
        channel.set_callback(callback)
    })
}
