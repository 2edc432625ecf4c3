//! Things inside of things inside of things: headers, tunnels, encodings and texts nested as deep as a packet allows.
//!
//! Each capture is read by a process that may have half a mebibyte of stack and some seconds of a processor: what goes as deep as the
//! bytes say, or looks at them again at each level, is ended by the system. The captures are synthetic: no machine sends such packets.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// About the largest packet.
const MOST: usize = 60_000;
const ETHERNET: u32 = 1;
const RAW_IP: u32 = 101;
const CLIENT: [u8; 4] = [10, 0, 0, 1];
const SERVER: [u8; 4] = [10, 0, 0, 2];

/// A capture with these frames, one a second.
fn capture(link: u32, frames: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![
        0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0,
    ];
    bytes.extend(link.to_le_bytes());
    for (second, frame) in (1_u32..).zip(frames) {
        let len = u32::try_from(frame.len()).expect("a length");
        for number in [second, 0, len, len] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(frame);
    }
    bytes
}

/// Reads the capture as a report and as a list, within the bounds.
fn is_read(name: &str, link: u32, frames: &[Vec<u8>]) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("nested-{name}.pcap"));
    fs::write(&path, capture(link, frames)).expect("a file");
    for verb in ["diagnose", "list"] {
        let output = Command::new("sh")
            .args(["-c", "ulimit -s 512; ulimit -t 20; exec \"$@\"", "sh"])
            .args([env!("CARGO_BIN_EXE_why401"), verb])
            .arg(&path)
            .output()
            .expect("a shell");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{name}, {verb}: {} {said}",
            output.status
        );
        assert!(!said.contains("panicked"), "{name}, {verb}: {said}");
    }
}

fn two(number: usize) -> [u8; 2] {
    u16::try_from(number)
        .expect("a length of a packet")
        .to_be_bytes()
}

fn ip(protocol: u8, inside: &[u8]) -> Vec<u8> {
    let [high, low] = two(20 + inside.len());
    let mut packet = vec![0x45, 0, high, low, 0, 1, 0, 0, 64, protocol, 0, 0];
    packet.extend(CLIENT);
    packet.extend(SERVER);
    packet.extend(inside);
    packet
}

fn udp(port: u16, inside: &[u8]) -> Vec<u8> {
    let mut datagram = 40_000_u16.to_be_bytes().to_vec();
    datagram.extend(port.to_be_bytes());
    datagram.extend(two(8 + inside.len()));
    datagram.extend([0, 0]);
    datagram.extend(inside);
    datagram
}

