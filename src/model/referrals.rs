//! Which names KDCs refer to which realms, for whomever they do it: a KDC refers all clients of its realm alike.
//!
//! Never holds more than the budget.

use std::net::IpAddr;

use crate::frame::FrameNumber;
use crate::limits::Budget;
use crate::model::ticket_request::TicketRequest;
use crate::text::WireText;
use crate::wire::kerberos::name::PrincipalName;

/// A referral for a service of a host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeenReferral {
    /// The KDC that gives it.
    pub kdc: IpAddr,
    /// The realm of that KDC.
    pub realm: WireText,
    /// The service that was asked for.
    pub service: PrincipalName,
    /// The realm that the client is referred to.
    pub next: WireText,
    /// The frame that completes the answer.
    pub frame: FrameNumber,
}

impl SeenReferral {
    /// The referral that `request` was answered with; `None` where it was not, or for something else than a service of a host.
    pub fn of(request: &TicketRequest) -> Option<Self> {
        let next = request.referral()?;
        let service = request.service().filter(|name| name.host().is_some())?;
        Some(Self {
            kdc: request.kdc.addr,
            realm: request.ticket()?.realm.clone(),
            service: service.clone(),
            next: next.into(),
            frame: request.answered_in()?,
        })
    }
}

/// The referrals of a capture, those of one kind once, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Referrals(Vec<SeenReferral>);

impl Referrals {
    /// Adds a referral, unless the same KDC gave the same one before.
    pub fn add(&mut self, seen: SeenReferral) {
        let is_known = self.0.iter().any(|known| {
            known.kdc == seen.kdc
                && known.next.same_name(seen.next.as_str())
                && known.service.same_principal(&seen.service)
        });
        if !is_known && self.0.len() < Budget::REFERRALS {
            self.0.push(seen);
        }
    }

    /// Those for services that KDCs of `realm` refer elsewhere: theirs, and those of the realms on the way.
    pub fn from(&self, realm: &str) -> Vec<SeenReferral> {
        let begins = |seen: &SeenReferral| {
            self.0.iter().any(|first| {
                first.realm.same_name(realm) && first.service.same_principal(&seen.service)
            })
        };
        self.0.iter().filter(|seen| begins(seen)).cloned().collect()
    }
}
