//! What is written, searched for every original name before anybody sees it.
//!
//! Never lets something pass because it is encoded: a name is looked for as ASCII, as UTF-16 and inside base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use memchr::memmem;

use crate::privacy::pseudonyms::Pseudonyms;
use crate::privacy::words::{is_common, is_own};

/// A shorter part of a name may be a word.
const PART: usize = 4;
/// A shorter name is found by chance in whatever is encoded.
const ENCODED: usize = 6;

impl Pseudonyms {
    /// The first original name, or part of one, that `written` holds.
    pub fn leak(&self, written: &[u8]) -> Option<&str> {
        let lower = written.to_ascii_lowercase();
        let is_part = |label: &&String| label.chars().count() >= PART && !is_own(label);
        let parts = self.labels.keys().filter(is_part);
        let mut names = self.originals.iter().chain(parts).map(String::as_str);
        names.find(|name| holds(&lower, written, name))
    }
}

fn holds(lower: &[u8], written: &[u8], name: &str) -> bool {
    let is_plain = !name.contains(|sign: char| !(sign.is_alphanumeric() || sign == '-'));
    if is_plain && (is_own(name) || is_common(name)) {
        return false;
    }
    let low = name.to_ascii_lowercase();
    if stands_alone(lower, low.as_bytes()) {
        return true;
    }
    if name.len() < ENCODED {
        return false;
    }
    let utf16: Vec<u8> = low.encode_utf16().flat_map(u16::to_le_bytes).collect();
    if memmem::find(lower, &utf16).is_some() {
        return true;
    }
    [name.to_owned(), low.clone(), name.to_ascii_uppercase()]
        .iter()
        .any(|name| is_in_base64(written, name.as_bytes()))
}

/// Whether `name` is there, and is not a part of a longer word.
fn stands_alone(text: &[u8], name: &[u8]) -> bool {
    let is_of_word = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    memmem::find_iter(text, name).any(|at| {
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        !is_of_word(before) && !is_of_word(text.get(at + name.len()))
    })
}

/// Whether `name` is inside something that is encoded, at each of the three places in a group of bytes where it may begin.
fn is_in_base64(text: &[u8], name: &[u8]) -> bool {
    (0..3).any(|skip| {
        let padded = [&vec![0; skip][..], name].concat();
        let encoded = STANDARD_NO_PAD.encode(&padded);
        // The first and the last signs depend on the bytes around.
        let begin = [0, 2, 3][skip];
        let end = padded.len() / 3 * 4;
        let core = encoded.get(begin..end).unwrap_or_default();
        core.len() >= ENCODED && memmem::find(text, core.as_bytes()).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Pseudonyms {
        let mut known = Pseudonyms::default();
        known.learn("mp01.contoso.com");
        known.learn("WK02-020-51W$");
        known.address("10.20.51.51".parse().unwrap());
        known
    }

    #[test]
    fn a_planted_name_is_found_however_it_is_written() {
        let utf16: Vec<u8> = "x mp01.contoso.com"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let base64 = |before: &str| {
            let text = format!("{before}MP01.CONTOSO.COM and more");
            STANDARD_NO_PAD.encode(text).into_bytes()
        };
        let planted = [
            b"the server Mp01.Contoso.com answers".to_vec(),
            b"{\"name\":\"WK02-020-51W$\"}".to_vec(),
            b"from 10.20.51.51:80".to_vec(),
            utf16,
            base64(""),
            base64("a"),
            base64("ab"),
        ];
        for text in planted {
            assert!(
                known().leak(&text).is_some(),
                "{}",
                String::from_utf8_lossy(&text)
            );
        }
    }

    #[test]
    fn what_holds_no_name_passes() {
        for text in [
            "the client asks",
            "10.20.51.5",
            "110.20.51.51",
            "xmp01contosocomx",
        ] {
            assert_eq!(known().leak(text.as_bytes()), None, "{text}");
        }
    }
}
