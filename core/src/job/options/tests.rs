//! Options as text, in both syntaxes.

mod dtmf;
mod machine;
mod recorder;

use super::*;
use crate::types::Status;
