//! Kerberos version 5 (RFC 4120, RFC 6806, MS-KILE): messages, names, numbers.
//!
//! Never decrypts, and keeps no cipher: of a ticket remain its names, its length and a digest.

pub(in crate::wire) mod adapter;
pub mod error_code;
pub mod etype;
pub mod message;
pub mod name;
pub mod options;
pub mod padata;
