//! How an attempt ended, and what is known of the approval.
//!
//! Never says why: that is what findings are for.

/// How an attempt ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    /// The request with an AP-REQ got a 2xx.
    KerberosAccepted,
    /// The request with an NTLM response got a 2xx.
    NtlmAccepted,
    /// A 2xx with no proof asked.
    AnonymousAccepted,
    /// A request with a proof that is none of Windows, such as Basic, got a 2xx. Where outcomes are named it is
    /// `anonymous-accepted`: as far as Windows knows, nobody was asked.
    OtherAccepted,
    /// A token was shown and refused.
    Rejected,
    /// The client asked for a ticket, a KDC or a KDC's name, got none, and showed no token that was judged.
    NoTicket,
    /// The client was challenged and stayed silent: no ticket request, no token.
    NoToken,
    /// An answer that is not about proof: 400, 404, 405, 407, 5xx.
    ServerError,
    /// The name did not resolve, or there was no TCP connection to the server.
    Unreachable,
    /// Reset, closed or abandoned before a verdict.
    Interrupted,
    /// TLS: the HTTP part cannot be seen.
    Encrypted,
    /// The capture ends, or was cut, before the outcome.
    CutShort,
}

impl Outcome {
    /// Whether the client was let in, with whatever proof.
    pub const fn is_accepted(self) -> bool {
        matches!(
            self,
            Self::KerberosAccepted
                | Self::NtlmAccepted
                | Self::AnonymousAccepted
                | Self::OtherAccepted
        )
    }

    /// `kerberos-accepted`, `no-ticket`, ….
    pub const fn name(self) -> &'static str {
        match self {
            Self::KerberosAccepted => "kerberos-accepted",
            Self::NtlmAccepted => "ntlm-accepted",
            Self::AnonymousAccepted | Self::OtherAccepted => "anonymous-accepted",
            Self::Rejected => "rejected",
            Self::NoTicket => "no-ticket",
            Self::NoToken => "no-token",
            Self::ServerError => "server-error",
            Self::Unreachable => "unreachable",
            Self::Interrupted => "interrupted",
            Self::Encrypted => "encrypted",
            Self::CutShort => "cut-short",
        }
    }

    /// What a title says: `accepted with Kerberos`, `no ticket`, ….
    pub const fn title(self) -> &'static str {
        match self {
            Self::KerberosAccepted => "accepted with Kerberos",
            Self::NtlmAccepted => "accepted with NTLM",
            Self::AnonymousAccepted => "accepted without proof",
            Self::OtherAccepted => "accepted with another proof",
            Self::Rejected => "rejected",
            Self::NoTicket => "no ticket",
            Self::NoToken => "no proof sent",
            Self::ServerError => "server error",
            Self::Unreachable => "server not reached",
            Self::Interrupted => "interrupted",
            Self::Encrypted => "encrypted",
            Self::CutShort => "outcome not in the capture",
        }
    }
}

/// What is known of the site's decision. A 200 proves authentication, never approval.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ApprovalState {
    /// The site approved the client.
    Approved,
    /// The site did not approve it.
    NotApproved,
    /// The site has not decided.
    Pending,
    /// The service is not a management point.
    NotApplicable,
    /// Nothing in the evidence says.
    Unknown,
}

impl ApprovalState {
    /// What a status of approval means: -1 unknown, 0 not approved yet, 1 approved, 2 not applicable, 3 by an identity of the cloud.
    pub const fn of_status(status: i64) -> Option<Self> {
        Some(match status {
            0 => Self::Pending,
            1 => Self::Approved,
            2 | 3 => Self::NotApplicable,
            _ => return None,
        })
    }

    /// What `@ApprovalMethod` and `@IsIntegratedAuth` of a call that stores a registration mean, and in words. Of the pair only
    /// (1,1) and (0,0) are known.
    pub const fn of_call(pair: (i64, i64)) -> (Self, &'static str) {
        match pair {
            (1, 1) => (Self::Approved, "proven by Windows, and approved"),
            (0, 0) => (Self::NotApproved, "not proven by Windows, and not approved"),
            _ => (Self::Unknown, "what this pair means is not documented"),
        }
    }

    /// `approved`, `not-approved`, `pending`, `not-applicable`, `unknown`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::NotApproved => "not-approved",
            Self::Pending => "pending",
            Self::NotApplicable => "not-applicable",
            Self::Unknown => "unknown",
        }
    }
}
