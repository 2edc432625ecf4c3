//! What kind of file it is, by its first bytes.
//!
//! Never by its name.

use crate::capture::error::CaptureError;
use crate::capture::netmon::header::{self as netmon, NetmonHeader};
use crate::capture::pcap::{self, PcapHeader};
use crate::capture::pcapng::framing::section_order;
use crate::capture::snoop;
use crate::capture::unpack::Packing;
use crate::frame::LinkType;

/// So many bytes decide.
pub(super) const WANTED: usize = 128;

/// A format that is read.
#[derive(Debug)]
pub(super) enum Format {
    Pcap(PcapHeader),
    Pcapng,
    Netmon(NetmonHeader),
    Etl,
    Packed(Packing),
    Snoop(LinkType),
    /// Never told by the first bytes alone.
    Erf,
}

/// The format of a file that begins with `bytes`, or what it is instead.
pub(super) fn format(bytes: &[u8]) -> Result<Format, CaptureError> {
    if bytes.is_empty() {
        return Err(CaptureError::Empty);
    }
    if netmon::has_magic(bytes)
        && let Some(header) = netmon::header(bytes)
    {
        return Ok(Format::Netmon(header));
    }
    if let Some(packing) = Packing::of(bytes) {
        return Ok(Format::Packed(packing));
    }
    if is_trace_log(bytes) {
        return Ok(Format::Etl);
    }
    if let Some(link) = snoop::header(bytes) {
        return Ok(Format::Snoop(link));
    }
    if let Some(error) = unsupported(bytes) {
        return Err(error);
    }
    if let Some(header) = pcap::header(bytes) {
        return Ok(Format::Pcap(header));
    }
    if bytes.starts_with(PCAPNG) && section_order(bytes).is_some() {
        return Ok(Format::Pcapng);
    }
    Err(match bytes.len() {
        ..pcap::HEADER if pcap::has_magic(bytes) => CaptureError::Cut("pcap"),
        ..netmon::HEADER if netmon::has_magic(bytes) => CaptureError::Cut("Network Monitor"),
        ..snoop::HEADER if snoop::has_magic(bytes) => CaptureError::Cut("snoop"),
        ..12 if bytes.starts_with(PCAPNG) => CaptureError::Cut("pcapng"),
        _ => CaptureError::Unknown(guess(bytes)),
    })
}

const PCAPNG: &[u8] = b"\x0a\x0d\x0d\x0a";

/// Captures, and files that may hold one, in forms that are not read, and how to come to one that is.
fn unsupported(bytes: &[u8]) -> Option<CaptureError> {
    let known = UNSUPPORTED
        .iter()
        .find(|(magic, _, _)| bytes.starts_with(magic))
        .map(|(_, format, way_out)| (*format, *way_out));
    let (format, way_out) = match known {
        Some(known) => known,
        None if netmon::has_magic(bytes) && bytes.len() >= netmon::HEADER => {
            ("a Network Monitor capture of a newer version", EDITCAP)
        }
        None if snoop::has_magic(bytes) && bytes.len() >= snoop::HEADER => {
            ("a snoop capture of another version", EDITCAP)
        }
        None if pcap::is_aix(bytes) => ("a pcap file of AIX", EDITCAP),
        None => return None,
    };
    Some(CaptureError::Unsupported { format, way_out })
}

const EDITCAP: &str = "convert it with: editcap -F pcapng FILE NEW";

const UNSUPPORTED: &[(&[u8], &str, &str)] = &[
    (
        b"\xac\x01\x00\x1c",
        "a pcap file of an Ixia device",
        EDITCAP,
    ),
    (
        b"\x1c\x00\x01\xac",
        "a pcap file of an Ixia device",
        EDITCAP,
    ),
    (
        b"\xab\x01\x00\x1c",
        "a pcap file of an Ixia device",
        EDITCAP,
    ),
    (
        b"\x1c\x00\x01\xab",
        "a pcap file of an Ixia device",
        EDITCAP,
    ),
    (b"BZh", "a bzip2 file", "unpack it with: bunzip2 FILE"),
    (b"PK\x03\x04", "a zip archive", "unpack it with: unzip FILE"),
    (
        b"MSCF",
        "a cabinet file",
        "unpack it on Windows with: expand FILE -F:* FOLDER",
    ),
];

/// The buffer header and the first event of a trace log file.
fn is_trace_log(bytes: &[u8]) -> bool {
    bytes.get(0x36..0x38) == Some(&[4, 0])
        && matches!(bytes.get(0x4a), Some(1 | 2))
        && bytes.get(0x4b) == Some(&0xc0)
}

/// What no capture is, in the words of someone who picked the wrong file.
fn guess(bytes: &[u8]) -> &'static str {
    let known = OTHERS.iter().find(|(magic, _)| bytes.starts_with(magic));
    match known {
        Some((_, name)) => name,
        None => text(bytes).unwrap_or("is of an unknown format"),
    }
}

