//! Numbers of Kerberos that are named and nothing more: kinds of names, of checksums, of messages and of authorization data, and the
//! bytes with which messages begin.
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

/// The first byte of a message or a part of one, its application tag (RFC 4120 section 5.10; RFC 2743 section 3.1 for the first):
/// byte, name, meaning; ascending.
pub const TAGS: &[(u8, &str, &str)] = &[
    (
        0x60,
        "GSS wrapper",
        "a mechanism and its token follow: SPNEGO or Kerberos",
    ),
    (
        0x61,
        "Ticket",
        "names in clear, and a part under the key of the service",
    ),
    (
        0x62,
        "Authenticator",
        "inside encrypted parts: the client's name and time",
    ),
    (0x6a, "AS-REQ", "asks for a first ticket: type 10"),
    (0x6b, "AS-REP", "brings it: type 11"),
    (
        0x6c,
        "TGS-REQ",
        "asks for a ticket on the strength of another one: type 12",
    ),
    (0x6d, "TGS-REP", "brings it: type 13"),
    (0x6e, "AP-REQ", "shows a ticket to a service: type 14"),
    (0x6f, "AP-REP", "the service proves itself too: type 15"),
    (
        0x70,
        "KRB_TGT_REQ",
        "asks a peer for its ticket, for user-to-user: type 16",
    ),
    (0x71, "KRB_TGT_REP", "brings it: type 17"),
    (
        0x74,
        "KRB-SAFE",
        "data that cannot be changed unseen: type 20",
    ),
    (0x75, "KRB-PRIV", "data that nobody else can read: type 21"),
    (0x76, "KRB-CRED", "passes tickets on: type 22"),
    (0x7e, "KRB-ERROR", "says what went wrong: type 30"),
];

/// Kinds of authorization data (RFC 4120 section 7.5.4 and its registry, MS-KILE 2.2): number, name, meaning; ascending.
pub const AUTHORIZATION_DATA: &[(i32, &str, &str)] = &[
    (1, "AD-IF-RELEVANT", "holds others that may be passed over"),
    (4, "AD-KDC-ISSUED", "holds others that the KDC vouches for"),
    (
        5,
        "AD-AND-OR",
        "holds others of which so many have to be met",
    ),
    (8, "AD-MANDATORY-FOR-KDC", "a KDC has to understand it"),
    (71, "AD-FX-ARMOR", "the ticket may armor a request"),
    (
        96,
        "AD-CAMMAC",
        "holds others that the KDC vouches for, with a checksum each for KDC and service",
    ),
    (
        97,
        "AD-AUTHENTICATION-INDICATOR",
        "how the client proved itself",
    ),
    (
        128,
        "AD-WIN2K-PAC",
        "the account and its groups: what Windows goes by",
    ),
    (
        129,
        "AD-ETYPE-NEGOTIATION",
        "encryption types that the client takes from the service",
    ),
    (
        141,
        "KERB-AUTH-DATA-TOKEN-RESTRICTIONS",
        "limits of the client's token",
    ),
    (
        142,
        "KERB-LOCAL",
        "the client and the service may be one machine",
    ),
    (
        143,
        "AD-AUTH-DATA-AP-OPTIONS",
        "0x4000: channel bindings are there; 0x8000: the target's name was not checked",
    ),
    (144, "AD-TARGET-PRINCIPAL", "the name that the client meant"),
];

#[cfg(test)]
mod tests {
    use super::{AUTHORIZATION_DATA, CHECKSUMS, MESSAGE_TYPES, NAME_TYPES, TAGS};

    #[test]
    fn the_tables_are_sorted_and_name_each_number_once() {
        for table in [NAME_TYPES, CHECKSUMS, MESSAGE_TYPES, AUTHORIZATION_DATA] {
            assert!(table.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }

    #[test]
    fn a_tag_is_the_type_of_its_message_as_an_application_tag() {
        for (kind, name, _) in MESSAGE_TYPES {
            let tag = TAGS.iter().find(|tag| tag.1 == *name).expect("a tag");
            assert_eq!(i32::from(tag.0), 0x60 + kind, "{name}");
        }
    }
}
