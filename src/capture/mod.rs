//! From a capture file, or a pipe, to frames.
//!
//! Never looks inside a frame, but where a trace of Windows leaves it to the frame to say which link layer it has and how long it
//! was. Never loses what it has read: bytes that cannot be read become a limitation.

mod ahead;
mod erf;
mod error;
mod etl;
mod excerpt;
mod merge;
mod netmon;
mod order;
mod pcap;
mod pcapng;
mod progress;
mod sniff;
mod snoop;
mod source;
mod store;
mod unpack;
mod windows_time;

use std::io::{self, Read};
use std::net::IpAddr;

pub use error::CaptureError;
pub use excerpt::{Excerpt, FrameRanges, FramesOfFile, Moment};
pub use store::Seekable;
pub use unpack::unpacked;

use crate::frame::{Frame, FrameNumber, LinkType, OtherNumbers, PacketDrop, Places};
use crate::limits::Limitation;
use ahead::Ahead;
use erf::ErfReader;
use etl::EtlReader;
use excerpt::Sieve;
use merge::MergedReader;
use netmon::NetmonReader;
use pcap::PcapReader;
use pcapng::PcapngReader;
use progress::Progress;
use sniff::Format;
use snoop::SnoopReader;
use source::Source;
use store::Store;

/// Bytes of a pipe that are kept where a format has to be read out of order: a trace of `netsh` is no longer by itself.
const KEPT: u64 = 256 << 20;

/// How often a capture may be packed: once when it was recorded, and once more to be sent.
const LAYERS: u8 = 2;

/// Reads the frames of one capture, in file order.
#[derive(Debug)]
pub struct CaptureReader {
    kind: Kind,
    /// Lets a part of the frames through, where only that is wanted.
    sieve: Option<Box<Sieve>>,
}

#[derive(Debug)]
enum Kind {
    Pcap(PcapReader),
    Pcapng(PcapngReader),
    Netmon(NetmonReader),
    Etl(EtlReader),
    Merged(Box<MergedReader>),
    Snoop(SnoopReader),
    Erf(ErfReader),
}

/// A frame with the file that brings it, from 0, and its number there.
type Placed<'a> = ((usize, FrameNumber), Frame<'a>);

impl Kind {
    #[expect(
        clippy::inline_always,
        reason = "measured: the frame is not copied from layer to layer"
    )]
    #[inline(always)]
    fn next_frame(&mut self) -> Result<Option<Placed<'_>>, CaptureError> {
        let frame = match self {
            Self::Merged(reader) => return reader.next_frame(),
            Self::Pcap(reader) => reader.next_frame()?,
            Self::Pcapng(reader) => reader.next_frame()?,
            Self::Netmon(reader) => reader.next_frame()?,
            Self::Etl(reader) => reader.next_frame()?,
            Self::Snoop(reader) => reader.next_frame()?,
            Self::Erf(reader) => reader.next_frame()?,
        };
        Ok(frame.map(|frame| ((0, frame.number), frame)))
    }
}

impl CaptureReader {
    /// Recognises the format of `input` by its first bytes, however few of them a read gives. Of a format that has to be read out
    /// of order all is kept, up to a limit.
    ///
    /// # Errors
    ///
    /// [`CaptureError`] where it is no capture that this program reads, or cannot be read at all.
    pub fn new(input: Box<dyn Read + Send>) -> Result<Self, CaptureError> {
        Self::open(Source::new(input), LAYERS)
    }

    /// What is packed may be packed up to `layers` times more.
    fn open(mut source: Source, layers: u8) -> Result<Self, CaptureError> {
        source.fill(sniff::WANTED);
        if let Some(error) = source.take_failure() {
            return Err(CaptureError::Read(error));
        }
        let format = match sniff::format(source.available()) {
            Err(CaptureError::Unknown(_)) if is_erf(&mut source) => Format::Erf,
            format => format?,
        };
        let kind = match format {
            Format::Erf => Kind::Erf(ErfReader::new(source)),
            Format::Pcap(header) => {
                source.consume(pcap::HEADER);
                Kind::Pcap(PcapReader::new(source, header))
            }
            Format::Pcapng => Kind::Pcapng(PcapngReader::new(source)),
            Format::Netmon(header) => {
                let store = keep(source, "a Network Monitor capture")?;
                Kind::Netmon(NetmonReader::new(store, header)?)
            }
            Format::Etl => Kind::Etl(EtlReader::new(keep(source, "a trace of Windows")?)?),
            Format::Snoop(link) => {
                source.consume(snoop::HEADER);
                Kind::Snoop(SnoopReader::new(source, link))
            }
            Format::Packed(packing) => {
                let layers = layers.checked_sub(1).ok_or(CaptureError::PackedTooOften)?;
                let unpacked = packing.unpack(source.into_read());
                let unpacked = Ahead::new(unpacked).map_err(CaptureError::Read)?;
                return Self::open(Source::new(Box::new(unpacked)), layers);
            }
        };
        Ok(Self::of(kind))
    }

