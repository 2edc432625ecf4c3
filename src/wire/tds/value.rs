//! Values of parameters (MS-TDS 2.2.5.4 to 2.2.5.6), each behind what says its type.
//!
//! Never allocates what a length asks for, only what is there.

use std::ops::Range;

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};

use crate::text::WireText;
use crate::wire::reader::{DecodeError, DecodeErrorKind, Reader};
use crate::wire::registration_call::Value;

/// A length that stands for NULL, in two bytes and in four.
const NULL_16: u16 = 0xffff;
const NULL_32: u32 = 0xffff_ffff;
/// A maximum that stands for a value in parts.
const IN_PARTS: u16 = 0xffff;
/// Bytes of a collation.
const COLLATION: usize = 5;

/// What a value's bytes are.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Whole,
    Wide,
    Narrow,
    Bytes,
    DateTime,
    /// With so many digits behind the second.
    DateTime2(u8),
    Guid,
    /// What no parameter of the call is.
    Other,
}

/// A value that was found: where its bytes are.
pub(super) struct Found {
    pub(super) kind: Kind,
    /// In order; none where the value is NULL.
    pub(super) parts: Vec<Range<usize>>,
    is_null: bool,
}

impl Found {
    fn null(kind: Kind) -> Self {
        Self {
            kind,
            parts: Vec::new(),
            is_null: true,
        }
    }

    fn one(kind: Kind, part: Range<usize>) -> Self {
        Self {
            kind,
            parts: vec![part],
            is_null: false,
        }
    }
}

/// Takes a type and its value; `None` where it is of a kind that is not read.
pub(super) fn take(reader: &mut Reader<'_>) -> Result<Option<Value>, DecodeError> {
    let (from, bytes) = (reader.offset(), reader.rest());
    let found = find(reader)?;
    if found.is_null {
        return Ok(Some(Value::Null));
    }
    let parts = found.parts.iter();
    let parts = parts.filter_map(|part| bytes.get(part.start - from..part.end - from));
    Ok(match parts.collect::<Vec<_>>().as_slice() {
        [whole] => found.kind.value(whole),
        parts => found.kind.value(&parts.concat()),
    })
}

/// Takes the same, and says where the value stands.
pub(super) fn find(reader: &mut Reader<'_>) -> Result<Found, DecodeError> {
    let token = reader.u8("type of a parameter")?;
    match token {
        0x1f => Ok(Found::null(Kind::Other)),
        0x30 | 0x32 => fixed(reader, Kind::Whole, 1),
        0x34 => fixed(reader, Kind::Whole, 2),
        0x38 => fixed(reader, Kind::Whole, 4),
        0x7f => fixed(reader, Kind::Whole, 8),
        0x3d => fixed(reader, Kind::DateTime, 8),
        0x3a | 0x3b | 0x7a => fixed(reader, Kind::Other, 4),
        0x3c | 0x3e => fixed(reader, Kind::Other, 8),
        0x24 => short(reader, Kind::Guid, 1),
        0x26 | 0x68 => short(reader, Kind::Whole, 1),
        0x6f => short(reader, Kind::DateTime, 1),
        0x29 | 0x2b | 0x6d | 0x6e => short(reader, Kind::Other, 1),
        0x37 | 0x3f | 0x6a | 0x6c => short(reader, Kind::Other, 3),
        0x28 => short(reader, Kind::Other, 0),
        0x2a => {
            let scale = reader.u8("digits of a time")?;
            short(reader, Kind::DateTime2(scale), 0)
        }
        0x25 | 0x2d => short(reader, Kind::Bytes, 1),
        0x27 | 0x2f => short(reader, Kind::Narrow, 1),
        0xa5 | 0xad => long(reader, Kind::Bytes, 0),
        0xa7 | 0xaf => long(reader, Kind::Narrow, COLLATION),
        0xe7 | 0xef => long(reader, Kind::Wide, COLLATION),
        0x22 => large(reader, Kind::Bytes, 0),
        0x23 => large(reader, Kind::Narrow, COLLATION),
        0x63 => large(reader, Kind::Wide, COLLATION),
        _ => Err(reader.error("type of a parameter", DecodeErrorKind::Malformed)),
    }
}

