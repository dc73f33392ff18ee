//! `record`: what becomes of each stretch of a call's audio, and the bytes of the file.
#![forbid(unsafe_code)]

mod audio;
mod job;
mod options;
mod result;

pub use audio::{Recording, RecordingEnd, RecordingInput, RecordingStart};
pub use job::{Control, Ended, Fate, Limits, Piece, RecorderJob};
pub use options::{Existing, RECORD_TIMEOUT, RecorderOptions, SILENCE_DBM0};
pub use result::RecorderResult;
