//! What tests build their inputs with.
//!
//! Never reads a capture: what is built here is written byte by byte as the formats' descriptions say, not by the code under test.

pub(crate) mod bytes;
pub(crate) mod input;
pub(crate) mod pcap;
pub(crate) mod pcapng;
pub(crate) mod random;
