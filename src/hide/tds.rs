//! Sessions with SQL Server: the call that stores a registration stays one, with pseudonyms in it.
//!
//! Never keeps anything of a login but that it is one, of an answer but what it says of encryption, and of any other request.

use std::ops::Range;

use crate::hide::stream::behind;
use crate::hide::{Digits, Hider, Piece, be16, part, zero};
use crate::wire::tds::{self, HEADER, PacketType, Place, What};

/// Bytes of a login that are kept: how long it is, and the version of TDS.
const LOGIN_KEPT: usize = 8;
/// Bytes of the headers of a request that are kept: how long they are, and the type of the first.
const HEADERS_KEPT: usize = 10;
/// Bytes of the header of a TLS record.
const RECORD: usize = 5;
/// Bytes of an option in the table of a PRELOGIN, and its token that says what is encrypted.
const OPTION: usize = 5;
const ENCRYPTION: u8 = 1;
const TERMINATOR: u8 = 0xff;
/// The last token of such a table (NONCEOPT, MS-TDS 2.2.6.5); they stand in ascending order.
const LAST_OPTION: u8 = 7;
/// The token of an answer that names columns.
const ORDER: u8 = 0xa9;
/// A greater number is that of a machine or a person.
const GREATEST: i64 = 999_999;

/// A message of which packets were seen: its type, and where its parts are.
type Open = (PacketType, Vec<Range<usize>>);

impl Hider<'_> {
    /// Edits one direction of a session.
    pub(super) fn tds(&mut self, pieces: &mut [Piece]) {
        let mut next = i64::MIN;
        for piece in pieces {
            let bytes = piece.bytes.as_mut_slice();
            let at = behind(piece.offset, next, bytes.len());
            zero(bytes, 0, at);
            let end = self.packets(bytes, at);
            next = piece.offset.saturating_add_unsigned(end as u64);
        }
    }

    /// Edits the packets from `at` on; gives where the last one ends.
    fn packets(&mut self, bytes: &mut [u8], mut at: usize) -> usize {
        let mut open: Option<Open> = None;
        while at < bytes.len() {
            let rest = bytes.get(at..).unwrap_or_default();
            if let Some(len) = tds::tls_record_len(rest) {
                zero(bytes, at + RECORD, at + len);
                at += len;
                continue;
            }
            let Some(header) = tds::header(rest) else {
                zero(bytes, at, usize::MAX);
                at = bytes.len();
                break;
            };
            let other = open.take_if(|(kind, _)| *kind != header.kind);
            self.close(other, bytes);
            let (_, parts) = open.get_or_insert((header.kind, Vec::new()));
            parts.push(at + HEADER..(at + header.len).min(bytes.len()));
            at += header.len;
            if header.is_last {
                self.close(open.take(), bytes);
            }
        }
        self.close(open, bytes);
        at
    }

    /// Edits a message, and lays it back into its packets.
    fn close(&mut self, message: Option<Open>, bytes: &mut [u8]) {
        let Some((kind, parts)) = message else {
            return;
        };
        self.scattered(bytes, &parts, &mut |hider, whole| {
            hider.tds_message(kind, whole);
        });
    }

    /// Edits what stands in `parts` as one.
    fn scattered(
        &mut self,
        bytes: &mut [u8],
        parts: &[Range<usize>],
        edit: &mut dyn FnMut(&mut Self, &mut [u8]),
    ) {
        let shares = parts.iter().filter_map(|share| bytes.get(share.clone()));
        let mut whole = shares.collect::<Vec<_>>().concat();
        edit(self, &mut whole);
        let mut left = whole.as_slice();
        for share in parts {
            if let Some(place) = bytes.get_mut(share.clone())
                && let Some((edited, rest)) = left.split_at_checked(place.len())
            {
                place.copy_from_slice(edited);
                left = rest;
            }
        }
    }

    fn tds_message(&mut self, kind: PacketType, message: &mut [u8]) {
        match kind {
            PacketType::PRELOGIN => prelogin(message),
            // The first answer has the form of a PRELOGIN, which begins with the version.
            PacketType::ANSWER if message.starts_with(&[0, 0]) => prelogin(message),
            PacketType::ANSWER => answer(message),
            PacketType::LOGIN => zero(message, LOGIN_KEPT, usize::MAX),
            PacketType::BATCH | PacketType::RPC => self.request(kind, message),
            _ => message.fill(0),
        }
    }

    fn request(&mut self, kind: PacketType, message: &mut [u8]) {
        let is_call = tds::names_procedure(message);
        let headers = tds::headers(message).unwrap_or(0);
        zero(message, HEADERS_KEPT.min(headers), headers);
        let request = part(message, headers, usize::MAX);
        match kind {
            PacketType::RPC if !is_call => request.fill(0),
            _ if !is_call => blanks(request),
            PacketType::BATCH => self.wide(request, &mut |hider, text| hider.sql(text)),
            _ => self.calls(request),
        }
    }

    /// Edits calls of procedures: their names, those of parameters and their values. What says how they are written stays.
    fn calls(&mut self, request: &mut [u8]) {
        let (places, end) = tds::places(request);
        zero(request, end, usize::MAX);
        for Place { parts, what } in places {
            self.scattered(request, &parts, &mut |hider, value| match what {
                What::Name => hider.wide(value, &mut |hider, text| hider.sql(text)),
                What::Wide => hider.wide(value, &mut |hider, text| hider.given_text(text)),
                What::Narrow => hider.given_text(value),
                What::Bytes => hider.secret(value),
                What::Whole => small_number(value),
                What::Time => {}
                What::Other => value.fill(0),
            });
        }
    }

    /// A text that a parameter gives: a statement, the declaration of its variables, or a value.
    fn given_text(&mut self, text: &mut [u8]) {
        let is_statement = text.starts_with(b"@") || tds::names_procedure_in_text(text);
        if is_statement {
            self.sql(text);
        } else {
            self.sql_value(text);
        }
    }

    /// A text in quotes: a date, or names.
    pub(super) fn sql_value(&mut self, text: &mut [u8]) {
        if !is_date(text) {
            self.words(text, Digits::Hidden);
        }
    }
}

