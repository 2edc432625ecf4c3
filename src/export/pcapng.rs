//! A pcapng file as it is written: a section, an interface for each link type, packets with comments, and names
//! (draft-ietf-opsawg-pcapng).
//!
//! Never changes a packet: what it is given it writes.

use std::borrow::Cow;
use std::io::{self, Write};
use std::net::IpAddr;

use pcap_parser::{
    EnhancedPacketBlock, InterfaceDescriptionBlock, Linktype, NameRecord, NameRecordType,
    NameResolutionBlock, OptionCode, PcapNGOption, SectionHeaderBlock, ToVec,
};

use crate::frame::{Frame, LinkType, Timestamp};

/// The longest value of an option; the padding must fit too.
pub(super) const LONGEST: usize = 65_532;
/// The end of a text that was cut.
const CUT: &str = "… (cut)";
/// Times are written in nanoseconds: ten to the power of minus nine.
const NANOSECONDS: u8 = 9;

/// Writes a file, block by block.
pub(super) struct Writer<'o> {
    out: &'o mut dyn Write,
    links: Vec<LinkType>,
}

impl<'o> Writer<'o> {
    /// Begins a section, with what is to be said of it.
    pub(super) fn begin(out: &'o mut dyn Write, comments: &[String]) -> io::Result<Self> {
        let program = concat!("why401 ", env!("CARGO_PKG_VERSION"));
        let mut section = SectionHeaderBlock {
            block_type: 0,
            block_len1: 0,
            bom: 0,
            major_version: 1,
            minor_version: 0,
            section_len: -1,
            options: std::iter::once(option(OptionCode::ShbUserAppl, program))
                .chain(comments.iter().map(|it| option(OptionCode::Comment, it)))
                .collect(),
            block_len2: 0,
        };
        out.write_all(&bytes(&mut section)?)?;
        Ok(Self {
            out,
            links: Vec::new(),
        })
    }

    /// Names of addresses, which viewers show.
    pub(super) fn names(&mut self, names: &[(IpAddr, String)]) -> io::Result<()> {
        let values: Vec<(NameRecordType, Vec<u8>)> = names.iter().map(record).collect();
        let records = values.iter().map(|(kind, value)| NameRecord {
            record_type: *kind,
            record_value: value,
        });
        let mut block = NameResolutionBlock {
            block_type: 0,
            block_len1: 0,
            nr: records.chain([NameRecord::END]).collect(),
            options: Vec::new(),
            block_len2: 0,
        };
        self.out.write_all(&bytes(&mut block)?)
    }

    /// A packet, with a comment if there is something to say.
    pub(super) fn packet(&mut self, frame: &Frame<'_>, comment: Option<&str>) -> io::Result<()> {
        let interface = self.interface(frame.link)?;
        let (high, low) = halves(frame.time);
        let mut block = EnhancedPacketBlock {
            block_type: 0,
            block_len1: 0,
            if_id: interface,
            ts_high: high,
            ts_low: low,
            caplen: u32::try_from(frame.bytes.len()).map_err(io::Error::other)?,
            origlen: frame.wire_len,
            data: frame.bytes,
            options: comment
                .map(|comment| option(OptionCode::Comment, comment))
                .into_iter()
                .collect(),
            block_len2: 0,
        };
        self.out.write_all(&bytes(&mut block)?)
    }

    /// The interface of a link type, written before its first packet.
    fn interface(&mut self, link: LinkType) -> io::Result<u32> {
        let known = self.links.iter().position(|it| *it == link);
        let place = known.unwrap_or(self.links.len());
        if known.is_none() {
            self.links.push(link);
            let mut block = InterfaceDescriptionBlock {
                block_type: 0,
                block_len1: 0,
                linktype: Linktype(i32::from(link.0)),
                reserved: 0,
                snaplen: 0,
                options: Vec::new(),
                block_len2: 0,
                if_tsresol: NANOSECONDS,
                if_tsoffset: 0,
            };
            self.out.write_all(&bytes(&mut block)?)?;
        }
        u32::try_from(place).map_err(io::Error::other)
    }
}

fn bytes(block: &mut impl ToVec) -> io::Result<Vec<u8>> {
    block
        .to_vec()
        .map_err(|error| io::Error::other(format!("{error:?}")))
}

/// A text as the value of an option. One that is too long is cut at a character, and ends with a sign of it.
fn option(code: OptionCode, text: &str) -> PcapNGOption<'_> {
    let value = if text.len() > LONGEST {
        let mut end = LONGEST - CUT.len();
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Cow::Owned(format!("{}{CUT}", &text[..end]).into_bytes())
    } else {
        Cow::Borrowed(text.as_bytes())
    };
    PcapNGOption {
        code,
        len: u16::try_from(value.len()).unwrap_or(u16::MAX),
        value,
    }
}

/// An address and its name, which ends with a zero; more of them fill the last word.
fn record((address, name): &(IpAddr, String)) -> (NameRecordType, Vec<u8>) {
    let (kind, mut value) = match address {
        IpAddr::V4(address) => (NameRecordType::Ipv4, address.octets().to_vec()),
        IpAddr::V6(address) => (NameRecordType::Ipv6, address.octets().to_vec()),
    };
    value.extend(name.bytes().filter(|byte| *byte != 0).take(255));
    value.push(0);
    value.resize(value.len().next_multiple_of(4), 0);
    (kind, value)
}

/// A time before 1970 cannot be written.
#[expect(
    clippy::cast_possible_truncation,
    reason = "both halves of the number are wanted"
)]
fn halves(time: Timestamp) -> (u32, u32) {
    let nanos = u64::try_from(time.nanos()).unwrap_or(0);
    ((nanos >> 32) as u32, nanos as u32)
}
