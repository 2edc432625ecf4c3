//! What the capture can show at all.
//!
//! Never says anything about a sign-on itself.

pub(in crate::rules) mod cap_https;
pub(in crate::rules) mod cap_no_attempt;
pub(in crate::rules) mod cap_not_on_client;
pub(in crate::rules) mod cap_one_sided;
pub(in crate::rules) mod cap_snaplen;
