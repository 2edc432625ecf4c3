//! KDC options (RFC 4120 section 5.4.1, RFC 6806, MS-SFU), and the flags of tickets and of AP-REQ.
//!
//! Never says which of them are wise.

use std::fmt;

/// The flags of a request, bit 0 the highest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct KdcOptions(pub u32);

impl KdcOptions {
    /// The ticket may be passed on to another machine.
    pub const FORWARDABLE: u32 = 0x4000_0000;
    /// The ticket is asked for on behalf of another machine.
    pub const FORWARDED: u32 = 0x2000_0000;
    /// A ticket for another address may be had for it.
    pub const PROXIABLE: u32 = 0x1000_0000;
    /// The ticket is for another address.
    pub const PROXY: u32 = 0x0800_0000;
    /// A ticket that starts later may be had for it.
    pub const ALLOW_POSTDATE: u32 = 0x0400_0000;
    /// The ticket starts later.
    pub const POSTDATED: u32 = 0x0200_0000;
    /// The ticket may be renewed.
    pub const RENEWABLE: u32 = 0x0080_0000;
    /// The client is named in another ticket: constrained delegation (MS-SFU).
    pub const CNAME_IN_ADDL_TKT: u32 = 0x0002_0000;
    /// The client takes referrals and other spellings of names (RFC 6806).
    pub const CANONICALIZE: u32 = 0x0001_0000;
    /// The client wants to stay unnamed (RFC 8062).
    pub const REQUEST_ANONYMOUS: u32 = 0x0000_8000;
    /// The KDC need not check the realms crossed.
    pub const DISABLE_TRANSITED_CHECK: u32 = 0x0000_0020;
    /// A renewable ticket will do where a long one is not to be had.
    pub const RENEWABLE_OK: u32 = 0x0000_0010;
    /// The ticket is for the holder of another ticket: user-to-user.
    pub const ENC_TKT_IN_SKEY: u32 = 0x0000_0008;
    /// A ticket is renewed.
    pub const RENEW: u32 = 0x0000_0002;
    /// A ticket that starts later is made valid.
    pub const VALIDATE: u32 = 0x0000_0001;

    /// Mask, name and meaning of each flag, the highest first.
    pub const TABLE: &'static [(u32, &'static str, &'static str)] = &[
        (
            Self::FORWARDABLE,
            "forwardable",
            "the ticket may be passed on to another machine",
        ),
        (
            Self::FORWARDED,
            "forwarded",
            "the ticket is asked for on behalf of another machine",
        ),
        (
            Self::PROXIABLE,
            "proxiable",
            "a ticket for another address may be had for it",
        ),
        (Self::PROXY, "proxy", "the ticket is for another address"),
        (
            Self::ALLOW_POSTDATE,
            "allow-postdate",
            "a ticket that starts later may be had for it",
        ),
        (Self::POSTDATED, "postdated", "the ticket starts later"),
        (Self::RENEWABLE, "renewable", "the ticket may be renewed"),
        (
            Self::CNAME_IN_ADDL_TKT,
            "cname-in-addl-tkt",
            "constrained delegation: the client is named in another ticket",
        ),
        (
            Self::CANONICALIZE,
            "canonicalize",
            "the client takes referrals and other spellings of names",
        ),
        (
            Self::REQUEST_ANONYMOUS,
            "request-anonymous",
            "the client wants to stay unnamed",
        ),
        (
            Self::DISABLE_TRANSITED_CHECK,
            "disable-transited-check",
            "the KDC need not check the realms crossed",
        ),
        (
            Self::RENEWABLE_OK,
            "renewable-ok",
            "a renewable ticket will do where a long one is not to be had",
        ),
        (
            Self::ENC_TKT_IN_SKEY,
            "enc-tkt-in-skey",
            "user-to-user: the ticket is for the holder of another ticket",
        ),
        (Self::RENEW, "renew", "a ticket is renewed"),
        (
            Self::VALIDATE,
            "validate",
            "a ticket that starts later is made valid",
        ),
    ];

    /// Whether the flags of `mask` are set.
    pub const fn has(self, mask: u32) -> bool {
        self.0 & mask == mask
    }

    /// The names of the flags that are set, the highest first: `forwardable`, `renewable`, `canonicalize`.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let set = Self::TABLE.iter().filter(move |row| self.has(row.0));
        set.map(|row| row.1)
    }
}

impl fmt::Display for KdcOptions {
    /// Eight hexadecimal digits: `40810000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// Flags of a ticket (RFC 4120 section 5.3, RFC 6806), as `klist` shows them; they are inside its encrypted part: mask, name, meaning, the
/// highest first.
pub const TICKET_FLAGS: &[(u32, &str, &str)] = &[
    (
        0x4000_0000,
        "forwardable",
        "it may be passed on to another machine",
    ),
    (0x2000_0000, "forwarded", "it was passed on"),
    (
        0x1000_0000,
        "proxiable",
        "a ticket for another address may be had for it",
    ),
    (0x0800_0000, "proxy", "it is for another address"),
    (
        0x0400_0000,
        "may-postdate",
        "a ticket that starts later may be had for it",
    ),
    (0x0200_0000, "postdated", "it starts later"),
    (0x0100_0000, "invalid", "a KDC has to make it valid first"),
    (0x0080_0000, "renewable", "it may be renewed"),
    (
        0x0040_0000,
        "initial",
        "it was had with the account's key, not for another ticket",
    ),
    (
        0x0020_0000,
        "pre-authent",
        "the client proved its key before it got it",
    ),
    (
        0x0010_0000,
        "hw-authent",
        "the client proved itself with a device",
    ),
    (
        0x0008_0000,
        "transited-policy-checked",
        "the KDC checked the realms crossed",
    ),
    (
        0x0004_0000,
        "ok-as-delegate",
        "the service may be trusted with the client's ticket",
    ),
    (
        0x0001_0000,
        "name-canonicalize",
        "the KDC gave the name in its own spelling, or protects its answer (enc-pa-rep)",
    ),
    (0x0000_8000, "anonymous", "the client stays unnamed"),
];

/// Options of AP-REQ (RFC 4120 section 5.5.1): mask, name, meaning, the highest first.
pub const AP_OPTIONS: &[(u32, &str, &str)] = &[
    (
        0x4000_0000,
        "use-session-key",
        "user-to-user: the ticket is under the key of another ticket",
    ),
    (
        0x2000_0000,
        "mutual-required",
        "the service is to prove itself too",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_windows_sends_have_their_names() {
        let options = KdcOptions(0x4081_0010);
        assert_eq!(options.to_string(), "40810010");
        let names: Vec<&str> = options.names().collect();
        assert_eq!(
            names,
            ["forwardable", "renewable", "canonicalize", "renewable-ok"]
        );
    }

    #[test]
    fn each_flag_is_one_bit_and_named_once() {
        for table in [KdcOptions::TABLE, TICKET_FLAGS, AP_OPTIONS] {
            assert!(table.iter().all(|row| row.0.is_power_of_two()));
        }
        assert!(
            KdcOptions::TABLE
                .windows(2)
                .all(|pair| pair[0].0 > pair[1].0)
        );
    }
}
