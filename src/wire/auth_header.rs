//! `Authorization: Negotiate …` and `WWW-Authenticate: Negotiate …` (RFC 4559, RFC 9110): the scheme and what its token holds.
//!
//! Never keeps a token's bytes, nor a credential of `Basic`.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::text::WireText;
use crate::wire::kerberos;
use crate::wire::kerberos::message::{ApReq, KerberosMessage, KrbError};
use crate::wire::ntlm::{self, NtlmMessage};
use crate::wire::spnego::{self, NegState, Oid};

/// Tokens that were cut, or that lack their padding, are decoded as far as they go.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// How a token begins in base64, what it is, and what to make of it.
pub const BEGINNINGS: &[(&str, &str, &str)] = &[
    (
        "YF4GCSqGSIb3EgECAgMAfk8w",
        "Kerberos error in a token",
        "a KRB-ERROR in its GSS wrapper: `decode` tells it",
    ),
    (
        "oRUwE6ADCgEDoQwGCisGAQQBgjcCAgo=",
        "NegTokenResp that chooses NTLM",
        "the server steers to NTLM and sends no token",
    ),
    ("TlRMTVNTUAAB", "NTLM type 1", "the client offers NTLM"),
    ("TlRMTVNTUAAC", "NTLM type 2", "the server's challenge"),
    ("TlRMTVNTUAAD", "NTLM type 3", "the client's proof"),
    (
        "YI",
        "GSS wrapper",
        "SPNEGO or Kerberos follows: `decode` tells the whole token",
    ),
    (
        "YF",
        "GSS wrapper",
        "SPNEGO or Kerberos follows: `decode` tells the whole token",
    ),
    (
        "oY",
        "NegTokenResp",
        "a further leg of SPNEGO: `decode` tells the whole token",
    ),
    (
        "oR",
        "NegTokenResp",
        "a further leg of SPNEGO, a short one: `decode` tells the whole token",
    ),
    (
        "oX",
        "NegTokenResp",
        "a further leg of SPNEGO, a short one: `decode` tells the whole token",
    ),
];

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

/// A challenge of `WWW-Authenticate` or `Proxy-Authenticate`.
#[derive(Clone, PartialEq, Debug)]
pub struct Challenge {
    /// The scheme.
    pub scheme: Scheme,
    /// Its token, if it has one.
    pub token: Option<AuthToken>,
}

impl Scheme {
    /// Whether it is `Negotiate` (RFC 4559).
    pub fn is_negotiate(&self) -> bool {
        self.0.same_name("Negotiate")
    }

    /// Whether it is `NTLM` (MS-NTHT).
    pub fn is_ntlm(&self) -> bool {
        self.0.same_name("NTLM")
    }

    /// Whether it is `Kerberos`, as Windows remote management uses it.
    pub fn is_kerberos(&self) -> bool {
        self.0.same_name("Kerberos")
    }

    /// Whether its tokens prove a Windows account.
    pub fn is_windows(&self) -> bool {
        self.is_negotiate() || self.is_ntlm() || self.is_kerberos()
    }
}

impl TokenForm {
    /// `spnego-init`, `spnego-resp`, `raw-kerberos`, `ntlmssp`, `unknown`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SpnegoInit => "spnego-init",
            Self::SpnegoResp => "spnego-resp",
            Self::RawKerberos => "raw-kerberos",
            Self::Ntlmssp => "ntlmssp",
            Self::Unknown => "unknown",
        }
    }
}

impl AuthToken {
    /// The AP-REQ inside.
    pub const fn ap_req(&self) -> Option<&ApReq> {
        match &self.kerberos {
            Some(KerberosMessage::ApReq(request)) => Some(request),
            _ => None,
        }
    }

    /// The KRB-ERROR inside.
    pub const fn krb_error(&self) -> Option<&KrbError> {
        match &self.kerberos {
            Some(KerberosMessage::Error(error)) => Some(error),
            _ => None,
        }
    }

    /// The type of the NTLM message inside: 1, 2 or 3.
    pub fn ntlm_type(&self) -> Option<u8> {
        self.ntlm.as_ref().map(NtlmMessage::number)
    }
}

/// Reads the value of `Authorization`.
pub fn credential(value: &[u8]) -> AuthToken {
    let (scheme, rest) = first_word(value.trim_ascii());
    let scheme = Scheme(WireText::from_bytes(scheme));
    if scheme.is_windows() {
        token(scheme, &decode_base64(rest))
    } else {
        token(scheme, b"")
    }
}

