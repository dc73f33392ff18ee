//! `record`: decides which audio of a call goes into the file, and assembles the bytes of the file.
#![forbid(unsafe_code)]

mod audio;
mod job;
mod options;
mod result;
mod stream;

pub use audio::{Recording, RecordingEnd, RecordingInput, RecordingStart};
pub use job::{Control, Ended, Limits, RecorderJob, Segment, Treatment};
pub use options::{Existing, RECORD_TIMEOUT, RecorderOptions, SILENCE_DBM0};
pub use result::RecorderResult;
