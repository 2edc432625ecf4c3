//! Writes pcapng files as draft-ietf-opsawg-pcapng describes them.

use super::bytes::{ByteOrder, pad};

/// A pcapng file that grows block by block.
#[derive(Clone, Debug)]
pub(crate) struct Pcapng {
    order: ByteOrder,
    bytes: Vec<u8>,
}

impl Pcapng {
    /// A file that begins with a section header.
    pub(crate) fn new(order: ByteOrder) -> Self {
        let bytes = Vec::new();
        Self { order, bytes }.section(order)
    }

    /// Appends a section header: from here on all numbers are in `order`.
    pub(crate) fn section(mut self, order: ByteOrder) -> Self {
        self.order = order;
        let mut body = Vec::new();
        order.put_u32(&mut body, 0x1a2b_3c4d);
        order.put_u16(&mut body, 1);
        order.put_u16(&mut body, 0);
        body.extend_from_slice(&[0xff; 8]);
        self.block(0x0a0d_0d0a, &body)
    }

    /// Appends an interface description with options: numbers and values.
    pub(crate) fn interface(self, link: u16, snap_len: u32, options: &[(u16, &[u8])]) -> Self {
        let order = self.order;
        let mut body = Vec::new();
        order.put_u16(&mut body, link);
        order.put_u16(&mut body, 0);
        order.put_u32(&mut body, snap_len);
        put_options(order, &mut body, options);
        self.block(1, &body)
    }

    /// Appends an enhanced packet of which all is captured.
    pub(crate) fn packet(self, interface: u32, ticks: u64, packet: &[u8]) -> Self {
        self.enhanced(interface, ticks, packet, &[])
    }

    /// Appends an enhanced packet of which all is captured, with options.
    pub(crate) fn enhanced(
        self,
        interface: u32,
        ticks: u64,
        packet: &[u8],
        options: &[(u16, &[u8])],
    ) -> Self {
        let order = self.order;
        let mut body = Vec::new();
        order.put_u32(&mut body, interface);
        put_timed(order, &mut body, ticks, packet);
        put_options(order, &mut body, options);
        self.block(6, &body)
    }

    /// Appends an obsolete packet, with a count of drops beside the number of its interface.
    pub(crate) fn old_packet(self, interface: u16, drops: u16, ticks: u64, packet: &[u8]) -> Self {
        let order = self.order;
        let mut body = Vec::new();
        order.put_u16(&mut body, interface);
        order.put_u16(&mut body, drops);
        put_timed(order, &mut body, ticks, packet);
        self.block(2, &body)
    }

    /// Appends a simple packet of `original` bytes on the wire.
    pub(crate) fn simple_packet(self, original: u32, captured: &[u8]) -> Self {
        let mut body = Vec::new();
        self.order.put_u32(&mut body, original);
        body.extend_from_slice(captured);
        self.block(3, &body)
    }

    /// Appends a block of any type.
    pub(crate) fn block(mut self, kind: u32, body: &[u8]) -> Self {
        let len = u32::try_from(body.len().next_multiple_of(4) + 12).unwrap();
        self.order.put_u32(&mut self.bytes, kind);
        self.order.put_u32(&mut self.bytes, len);
        self.bytes.extend_from_slice(body);
        pad(&mut self.bytes);
        self.order.put_u32(&mut self.bytes, len);
        self
    }

    /// Overwrites a number, `at` counted from the end of what is there so far.
    pub(crate) fn spoil(mut self, at: usize, number: u32) -> Self {
        let mut octets = Vec::new();
        self.order.put_u32(&mut octets, number);
        let begin = self.bytes.len() - at;
        self.bytes[begin..begin + 4].copy_from_slice(&octets);
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

fn put_timed(order: ByteOrder, body: &mut Vec<u8>, ticks: u64, packet: &[u8]) {
    let len = u32::try_from(packet.len()).unwrap();
    let high = u32::try_from(ticks >> 32).unwrap();
    let low = u32::try_from(ticks & 0xffff_ffff).unwrap();
    for field in [high, low, len, len] {
        order.put_u32(body, field);
    }
    body.extend_from_slice(packet);
    pad(body);
}

fn put_options(order: ByteOrder, body: &mut Vec<u8>, options: &[(u16, &[u8])]) {
    for (code, value) in options {
        order.put_u16(body, *code);
        order.put_u16(body, u16::try_from(value.len()).unwrap());
        body.extend_from_slice(value);
        pad(body);
    }
    if !options.is_empty() {
        order.put_u32(body, 0);
    }
}
