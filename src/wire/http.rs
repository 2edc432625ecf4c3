//! HTTP/1.x heads (RFC 9112): what they say, and how the body behind them is framed.
//!
//! Never reads a body.

pub mod complaint;
mod framing;
mod lines;
mod parse;
mod start;

pub use framing::{Framing, RequestFraming, request_framing, response_framing};
pub use lines::head_len;
pub use parse::chunk_size;
pub use start::looks_like_http;

use crate::text::WireText;
use crate::wire::auth_header::{self, AuthToken, Scheme};

/// The status of an answer whose page says what was wrong with the request.
pub const BAD_REQUEST: u16 = 400;

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
    /// `X-Squid-Error`: the proxy Squid wrote the answer itself, for this reason.
    pub proxy_error: Option<WireText>,
    /// `Location`.
    pub location: Option<WireText>,
    /// Its end is not in the capture: what is not in it may have been there.
    pub is_cut: bool,
}

/// Reads the request head that `bytes` are; `None` where they are no request. One that was cut, or that is too odd for a parser, is
/// read as far as it goes.
pub fn request_head(bytes: &[u8]) -> Option<RequestHead> {
    let mut head = RequestHead::default();
    let line = parse::request(bytes, &mut |name, value| head.add(name, value))?;
    Some(RequestHead {
        method: WireText::from_bytes(line.method),
        uri: WireText::from_bytes(line.uri),
        minor_version: line.minor_version,
        is_cut: line.is_cut,
        ..head
    })
}

/// The same for a response.
pub fn response_head(bytes: &[u8]) -> Option<ResponseHead> {
    let mut head = ResponseHead::default();
    let line = parse::response(bytes, &mut |name, value| head.add(name, value))?;
    Some(ResponseHead {
        status: line.status,
        reason: WireText::from_bytes(lines::reason(bytes)),
        minor_version: line.minor_version,
        is_cut: line.is_cut,
        ..head
    })
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

/// Whether an answer comes before the answer proper and leaves its request waiting. 101 is an answer proper: what follows it is
/// no HTTP (RFC 9110 section 15.2).
pub const fn is_interim(status: u16) -> bool {
    100 <= status && status < 200 && status != 101
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
        } else if is("x-squid-error") {
            self.proxy_error = Some(WireText::from_bytes(value));
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
        assert_eq!(request_framing(POST).unwrap().framing.length, Some(12));
        assert_eq!(
            request_head(POST).unwrap().host.unwrap().as_str(),
            "mp.example.com"
        );
    }

    #[test]
    fn a_cut_head_gives_the_fields_before_the_cut() {
        let cut = &POST[..POST.len() - 5];
        let head = request_head(cut).unwrap();
        assert_eq!(head.method.as_str(), "CCM_POST");
        assert_eq!(head.host.unwrap().as_str(), "mp.example.com");
        assert!(head.is_cut);
        let framing = request_framing(cut).unwrap().framing;
        assert_eq!(framing.length, None, "half a length is a wrong one");
        let head = request_head(&POST[..POST.len() - 25]).unwrap();
        assert_eq!(head.host, None, "half a name is a wrong one");
        let head =
            response_head(b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nWWW-Auth")
                .unwrap();
        assert_eq!(head.status, 401);
        assert_eq!(head.challenges.len(), 1);
        let shown = |cut: &str| {
            let head = format!("GET / HTTP/1.1\r\nHost: mp\r\nAuthorization: {cut}");
            let head = request_head(head.as_bytes()).unwrap();
            head.auth.map(|token| token.scheme.is_negotiate())
        };
        assert_eq!(shown("Nego"), None, "half a scheme is a wrong one");
        assert_eq!(shown("Negotiate YI"), Some(true));
    }

    #[test]
    fn a_field_with_a_space_before_its_colon_and_an_odd_target_are_kept() {
        let head = request_head(b"GET /a HTTP/1.1\r\nHost : mp\r\nnonsense\r\n\r\n").unwrap();
        assert_eq!(head.host.unwrap().as_str(), "mp");
        let head = request_head(b"GET /a b\xe4 HTTP/1.0\r\n\r\n").unwrap();
        assert_eq!(head.uri.as_str(), "/a b\u{e4}");
        assert_eq!(head.minor_version, 0);
    }

    #[test]
    fn a_length_is_a_number_or_nothing() {
        let length = |value: &str| {
            let head = format!("POST / HTTP/1.1\r\nContent-Length: {value}\r\n\r\n");
            request_framing(head.as_bytes()).unwrap().framing.length
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
        assert_eq!(head.reason.as_str(), "nicht möglich");
    }
}
