//! Numbers of Kerberos that are named and nothing more: kinds of names, of checksums and of messages.
//!
//! Never decodes anything.

/// Kinds of principal names (RFC 4120 section 6.2, MS-KILE): number, name, meaning; ascending.
pub const NAME_TYPES: &[(i32, &str, &str)] = &[
    (
        -130,
        "KRB-NT-ENT-PRINCIPAL-AND-ID",
        "an enterprise name with its identifier, of Windows",
    ),
    (
        -129,
        "KRB-NT-MS-PRINCIPAL-AND-ID",
        "a name with its identifier, of Windows",
    ),
    (-128, "KRB-NT-MS-PRINCIPAL", "a name in the form of Windows"),
    (0, "KRB-NT-UNKNOWN", "not said"),
    (1, "KRB-NT-PRINCIPAL", "a user or a computer"),
    (
        2,
        "KRB-NT-SRV-INST",
        "a service and its instance: krbtgt, and service names of Windows",
    ),
    (3, "KRB-NT-SRV-HST", "a service and its host"),
    (4, "KRB-NT-SRV-XHST", "a service and its host, in parts"),
    (5, "KRB-NT-UID", "a number"),
    (6, "KRB-NT-X500-PRINCIPAL", "a name of a certificate"),
    (7, "KRB-NT-SMTP-NAME", "an address of electronic mail"),
    (10, "KRB-NT-ENTERPRISE", "a name of the form user@domain"),
    (11, "KRB-NT-WELLKNOWN", "a name with a fixed meaning"),
    (
        12,
        "KRB-NT-SRV-HST-DOMAIN",
        "a service, its host and its domain",
    ),
];

/// Kinds of checksums (RFC 3961 and its registry): number, name, what is worth knowing; ascending.
pub const CHECKSUMS: &[(i32, &str, &str)] = &[
    (-138, "hmac-md5", "goes with RC4"),
    (-137, "md5-hmac", "goes with RC4"),
    (-131, "sha1 (Microsoft)", "without a key, in Windows"),
    (1, "crc32", "goes with DES"),
    (2, "rsa-md4", "goes with DES"),
    (3, "rsa-md4-des", "goes with DES"),
    (7, "rsa-md5", "goes with DES"),
    (8, "rsa-md5-des", "goes with DES"),
    (14, "sha1", "without a key"),
    (15, "hmac-sha1-96-aes128", "goes with AES of 128 bits"),
    (16, "hmac-sha1-96-aes256", "goes with AES of 256 bits"),
    (19, "hmac-sha256-128-aes128", "goes with AES of RFC 8009"),
    (20, "hmac-sha384-192-aes256", "goes with AES of RFC 8009"),
    (
        0x8003,
        "gss-authenticator",
        "flags of the sign-on in place of a checksum (RFC 4121)",
    ),
];

/// Kinds of messages (RFC 4120 section 5.10): number, name, meaning; ascending.
pub const MESSAGE_TYPES: &[(i32, &str, &str)] = &[
    (10, "AS-REQ", "asks for a first ticket"),
    (11, "AS-REP", "brings it"),
    (
        12,
        "TGS-REQ",
        "asks for a ticket on the strength of another one",
    ),
    (13, "TGS-REP", "brings it"),
    (14, "AP-REQ", "shows a ticket to a service"),
    (15, "AP-REP", "the service proves itself too"),
    (
        16,
        "KRB_TGT_REQ",
        "asks a peer for its ticket, for user-to-user",
    ),
    (17, "KRB_TGT_REP", "brings it"),
    (20, "KRB-SAFE", "data that cannot be changed unseen"),
    (21, "KRB-PRIV", "data that nobody else can read"),
    (22, "KRB-CRED", "passes tickets on"),
    (30, "KRB-ERROR", "says what went wrong"),
];

#[cfg(test)]
mod tests {
    use super::{CHECKSUMS, MESSAGE_TYPES, NAME_TYPES};

    #[test]
    fn the_tables_are_sorted_and_name_each_number_once() {
        for table in [NAME_TYPES, CHECKSUMS, MESSAGE_TYPES] {
            assert!(table.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }
}
