//! IP headers, on `etherparse`: an IP datagram, or a piece of one, as far as it was captured.
//!
//! Never believes a length beyond what was on the wire, and checks no checksum: senders leave them to the network card.

use std::net::IpAddr;

use etherparse::{Ipv4HeaderSlice, Ipv6HeaderSlice};

use crate::net::defrag::Fragment;

pub(in crate::net) const ICMP: u8 = 1;
pub(in crate::net) const TCP: u8 = 6;
pub(in crate::net) const UDP: u8 = 17;
pub(in crate::net) const ICMPV6: u8 = 58;
const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
const DESTINATION_OPTIONS: u8 = 60;
/// The shortest payload of an Ethernet frame: what is not longer may have been padded.
const ETHERNET_MINIMUM: usize = 46;

/// An IP datagram, or a piece of one.
#[derive(Clone, Copy, Debug)]
pub(in crate::net) struct Datagram<'a> {
    pub(in crate::net) src: IpAddr,
    pub(in crate::net) dst: IpAddr,
    pub(in crate::net) protocol: u8,
    /// 0 in IPv6.
    pub(in crate::net) identification: u16,
    /// How many routers it may still pass.
    pub(in crate::net) hops: u8,
    pub(in crate::net) payload: &'a [u8],
    /// Bytes of the payload that were on the wire and not captured.
    pub(in crate::net) cut: usize,
    pub(in crate::net) fragment: Option<Fragment>,
}

/// What the headers say.
#[derive(Clone, Copy)]
struct Headers {
    src: IpAddr,
    dst: IpAddr,
    protocol: u8,
    identification: u16,
    hops: u8,
    fragment: Option<Fragment>,
    /// Their length.
    len: usize,
    /// Their length and that of the payload; 0 where the network card was to fill it in.
    total: usize,
}

impl<'a> Datagram<'a> {
    /// Reads the IP headers. `on_wire` is the length of `bytes` and what follows them as it was on the wire.
    #[inline]
    pub(in crate::net) fn read(bytes: &'a [u8], on_wire: usize) -> Option<Self> {
        let headers = match bytes.first()? >> 4 {
            4 => v4(bytes)?,
            6 => v6(bytes)?,
            _ => return None,
        };
        let total = if headers.total < headers.len && on_wire > ETHERNET_MINIMUM {
            on_wire
        } else {
            headers.total.min(on_wire.max(bytes.len()))
        };
        let len = total.saturating_sub(headers.len);
        let rest = bytes.get(headers.len..)?;
        let payload = rest.get(..len).unwrap_or(rest);
        Some(Self {
            src: headers.src,
            dst: headers.dst,
            protocol: headers.protocol,
            identification: headers.identification,
            hops: headers.hops,
            payload,
            cut: len - payload.len(),
            fragment: headers.fragment,
        })
    }

    /// Whether it carries other packets, which are not read: IP in IP, IPv6 in IP, GRE, ESP, Ethernet in IP, L2TP, MPLS in IP.
    #[inline]
    pub(in crate::net) const fn is_tunnel(&self) -> bool {
        matches!(self.protocol, 4 | 41 | 47 | 50 | 97 | 115 | 137)
    }
}

#[inline]
fn v4(bytes: &[u8]) -> Option<Headers> {
    let header = Ipv4HeaderSlice::from_slice(bytes).ok()?;
    let headers = Headers {
        src: header.source_addr().into(),
        dst: header.destination_addr().into(),
        protocol: header.protocol().0,
        identification: header.identification(),
        hops: header.ttl(),
        fragment: header.is_fragmenting_payload().then(|| Fragment {
            id: u32::from(header.identification()),
            offset: usize::from(header.fragments_offset().byte_offset()),
            is_last: !header.more_fragments(),
        }),
        len: header.slice().len(),
        total: usize::from(header.total_len()),
    };
    if headers.protocol == AUTHENTICATION && headers.fragment.is_none() {
        return authenticated(&headers, bytes);
    }
    Some(headers)
}

/// What an authentication header protects is in clear (RFC 4302).
#[cold]
fn authenticated(headers: &Headers, bytes: &[u8]) -> Option<Headers> {
    let (protocol, len, _) = extension(AUTHENTICATION, bytes.get(headers.len..)?)?;
    Some(Headers {
        protocol,
        len: headers.len + len,
        ..*headers
    })
}

/// The extension headers are walked here: the iterator of `etherparse` 0.21 reads beyond its slice where the last of them is cut.
#[inline]
fn v6(bytes: &[u8]) -> Option<Headers> {
    let header = Ipv6HeaderSlice::from_slice(bytes).ok()?;
    let mut headers = Headers {
        src: header.source_addr().into(),
        dst: header.destination_addr().into(),
        protocol: header.next_header().0,
        identification: 0,
        hops: header.hop_limit(),
        fragment: None,
        len: header.slice().len(),
        total: match usize::from(header.payload_length()) {
            0 => 0,
            payload => header.slice().len() + payload,
        },
    };
    while headers.fragment.is_none()
        && let Some((next, len, fragment)) = extension(headers.protocol, bytes.get(headers.len..)?)
    {
        headers.protocol = next;
        headers.len += len;
        headers.fragment = fragment;
    }
    Some(headers)
}

