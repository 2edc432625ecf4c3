//! SPNEGO (RFC 4178) and the GSS-API wrapper around the first token (RFC 2743 section 3.1).

/// An object identifier in dotted form.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Oid(pub String);

impl Oid {
    /// SPNEGO itself.
    pub const SPNEGO: &'static str = "1.3.6.1.5.5.2";
    /// Kerberos 5.
    pub const KRB5: &'static str = "1.2.840.113554.1.2.2";
    /// Kerberos 5 as Windows also writes it.
    pub const MS_KRB5: &'static str = "1.2.840.48018.1.2.2";
    /// NTLMSSP.
    pub const NTLMSSP: &'static str = "1.3.6.1.4.1.311.2.2.10";
    /// NegoEx.
    pub const NEGOEX: &'static str = "1.3.6.1.4.1.311.2.2.30";

    /// Whether it names Kerberos in either spelling.
    pub fn is_kerberos(&self) -> bool {
        self.0 == Self::KRB5 || self.0 == Self::MS_KRB5
    }
}

/// The state of a negotiation (RFC 4178 section 4.2.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum NegState {
    /// 0
    AcceptCompleted,
    /// 1
    AcceptIncomplete,
    /// 2
    Reject,
    /// 3
    RequestMic,
    /// A number of no standard.
    Unknown(u8),
}
