//! The extract without what must not leave the house.
//!
//! Never writes a byte of a packet that was not edited: a frame that cannot be read keeps its length and its time.

mod checksum;
mod headers;
mod streams;

use std::collections::BTreeMap;
use std::io;

use crate::endpoint::{Flow, Transport};
use crate::export::pcapng::Writer;
use crate::export::redacted::headers::Links;
use crate::export::{Choice, Open, Surroundings, legend, reader};
use crate::frame::{Frame, FrameNumber, LinkType, Timestamp};
use crate::hide::{Hider, Kind};
use crate::net::places::{Places, places};

/// What the extract says of itself.
const TOLD: &str = "names and addresses are pseudonyms of the same length; tickets, authenticators, responses, keys, certificates, cookies and all that is not known to be harmless are blanked";
/// The length of an Ethernet header.
const ETHERNET: usize = 14;
/// The type of frames that nobody reads (IEEE 802, local experiments).
const UNREAD: [u8; 2] = [0x88, 0xb5];

/// What the frames of a capture hold.
#[derive(Clone, Debug, Default)]
pub struct Kinds {
    frames: BTreeMap<FrameNumber, Kind>,
    flows: BTreeMap<Flow, Kind>,
}

impl Kinds {
    /// Adds a message.
    pub fn add(&mut self, flow: Flow, frames: &[FrameNumber], kind: Kind) {
        if flow.transport == Transport::Tcp {
            self.flows.insert(flow.min(flow.reversed()), kind);
        } else {
            self.frames
                .extend(frames.iter().map(|frame| (*frame, kind)));
        }
    }

    fn of_flow(&self, flow: Flow) -> Option<Kind> {
        self.flows.get(&flow.min(flow.reversed())).copied()
    }

    fn of_frame(&self, frame: FrameNumber) -> Option<Kind> {
        self.frames.get(&frame).copied()
    }
}

/// A frame as it will be written.
struct Held {
    number: FrameNumber,
    time: Timestamp,
    link: LinkType,
    bytes: Vec<u8>,
    wire_len: u32,
    places: Option<Places>,
}

impl Held {
    fn of(frame: &Frame<'_>) -> Self {
        let mut held = Self {
            number: frame.number,
            time: frame.time,
            link: frame.link,
            bytes: frame.bytes.to_vec(),
            wire_len: frame.wire_len,
            places: places(frame),
        };
        let is_known = matches!(
            frame.link,
            LinkType::ETHERNET | LinkType::LINUX_SLL | LinkType::LINUX_SLL2
        );
        if let (Some(places), false) = (held.places, is_known) {
            held.bare(places);
        }
        held
    }

    /// Leaves out a link layer that is not edited.
    fn bare(&mut self, places: Places) {
        self.bytes.drain(..places.header);
        self.link = LinkType::RAW;
        self.wire_len = self
            .wire_len
            .saturating_sub(u32::try_from(places.header).unwrap_or(0));
        self.places = Some(Places {
            header: 0,
            payload: places.payload - places.header,
            end: places.end - places.header,
            ..places
        });
    }

    /// Leaves nothing of a frame but its length.
    fn blank(&mut self) {
        self.places = None;
        self.link = LinkType::ETHERNET;
        self.bytes.fill(0);
        if let Some(kind) = self.bytes.get_mut(ETHERNET - 2..ETHERNET) {
            kind.copy_from_slice(&UNREAD);
        }
    }

    fn frame(&self) -> Frame<'_> {
        Frame {
            number: self.number,
            time: self.time,
            link: self.link,
            bytes: &self.bytes,
            wire_len: self.wire_len,
        }
    }
}

/// Writes the frames of `choice`, whose texts have their pseudonyms already, with `hider`'s in all packets.
///
/// # Errors
///
/// Where the capture cannot be read again.
pub fn redacted(
    choice: &Choice,
    open: Open<'_>,
    kinds: &Kinds,
    hider: &mut Hider<'_>,
) -> io::Result<Vec<u8>> {
    let surroundings = Surroundings::of(choice, &mut reader(open)?)?;
    let (kept, of) = surroundings.frames(choice, &mut reader(open)?)?;
    let mut frames = Vec::new();
    let mut reader = reader(open)?;
    while let Some(frame) = reader.next_frame().map_err(io::Error::other)? {
        if kept.contains(&frame.number) {
            frames.push(Held::of(&frame));
        }
    }
    edit(&mut frames, kinds, hider);
    let mut out = Vec::new();
    let mut writer = Writer::begin(&mut out, &legend(&kept, of, TOLD))?;
    writer.names(&choice.names)?;
    for held in &frames {
        let comment = choice.comments.get(&held.number);
        writer.packet(&held.frame(), comment.map(String::as_str))?;
    }
    Ok(out)
}

/// Payloads first, for the checksums of the headers count them.
fn edit(frames: &mut [Held], kinds: &Kinds, hider: &mut Hider<'_>) {
    for held in frames.iter_mut() {
        if held
            .places
            .is_none_or(|it| !headers::is_readable(&held.bytes, &it))
        {
            held.blank();
        }
    }
    streams::edit(frames, kinds, hider);
    let mut links = Links::default();
    for held in frames {
        if let Some(places) = held.places {
            links.edit(held.link, &mut held.bytes, places.header);
            headers::edit(&mut held.bytes, &places, hider);
        }
    }
}
