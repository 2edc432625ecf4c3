//! Codes of KRB-ERROR (RFC 4120 section 7.5.9 and its successors) and the NTSTATUS that Windows adds.
//!
//! Never says what a code means for a sign-on: only its name and its plain sense.

use std::fmt;

/// A code of KRB-ERROR. Unknown numbers stay numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct ErrorCode(pub i32);

/// A status of Windows (MS-ERREF 2.3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NtStatus(pub u32);

/// One table: a constant for each number, its name in the standard, and its sense as a clause in plain words that follows a
/// colon.
macro_rules! table {
    ($type:ident($integer:ty): $($number:literal $constant:ident $name:literal $meaning:literal)+) => {
        impl $type {
            $(
                #[doc = concat!("`", $name, "`: ", $meaning, ".")]
                pub const $constant: Self = Self($number);
            )+

            /// All that are known: number, name, meaning; ascending.
            pub const TABLE: &'static [($integer, &'static str, &'static str)] =
                &[$(($number, $name, $meaning)),+];

            /// The name in the standard that defines it: `KDC_ERR_S_PRINCIPAL_UNKNOWN`, `STATUS_ACCOUNT_DISABLED`.
            pub fn name(self) -> Option<&'static str> {
                self.row().map(|row| row.1)
            }

            /// Its plain sense, as a clause: `the KDC finds no such client`, `the account is disabled`.
            pub fn meaning(self) -> Option<&'static str> {
                self.row().map(|row| row.2)
            }

            fn row(self) -> Option<&'static ($integer, &'static str, &'static str)> {
                let at = Self::TABLE
                    .binary_search_by_key(&self.0, |row| row.0)
                    .ok()?;
                Self::TABLE.get(at)
            }
        }
    };
}

