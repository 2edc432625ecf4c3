//! Which protocol the first bytes of a direction prove, and which way they go.
//!
//! Never asks the port, but for DNS and LDAP, whose messages prove little, for the sessions that may stand before SMB, and for
//! bytes that a cut left too few of.

use crate::dissect::{Probe, dns, greeting, http, kerberos, tds, tls};
use crate::endpoint::Direction;

/// A protocol that first bytes have proved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Proof {
    /// HTTP/1.x.
    Http,
    /// Kerberos behind its lengths.
    Kerberos,
    /// TLS, by a hello.
    Tls,
    /// DNS behind its lengths.
    Dns,
    /// SMB.
    Smb,
    /// LDAP.
    Ldap,
    /// TDS.
    Tds,
}

impl Proof {
    /// Asks each protocol about the first bytes between the ports `ends`. [`Probe::Unsure`] where one may still prove itself.
    pub(super) fn of(bytes: &[u8], ends: [u16; 2]) -> Result<Self, Probe> {
        let of_dns = if ends.contains(&dns::PORT) {
            dns::probe(bytes)
        } else {
            Probe::NotMine
        };
        let answers = [
            (http::probe(bytes), Self::Http),
            (kerberos::probe(bytes), Self::Kerberos),
            (tls::probe(bytes), Self::Tls),
            (of_dns, Self::Dns),
            (greeting::probe_smb(bytes, ends), Self::Smb),
            (greeting::probe_ldap(bytes, ends), Self::Ldap),
            (tds::probe(bytes), Self::Tds),
        ];
        let found = answers.iter().find(|(answer, _)| *answer == Probe::Certain);
        let is_open = answers.iter().any(|(answer, _)| *answer == Probe::Unsure);
        match found {
            Some((_, proof)) => Ok(*proof),
            None if is_open => Err(Probe::Unsure),
            None => Err(Probe::NotMine),
        }
    }

    /// What bytes to or from a KDC prove of which a cut left only the first few.
    pub(super) fn of_cut_record(bytes: &[u8]) -> Option<Self> {
        (kerberos::probe_last(bytes) == Probe::Certain).then_some(Self::Kerberos)
    }

    /// Which way the message goes that `bytes` begin.
    pub(super) fn direction(self, bytes: &[u8]) -> Option<Direction> {
        match self {
            Self::Http => Some(http::direction(bytes)),
            Self::Kerberos => kerberos::direction(bytes),
            Self::Tls => tls::direction(bytes),
            Self::Dns => dns::direction(bytes),
            Self::Smb => greeting::smb_direction(bytes),
            Self::Ldap => greeting::ldap_direction(bytes),
            Self::Tds => Some(Direction::ToServer),
        }
    }
}
