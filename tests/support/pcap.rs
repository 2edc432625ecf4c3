//! Writes pcap files as the savefile's manual page describes them.

use super::bytes::ByteOrder;

/// A pcap file that grows record by record.
#[derive(Clone, Debug)]
pub(crate) struct Pcap {
    order: ByteOrder,
    /// Bytes between the lengths and the packet.
    filler: usize,
    bytes: Vec<u8>,
}

/// Microseconds.
pub(crate) const MICROS: u32 = 0xa1b2_c3d4;
/// Nanoseconds.
pub(crate) const NANOS: u32 = 0xa1b2_3c4d;
/// Microseconds, and a longer header before each packet.
pub(crate) const MODIFIED: u32 = 0xa1b2_cd34;

impl Pcap {
    /// A file header with a magic number, a snap length and what the network field holds.
    pub(crate) fn new(order: ByteOrder, magic: u32, snap_len: u32, network: u32) -> Self {
        let mut bytes = Vec::new();
        order.put_u32(&mut bytes, magic);
        order.put_u16(&mut bytes, 2);
        order.put_u16(&mut bytes, 4);
        for field in [0, 0, snap_len, network] {
            order.put_u32(&mut bytes, field);
        }
        Self {
            order,
            filler: if magic == MODIFIED { 8 } else { 0 },
            bytes,
        }
    }

    /// Appends a record of which all is captured.
    pub(crate) fn packet(self, seconds: u32, fraction: u32, packet: &[u8]) -> Self {
        let len = u32::try_from(packet.len()).unwrap();
        self.record([seconds, fraction, len, len], packet)
    }

    /// Appends a record with any header: seconds, fraction, captured length, length on the wire.
    pub(crate) fn record(mut self, header: [u32; 4], packet: &[u8]) -> Self {
        for field in header {
            self.order.put_u32(&mut self.bytes, field);
        }
        self.bytes.extend(std::iter::repeat_n(0, self.filler));
        self.bytes.extend_from_slice(packet);
        self
    }

    /// How long the file is by now.
    pub(crate) const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The file.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
