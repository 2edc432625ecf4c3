//! 802.11: from a data frame to the packet in it, behind whatever metadata the capturing machine put before it.
//!
//! Never decrypts: a frame that is marked as encrypted is read only where its payload is plainly not.

use crate::frame::LinkType;
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
