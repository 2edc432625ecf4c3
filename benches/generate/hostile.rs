//! Traffic that wants to be remembered: each kind fills one of the tables that the analysis keeps.
//!
//! Never random: frame `n` of a kind is the same in every file.

use crate::packet::{self, Path};

/// A kind of hostile traffic, as it is named on the command line, the frames it comes to unless told otherwise, and what it is.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) frames: u64,
    /// Frame `n`, from 0 on.
    pub(crate) frame: fn(u64) -> Vec<u8>,
}

pub(crate) const KINDS: [Kind; 7] = [
    Kind {
        name: "syns",
        frames: 13_000_000,
        frame: syn,
    },
    Kind {
        name: "resets",
        frames: 10_000_000,
        frame: reset,
    },
    Kind {
        name: "reverse",
        frames: 13_000_000,
        frame: reverse,
    },
    Kind {
        name: "fragments",
        frames: 800_000,
        frame: fragment,
    },
    Kind {
        name: "holes",
        frames: 700_000,
        frame: hole,
    },
    Kind {
        name: "queries",
        frames: 10_000_000,
        frame: query,
    },
    Kind {
        name: "attempts",
        frames: 600_000,
        frame: attempt,
    },
];

const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;
const SYN_ACK: u8 = 0x12;
const PSH_ACK: u8 = 0x18;
const FIN_ACK: u8 = 0x11;

/// Of a flow that is the only one between its machines and ports.
fn path(flow: u64, server: u16) -> Path {
    let [_, _, _, _, _, a, b, c] = flow.to_be_bytes();
    Path {
        hosts: [[a, b, c], [200, 0, 1]],
        ports: [49_152 + u16::from(c), server],
        vlan: None,
        is_ipv6: false,
    }
}

fn low(number: u64) -> u32 {
    u32::try_from(number & 0xffff_ffff).unwrap_or(0)
}

/// Connections that are never answered.
fn syn(n: u64) -> Vec<u8> {
    path(n, 80).tcp(0, SYN, [low(n), 0], b"")
}

/// Connections that are reset before they begin.
fn reset(n: u64) -> Vec<u8> {
    let path = path(n / 2, 80);
    if n.is_multiple_of(2) {
        path.tcp(0, RST, [low(n), 0], b"")
    } else {
        path.tcp(0, SYN, [low(n), 0], b"")
    }
}

/// One byte in each segment, the last one first, in rounds of 60,000 that fit into a window.
fn reverse(n: u64) -> Vec<u8> {
    const ROUND: u64 = 60_000;
    let path = path(n / ROUND, 80);
    match n % ROUND {
        0 => path.tcp(0, SYN, [0, 0], b""),
        1 => path.tcp(1, SYN_ACK, [0, 1], b""),
        at => path.tcp(0, PSH_ACK, [low(2 + ROUND - at), 1], b"x"),
    }
}

/// The first half of a datagram whose second half never comes.
fn fragment(n: u64) -> Vec<u8> {
    let mut frame = path(n >> 16, 88).udp(0, &[0x6a; 1_200]);
    let id = n.to_be_bytes();
    frame[18..20].copy_from_slice(&id[6..]);
    frame[20] = 0x20;
    frame[24..26].fill(0);
    let sum = packet::checksum(&frame[14..34]).to_be_bytes();
    frame[24..26].copy_from_slice(&sum);
    frame
}

/// 300 streams to a KDC, each with a hole before everything that it carries.
fn hole(n: u64) -> Vec<u8> {
    const STREAMS: u64 = 300;
    let path = path(n % STREAMS, 88);
    match n / STREAMS {
        0 => path.tcp(0, SYN, [0, 0], b""),
        1 => path.tcp(1, SYN_ACK, [0, 1], b""),
        at => path.tcp(0, PSH_ACK, [low(101 + (at - 2) * 1_400), 1], &[0x6a; 1_400]),
    }
}

/// Questions for names that nobody answers, each another one.
fn query(n: u64) -> Vec<u8> {
    let id = n.to_be_bytes();
    let mut question = vec![id[6], id[7], 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 12];
    question.extend_from_slice(format!("host{n:08}").as_bytes());
    question.extend_from_slice(b"\x03lab\0\0\x01\0\x01");
    path(n >> 16, 53).udp(0, &question)
}

/// Sign-ons that end with the first 401, six frames each.
fn attempt(n: u64) -> Vec<u8> {
    const ASKS: &[u8] = b"CCM_POST /ccm_system_windowsauth/request HTTP/1.1\r\nHost: MP.LAB.LOCAL\r\nUser-Agent: ConfigMgr Messaging HTTP Sender\r\nContent-Length: 0\r\n\r\n";
    const DENIED: &[u8] = b"HTTP/1.1 401 Unauthorized\r\nServer: Microsoft-IIS/10.0\r\nWWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n";
    let path = path(n / 6, 80);
    let (asked, denied) = (low(1 + ASKS.len() as u64), low(1 + DENIED.len() as u64));
    match n % 6 {
        0 => path.tcp(0, SYN, [0, 0], b""),
        1 => path.tcp(1, SYN_ACK, [0, 1], b""),
        2 => path.tcp(0, ACK, [1, 1], b""),
        3 => path.tcp(0, PSH_ACK, [1, 1], ASKS),
        4 => path.tcp(1, PSH_ACK, [1, asked], DENIED),
        _ => path.tcp(0, FIN_ACK, [asked, denied], b""),
    }
}
