//! Which server, and which of its sites, a web server's log is of, as far as its columns say.
//!
//! Never takes a column that a log does not have for a value.

use std::net::IpAddr;

use crate::logs::iis::WebLine;
use crate::text::WireText;

/// A server as its log has it. What differs in one of these is another server, another site, or the same by another name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct WebServer {
    /// Its address, or that which a load balancer gave the request to.
    pub address: Option<IpAddr>,
    /// Its port.
    pub port: Option<u16>,
    /// Its name.
    pub computer: Option<WireText>,
    /// Which of its sites.
    pub site: Option<WireText>,
    /// By which name the client asked it, in lower case.
    pub host: Option<WireText>,
}

impl WebServer {
    /// The server of a line.
    pub fn of(web: &WebLine<'_>) -> Self {
        Self {
            address: web.server,
            port: web.server_port,
            computer: web.computer.map(WireText::from),
            site: web.site.map(WireText::from),
            host: web.host.map(|host| host.to_ascii_lowercase().into()),
        }
    }
}
