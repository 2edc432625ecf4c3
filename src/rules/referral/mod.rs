//! Referrals from realm to realm.
//!
//! Never looks at what the web server said to a ticket.

pub(in crate::rules) mod ref_dead_end;
pub(in crate::rules) mod ref_etype_nosupp;
pub(in crate::rules) mod ref_flat_name_cross_forest;
pub(in crate::rules) mod ref_loop;
pub(in crate::rules) mod ref_namesake_in_client_realm;
pub(in crate::rules) mod ref_not_chased;
pub(in crate::rules) mod ref_shortcut;
pub(in crate::rules) mod trust_key_mismatch;
pub(in crate::rules) mod trust_suffix_not_routed;
