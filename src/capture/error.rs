//! Why an input is no capture that can be read.

use std::io;

use thiserror::Error;

/// The job cannot be done with this input.
#[derive(Debug, Error)]
pub enum CaptureError {
    /// There is not one byte.
    #[error("is empty")]
    Empty,
    /// It is something else.
    #[error("{0}, not a packet capture that can be read (pcap or pcapng)")]
    Unknown(&'static str),
    /// It is a capture, in a form that is not read.
    #[error("{format} is not read; {way_out}")]
    Unsupported {
        /// What it is.
        format: &'static str,
        /// How to make a file of it that can be read.
        way_out: &'static str,
    },
    /// The input failed.
    #[error("cannot be read: {0}")]
    Read(#[source] io::Error),
}
