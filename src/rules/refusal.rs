//! A KDC's refusal that left the client without a ticket, and what all rules about one tell alike.
//!
//! Never says why the KDC refused.

use crate::finding::{Confidence, Evidence, Finding};
use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::ticket_request::{TicketKind, TicketRequest};
use crate::rules::rule::Rule;
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::message::{KrbError, Ticket};
use crate::wire::kerberos::mit_words;

/// A request that a KDC refused for good.
#[derive(Clone, Copy)]
pub(in crate::rules) struct Refusal<'a> {
    pub(in crate::rules) request: &'a TicketRequest,
    pub(in crate::rules) error: &'a KrbError,
    answered: FrameNumber,
}

impl<'a> Refusal<'a> {
    /// The last refusal of a ticket for the service, or for a realm on the way to it, that `is_meant` picks.
    pub(in crate::rules) fn of_ticket(
        attempt: &'a Attempt,
        is_meant: impl Fn(&TicketRequest, &KrbError) -> bool,
    ) -> Option<Self> {
        Self::last(attempt, TicketKind::Tgs, is_meant)
    }

    /// The last refusal of a first ticket that `is_meant` picks.
    pub(in crate::rules) fn of_first_ticket(
        attempt: &'a Attempt,
        is_meant: impl Fn(&TicketRequest, &KrbError) -> bool,
    ) -> Option<Self> {
        Self::last(attempt, TicketKind::As, is_meant)
    }

    /// Only where nothing healed it, and the client got nowhere for want of a ticket.
    fn last(
        attempt: &'a Attempt,
        kind: TicketKind,
        is_meant: impl Fn(&TicketRequest, &KrbError) -> bool,
    ) -> Option<Self> {
        if !attempt.lacks_ticket() {
            return None;
        }
        let of_kind = attempt
            .tickets
            .iter()
            .rev()
            .filter(|request| request.kind == kind);
        of_kind.filter_map(Self::of).find(|refusal| {
            is_meant(refusal.request, refusal.error)
                && !attempt.is_healed(refusal.request)
                && !attempt.goes_on_without(refusal.request)
        })
    }

    fn of(request: &'a TicketRequest) -> Option<Self> {
        Some(Self {
            request,
            error: request.error()?,
            answered: request.answered_in()?,
        })
    }

    /// The realm of the KDC that refused.
    pub(in crate::rules) fn realm(&self) -> &'a str {
        self.request.realm().unwrap_or("the realm that was asked")
    }

    /// What was asked for.
    pub(in crate::rules) fn service(&self) -> String {
        self.request
            .service()
            .map_or_else(|| "the service".to_owned(), ToString::to_string)
    }

    /// The host of the service, or nothing.
    pub(in crate::rules) fn host(&self) -> &'a str {
        self.request
            .service()
            .and_then(|service| service.host())
            .unwrap_or_default()
    }

    /// Who asked for a first ticket, where that is known.
    pub(in crate::rules) fn account(&self, attempt: &Attempt) -> String {
        attempt
            .account_of(self.request)
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| "the client".to_owned())
    }

    /// The ticket of another realm that was shown to the KDC: a referral.
    pub(in crate::rules) fn shown_referral(&self) -> Option<&'a Ticket> {
        referral_shown_by(self.request)
    }

    /// The words that the KDC adds to its refusal, as KDCs of MIT do.
    pub(in crate::rules) fn words(&self) -> Option<&'a str> {
        let words = self.error.e_text.as_ref()?.as_str();
        Some(words).filter(|words| !words.is_empty())
    }

    /// The referral that was shown, where the general error may be about it: its KDC has no words for it, or says that it did not get
    /// beyond reading the request. Of an error that was cut nobody knows its words.
    pub(in crate::rules) fn unread_referral(&self) -> Option<&'a Ticket> {
        let answer = self.request.answer.as_ref();
        let is_whole = answer.is_some_and(|answer| answer.span.loss.is_none());
        let is_about_it = self
            .words()
            .map_or(is_whole, |words| words == mit_words::PROCESS_TGS);
        self.shown_referral().filter(|_| is_about_it)
    }

    /// What the KDC said, with the status that Windows adds.
    pub(in crate::rules) fn said(&self) -> String {
        let code = self.error.code;
        match self.error.ntstatus {
            Some(status) => match status.meaning() {
                Some(meaning) => format!("{code} with {status}: {meaning}"),
                None => format!("{code} with {status}"),
            },
            None => code.to_string(),
        }
    }

    /// The finding of `rule`, with the frames of the refusal and of what was refused.
    pub(in crate::rules) fn finding(&self, rule: &'static Rule, confidence: Confidence) -> Finding {
        let asked = match self.request.kind {
            TicketKind::As => "asks for a first ticket".to_owned(),
            TicketKind::Tgs => format!("asks for {}", self.service()),
        };
        Finding {
            evidence: vec![
                Evidence::new(self.answered, self.said()),
                Evidence::new(self.request.asked.first(), asked),
            ],
            ..rule.finding(confidence)
        }
    }
}

/// The ticket of another realm that `request` shows to the KDC: a referral.
pub(in crate::rules) fn referral_shown_by(request: &TicketRequest) -> Option<&Ticket> {
    let shown = request.request.tgt.as_ref()?;
    let reader = shown.sname.krbtgt_realm()?;
    (!shown.realm.same_name(reader)).then_some(shown)
}

/// Whether `request`, which was cut before the ticket that it shows, went to another realm than the client's: so it shows a ticket for
/// that realm which another one issued.
pub(in crate::rules) fn is_cut_abroad(attempt: &Attempt, request: &TicketRequest) -> bool {
    let realms = attempt.home_realm().zip(request.realm());
    let shown = request.request.tgt.as_ref();
    shown.is_none_or(|tgt| tgt.sname.parts.is_empty())
        && request.kind == TicketKind::Tgs
        && request.asked.loss.is_some()
        && realms.is_some_and(|(home, asked)| !home.eq_ignore_ascii_case(asked))
}

/// Whether `error` has one of `codes`.
pub(in crate::rules) fn has_code(error: &KrbError, codes: &[ErrorCode]) -> bool {
    codes.contains(&error.code)
}
