//! Encryption types (RFC 3961 and its registry).
//!
//! Never says which of them are good.

use std::fmt;

/// An encryption type. Unknown numbers stay numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct EncryptionType(pub i32);

/// Number, name and what is worth knowing; ascending.
pub const TABLE: &[(i32, &str, &str)] = &[
    (-149, "aes256-plain", "private to Windows"),
    (-148, "aes128-plain", "private to Windows"),
    (-141, "rc4-plain-old-exp", "private to Windows"),
    (-140, "rc4-plain-old", "private to Windows"),
    (-136, "rc4-plain", "private to Windows"),
    (
        -135,
        "rc4-hmac-old-exp",
        "an old value of export strength, which Windows still lists; harmless",
    ),
    (-133, "rc4-hmac-old", "an old value of Windows XP and 2003"),
    (-128, "rc4-md4", "an old value of Windows"),
    (
        1,
        "des-cbc-crc",
        "single DES: off since Windows 7 and gone in current systems",
    ),
    (
        2,
        "des-cbc-md4",
        "single DES: off since Windows 7 and gone in current systems",
    ),
    (
        3,
        "des-cbc-md5",
        "single DES: off since Windows 7 and gone in current systems",
    ),
    (5, "des3-cbc-md5", "triple DES: never in Active Directory"),
    (7, "des3-cbc-sha1", "triple DES: never in Active Directory"),
    (
        9,
        "dsaWithSHA1-CmsOID",
        "a number for certificates, in lists of first requests only",
    ),
    (
        10,
        "md5WithRSAEncryption-CmsOID",
        "a number for certificates, in lists of first requests only",
    ),
    (
        11,
        "sha1WithRSAEncryption-CmsOID",
        "a number for certificates, in lists of first requests only",
    ),
    (
        12,
        "rc2CBC-EnvOID",
        "a number for certificates, in lists of first requests only",
    ),
    (
        13,
        "rsaEncryption-EnvOID",
        "a number for certificates, in lists of first requests only",
    ),
    (
        14,
        "rsaES-OAEP-ENV-OID",
        "a number for certificates, in lists of first requests only",
    ),
    (
        15,
        "des-ede3-cbc-Env-OID",
        "a number for certificates, in lists of first requests only",
    ),
    (
        16,
        "des3-cbc-sha1-kd",
        "triple DES: never in Active Directory",
    ),
    (
        17,
        "aes128-cts-hmac-sha1-96",
        "AES with 128 bits: since Windows Vista and Server 2008",
    ),
    (
        18,
        "aes256-cts-hmac-sha1-96",
        "AES with 256 bits: what computers of today use",
    ),
    (
        19,
        "aes128-cts-hmac-sha256-128",
        "AES with 128 bits and SHA-2 (RFC 8009)",
    ),
    (
        20,
        "aes256-cts-hmac-sha384-192",
        "AES with 256 bits and SHA-2 (RFC 8009)",
    ),
    (
        23,
        "rc4-hmac",
        "RC4: all versions of Windows know it; domain controllers stop issuing it by default in 2026",
    ),
    (24, "rc4-hmac-exp", "RC4 of export strength, in old lists"),
    (25, "camellia128-cts-cmac", "Camellia: MIT only"),
    (26, "camellia256-cts-cmac", "Camellia: MIT only"),
    (65, "subkey-keymaterial", "for local use"),
];

impl EncryptionType {
    /// AES with 128 bits (RFC 3962).
    pub const AES128: Self = Self(17);
    /// AES with 256 bits (RFC 3962).
    pub const AES256: Self = Self(18);
    /// AES with 128 bits and SHA-256 (RFC 8009).
    pub const AES128_SHA256: Self = Self(19);
    /// AES with 256 bits and SHA-384 (RFC 8009).
    pub const AES256_SHA384: Self = Self(20);
    /// RC4 (RFC 4757).
    pub const RC4: Self = Self(23);

    /// The name in the registry: `rc4-hmac`.
    pub fn name(self) -> Option<&'static str> {
        let at = TABLE.binary_search_by_key(&self.0, |row| row.0).ok()?;
        TABLE.get(at).map(|row| row.1)
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
        assert!(TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(EncryptionType(23).to_string(), "rc4-hmac (23)");
        assert_eq!(EncryptionType(4711).to_string(), "etype 4711");
    }
}