table! { ErrorCode(i32):
    0 NONE "KDC_ERR_NONE" "no error"
    1 NAME_EXP "KDC_ERR_NAME_EXP" "the client's account has expired"
    2 SERVICE_EXP "KDC_ERR_SERVICE_EXP" "the service's account has expired"
    3 BAD_PVNO "KDC_ERR_BAD_PVNO" "the protocol version is not 5"
    4 C_OLD_MAST_KVNO "KDC_ERR_C_OLD_MAST_KVNO" "the client's key is stored under an old master key"
    5 S_OLD_MAST_KVNO "KDC_ERR_S_OLD_MAST_KVNO" "the service's key is stored under an old master key"
    6 C_PRINCIPAL_UNKNOWN "KDC_ERR_C_PRINCIPAL_UNKNOWN" "the KDC finds no such client"
    7 S_PRINCIPAL_UNKNOWN "KDC_ERR_S_PRINCIPAL_UNKNOWN" "the KDC finds no such service, several of them, or no way to its realm"
    8 PRINCIPAL_NOT_UNIQUE "KDC_ERR_PRINCIPAL_NOT_UNIQUE" "several accounts carry the name"
    9 NULL_KEY "KDC_ERR_NULL_KEY" "the account has no key"
    10 CANNOT_POSTDATE "KDC_ERR_CANNOT_POSTDATE" "a later start is not allowed"
    11 NEVER_VALID "KDC_ERR_NEVER_VALID" "the ticket would end before it starts"
    12 POLICY "KDC_ERR_POLICY" "a policy of the KDC forbids it"
    13 BADOPTION "KDC_ERR_BADOPTION" "an option of the request cannot be honoured"
    14 ETYPE_NOSUPP "KDC_ERR_ETYPE_NOSUPP" "there is no encryption type in common"
    15 SUMTYPE_NOSUPP "KDC_ERR_SUMTYPE_NOSUPP" "the kind of checksum is not supported"
    16 PADATA_TYPE_NOSUPP "KDC_ERR_PADATA_TYPE_NOSUPP" "the kind of pre-authentication is not supported"
    17 TRTYPE_NOSUPP "KDC_ERR_TRTYPE_NOSUPP" "the list of realms crossed is in an unknown form"
    18 CLIENT_REVOKED "KDC_ERR_CLIENT_REVOKED" "the client's account is disabled, locked, expired or out of its hours"
    19 SERVICE_REVOKED "KDC_ERR_SERVICE_REVOKED" "the service's account is disabled"
    20 TGT_REVOKED "KDC_ERR_TGT_REVOKED" "the ticket-granting ticket is not acceptable any more"
    21 CLIENT_NOTYET "KDC_ERR_CLIENT_NOTYET" "the client's account is not valid yet"
    22 SERVICE_NOTYET "KDC_ERR_SERVICE_NOTYET" "the service's account is not valid yet"
    23 KEY_EXPIRED "KDC_ERR_KEY_EXPIRED" "the password has expired or must be changed"
    24 PREAUTH_FAILED "KDC_ERR_PREAUTH_FAILED" "the proof of the key does not fit the account's key"
    25 PREAUTH_REQUIRED "KDC_ERR_PREAUTH_REQUIRED" "the KDC asks for proof of the key first"
    26 SERVER_NOMATCH "KDC_ERR_SERVER_NOMATCH" "the ticket is for another server than the request"
    27 MUST_USE_USER2USER "KDC_ERR_MUST_USE_USER2USER" "the service can be reached by user-to-user only"
    28 PATH_NOT_ACCEPTED "KDC_ERR_PATH_NOT_ACCEPTED" "the KDC does not accept the realms crossed"
    29 SVC_UNAVAILABLE "KDC_ERR_SVC_UNAVAILABLE" "the KDC cannot reach a service that it needs"
    31 BAD_INTEGRITY "KRB_AP_ERR_BAD_INTEGRITY" "the ticket or message does not decrypt"
    32 TKT_EXPIRED "KRB_AP_ERR_TKT_EXPIRED" "the ticket has expired"
    33 TKT_NYV "KRB_AP_ERR_TKT_NYV" "the ticket is not valid yet"
    34 REPEAT "KRB_AP_ERR_REPEAT" "the same proof was seen before"
    35 NOT_US "KRB_AP_ERR_NOT_US" "the ticket is for somebody else"
    36 BADMATCH "KRB_AP_ERR_BADMATCH" "the names in ticket and proof differ"
    37 SKEW "KRB_AP_ERR_SKEW" "the clocks differ by more than is allowed"
    38 BADADDR "KRB_AP_ERR_BADADDR" "the ticket is bound to another address"
    39 BADVERSION "KRB_AP_ERR_BADVERSION" "the protocol version does not fit"
    40 MSG_TYPE "KRB_AP_ERR_MSG_TYPE" "the kind of message is not expected"
    41 MODIFIED "KRB_AP_ERR_MODIFIED" "the ticket does not decrypt with the receiver's key"
    42 BADORDER "KRB_AP_ERR_BADORDER" "the message is out of order"
    43 ILL_CR_TKT "KRB_AP_ERR_ILL_CR_TKT" "the ticket of another realm is not acceptable"
    44 BADKEYVER "KRB_AP_ERR_BADKEYVER" "the receiver lacks that version of the key"
    45 NOKEY "KRB_AP_ERR_NOKEY" "the receiver has no key for the service"
    46 MUT_FAIL "KRB_AP_ERR_MUT_FAIL" "mutual authentication failed"
    47 BADDIRECTION "KRB_AP_ERR_BADDIRECTION" "the message came back to its sender"
    48 METHOD "KRB_AP_ERR_METHOD" "another method is wanted"
    49 BADSEQ "KRB_AP_ERR_BADSEQ" "the sequence number is wrong"
    50 INAPP_CKSUM "KRB_AP_ERR_INAPP_CKSUM" "the checksum is missing or of a kind not allowed"
    51 AP_PATH_NOT_ACCEPTED "KRB_AP_PATH_NOT_ACCEPTED" "the server does not accept the realms crossed"
    52 RESPONSE_TOO_BIG "KRB_ERR_RESPONSE_TOO_BIG" "the answer does not fit into a datagram and is to be asked for over TCP"
    60 GENERIC "KRB_ERR_GENERIC" "an error that only the KDC can explain"
    61 FIELD_TOOLONG "KRB_ERR_FIELD_TOOLONG" "the message is longer than the KDC takes"
    62 CLIENT_NOT_TRUSTED "KDC_ERR_CLIENT_NOT_TRUSTED" "the client's certificate is not trusted"
    63 KDC_NOT_TRUSTED "KDC_ERR_KDC_NOT_TRUSTED" "the KDC's certificate is not trusted"
    64 INVALID_SIG "KDC_ERR_INVALID_SIG" "the signature is not valid"
    65 DH_KEY_PARAMETERS_NOT_ACCEPTED "KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED" "the key agreement parameters are refused"
    66 CERTIFICATE_MISMATCH "KDC_ERR_CERTIFICATE_MISMATCH" "the certificate is not the account's"
    67 NO_TGT "KRB_AP_ERR_NO_TGT" "the peer has no ticket-granting ticket for user-to-user"
    68 WRONG_REALM "KDC_ERR_WRONG_REALM" "the KDC does not serve that realm"
    69 USER_TO_USER_REQUIRED "KRB_AP_ERR_USER_TO_USER_REQUIRED" "the server wants user-to-user"
    70 CANT_VERIFY_CERTIFICATE "KDC_ERR_CANT_VERIFY_CERTIFICATE" "the client's certificate cannot be verified"
    71 INVALID_CERTIFICATE "KDC_ERR_INVALID_CERTIFICATE" "the certificate is not valid"
    72 REVOKED_CERTIFICATE "KDC_ERR_REVOKED_CERTIFICATE" "the certificate is revoked"
    73 REVOCATION_STATUS_UNKNOWN "KDC_ERR_REVOCATION_STATUS_UNKNOWN" "whether the certificate is revoked is unknown"
    74 REVOCATION_STATUS_UNAVAILABLE "KDC_ERR_REVOCATION_STATUS_UNAVAILABLE" "the source of revocations cannot be reached"
    75 CLIENT_NAME_MISMATCH "KDC_ERR_CLIENT_NAME_MISMATCH" "the certificate belongs to another account or to none"
    76 KDC_NAME_MISMATCH "KDC_ERR_KDC_NAME_MISMATCH" "the KDC's certificate has another name"
    77 INCONSISTENT_KEY_PURPOSE "KDC_ERR_INCONSISTENT_KEY_PURPOSE" "the certificate is not meant for this use"
    78 DIGEST_IN_CERT_NOT_ACCEPTED "KDC_ERR_DIGEST_IN_CERT_NOT_ACCEPTED" "the certificate's hash is not allowed"
    79 PA_CHECKSUM_MUST_BE_INCLUDED "KDC_ERR_PA_CHECKSUM_MUST_BE_INCLUDED" "a checksum is missing"
    80 DIGEST_IN_SIGNED_DATA_NOT_ACCEPTED "KDC_ERR_DIGEST_IN_SIGNED_DATA_NOT_ACCEPTED" "the hash of the signed data is not allowed"
    81 PUBLIC_KEY_ENCRYPTION_NOT_SUPPORTED "KDC_ERR_PUBLIC_KEY_ENCRYPTION_NOT_SUPPORTED" "key transport is not allowed"
    85 IAKERB_KDC_NOT_FOUND "KRB_AP_ERR_IAKERB_KDC_NOT_FOUND" "the relay finds no KDC"
    86 IAKERB_KDC_NO_RESPONSE "KRB_AP_ERR_IAKERB_KDC_NO_RESPONSE" "the relay got no answer from a KDC"
    90 PREAUTH_EXPIRED "KDC_ERR_PREAUTH_EXPIRED" "the pre-authentication took too long and starts again"
    91 MORE_PREAUTH_DATA_REQUIRED "KDC_ERR_MORE_PREAUTH_DATA_REQUIRED" "the pre-authentication needs one more leg"
    92 PREAUTH_BAD_AUTHENTICATION_SET "KDC_ERR_PREAUTH_BAD_AUTHENTICATION_SET" "the set of pre-authentication cannot be used"
    93 UNKNOWN_CRITICAL_FAST_OPTIONS "KDC_ERR_UNKNOWN_CRITICAL_FAST_OPTIONS" "an option of the armor is not understood"
    100 NO_ACCEPTABLE_KDF "KDC_ERR_NO_ACCEPTABLE_KDF" "there is no key derivation in common"
}

