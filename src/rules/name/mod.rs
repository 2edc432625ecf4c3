//! Names: what DNS said, or did not say, about servers and KDCs.
//!
//! Never looks at what came after the name was known.

pub(in crate::rules) mod dns_cname_spn;
pub(in crate::rules) mod dns_ipv6_blackhole;
pub(in crate::rules) mod dns_mp_nxdomain;
pub(in crate::rules) mod dns_no_answer;
pub(in crate::rules) mod dns_servfail_refused;
pub(in crate::rules) mod dns_srv_missing;
pub(in crate::rules) mod dns_wrong_host;
pub(in crate::rules) mod mp_by_ip_literal;
pub(in crate::rules) mod name_short_or_netbios;
pub(in crate::rules) mod normal_dns_suffix_noise;
pub(in crate::rules) mod normal_site_srv;
pub(in crate::rules) mod tgs_wrong_name_asked;
