//! `Authorization: Negotiate …` and `WWW-Authenticate: Negotiate …` (RFC 4559, RFC 9110): the scheme and what its token holds.

use crate::text::WireText;
use crate::wire::kerberos::message::KerberosMessage;
use crate::wire::ntlm::NtlmMessage;
use crate::wire::spnego::{NegState, Oid};

/// An authentication scheme's name as it was written: `Negotiate`, `NTLM`, `Kerberos`, `Basic`, ….
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Scheme(pub WireText);

/// A credential or a challenge with a token.
#[derive(Clone, PartialEq, Debug)]
pub struct AuthToken {
    /// The scheme before the token.
    pub scheme: Scheme,
    /// How the token is wrapped.
    pub form: TokenForm,
    /// Length of the decoded token in bytes.
    pub bytes: usize,
    /// Mechanisms: all that are offered (NegTokenInit), or the one chosen (NegTokenResp).
    pub mechs: Vec<Oid>,
    /// The state of a NegTokenResp.
    pub neg_state: Option<NegState>,
    /// The Kerberos message inside.
    pub kerberos: Option<KerberosMessage>,
    /// The NTLM message inside.
    pub ntlm: Option<NtlmMessage>,
}

/// How a token is wrapped.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TokenForm {
    /// SPNEGO NegTokenInit (RFC 4178 section 4.2.1).
    SpnegoInit,
    /// SPNEGO NegTokenResp (RFC 4178 section 4.2.2).
    SpnegoResp,
    /// Kerberos in its GSS wrapper without SPNEGO (RFC 4121 section 4.1).
    RawKerberos,
    /// NTLMSSP without SPNEGO.
    Ntlmssp,
    /// None of these, or cut.
    Unknown,
}
