//! 802.11: from a data frame to the packet in it, behind whatever metadata the capturing machine put before it.
//!
//! Never decrypts: a frame that is marked as encrypted is read only where its payload is plainly not.

use crate::frame::{Frame, FrameNumber, LinkType, Timestamp};
use crate::net::layer::{Layer, behind_type};

/// Both access points, and unnumbered information (RFC 1042).
const SNAP: &[u8] = &[0xaa, 0xaa, 3];
/// Behind SNAP: who gave out the type that follows.
const ORGANISATION: usize = 3;

/// What an 802.11 frame carries; `None` where it is too short.
pub(in crate::net) fn network_layer(bytes: &[u8]) -> Option<Layer<'_>> {
    let [kind, flags] = *bytes.first_chunk()?;
    let carries_data = kind & 0x0c == 0x08 && kind & 0x40 == 0;
    if !carries_data {
        return Some(Layer::Other);
    }
    let header = header(kind, flags);
    let payload = bytes.get(header..)?;
    // Some drivers pad the header to a multiple of four.
    let padded = bytes.get(header.next_multiple_of(4)..).unwrap_or_default();
    for payload in [payload, padded] {
        if payload.starts_with(SNAP) {
            return behind_type(payload.get(SNAP.len() + ORGANISATION..)?);
        }
    }
    let is_protected = flags & 0x40 != 0;
    Some(if is_protected {
        Layer::Tunnel
    } else {
        Layer::Other
    })
}

/// Behind both addresses and a length comes a packet of an aggregate.
const SUBFRAME: usize = 14;

/// The packets of a frame that holds several (A-MSDU, IEEE 802.11 9.3.2.2), lent as frames of their own.
#[derive(Debug)]
pub(in crate::net) struct Aggregate<'a> {
    rest: &'a [u8],
    number: FrameNumber,
    time: Timestamp,
}

impl<'a> Iterator for Aggregate<'a> {
    type Item = Frame<'a>;

    /// As a cooked frame: behind fourteen bytes comes the type.
    fn next(&mut self) -> Option<Frame<'a>> {
        const UNTOLD: usize = SUBFRAME + SNAP.len() + ORGANISATION - 14;
        let len = self.rest.get(12..SUBFRAME)?;
        let len = SUBFRAME + usize::from(u16::from_be_bytes(len.try_into().ok()?));
        let whole = self.rest.get(..len).unwrap_or(self.rest);
        self.rest = self.rest.get(len.next_multiple_of(4)..).unwrap_or_default();
        whole.get(SUBFRAME..)?.starts_with(SNAP).then_some(())?;
        Some(Frame {
            number: self.number,
            time: self.time,
            link: LinkType::LINUX_SLL,
            bytes: whole.get(UNTOLD..)?,
            wire_len: u32::try_from(len - UNTOLD).ok()?,
        })
    }
}

/// The packets of an aggregate in clear; `None` where the frame is no such thing.
pub(in crate::net) fn aggregate<'a>(frame: &Frame<'a>) -> Option<Aggregate<'a>> {
    let bytes = match frame.link {
        LinkType::WIFI => frame.bytes,
        LinkType::RADIOTAP => behind_radiotap(frame.bytes)?,
        LinkType::PPI => match behind_ppi(frame.bytes)? {
            (LinkType::WIFI, bytes) => bytes,
            _ => return None,
        },
        _ => return None,
    };
    let [kind, flags] = *bytes.first_chunk()?;
    let has_quality = kind & 0xcc == 0x88;
    let quality = header(kind & !0x80, flags);
    if !has_quality || bytes.get(quality)? & 0x80 == 0 {
        return None;
    }
    let header = header(kind, flags);
    let places = [header, header.next_multiple_of(4)];
    let is_there = |at: &usize| {
        let payload = bytes.get(*at + SUBFRAME..);
        payload.is_some_and(|payload| payload.starts_with(SNAP))
    };
    let at = places.into_iter().find(is_there)?;
    Some(Aggregate {
        rest: bytes.get(at..)?,
        number: frame.number,
        time: frame.time,
    })
}

/// The length of the header of a data frame.
const fn header(kind: u8, flags: u8) -> usize {
    let has_quality = kind & 0x80 != 0;
    let is_between_points = flags & 3 == 3;
    let has_control = has_quality && flags & 0x80 != 0;
    24 + 6 * is_between_points as usize + 2 * has_quality as usize + 4 * has_control as usize
}

