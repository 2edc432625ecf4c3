//! HTTP/1.x heads (RFC 9112), on `httparse`, and a tolerant reading of heads that were cut.
//!
//! Never reads a body: it only says how the body is framed.

pub mod complaint;
mod start;

pub use start::looks_like_http;

use std::mem::MaybeUninit;

use memchr::memmem;

use crate::text::WireText;
use crate::wire::auth_header::{self, AuthToken, Scheme};
use crate::wire::http::start::{VERSION, is_method, split_at_space};
use crate::wire::reader::{DecodeError, DecodeErrorKind};

/// A head that is whole.
#[derive(Clone, PartialEq, Debug)]
pub struct Head<T> {
    /// What it says.
    pub head: T,
    /// Its length in bytes, the blank line included.
    pub len: usize,
    /// How the body that follows is framed.
    pub framing: Framing,
}

/// How a body is framed (RFC 9112 section 6).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Framing {
    /// `Transfer-Encoding` ends in `chunked`.
    pub is_chunked: bool,
    /// `Content-Length`.
    pub length: Option<u64>,
    /// The connection becomes something else: `Upgrade` with status 101.
    pub is_upgrade: bool,
    /// `Expect: 100-continue`: a refusal may come instead of the body (RFC 9110 section 10.1.1).
    pub expects_continue: bool,
}

/// A request's head.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct RequestHead {
    /// `GET`, `CCM_POST`, ….
    pub method: WireText,
    /// The request target as it was sent.
    pub uri: WireText,
    /// The minor version: 0 or 1.
    pub minor_version: u8,
    /// `Host`.
    pub host: Option<WireText>,
    /// `User-Agent`.
    pub user_agent: Option<WireText>,
    /// The token of `Authorization`; for a scheme without token (or `Basic`, whose credential is dropped) the token is of form unknown.
    pub auth: Option<Box<AuthToken>>,
    /// Length of the value of `Authorization` in bytes.
    pub auth_header_bytes: usize,
    /// `Via` or `X-Forwarded-For` is there: a proxy passed it on.
    pub via_proxy: bool,
    /// Its end is not in the capture: what is not in it may have been there.
    pub is_cut: bool,
}

/// A response's head.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ResponseHead {
    /// The status code.
    pub status: u16,
    /// The reason phrase.
    pub reason: WireText,
    /// The minor version: 0 or 1.
    pub minor_version: u8,
    /// `Server`.
    pub server: Option<WireText>,
    /// `Date`, as it was sent.
    pub date: Option<WireText>,
    /// Schemes of `WWW-Authenticate`, in order.
    pub challenges: Vec<Scheme>,
    /// The token of a challenge, or of the last leg on a 200.
    pub auth: Option<Box<AuthToken>>,
    /// `Proxy-Authenticate` schemes, in order.
    pub proxy_challenges: Vec<Scheme>,
    /// `Via` is there, or what a cache adds: `Age`, `X-Cache`.
    pub via_proxy: bool,
    /// `Location`.
    pub location: Option<WireText>,
    /// Its end is not in the capture: what is not in it may have been there.
    pub is_cut: bool,
}

/// Room for header fields that costs nothing.
const FEW_FIELDS: usize = 64;
/// Room for heads with many.
const MANY_FIELDS: usize = 1024;

/// The length of the head at the front of `bytes`, its blank line included, once that is there. Bytes before `from` were
/// looked at before.
pub fn head_len(bytes: &[u8], from: usize) -> Option<usize> {
    let start = from.saturating_sub(3);
    let mut at = start;
    while let Some(found) = memchr::memchr(b'\n', bytes.get(at..)?) {
        let next = at + found + 1;
        match bytes.get(next..) {
            Some([b'\n', ..]) => return Some(next + 1),
            Some([b'\r', b'\n', ..]) => return Some(next + 2),
            _ => at = next,
        }
    }
    None
}

/// Reads the request head that `bytes` are; `None` where they are no request.
///
/// Of a request the parser drops a field with a space before its colon: where it gives fewer fields than there are lines,
/// they are split here.
pub fn request_head(bytes: &[u8]) -> Option<Head<RequestHead>> {
    let mut few = [const { MaybeUninit::uninit() }; FEW_FIELDS];
    request_with_room(bytes, &mut few)
        .or_else(|| request_with_room(bytes, &mut vec![MaybeUninit::uninit(); MANY_FIELDS]))
}

fn request_with_room<'b>(
    bytes: &'b [u8],
    room: &mut [MaybeUninit<httparse::Header<'b>>],
) -> Option<Head<RequestHead>> {
    let mut request = httparse::Request::new(&mut []);
    let parsed = tolerant().parse_request_with_uninit_headers(&mut request, bytes, room);
    let Ok(httparse::Status::Complete(len)) = parsed else {
        return None;
    };
    let mut head = RequestHead {
        method: WireText::from_bytes(request.method?.as_bytes()),
        uri: WireText::from_bytes(request.path?.as_bytes()),
        minor_version: request.version.unwrap_or(1),
        ..RequestHead::default()
    };
    let mut framing = Framing::default();
    let head_bytes = bytes.get(..len)?;
    if has_dropped_fields(head_bytes, request.headers.len()) {
        return cut_request_head(head_bytes);
    }
    for field in request.headers.iter() {
        framing.add(field.name, field.value);
        head.add(field.name, field.value);
    }
    Some(Head { head, len, framing })
}

