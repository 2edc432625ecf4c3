//! Headers from the port down to Ethernet.

/// Where a flow runs.
#[derive(Clone, Copy)]
pub(crate) struct Path {
    /// The last three bytes of the addresses of client and server.
    pub(crate) hosts: [[u8; 3]; 2],
    /// Their ports.
    pub(crate) ports: [u16; 2],
    /// The VLAN tag of its frames.
    pub(crate) vlan: Option<u16>,
    /// Whether it is IPv6.
    pub(crate) is_ipv6: bool,
}

const TCP: u8 = 6;
const UDP: u8 = 17;

impl Path {
    /// A frame from `side` (0 the client, 1 the server) with a TCP segment. Its checksum is left to the card, as captures at
    /// the sender have it.
    pub(crate) fn tcp(&self, side: usize, flags: u8, numbers: [u32; 2], payload: &[u8]) -> Vec<u8> {
        let [sequence, acknowledgment] = numbers;
        let mut segment = Vec::with_capacity(20 + payload.len());
        segment.extend_from_slice(&self.ports[side].to_be_bytes());
        segment.extend_from_slice(&self.ports[1 - side].to_be_bytes());
        segment.extend_from_slice(&sequence.to_be_bytes());
        segment.extend_from_slice(&acknowledgment.to_be_bytes());
        segment.extend_from_slice(&[0x50, flags, 0xfa, 0xf0, 0, 0, 0, 0]);
        segment.extend_from_slice(payload);
        self.frame(side, TCP, &segment)
    }

    /// A frame from `side` with a UDP datagram.
    pub(crate) fn udp(&self, side: usize, payload: &[u8]) -> Vec<u8> {
        let mut datagram = Vec::with_capacity(8 + payload.len());
        for field in [
            self.ports[side],
            self.ports[1 - side],
            length(8 + payload.len()),
            0,
        ] {
            datagram.extend_from_slice(&field.to_be_bytes());
        }
        datagram.extend_from_slice(payload);
        self.frame(side, UDP, &datagram)
    }

    fn frame(&self, side: usize, protocol: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = Vec::with_capacity(60 + payload.len());
        for host in [self.hosts[1 - side], self.hosts[side]] {
            frame.extend_from_slice(&[2, 0, 0]);
            frame.extend_from_slice(&host);
        }
        if let Some(vlan) = self.vlan {
            frame.extend_from_slice(&[0x81, 0]);
            frame.extend_from_slice(&vlan.to_be_bytes());
        }
        if self.is_ipv6 {
            self.put_ipv6(&mut frame, side, protocol, payload.len());
        } else {
            self.put_ipv4(&mut frame, side, protocol, payload.len());
        }
        frame.extend_from_slice(payload);
        frame.resize(frame.len().max(60), 0);
        frame
    }

    fn put_ipv6(&self, frame: &mut Vec<u8>, side: usize, protocol: u8, len: usize) {
        frame.extend_from_slice(&[0x86, 0xdd, 0x60, 0, 0, 0]);
        frame.extend_from_slice(&length(len).to_be_bytes());
        frame.extend_from_slice(&[protocol, 64]);
        for host in [self.hosts[side], self.hosts[1 - side]] {
            frame.extend_from_slice(&[0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            frame.extend_from_slice(&host);
        }
    }

    fn put_ipv4(&self, frame: &mut Vec<u8>, side: usize, protocol: u8, len: usize) {
        let mut header = vec![0x45, 0];
        header.extend_from_slice(&length(20 + len).to_be_bytes());
        header.extend_from_slice(&[0, 0, 0x40, 0, 64, protocol, 0, 0]);
        for host in [self.hosts[side], self.hosts[1 - side]] {
            header.push(10);
            header.extend_from_slice(&host);
        }
        let sum = checksum(&header).to_be_bytes();
        header[10..12].copy_from_slice(&sum);
        frame.extend_from_slice(&[8, 0]);
        frame.extend_from_slice(&header);
    }
}

fn length(len: usize) -> u16 {
    u16::try_from(len).unwrap_or(u16::MAX)
}

/// RFC 1071.
pub(crate) fn checksum(header: &[u8]) -> u16 {
    let words = header
        .chunks_exact(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]));
    let sum: u32 = words.sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !u16::try_from(folded & 0xffff).unwrap_or(0)
}
