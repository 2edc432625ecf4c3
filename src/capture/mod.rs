//! From a capture file, or a pipe, to frames.
//!
//! Never looks inside a frame. Bytes that cannot be read become a limitation, and what was read before stands.

mod error;
mod pcap;
mod pcapng;
mod sniff;
mod source;

use std::io::Read;

pub use error::CaptureError;

use crate::frame::{Frame, FrameNumber, LinkType};
use crate::limits::Limitation;
use pcap::PcapReader;
use pcapng::PcapngReader;
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

/// What the readers of all formats keep.
#[derive(Debug, Default)]
struct Progress {
    frames: u64,
    link_types: Vec<LinkType>,
    limitations: Vec<Limitation>,
    is_broken: bool,
}

impl CaptureReader {
    /// Recognises the format of `input` by its first bytes.
    ///
    /// # Errors
    ///
    /// [`CaptureError`] where it is no capture that this program reads, or cannot be read at all.
    pub fn new(input: Box<dyn Read>) -> Result<Self, CaptureError> {
        let mut source = Source::new(input);
        source.fill(sniff::WANTED).map_err(CaptureError::Read)?;
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
    /// # Errors
    ///
    /// [`CaptureError::Read`] where the input fails; what was read before it stands.
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, CaptureError> {
        match &mut self.kind {
            Kind::Pcap(reader) => reader.next_frame(),
            Kind::Pcapng(reader) => reader.next_frame(),
        }
    }

    /// The format's name: `pcap`, `pcapng`.
    pub const fn format(&self) -> &'static str {
        match &self.kind {
            Kind::Pcap(reader) => reader.format(),
            Kind::Pcapng(_) => "pcapng",
        }
    }

    /// Packet records so far.
    pub const fn frames(&self) -> u64 {
        self.progress().frames
    }

    /// Link types so far, in the order in which they were first seen.
    pub fn link_types(&self) -> &[LinkType] {
        &self.progress().link_types
    }

    /// What could not be read so far.
    pub fn limitations(&self) -> &[Limitation] {
        &self.progress().limitations
    }

    /// Whether nothing was found damaged or cut so far.
    pub const fn is_complete(&self) -> bool {
        !self.progress().is_broken
    }

    const fn progress(&self) -> &Progress {
        match &self.kind {
            Kind::Pcap(reader) => reader.progress(),
            Kind::Pcapng(reader) => reader.progress(),
        }
    }
}

impl Progress {
    /// Counts a packet record.
    fn count(&mut self, link: LinkType) -> FrameNumber {
        self.frames += 1;
        if !self.link_types.contains(&link) {
            self.link_types.push(link);
        }
        FrameNumber(self.frames)
    }

    /// Tells that something is wrong behind the last frame, at byte `offset` of the file.
    fn break_at(&mut self, offset: u64, what: &str) {
        self.is_broken = true;
        if self.limitations.len() < MOST_LIMITATIONS {
            self.limitations.push(Limitation::since(
                FrameNumber(self.frames),
                format!(
                    "The file {what} at byte {offset}, after frame {}.",
                    self.frames
                ),
            ));
        }
    }
}

/// Damages that are told one by one; a file with more has one cause.
const MOST_LIMITATIONS: usize = 20;
