//! What the bytes of a frame are, by the media type that Network Monitor gives it.
//!
//! Never takes for a packet what is none: lists of adapters, filters and events have a number and are not lent.

use crate::frame::LinkType;

/// A frame made of a payload that Network Monitor put together.
const PAYLOAD_HEADER: u16 = 0xfffc;
/// Information on the network.
const NETWORK_INFO: u16 = 0xfffd;
/// A cache of names.
const DNS_CACHE: u16 = 0xfffe;
/// The filter of the capture.
const FILTER: u16 = 0xffff;
/// The list of adapters.
const NETWORK_INFO_EX: u16 = 0xfffb;
/// One event of a trace.
const NET_EVENT: u16 = 0xffe0;
/// The metadata before an 802.11 frame: version 2, 32 bytes. No 802.11 frame begins with that version.
const WIFI_METADATA: [u8; 3] = [2, 32, 0];

/// What a frame is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Content {
    /// A packet of a link type, behind so many bytes of metadata.
    Packet(LinkType, usize),
    /// An event that may hold a packet.
    Event,
    /// A message of Windows' filtering platform: what a connection carried, without the packets.
    Unread,
    /// Neither.
    Other,
}

/// What a frame of a media type is that begins with `bytes`.
#[inline]
pub(super) fn content(media: u16, bytes: &[u8]) -> Content {
    let link = match media {
        0 | 1 => LinkType::ETHERNET,
        2 => LinkType::TOKEN_RING,
        3 => LinkType::FDDI,
        7..=9 => LinkType::RAW,
        6 | 0xe080 => return Content::Packet(LinkType::WIFI, wifi_metadata(bytes)),
        0xe083..=0xe086 => return Content::Unread,
        0xe081..=0xe08a | NETWORK_INFO_EX..=FILTER => return Content::Other,
        0xe000..=0xefff => LinkType(media & 0x0fff),
        NET_EVENT => return Content::Event,
        _ => LinkType(media | UNKNOWN),
    };
    Content::Packet(link, 0)
}

/// Set in the number of a link type that is a media type of its own, so that it is told as unread.
const UNKNOWN: u16 = 0x8000;

/// The length of the metadata, where there is any.
fn wifi_metadata(bytes: &[u8]) -> usize {
    if bytes.starts_with(&WIFI_METADATA) {
        32
    } else {
        0
    }
}

/// Whether Wireshark gives a number to frames of a media type.
pub(super) const fn has_number_in_wireshark(media: u16) -> bool {
    !matches!(media, PAYLOAD_HEADER | NETWORK_INFO | DNS_CACHE)
}

/// Whether a media type is one that is written.
pub(super) const fn is_known(media: u16) -> bool {
    matches!(media, 0..=9 | 0xe000..=0xefff | NET_EVENT | NETWORK_INFO_EX..=FILTER)
}
