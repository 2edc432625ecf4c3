//! Where the names and the values of a request stand, for whoever has to change them.
//!
//! Never gives what they are.

use std::ops::Range;

use crate::wire::reader::{DecodeError, Reader};
use crate::wire::tds::request::{BETWEEN_CALLS, BY_NUMBER, MOST};
use crate::wire::tds::value::{self, Kind};

/// Something that stands in a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Where, in order: a value may stand in parts.
    pub parts: Vec<Range<usize>>,
    /// What it is.
    pub what: What,
}

/// What stands in a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// The name of a procedure or of a parameter, in UTF-16LE.
    Name,
    /// A text in UTF-16LE.
    Wide,
    /// A text in a code page.
    Narrow,
    /// Bytes.
    Bytes,
    /// A whole number, the low byte first.
    Whole,
    /// A time.
    Time,
    /// What is not read.
    Other,
}

/// The places in a request of calls, which is without headers, and where it could no longer be read.
pub fn places(request: &[u8]) -> (Vec<Place>, usize) {
    let mut reader = Reader::new(request);
    let mut places = Vec::new();
    let mut end = 0;
    while places.len() < MOST && !reader.is_empty() {
        if call(&mut reader, &mut places, &mut end).is_err() {
            break;
        }
    }
    (places, end)
}

/// Reads a call up to the next one. `end` is behind the last thing that was read whole.
fn call(
    reader: &mut Reader<'_>,
    places: &mut Vec<Place>,
    end: &mut usize,
) -> Result<(), DecodeError> {
    let len = reader.u16_le("name of a procedure")?;
    if len == BY_NUMBER {
        reader.u16_le("number of a procedure")?;
    } else {
        places.push(name(reader, usize::from(len))?);
    }
    reader.u16_le("options of a call")?;
    *end = reader.offset();
    while places.len() < MOST && !reader.is_empty() {
        let len = reader.u8("name of a parameter")?;
        if BETWEEN_CALLS.contains(&len) {
            *end = reader.offset();
            break;
        }
        let name = name(reader, usize::from(len))?;
        reader.u8("status of a parameter")?;
        let found = value::find(reader)?;
        places.extend([
            name,
            Place {
                what: what(found.kind),
                parts: found.parts,
            },
        ]);
        *end = reader.offset();
    }
    Ok(())
}

fn name(reader: &mut Reader<'_>, letters: usize) -> Result<Place, DecodeError> {
    let from = reader.offset();
    reader.bytes(letters * 2, "name")?;
    let part = from..reader.offset();
    Ok(Place {
        parts: vec![part],
        what: What::Name,
    })
}

const fn what(kind: Kind) -> What {
    match kind {
        Kind::Whole => What::Whole,
        Kind::Wide => What::Wide,
        Kind::Narrow => What::Narrow,
        Kind::Bytes | Kind::Guid => What::Bytes,
        Kind::DateTime | Kind::DateTime2(_) => What::Time,
        Kind::Other => What::Other,
    }
}
