//! What the user knows about the capture.
//!
//! Never guesses: what is not named here is found out from the frames.

use std::net::IpAddr;

/// Which machines the user named.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Focus {
    /// Only this client counts.
    pub client: Option<IpAddr>,
    /// This is the management point: connections to it are attempts even where no proof is asked.
    pub server: Option<IpAddr>,
    /// Only this KDC counts.
    pub kdc: Option<IpAddr>,
}
