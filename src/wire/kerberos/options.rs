//! KDC options (RFC 4120 section 5.4.1, RFC 6806).

/// The flags of a request, bit 0 the highest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct KdcOptions(pub u32);
