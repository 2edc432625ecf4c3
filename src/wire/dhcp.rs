//! DHCP (RFC 2131, RFC 2132): who asks for an address, and who gets which.
//!
//! Never reads an option beside the type of the message.

use std::fmt;
use std::net::Ipv4Addr;

use crate::wire::reader::Reader;

/// The options follow it (RFC 2131 section 3).
const COOKIE: [u8; 4] = [99, 130, 83, 99];
/// From the client's hardware address to the cookie.
const HARDWARE_AND_NAMES: usize = 16 + 64 + 128;
/// The type of the message (RFC 2132 section 9.6).
const MESSAGE_TYPE: u8 = 53;
const PAD: u8 = 0;
const END: u8 = 255;
/// A server sends it.
const REPLY: u8 = 2;

/// A message of a client or a server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DhcpMessage {
    /// Whether a server sends it.
    pub is_answer: bool,
    /// What it is.
    pub kind: DhcpKind,
    /// What joins the messages of one exchange.
    pub transaction: u32,
    /// The address that the client has already; `0.0.0.0` where it has none.
    pub has: Ipv4Addr,
    /// The address that the server gives; `0.0.0.0` in a question.
    pub gets: Ipv4Addr,
}

/// The type of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DhcpKind(pub u8);

impl DhcpKind {
    /// The client asks for an address, or to keep one.
    pub const REQUEST: Self = Self(3);
    /// The server gives it.
    pub const ACK: Self = Self(5);
}

impl fmt::Display for DhcpKind {
    /// `discover`, `offer`, `request`, `ack`, …; `type 42` where the number is of no standard.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            1 => "discover",
            2 => "offer",
            3 => "request",
            4 => "decline",
            5 => "ack",
            6 => "nak",
            7 => "release",
            8 => "inform",
            other => return write!(f, "type {other}"),
        })
    }
}

/// Reads a message; `None` where it is none, has no type, or is cut before it.
pub fn decode(bytes: &[u8]) -> Option<DhcpMessage> {
    let mut reader = Reader::new(bytes);
    let is_answer = reader.u8("DHCP operation").ok()? == REPLY;
    reader.bytes(3, "DHCP hardware").ok()?;
    let transaction = u32::from_be_bytes(reader.array("DHCP transaction").ok()?);
    reader.bytes(4, "DHCP seconds and flags").ok()?;
    let has = Ipv4Addr::from(reader.array::<4>("DHCP client address").ok()?);
    let gets = Ipv4Addr::from(reader.array::<4>("DHCP address").ok()?);
    reader.bytes(8, "DHCP server and relay").ok()?;
    reader.bytes(HARDWARE_AND_NAMES, "DHCP names").ok()?;
    let cookie: [u8; 4] = reader.array("DHCP cookie").ok()?;
    (cookie == COOKIE).then_some(())?;
    Some(DhcpMessage {
        is_answer,
        kind: kind(&mut reader)?,
        transaction,
        has,
        gets,
    })
}

fn kind(reader: &mut Reader<'_>) -> Option<DhcpKind> {
    loop {
        match reader.u8("DHCP option").ok()? {
            PAD => {}
            END => return None,
            option => {
                let len = usize::from(reader.u8("DHCP option length").ok()?);
                let value = reader.bytes(len, "DHCP option value").ok()?;
                if option == MESSAGE_TYPE {
                    return value.first().copied().map(DhcpKind);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An acknowledgement with the lease time before the type, to the layout of RFC 2131 section 2.
    fn ack() -> Vec<u8> {
        let mut bytes = vec![0; 236];
        bytes[..8].copy_from_slice(&[2, 1, 6, 0, 0, 0, 0, 7]);
        bytes[16..20].copy_from_slice(&[10, 20, 51, 51]);
        bytes.extend(COOKIE);
        bytes.extend([PAD, 51, 4, 0, 0, 14, 16, MESSAGE_TYPE, 1, 5, END]);
        bytes
    }

    #[test]
    fn an_acknowledgement_has_the_address_that_it_gives() {
        let told = decode(&ack()).unwrap();
        assert!(told.is_answer && told.has.is_unspecified());
        assert_eq!((told.kind, told.transaction), (DhcpKind::ACK, 7));
        assert_eq!(told.gets, Ipv4Addr::new(10, 20, 51, 51));
        assert_eq!(told.kind.to_string(), "ack");
    }

    #[test]
    fn a_message_without_its_type_is_none() {
        let whole = ack();
        for len in 0..whole.len() - 1 {
            assert_eq!(decode(&whole[..len]), None, "{len}");
        }
        let mut other = whole;
        other[236] = 0;
        assert_eq!(decode(&other), None);
    }
}