/// A value whose length is that of its type.
fn fixed(reader: &mut Reader<'_>, kind: Kind, len: usize) -> Result<Found, DecodeError> {
    Ok(Found::one(kind, range(reader, len, "value")?))
}

/// A value behind a length of one byte; 0 is NULL.
fn short(reader: &mut Reader<'_>, kind: Kind, info: usize) -> Result<Found, DecodeError> {
    reader.bytes(info, "details of a type")?;
    match reader.u8("length of a value")? {
        0 => Ok(Found::null(kind)),
        len => fixed(reader, kind, usize::from(len)),
    }
}

/// A value behind a length of two bytes, or in parts.
fn long(reader: &mut Reader<'_>, kind: Kind, info: usize) -> Result<Found, DecodeError> {
    let most = reader.u16_le("longest value")?;
    reader.bytes(info, "collation")?;
    if most == IN_PARTS {
        return parts(reader, kind);
    }
    match reader.u16_le("length of a value")? {
        NULL_16 => Ok(Found::null(kind)),
        len => fixed(reader, kind, usize::from(len)),
    }
}

/// A value behind a length of four bytes.
fn large(reader: &mut Reader<'_>, kind: Kind, info: usize) -> Result<Found, DecodeError> {
    reader.u32_le("longest value")?;
    reader.bytes(info, "collation")?;
    match reader.u32_le("length of a value")? {
        NULL_32 => Ok(Found::null(kind)),
        len => fixed(reader, kind, usize::try_from(len).unwrap_or(usize::MAX)),
    }
}

/// A value in parts (MS-TDS 2.2.5.2.3): a length of it all, which may be unknown, then parts up to an empty one.
fn parts(reader: &mut Reader<'_>, kind: Kind) -> Result<Found, DecodeError> {
    let stated: [u8; 8] = reader.array("length of a value")?;
    if stated == [0xff; 8] {
        return Ok(Found::null(kind));
    }
    let mut parts = Vec::new();
    loop {
        let len = reader.u32_le("length of a part")?;
        if len == 0 {
            let is_null = false;
            return Ok(Found {
                kind,
                parts,
                is_null,
            });
        }
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        parts.push(range(reader, len, "part of a value")?);
    }
}

/// Where the next `len` bytes stand, which are taken.
fn range(
    reader: &mut Reader<'_>,
    len: usize,
    reading: &'static str,
) -> Result<Range<usize>, DecodeError> {
    let from = reader.offset();
    reader.bytes(len, reading)?;
    Ok(from..reader.offset())
}

impl Kind {
    fn value(self, bytes: &[u8]) -> Option<Value> {
        Some(match self {
            Self::Whole => Value::Number(whole(bytes)?),
            Self::Wide => Value::Text(WireText::from_utf16le(bytes).as_str().to_owned()),
            Self::Narrow => Value::Text(WireText::from_bytes(bytes).as_str().to_owned()),
            Self::Bytes => Value::Bytes(bytes.to_vec()),
            Self::DateTime => Value::Text(shown(date_time(bytes)?)),
            Self::DateTime2(scale) => Value::Text(shown(date_time_2(bytes, scale)?)),
            Self::Guid => Value::Text(guid(bytes)?),
            Self::Other => return None,
        })
    }
}

/// One byte has no sign (MS-TDS 2.2.5.5.1.1).
fn whole(bytes: &[u8]) -> Option<i64> {
    Some(match bytes.len() {
        1 => i64::from(*bytes.first()?),
        2 => i64::from(i16::from_le_bytes(bytes.try_into().ok()?)),
        4 => i64::from(i32::from_le_bytes(bytes.try_into().ok()?)),
        _ => i64::from_le_bytes(bytes.try_into().ok()?),
    })
}

