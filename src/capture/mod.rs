//! From a capture file, or a pipe, to frames.
//!
//! Never looks inside a frame, and never loses what it has read: bytes that cannot be read become a limitation.

mod error;
mod order;
mod pcap;
mod pcapng;
mod progress;
mod sniff;
mod source;

use std::io::Read;

pub use error::CaptureError;

use crate::frame::{Frame, LinkType};
use crate::limits::Limitation;
use pcap::PcapReader;
use pcapng::PcapngReader;
use progress::Progress;
use sniff::Format;
use source::Source;

/// Reads the frames of one capture, in file order.
#[derive(Debug)]
pub struct CaptureReader {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Pcap(PcapReader),
    Pcapng(PcapngReader),
}

impl CaptureReader {
    /// Recognises the format of `input` by its first bytes, however few of them a read gives.
    ///
    /// # Errors
    ///
    /// [`CaptureError`] where it is no capture that this program reads, or cannot be read at all.
    pub fn new(input: Box<dyn Read>) -> Result<Self, CaptureError> {
        let mut source = Source::new(input);
        source.fill(sniff::WANTED);
        if let Some(error) = source.take_failure() {
            return Err(CaptureError::Read(error));
        }
        let kind = match sniff::format(source.available())? {
            Format::Pcap(header) => {
                source.consume(pcap::HEADER);
                Kind::Pcap(PcapReader::new(source, header))
            }
            Format::Pcapng => Kind::Pcapng(PcapngReader::new(source)),
        };
        Ok(Self { kind })
    }

    /// The next frame; `None` after the last, or where the file breaks off.
    ///
    /// Bytes that cannot be read, and an input that fails after the first frame, are told by [`Self::limitations`].
    ///
    /// # Errors
    ///
    /// [`CaptureError::Read`] where the input fails before there was any frame.
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, CaptureError> {
        match &mut self.kind {
            Kind::Pcap(reader) => reader.next_frame(),
            Kind::Pcapng(reader) => reader.next_frame(),
        }
    }

    /// The format's name: `pcap`, `pcap (nanoseconds)`, `pcap (modified record headers)`, `pcapng`.
    pub const fn format(&self) -> &'static str {
        match &self.kind {
            Kind::Pcap(reader) => reader.format(),
            Kind::Pcapng(_) => "pcapng",
        }
    }

    /// Records that have a number so far. Some are not lent: those of a pcapng file that are no packets, or cannot be read.
    pub const fn frames(&self) -> u64 {
        self.progress().frames()
    }

    /// Link types of the frames so far, in the order in which they were first seen.
    pub fn link_types(&self) -> &[LinkType] {
        self.progress().link_types()
    }

    /// What could not be read so far, with the frame before it and its place in the file.
    pub fn limitations(&self) -> &[Limitation] {
        self.progress().limitations()
    }

    /// Whether nothing was found damaged or cut so far.
    pub const fn is_complete(&self) -> bool {
        self.progress().is_complete()
    }

    /// Bytes of the input that were read so far; at the end of a whole file its size.
    pub const fn bytes_read(&self) -> u64 {
        match &self.kind {
            Kind::Pcap(reader) => reader.source().bytes_read(),
            Kind::Pcapng(reader) => reader.source().bytes_read(),
        }
    }

    const fn progress(&self) -> &Progress {
        match &self.kind {
            Kind::Pcap(reader) => reader.progress(),
            Kind::Pcapng(reader) => reader.progress(),
        }
    }
}

/// Takes a frame check sequence of `check` bytes off a frame, as far as it was captured.
#[inline]
fn without_check(bytes: &[u8], wire_len: u32, check: usize) -> (&[u8], u32) {
    if check == 0 {
        return (bytes, wire_len);
    }
    let wire_len = wire_len.saturating_sub(u32::try_from(check).unwrap_or(0));
    let kept = bytes.len().min(wire_len as usize);
    (bytes.get(..kept).unwrap_or(bytes), wire_len)
}

#[cfg(test)]
mod tests {
    use super::without_check;

    #[test]
    fn a_frame_check_sequence_is_taken_off_as_far_as_it_was_captured() {
        let bytes = [7; 60];
        assert_eq!(without_check(&bytes, 60, 4), (&bytes[..56], 56));
        assert_eq!(without_check(&bytes[..58], 60, 4), (&bytes[..56], 56));
        assert_eq!(without_check(&bytes[..40], 60, 4), (&bytes[..40], 56));
        assert_eq!(without_check(&bytes[..2], 2, 4), (&bytes[..0], 0));
    }
}
