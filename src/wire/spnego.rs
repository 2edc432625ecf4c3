//! SPNEGO (RFC 4178) and the GSS-API wrapper around the first token (RFC 2743 section 3.1).
//!
//! Never reads the token inside: that is `auth_header`'s business.

use crate::wire::der::{self, Tlv};

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

    /// Object identifiers that occur in negotiations: dotted form, name, what is worth knowing.
    pub const TABLE: &'static [(&'static str, &'static str, &'static str)] = &[
        (Self::SPNEGO, "SPNEGO", "the negotiation itself (RFC 4178)"),
        (Self::KRB5, "Kerberos 5", "the number of RFC 4121"),
        (
            Self::MS_KRB5,
            "Kerberos 5 (Microsoft)",
            "the same with one part cut to 16 bits; Windows lists it first",
        ),
        (
            "1.2.840.113554.1.2.2.3",
            "Kerberos user-to-user",
            "the ticket is for the holder of another ticket",
        ),
        (
            "1.3.5.1.5.2",
            "Kerberos (draft)",
            "from before the standard",
        ),
        (Self::NTLMSSP, "NTLMSSP", "NTLM (MS-NLMP)"),
        (
            Self::NEGOEX,
            "NegoEx",
            "an extended negotiation; newer Windows always lists it",
        ),
        (
            "1.3.6.1.5.2.7",
            "PKU2U",
            "certificates between peers, inside NegoEx",
        ),
        ("1.3.6.1.5.2.5", "IAKERB", "Kerberos through a relay"),
    ];

    /// Whether it names Kerberos in either spelling.
    pub fn is_kerberos(&self) -> bool {
        self.0 == Self::KRB5 || self.0 == Self::MS_KRB5
    }

    /// Whether it names NTLM.
    pub fn is_ntlm(&self) -> bool {
        self.0 == Self::NTLMSSP
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

impl NegState {
    /// Number, name and meaning; ascending.
    pub const TABLE: &'static [(u8, &'static str, &'static str)] = &[
        (
            0,
            Self::AcceptCompleted.name(),
            "the other side's proof is accepted: the sign-on is done",
        ),
        (
            1,
            Self::AcceptIncomplete.name(),
            "no error: the sign-on has one more leg",
        ),
        (2, Self::Reject.name(), "the proof is refused"),
        (
            3,
            Self::RequestMic.name(),
            "no error: one more leg, and the list of mechanisms is to be signed",
        ),
    ];

    /// `accept-completed`, `accept-incomplete`, `reject`, `request-mic`, `unknown`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AcceptCompleted => "accept-completed",
            Self::AcceptIncomplete => "accept-incomplete",
            Self::Reject => "reject",
            Self::RequestMic => "request-mic",
            Self::Unknown(_) => "unknown",
        }
    }

    const fn of(number: u8) -> Self {
        match number {
            0 => Self::AcceptCompleted,
            1 => Self::AcceptIncomplete,
            2 => Self::Reject,
            3 => Self::RequestMic,
            other => Self::Unknown(other),
        }
    }
}

impl Oid {
    /// Reads the content octets of an OBJECT IDENTIFIER (X.690 section 8.19); `None` for one that has no end or is too large.
    pub fn read(content: &[u8]) -> Option<Self> {
        let mut arcs: Vec<u64> = Vec::new();
        let mut arc: u64 = 0;
        for &octet in content {
            arc = arc.checked_mul(128)? | u64::from(octet & 0x7f);
            if octet & 0x80 == 0 {
                arcs.push(arc);
                arc = 0;
            }
        }
        if content.last().is_none_or(|last| last & 0x80 != 0) {
            return None;
        }
        let (first, rest) = arcs.split_first()?;
        let root = (*first / 40).min(2);
        let mut text = format!("{root}.{}", first - root * 40);
        for arc in rest {
            text.push('.');
            text.push_str(&arc.to_string());
        }
        Some(Self(text))
    }
}

/// A GSS-API token of the first leg: the mechanism, and what follows it (RFC 2743 section 3.1).
pub(in crate::wire) fn gss_wrapper(bytes: &[u8]) -> Option<(Oid, &[u8])> {
    const APPLICATION_0: u8 = 0x60;
    let outer = Tlv::read(bytes).filter(|outer| outer.tag == APPLICATION_0)?;
    let mech = Tlv::read(outer.value).filter(|mech| mech.tag == der::OBJECT_IDENTIFIER)?;
    Some((Oid::read(mech.value)?, outer.value.get(mech.total()..)?))
}

