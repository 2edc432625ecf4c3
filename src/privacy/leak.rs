//! What is written, searched for every original name before anybody sees it.
//!
//! Never lets something pass because it is encoded: a name is looked for as ASCII, as UTF-16 and inside base64.

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::privacy::labels::is_number;
use crate::privacy::markup::{Markup, without};
use crate::privacy::pseudonyms::Pseudonyms;
use crate::privacy::words::{is_common, is_own};

/// A shorter part of a name may be a word.
const PART: usize = 4;
/// Names that are looked for at once: what they are spelled as is held in memory.
const PORTION: usize = 2_000;
/// A shorter name is found by chance in whatever is encoded.
const ENCODED: usize = 6;
/// So many digits of a number that is a name are not found by chance.
const NUMBER: usize = 8;

/// Where names are searched for, each with the number of its name.
#[derive(Default)]
struct Patterns {
    texts: Vec<Vec<u8>>,
    names: Vec<usize>,
}

impl Patterns {
    fn push(&mut self, text: Vec<u8>, name: usize) {
        self.texts.push(text);
        self.names.push(name);
    }

    /// The name of the first pattern that `text` holds and `is_hit` takes, by the place of the match. All are looked for at once.
    fn first_in(&self, text: &[u8], is_hit: impl Fn(usize, usize) -> bool) -> Option<usize> {
        let Ok(search) = AhoCorasick::new(&self.texts) else {
            // What cannot be searched does not leave.
            return self.names.first().copied();
        };
        let mut matches = search.find_overlapping_iter(text);
        let hit = matches.find(|found| is_hit(found.start(), found.end()))?;
        self.names.get(hit.pattern().as_usize()).copied()
    }
}

impl Pseudonyms {
    /// The first original name, or part of one, that `written` holds, but for the markup of this program.
    pub fn leak(&self, written: &[u8], markup: Markup) -> Option<&str> {
        let written = without(markup, written);
        let is_part = |label: &&String| label.chars().count() >= PART && !is_own(label);
        let parts = self.labels.keys().filter(is_part);
        let names: Vec<&str> = self
            .originals
            .iter()
            .chain(parts)
            .map(String::as_str)
            .filter(|name| tells_somebody(name))
            .collect();
        let lower = written.to_ascii_lowercase();
        let mut portions = names.chunks(PORTION);
        portions.find_map(|portion| first_of(portion, &written, &lower))
    }
}

/// The first of `names` that `written` holds, which is `lower` in lower case.
fn first_of<'n>(names: &[&'n str], written: &[u8], lower: &[u8]) -> Option<&'n str> {
    let (mut plain, mut wide, mut encoded) = <(Patterns, Patterns, Patterns)>::default();
    for (place, name) in names.iter().enumerate() {
        let low = name.to_ascii_lowercase();
        plain.push(low.clone().into_bytes(), place);
        if name.len() >= ENCODED {
            let units = low.encode_utf16();
            wide.push(units.flat_map(u16::to_le_bytes).collect(), place);
            for spelled in [(*name).to_owned(), low.clone(), name.to_ascii_uppercase()] {
                for core in in_base64(spelled.as_bytes()) {
                    encoded.push(core, place);
                }
            }
        }
    }
    let stands_alone = |start: usize, end: usize| !is_inside_word(lower, start, end);
    let hit = plain
        .first_in(lower, stands_alone)
        .or_else(|| wide.first_in(lower, |_, _| true))
        .or_else(|| encoded.first_in(written, |_, _| true))?;
    names.get(hit).copied()
}

/// Whether a name is more than a word that means nobody.
fn tells_somebody(name: &str) -> bool {
    let is_plain = !name.contains(|sign: char| !(sign.is_alphanumeric() || sign == '-'));
    // It was masked before it was recorded.
    let is_mask = name.bytes().all(|byte| matches!(byte, b'x' | b'X'));
    // A shorter number is found by chance.
    let is_long_number = name.len() >= NUMBER && is_number(name);
    is_long_number || !(is_mask || is_plain && (is_own(name) || is_common(name)))
}

/// Whether what stands between `start` and `end` is a part of a longer word.
fn is_inside_word(text: &[u8], start: usize, end: usize) -> bool {
    let is_of_word = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let before = start.checked_sub(1).and_then(|at| text.get(at));
    is_of_word(before) || is_of_word(text.get(end))
}

/// What `name` is inside something that is encoded, at each of the three places in a group of bytes where it may begin.
fn in_base64(name: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..3).filter_map(|skip| {
        let padded = [&vec![0; skip][..], name].concat();
        let encoded = STANDARD_NO_PAD.encode(&padded);
        // The first and the last signs depend on the bytes around.
        let begin = [0, 2, 3][skip];
        let end = padded.len() / 3 * 4;
        let core = encoded.get(begin..end).unwrap_or_default();
        (core.len() >= ENCODED).then(|| core.as_bytes().to_vec())
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
                known().leak(&text, Markup::None).is_some(),
                "{}",
                String::from_utf8_lossy(&text)
            );
        }
    }

    #[test]
    fn of_many_names_the_last_one_is_found_too() {
        let mut known = Pseudonyms::default();
        for number in 0..=2 * PORTION {
            known.learn(&format!("client-{number:06}"));
        }
        assert!(!known.is_full());
        assert_eq!(known.leak(b"client-999999 asks", Markup::None), None);
        let last = format!("client-{:06} asks", 2 * PORTION);
        assert!(known.leak(last.as_bytes(), Markup::None).is_some());
    }

    #[test]
    fn what_holds_no_name_passes() {
        let mut known = known();
        known.learn("xxxxxxxx");
        for text in [
            "the client asks",
            "xxxxxxxx",
            "10.20.51.5",
            "110.20.51.51",
            "xmp01contosocomx",
        ] {
            assert_eq!(known.leak(text.as_bytes(), Markup::None), None, "{text}");
        }
    }
}
