//! The service ticket in the realm of its service: asked for, refused, issued.
//!
//! Never looks at what the web server said to a ticket.

pub(in crate::rules) mod tgs_etype_nosupp;
pub(in crate::rules) mod tgs_spn_unknown;
pub(in crate::rules) mod tgs_tkt_expired;
pub(in crate::rules) mod trust_external;
