//! Pure decoding: bytes in, values out.
//!
//! Never knows frames, streams or arrival times, and keeps no state. A decoder here says what was on the wire; whether
//! it matters is decided above.
#![deny(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    allow(
        clippy::indexing_slicing,
        clippy::panic,
        clippy::expect_used,
        clippy::unwrap_used,
        reason = "a test may fail loudly"
    )
)]

pub mod auth_header;
pub mod ccm;
pub mod cldap;
pub mod der;
pub mod dhcp;
pub mod dns;
pub mod filetime;
pub mod http;
pub mod icmp;
pub mod kerberos;
pub mod ldap;
pub mod llmnr;
pub mod nbns;
pub mod ntlm;
pub mod ntlm_flags;
pub mod ntp;
pub mod ports;
pub mod reader;
pub mod registration_call;
pub mod smb;
pub mod spnego;
pub mod tds;
pub mod tls;
pub mod windows;
