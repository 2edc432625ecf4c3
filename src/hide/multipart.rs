//! Bodies of Configuration Manager: a header in XML and a compressed message in XML, or XML alone.
//!
//! Never keeps a part that is neither.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use memchr::memmem;

use crate::hide::{Hider, part, zero};
use crate::wire::ccm;

/// A decompressed message is read up to here; a longer one is blanked.
const LARGEST: u64 = 1 << 20;
/// A boundary is no longer (RFC 2046 section 5.1.1), its two hyphens included.
const BOUNDARY: usize = 72;
const MARK: &[u8] = b"\xff\xfe";
const BLANK: &[u8] = b"\r\n\r\n";

impl Hider<'_> {
    /// Edits a body; `false` where it is none of this kind.
    pub(super) fn configuration(&mut self, body: &mut [u8]) -> bool {
        if let Some(boundary) = boundary(body) {
            self.multipart(body, &boundary);
            return true;
        }
        if ccm::points::decode(body).is_none() {
            return false;
        }
        if body.starts_with(MARK) {
            self.wide_xml(body);
        } else {
            self.xml(body);
        }
        true
    }

    fn multipart(&mut self, body: &mut [u8], boundary: &[u8]) {
        let begins: Vec<usize> = memmem::find_iter(body, boundary).collect();
        let ends = begins.iter().skip(1).copied().chain([body.len()]);
        for (place, (begin, end)) in begins.iter().copied().zip(ends).enumerate() {
            let is_last = begin + boundary.len() + 2 >= body.len() || end == body.len();
            let inside = part(body, begin + boundary.len(), end);
            if is_last && inside.starts_with(b"--") {
                zero(inside, 4, usize::MAX);
            } else {
                self.part(inside, place);
            }
        }
    }

    /// A part with its head, up to the line end before the next boundary.
    fn part(&mut self, bytes: &mut [u8], place: usize) {
        let Some(head) = memmem::find(bytes, BLANK) else {
            bytes.fill(0);
            return;
        };
        let (head, content) = bytes.split_at_mut(head + BLANK.len());
        for line in head.split_inclusive_mut(|byte| *byte == b'\n').skip(1) {
            let end = line.trim_ascii_end().len();
            if end > 0 {
                self.field(part(line, 0, end));
            }
        }
        let end = content.len() - if content.ends_with(b"\r\n") { 2 } else { 0 };
        self.content(part(content, 0, end), place);
    }

    fn content(&mut self, content: &mut [u8], place: usize) {
        if place > 1 {
            content.fill(0);
        } else if content.first() == Some(&0x78) {
            self.compressed(content);
        } else if content.starts_with(MARK) || matches!(content, [b'<', 0, ..]) {
            self.wide_xml(content);
        } else {
            content.fill(0);
        }
    }

    /// Zeros follow where the message became shorter; where it became longer, nothing is left of it.
    fn compressed(&mut self, content: &mut [u8]) {
        let mut message = Vec::new();
        let read = ZlibDecoder::new(&*content)
            .take(LARGEST)
            .read_to_end(&mut message);
        content.fill(0);
        if read.is_err() || message.len() as u64 == LARGEST {
            return;
        }
        self.wide_xml(&mut message);
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        let written = encoder.write_all(&message).and_then(|()| encoder.finish());
        let written = written.unwrap_or_default();
        if written.len() <= content.len() {
            part(content, 0, written.len()).copy_from_slice(&written);
        }
    }

    fn wide_xml(&mut self, bytes: &mut [u8]) {
        let from = if bytes.starts_with(MARK) {
            MARK.len()
        } else {
            0
        };
        self.wide(part(bytes, from, usize::MAX), &mut |hider, text| {
            hider.xml(text);
        });
    }
}

/// The first line, if it is a boundary.
fn boundary(body: &[u8]) -> Option<Vec<u8>> {
    let boundary = body.get(..memmem::find(body, b"\r\n")?)?;
    let is_one = boundary.starts_with(b"--") && boundary.len() <= BOUNDARY;
    is_one.then(|| boundary.to_vec())
}