/// A leg of a negotiation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::wire) struct Leg<'a> {
    /// Whether it is the first leg, a NegTokenInit.
    pub(in crate::wire) is_init: bool,
    /// The mechanisms offered, or the one chosen.
    pub(in crate::wire) mechs: Vec<Oid>,
    /// The state of a NegTokenResp.
    pub(in crate::wire) state: Option<NegState>,
    /// The token of the mechanism.
    pub(in crate::wire) token: Option<&'a [u8]>,
}

/// Reads a NegTokenInit or a NegTokenResp, without its GSS wrapper.
pub(in crate::wire) fn leg(bytes: &[u8]) -> Option<Leg<'_>> {
    const INIT: u8 = 0xa0;
    const RESP: u8 = 0xa1;
    let choice = Tlv::read(bytes)?;
    let sequence = Tlv::read(choice.value).filter(|inner| inner.tag == der::SEQUENCE)?;
    let token = sequence.field(2).and_then(|field| field.octets());
    match choice.tag {
        INIT => Some(Leg {
            is_init: true,
            mechs: sequence
                .field(0)
                .into_iter()
                .flat_map(|list| list.children())
                .filter_map(|mech| oid(&mech))
                .collect(),
            state: None,
            token,
        }),
        RESP => Some(Leg {
            is_init: false,
            mechs: sequence
                .field(1)
                .and_then(|mech| oid(&mech))
                .into_iter()
                .collect(),
            state: sequence
                .field(0)
                .and_then(|state| u8::try_from(state.integer()?).ok())
                .map(NegState::of),
            token,
        }),
        _ => None,
    }
}

/// An element as object identifier. The front of one that is cut would name another one.
fn oid(element: &Tlv<'_>) -> Option<Oid> {
    let whole = element.tag == der::OBJECT_IDENTIFIER && !element.is_cut();
    whole.then(|| Oid::read(element.value)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_identifiers_have_their_dotted_form() {
        let kerberos = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02];
        assert_eq!(Oid::read(&kerberos).unwrap().0, Oid::KRB5);
        let ntlm = [0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a];
        assert_eq!(Oid::read(&ntlm).unwrap().0, Oid::NTLMSSP);
        assert_eq!(Oid::read(&[0x2a, 0x86]), None);
        assert_eq!(Oid::read(&[]), None);
    }

    #[test]
    fn a_bare_reject_has_its_state() {
        let leg = leg(&[0xa1, 0x07, 0x30, 0x05, 0xa0, 0x03, 0x0a, 0x01, 0x02]).unwrap();
        assert_eq!(leg.state, Some(NegState::Reject));
        assert_eq!(leg.token, None);
    }

    /// What a server of Windows says before the client spoke (MS-SPNG 2.2.1): two mechanisms and a hint.
    const HINT: &[u8] = b"\x60\x54\x06\x06\x2b\x06\x01\x05\x05\x02\xa0\x4a\x30\x48\
        \xa0\x1a\x30\x18\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x1e\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a\
        \xa3\x2a\x30\x28\xa0\x26\x1b\x24not_defined_in_RFC4178@please_ignore";

    #[test]
    fn the_hint_of_a_server_lists_mechanisms_and_has_no_token() {
        let (mech, inner) = gss_wrapper(HINT).unwrap();
        assert_eq!(mech.0, Oid::SPNEGO);
        let leg = leg(inner).unwrap();
        assert!(leg.is_init);
        assert_eq!(
            leg.mechs,
            [Oid(Oid::NEGOEX.to_owned()), Oid(Oid::NTLMSSP.to_owned())]
        );
        assert_eq!(leg.token, None);
    }

    #[test]
    fn a_mechanism_that_was_cut_is_none() {
        let (_, inner) = gss_wrapper(HINT).unwrap();
        // The cut falls behind 1.3.6.1.4.1 of the second mechanism.
        let leg = leg(&inner[..27]).unwrap();
        assert_eq!(leg.mechs, [Oid(Oid::NEGOEX.to_owned())]);
    }
}