/// Days since 1900, and three hundredths of a second (MS-TDS 2.2.5.5.1.8); or days and minutes in two bytes each.
fn date_time(bytes: &[u8]) -> Option<NaiveDateTime> {
    let start = NaiveDate::from_ymd_opt(1900, 1, 1)?.and_hms_opt(0, 0, 0)?;
    let mut reader = Reader::new(bytes);
    let (days, time) = if bytes.len() == 8 {
        let days = i32::from_le_bytes(reader.array("days").ok()?);
        let ticks = i64::from(reader.u32_le("ticks").ok()?);
        let millis = ticks.checked_mul(10)?.checked_add(1)? / 3;
        (i64::from(days), TimeDelta::try_milliseconds(millis)?)
    } else {
        let days = i64::from(reader.u16_le("days").ok()?);
        let minutes = i64::from(reader.u16_le("minutes").ok()?);
        (days, TimeDelta::try_minutes(minutes)?)
    };
    start
        .checked_add_signed(TimeDelta::try_days(days)?)?
        .checked_add_signed(time)
}

/// Parts of a second, then days since the year 1 (MS-TDS 2.2.5.5.1.9).
fn date_time_2(bytes: &[u8], scale: u8) -> Option<NaiveDateTime> {
    let (time, days) = bytes.split_last_chunk::<3>()?;
    let number = |bytes: &[u8]| {
        let digits = bytes.iter().rev();
        digits.fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte))
    };
    let nanos = 10_u64.checked_pow(9_u32.checked_sub(scale.into())?)?;
    let nanos = (time.len() <= 5).then(|| number(time).checked_mul(nanos))??;
    let day = NaiveDate::from_ymd_opt(1, 1, 1)?.checked_add_days(Days::new(number(days)))?;
    let time = TimeDelta::nanoseconds(i64::try_from(nanos).ok()?);
    day.and_hms_opt(0, 0, 0)?.checked_add_signed(time)
}

/// As a trace shows it.
fn shown(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

/// The first three parts have their low bytes first.
fn guid(bytes: &[u8]) -> Option<String> {
    let mut reader = Reader::new(bytes);
    let first = reader.u32_le("GUID").ok()?;
    let second = reader.u16_le("GUID").ok()?;
    let third = reader.u16_le("GUID").ok()?;
    let fourth = reader.u16_be("GUID").ok()?;
    let node = reader.array::<6>("GUID").ok()?;
    let node = node.map(|byte| format!("{byte:02X}")).concat();
    Some(format!(
        "{first:08X}-{second:04X}-{third:04X}-{fourth:04X}-{node}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Option<Value>, DecodeError> {
        take(&mut Reader::new(bytes))
    }

    fn text(bytes: &[u8]) -> String {
        match read(bytes) {
            Ok(Some(Value::Text(text))) => text,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn times_are_shown_as_a_trace_shows_them() {
        let old = [0x6f, 8, 8, 0x0e, 0x9c, 0, 0, 0xf4, 0xa9, 0x42, 1];
        assert_eq!(text(&old), "2009-05-19 19:34:47.000");
        let second = 70_487_u32.to_le_bytes();
        let new = [
            0x2a, 0, 6, second[0], second[1], second[2], 0x69, 0x31, 0x0b,
        ];
        assert_eq!(text(&new), "2009-05-19 19:34:47.000");
    }

    #[test]
    fn lengths_that_nothing_stands_behind_are_an_error() {
        for bytes in [
            &[0xe7, 0x40, 0x1f, 0, 0, 0, 0, 0, 6, 0, b'a'][..],
            &[0x22, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0x7f, 1],
            &[
                0xa5, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0x80,
            ],
            &[0x77],
            &[],
        ] {
            assert!(read(bytes).is_err(), "{bytes:?}");
        }
        assert_eq!(read(&[0x2a, 200, 6, 1, 2, 3, 4, 5, 6]), Ok(None));
    }

    #[test]
    fn null_has_no_length_or_the_longest() {
        for bytes in [
            &[0x1f][..],
            &[0x26, 4, 0],
            &[0xa5, 0x40, 0x1f, 0xff, 0xff],
            &[
                0xe7, 0xff, 0xff, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255,
            ],
        ] {
            assert_eq!(read(bytes), Ok(Some(Value::Null)), "{bytes:?}");
        }
    }
}
