//! What a Kerberos message says in clear, as owned values.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::text::{Sealed, WireText};
use crate::wire::kerberos::error_code::{ErrorCode, NtStatus};
use crate::wire::kerberos::etype::EncryptionType;
use crate::wire::kerberos::name::PrincipalName;
use crate::wire::kerberos::options::KdcOptions;
use crate::wire::kerberos::padata::PaDataType;

/// A decoded message, by its application tag (RFC 4120 section 5.10).
#[derive(Clone, PartialEq, Debug)]
pub enum KerberosMessage {
    /// AS-REQ, tag 10.
    AsReq(KdcReq),
    /// AS-REP, tag 11.
    AsRep(KdcRep),
    /// TGS-REQ, tag 12.
    TgsReq(KdcReq),
    /// TGS-REP, tag 13.
    TgsRep(KdcRep),
    /// AP-REQ, tag 14: a ticket shown to a service.
    ApReq(ApReq),
    /// AP-REP, tag 15.
    ApRep,
    /// KRB-ERROR, tag 30.
    Error(KrbError),
    /// KRB-SAFE 20, KRB-PRIV 21 or KRB-CRED 22: recognised, not read.
    Other(u8),
}

/// The body of an AS-REQ or TGS-REQ (RFC 4120 section 5.4.1). A field that is absent or could not be read is `None` or empty.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct KdcReq {
    /// The realm of the KDC that is asked.
    pub realm: Option<WireText>,
    /// Who asks; only in an AS-REQ.
    pub cname: Option<PrincipalName>,
    /// For which service.
    pub sname: Option<PrincipalName>,
    /// Encryption types that the client accepts, in its order.
    pub etypes: Vec<EncryptionType>,
    /// Types of the pre-authentication data, in the order of the message.
    pub padata: Vec<PaDataType>,
    /// The flags of the request.
    pub kdc_options: Option<KdcOptions>,
    /// The ticket shown in PA-TGS-REQ.
    pub tgt: Option<Ticket>,
    /// The nonce, which tells a repeated datagram from a new request.
    pub nonce: Option<u32>,
}

/// An AS-REP or TGS-REP (RFC 4120 section 5.4.2).
#[derive(Clone, PartialEq, Debug, Default)]
pub struct KdcRep {
    /// The client's realm.
    pub crealm: Option<WireText>,
    /// The client.
    pub cname: Option<PrincipalName>,
    /// The ticket that is issued.
    pub ticket: Option<Ticket>,
    /// The encryption type of the part that only the client can read.
    pub enc_part_etype: Option<EncryptionType>,
    /// Types of the pre-authentication data.
    pub padata: Vec<PaDataType>,
}

/// An AP-REQ (RFC 4120 section 5.5.1).
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ApReq {
    /// The ticket that is shown.
    pub ticket: Option<Ticket>,
    /// Whether the client asks the service to prove itself too.
    pub mutual_required: bool,
}

/// A KRB-ERROR (RFC 4120 section 5.9.1).
#[derive(Clone, PartialEq, Debug, Default)]
pub struct KrbError {
    /// What went wrong.
    pub code: ErrorCode,
    /// The realm of the service or KDC that answers.
    pub realm: Option<WireText>,
    /// The service; in an answer to an AP-REQ the account that tried to read the ticket.
    pub sname: Option<PrincipalName>,
    /// The client's realm.
    pub crealm: Option<WireText>,
    /// The client.
    pub cname: Option<PrincipalName>,
    /// The answering machine's clock.
    pub stime: Option<KerberosTime>,
    /// The client's clock, as the answering machine read it in the authenticator.
    pub ctime: Option<KerberosTime>,
    /// Text of the implementation.
    pub e_text: Option<WireText>,
    /// The status that Windows adds in e-data (MS-KILE 2.2.1).
    pub ntstatus: Option<NtStatus>,
    /// Encryption types that the KDC offers for the client (ETYPE-INFO2, else ETYPE-INFO, in e-data).
    pub etype_info: Vec<EncryptionType>,
    /// Types of the METHOD-DATA in e-data.
    pub padata: Vec<PaDataType>,
}

/// A moment by the clock of the machine that wrote it: KerberosTime and microseconds (RFC 4120 section 5.2.3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KerberosTime {
    /// Nanoseconds since 1970-01-01T00:00:00Z; whole microseconds.
    pub nanos: i64,
}

/// A ticket's outside (RFC 4120 section 5.3): its inside is for the service alone.
#[derive(Clone, PartialEq, Debug)]
pub struct Ticket {
    /// The realm that issued it.
    pub realm: WireText,
    /// The service that can read it.
    pub sname: PrincipalName,
    /// The encryption type of the service's key; 0, which is none, where the message was cut before it.
    pub etype: EncryptionType,
    /// The version of the service's key; Windows omits it in some tickets.
    pub kvno: Option<u32>,
    /// Length of the cipher text in bytes, as the message states it.
    pub cipher_bytes: usize,
    /// What stands for the cipher text when tickets are compared; `None` when the message was cut inside it.
    pub cipher_digest: Option<CipherDigest>,
    /// The cipher text itself, from the message up to where keys are tried on it; `None` from there on, and when the message was
    /// cut inside it.
    pub cipher: Option<Sealed>,
}

impl ApReq {
    /// The option `mutual-required` (RFC 4120 section 5.5.1).
    pub const MUTUAL_REQUIRED: u32 = 0x2000_0000;
}

impl KerberosTime {
    /// The moment `micros` microseconds after `nanos` nanoseconds since 1970; `None` beyond the range of the clock. Only 0 to
    /// 999,999 are microseconds (RFC 4120 section 5.2.4): another number does not count.
    pub fn new(nanos: i64, micros: i64) -> Option<Self> {
        let micros = if matches!(micros, 0..=999_999) {
            micros
        } else {
            0
        };
        let nanos = nanos.checked_add(micros * 1_000)?;
        Some(Self { nanos })
    }
}

/// SHA-256 of a ticket's cipher text, which stands for it wherever tickets are kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CipherDigest(pub [u8; 32]);

impl CipherDigest {
    /// The digest of `cipher`.
    pub fn of(cipher: &[u8]) -> Self {
        Self(Sha256::digest(cipher).into())
    }
}

impl fmt::Display for CipherDigest {
    /// The first 16 hex digits: enough to compare by eye, useless for anything else.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .take(8)
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CipherDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