const OTHERS: &[(&[u8], &str)] = &[
    (b"MZ", "looks like a Windows program"),
    (
        b"\x05\x02\x00",
        "looks like a keytab (to be given with --keytab)",
    ),
    (b"\x7fELF", "looks like a program"),
    (b"ElfFile\0", "looks like a Windows event log (.evtx)"),
    (b"7z\xbc\xaf\x27\x1c", "looks like a 7z archive"),
    (b"Rar!\x1a\x07", "looks like a rar archive"),
    (b"%PDF", "looks like a PDF document"),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "looks like an Office document",
    ),
    (b"\x89PNG", "looks like a picture"),
    (b"\xff\xd8\xff", "looks like a picture"),
    (b"\xff\xfe", "looks like a text file in UTF-16"),
    (b"\xfe\xff", "looks like a text file in UTF-16"),
];

/// Which kind of text it is, if it is one.
fn text(bytes: &[u8]) -> Option<&'static str> {
    if !bytes.iter().all(|&byte| is_printed(byte)) {
        return None;
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = text.trim_ascii_start();
    let known = TEXTS.iter().find(|(begin, _)| {
        text.get(..begin.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(begin))
    });
    Some(known.map_or("looks like a text file", |(_, name)| *name))
}

const TEXTS: &[(&[u8], &str)] = &[
    (b"#Software: Microsoft Internet", "looks like an IIS log"),
    (b"<![LOG[", "looks like a Configuration Manager log"),
    (b"<?xml", "looks like an XML file"),
    (b"<!doctype html", "looks like a web page"),
    (b"<html", "looks like a web page"),
];

fn is_printed(byte: u8) -> bool {
    byte >= 0x20 && byte != 0x7f || matches!(byte, b'\t' | b'\n' | b'\r')
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
        let names: [(&[u8], &str); 10] = [
            (b"Hello\r\nW\xf6rld", "looks like a text file, not a"),
            (
                b"#Software: Microsoft Internet Information",
                "looks like an IIS log, not a",
            ),
            (
                b"\xef\xbb\xbf<?xml version=",
                "looks like an XML file, not a",
            ),
            (b"<HTML><body>", "looks like a web page, not a"),
            (
                b"<![LOG[Begin]LOG]!>",
                "looks like a Configuration Manager log, not a",
            ),
            (b"\xff\xfeH\0i\0", "looks like a text file in UTF-16, not a"),
            (b"MZ\x90\0\x03", "looks like a Windows program, not a"),
            (b"%PDF-1.7", "looks like a PDF document, not a"),
            (
                b"\x0a\x0d\x0d\x0a\x1c\0\0\0\0\0\0\0",
                "is of an unknown format, not a",
            ),
            (&[0, 1, 2, 3], "is of an unknown format, not a"),
        ];
        for (bytes, name) in names {
            let text = refusal(bytes);
            assert!(text.starts_with(name), "{text}");
        }
    }

    #[test]
    fn captures_in_other_forms_are_named_with_the_way_to_one_that_is_read() {
        let names: [(&[u8], &str); 3] = [
            (
                b"BZh91AY",
                "is a bzip2 file, which is not read yet; unpack it with: bunzip2 FILE",
            ),
            (
                b"PK\x03\x04",
                "is a zip archive, which is not read yet; unpack",
            ),
            (
                b"\x1c\x00\x01\xac",
                "is a pcap file of an Ixia device, which is not read yet; convert",
            ),
        ];
        for (bytes, name) in names {
            let text = refusal(bytes);
            assert!(text.starts_with(name), "{text}");
        }
    }

    #[test]
    fn a_trace_log_is_known_by_its_first_event() {
        let mut bytes = [0; WANTED];
        bytes[0x36] = 4;
        bytes[0x4a] = 2;
        bytes[0x4b] = 0xc0;
        assert!(matches!(format(&bytes), Ok(Format::Etl)));
    }

    #[test]
    fn a_pcap_file_of_aix_is_not_taken_for_an_ordinary_one() {
        let mut bytes = *b"\xa1\xb2\xc3\xd4\0\x02\0\x02\0\0\0\0\0\0\0\0\0\0\xff\xff\0\0\0\x06";
        assert!(refusal(&bytes).starts_with("is a pcap file of AIX, which is not read yet"));
        bytes[7] = 4;
        assert!(matches!(format(&bytes), Ok(Format::Pcap(_))));
    }

    #[test]
    fn a_header_that_is_cut_is_told_from_another_format() {
        assert_eq!(
            refusal(b"\xd4\xc3\xb2\xa1\x02"),
            "ends inside the header of a pcap file"
        );
        assert_eq!(
            refusal(b"\x0a\x0d\x0d\x0a\x1c"),
            "ends inside the header of a pcapng file"
        );
        assert!(matches!(
            format(b"\x0a\x0d\x0d\x0a\0\0\0\x1c\x1a\x2b\x3c\x4d"),
            Ok(Format::Pcapng)
        ));
    }
}
