//! The way to a KDC, and to the server: connections and requests that came to nothing.
//!
//! Never looks at what a KDC said about names and keys.

pub(in crate::rules) mod foreign_kdc_unreachable;
pub(in crate::rules) mod kdc_far_site;
pub(in crate::rules) mod kdc_icmp_block;
pub(in crate::rules) mod kdc_locator_no_reply;
pub(in crate::rules) mod kdc_no_reply;
pub(in crate::rules) mod kdc_proxy;
pub(in crate::rules) mod kdc_slow;
pub(in crate::rules) mod kdc_svc_unavailable;
pub(in crate::rules) mod kdc_tcp_refused;
pub(in crate::rules) mod kdc_tcp_timeout;
pub(in crate::rules) mod kdc_too_big_no_tcp;
pub(in crate::rules) mod kdc_udp_fragments_lost;
pub(in crate::rules) mod kdc_wrong_realm;
pub(in crate::rules) mod mp_connect_failed;
pub(in crate::rules) mod normal_one_dead_dc;
pub(in crate::rules) mod normal_too_big;