    /// The same for an input that can be read at any place: of a format that has to be read out of order little is kept.
    ///
    /// # Errors
    ///
    /// Those of [`Self::new`].
    pub fn of_file(mut file: Box<dyn Seekable>) -> Result<Self, CaptureError> {
        let mut begin = Vec::new();
        let mut first = (&mut file).take(sniff::WANTED as u64);
        first.read_to_end(&mut begin).map_err(CaptureError::Read)?;
        let store = |file| Store::new(file).map_err(CaptureError::Read);
        let format = match sniff::format(&begin) {
            Err(CaptureError::Unknown(_)) => Format::Erf,
            format => format?,
        };
        let kind = match format {
            Format::Netmon(header) => Kind::Netmon(NetmonReader::new(store(file)?, header)?),
            Format::Etl => Kind::Etl(EtlReader::new(store(file)?)?),
            // Whether it is one of these at all is seen there, by more of it.
            Format::Pcap(_)
            | Format::Pcapng
            | Format::Snoop(_)
            | Format::Erf
            | Format::Packed(_) => {
                return Self::new(Box::new(io::Cursor::new(begin).chain(file)));
            }
        };
        Ok(Self::of(kind))
    }

    /// The next frame; `None` after the last, or where the file breaks off.
    ///
    /// Bytes that cannot be read, and an input that fails after the first frame, are told by [`Self::limitations`].
    ///
    /// # Errors
    ///
    /// [`CaptureError::Read`] where the input fails before there was any frame.
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, CaptureError> {
        Ok(self.next_of_file()?.map(|(_, frame)| frame))
    }

