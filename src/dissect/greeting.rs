//! What is said at the beginning of a TCP connection: how an SMB session is set up, and a directory's root entry.
//!
//! Never follows a conversation beyond that, so sees only the first session of a connection; and never tells what happens to the
//! connection.

use crate::dissect::Probe;
use crate::dissect::conversation::Line;
use crate::dissect::message::{Loss, MessageBody};
use crate::dissect::outlet::Out;
use crate::endpoint::Direction;
use crate::net::provenance::FrameList;
use crate::net::tcp::stream::Ready;
use crate::wire::smb::SmbMessage;
use crate::wire::{ldap, smb};

/// Ports of directories: of a domain, and of the whole forest.
const LDAP_PORTS: [u16; 2] = [389, 3268];
/// The port on which sessions of NetBIOS carry SMB (RFC 1002 section 4.3).
const SESSION_PORT: u16 = 139;
/// A session is asked for, or granted.
const SESSION_SET_UP: [u8; 2] = [0x81, 0x82];
/// Bytes before each message of SMB: a type and a length.
const SESSION_HEADER: usize = 4;
/// So many bytes show the header of a message of either protocol.
const HEADERS: usize = 8;
/// Longer messages are none of these: a root entry has some 3 KiB.
const LONGEST: usize = 64 << 10;
/// Messages of a server, or segments of a client, after which nothing is awaited any more.
const PATIENCE: u8 = 64;

/// How a protocol greets.
#[derive(Debug)]
pub(super) struct Format {
    /// The length of the message at the front, its header included; `None` where it cannot be read.
    len: fn(&[u8]) -> Option<usize>,
    /// What a message says, as far as its bytes go.
    words: fn(&[u8]) -> Words,
    /// What the client says is wanted too.
    hears_client: bool,
}

/// What a message says.
enum Words {
    /// What is awaited.
    Told(Box<MessageBody>),
    /// Something that may stand before it.
    Before,
    /// Nothing that is awaited comes any more.
    Over,
}

/// SMB behind session headers.
pub(super) static SMB: Format = Format {
    len: |bytes| match bytes {
        [_, high, middle, low, ..] => {
            let len = u32::from_be_bytes([0, *high, *middle, *low]);
            usize::try_from(len).ok().map(|len| len + SESSION_HEADER)
        }
        _ => None,
    },
    words: |bytes| match bytes.split_at_checked(SESSION_HEADER) {
        Some(([0, ..], message)) => match smb::decode(message) {
            Some(SmbMessage::Negotiate(answer)) => {
                Words::Told(Box::new(MessageBody::SmbNegotiate(answer)))
            }
            Some(SmbMessage::Setup(setup)) => Words::Told(Box::new(MessageBody::SmbSetup(setup))),
            Some(SmbMessage::Offer) => Words::Before,
            None => Words::Over,
        },
        Some(([kind, ..], _)) if SESSION_SET_UP.contains(kind) => Words::Before,
        _ => Words::Over,
    },
    hears_client: true,
};

/// LDAP before it is sealed.
pub(super) static LDAP: Format = Format {
    len: ldap::message_len,
    words: |bytes| match ldap::root_dse(bytes) {
        Some(entry) => Words::Told(Box::new(MessageBody::LdapRootDse(Box::new(entry)))),
        None if ldap::is_message(bytes) => Words::Before,
        None => Words::Over,
    },
    hears_client: false,
};

/// Whether the first bytes between the ports `ends` are SMB.
pub(super) fn probe_smb(bytes: &[u8], ends: [u16; 2]) -> Probe {
    match bytes {
        [0, _, _, _, 0xfe | 0xff, b'S', b'M', b'B', ..] => Probe::Certain,
        [kind, 0, ..] if ends.contains(&SESSION_PORT) && SESSION_SET_UP.contains(kind) => {
            Probe::Certain
        }
        [] | [0] | [0, _] | [0, _, _] | [0, _, _, _] => Probe::Unsure,
        [0, _, _, _, 0xfe | 0xff, rest @ ..] if b"SMB".starts_with(rest) => Probe::Unsure,
        _ => Probe::NotMine,
    }
}

/// Whether the first bytes between the ports `ends` are a directory's.
pub(super) fn probe_ldap(bytes: &[u8], ends: [u16; 2]) -> Probe {
    if !LDAP_PORTS.iter().any(|port| ends.contains(port)) {
        Probe::NotMine
    } else if ldap::is_message(bytes) {
        Probe::Certain
    } else if bytes.len() < HEADERS {
        Probe::Unsure
    } else {
        Probe::NotMine
    }
}

