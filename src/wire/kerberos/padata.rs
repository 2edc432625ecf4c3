//! Types of pre-authentication data (the IANA registry, MS-KILE).
//!
//! Never looks into the values, but for what `message` names.

/// A type of pre-authentication data. Unknown numbers stay numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PaDataType(pub i32);

impl PaDataType {
    /// PA-TGS-REQ: the ticket on whose strength another one is asked for.
    pub const TGS_REQ: Self = Self(1);
    /// PA-ENC-TIMESTAMP: proof of the key of a password.
    pub const ENC_TIMESTAMP: Self = Self(2);
    /// PA-PW-SALT: in errors of Windows the extended status.
    pub const PW_SALT: Self = Self(3);
    /// PA-ETYPE-INFO: encryption types and salts, the older form.
    pub const ETYPE_INFO: Self = Self(11);
    /// PA-PK-AS-REQ: proof by certificate (RFC 4556).
    pub const PK_AS_REQ: Self = Self(16);
    /// PA-ETYPE-INFO2: encryption types and salts.
    pub const ETYPE_INFO2: Self = Self(19);
    /// PA-FX-FAST: an armored exchange (RFC 6113).
    pub const FX_FAST: Self = Self(136);
    /// PA-ENCRYPTED-CHALLENGE: proof of the key of a password inside the armor.
    pub const ENCRYPTED_CHALLENGE: Self = Self(138);
}
