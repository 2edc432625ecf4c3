//! DHCP.
//!
//! Never keeps a name, a hardware address or an option beside the type of the message.

use crate::hide::{Hider, part, zero};

/// Where the options begin, behind the cookie.
const OPTIONS: usize = 240;
const MESSAGE_TYPE: u8 = 53;

impl Hider<'_> {
    /// Edits a message: the addresses get their pseudonyms, and of the options the type stays if it is the first.
    pub(super) fn dhcp(&mut self, bytes: &mut [u8]) {
        for at in [12, 16] {
            let address = part(bytes, at, at + 4);
            if address.iter().any(|octet| *octet != 0) {
                self.address_bytes(address);
            }
        }
        zero(bytes, 8, 12);
        zero(bytes, 20, OPTIONS - 4);
        let is_typed = bytes.get(OPTIONS) == Some(&MESSAGE_TYPE);
        zero(
            bytes,
            if is_typed { OPTIONS + 3 } else { OPTIONS },
            usize::MAX,
        );
    }
}