/// Reads one value of `WWW-Authenticate`, which may hold several challenges (RFC 9110 section 11.6.1).
pub fn challenges(value: &[u8]) -> Vec<Challenge> {
    elements(value).filter_map(challenge).collect()
}

/// The elements of a list: what stands between commas, where these are not inside a quoted string.
fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let parts = value.split(move |&byte| {
        is_quoted ^= byte == b'"' && !is_escaped;
        is_escaped = is_quoted && byte == b'\\' && !is_escaped;
        byte == b',' && !is_quoted
    });
    parts.map(<[u8]>::trim_ascii)
}

/// An element: a scheme with or without something behind it, or one more parameter of the scheme before, which is of no
/// interest here.
fn challenge(element: &[u8]) -> Option<Challenge> {
    let (name, rest) = first_word(element);
    let is_parameter = name.contains(&b'=') || rest.starts_with(b"=");
    if name.is_empty() || is_parameter || name.contains(&b'"') {
        return None;
    }
    let scheme = Scheme(WireText::from_bytes(name));
    let has_token = scheme.is_windows() && is_token68(rest);
    let token = has_token.then(|| token(scheme.clone(), &decode_base64(rest)));
    Some(Challenge { scheme, token })
}

/// The first word and what follows it.
fn first_word(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(u8::is_ascii_whitespace);
    let (word, rest) = text
        .split_at_checked(end.unwrap_or(text.len()))
        .unwrap_or((text, b""));
    (word, rest.trim_ascii())
}

/// Whether it is a token and not a parameter: `=` stands at its end only (RFC 9110 section 11.2).
fn is_token68(text: &[u8]) -> bool {
    let end = text.iter().position(|&byte| byte == b'=');
    let (token, padding) = text
        .split_at_checked(end.unwrap_or(text.len()))
        .unwrap_or((text, b""));
    let is_filling = |byte: &u8| *byte == b'=' || byte.is_ascii_whitespace();
    !token.is_empty() && padding.iter().all(is_filling)
}

/// Decodes as far as there are characters of the alphabet; white space among them, which folding leaves, does not count.
fn decode_base64(text: &[u8]) -> Vec<u8> {
    let clean: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
        .collect();
    // One character alone holds no whole byte.
    let whole = clean.len() - usize::from(clean.len() % 4 == 1);
    LENIENT
        .decode(clean.get(..whole).unwrap_or_default())
        .unwrap_or_default()
}

/// Reads a token that is decoded already.
pub fn token(scheme: Scheme, bytes: &[u8]) -> AuthToken {
    let mut read = AuthToken {
        scheme,
        form: TokenForm::Unknown,
        bytes: bytes.len(),
        mechs: Vec::new(),
        neg_state: None,
        kerberos: None,
        ntlm: None,
    };
    match spnego::gss_wrapper(bytes) {
        Some((mech, inner)) if mech.0 == Oid::SPNEGO => read.add_leg(inner),
        Some((mech, _)) if mech.is_kerberos() => read.add_mechanism(bytes, TokenForm::RawKerberos),
        Some(_) => {}
        None if bytes.starts_with(ntlm::SIGNATURE) => read.add_mechanism(bytes, TokenForm::Ntlmssp),
        None if kerberos::outline(bytes).is_some() => {
            read.add_mechanism(bytes, TokenForm::RawKerberos);
        }
        None => read.add_leg(bytes),
    }
    read
}

impl AuthToken {
    fn add_leg(&mut self, bytes: &[u8]) {
        let Some(leg) = spnego::leg(bytes) else {
            return;
        };
        let form = if leg.is_init {
            TokenForm::SpnegoInit
        } else {
            TokenForm::SpnegoResp
        };
        self.mechs = leg.mechs;
        self.neg_state = leg.state;
        self.add_mechanism(leg.token.unwrap_or_default(), form);
    }