table! { NtStatus(u32):
    0xc000_000d INVALID_PARAMETER "STATUS_INVALID_PARAMETER" "the request is malformed"
    0xc000_0016 MORE_PROCESSING_REQUIRED "STATUS_MORE_PROCESSING_REQUIRED" "no error: the sign-on has one more leg"
    0xc000_0022 ACCESS_DENIED "STATUS_ACCESS_DENIED" "access is refused"
    0xc000_005e NO_LOGON_SERVERS "STATUS_NO_LOGON_SERVERS" "no domain controller can be reached for the domain that decides"
    0xc000_0064 NO_SUCH_USER "STATUS_NO_SUCH_USER" "the account is not found"
    0xc000_006a WRONG_PASSWORD "STATUS_WRONG_PASSWORD" "the password does not fit"
    0xc000_006c PASSWORD_RESTRICTION "STATUS_PASSWORD_RESTRICTION" "the new password breaks the rules for passwords"
    0xc000_006d LOGON_FAILURE "STATUS_LOGON_FAILURE" "the logon is refused"
    0xc000_006e ACCOUNT_RESTRICTION "STATUS_ACCOUNT_RESTRICTION" "the account is restricted"
    0xc000_006f INVALID_LOGON_HOURS "STATUS_INVALID_LOGON_HOURS" "it is outside the account's logon hours"
    0xc000_0070 INVALID_WORKSTATION "STATUS_INVALID_WORKSTATION" "the account may not log on from this computer"
    0xc000_0071 PASSWORD_EXPIRED "STATUS_PASSWORD_EXPIRED" "the password has expired"
    0xc000_0072 ACCOUNT_DISABLED "STATUS_ACCOUNT_DISABLED" "the account is disabled"
    0xc000_00bb NOT_SUPPORTED "STATUS_NOT_SUPPORTED" "it is not supported"
    0xc000_00dc INVALID_SERVER_STATE "STATUS_INVALID_SERVER_STATE" "the server cannot answer in its present state"
    0xc000_00df NO_SUCH_DOMAIN "STATUS_NO_SUCH_DOMAIN" "the domain is unknown"
    0xc000_00e5 INTERNAL_ERROR "STATUS_INTERNAL_ERROR" "the KDC has a fault of its own"
    0xc000_0133 TIME_DIFFERENCE_AT_DC "STATUS_TIME_DIFFERENCE_AT_DC" "the clocks differ too much"
    0xc000_015b LOGON_TYPE_NOT_GRANTED "STATUS_LOGON_TYPE_NOT_GRANTED" "the right to log on this way is missing"
    0xc000_018a NO_TRUST_LSA_SECRET "STATUS_NO_TRUST_LSA_SECRET" "the computer has no secret for its trust"
    0xc000_018b NO_TRUST_SAM_ACCOUNT "STATUS_NO_TRUST_SAM_ACCOUNT" "the directory has no account or service name for the target"
    0xc000_018c TRUSTED_DOMAIN_FAILURE "STATUS_TRUSTED_DOMAIN_FAILURE" "the trust between the domains failed"
    0xc000_018d TRUSTED_RELATIONSHIP_FAILURE "STATUS_TRUSTED_RELATIONSHIP_FAILURE" "the trust between computer and domain is broken"
    0xc000_0190 TRUST_FAILURE "STATUS_TRUST_FAILURE" "a step of the trust failed"
    0xc000_0192 NETLOGON_NOT_STARTED "STATUS_NETLOGON_NOT_STARTED" "the Netlogon service does not run"
    0xc000_0193 ACCOUNT_EXPIRED "STATUS_ACCOUNT_EXPIRED" "the account has expired"
    0xc000_0198 NOLOGON_INTERDOMAIN_TRUST_ACCOUNT "STATUS_NOLOGON_INTERDOMAIN_TRUST_ACCOUNT" "the account is that of a trust between domains"
    0xc000_0199 NOLOGON_WORKSTATION_TRUST_ACCOUNT "STATUS_NOLOGON_WORKSTATION_TRUST_ACCOUNT" "the account is a computer's and not a user's"
    0xc000_019b DOMAIN_TRUST_INCONSISTENT "STATUS_DOMAIN_TRUST_INCONSISTENT" "the trust's name or identifier does not fit the domain"
    0xc000_0203 USER_SESSION_DELETED "STATUS_USER_SESSION_DELETED" "the session has ended"
    0xc000_0224 PASSWORD_MUST_CHANGE "STATUS_PASSWORD_MUST_CHANGE" "the password must be changed"
    0xc000_0225 NOT_FOUND "STATUS_NOT_FOUND" "an object is not found"
    0xc000_0234 ACCOUNT_LOCKED_OUT "STATUS_ACCOUNT_LOCKED_OUT" "the account is locked"
    0xc000_0272 NO_MATCH "STATUS_NO_MATCH" "nothing fits what was asked for"
    0xc000_02ee UNFINISHED_CONTEXT_DELETED "STATUS_UNFINISHED_CONTEXT_DELETED" "the sign-on was broken off"
    0xc000_02f2 WRONG_CREDENTIAL_HANDLE "STATUS_WRONG_CREDENTIAL_HANDLE" "the credentials belong to another sign-on"
    0xc000_02f4 MAX_REFERRALS_EXCEEDED "STATUS_MAX_REFERRALS_EXCEEDED" "there were too many referrals"
    0xc000_02f5 MUST_BE_KDC "STATUS_MUST_BE_KDC" "only a KDC may do this"
    0xc000_02f7 TOO_MANY_PRINCIPALS "STATUS_TOO_MANY_PRINCIPALS" "several accounts carry the name"
    0xc000_02f8 NO_PA_DATA "STATUS_NO_PA_DATA" "the pre-authentication is missing"
    0xc000_02f9 PKINIT_NAME_MISMATCH "STATUS_PKINIT_NAME_MISMATCH" "certificate and account have different names"
    0xc000_02fa SMARTCARD_LOGON_REQUIRED "STATUS_SMARTCARD_LOGON_REQUIRED" "the account may log on with a smart card only"
    0xc000_02fb KDC_INVALID_REQUEST "STATUS_KDC_INVALID_REQUEST" "the KDC finds the request not valid"
    0xc000_02fc KDC_UNABLE_TO_REFER "STATUS_KDC_UNABLE_TO_REFER" "the KDC knows no realm to refer to"
    0xc000_02fd KDC_UNKNOWN_ETYPE "STATUS_KDC_UNKNOWN_ETYPE" "there is no encryption type in common"
    0xc000_0320 PKINIT_FAILURE "STATUS_PKINIT_FAILURE" "the certificate logon failed"
    0xc000_035c NETWORK_SESSION_EXPIRED "STATUS_NETWORK_SESSION_EXPIRED" "the ticket behind the session has expired"
    0xc000_0371 NO_SECRETS "STATUS_NO_SECRETS" "the read-only domain controller does not hold the secret"
    0xc000_0380 SMARTCARD_WRONG_PIN "STATUS_SMARTCARD_WRONG_PIN" "the PIN of the smart card is wrong"
    0xc000_0388 DOWNGRADE_DETECTED "STATUS_DOWNGRADE_DETECTED" "a downgrade is suspected"
    0xc000_0408 USER2USER_REQUIRED "STATUS_USER2USER_REQUIRED" "the account can be reached by user-to-user only"
    0xc000_040a NO_S4U_PROT_SUPPORT "STATUS_NO_S4U_PROT_SUPPORT" "the KDC does not issue tickets on behalf of users"
    0xc000_040b CROSSREALM_DELEGATION_FAILURE "STATUS_CROSSREALM_DELEGATION_FAILURE" "delegation may not cross the border of the realm"
    0xc000_040e KDC_CERT_EXPIRED "STATUS_KDC_CERT_EXPIRED" "the KDC's certificate has expired"
    0xc000_040f KDC_CERT_REVOKED "STATUS_KDC_CERT_REVOKED" "the KDC's certificate is revoked"
    0xc000_0413 AUTHENTICATION_FIREWALL_FAILED "STATUS_AUTHENTICATION_FIREWALL_FAILED" "selective authentication or an authentication policy forbids it"
    0xc000_0418 NTLM_BLOCKED "STATUS_NTLM_BLOCKED" "NTLM is forbidden by policy"
    0xc000_041c INVALID_USER_PRINCIPAL_NAME "STATUS_INVALID_USER_PRINCIPAL_NAME" "the user principal name is not valid"
}

