//! HRESULTs of SSPI and of the Configuration Manager client (MS-ERREF 2.1).
//!
//! Never says what a value means for a sign-on: only its name and its plain sense.

/// Value, name and meaning; ascending.
pub const SSPI: &[(u32, &str, &str)] = &[
    (
        0x0009_0312,
        "SEC_I_CONTINUE_NEEDED",
        "no error: the sign-on has one more leg",
    ),
    (
        0x0009_0314,
        "SEC_I_COMPLETE_AND_CONTINUE",
        "no error: the token is to be completed, then comes one more leg",
    ),
    (0x8007_0005, "E_ACCESSDENIED", "access is denied"),
    (
        0x8009_0016,
        "NTE_BAD_KEYSET",
        "the private key is missing or cannot be read",
    ),
    (
        0x8009_0300,
        "SEC_E_INSUFFICIENT_MEMORY",
        "no room for a token: often a ticket larger than MaxTokenSize",
    ),
    (
        0x8009_0301,
        "SEC_E_INVALID_HANDLE",
        "the sign-on that this leg belongs to is not known any more: it went on over another connection, or the process was restarted",
    ),
    (
        0x8009_0302,
        "SEC_E_UNSUPPORTED_FUNCTION",
        "one side lacks a function that the other one wants",
    ),
    (
        0x8009_0303,
        "SEC_E_TARGET_UNKNOWN",
        "no ticket is to be had for the name: the client's word for KDC_ERR_S_PRINCIPAL_UNKNOWN, or a realm is out of reach",
    ),
    (
        0x8009_0304,
        "SEC_E_INTERNAL_ERROR",
        "the local security authority failed",
    ),
    (
        0x8009_0305,
        "SEC_E_SECPKG_NOT_FOUND",
        "the token is of a package that this machine does not have",
    ),
    (
        0x8009_0306,
        "SEC_E_NOT_OWNER",
        "the credentials belong to somebody else",
    ),
    (
        0x8009_0307,
        "SEC_E_CANNOT_INSTALL",
        "a security package could not be started",
    ),
    (
        0x8009_0308,
        "SEC_E_INVALID_TOKEN",
        "the bytes are no token that the package understands: cut, mangled by a proxy, or of another mechanism",
    ),
    (
        0x8009_0309,
        "SEC_E_CANNOT_PACK",
        "the credentials could not be packed",
    ),
    (
        0x8009_030a,
        "SEC_E_QOP_NOT_SUPPORTED",
        "the package does not offer this protection of messages",
    ),
    (
        0x8009_030b,
        "SEC_E_NO_IMPERSONATION",
        "the server may not act as the client",
    ),
    (
        0x8009_030c,
        "SEC_E_LOGON_DENIED",
        "the proof was understood and refused: an NTLM answer that does not fit, a ticket that does not open, a right that is missing, an account that is closed",
    ),
    (
        0x8009_030d,
        "SEC_E_UNKNOWN_CREDENTIALS",
        "the package does not know the credentials",
    ),
    (
        0x8009_030e,
        "SEC_E_NO_CREDENTIALS",
        "there is nothing to sign on with: in an IIS log the first request without proof, which is normal; on a client no usable ticket",
    ),
    (
        0x8009_030f,
        "SEC_E_MESSAGE_ALTERED",
        "a seal or signature does not fit: the Windows word for KRB_AP_ERR_MODIFIED",
    ),
    (
        0x8009_0310,
        "SEC_E_OUT_OF_SEQUENCE",
        "a token came out of order",
    ),
    (
        0x8009_0311,
        "SEC_E_NO_AUTHENTICATING_AUTHORITY",
        "no domain controller answered for the realm",
    ),
    (
        0x8009_0316,
        "SEC_E_BAD_PKGID",
        "there is no such security package",
    ),
    (
        0x8009_0317,
        "SEC_E_CONTEXT_EXPIRED",
        "the sign-on, or the ticket behind it, has run out",
    ),
    (
        0x8009_0318,
        "SEC_E_INCOMPLETE_MESSAGE",
        "more bytes of the token are needed",
    ),
    (
        0x8009_0320,
        "SEC_E_INCOMPLETE_CREDENTIALS",
        "something is missing from the credentials, a client certificate for instance",
    ),
    (
        0x8009_0321,
        "SEC_E_BUFFER_TOO_SMALL",
        "the answer does not fit into the buffer",
    ),
    (
        0x8009_0322,
        "SEC_E_WRONG_PRINCIPAL",
        "the peer is not the one that was asked for: the key of another account, another machine behind the address, or another name in a certificate",
    ),
    (
        0x8009_0324,
        "SEC_E_TIME_SKEW",
        "the clocks of client and server differ by more than is allowed",
    ),
    (
        0x8009_0325,
        "SEC_E_UNTRUSTED_ROOT",
        "the chain of a certificate ends in a root that is not trusted",
    ),
    (
        0x8009_0326,
        "SEC_E_ILLEGAL_MESSAGE",
        "a TLS message is malformed or not expected",
    ),
    (
        0x8009_0327,
        "SEC_E_CERT_UNKNOWN",
        "a certificate could not be processed",
    ),
    (
        0x8009_0328,
        "SEC_E_CERT_EXPIRED",
        "a certificate is outside its period",
    ),
    (0x8009_0329, "SEC_E_ENCRYPT_FAILURE", "encrypting failed"),
    (0x8009_0330, "SEC_E_DECRYPT_FAILURE", "decrypting failed"),
    (
        0x8009_0331,
        "SEC_E_ALGORITHM_MISMATCH",
        "there is no algorithm in common",
    ),
    (
        0x8009_0332,
        "SEC_E_SECURITY_QOS_FAILED",
        "what was asked of the sign-on, such as mutual proof or delegation, was not met",
    ),
    (
        0x8009_0333,
        "SEC_E_UNFINISHED_CONTEXT_DELETED",
        "the sign-on was broken off before its end",
    ),
    (
        0x8009_0334,
        "SEC_E_NO_TGT_REPLY",
        "user-to-user needs the peer's ticket, which did not come",
    ),
    (
        0x8009_0335,
        "SEC_E_NO_IP_ADDRESSES",
        "the machine has no address to name in a request",
    ),
    (
        0x8009_0336,
        "SEC_E_WRONG_CREDENTIAL_HANDLE",
        "the credentials belong to another sign-on",
    ),
    (
        0x8009_0337,
        "SEC_E_CRYPTO_SYSTEM_INVALID",
        "the machine's cryptography cannot be used",
    ),
    (
        0x8009_0338,
        "SEC_E_MAX_REFERRALS_EXCEEDED",
        "there were more referrals than are followed, or they go in circles",
    ),
    (0x8009_0339, "SEC_E_MUST_BE_KDC", "only a KDC may do this"),
    (
        0x8009_033a,
        "SEC_E_STRONG_CRYPTO_NOT_SUPPORTED",
        "the strength that is wanted is not there",
    ),
    (
        0x8009_033b,
        "SEC_E_TOO_MANY_PRINCIPALS",
        "the KDC finds several accounts with the name",
    ),
    (
        0x8009_033c,
        "SEC_E_NO_PA_DATA",
        "the KDC wants proof of a kind that the client cannot give",
    ),
    (
        0x8009_033d,
        "SEC_E_PKINIT_NAME_MISMATCH",
        "certificate and account have different names",
    ),
    (
        0x8009_033e,
        "SEC_E_SMARTCARD_LOGON_REQUIRED",
        "the account takes a smart card only",
    ),
    (
        0x8009_033f,
        "SEC_E_SHUTDOWN_IN_PROGRESS",
        "the machine is shutting down",
    ),
    (
        0x8009_0340,
        "SEC_E_KDC_INVALID_REQUEST",
        "the KDC finds no sense in the request",
    ),
    (
        0x8009_0341,
        "SEC_E_KDC_UNABLE_TO_REFER",
        "the KDC knows no way to the next realm",
    ),
    (
        0x8009_0342,
        "SEC_E_KDC_UNKNOWN_ETYPE",
        "client and KDC have no encryption type in common: the Windows word for KDC_ERR_ETYPE_NOSUPP",
    ),
    (
        0x8009_0343,
        "SEC_E_UNSUPPORTED_PREAUTH",
        "the kind of pre-authentication is not understood",
    ),
    (
        0x8009_0345,
        "SEC_E_DELEGATION_REQUIRED",
        "delegation is needed and not granted",
    ),
    (
        0x8009_0346,
        "SEC_E_BAD_BINDINGS",
        "the channel binding does not fit: TLS ends at another machine, or the client sent none",
    ),
    (
        0x8009_0347,
        "SEC_E_MULTIPLE_ACCOUNTS",
        "a certificate leads to several accounts",
    ),
    (
        0x8009_0348,
        "SEC_E_NO_KERB_KEY",
        "the server has no Kerberos key for its identity",
    ),
    (
        0x8009_0349,
        "SEC_E_CERT_WRONG_USAGE",
        "a certificate is not meant for this use",
    ),
    (
        0x8009_0350,
        "SEC_E_DOWNGRADE_DETECTED",
        "Kerberos was expected and no KDC could be reached; the client refused to fall back to NTLM",
    ),
    (
        0x8009_0351,
        "SEC_E_SMARTCARD_CERT_REVOKED",
        "the certificate for the sign-on is revoked",
    ),
    (
        0x8009_0352,
        "SEC_E_ISSUING_CA_UNTRUSTED",
        "the issuer of the certificate is not trusted for signing on",
    ),
    (
        0x8009_0353,
        "SEC_E_REVOCATION_OFFLINE_C",
        "the client could not learn whether a certificate is revoked",
    ),
    (
        0x8009_0354,
        "SEC_E_PKINIT_CLIENT_FAILURE",
        "signing on by certificate failed at the client",
    ),
    (
        0x8009_0355,
        "SEC_E_SMARTCARD_CERT_EXPIRED",
        "the certificate for the sign-on has expired",
    ),
    (
        0x8009_0356,
        "SEC_E_NO_S4U_PROT_SUPPORT",
        "the KDC issues no tickets on behalf of users",
    ),
    (
        0x8009_0357,
        "SEC_E_CROSSREALM_DELEGATION_FAILURE",
        "delegation may not cross this border of realms",
    ),
    (
        0x8009_0358,
        "SEC_E_REVOCATION_OFFLINE_KDC",
        "whether the KDC's certificate is revoked could not be learned",
    ),
    (
        0x8009_0359,
        "SEC_E_ISSUING_CA_UNTRUSTED_KDC",
        "the issuer of the KDC's certificate is not trusted",
    ),
    (
        0x8009_035a,
        "SEC_E_KDC_CERT_EXPIRED",
        "the KDC's certificate has expired",
    ),
    (
        0x8009_035b,
        "SEC_E_KDC_CERT_REVOKED",
        "the KDC's certificate is revoked",
    ),
    (
        0x8009_035d,
        "SEC_E_INVALID_PARAMETER",
        "a program passed something that makes no sense",
    ),
    (
        0x8009_035e,
        "SEC_E_DELEGATION_POLICY",
        "a policy of the client forbids delegation to this server",
    ),
    (
        0x8009_035f,
        "SEC_E_POLICY_NLTM_ONLY",
        "a policy forbids delegation where only NTLM was used",
    ),
];

/// The same of the Configuration Manager client.
pub const CONFIGMGR: &[(u32, &str, &str)] = &[
    (
        0x87d0_0230,
        "Configuration Manager client",
        "the Configuration Manager client could not sign on with the credentials it was given",
    ),
    (
        0x87d0_0231,
        "Configuration Manager client",
        "the Configuration Manager client will try a message again: a symptom, no cause",
    ),
    (
        0x87d0_0232,
        "Configuration Manager client",
        "a message of the Configuration Manager client was not signed",
    ),
];
