//! Heads taken apart on `httparse`, and more tolerantly where they were cut or are too odd for it.
//!
//! Never keeps what it finds: each field is given to who asks for it.

use std::mem::MaybeUninit;

use httparse::{Header, Status};
use memchr::memmem;

use crate::wire::http::lines::{believed_fields, has_dropped_fields, head_len, lines};
use crate::wire::http::start::{VERSION, is_method, split_at_space};
use crate::wire::reader::{DecodeError, DecodeErrorKind};

/// Room for header fields that costs nothing.
const FEW_FIELDS: usize = 64;
/// Room for heads with many.
const MANY_FIELDS: usize = 1024;

/// The first line of a request.
pub(super) struct RequestLine<'b> {
    pub(super) method: &'b [u8],
    pub(super) uri: &'b [u8],
    pub(super) minor_version: u8,
    /// The head's end is not there.
    pub(super) is_cut: bool,
}

/// The first line of a response, without its reason.
pub(super) struct StatusLine {
    pub(super) status: u16,
    pub(super) minor_version: u8,
    /// The head's end is not there.
    pub(super) is_cut: bool,
}

/// Takes the request head apart that `bytes` are, and gives its fields to `add`; `None` where they are no request.
pub(super) fn request<'b>(
    bytes: &'b [u8],
    add: &mut impl FnMut(&str, &[u8]),
) -> Option<RequestLine<'b>> {
    let mut few = [const { MaybeUninit::uninit() }; FEW_FIELDS];
    whole_request(bytes, &mut few, add)
        .or_else(|| whole_request(bytes, &mut many(bytes)?, add))
        .or_else(|| cut_request(bytes, add))
}

/// The same for a response.
pub(super) fn response(bytes: &[u8], add: &mut impl FnMut(&str, &[u8])) -> Option<StatusLine> {
    let mut few = [const { MaybeUninit::uninit() }; FEW_FIELDS];
    whole_response(bytes, &mut few, add)
        .or_else(|| whole_response(bytes, &mut many(bytes)?, add))
        .or_else(|| cut_response(bytes, add))
}

/// Room for many fields, if there are more than few.
fn many<'b>(bytes: &[u8]) -> Option<Vec<MaybeUninit<Header<'b>>>> {
    let is_needed = memchr::memchr_iter(b'\n', bytes).nth(FEW_FIELDS).is_some();
    is_needed.then(|| vec![MaybeUninit::uninit(); MANY_FIELDS])
}

/// Of a request the parser drops a field with a space before its colon: where it gives fewer fields than there are lines, they are
/// split here.
fn whole_request<'b>(
    bytes: &'b [u8],
    room: &mut [MaybeUninit<Header<'b>>],
    add: &mut impl FnMut(&str, &[u8]),
) -> Option<RequestLine<'b>> {
    let mut request = httparse::Request::new(&mut []);
    let parsed = tolerant().parse_request_with_uninit_headers(&mut request, bytes, room);
    let Ok(Status::Complete(len)) = parsed else {
        return None;
    };
    if has_dropped_fields(bytes.get(..len)?, request.headers.len()) {
        return None;
    }
    for field in request.headers.iter() {
        add(field.name, field.value);
    }
    Some(RequestLine {
        method: request.method?.as_bytes(),
        uri: request.path?.as_bytes(),
        minor_version: request.version.unwrap_or(1),
        is_cut: false,
    })
}

fn whole_response<'b>(
    bytes: &'b [u8],
    room: &mut [MaybeUninit<Header<'b>>],
    add: &mut impl FnMut(&str, &[u8]),
) -> Option<StatusLine> {
    let mut response = httparse::Response::new(&mut []);
    let parsed = tolerant().parse_response_with_uninit_headers(&mut response, bytes, room);
    let Ok(Status::Complete(_)) = parsed else {
        return None;
    };
    for field in response.headers.iter() {
        add(field.name, field.value);
    }
    Some(StatusLine {
        status: response.code?,
        minor_version: response.version.unwrap_or(1),
        is_cut: false,
    })
}

/// Takes apart what is there of a request head that was cut, or that is too odd for a parser: its first line and the fields.
fn cut_request<'b>(bytes: &'b [u8], add: &mut impl FnMut(&str, &[u8])) -> Option<RequestLine<'b>> {
    let (method, rest) = split_at_space(lines(bytes).next()?)?;
    if !is_method(method) {
        return None;
    }
    let version = memmem::rfind(rest, VERSION);
    let uri = rest.get(..version.unwrap_or(rest.len()))?;
    let minor = version.and_then(|at| rest.get(at + VERSION.len()));
    for (name, value) in believed_fields(bytes) {
        add(name, value);
    }
    Some(RequestLine {
        method,
        uri: uri.trim_ascii(),
        minor_version: u8::from(minor != Some(&b'0')),
        is_cut: head_len(bytes, 0).is_none(),
    })
}

fn cut_response(bytes: &[u8], add: &mut impl FnMut(&str, &[u8])) -> Option<StatusLine> {
    let first = lines(bytes).next()?.strip_prefix(b"HTTP/1.")?;
    let (minor, rest) = first.split_first()?;
    let status = rest.trim_ascii_start().get(..3)?;
    let status = std::str::from_utf8(status).ok()?.parse().ok()?;
    for (name, value) in believed_fields(bytes) {
        add(name, value);
    }
    Some(StatusLine {
        status,
        minor_version: u8::from(*minor != b'0'),
        is_cut: head_len(bytes, 0).is_none(),
    })
}

/// The length of a chunk's line and the size it states; `None` while the line is not whole.
///
/// # Errors
///
/// [`DecodeError`] where `bytes` begin no such line.
pub fn chunk_size(bytes: &[u8]) -> Result<Option<(usize, u64)>, DecodeError> {
    match httparse::parse_chunk_size(bytes) {
        Ok(httparse::Status::Complete(found)) => Ok(Some(found)),
        Ok(httparse::Status::Partial) => Ok(None),
        Err(_) => Err(DecodeError {
            reading: "size of a chunk",
            offset: 0,
            kind: DecodeErrorKind::Malformed,
        }),
    }
}

fn tolerant() -> httparse::ParserConfig {
    let mut config = httparse::ParserConfig::default();
    config
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_multiple_spaces_in_response_status_delimiters(true)
        .allow_multiple_spaces_in_request_line_delimiters(true)
        .ignore_invalid_headers_in_requests(true)
        .ignore_invalid_headers_in_responses(true);
    config
}
