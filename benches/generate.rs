//! Writes the capture that speed is measured on: made up, of a fixed seed, the same bytes each time.
//!
//! `cargo bench --bench generate -- FILE [MEBIBYTES]` writes a pcap of about that size (1000 by default): frames of 420 bytes
//! on the average in some 160,000 flows a gigabyte, a third of the bytes on ports 53, 80 and 88, some VLAN tags, IPv6,
//! retransmissions and disorder. The web traffic is plain HTTP with bodies, the name traffic real DNS messages, and the
//! traffic on port 88 real Kerberos errors among bytes of other kinds; what belongs to no port of ours is noise.

use std::fs::File;
use std::io::{self, BufWriter, Write};

/// Frames on the average, in bytes, with their record headers.
const FLOW_BYTES: u64 = 6_500;
/// KRB-ERROR 25 of a KDC, made to the standard.
const KRB_ERROR: &[u8] = &[
    0x7e, 0x4a, 0x30, 0x48, 0xa0, 0x03, 0x02, 0x01, 0x05, 0xa1, 0x03, 0x02, 0x01, 0x1e, 0xa4, 0x11,
    0x18, 0x0f, b'2', b'0', b'0', b'9', b'0', b'5', b'2', b'0', b'1', b'9', b'3', b'5', b'1', b'2',
    b'Z', 0xa5, 0x03, 0x02, 0x01, 0x05, 0xa6, 0x03, 0x02, 0x01, 0x19, 0xa9, 0x07, 0x1b, 0x05, b'E',
    b'X', b'.', b'L', b'A', 0xaa, 0x1a, 0x30, 0x18, 0xa0, 0x03, 0x02, 0x01, 0x02, 0xa1, 0x11, 0x30,
    0x0f, 0x1b, 0x06, b'k', b'r', b'b', b't', b'g', b't', 0x1b, 0x05, b'E', b'X', b'.', b'L', b'A',
];

/// A small generator of numbers (xorshift64*): the same seed, the same bytes.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn fill(&mut self, len: usize) -> Vec<u8> {
        (0..len.div_ceil(8))
            .flat_map(|_| self.next().to_le_bytes())
            .take(len)
            .collect()
    }
}

/// A flow that is under way.
struct Flow {
    id: u64,
    port: u16,
    sequences: [u32; 2],
    turn: u32,
    left: u64,
    is_ipv6: bool,
    is_tagged: bool,
}

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let Some(path) = words.first() else {
        return Ok(());
    };
    let mebibytes: u64 = words
        .get(1)
        .and_then(|word| word.parse().ok())
        .unwrap_or(1000);
    let mut writer = Writer::new(File::create(path)?)?;
    let mut random = Random(0x5eed_0401_5eed_0401);
    let mut open: Vec<Flow> = Vec::new();
    let mut begun = 0;
    while writer.bytes < mebibytes << 20 {
        while open.len() < 2_000 {
            begun += 1;
            open.push(begin(begun, &mut random));
        }
        let at = usize::try_from(random.below(open.len() as u64)).unwrap_or(0);
        step(&mut open[at], &mut random, &mut writer)?;
        if open[at].left == 0 {
            open.swap_remove(at);
        }
    }
    writer.finish()
}

fn begin(id: u64, random: &mut Random) -> Flow {
    let port = match random.below(100) {
        0..22 => 80,
        22..34 => 53,
        34..40 => 88,
        _ => 1024 + u16::try_from(random.below(60_000)).unwrap_or(0),
    };
    let mean = if port == 53 { 900 } else { FLOW_BYTES };
    Flow {
        id,
        port,
        sequences: [random.next() as u32, random.next() as u32],
        turn: 0,
        left: mean / 2 + random.below(mean),
        is_ipv6: id % 11 == 0,
        is_tagged: id % 17 == 0,
    }
}

/// One message of the flow, in one frame or a few.
fn step(flow: &mut Flow, random: &mut Random, writer: &mut Writer) -> io::Result<()> {
    if flow.port == 53 {
        let message = dns(flow, random);
        writer.udp(flow, &message)?;
        flow.turn += 1;
        flow.left = flow.left.saturating_sub(message.len() as u64 + 42);
        return Ok(());
    }
    if flow.turn == 0 {
        writer.tcp(flow, 0, 2, &[])?;
        writer.tcp(flow, 1, 0x12, &[])?;
        writer.tcp(flow, 0, 0x10, &[])?;
    }
    let message = message(flow, random);
    let side = (flow.turn % 2) as usize;
    let mut segments: Vec<&[u8]> = message.chunks(1_400).collect();
    let disorder = random.below(50) == 0 && segments.len() > 2;
    let first = flow.sequences[side];
    let mut order: Vec<usize> = (0..segments.len()).collect();
    if disorder {
        order.swap(0, 1);
    }
    for place in order {
        let begin = first.wrapping_add((place * 1_400) as u32);
        flow.sequences[side] = begin;
        writer.tcp(flow, side, 0x18, segments[place])?;
        if random.below(100) == 0 {
            writer.tcp(flow, side, 0x18, segments[place])?;
        }
    }
    flow.sequences[side] = first.wrapping_add(message.len() as u32);
    segments.clear();
    writer.tcp(flow, 1 - side, 0x10, &[])?;
    flow.turn += 1;
    flow.left = flow.left.saturating_sub(message.len() as u64 + 200);
    if flow.left == 0 {
        writer.tcp(flow, 0, 0x11, &[])?;
    }
    Ok(())
}

