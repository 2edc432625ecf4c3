//! What kind of file it is, by its first bytes.
//!
//! Never by its name.

use crate::capture::error::CaptureError;
use crate::capture::pcap::{self, PcapHeader};

/// So many bytes decide.
pub(super) const WANTED: usize = 128;

/// A format that is read.
#[derive(Debug)]
pub(super) enum Format {
    Pcap(PcapHeader),
    Pcapng,
}

/// The format of a file that begins with `bytes`, or what it is instead.
pub(super) fn format(bytes: &[u8]) -> Result<Format, CaptureError> {
    if bytes.is_empty() {
        return Err(CaptureError::Empty);
    }
    if let Some(header) = pcap::header(bytes) {
        return Ok(Format::Pcap(header));
    }
    if bytes.starts_with(b"\x0a\x0d\x0d\x0a") && is_section_header(bytes) {
        return Ok(Format::Pcapng);
    }
    Err(unsupported(bytes).unwrap_or_else(|| CaptureError::Unknown(guess(bytes))))
}

fn is_section_header(bytes: &[u8]) -> bool {
    matches!(
        bytes.get(8..12),
        Some(b"\x1a\x2b\x3c\x4d" | b"\x4d\x3c\x2b\x1a")
    )
}

/// Captures, and files that may hold one, in forms that are not read, and how to come to one that is.
fn unsupported(bytes: &[u8]) -> Option<CaptureError> {
    let known: [(&[u8], &str, &str); 11] = [
        (b"GMBU", "a Network Monitor 2 capture", EDITCAP),
        (b"RTSS", "a Network Monitor 1 capture", EDITCAP),
        (b"snoop\0\0\0", "a snoop capture", EDITCAP),
        (b"\xac\x01\x00\x1c", "a capture of an Ixia device", EDITCAP),
        (b"\x1c\x00\x01\xac", "a capture of an Ixia device", EDITCAP),
        (b"\xab\x01\x00\x1c", "a capture of an Ixia device", EDITCAP),
        (b"\x1f\x8b", "a gzip file", "unpack it with: gunzip FILE"),
        (
            b"\x28\xb5\x2f\xfd",
            "a zstd file",
            "unpack it with: zstd -d FILE",
        ),
        (
            b"\x04\x22\x4d\x18",
            "an lz4 file",
            "unpack it with: lz4 -d FILE",
        ),
        (b"\xfd7zXZ\0", "an xz file", "unpack it with: xz -d FILE"),
        (
            b"MSCF",
            "a cabinet file",
            "unpack it with: expand FILE -F:* FOLDER",
        ),
    ];
    let found = known.iter().find(|(magic, _, _)| bytes.starts_with(magic));
    if let Some((_, format, way_out)) = found {
        return Some(CaptureError::Unsupported { format, way_out });
    }
    is_trace_log(bytes).then_some(CaptureError::Unsupported {
        format: "a Windows trace log (.etl)",
        way_out: "convert it on Windows with: pktmon etl2pcap FILE",
    })
}

const EDITCAP: &str = "convert it with: editcap -F pcapng FILE NEW";

/// The buffer header and the first event of a trace log file.
fn is_trace_log(bytes: &[u8]) -> bool {
    bytes.get(0x36..0x38) == Some(&[4, 0])
        && matches!(bytes.get(0x4a), Some(1 | 2))
        && bytes.get(0x4b) == Some(&0xc0)
}

fn guess(bytes: &[u8]) -> &'static str {
    let text = bytes.trim_ascii_start();
    let wide = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    match bytes {
        [b'P', b'K', 3, 4, ..] => "looks like a zip archive",
        [b'B', b'Z', b'h', ..] => "looks like a bzip2 file",
        [b'M', b'Z', ..] => "looks like a Windows program",
        [0x7f, b'E', b'L', b'F', ..] => "looks like a program",
        [b'%', b'P', b'D', b'F', ..] => "looks like a PDF document",
        [0x89, b'P', b'N', b'G', ..] => "looks like a picture",
        _ if text.starts_with(b"#Software: Microsoft Internet") => "looks like an IIS log",
        _ if text.starts_with(b"<?xml") => "looks like an XML file",
        _ if text.starts_with(b"<!DOCTYPE html") || text.starts_with(b"<html") => {
            "looks like a web page"
        }
        _ if wide || is_text(bytes) => "looks like a text file",
        _ => "is of an unknown format",
    }
}

fn is_text(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .all(|&byte| byte >= 0x20 && byte != 0x7f || matches!(byte, b'\t' | b'\n' | b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &[u8]) -> String {
        format(bytes).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_capture_is_named() {
        assert_eq!(refusal(b""), "is empty");
        assert!(refusal(b"Hello\n").starts_with("looks like a text file"));
        assert!(refusal(b"GMBU\x03\x02").contains("Network Monitor 2"));
        assert!(refusal(b"\x1f\x8b\x08").contains("gunzip"));
        assert!(refusal(&[0, 1, 2, 3]).starts_with("is of an unknown format"));
    }
}
