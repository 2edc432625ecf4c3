//! XML of Configuration Manager: the names of elements and attributes stay, their values are names.
//!
//! Never keeps a comment or a declaration.

use std::net::IpAddr;

use crate::hide::{Digits, Hider, part};

/// Values that name nobody, in lower case.
const WORDS: &str = "|registration|confirmation|renewal|netbios name|fq name|hardwareid1|hardwareid2|hardwareid3|true|false|\
    utf-16|utf-8|clientregistration|signing|encryption|sms client|full|authorizing|sync|async|replyto|target|";

impl Hider<'_> {
    /// Edits a text of elements.
    pub(super) fn xml(&mut self, text: &mut [u8]) {
        let mut rest = text;
        while !rest.is_empty() {
            let is_tag = rest.first() == Some(&b'<');
            let end = if is_tag {
                end_of_tag(rest)
            } else {
                rest.iter()
                    .position(|byte| *byte == b'<')
                    .unwrap_or(rest.len())
            };
            let (here, behind) = rest.split_at_mut(end.clamp(1, rest.len()));
            rest = behind;
            if is_tag {
                self.tag(here);
            } else {
                self.value(here);
            }
        }
    }

    fn tag(&mut self, tag: &mut [u8]) {
        if tag.starts_with(b"<!") {
            part(tag, 2, usize::MAX).fill(b' ');
            return;
        }
        let mut quote = None;
        let mut begin = 0;
        for at in 0..tag.len() {
            let byte = tag.get(at).copied().unwrap_or(0);
            match quote {
                None if matches!(byte, b'"' | b'\'') => (quote, begin) = (Some(byte), at + 1),
                Some(open) if open == byte => {
                    self.value(part(tag, begin, at));
                    quote = None;
                }
                _ => {}
            }
        }
        if quote.is_some() {
            self.value(part(tag, begin, usize::MAX));
        }
    }

    fn value(&mut self, value: &mut [u8]) {
        let trimmed = value.trim_ascii().to_ascii_lowercase();
        let text = String::from_utf8_lossy(&trimmed);
        let is_of_address = |sign: char| sign.is_ascii_hexdigit() || matches!(sign, '.' | ':');
        let mut parts = text.split(|sign| !is_of_address(sign));
        let is_address = parts.any(|it| it.parse::<IpAddr>().is_ok());
        let is_word = WORDS.contains(&format!("|{text}|"));
        if is_word || is_time(&trimmed) {
            return;
        }
        if is_hardware(&trimmed) {
            value.fill(b'0');
            return;
        }
        let digits = if is_address {
            Digits::Hidden
        } else {
            Digits::Kept
        };
        self.words(value, digits);
    }
}

/// A tag ends at its `>` outside of quotes.
fn end_of_tag(text: &[u8]) -> usize {
    let mut quote = None;
    for (at, byte) in text.iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
    }
    text.len()
}

/// Six numbers of two digits.
fn is_hardware(text: &[u8]) -> bool {
    let mut parts = text.split(|byte| matches!(byte, b':' | b'-'));
    parts.clone().count() == 6
        && parts.all(|it| it.len() == 2 && it.iter().all(u8::is_ascii_hexdigit))
}

/// ISO 8601: `2026-11-25T08:00:00Z`.
fn is_time(text: &[u8]) -> bool {
    let is_of_time = |byte: &u8| byte.is_ascii_digit() || b"-:.tz+ ".contains(byte);
    text.len() >= 10 && text.get(4) == Some(&b'-') && text.iter().all(is_of_time)
}