/// Reads the response head that `bytes` are; `None` where they are no response.
pub fn response_head(bytes: &[u8]) -> Option<Head<ResponseHead>> {
    let mut few = [const { MaybeUninit::uninit() }; FEW_FIELDS];
    response_with_room(bytes, &mut few)
        .or_else(|| response_with_room(bytes, &mut vec![MaybeUninit::uninit(); MANY_FIELDS]))
}

fn response_with_room<'b>(
    bytes: &'b [u8],
    room: &mut [MaybeUninit<httparse::Header<'b>>],
) -> Option<Head<ResponseHead>> {
    let mut response = httparse::Response::new(&mut []);
    let parsed = tolerant().parse_response_with_uninit_headers(&mut response, bytes, room);
    let Ok(httparse::Status::Complete(len)) = parsed else {
        return None;
    };
    let mut head = ResponseHead {
        status: response.code?,
        reason: reason(bytes),
        minor_version: response.version.unwrap_or(1),
        ..ResponseHead::default()
    };
    let mut framing = Framing::default();
    for field in response.headers.iter() {
        framing.add(field.name, field.value);
        head.add(field.name, field.value);
    }
    framing.is_upgrade &= head.status == 101;
    Some(Head { head, len, framing })
}

/// Reads what is there of a request head that was cut, or that is too odd for a parser: its first line and the fields.
pub fn cut_request_head(bytes: &[u8]) -> Option<Head<RequestHead>> {
    let (method, rest) = split_at_space(lines(bytes).next()?)?;
    if !is_method(method) {
        return None;
    }
    let version = memmem::rfind(rest, VERSION);
    let uri = rest.get(..version.unwrap_or(rest.len()))?;
    let minor = version.and_then(|at| rest.get(at + VERSION.len()));
    let mut head = RequestHead {
        method: WireText::from_bytes(method),
        uri: WireText::from_bytes(uri.trim_ascii()),
        minor_version: u8::from(minor != Some(&b'0')),
        is_cut: head_len(bytes, 0).is_none(),
        ..RequestHead::default()
    };
    let mut framing = Framing::default();
    for (name, value) in believed_fields(bytes) {
        framing.add(name, value);
        head.add(name, value);
    }
    Some(Head {
        head,
        len: bytes.len(),
        framing,
    })
}

