//! From frames to datagrams and ordered streams of bytes.
//!
//! Never knows a protocol above TCP, UDP and the headers of ICMP.
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

pub mod defrag;
mod ip;
mod layer;
pub mod link;
pub mod packet;
pub mod places;
mod plain;
pub mod provenance;
pub mod tcp;
mod tunnel;
mod wifi;
