//! Generated test signals.
