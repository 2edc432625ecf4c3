//! Flags of NTLM messages (MS-NLMP 2.2.2.5).
//!
//! Never says which of them are wise.

/// Mask, name (behind `NTLMSSP_NEGOTIATE_` and its like) and meaning; ascending.
pub const TABLE: &[(u32, &str, &str)] = &[
    (0x0000_0001, "UNICODE", "texts are UTF-16"),
    (0x0000_0002, "OEM", "texts are in the machine's code page"),
    (
        0x0000_0004,
        "REQUEST_TARGET",
        "the server is to name itself",
    ),
    (0x0000_0010, "SIGN", "messages are to be signed"),
    (0x0000_0020, "SEAL", "messages are to be encrypted"),
    (0x0000_0040, "DATAGRAM", "without a connection"),
    (0x0000_0080, "LM_KEY", "an old kind of key"),
    (0x0000_0200, "NTLM", "NTLM itself"),
    (0x0000_0800, "ANONYMOUS", "nobody signs on"),
    (
        0x0000_1000,
        "OEM_DOMAIN_SUPPLIED",
        "the client names its domain",
    ),
    (
        0x0000_2000,
        "OEM_WORKSTATION_SUPPLIED",
        "the client names itself",
    ),
    (0x0000_4000, "LOCAL_CALL", "the machine speaks to itself"),
    (
        0x0000_8000,
        "ALWAYS_SIGN",
        "a signature stands with each message",
    ),
    (
        0x0001_0000,
        "TARGET_TYPE_DOMAIN",
        "the server is in a domain",
    ),
    (
        0x0002_0000,
        "TARGET_TYPE_SERVER",
        "the server is in no domain, so Kerberos is not possible",
    ),
    (
        0x0008_0000,
        "EXTENDED_SESSIONSECURITY",
        "the newer protection of sessions",
    ),
    (
        0x0010_0000,
        "IDENTIFY",
        "the server may learn who signs on and no more",
    ),
    (
        0x0040_0000,
        "REQUEST_NON_NT_SESSION_KEY",
        "an old kind of session key",
    ),
    (
        0x0080_0000,
        "TARGET_INFO",
        "names and the time of the server follow",
    ),
    (0x0200_0000, "VERSION", "the version of the system follows"),
    (0x2000_0000, "128", "keys of 128 bits"),
    (0x4000_0000, "KEY_EXCH", "a session key is exchanged"),
    (0x8000_0000, "56", "keys of 56 bits"),
];

#[cfg(test)]
mod tests {
    use super::TABLE;

    #[test]
    fn each_flag_is_one_bit_and_named_once() {
        assert!(TABLE.iter().all(|row| row.0.is_power_of_two()));
        assert!(TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
