//! Events: polled, waited for, by eventfd, or by callback.

use super::channel::earwig_channel;
use super::{on_channel, struct_room, text_array, versioned, wait_ms, write_out, write_struct};
use crate::engine::{Callback, Channel};
use earwig_core::event::Event;
use earwig_core::time::{Samples, to_ms};
use earwig_core::types::{DigitSource, Error, EventType, MachineEvent, MachineVerdict, Status};
use std::ffi::{c_char, c_int, c_void};
use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::Arc;

/// What happened. Which fields hold something is said for each; the others are 0.
#[allow(non_camel_case_types)]
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct earwig_event {
    /// Size of this struct; set by `earwig_event_init`.
    pub struct_size: usize,
    /// What it is.
    pub r#type: EventType,
    /// DTMF_ENDED: the cause, an `earwig_dtmf_cause`; RECORDER_ENDED: an `earwig_recorder_cause`; MACHINE_ENDED: an
    /// `earwig_machine_cause`.
    pub cause: i32,
    /// Media time at which it was known; for an ending, that at which the job ended.
    pub at_ms: i64,
    /// DIGIT, DIGIT_END: the digit, ASCII.
    pub digit: i32,
    /// DIGIT, DIGIT_END: how it came.
    pub source: DigitSource,
    /// DIGIT, DIGIT_END: start of the press; of an ending: start of the job.
    pub start_ms: i64,
    /// DIGIT, DIGIT_END: end of the press; -1 while it lasts.
    pub end_ms: i64,
    /// DIGIT_END: level of the row's tone (697 to 941 Hz).
    pub low_dbm0: f32,
    /// DIGIT_END: level of the column's tone (1209 to 1633 Hz).
    pub high_dbm0: f32,
    /// DIGIT_END: the row's level above the column's.
    pub twist_db: f32,
    /// DIGIT: 1 if it is in the digit buffer, 0 if that was full.
    pub stored: i32,
    /// DTMF_ENDED: the digits that the collection returned, NUL-terminated.
    pub digits: [c_char; 33],
    /// RECORDER_ENDED: 1 if there was audio in it.
    pub audio_detected: i32,
    /// RECORDER_ENDED: length of the audio in the file.
    pub duration_ms: i64,
    /// RECORDER_ENDED: its bytes, without the header.
    pub bytes: i64,
    /// MACHINE: what the detection tells; MACHINE_ENDED: FINISHED.
    pub machine_event: MachineEvent,
    /// MACHINE_ENDED: the result; MACHINE_PROVISIONAL: what it would be by now.
    pub machine_verdict: MachineVerdict,
    /// MACHINE, MACHINE_ENDED: 1 if a beep was heard.
    pub beep: i32,
    /// MACHINE: frequency of the tone that it is about; MACHINE_ENDED: that of the beep.
    pub hz: f32,
    /// MACHINE, MACHINE_ENDED, MACHINE_PROVISIONAL: how sure the verdict is, 0 to 1.
    pub confidence: f32,
    /// MACHINE_ENDED: what the detection took.
    pub detect_ms: i64,
    /// MACHINE_ENDED: media time of the first voice, -1 without one.
    pub onset_ms: i64,
    /// MACHINE_ENDED: the cause with its figures, such as "MAXWORDS-6-6"; NUL-terminated.
    pub cause_text: [c_char; 64],
}

versioned! {
    earwig_event {
        r#type, cause, at_ms, digit, source, start_ms, end_ms, low_dbm0, high_dbm0, twist_db, stored, digits, audio_detected,
        duration_ms, bytes, machine_event, machine_verdict, beep, hz, confidence, detect_ms, onset_ms, cause_text;
        r#type: EventType, source: DigitSource, machine_event: MachineEvent, machine_verdict: MachineVerdict
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
                ..
            } => Self {
                r#type: EventType::Machine,
                at_ms: ms(*at),
                machine_event: *event,
                beep: i32::from(*beep),
                hz: *hz,
                confidence: *confidence,
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
                ..EMPTY
            },
        }
    }
}