/// The frame behind a radiotap header.
pub(in crate::net) fn behind_radiotap(bytes: &[u8]) -> Option<&[u8]> {
    bytes.get(header_len(bytes)?..)
}

/// The frame behind a header of PPI, and its link type.
pub(in crate::net) fn behind_ppi(bytes: &[u8]) -> Option<(LinkType, &[u8])> {
    let link = u16::from_le_bytes(bytes.get(4..6)?.try_into().ok()?);
    Some((LinkType(link), bytes.get(header_len(bytes)?..)?))
}

/// Both headers tell their length at the same place.
fn header_len(bytes: &[u8]) -> Option<usize> {
    let len = u16::from_le_bytes(bytes.get(2..4)?.try_into().ok()?);
    Some(usize::from(len).max(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: &[u8] = &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0, 0x45, 7];

    fn inner(header: &[u8], len: usize) -> Option<Vec<u8>> {
        let mut bytes = header.to_vec();
        bytes.resize(len, 0);
        bytes.extend(PACKET);
        match network_layer(&bytes)? {
            Layer::Ip(packet) => Some(packet.to_vec()),
            Layer::Tunnel => Some(b"encrypted".to_vec()),
            Layer::Other => Some(Vec::new()),
        }
    }

    #[test]
    fn data_frames_of_every_header_hold_their_packet() {
        let headers: [(&[u8], usize); 7] = [
            (&[0x08, 1], 24),
            (&[0x88, 2], 26),
            (&[0x08, 3], 30),
            (&[0x88, 3], 32),
            (&[0x88, 0x81], 30),
            (&[0x88, 0x42], 26),
            (&[0x88, 1], 28),
        ];
        for (header, len) in headers {
            let packet = inner(header, len);
            assert_eq!(packet.as_deref(), Some(&[0x45, 7][..]), "{header:x?}");
        }
    }

    #[test]
    fn every_packet_of_an_aggregate_is_lent() {
        let subframe = |packet: &[u8]| {
            let mut bytes = vec![2; 12];
            let len = u16::try_from(8 + packet.len()).unwrap();
            bytes.extend(len.to_be_bytes());
            bytes.extend([0xaa, 0xaa, 3, 0, 0, 0, 8, 0]);
            bytes.extend(packet);
            bytes
        };
        let mut bytes = vec![0; 26];
        bytes[0] = 0x88;
        bytes[24] = 0x80;
        for packet in [&[0x45; 41][..], &[0x46; 1500], &[0x47; 20]] {
            bytes.resize(26 + (bytes.len() - 26).next_multiple_of(4), 0);
            bytes.extend(subframe(packet));
        }
        let frame = |bytes| Frame {
            number: FrameNumber(7),
            time: Timestamp::from_nanos(1),
            link: LinkType::WIFI,
            bytes,
            wire_len: 9_999,
        };
        let packets = |bytes| -> Vec<(u8, usize, u32)> {
            let packets = aggregate(&frame(bytes)).into_iter().flatten();
            let packets = packets.filter_map(|it| {
                let packet = crate::net::layer::network_layer(it.link, it.bytes)?;
                let Layer::Ip(packet) = packet else {
                    return None;
                };
                Some((*packet.first()?, packet.len(), it.wire_len - 16))
            });
            packets.collect()
        };
        let whole = [(0x45, 41, 41), (0x46, 1500, 1500), (0x47, 20, 20)];
        assert_eq!(packets(&bytes), whole);
        let cut = packets(&bytes[..bytes.len() - 5]);
        assert_eq!(cut[2], (0x47, 15, 20), "what is missing is known");
        for len in 0..bytes.len() {
            packets(&bytes[..len]);
        }
        let mut single = bytes.clone();
        single[24] = 0;
        assert_eq!(packets(&single), []);
    }

    #[test]
    fn what_carries_no_data_and_what_is_encrypted_are_no_packets() {
        for kind in [0x80, 0x40, 0xb4, 0x48, 0xc8] {
            assert_eq!(inner(&[kind, 0], 24), Some(Vec::new()), "{kind:x}");
        }
        assert_eq!(inner(&[0x08, 0x41], 25), Some(b"encrypted".to_vec()));
        for len in 0..34 {
            network_layer(&[&[0x88, 1], &[0xaa; 32][..]].concat()[..len]);
        }
    }
}
