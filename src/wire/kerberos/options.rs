//! KDC options (RFC 4120 section 5.4.1, RFC 6806).
//!
//! Never says which of them are wise.

use std::fmt;

/// The flags of a request, bit 0 the highest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct KdcOptions(pub u32);

impl KdcOptions {
    /// The ticket is asked for on behalf of another machine.
    pub const FORWARDED: u32 = 0x2000_0000;
    /// The client takes referrals.
    pub const CANONICALIZE: u32 = 0x0001_0000;

    /// Whether the flags of `mask` are set.
    pub const fn has(self, mask: u32) -> bool {
        self.0 & mask == mask
    }
}

impl fmt::Display for KdcOptions {
    /// Eight hexadecimal digits: `40810000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}
