//! How the body behind a head is framed (RFC 9112 section 6).
//!
//! Never keeps a field, nor allocates: a head is read for this while its message is still on its way.

use crate::wire::http::parse;

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

/// What decides of a request how it and its answer are framed, and whether their bodies are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RequestFraming<'b> {
    /// The method.
    pub method: &'b [u8],
    /// The request target as it was sent.
    pub uri: &'b [u8],
    /// How the body is framed.
    pub framing: Framing,
}

/// How the request is framed whose head `bytes` are; `None` where they are no request.
pub fn request_framing(bytes: &[u8]) -> Option<RequestFraming<'_>> {
    let mut framing = Framing::default();
    let line = parse::request(bytes, &mut |name, value| framing.add(name, value))?;
    Some(RequestFraming {
        method: line.method,
        uri: line.uri,
        framing,
    })
}

/// The status of the response whose head `bytes` are, and how it is framed; `None` where they are no response.
pub fn response_framing(bytes: &[u8]) -> Option<(u16, Framing)> {
    let mut framing = Framing::default();
    let line = parse::response(bytes, &mut |name, value| framing.add(name, value))?;
    framing.is_upgrade &= line.status == 101;
    Some((line.status, framing))
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
