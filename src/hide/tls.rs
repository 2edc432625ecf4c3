//! TLS: the shapes of the two hellos, and the server's name in the client's.
//!
//! Never keeps a random number, a key or a certificate.

use crate::hide::{Hider, be16, part, zero};

const RECORD: usize = 5;
const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
/// Behind the record's header, the message's header and the version.
const RANDOM: usize = RECORD + 4 + 2;
const SERVER_NAME: usize = 0;
/// Extensions that name nobody: groups, formats, signatures, application protocols, secret extended, versions.
const KEPT: [usize; 6] = [10, 11, 13, 16, 23, 43];
/// The extension that holds zeros.
const PADDING: [u8; 2] = [0, 21];

/// The length of the record at the front of a stream.
pub(super) fn record_len(bytes: &[u8]) -> Option<usize> {
    matches!(bytes, [20..=24, 3, ..]).then_some(())?;
    Some(RECORD + be16(bytes, 3)?)
}

impl Hider<'_> {
    /// Edits a record: of a hello its shape stays, of all others only the header.
    pub(super) fn tls(&mut self, bytes: &mut [u8]) {
        match (bytes.first(), bytes.get(RECORD)) {
            (Some(&HANDSHAKE), Some(&(CLIENT_HELLO | SERVER_HELLO))) => {
                let end = self.hello(bytes).unwrap_or(RANDOM);
                zero(bytes, end, usize::MAX);
            }
            _ => zero(bytes, RECORD, usize::MAX),
        }
    }

    /// The place up to which the hello could be read.
    fn hello(&mut self, bytes: &mut [u8]) -> Option<usize> {
        let is_client = bytes.get(RECORD) == Some(&CLIENT_HELLO);
        let session = RANDOM + 32;
        zero(bytes, RANDOM, session);
        let behind = session + 1 + usize::from(*bytes.get(session)?);
        zero(bytes, session + 1, behind);
        let extensions = if is_client {
            let methods = behind + 2 + be16(bytes, behind)?;
            methods + 1 + usize::from(*bytes.get(methods)?)
        } else {
            behind + 3
        };
        let end = extensions + 2 + be16(bytes, extensions)?;
        let mut rest = part(bytes, extensions + 2, end);
        while let Some(len) = be16(rest, 2) {
            let (extension, behind) = rest.split_at_mut((4 + len).min(rest.len()));
            rest = behind;
            self.extension(extension);
        }
        rest.fill(0);
        Some(end)
    }

    fn extension(&mut self, bytes: &mut [u8]) {
        match be16(bytes, 0) {
            // A list of one: its length, a kind, the length of the name.
            Some(SERVER_NAME) => self.name(part(bytes, 4 + 5, usize::MAX)),
            Some(kind) if KEPT.contains(&kind) => {}
            _ => {
                part(bytes, 0, 2).copy_from_slice(&PADDING);
                zero(bytes, 4, usize::MAX);
            }
        }
    }
}