/// Empties an event and sets its `struct_size`. Returns `EARWIG_ERR_NULL`. Any thread.
///
/// # Safety
/// `event` is NULL or points to a writable struct.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_event_init(event: *mut earwig_event) -> Status {
    // SAFETY: S3, as the caller promises.
    unsafe { super::init_struct(event, EMPTY) }
}

/// Takes the oldest event that waits.
///
/// Returns `EARWIG_ERR_AGAIN` if none does, `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. Any thread but a media thread.
///
/// # Safety
/// `channel` is NULL or lives; `out` is NULL or writable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_next_event(
    channel: *mut earwig_channel,
    out: *mut earwig_event,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(out)?;
            write_struct(out, earwig_event::from(&c.next_event()?))
        })
    }
}

/// Waits for an event and takes it.
///
/// `timeout_ms`: or `EARWIG_FOREVER`.
/// Returns `EARWIG_ERR_TIMEOUT`, `EARWIG_ERR_DEADLOCK` from a callback, `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`,
/// `EARWIG_ERR_INVALID`. Control thread; blocks.
///
/// # Safety
/// `channel` is NULL or lives; `out` is NULL or writable as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_wait_event(
    channel: *mut earwig_channel,
    timeout_ms: i64,
    out: *mut earwig_event,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            struct_room(out)?;
            write_struct(
                out,
                earwig_event::from(&c.wait_event(wait_ms(timeout_ms)?)?),
            )
        })
    }
}

/// Gets a descriptor that is readable while events wait, for `poll`, `select` or `epoll` (an eventfd).
///
/// `out`: gets it, the same one each time. It is the channel's: the host neither reads nor closes it, and takes the events by
/// `earwig_channel_next_event` until that answers `EARWIG_ERR_AGAIN`.
/// Returns `EARWIG_ERR_SYSTEM` if there are no more descriptors, `EARWIG_ERR_NULL`. Control thread.
///
/// # Safety
/// `channel` is NULL or lives; `out` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn earwig_channel_get_event_fd(
    channel: *mut earwig_channel,
    out: *mut c_int,
) -> Status {
    // SAFETY: S1 and S3, as the caller promises.
    unsafe {
        on_channel(channel, |c| {
            if out.is_null() {
                return Err(Status::ErrNull.into());
            }
            let fd = c.event_fd(eventfd, AsRawFd::as_raw_fd)?;
            write_out(out, fd)
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

/// A host's function for events. `event` and `channel` live for the call; a host that keeps the channel takes a reference.
/// It is called on a thread of the engine's, one event at a time for each channel, and must return soon: while it runs, the
/// callbacks of other channels wait (their detection does not). A blocking call of this API returns `EARWIG_ERR_DEADLOCK` in
/// it; all others are fine, `earwig_channel_unref` among them.
#[allow(non_camel_case_types)]
pub type earwig_event_fn = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        channel: *mut earwig_channel,
        event: *const earwig_event,
    ),
>;

/// Told once, when the library will not use `user` any more.
#[allow(non_camel_case_types)]
pub type earwig_drop_fn = Option<unsafe extern "C" fn(user: *mut c_void)>;

/// What the host left: its pointer, and whom to foreach_field when it is let go.
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

/// Sets the function that gets the channel's events, in place of the one before; events that wait go to it at once.
///
/// `function`: NULL for none; events wait in the queue then. `user`: handed to it. `drop`: told once with `user` when the
/// library lets it go: the function is replaced, or the channel freed (also if this call fails, unless `channel` is NULL);
/// NULL for nobody. The function before may still be running in another thread when this returns; its `drop` comes after.
/// Returns `EARWIG_ERR_SYSTEM` (no thread could be started), `EARWIG_ERR_NULL` (`channel`). Control thread.
///
/// # Safety
/// `channel` is NULL or lives; `function` may be called with `user` on any thread until `drop` is told.
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
