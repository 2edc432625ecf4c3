//! DNS over TCP (RFC 7766): a length of two bytes, then a message.
//!
//! Never looks for DNS on other ports than its own: nothing in a message proves it.

use crate::dissect::Probe;
use crate::dissect::conversation::Line;
use crate::dissect::message::MessageBody;
use crate::dissect::outlet::Out;
use crate::endpoint::Direction;
use crate::net::provenance::FrameList;
use crate::net::tcp::stream::Ready;
use crate::wire::dns;

/// The port of DNS.
pub(super) const PORT: u16 = 53;

/// A connection to a DNS server.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DnsConversation {
    is_deaf: bool,
}

pub(super) fn probe(bytes: &[u8]) -> Probe {
    match message(bytes) {
        Some(message) if dns::decode(message).is_ok() => Probe::Certain,
        Some(_) => Probe::NotMine,
        None => Probe::Unsure,
    }
}

/// The message behind the length, once it is all there.
fn message(bytes: &[u8]) -> Option<&[u8]> {
    let (len, rest) = bytes.split_at_checked(2)?;
    let len = u16::from_be_bytes(len.try_into().ok()?);
    rest.get(..usize::from(len))
}

impl DnsConversation {
    pub(super) fn bytes(
        &mut self,
        line: Line,
        direction: Direction,
        ready: &mut Ready<'_>,
        out: &mut Out<'_>,
    ) {
        while !self.is_deaf
            && let Some(bytes) = message(ready.bytes())
        {
            let decoded = dns::decode(bytes);
            let len = bytes.len() + 2;
            let mut frames = FrameList::default();
            ready.take(len, &mut frames);
            match decoded {
                Ok(dns) => out.message(
                    line.envelope(direction, frames, None),
                    MessageBody::Dns(dns),
                ),
                Err(error) => out.unread(&frames, error),
            }
        }
        if self.is_deaf {
            ready.take(usize::MAX, &mut FrameList::default());
        }
    }

    /// After a gap nothing shows where a message begins.
    pub(super) const fn gap(&mut self) {
        self.is_deaf = true;
    }
}
