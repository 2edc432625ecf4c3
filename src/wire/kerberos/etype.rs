//! Encryption types (RFC 3961 and its registry).
//!
//! Never says which of them are good.

use std::fmt;

/// An encryption type. Unknown numbers stay numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct EncryptionType(pub i32);

/// Number and name; ascending.
const NAMES: &[(i32, &str)] = &[
    (-149, "aes256-plain"),
    (-148, "aes128-plain"),
    (-141, "rc4-plain-old-exp"),
    (-140, "rc4-plain-old"),
    (-136, "rc4-plain"),
    (-135, "rc4-hmac-old-exp"),
    (-133, "rc4-hmac-old"),
    (-128, "rc4-md4"),
    (1, "des-cbc-crc"),
    (2, "des-cbc-md4"),
    (3, "des-cbc-md5"),
    (5, "des3-cbc-md5"),
    (7, "des3-cbc-sha1"),
    (9, "dsaWithSHA1-CmsOID"),
    (10, "md5WithRSAEncryption-CmsOID"),
    (11, "sha1WithRSAEncryption-CmsOID"),
    (12, "rc2CBC-EnvOID"),
    (13, "rsaEncryption-EnvOID"),
    (14, "rsaES-OAEP-ENV-OID"),
    (15, "des-ede3-cbc-Env-OID"),
    (16, "des3-cbc-sha1-kd"),
    (17, "aes128-cts-hmac-sha1-96"),
    (18, "aes256-cts-hmac-sha1-96"),
    (19, "aes128-cts-hmac-sha256-128"),
    (20, "aes256-cts-hmac-sha384-192"),
    (23, "rc4-hmac"),
    (24, "rc4-hmac-exp"),
    (25, "camellia128-cts-cmac"),
    (26, "camellia256-cts-cmac"),
    (65, "subkey-keymaterial"),
];

impl EncryptionType {
    /// AES with 128 bits (RFC 3962).
    pub const AES128: Self = Self(17);
    /// AES with 256 bits (RFC 3962).
    pub const AES256: Self = Self(18);
    /// RC4 (RFC 4757).
    pub const RC4: Self = Self(23);

    /// The name in the registry: `rc4-hmac`.
    pub fn name(self) -> Option<&'static str> {
        let at = NAMES.binary_search_by_key(&self.0, |row| row.0).ok()?;
        NAMES.get(at).map(|row| row.1)
    }
}

impl fmt::Display for EncryptionType {
    /// `rc4-hmac (23)`, `etype 4711`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "etype {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_unknown_numbers_stay_numbers() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(EncryptionType(23).to_string(), "rc4-hmac (23)");
        assert_eq!(EncryptionType(4711).to_string(), "etype 4711");
    }
}
