//! The web server's answers that are not about a ticket's worth.
//!
//! Never looks at KDCs.

pub(in crate::rules) mod http_403;
pub(in crate::rules) mod http_404;
pub(in crate::rules) mod http_5xx;
pub(in crate::rules) mod http_client_stays_silent;
pub(in crate::rules) mod http_no_challenge;
pub(in crate::rules) mod http_no_negotiate_offered;
pub(in crate::rules) mod normal_first_401;
