//! Errors of Win32 and WinHTTP (MS-ERREF 2.2), as IIS logs and client logs write them.
//!
//! Never says what a value means for a sign-on: only its name and its plain sense.

/// Value, name and meaning; ascending.
pub const WIN32: &[(u32, &str, &str)] = &[
    (0, "ERROR_SUCCESS", "no error"),
    (2, "ERROR_FILE_NOT_FOUND", "a file or handler is missing"),
    (
        5,
        "ERROR_ACCESS_DENIED",
        "access is denied, by a file's rights or by the providers that are set up",
    ),
    (50, "ERROR_NOT_SUPPORTED", "it is not supported"),
    (53, "ERROR_BAD_NETPATH", "there is no way to that machine"),
    (
        64,
        "ERROR_NETNAME_DELETED",
        "the peer was gone before the answer was sent: reset, time-out, or the client gave up",
    ),
    (87, "ERROR_INVALID_PARAMETER", "a parameter makes no sense"),
    (
        121,
        "ERROR_SEM_TIMEOUT",
        "sending took too long: the way or the receiver stalls",
    ),
    (
        995,
        "ERROR_OPERATION_ABORTED",
        "the connection was closed in the middle of a request",
    ),
    (1_117, "ERROR_IO_DEVICE", "a device failed"),
    (
        1_231,
        "ERROR_NETWORK_UNREACHABLE",
        "the network cannot be reached",
    ),
    (
        1_236,
        "ERROR_CONNECTION_ABORTED",
        "the connection was aborted at this side",
    ),
    (
        1_311,
        "ERROR_NO_LOGON_SERVERS",
        "no domain controller is there to decide",
    ),
    (1_314, "ERROR_PRIVILEGE_NOT_HELD", "a privilege is missing"),
    (
        1_326,
        "ERROR_LOGON_FAILURE",
        "account or password do not fit, or a ticket could not be used",
    ),
    (
        1_327,
        "ERROR_ACCOUNT_RESTRICTION",
        "the account is restricted",
    ),
    (
        1_328,
        "ERROR_INVALID_LOGON_HOURS",
        "it is outside the account's hours",
    ),
    (
        1_329,
        "ERROR_INVALID_WORKSTATION",
        "the account may not sign on from this computer",
    ),
    (1_330, "ERROR_PASSWORD_EXPIRED", "the password has expired"),
    (1_331, "ERROR_ACCOUNT_DISABLED", "the account is disabled"),
    (
        1_355,
        "ERROR_NO_SUCH_DOMAIN",
        "there is no such domain, or none of its domain controllers was reached",
    ),
    (
        1_385,
        "ERROR_LOGON_TYPE_NOT_GRANTED",
        "the right to sign on over the network is missing",
    ),
    (
        1_396,
        "ERROR_WRONG_TARGET_NAME",
        "the account behind the name is not the one that answers: the key of another account",
    ),
    (
        1_397,
        "ERROR_MUTUAL_AUTH_FAILED",
        "the server could not prove itself; clocks that differ are a common reason",
    ),
    (
        1_398,
        "ERROR_TIME_SKEW",
        "the clocks of client and server differ",
    ),
    (
        1_722,
        "RPC_S_SERVER_UNAVAILABLE",
        "the RPC server cannot be reached",
    ),
    (
        1_786,
        "ERROR_NO_TRUST_LSA_SECRET",
        "the computer has no secret for its trust",
    ),
    (
        1_787,
        "ERROR_NO_TRUST_SAM_ACCOUNT",
        "the domain has no account for this computer",
    ),
    (
        1_788,
        "ERROR_TRUSTED_DOMAIN_FAILURE",
        "the trust between the domains failed",
    ),
    (
        1_789,
        "ERROR_TRUSTED_RELATIONSHIP_FAILURE",
        "the trust between the computer and its domain failed",
    ),
    (1_790, "ERROR_TRUST_FAILURE", "a step of the trust failed"),
    (
        1_792,
        "ERROR_NETLOGON_NOT_STARTED",
        "the Netlogon service does not run",
    ),
    (
        1_907,
        "ERROR_PASSWORD_MUST_CHANGE",
        "the password must be changed first",
    ),
    (
        1_908,
        "ERROR_DOMAIN_CONTROLLER_NOT_FOUND",
        "no domain controller was found",
    ),
    (1_909, "ERROR_ACCOUNT_LOCKED_OUT", "the account is locked"),
    (12_002, "ERROR_WINHTTP_TIMEOUT", "no answer came in time"),
    (
        12_005,
        "ERROR_WINHTTP_INVALID_URL",
        "the address makes no sense",
    ),
    (
        12_007,
        "ERROR_WINHTTP_NAME_NOT_RESOLVED",
        "the server's name was not found",
    ),
    (
        12_015,
        "ERROR_WINHTTP_LOGIN_FAILURE",
        "the server refused the sign-on",
    ),
    (
        12_017,
        "ERROR_WINHTTP_OPERATION_CANCELLED",
        "the request was cancelled, often because it took too long",
    ),
    (
        12_029,
        "ERROR_WINHTTP_CANNOT_CONNECT",
        "there was no TCP connection to the server",
    ),
    (
        12_030,
        "ERROR_WINHTTP_CONNECTION_ERROR",
        "the connection was reset or closed",
    ),
    (
        12_032,
        "ERROR_WINHTTP_RESEND_REQUEST",
        "no failure: the request is to be sent again, for the next leg of a sign-on",
    ),
    (
        12_044,
        "ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED",
        "the server wants a certificate of the client",
    ),
    (
        12_152,
        "ERROR_WINHTTP_INVALID_SERVER_RESPONSE",
        "the answer is no HTTP",
    ),
    (
        12_175,
        "ERROR_WINHTTP_SECURE_FAILURE",
        "TLS failed: a certificate did not pass",
    ),
];