/// Where a message of SMB goes.
pub(super) fn smb_direction(bytes: &[u8]) -> Option<Direction> {
    let is_answer = match bytes.split_at_checked(SESSION_HEADER)? {
        ([0, ..], message) => smb::is_answer(message)?,
        ([kind, ..], _) => *kind == SESSION_SET_UP[1],
        _ => return None,
    };
    Some(towards(is_answer))
}

/// Where a message of a directory or its client goes.
pub(super) fn ldap_direction(bytes: &[u8]) -> Option<Direction> {
    ldap::is_answer(bytes).map(towards)
}

const fn towards(is_answer: bool) -> Direction {
    if is_answer {
        Direction::ToClient
    } else {
        Direction::ToServer
    }
}

/// A connection whose beginning is not over.
#[derive(Debug)]
pub(super) struct Greeting {
    format: &'static Format,
    patience: u8,
}

impl Greeting {
    pub(super) const fn new(format: &'static Format) -> Self {
        Self {
            format,
            patience: PATIENCE,
        }
    }

    /// Takes what is there; says whether nothing more is wanted.
    pub(super) fn bytes(
        &mut self,
        line: Line,
        direction: Direction,
        ready: &mut Ready<'_>,
        out: &mut Out<'_>,
    ) -> bool {
        if !self.hears(direction) {
            ready.take(usize::MAX, &mut FrameList::default());
            return self.is_worn_out();
        }
        while !ready.bytes().is_empty() {
            let here = ready.bytes().len();
            match (self.format.len)(ready.bytes()) {
                None if here < HEADERS => return false,
                Some(len) if here < len && len <= LONGEST => return false,
                Some(len) if len <= LONGEST => {
                    if self.message(line, direction, ready, len, None, out) || self.is_worn_out() {
                        return true;
                    }
                }
                _ => return true,
            }
        }
        false
    }

    /// Takes what is there of a message of the server that was cut.
    pub(super) fn last(
        &mut self,
        line: Line,
        direction: Direction,
        ready: &mut Ready<'_>,
        loss: Loss,
        out: &mut Out<'_>,
    ) {
        if self.hears(direction) && !ready.bytes().is_empty() {
            self.message(line, direction, ready, usize::MAX, Some(loss), out);
        }
    }

    /// Takes the message at the front; says whether nothing is awaited behind it.
    fn message(
        &self,
        line: Line,
        direction: Direction,
        ready: &mut Ready<'_>,
        len: usize,
        loss: Option<Loss>,
        out: &mut Out<'_>,
    ) -> bool {
        let bytes = ready.bytes();
        let words = (self.format.words)(bytes.get(..len).unwrap_or(bytes));
        let mut frames = FrameList::default();
        ready.take(len, &mut frames);
        match words {
            Words::Told(body) => {
                out.message(line.envelope(direction, frames, loss), *body);
                false
            }
            Words::Before => false,
            Words::Over => true,
        }
    }

    fn hears(&self, direction: Direction) -> bool {
        self.format.hears_client || direction == Direction::ToClient
    }

    const fn is_worn_out(&mut self) -> bool {
        self.patience = self.patience.saturating_sub(1);
        self.patience == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smb_is_known_by_its_name_and_a_session_by_its_port() {
        assert_eq!(probe_smb(b"\0\0\0\x54\xfeSMB", [445, 1]), Probe::Certain);
        assert_eq!(probe_smb(b"\0\0\0\x54\xffS", [445, 1]), Probe::Unsure);
        assert_eq!(probe_smb(b"\0\0\0\x54\xffT", [445, 1]), Probe::NotMine);
        assert_eq!(probe_smb(b"\x81\0\0\x44", [139, 1]), Probe::Certain);
        assert_eq!(probe_smb(b"\x81\0\0\x44", [80, 1]), Probe::NotMine);
    }

    #[test]
    fn ldap_is_known_by_a_message_on_its_port() {
        let search = [0x30, 0x05, 0x02, 0x01, 0x01, 0x63, 0x00];
        assert_eq!(probe_ldap(&search, [389, 1]), Probe::Certain);
        assert_eq!(probe_ldap(&search[..4], [389, 1]), Probe::Unsure);
        assert_eq!(probe_ldap(&search, [88, 1]), Probe::NotMine);
        assert_eq!(probe_ldap(b"\0\0\x01\x2csealed", [389, 1]), Probe::NotMine);
    }
}
