//! Why an input is no capture that can be read.
//!
//! Never names the file: whoever opened it does.

use std::io;

use thiserror::Error;

/// The job cannot be done with this input. Each text completes a sentence that begins with the name of the file.
#[derive(Debug, Error)]
pub enum CaptureError {
    /// There is not one byte.
    #[error("is empty")]
    Empty,
    /// It begins as a capture does and has no whole header.
    #[error("ends inside the header of a {0} file")]
    Cut(&'static str),
    /// It is something else.
    #[error("{0}, not a packet capture that can be read (pcap, pcapng, Network Monitor or .etl)")]
    Unknown(&'static str),
    /// It is a capture, or may hold one, in a form that is not read yet.
    #[error("is {format}, which is not read yet; {way_out}")]
    Unsupported {
        /// What it is.
        format: &'static str,
        /// How to make a file of it that can be read.
        way_out: &'static str,
    },
    /// It is a trace of something else than packets.
    #[error("{0}")]
    NoPackets(String),
    /// It has to be read out of order and comes through a pipe, or compressed, where it cannot be.
    #[error(
        "is {0} of more than 256 MiB, which cannot be read through a pipe or compressed; save it unpacked, and name the file"
    )]
    TooLong(&'static str),
    /// There is always another compressed file in it.
    #[error("is compressed more than twice")]
    PackedTooOften,
    /// The input failed before there was any frame.
    #[error("cannot be read: {0}")]
    Read(#[source] io::Error),
}