    /// Adds the mechanism's own token: NTLMSSP, or Kerberos with its GSS wrapper and two bytes of token id, or without.
    fn add_mechanism(&mut self, bytes: &[u8], form: TokenForm) {
        self.form = form;
        self.ntlm = ntlm::decode(bytes).ok();
        let wrapped = spnego::gss_wrapper(bytes)
            .filter(|(mech, _)| mech.is_kerberos())
            .and_then(|(_, inner)| inner.get(2..));
        self.kerberos = kerberos::decode(wrapped.unwrap_or(bytes)).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::kerberos::error_code::ErrorCode;

    /// A 401 token of an acceptor whose clock says 2009-05-20 19:35:13.25, made to the standard.
    const RAW: &[u8] = b"Negotiate YGgGCSqGSIb3EgECAgMAflkwV6ADAgEFoQMCAR6kERgPMjAwOTA1MjAxOTM1MTNapQUCAwPQkKYDAgEpqRAbDkEyMDAzLlZNLkxPQ0FMqhowGKADAgEBoREwDxsNc21zNC0xMjAtNTJzJA==";

    #[test]
    fn an_error_in_a_raw_kerberos_token_is_found() {
        let token = credential(RAW);
        let error = token.krb_error().unwrap();
        assert_eq!(token.form, TokenForm::RawKerberos);
        assert_eq!(error.code, ErrorCode::MODIFIED);
        assert_eq!(error.sname.as_ref().unwrap().to_string(), "sms4-120-52s$");
        assert_eq!(error.stime.unwrap().nanos, 1_242_848_113_250_000_000);
    }

    #[test]
    fn the_same_error_inside_a_rejected_negotiation_is_found() {
        let value = b"Negotiate oYGDMIGAoAMKAQKhCwYJKoZIgvcSAQIComwEamBoBgkqhkiG9xIBAgIDAH5ZMFegAwIBBaEDAgEepBEYDzIwMDkwNTIwMTkzNTEzWqUFAgMD0JCmAwIBKakQGw5BMjAwMy5WTS5MT0NBTKoaMBigAwIBAaERMA8bDXNtczQtMTIwLTUycyQ=";
        let challenge = challenges(value).remove(0);
        let token = challenge.token.unwrap();
        assert_eq!(token.form, TokenForm::SpnegoResp);
        assert_eq!(token.neg_state, Some(NegState::Reject));
        assert_eq!(token.mechs, [Oid(Oid::MS_KRB5.to_owned())]);
        assert_eq!(token.krb_error().unwrap().code, ErrorCode::MODIFIED);
    }

    #[test]
    fn a_turn_to_ntlm_has_no_token_inside() {
        let token = credential(b"Negotiate oRUwE6ADCgEDoQwGCisGAQQBgjcCAgo=");
        assert_eq!(token.neg_state, Some(NegState::RequestMic));
        assert_eq!(token.mechs, [Oid(Oid::NTLMSSP.to_owned())]);
        assert_eq!((token.kerberos, token.ntlm), (None, None));
    }

    #[test]
    fn several_challenges_in_one_value_are_told_apart() {
        let schemes: Vec<String> =
            challenges(b"Negotiate, NTLM, Basic realm=\"a b\", charset=\"UTF-8\"")
                .into_iter()
                .map(|challenge| challenge.scheme.0.to_string())
                .collect();
        assert_eq!(schemes, ["Negotiate", "NTLM", "Basic"]);
    }

    #[test]
    fn a_comma_in_quotation_marks_parts_nothing() {
        let schemes = |value: &[u8]| -> Vec<String> {
            challenges(value)
                .into_iter()
                .map(|challenge| challenge.scheme.0.to_string())
                .collect()
        };
        let value = br#"Basic realm="a, Negotiate, \", NTLM, b", Kerberos"#;
        assert_eq!(schemes(value), ["Basic", "Kerberos"]);
        assert_eq!(schemes(b"Digest realm = \"x\", nonce = y"), ["Digest"]);
    }

    #[test]
    fn a_parameter_of_negotiate_is_no_token() {
        let challenge = challenges(b"Negotiate realm=\"x\"").remove(0);
        assert!(challenge.scheme.is_negotiate());
        assert_eq!(challenge.token, None);
    }

    #[test]
    fn a_folded_token_is_joined_and_a_foreign_character_ends_it() {
        let bytes = |value: &[u8]| credential(value).bytes;
        assert_eq!(bytes(b"Negotiate oRUwE6AD\r\n CgEDoQwGCisG"), 15);
        assert_eq!(bytes(b"negotiate oRUwE6AD*CgEDoQwGCisG"), 6);
    }

    #[test]
    fn a_credential_of_basic_is_dropped() {
        let token = credential(b"Basic dXNlcjpzZWNyZXQ=");
        assert_eq!((token.form, token.bytes), (TokenForm::Unknown, 0));
    }

    #[test]
    fn a_token_that_was_cut_is_read_as_far_as_it_goes() {
        for len in 0..RAW.len() {
            let token = credential(&RAW[..len]);
            assert!(token.bytes <= 106, "{len}");
        }
    }
}
