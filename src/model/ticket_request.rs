//! A question to a KDC and its answer, its refusal, or its silence.

use crate::endpoint::{ConnectionId, Endpoint, Transport};
use crate::frame::{FrameNumber, PacketDrop};
use crate::model::drops::Drops;
use crate::model::exchange::{Span, Unreachable};
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::message::{KdcRep, KdcReq, KrbError, Ticket};
use crate::wire::kerberos::name::PrincipalName;
use crate::wire::kerberos::options::KdcOptions;
use crate::wire::kerberos::padata::PaDataType;

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TicketKind {
    /// The first ticket (AS exchange).
    As,
    /// A ticket on the strength of another one (TGS exchange).
    Tgs,
}

/// An AS or TGS exchange.
#[derive(Clone, Debug)]
pub struct TicketRequest {
    /// AS or TGS.
    pub kind: TicketKind,
    /// Who asks.
    pub client: Endpoint,
    /// The KDC that is asked.
    pub kdc: Endpoint,
    /// Over what.
    pub transport: Transport,
    /// The TCP connection.
    pub connection: Option<ConnectionId>,
    /// The request.
    pub asked: Span,
    /// The same datagram sent again between the same ports, or copied by a mirror port.
    pub again: Vec<Span>,
    /// What it says.
    pub request: KdcReq,
    /// What came back.
    pub answer: Option<KdcAnswer>,
    /// What an ICMP error said instead.
    pub unreachable: Option<Unreachable>,
    /// Packets of it that were dropped by the machine that captured them.
    pub drops: Drops,
}

/// What came back from a KDC.
#[derive(Clone, Debug)]
pub struct KdcAnswer {
    /// Where it stands.
    pub span: Span,
    /// What it says.
    pub verdict: KdcVerdict,
}

/// What a KDC decided.
#[derive(Clone, Debug)]
pub enum KdcVerdict {
    /// A ticket.
    Issued(KdcRep),
    /// A KRB-ERROR.
    Refused(KrbError),
}

impl TicketRequest {
    /// The service it asks for. Where the request was cut before the name, the refusal tells it.
    pub fn service(&self) -> Option<&PrincipalName> {
        let told = || self.error()?.sname.as_ref();
        self.request
            .sname
            .as_ref()
            .or_else(told)
            .filter(|name| !name.parts.is_empty())
    }

    /// The realm of the KDC that is asked. Where the request was cut before it, the refusal tells it.
    pub fn realm(&self) -> Option<&str> {
        let told = || self.error()?.realm.as_ref();
        let realm = self.request.realm.as_ref().or_else(told)?;
        Some(realm.as_str()).filter(|realm| !realm.is_empty())
    }

    /// The frame that completes the answer.
    pub fn answered_in(&self) -> Option<FrameNumber> {
        self.answer.as_ref().map(|answer| answer.span.last())
    }

    /// The reply with a ticket.
    pub fn issued(&self) -> Option<&KdcRep> {
        match &self.answer.as_ref()?.verdict {
            KdcVerdict::Issued(reply) => Some(reply),
            KdcVerdict::Refused(_) => None,
        }
    }

    /// The ticket that was issued.
    pub fn ticket(&self) -> Option<&Ticket> {
        self.issued()?.ticket.as_ref()
    }

    /// The refusal.
    pub fn error(&self) -> Option<&KrbError> {
        match &self.answer.as_ref()?.verdict {
            KdcVerdict::Issued(_) => None,
            KdcVerdict::Refused(error) => Some(error),
        }
    }

    /// Whether it was refused with `code`.
    pub fn is_refused_with(&self, code: ErrorCode) -> bool {
        self.error().is_some_and(|error| error.code == code)
    }

    /// The realm to which the answer refers the client: the ticket is for the ticket-granting service of a realm that was
    /// not asked for (RFC 6806 section 8). A first ticket whose request was cut before the name is taken for what was asked for.
    pub fn referral(&self) -> Option<&str> {
        let next = self.ticket()?.sname.krbtgt_realm()?;
        if self.kind == TicketKind::As && self.service().is_none() {
            return None;
        }
        let asked = self.service().and_then(PrincipalName::krbtgt_realm);
        (!asked.is_some_and(|realm| realm.eq_ignore_ascii_case(next))).then_some(next)
    }

    /// To which other realm's KDC the ticket in the answer leads: by referral, or because the client asked for that KDC.
    pub fn next_realm(&self) -> Option<&str> {
        let ticket = self.ticket()?;
        let asked_there = ticket
            .sname
            .krbtgt_realm()
            .filter(|next| self.kind == TicketKind::Tgs && !ticket.realm.same_name(next));
        self.referral().or(asked_there)
    }

    /// Whether the answer is the ticket that was asked for, and no referral.
    pub fn is_granted(&self) -> bool {
        self.issued().is_some() && self.referral().is_none()
    }

    /// Whether it asks for a ticket for the client itself and nothing else: no renewal, no delegation, on nobody's behalf.
    pub fn is_plain(&self) -> bool {
        const SPECIAL: u32 = KdcOptions::RENEW
            | KdcOptions::VALIDATE
            | KdcOptions::FORWARDED
            | KdcOptions::PROXY
            | KdcOptions::CNAME_IN_ADDL_TKT
            | KdcOptions::ENC_TKT_IN_SKEY;
        let options = self.request.kdc_options.unwrap_or_default();
        let on_behalf = [PaDataType::FOR_USER, PaDataType::S4U_X509_USER];
        options.0 & SPECIAL == 0
            && !on_behalf
                .iter()
                .any(|kind| self.request.padata.contains(kind))
    }

    /// Whether it proves a key (RFC 4120 section 5.2.7.2, RFC 4556, RFC 6113, RFC 9588).
    pub fn proves_key(&self) -> bool {
        const PROOFS: [PaDataType; 5] = [
            PaDataType::ENC_TIMESTAMP,
            PaDataType::PK_AS_REQ,
            PaDataType::FX_FAST,
            PaDataType::ENCRYPTED_CHALLENGE,
            PaDataType::SPAKE,
        ];
        let padata = &self.request.padata;
        padata.iter().any(|kind| PROOFS.contains(kind))
    }

    /// Whether nothing came back.
    pub fn is_unanswered(&self) -> bool {
        self.answer.is_none()
    }

    /// How the last question was dropped, where each that was sent was, and nothing came back.
    pub fn dropped(&self) -> Option<&PacketDrop> {
        let sent = Span::firsts(&self.asked, &self.again);
        self.drops.of_all(sent).filter(|_| !self.is_heard())
    }

    /// Whether anything came back: an answer, or an ICMP error.
    pub fn is_heard(&self) -> bool {
        self.answer.is_some() || self.unreachable.is_some()
    }

    /// Whether `other` asks for the same thing: the same kind, and the same service (for an AS exchange, the same client).
    pub fn asks_the_same(&self, other: &Self) -> bool {
        let same = |a: Option<&PrincipalName>, b: Option<&PrincipalName>| match (a, b) {
            (Some(a), Some(b)) => a.same_principal(b),
            _ => false,
        };
        self.kind == other.kind
            && match self.kind {
                TicketKind::As => same(self.request.cname.as_ref(), other.request.cname.as_ref()),
                TicketKind::Tgs => same(self.service(), other.service()),
            }
    }

    /// The last place where it stands: the answer, or the last request.
    pub fn last_span(&self) -> &Span {
        self.answer
            .as_ref()
            .map(|answer| &answer.span)
            .or(self.again.last())
            .unwrap_or(&self.asked)
    }
}
