//! TLS ClientHello (RFC 8446 section 4.1.2): the server's name, the protocols offered, and nothing more.

use crate::text::WireText;

/// A ClientHello.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ClientHello {
    /// The server name indication.
    pub sni: Option<WireText>,
    /// Application protocols offered.
    pub alpn: Vec<WireText>,
}
