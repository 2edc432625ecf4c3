//! After the sign-on: what the site may make of it.
//!
//! Never claims a decision that no message shows.

pub(in crate::rules) mod approval_ok;
pub(in crate::rules) mod duplicate_guid;