fn message(flow: &Flow, random: &mut Random) -> Vec<u8> {
    let is_answer = flow.turn % 2 == 1;
    let len = usize::try_from(100 + random.below(1_500)).unwrap_or(0);
    match (flow.port, is_answer) {
        (80, false) => format!(
            "GET /page/{}/{} HTTP/1.1\r\nHost: host{}.example.com\r\nUser-Agent: maker\r\nAccept: */*\r\nConnection: keep-alive\r\n\r\n",
            flow.id, flow.turn, flow.id % 500
        )
        .into_bytes(),
        (80, true) => {
            let head = format!(
                "HTTP/1.1 200 OK\r\nServer: maker\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n",
                len * 2
            );
            [head.into_bytes(), random.fill(len * 2)].concat()
        }
        (88, true) => {
            let len = u32::try_from(KRB_ERROR.len()).unwrap_or(0);
            [&len.to_be_bytes()[..], KRB_ERROR].concat()
        }
        _ => random.fill(len),
    }
}

fn dns(flow: &Flow, random: &mut Random) -> Vec<u8> {
    let id = (flow.id as u16)
        .wrapping_add((flow.turn / 2) as u16)
        .to_be_bytes();
    let is_answer = flow.turn % 2 == 1;
    let flags: [u8; 10] = if is_answer {
        [0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]
    } else {
        [1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    };
    let name = format!("host{:05}", flow.id % 100_000);
    let mut message = [
        &id[..],
        &flags,
        &[9],
        name.as_bytes(),
        b"\x07example\x03com\x00",
        &[0, 1, 0, 1],
    ]
    .concat();
    if is_answer {
        message.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 1]);
        message.extend_from_slice(&random.next().to_le_bytes()[..2]);
    }
    message
}

/// Writes records.
struct Writer {
    out: BufWriter<File>,
    bytes: u64,
    micros: u64,
}

impl Writer {
    fn new(file: File) -> io::Result<Self> {
        let mut out = BufWriter::with_capacity(1 << 20, file);
        out.write_all(&[
            0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0,
        ])?;
        Ok(Self {
            out,
            bytes: 24,
            micros: 1_242_848_000_000_000,
        })
    }

    fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn tcp(&mut self, flow: &mut Flow, side: usize, flags: u8, payload: &[u8]) -> io::Result<()> {
        let (src, dst) = ports(flow, side);
        let mut segment = Vec::with_capacity(20 + payload.len());
        segment.extend_from_slice(&src.to_be_bytes());
        segment.extend_from_slice(&dst.to_be_bytes());
        segment.extend_from_slice(&flow.sequences[side].to_be_bytes());
        segment.extend_from_slice(&flow.sequences[1 - side].to_be_bytes());
        segment.extend_from_slice(&[0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        segment.extend_from_slice(payload);
        if flags & 3 != 0 {
            flow.sequences[side] = flow.sequences[side].wrapping_add(1);
        }
        self.ip(flow, side, 6, &segment)
    }

    fn udp(&mut self, flow: &Flow, payload: &[u8]) -> io::Result<()> {
        let side = (flow.turn % 2) as usize;
        let (src, dst) = ports(flow, side);
        let len = u16::try_from(payload.len() + 8).unwrap_or(u16::MAX);
        let mut datagram = Vec::with_capacity(8 + payload.len());
        for number in [src, dst, len, 0] {
            datagram.extend_from_slice(&number.to_be_bytes());
        }
        datagram.extend_from_slice(payload);
        self.ip(flow, side, 17, &datagram)
    }

    fn ip(&mut self, flow: &Flow, side: usize, protocol: u8, payload: &[u8]) -> io::Result<()> {
        let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
        if flow.is_tagged {
            frame.extend_from_slice(&[0x81, 0, 0, 7]);
        }
        let client = [10, 20, (flow.id >> 8) as u8, flow.id as u8];
        let server = [10, 30, (flow.id >> 5) as u8 & 15, flow.id as u8 & 31];
        let (src, dst) = if side == 0 {
            (client, server)
        } else {
            (server, client)
        };
        let len = u16::try_from(payload.len()).unwrap_or(0);
        if flow.is_ipv6 {
            frame.extend_from_slice(&[0x86, 0xdd, 0x60, 0, 0, 0]);
            frame.extend_from_slice(&len.to_be_bytes());
            frame.extend_from_slice(&[protocol, 64]);
            for host in [src, dst] {
                frame.extend_from_slice(&[0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
                frame.extend_from_slice(&host);
            }
        } else {
            frame.extend_from_slice(&[8, 0, 0x45, 0]);
            frame.extend_from_slice(&(len + 20).to_be_bytes());
            frame.extend_from_slice(&[0, 0, 0x40, 0, 64, protocol, 0, 0]);
            frame.extend_from_slice(&src);
            frame.extend_from_slice(&dst);
        }
        frame.extend_from_slice(payload);
        self.record(&frame)
    }

    fn record(&mut self, frame: &[u8]) -> io::Result<()> {
        self.micros += 400;
        let len = u32::try_from(frame.len()).unwrap_or(0);
        let seconds = u32::try_from(self.micros / 1_000_000).unwrap_or(0);
        let fraction = u32::try_from(self.micros % 1_000_000).unwrap_or(0);
        for number in [seconds, fraction, len, len] {
            self.out.write_all(&number.to_le_bytes())?;
        }
        self.out.write_all(frame)?;
        self.bytes += 16 + u64::from(len);
        Ok(())
    }
}

fn ports(flow: &Flow, side: usize) -> (u16, u16) {
    let client = 10_000 + (flow.id % 50_000) as u16;
    if side == 0 {
        (client, flow.port)
    } else {
        (flow.port, client)
    }
}