/// `2009-05-19`, with or without a time behind it.
fn is_date(text: &[u8]) -> bool {
    /// `2009-05-19 19:34:47.0000000 +00:00`
    const LONGEST: usize = 34;
    let (day, time) = text.split_at(text.len().min(10));
    let is_day = matches!(
        day,
        [b'1' | b'2', b'0' | b'9', _, _, b'-', _, _, b'-', _, _]
    );
    let is_of_day = |byte: &u8| byte.is_ascii_digit() || *byte == b'-';
    let is_of_time = |byte: &u8| byte.is_ascii_digit() || b"-: .+TZ".contains(byte);
    let is_time = matches!(time, [] | [b' ' | b'T', ..]) && text.len() <= LONGEST;
    is_day && is_time && day.iter().all(is_of_day) && time.iter().all(is_of_time)
}

/// Of what a side says before the login, what it wants of encryption stays; of anything else nothing.
fn prelogin(message: &mut [u8]) {
    let mut at = 0;
    let mut kept = None;
    let mut last = 0;
    loop {
        match message.get(at) {
            Some(&TERMINATOR) => break,
            // Rows of an answer whose beginning is missing may begin in the same way.
            Some(&token) if token <= LAST_OPTION && (at == 0 || token > last) => {
                let Some(place) = be16(message, at + 1) else {
                    return message.fill(0);
                };
                if token == ENCRYPTION {
                    kept = message.get(place).map(|value| (place, *value));
                }
                last = token;
            }
            Some(_) | None => return message.fill(0),
        }
        at += OPTION;
    }
    zero(message, at + 1, usize::MAX);
    if let Some((place, value)) = kept
        && let Some(byte) = message.get_mut(place)
    {
        *byte = value;
    }
}

/// Leaves a text of spaces.
fn blanks(text: &mut [u8]) {
    text.fill(0);
    text.iter_mut().step_by(2).for_each(|byte| *byte = b' ');
}

/// Leaves one token without a meaning (ORDER, MS-TDS 2.2.7.17), as long as the answer is: viewers pass over it.
fn answer(message: &mut [u8]) {
    message.fill(0);
    if let [token, low, high, rest @ ..] = message
        && let Ok(len) = u16::try_from(rest.len())
    {
        [*low, *high] = len.to_le_bytes();
        *token = ORDER;
    }
}

/// Zeroes a number that is too great to mean yes, no or a kind.
fn small_number(value: &mut [u8]) {
    let number = match value.len() {
        1 | 2 => 0,
        4 => (&*value)
            .try_into()
            .map_or(i64::MAX, |four| i32::from_le_bytes(four).into()),
        _ => (&*value).try_into().map_or(i64::MAX, i64::from_le_bytes),
    };
    if !(-GREATEST..=GREATEST).contains(&number) {
        value.fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::prelogin;

    #[test]
    fn of_what_a_side_says_before_the_login_its_encryption_stays() {
        // VERSION and ENCRYPTION (MS-TDS 2.2.6.5), the end of the table, six bytes of version, one of encryption.
        let mut message = vec![0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff];
        message.extend([15, 0, 7, 208, 0, 0, 3]);
        let mut hidden = message.clone();
        hidden[11..17].fill(0);
        prelogin(&mut message);
        assert_eq!(message, hidden);
    }

    #[test]
    fn rows_that_begin_like_one_are_none() {
        // The middle of an answer: a text in UTF-16, and a value that is NULL.
        let mut rows = vec![0, 0];
        rows.extend("erika@contoso".encode_utf16().flat_map(u16::to_le_bytes));
        rows.extend([0xff; 10]);
        prelogin(&mut rows);
        assert!(rows.iter().all(|byte| *byte == 0), "{rows:?}");
    }
}