/// Reads what is there of a response head that was cut, or that is too odd for a parser.
pub fn cut_response_head(bytes: &[u8]) -> Option<Head<ResponseHead>> {
    let mut lines = lines(bytes);
    let first = lines.next()?.strip_prefix(b"HTTP/1.")?;
    let (minor, rest) = first.split_first()?;
    let status = rest.trim_ascii_start().get(..3)?;
    let mut head = ResponseHead {
        status: std::str::from_utf8(status).ok()?.parse().ok()?,
        reason: reason(bytes),
        minor_version: u8::from(*minor != b'0'),
        is_cut: head_len(bytes, 0).is_none(),
        ..ResponseHead::default()
    };
    let mut framing = Framing::default();
    for (name, value) in believed_fields(bytes) {
        framing.add(name, value);
        head.add(name, value);
    }
    Some(Head {
        head,
        len: bytes.len(),
        framing,
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

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(|&byte| byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// The fields of a head that was cut: the last line may lack its end, so of that only a token counts, which is read as far as
/// it goes; half a name or half a length would be a wrong one.
fn believed_fields(bytes: &[u8]) -> impl Iterator<Item = (&str, &[u8])> {
    let last = memchr::memrchr(b'\n', bytes).map_or(0, |end| end + 1);
    let whole = bytes.get(..last).unwrap_or_default();
    let cut = field(bytes.get(last..).unwrap_or_default()).filter(|(name, _)| {
        name.eq_ignore_ascii_case("authorization") || name.eq_ignore_ascii_case("www-authenticate")
    });
    lines(whole).skip(1).filter_map(field).chain(cut)
}

/// Whether a head has more lines that are fields than the `read` ones.
fn has_dropped_fields(head: &[u8], read: usize) -> bool {
    // The first line and the blank one are no fields.
    let lines_behind = memchr::memchr_iter(b'\n', head).count().saturating_sub(2);
    lines_behind > read && lines(head).skip(1).filter_map(field).count() > read
}

fn field(line: &[u8]) -> Option<(&str, &[u8])> {
    if line.first().is_none_or(u8::is_ascii_whitespace) {
        return None;
    }
    let colon = memchr::memchr(b':', line)?;
    let name = std::str::from_utf8(line.get(..colon)?).ok()?.trim_end();
    Some((name, line.get(colon + 1..)?.trim_ascii()))
}

/// The reason phrase, which may hold bytes that `httparse` drops.
fn reason(bytes: &[u8]) -> WireText {
    let line = lines(bytes).next().unwrap_or_default();
    let phrase = line.splitn(3, |&byte| byte == b' ').nth(2);
    WireText::from_bytes(phrase.unwrap_or_default().trim_ascii())
}

impl Framing {
    fn add(&mut self, name: &str, value: &[u8]) {
        let text = || std::str::from_utf8(value).unwrap_or_default().trim();
        if name.eq_ignore_ascii_case("content-length") {
            let first = text().split(',').next().unwrap_or_default().trim();
            let is_number = first.bytes().all(|byte| byte.is_ascii_digit());
            self.length = first.parse().ok().filter(|_| is_number);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            let last = text().rsplit(',').next().unwrap_or_default().trim();
            self.is_chunked = last.eq_ignore_ascii_case("chunked");
        } else if name.eq_ignore_ascii_case("upgrade") {
            self.is_upgrade = true;
        } else if name.eq_ignore_ascii_case("expect") {
            self.expects_continue = text().eq_ignore_ascii_case("100-continue");
        }
    }
}

impl RequestHead {
    fn add(&mut self, name: &str, value: &[u8]) {
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        if is("host") {
            self.host = Some(WireText::from_bytes(value));
        } else if is("user-agent") {
            self.user_agent = Some(WireText::from_bytes(value));
        } else if is("authorization") {
            self.auth_header_bytes = value.len();
            self.auth = Some(Box::new(auth_header::credential(value)));
        } else if is("via") || is("x-forwarded-for") {
            self.via_proxy = true;
        }
    }
}

impl ResponseHead {
    fn add(&mut self, name: &str, value: &[u8]) {
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        if is("server") {
            self.server = Some(WireText::from_bytes(value));
        } else if is("date") {
            self.date = Some(WireText::from_bytes(value));
        } else if is("location") {
            self.location = Some(WireText::from_bytes(value));
        } else if is("via") || is("age") || is("x-cache") {
            self.via_proxy = true;
        } else if is("www-authenticate") {
            for challenge in auth_header::challenges(value) {
                self.auth = self.auth.take().or(challenge.token.map(Box::new));
                self.challenges.push(challenge.scheme);
            }
        } else if is("proxy-authenticate") {
            let schemes = auth_header::challenges(value);
            self.proxy_challenges
                .extend(schemes.into_iter().map(|challenge| challenge.scheme));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POST: &[u8] = b"CCM_POST /ccm_system_windowsauth/request HTTP/1.1\r\nHost: mp.example.com\r\nContent-Length: 12\r\n\r\n";

    #[test]
    fn a_head_ends_with_its_blank_line() {
        assert_eq!(head_len(POST, 0), Some(POST.len()));
        assert_eq!(head_len(&POST[..POST.len() - 1], 0), None);
        assert_eq!(head_len(b"GET / HTTP/1.0\n\nrest", 0), Some(16));
        let head = request_head(POST).unwrap();
        assert_eq!(head.framing.length, Some(12));
        assert_eq!(head.head.host.unwrap().as_str(), "mp.example.com");
    }

    #[test]
    fn a_cut_head_gives_the_fields_before_the_cut() {
        let head = cut_request_head(&POST[..POST.len() - 5]).unwrap();
        assert_eq!(head.head.method.as_str(), "CCM_POST");
        assert_eq!(head.head.host.unwrap().as_str(), "mp.example.com");
        assert_eq!(head.framing.length, None, "half a length is a wrong one");
        let head = cut_request_head(&POST[..POST.len() - 25]).unwrap();
        assert_eq!(head.head.host, None, "half a name is a wrong one");
        let head = cut_response_head(
            b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nWWW-Auth",
        )
        .unwrap();
        assert_eq!(head.head.status, 401);
        assert_eq!(head.head.challenges.len(), 1);
    }

    #[test]
    fn a_field_with_a_space_before_its_colon_and_an_odd_target_are_kept() {
        let head = request_head(b"GET /a HTTP/1.1\r\nHost : mp\r\nnonsense\r\n\r\n").unwrap();
        assert_eq!(head.head.host.unwrap().as_str(), "mp");
        let head = cut_request_head(b"GET /a b\xe4 HTTP/1.0\r\n\r\n").unwrap();
        assert_eq!(head.head.uri.as_str(), "/a b\u{e4}");
        assert_eq!(head.head.minor_version, 0);
    }

    #[test]
    fn a_length_is_a_number_or_nothing() {
        let length = |value: &str| {
            let head = format!("POST / HTTP/1.1\r\nContent-Length: {value}\r\n\r\n");
            request_head(head.as_bytes()).unwrap().framing.length
        };
        assert_eq!(length("12"), Some(12));
        assert_eq!(length("12, 12"), Some(12));
        assert_eq!(
            [length("+1"), length("-1"), length("99999999999999999999")],
            [None; 3]
        );
    }

    #[test]
    fn a_reason_of_other_letters_is_kept() {
        let head = response_head(b"HTTP/1.1 404 nicht m\xf6glich\r\n\r\n").unwrap();
        assert_eq!(head.head.reason.as_str(), "nicht möglich");
    }
}
