//! Codes of KRB-ERROR (RFC 4120 section 7.5.9 and its successors) and the NTSTATUS that Windows adds.

/// A code of KRB-ERROR. Unknown numbers stay numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct ErrorCode(pub i32);

/// A status of Windows (MS-ERREF 2.3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NtStatus(pub u32);
