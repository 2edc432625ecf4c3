//! NTLMSSP messages (MS-NLMP 2.2): names and facts, never responses or keys.

use crate::text::WireText;

/// An NTLM message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NtlmMessage {
    /// Type 1, NEGOTIATE.
    Negotiate(NtlmNegotiate),
    /// Type 2, CHALLENGE.
    Challenge(NtlmChallenge),
    /// Type 3, AUTHENTICATE.
    Authenticate(NtlmAuthenticate),
}

/// Type 1 (MS-NLMP 2.2.1.1).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NtlmNegotiate {
    /// NegotiateFlags.
    pub flags: u32,
    /// The client's domain, where it says one.
    pub domain: Option<WireText>,
    /// The client's name, where it says one.
    pub workstation: Option<WireText>,
}

/// Type 2 (MS-NLMP 2.2.1.2). The challenge itself is not kept.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NtlmChallenge {
    /// NegotiateFlags.
    pub flags: u32,
    /// TargetName: the server's domain or name.
    pub target: Option<WireText>,
    /// The names in TargetInfo.
    pub av: AvPairs,
}

/// Type 3 (MS-NLMP 2.2.1.3). Responses and keys are not kept.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NtlmAuthenticate {
    /// NegotiateFlags.
    pub flags: u32,
    /// The account's domain.
    pub domain: Option<WireText>,
    /// The account; empty for anonymous.
    pub user: Option<WireText>,
    /// The client's name.
    pub workstation: Option<WireText>,
    /// The pairs in the NTLMv2 response, where there is one.
    pub av: AvPairs,
}

/// AV_PAIRs (MS-NLMP 2.2.2.1) that name machines and clocks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AvPairs {
    /// 1: the server's NetBIOS name.
    pub netbios_computer: Option<WireText>,
    /// 2: the NetBIOS name of its domain.
    pub netbios_domain: Option<WireText>,
    /// 3: the server's DNS name.
    pub dns_computer: Option<WireText>,
    /// 4: the DNS name of its domain.
    pub dns_domain: Option<WireText>,
    /// 5: the DNS name of its forest.
    pub dns_tree: Option<WireText>,
    /// 7: the server's clock, a FILETIME (100 ns since 1601).
    pub timestamp: Option<u64>,
    /// 9: the service that the client meant.
    pub target_name: Option<WireText>,
}
