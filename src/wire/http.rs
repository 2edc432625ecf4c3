//! HTTP/1.x heads (RFC 9112), on `httparse`. Bodies are framed in `dissect/http.rs`.

use crate::text::WireText;
use crate::wire::auth_header::{AuthToken, Scheme};

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
    pub auth: Option<AuthToken>,
    /// Length of the value of `Authorization` in bytes.
    pub auth_header_bytes: usize,
    /// `Via` or `X-Forwarded-For` is there: a proxy passed it on.
    pub via_proxy: bool,
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
    pub auth: Option<AuthToken>,
    /// `Proxy-Authenticate` schemes, in order.
    pub proxy_challenges: Vec<Scheme>,
    /// `Via` is there.
    pub via_proxy: bool,
    /// `Location`.
    pub location: Option<WireText>,
}
