//! Packets of dial-up and VPN connections: events of Microsoft-Windows-Ras-NdisWanPacketCapture.
//!
//! Never names the user whose connection it is, which stands before each packet.

use crate::capture::etl::events::{Event, Provider};
use crate::capture::etl::fields::Fields;

/// {D84521F7-2235-4237-A7C0-14E3A9676286}.
pub(super) const PROVIDER: Provider = [
    0xf7, 0x21, 0x45, 0xd8, 0x35, 0x22, 0x37, 0x42, 0xa7, 0xc0, 0x14, 0xe3, 0xa9, 0x67, 0x62, 0x86,
];

const SENT: u16 = 5001;
const RECEIVED: u16 = 5002;

/// The Ethernet frame in an event of this provider.
pub(super) fn packet<'a>(event: &Event<'a>) -> Option<&'a [u8]> {
    if !matches!(event.id, SENT | RECEIVED) {
        return None;
    }
    let mut fields = Fields(event.data);
    fields.text()?;
    fields.text()?;
    let len = fields.u32()?;
    fields.bytes(len as usize)
}
