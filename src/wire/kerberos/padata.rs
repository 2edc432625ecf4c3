//! Types of pre-authentication data (the IANA registry, MS-KILE).

/// A type of pre-authentication data. Unknown numbers stay numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PaDataType(pub i32);
