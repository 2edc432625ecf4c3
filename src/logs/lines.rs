//! A file as lines of text: UTF-8, UTF-16 with a byte order mark, or the bytes of an old code page.
//!
//! Never holds more than one line, of which everything behind [`LONGEST_LINE`] is passed over.

use std::borrow::Cow;
use std::io::{self, Read};

use memchr::memchr;

use crate::logs::LONGEST_LINE;

/// Bytes that are read at a time.
const BLOCK: usize = 256 << 10;

/// A line, without its end.
pub(super) struct Text<'l> {
    /// Its number, from 1.
    pub(super) number: u64,
    /// What it says; bytes that are no text stand as replacement characters.
    pub(super) text: Cow<'l, str>,
}

/// How characters are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Encoding {
    /// UTF-8, or a code page that agrees with it in ASCII.
    Bytes,
    Utf16Le,
    Utf16Be,
}

/// The lines of an input.
pub(super) struct Lines<'i> {
    input: &'i mut dyn Read,
    block: Vec<u8>,
    at: usize,
    /// The encoding, once the first bytes are there.
    encoding: Option<Encoding>,
    /// A line that began in an earlier block.
    begun: Vec<u8>,
    number: u64,
    /// Lines of which not all was kept.
    cut: u64,
}

impl<'i> Lines<'i> {
    pub(super) fn new(input: &'i mut dyn Read) -> Self {
        Self {
            input,
            block: Vec::new(),
            at: 0,
            encoding: None,
            begun: Vec::new(),
            number: 0,
            cut: 0,
        }
    }

    /// How many lines so far were longer than what is read of them.
    pub(super) const fn cut(&self) -> u64 {
        self.cut
    }

    /// The next line; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Text<'_>>> {
        self.begun.clear();
        let (mut started, mut whole) = (false, 0);
        loop {
            if self.at >= self.block.len() && !self.fill()? {
                return Ok(started.then(|| self.text(None, whole)));
            }
            started = true;
            let rest = self.block.get(self.at..).unwrap_or_default();
            let Some((len, skip)) = self.line_end(rest) else {
                whole += rest.len();
                keep(&mut self.begun, rest);
                self.at = self.block.len();
                continue;
            };
            let begin = self.at;
            let is_here = whole == 0;
            whole += len;
            if !is_here {
                keep(&mut self.begun, rest.get(..len).unwrap_or_default());
            }
            self.at += len + skip;
            return Ok(Some(self.text(is_here.then_some((begin, len)), whole)));
        }
    }

    /// How long the line is that `rest` begins with, and how long its end.
    fn line_end(&self, rest: &[u8]) -> Option<(usize, usize)> {
        let (end, width): ([u8; 2], usize) = match self.encoding {
            Some(Encoding::Utf16Le) => ([b'\n', 0], 2),
            Some(Encoding::Utf16Be) => ([0, b'\n'], 2),
            Some(Encoding::Bytes) | None => return memchr(b'\n', rest).map(|len| (len, 1)),
        };
        let at = rest
            .chunks_exact(width)
            .position(|unit| unit == end.as_slice())?;
        Some((at * width, width))
    }

    fn fill(&mut self) -> io::Result<bool> {
        // A unit of UTF-16 may be split between two blocks: blocks are filled to an even length.
        self.block.resize(BLOCK, 0);
        let mut len = 0;
        while len < BLOCK {
            match self
                .input
                .read(self.block.get_mut(len..).unwrap_or_default())
            {
                Ok(0) => break,
                Ok(read) => len += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.block.truncate(len);
        self.at = 0;
        if self.encoding.is_none() {
            let (encoding, mark) = encoding(&self.block);
            self.encoding = Some(encoding);
            self.at = mark;
        }
        Ok(self.at < self.block.len())
    }

    /// The line at `place` of the block, or what was kept of one of `whole` bytes.
    fn text(&mut self, place: Option<(usize, usize)>, whole: usize) -> Text<'_> {
        self.number += 1;
        self.cut += u64::from(whole > LONGEST_LINE);
        let bytes = match place {
            Some((begin, len)) => self.block.get(begin..begin + len.min(LONGEST_LINE)),
            None => Some(self.begun.as_slice()),
        };
        let bytes = bytes.unwrap_or_default();
        let text = match self.encoding {
            Some(Encoding::Utf16Le) => Cow::Owned(utf16(bytes, u16::from_le_bytes)),
            Some(Encoding::Utf16Be) => Cow::Owned(utf16(bytes, u16::from_be_bytes)),
            // Most lines are valid, which is found out faster than where they are not.
            Some(Encoding::Bytes) | None => match std::str::from_utf8(bytes) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => String::from_utf8_lossy(bytes),
            },
        };
        let text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.strip_suffix('\r').unwrap_or(text)),
            Cow::Owned(mut text) => {
                if text.ends_with('\r') {
                    text.pop();
                }
                Cow::Owned(text)
            }
        };
        Text {
            number: self.number,
            text,
        }
    }
}

fn keep(begun: &mut Vec<u8>, more: &[u8]) {
    let room = LONGEST_LINE.saturating_sub(begun.len());
    begun.extend_from_slice(more.get(..room).unwrap_or(more));
}

/// The encoding that the first bytes tell, and how many of them do.
fn encoding(bytes: &[u8]) -> (Encoding, usize) {
    match bytes {
        [0xff, 0xfe, ..] => (Encoding::Utf16Le, 2),
        [0xfe, 0xff, ..] => (Encoding::Utf16Be, 2),
        [0xef, 0xbb, 0xbf, ..] => (Encoding::Bytes, 3),
        [_, 0, _, 0, ..] => (Encoding::Utf16Le, 0),
        [0, _, 0, _, ..] => (Encoding::Utf16Be, 0),
        _ => (Encoding::Bytes, 0),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| {
        unit([
            pair.first().copied().unwrap_or(0),
            pair.last().copied().unwrap_or(0),
        ])
    });
    char::decode_utf16(units)
        .map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<String> {
        let mut input = bytes;
        let mut lines = Lines::new(&mut input);
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push(line.text.into_owned());
        }
        all
    }

    #[test]
    fn the_same_lines_come_out_of_every_encoding() {
        let text = "one\r\ntw\u{f6}\r\n\r\nlast";
        let wanted = ["one", "tw\u{f6}", "", "last"];
        assert_eq!(lines(text.as_bytes()), wanted);
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(lines(&[&[0xff, 0xfe], little.as_slice()].concat()), wanted);
        assert_eq!(lines(&little), wanted, "without a mark");
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(lines(&[&[0xfe, 0xff], big.as_slice()].concat()), wanted);
    }

    #[test]
    fn bytes_of_a_code_page_do_not_hide_a_line() {
        assert_eq!(lines(b"M\xfcller\nnext"), ["M\u{fffd}ller", "next"]);
    }

    #[test]
    fn a_line_without_an_end_is_cut() {
        let endless = vec![b'a'; LONGEST_LINE * 5];
        let all = lines(&endless);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].len(), LONGEST_LINE);
    }
}