/// What comes behind the IPv6 extension header at the front, how long that is, and the piece that it tells of; `None` where
/// `protocol` is none, or the header is cut.
fn extension(protocol: u8, bytes: &[u8]) -> Option<(u8, usize, Option<Fragment>)> {
    let next = *bytes.first()?;
    let len = usize::from(*bytes.get(1)?);
    Some(match protocol {
        HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS => (next, (len + 1) * 8, None),
        AUTHENTICATION => (next, (len + 2) * 4, None),
        FRAGMENT => (next, 8, piece(bytes.get(..8)?)),
        _ => return None,
    })
}

/// RFC 8200 section 4.5. A datagram in one piece is none (RFC 6946).
fn piece(header: &[u8]) -> Option<Fragment> {
    let place = u16::from_be_bytes(header.get(2..4)?.try_into().ok()?);
    let fragment = Fragment {
        id: u32::from_be_bytes(header.get(4..8)?.try_into().ok()?),
        offset: usize::from(place & !7),
        is_last: place & 1 == 0,
    };
    (fragment.offset > 0 || !fragment.is_last).then_some(fragment)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An IPv4 header from 10.0.0.1 to 10.0.0.2 of a UDP datagram, with a total length and a fragment field.
    fn v4(total: u16, fragment: u16) -> Vec<u8> {
        let mut header = vec![0x45, 0];
        header.extend(total.to_be_bytes());
        header.extend([0x12, 0x34]);
        header.extend(fragment.to_be_bytes());
        header.extend([64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        header
    }

    /// An IPv6 header from ::1 to ::2 with what it says of its payload.
    fn v6(payload: u16, next: u8) -> Vec<u8> {
        let mut header = vec![0x60, 0, 0, 0];
        header.extend(payload.to_be_bytes());
        header.extend([next, 64]);
        for host in [1, 2] {
            header.extend([0; 15]);
            header.push(host);
        }
        header
    }

    fn payload_and_cut(bytes: &[u8], on_wire: usize) -> (Vec<u8>, usize) {
        let datagram = Datagram::read(bytes, on_wire).unwrap();
        (datagram.payload.to_vec(), datagram.cut)
    }

    #[test]
    fn a_trailer_of_the_link_layer_is_no_payload() {
        let bytes = [v4(24, 0), b"datatrailer".to_vec()].concat();
        assert_eq!(payload_and_cut(&bytes, bytes.len()), (b"data".to_vec(), 0));
    }

    #[test]
    fn a_length_of_zero_is_that_of_the_wire_if_nothing_was_padded() {
        let long = [v4(0, 0), vec![7; 1_480]].concat();
        assert_eq!(payload_and_cut(&long, 3_000), (vec![7; 1_480], 1_500));
        let padded = [v4(0, 0), vec![0; 26]].concat();
        assert_eq!(payload_and_cut(&padded, 46), (vec![], 0));
        let long = [v6(0, 17), vec![7; 1_480]].concat();
        assert_eq!(payload_and_cut(&long, 1_520), (vec![7; 1_480], 0));
    }

    #[test]
    fn what_the_snap_length_cut_off_is_counted_behind_the_headers() {
        let bytes = [v4(120, 0), vec![7; 40]].concat();
        assert_eq!(payload_and_cut(&bytes, 120), (vec![7; 40], 60));
        let options = [v6(100, 60), vec![17, 0, 1, 4, 0, 0, 0, 0], vec![7; 12]].concat();
        assert_eq!(payload_and_cut(&options, 140), (vec![7; 12], 80));
        assert_eq!(Datagram::read(&options, 140).unwrap().protocol, UDP);
    }

    #[test]
    fn a_length_that_was_never_on_the_wire_is_not_believed() {
        let bytes = [v4(60_000, 0), vec![7; 40]].concat();
        assert_eq!(payload_and_cut(&bytes, bytes.len()), (vec![7; 40], 0));
    }

    #[test]
    fn pieces_know_their_place() {
        let last = [v4(60, 185), vec![7; 40]].concat();
        let fragment = Datagram::read(&last, 60).unwrap().fragment.unwrap();
        assert_eq!((fragment.id, fragment.offset), (0x1234, 1_480));
        assert!(fragment.is_last);
        let first = [v6(24, 44), vec![17, 0, 0, 1, 0, 0, 0, 9], vec![7; 16]].concat();
        let datagram = Datagram::read(&first, first.len()).unwrap();
        let fragment = datagram.fragment.unwrap();
        assert_eq!((fragment.id, fragment.offset), (9, 0));
        assert!(!fragment.is_last);
        assert_eq!((datagram.protocol, datagram.payload.len()), (UDP, 16));
        let alone = [v6(24, 44), vec![17, 0, 0, 0, 0, 0, 0, 9], vec![7; 16]].concat();
        assert!(
            Datagram::read(&alone, alone.len())
                .unwrap()
                .fragment
                .is_none()
        );
    }

    #[test]
    fn headers_cut_or_changed_anywhere_do_no_harm() {
        let whole = [v6(100, 0), vec![60, 0, 1, 4, 0, 0, 0, 0], vec![44, 9, 1, 4]].concat();
        for len in 0..whole.len() {
            for at in 0..len {
                for value in [0, 1, 44, 51, 0x45, 0x4f, 0x60, 0xff] {
                    let mut bytes = whole[..len].to_vec();
                    bytes[at] = value;
                    if let Some(datagram) = Datagram::read(&bytes, 140) {
                        assert!(datagram.payload.len() + datagram.cut <= 140);
                    }
                }
            }
        }
    }
}
