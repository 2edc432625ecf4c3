//! NTLM where Kerberos was wanted.
//!
//! Never looks inside a proof.

pub(in crate::rules) mod normal_ntlm_second_401;
pub(in crate::rules) mod ntlm_accepted;
pub(in crate::rules) mod ntlm_after_tgs_error;
pub(in crate::rules) mod ntlm_anonymous;
pub(in crate::rules) mod ntlm_blocked;
pub(in crate::rules) mod ntlm_broken_handshake;
pub(in crate::rules) mod ntlm_no_tgs_attempt;
pub(in crate::rules) mod ntlm_rejected;
pub(in crate::rules) mod ntlm_steered_by_server;
