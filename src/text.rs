//! Text as it came over the wire, and bytes that must never be shown.
//!
//! Never decides how text is shown: escaping is the renderers' business.

use std::fmt;

use smol_str::SmolStr;

/// Bytes of the wire read as text: never failing, never trusted.
///
/// It may hold control characters, markup or lies. Renderers pass it through their `escape` wrapper.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct WireText(SmolStr);

impl WireText {
    /// Reads `bytes` as UTF-8 if they are that, else as Latin-1, so that no byte is lost.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self(SmolStr::new(text)),
            Err(_) => Self(bytes.iter().map(|&byte| char::from(byte)).collect()),
        }
    }

    /// Reads `bytes` as UTF-16LE; an odd last byte is dropped, a lone surrogate becomes U+FFFD.
    pub fn from_utf16le(bytes: &[u8]) -> Self {
        let units = bytes
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        Self(
            char::decode_utf16(units)
                .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect(),
        )
    }

    /// The text as it was.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is no character in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Equality as DNS names, realms of Windows and HTTP host names have it: ASCII letters of either case are the same.
    pub fn same_name(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

impl From<&str> for WireText {
    fn from(text: &str) -> Self {
        Self(SmolStr::new(text))
    }
}

impl From<String> for WireText {
    fn from(text: String) -> Self {
        Self(SmolStr::from(text))
    }
}

impl fmt::Debug for WireText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for WireText {
    /// The raw text. What goes to a person goes through a renderer's `escape` first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Bytes that open something, or that a key opens: cipher texts of tickets, and keys. They are for computing with, and no renderer
/// can show them.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// The bytes, for what computes with them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Sealed {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Sealed {
    /// Their number alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// `bytes` as pairs of hexadecimal digits, the letters small.
pub fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or('0');
    let pair = |byte: &u8| [digit(byte >> 4), digit(byte & 15)];
    bytes.iter().flat_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_bytes_show_nothing_but_their_number() {
        let sealed = Sealed::from(vec![0xc0, 0xff, 0xee]);
        assert_eq!(format!("{sealed:?} {sealed:#?}"), "3 bytes 3 bytes");
        assert_eq!(hexadecimal(sealed.expose()), "c0ffee");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_read_as_latin_1() {
        assert_eq!(WireText::from_bytes(b"M\xfcller").as_str(), "Müller");
        assert_eq!(WireText::from_bytes("Müller".as_bytes()).as_str(), "Müller");
    }

    #[test]
    fn an_odd_byte_of_utf16_is_dropped() {
        assert_eq!(WireText::from_utf16le(b"A\0B\0C").as_str(), "AB");
    }
}
