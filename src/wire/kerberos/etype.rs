//! Encryption types (RFC 3961 and its registry).

use std::fmt;

/// An encryption type. Unknown numbers stay numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct EncryptionType(pub i32);