impl ErrorCode {
    /// Whether it says of a ticket that was shown that it does not open: with no key, or not with that version.
    pub const fn is_of_key(self) -> bool {
        matches!(self, Self::MODIFIED | Self::BAD_INTEGRITY | Self::BADKEYVER)
    }
}

impl fmt::Display for ErrorCode {
    /// `KDC_ERR_S_PRINCIPAL_UNKNOWN (7)`, `error 4711`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "error {}", self.0),
        }
    }
}

impl fmt::Display for NtStatus {
    /// `STATUS_ACCOUNT_DISABLED (0xC0000072)`, `0xC0004711`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} (0x{:08X})", self.0),
            None => write!(f, "0x{:08X}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tables_are_sorted_and_name_each_number_once() {
        assert!(
            ErrorCode::TABLE
                .windows(2)
                .all(|pair| pair[0].0 < pair[1].0)
        );
        assert!(NtStatus::TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn names_are_those_of_rfc_4120_and_unknown_numbers_stay_numbers() {
        assert_eq!(ErrorCode(7).to_string(), "KDC_ERR_S_PRINCIPAL_UNKNOWN (7)");
        assert_eq!(ErrorCode::MODIFIED.0, 41);
        assert_eq!(ErrorCode(4711).to_string(), "error 4711");
        assert_eq!(
            NtStatus(0xc000_0072).to_string(),
            "STATUS_ACCOUNT_DISABLED (0xC0000072)"
        );
    }
}