/// A segment from the client behind `sent` bytes.
fn tcp(port: u16, sent: u32, flags: u8, inside: &[u8]) -> Vec<u8> {
    let mut segment = 40_000_u16.to_be_bytes().to_vec();
    segment.extend(port.to_be_bytes());
    segment.extend((1_000 + sent).to_be_bytes());
    segment.extend([0, 0, 0, 1, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    segment.extend(inside);
    ip(6, &segment)
}

/// A connection on which the client says this.
fn connection(port: u16, said: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = vec![tcp(port, 0, 2, &[])];
    let mut sent = 1;
    for piece in said.chunks(1_400) {
        frames.push(tcp(port, sent, 0x18, piece));
        sent += u32::try_from(piece.len()).expect("a length");
    }
    frames
}

/// Constructed elements around each other, each with a length of four octets.
fn der(outermost: u8) -> Vec<u8> {
    let levels = MOST / 6;
    let mut bytes = Vec::new();
    for level in 0..levels {
        let inside = u32::try_from(6 * (levels - level - 1)).expect("a length");
        bytes.extend([if level == 0 { outermost } else { 0x30 }, 0x84]);
        bytes.extend(inside.to_be_bytes());
    }
    bytes
}

fn wrapped(levels: usize, mut inside: Vec<u8>, wrap: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    for _ in 0..levels {
        inside = wrap(&inside);
    }
    inside
}

#[test]
fn tags_and_headers_behind_each_other_are_read_to_an_end() {
    let mut tags = vec![2; 12];
    tags.extend([0x81, 0, 0, 1].repeat(MOST / 4));
    tags.extend([8, 0]);
    tags.extend(ip(17, &udp(53, b"?")));
    is_read("vlan", ETHERNET, &[tags]);

    let mut options = vec![0x60, 0, 0, 0];
    options.extend(two(MOST));
    options.extend([60, 64]);
    options.extend([0xfd; 32]);
    options.extend([60, 0, 1, 4, 0, 0, 0, 0].repeat(MOST / 8));
    is_read("extension-headers", RAW_IP, &[options]);
}

#[test]
fn tunnels_in_tunnels_are_entered_no_further_than_is_sensible() {
    let heart = ip(17, &udp(53, b"?"));
    is_read(
        "ip-in-ip",
        RAW_IP,
        &[wrapped(MOST / 20, heart.clone(), |inside| ip(4, inside))],
    );
    let gre = |inside: &[u8]| ip(47, &[&[0, 0, 8, 0], inside].concat());
    is_read("gre", RAW_IP, &[wrapped(MOST / 24, heart.clone(), gre)]);
    let vxlan = |inside: &[u8]| {
        let ethernet = [&[2; 12], &[8, 0][..], inside].concat();
        ip(
            17,
            &udp(4789, &[&[8, 0, 0, 0, 0, 0, 1, 0], &ethernet[..]].concat()),
        )
    };
    is_read("vxlan", RAW_IP, &[wrapped(MOST / 50, heart, vxlan)]);
}

#[test]
fn encodings_in_encodings_end_where_no_message_can_be() {
    for (name, tag) in [("as-req", 0x6a), ("tgs-rep", 0x6d), ("krb-error", 0x7e)] {
        is_read(name, RAW_IP, &[ip(17, &udp(88, &der(tag)))]);
    }
    let long = der(0x6c);
    let record = [
        &u32::try_from(long.len()).expect("a length").to_be_bytes(),
        &long[..],
    ]
    .concat();
    is_read("tgs-req-over-tcp", RAW_IP, &connection(88, &record));
    for tag in [0x60, 0x6e, 0xa1] {
        let token = STANDARD.encode(der(tag));
        let head =
            format!("GET / HTTP/1.1\r\nHost: mp\r\nAuthorization: Negotiate {token}\r\n\r\n");
        is_read(
            &format!("token-{tag:x}"),
            RAW_IP,
            &connection(80, head.as_bytes()),
        );
    }
}

#[test]
fn names_that_point_at_each_other_end() {
    let mut query = vec![0, 1, 1, 0, 0, 200, 0, 0, 0, 0, 0, 0];
    // Each name is a pointer to the one before it, the first one to itself.
    for name in 0..200_u16 {
        let at = 12 + 6 * name.saturating_sub(1);
        query.extend((0xc000 | at).to_be_bytes());
        query.extend([0, 1, 0, 1]);
    }
    is_read("dns", RAW_IP, &[ip(17, &udp(53, &query))]);
}

#[test]
fn texts_in_texts_are_no_deeper_than_the_program_wants() {
    let xml = format!("<Msg>{}", "<a>".repeat(MOST / 6));
    let utf16: Vec<u8> = xml.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut body = b"--aAbB\r\ncontent-type: text/plain; charset=UTF-16\r\n\r\n\xff\xfe".to_vec();
    body.extend(utf16);
    body.extend(b"\r\n--aAbB--");
    let mut said = format!(
        "CCM_POST /ccm_system/request HTTP/1.1\r\nHost: mp\r\nContent-Type: multipart/mixed; boundary=\"aAbB\"\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    said.extend(body);
    is_read("xml", RAW_IP, &connection(80, &said));
    let parts = "--aAbB\r\n".repeat(MOST / 8);
    let said = format!(
        "CCM_POST /ccm_system/request HTTP/1.1\r\nHost: mp\r\nContent-Type: multipart/mixed; boundary=\"aAbB\"\r\nContent-Length: {}\r\n\r\n{parts}",
        parts.len()
    );
    is_read("multipart", RAW_IP, &connection(80, said.as_bytes()));
}
