//! The service ticket in the realm of its service: asked for, refused, issued.
//!
//! Never looks at what the web server said to a ticket.

pub(in crate::rules) mod ad_replication_lag;
pub(in crate::rules) mod kdc_generic;
pub(in crate::rules) mod normal_badoption;
pub(in crate::rules) mod normal_etype_retry;
pub(in crate::rules) mod normal_optional_spn;
pub(in crate::rules) mod normal_rodc_retry;
pub(in crate::rules) mod normal_spn_two_tries;
pub(in crate::rules) mod rodc_no_secrets;
pub(in crate::rules) mod tgs_badoption;
pub(in crate::rules) mod tgs_disjoint_namespace;
pub(in crate::rules) mod tgs_etype_nosupp;
pub(in crate::rules) mod tgs_integrity;
pub(in crate::rules) mod tgs_must_use_u2u;
pub(in crate::rules) mod tgs_policy_other;
pub(in crate::rules) mod tgs_policy_selective_auth;
pub(in crate::rules) mod tgs_replay;
pub(in crate::rules) mod tgs_service_disabled;
pub(in crate::rules) mod tgs_spn_duplicate;
pub(in crate::rules) mod tgs_spn_unknown;
pub(in crate::rules) mod tgs_spn_with_port;
pub(in crate::rules) mod tgs_tgt_revoked;
pub(in crate::rules) mod tgs_tkt_expired;
pub(in crate::rules) mod tgs_tkt_not_yet_valid;
pub(in crate::rules) mod trust_external;
