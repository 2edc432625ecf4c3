//! From a capture file, or a pipe, to frames.
//!
//! Never looks inside a frame.
