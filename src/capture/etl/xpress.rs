//! Plain LZ77 of MS-XCA (XPRESS without Huffman codes), in which Windows compresses the buffers of a trace.
//!
//! Never writes more than it is asked for, and never reads behind its input: what is wrong ends the expansion.

/// What a stream expanded to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Expanded {
    pub(super) bytes: Vec<u8>,
    /// Whether it is as long as it was to be.
    pub(super) is_whole: bool,
}

/// Expands `input` to `len` bytes, or to fewer where it ends before or is damaged.
pub(super) fn expand(input: &[u8], len: usize) -> Expanded {
    let mut stream = Stream {
        input,
        at: 0,
        half: None,
        out: Vec::new(),
        len,
    };
    let is_whole = stream.run().is_some();
    Expanded {
        bytes: stream.out,
        is_whole,
    }
}

/// Lengths from here on are written behind the match.
const LONG: usize = 7;
/// Half bytes from here on are followed by a byte.
const LONG_HALF: usize = 15;
/// Bytes from here on are followed by a number of two bytes, and that by one of four where it is 0.
const LONG_BYTE: usize = 255;
/// The shortest match.
const SHORTEST: usize = 3;

struct Stream<'a> {
    input: &'a [u8],
    at: usize,
    /// A byte of which only the lower half was used.
    half: Option<u8>,
    out: Vec<u8>,
    len: usize,
}

impl Stream<'_> {
    /// `None` where the stream ends or makes no sense before all is written.
    fn run(&mut self) -> Option<()> {
        while self.out.len() < self.len {
            let flags = u32::from_le_bytes(self.take()?);
            for bit in (0..32).rev() {
                if self.out.len() == self.len {
                    break;
                }
                if flags >> bit & 1 == 0 {
                    let [byte] = self.take()?;
                    self.out.push(byte);
                } else {
                    self.copy()?;
                }
            }
        }
        Some(())
    }

    #[inline]
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let bytes = self.input.get(self.at..)?.first_chunk()?;
        self.at += N;
        Some(*bytes)
    }

    fn copy(&mut self) -> Option<()> {
        let code = usize::from(u16::from_le_bytes(self.take()?));
        let distance = (code >> 3) + 1;
        let length = SHORTEST + self.length(code & LONG)?;
        let from = self.out.len().checked_sub(distance)?;
        if length > self.len - self.out.len() {
            return None;
        }
        if distance >= length {
            self.out.extend_from_within(from..from + length);
        } else {
            self.repeat(from, length);
        }
        Some(())
    }

    /// Copies what is still being written: `length` bytes from `from` on.
    fn repeat(&mut self, from: usize, length: usize) {
        let end = self.out.len() + length;
        while self.out.len() < end {
            let there = self.out.len() - from;
            let piece = there.min(end - self.out.len());
            self.out.extend_from_within(from..from + piece);
        }
    }

    fn length(&mut self, short: usize) -> Option<usize> {
        if short < LONG {
            return Some(short);
        }
        let half = self.half()?;
        if half < LONG_HALF {
            return Some(LONG + half);
        }
        let [byte] = self.take()?;
        let long = match usize::from(byte) {
            LONG_BYTE => self.long()?.checked_sub(LONG_HALF + LONG)?,
            byte => byte,
        };
        long.checked_add(LONG_HALF + LONG)
    }

    fn half(&mut self) -> Option<usize> {
        if let Some(byte) = self.half.take() {
            return Some(usize::from(byte >> 4));
        }
        let [byte] = self.take()?;
        self.half = Some(byte);
        Some(usize::from(byte & 0xf))
    }

    fn long(&mut self) -> Option<usize> {
        match u16::from_le_bytes(self.take()?) {
            0 => usize::try_from(u32::from_le_bytes(self.take()?)).ok(),
            length => Some(usize::from(length)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two examples of MS-XCA 3.1.
    #[test]
    fn the_examples_of_the_specification_expand() {
        let alphabet = b"abcdefghijklmnopqrstuvwxyz";
        let stored = [&[0x3f, 0, 0, 0][..], alphabet].concat();
        assert_eq!(expand(&stored, 26).bytes, alphabet);
        let repeated = b"\xff\xff\xff\x1fabc\x17\0\x0f\xff\x26\x01";
        let expanded = expand(repeated, 300);
        assert_eq!(expanded.bytes, b"abc".repeat(100));
        assert!(expanded.is_whole);
    }

    #[test]
    fn what_is_cut_or_damaged_gives_what_came_before() {
        let repeated = b"\xff\xff\xff\x1fabc\x17\0\x0f\xff\x26\x01";
        for len in 0..repeated.len() {
            let expanded = expand(&repeated[..len], 300);
            assert!(!expanded.is_whole);
            assert!(b"abc".starts_with(&expanded.bytes));
        }
        let too_far = b"\0\0\0\x80\x08\0";
        assert_eq!(expand(too_far, 10).bytes, b"");
        assert!(!expand(repeated, 200).is_whole);
        assert!(expand(&[], 0).is_whole);
    }
}
