//! The words in the text of an error by which a KDC of MIT says where it stopped: they name nobody.
//!
//! Never has those that hold a name.

/// The account of the service may not be used.
pub const SERVER_LOCKED_OUT: &str = "SERVER LOCKED OUT";
/// The KDC did not get beyond reading the request and the ticket in it.
pub const PROCESS_TGS: &str = "PROCESS_TGS";
/// Words that say where the KDC stopped, and not why.
pub const OF_PLACE: [&str; 5] = [
    "CANT_FIND_CLIENT_KEY",
    "LOOKING_UP_CLIENT",
    "LOOKING_UP_SERVER",
    PROCESS_TGS,
    "UNKNOWN_REASON",
];

/// As `kdc_util.c`, `do_as_req.c`, `do_tgs_req.c` and `tgs_policy.c` have them.
const ALL: [&str; 33] = [
    "BAD_ENCRYPTION_TYPE",
    "CANT_FIND_CLIENT_KEY",
    "CLIENT EXPIRED",
    "CLIENT KEY EXPIRED",
    "CLIENT LOCKED OUT",
    "CLIENT_NOT_FOUND",
    "DUP_SKEY DISALLOWED",
    "FORWARDABLE NOT ALLOWED",
    "INVALID LINEAGE",
    "LOOKING_UP_CLIENT",
    "LOOKING_UP_SERVER",
    "MUST CHANGE PASSWORD",
    "NEEDED_PREAUTH",
    "NO HW PREAUTH",
    "NO PREAUTH",
    "NOT_ALLOWED_TO_DELEGATE",
    "POSTDATE NOT ALLOWED",
    "PREAUTH_FAILED",
    PROCESS_TGS,
    "PROXIABLE NOT ALLOWED",
    "RENEWABLE NOT ALLOWED",
    "REQUIRED PWCHANGE",
    "SERVER DIDNT MATCH TICKET FOR RENEW/FORWARD/ETC",
    SERVER_LOCKED_OUT,
    "SERVER NOT ALLOWED",
    "SERVICE EXPIRED",
    "SERVICE NOT ALLOWED",
    "TGT BASED NOT ALLOWED",
    "TGT NOT FORWARDABLE",
    "TICKET NOT RENEWABLE",
    "TICKET NOT VALID",
    "TKT_EXPIRED",
    "UNKNOWN_REASON",
];

/// Whether `text` is one of them.
pub fn is_one(text: &[u8]) -> bool {
    ALL.iter().any(|words| words.as_bytes() == text)
}
