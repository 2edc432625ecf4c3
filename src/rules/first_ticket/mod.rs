//! The first ticket: the computer's own account, password and clock.
//!
//! Never looks at a service.

pub(in crate::rules) mod as_client_revoked;
pub(in crate::rules) mod as_client_unknown;
pub(in crate::rules) mod as_preauth_failed;
pub(in crate::rules) mod as_skew;
pub(in crate::rules) mod normal_preauth_required;
pub(in crate::rules) mod normal_skew_heal;