    /// The same, with the file that brings it, from 0, where the capture is made of several.
    ///
    /// # Errors
    ///
    /// Those of [`Self::next_frame`].
    #[expect(
        clippy::inline_always,
        reason = "measured: the frame is not copied from layer to layer"
    )]
    #[inline(always)]
    pub fn next_of_file(&mut self) -> Result<Option<(usize, Frame<'_>)>, CaptureError> {
        let Some(sieve) = &mut self.sieve else {
            let placed = self.kind.next_frame()?;
            return Ok(placed.map(|((file, _), frame)| (file, frame)));
        };
        while let Some((place, frame)) = self.kind.next_frame()? {
            if sieve.keep(place, &frame) {
                break;
            }
        }
        Ok(sieve.lend())
    }

    /// The format's name: `pcap`, `pcap (nanoseconds)`, `pcap (modified record headers)`, `pcapng`,
    /// `Network Monitor 2.3` and so on, `etl`, `snoop`, `erf`.
    pub const fn format(&self) -> &'static str {
        match &self.kind {
            Kind::Pcap(reader) => reader.format(),
            Kind::Pcapng(_) => "pcapng",
            Kind::Netmon(reader) => reader.format(),
            Kind::Etl(_) => "etl",
            Kind::Merged(_) => "merged",
            Kind::Snoop(_) => "snoop",
            Kind::Erf(_) => "erf",
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

    /// How another viewer numbers the frames so far, where it numbers differently: Wireshark those of Network Monitor, and Network
    /// Monitor those of a trace, by their events.
    pub fn other_numbers(&self) -> Option<&OtherNumbers> {
        match &self.kind {
            Kind::Pcap(_) | Kind::Pcapng(_) | Kind::Snoop(_) | Kind::Erf(_) | Kind::Merged(_) => {
                None
            }
            Kind::Netmon(reader) => Some(reader.others()).filter(|others| !others.is_empty()),
            Kind::Etl(reader) => Some(reader.others()).filter(|others| !others.is_empty()),
        }
    }

    /// Which process of `sender` sent a frame, as far as the machine noted it that captured it.
    pub fn process_of(&self, number: FrameNumber, sender: IpAddr) -> Option<String> {
        match &self.kind {
            Kind::Pcap(_) | Kind::Pcapng(_) | Kind::Snoop(_) | Kind::Erf(_) => None,
            Kind::Netmon(reader) => reader.processes().of(number, sender),
            Kind::Etl(reader) => reader.processes().of(number, sender),
            Kind::Merged(reader) => {
                let (file, own) = reader.places().of(number)?;
                reader.parts().nth(file)?.process_of(own, sender)
            }
        }
    }

    /// Whether the format can tell of packets that the machine dropped that captured them.
    pub const fn tells_drops(&self) -> bool {
        matches!(self.kind, Kind::Etl(_) | Kind::Merged(_))
    }

    /// The next packet of which the machine that captured it says that it dropped it, with the file that brings it, if it was
    /// lent. The frame has the packet's number, and the bytes at the place where it was dropped, or the first of them.
    pub fn next_drop(&mut self) -> Option<(usize, PacketDrop, Frame<'_>)> {
        match &mut self.kind {
            Kind::Merged(reader) => reader.next_drop(),
            Kind::Etl(reader) => {
                let (drop, frame) = reader.next_drop(FrameNumber(u64::MAX))?;
                Some((0, drop, frame))
            }
            _ => None,
        }
    }

    /// The same of one capture, up to a frame.
    fn next_own_drop(&mut self, last: FrameNumber) -> Option<(PacketDrop, Frame<'_>)> {
        match &mut self.kind {
            Kind::Etl(reader) => reader.next_drop(last),
            _ => None,
        }
    }

    /// Several captures as one, in the order of time, each with what its times are to be moved by, in nanoseconds.
    pub fn merged(parts: Vec<(Self, i64)>) -> Self {
        Self::of(Kind::Merged(Box::new(MergedReader::new(parts))))
    }

    const fn of(kind: Kind) -> Self {
        Self { kind, sieve: None }
    }

    /// Lends only the frames of `excerpt` from now on; the others are read and counted all the same.
    pub fn narrow(&mut self, excerpt: Excerpt) {
        self.sieve = Some(Box::new(Sieve::new(excerpt)));
    }

    /// That only a part of the frames was lent, where it is so.
    pub fn narrowed(&self) -> Option<Limitation> {
        self.sieve.as_ref().map(|sieve| sieve.limitation())
    }

    /// The captures that this one is made of; itself where it is one.
    pub fn parts(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::Merged(reader) => reader.parts().collect(),
            _ => vec![self],
        }
    }

    /// Where the frames stand in the files that this capture is made of, where it is made of several.
    pub const fn places(&self) -> Option<&Places> {
        match &self.kind {
            Kind::Merged(reader) => Some(reader.places()),
            _ => None,
        }
    }

    /// Bytes of the input that were read so far; at the end of a whole file, and of one that is read out of order, its size.
    pub fn bytes_read(&self) -> u64 {
        match &self.kind {
            Kind::Pcap(reader) => reader.source().bytes_read(),
            Kind::Pcapng(reader) => reader.source().bytes_read(),
            Kind::Netmon(reader) => reader.size(),
            Kind::Etl(reader) => reader.size(),
            Kind::Merged(reader) => reader.parts().map(Self::bytes_read).sum(),
            Kind::Snoop(reader) => reader.source().bytes_read(),
            Kind::Erf(reader) => reader.source().bytes_read(),
        }
    }

    const fn progress(&self) -> &Progress {
        match &self.kind {
            Kind::Pcap(reader) => reader.progress(),
            Kind::Pcapng(reader) => reader.progress(),
            Kind::Netmon(reader) => reader.progress(),
            Kind::Etl(reader) => reader.progress(),
            Kind::Merged(reader) => reader.progress(),
            Kind::Snoop(reader) => reader.progress(),
            Kind::Erf(reader) => reader.progress(),
        }
    }
}

/// Whether the records of an Endace card follow each other in what is of no format with a magic.
fn is_erf(source: &mut Source) -> bool {
    let is_more = source.fill(erf::WANTED);
    erf::is_chain(source.available(), !is_more)
}

/// Keeps all of `source` in memory.
fn keep(source: Source, what: &'static str) -> Result<Store, CaptureError> {
    let kept = Store::keep(source, KEPT).map_err(CaptureError::Read)?;
    kept.ok_or(CaptureError::TooLong(what))
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
