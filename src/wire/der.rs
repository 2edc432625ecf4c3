//! DER (ITU-T X.690) without a schema: a walk that proves bytes sound, and fields found by their tags.
//!
//! Never recurses deeper than [`MAX_DEPTH`], never copies, and never trusts a length: a value that runs past the end is
//! given as far as it goes and marked as cut.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::text::WireText;

/// Deeper nesting is no message of ours: Kerberos needs some twelve levels.
pub const MAX_DEPTH: usize = 24;

/// Tag of INTEGER.
pub const INTEGER: u8 = 0x02;
/// Tag of BIT STRING.
pub const BIT_STRING: u8 = 0x03;
/// Tag of OCTET STRING.
pub const OCTET_STRING: u8 = 0x04;
/// Tag of OBJECT IDENTIFIER.
pub const OBJECT_IDENTIFIER: u8 = 0x06;
/// Tag of ENUMERATED.
pub const ENUMERATED: u8 = 0x0a;
/// Tag of GeneralizedTime.
pub const GENERALIZED_TIME: u8 = 0x18;
/// Tag of SEQUENCE.
pub const SEQUENCE: u8 = 0x30;

/// A tag with its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tlv<'a> {
    /// The tag byte.
    pub tag: u8,
    /// The value, as far as it is there.
    pub value: &'a [u8],
    /// The length of the value as the header states it.
    pub stated: usize,
    /// The length of the header.
    pub header: usize,
}

impl<'a> Tlv<'a> {
    /// Reads the header at the front of `bytes`; the value may be cut. `None` for a header that is cut or of a form that no
    /// protocol here uses: high tag numbers, indefinite lengths, lengths of more than four octets.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (&tag, rest) = bytes.split_first()?;
        let (&first, rest) = rest.split_first()?;
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (stated, octets) = match first {
            0..=0x7f => (usize::from(first), 0),
            0x81..=0x84 => {
                let octets = usize::from(first & 0x7f);
                let length = rest.get(..octets)?;
                let stated = length
                    .iter()
                    .fold(0_usize, |sum, &octet| (sum << 8) | usize::from(octet));
                (stated, octets)
            }
            _ => return None,
        };
        let value = rest.get(octets..)?;
        Some(Self {
            tag,
            value: value.get(..stated).unwrap_or(value),
            stated,
            header: 2 + octets,
        })
    }

    /// Whether bytes of the value are missing.
    pub const fn is_cut(&self) -> bool {
        self.value.len() < self.stated
    }

    /// Header and value together, as the header states them.
    pub const fn total(&self) -> usize {
        self.header.saturating_add(self.stated)
    }

    /// The elements of a constructed value, up to the first that cannot be read.
    pub const fn children(&self) -> Children<'a> {
        Children { rest: self.value }
    }

    /// What the explicit tag `[number]` holds, in a SEQUENCE.
    pub fn field(&self, number: u8) -> Option<Tlv<'a>> {
        self.children()
            .find(|child| child.tag == 0xa0 | number)
            .and_then(|wrapper| Tlv::read(wrapper.value))
    }

    /// The value as an INTEGER or ENUMERATED that fits into 64 bits.
    pub fn integer(&self) -> Option<i64> {
        if !matches!(self.tag, INTEGER | ENUMERATED) || self.is_cut() {
            return None;
        }
        let (&first, _) = self.value.split_first()?;
        let sign = if first & 0x80 == 0 { 0 } else { -1 };
        (self.value.len() <= 8).then(|| {
            self.value
                .iter()
                .fold(sign, |sum, &octet| (sum << 8) | i64::from(octet))
        })
    }

    /// The value as an OCTET STRING, as far as it is there.
    pub fn octets(&self) -> Option<&'a [u8]> {
        (self.tag == OCTET_STRING).then_some(self.value)
    }

    /// The value as text, whatever string type it has.
    pub fn text(&self) -> Option<WireText> {
        let is_string = matches!(self.tag, 0x0c | 0x13 | 0x14 | 0x16 | 0x1a | 0x1b);
        (is_string && !self.is_cut()).then(|| WireText::from_bytes(self.value))
    }

    /// The first 32 bits of a BIT STRING, bit 0 the highest; missing ones are 0.
    pub fn bits(&self) -> Option<u32> {
        if self.tag != BIT_STRING || self.is_cut() {
            return None;
        }
        let (_, octets) = self.value.split_first()?;
        let padded = octets.iter().copied().chain(std::iter::repeat(0)).take(4);
        Some(padded.fold(0, |sum, octet| (sum << 8) | u32::from(octet)))
    }

    /// The value as GeneralizedTime in UTC, in whole seconds given as nanoseconds since 1970. A leap second counts as the
    /// second before it; a time of another zone is none.
    pub fn time(&self) -> Option<i64> {
        if self.tag != GENERALIZED_TIME {
            return None;
        }
        generalized_time(self.value)
    }
}

/// The text of a GeneralizedTime, as [`Tlv::time`] reads it.
pub fn generalized_time(text: &[u8]) -> Option<i64> {
    if !is_utc(text) {
        return None;
    }
    let (date, time) = calendar(text)?;
    NaiveDateTime::new(date, time)
        .and_utc()
        .timestamp_nanos_opt()
}

/// The elements of a constructed value.
#[derive(Clone, Debug)]
pub struct Children<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Children<'a> {
    type Item = Tlv<'a>;

    fn next(&mut self) -> Option<Tlv<'a>> {
        let tlv = Tlv::read(self.rest)?;
        self.rest = self.rest.get(tlv.total()..).unwrap_or_default();
        Some(tlv)
    }
}

/// Whether `bytes` begin with an element that is whole and sound to the bottom: definite lengths inside their parents, no
/// high tag numbers, real calendar times, bit strings with a padding that exists. Decoders with a schema may have it then.
pub fn is_sound(bytes: &[u8]) -> bool {
    Tlv::read(bytes).is_some_and(|tlv| is_sound_element(&tlv, 0))
}

fn is_sound_element(tlv: &Tlv<'_>, depth: usize) -> bool {
    if tlv.is_cut() || depth > MAX_DEPTH {
        return false;
    }
    match tlv.tag {
        tag if tag & 0x20 != 0 => is_sound_list(tlv.value, depth + 1),
        GENERALIZED_TIME => is_strict_time(tlv.value),
        BIT_STRING => tlv.value.first().is_some_and(|&padding| padding <= 7),
        _ => true,
    }
}

fn is_sound_list(mut rest: &[u8], depth: usize) -> bool {
    while !rest.is_empty() {
        let Some(tlv) = Tlv::read(rest).filter(|tlv| is_sound_element(tlv, depth)) else {
            return false;
        };
        rest = rest.get(tlv.total()..).unwrap_or_default();
    }
    true
}

/// Fourteen digits of a real date and time, no leap second, and at least one octet behind them.
fn is_strict_time(value: &[u8]) -> bool {
    value.len() > 14 && value.get(12..14) != Some(b"60") && calendar(value).is_some()
}

/// Whether nothing but a fraction and `Z`, as far as it is there, follows the seconds.
fn is_utc(value: &[u8]) -> bool {
    let suffix = value.get(14..).unwrap_or_default();
    let suffix = suffix.strip_suffix(b"Z").unwrap_or(suffix);
    suffix
        .iter()
        .all(|octet| octet.is_ascii_digit() || *octet == b'.')
}

fn calendar(value: &[u8]) -> Option<(NaiveDate, NaiveTime)> {
    let digits = value.get(..14)?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |from: usize, to: usize| {
        digits.get(from..to).map(|part| {
            part.iter()
                .fold(0_u32, |sum, &digit| sum * 10 + u32::from(digit - b'0'))
        })
    };
    let year = i32::try_from(number(0, 4)?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(4, 6)?, number(6, 8)?)?;
    let second = number(12, 14)?;
    if second > 60 {
        return None;
    }
    let time = NaiveTime::from_hms_opt(number(8, 10)?, number(10, 12)?, second.min(59))?;
    Some((date, time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time_of(text: &str) -> Vec<u8> {
        let mut bytes = vec![GENERALIZED_TIME, u8::try_from(text.len()).unwrap()];
        bytes.extend_from_slice(text.as_bytes());
        bytes
    }

    #[test]
    fn a_calendar_that_does_not_exist_is_not_sound() {
        assert!(is_sound(&time_of("20090520193512Z")));
        for wrong in [
            "20267913204805Z",
            "00000000000000Z",
            "20260101235960Z",
            "20260101240000Z",
        ] {
            assert!(!is_sound(&time_of(wrong)), "{wrong}");
        }
    }

    #[test]
    fn a_leap_second_is_read_by_the_field_finder() {
        let bytes = time_of("20161231235960Z");
        let time = Tlv::read(&bytes).unwrap().time().unwrap();
        assert_eq!(time, 1_483_228_799_000_000_000);
    }

    #[test]
    fn a_time_of_another_zone_is_none() {
        let time = |text: &str| Tlv::read(&time_of(text)).unwrap().time();
        let second = 1_242_848_112_000_000_000;
        assert_eq!(time("20090520193512Z"), Some(second));
        assert_eq!(time("20090520193512.25Z"), Some(second));
        assert_eq!(time("20090520193512+0200"), None);
    }

    #[test]
    fn lengths_beyond_the_end_are_cut_and_not_sound() {
        let bytes = [SEQUENCE, 0x84, 0xff, 0xff, 0xff, 0xff, 1, 2];
        let tlv = Tlv::read(&bytes).unwrap();
        assert!(tlv.is_cut());
        assert_eq!(tlv.value, [1, 2]);
        assert!(!is_sound(&bytes));
    }

    #[test]
    fn an_optional_field_whose_header_is_all_there_is_is_not_sound() {
        assert!(!is_sound(&[
            0x30, 0x07, 0xa1, 0x03, 0x02, 0x01, 0x03, 0xa2, 0x02
        ]));
    }

    #[test]
    fn nesting_has_an_end() {
        let mut bytes = vec![0x02, 0x01, 0x00];
        for _ in 0..40 {
            let mut outer = vec![SEQUENCE, u8::try_from(bytes.len()).unwrap()];
            outer.append(&mut bytes);
            bytes = outer;
        }
        assert!(!is_sound(&bytes));
    }

    #[test]
    fn unsigned_numbers_of_five_octets_are_read() {
        let tlv = Tlv::read(&[0x02, 0x05, 0x00, 0xff, 0xff, 0xff, 0xff]).unwrap();
        assert_eq!(tlv.integer(), Some(0xffff_ffff));
        let tlv = Tlv::read(&[0x02, 0x01, 0x80]).unwrap();
        assert_eq!(tlv.integer(), Some(-128));
    }
}
