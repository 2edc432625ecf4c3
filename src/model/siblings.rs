//! Tickets for the services that a machine runs under its own account, for whomever they were issued: their key is the computer's.
//!
//! Never holds more than the budget, and never says that two keys are one: it compares what a ticket shows of its key. Never takes
//! the next version of a key for that of another account.

use crate::frame::FrameNumber;
use crate::limits::Budget;
use crate::model::attempt::Attempt;
use crate::model::target::Target;
use crate::model::ticket_request::TicketRequest;
use crate::text::WireText;
use crate::wire::kerberos::etype::EncryptionType;
use crate::wire::kerberos::message::Ticket;
use crate::wire::kerberos::name::PrincipalName;

/// Classes of services that are held by the computer's account.
const OF_COMPUTER: [&str; 8] = [
    "HOST",
    "cifs",
    "RestrictedKrbHost",
    "TERMSRV",
    "WSMAN",
    "RPCSS",
    "ldap",
    "DNS",
];

/// Versions of this size are common to many accounts: those of persons and services, and of computers that are new.
const LOW_VERSION: u32 = 5;
/// From here on the number of a branch's domain controller is part of the version (MS-KILE section 3.1.5.8).
const BRANCH: u32 = 1 << 16;

/// A ticket for such a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeenTicket {
    /// The service.
    pub service: PrincipalName,
    /// The realm that issued it.
    pub realm: WireText,
    /// The encryption type.
    pub etype: EncryptionType,
    /// The version of the key.
    pub kvno: u32,
    /// The frame that completes the KDC's answer, or one in which the ticket is shown.
    pub frame: FrameNumber,
}

/// What two tickets of one realm show of their keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keys {
    /// They differ in version by more than a change of the password explains.
    Differ,
    /// They agree in both.
    Agree,
    /// They agree in both, and the version is one that many accounts have.
    AgreeByChance,
}

impl SeenTicket {
    /// The ticket that `request` was answered with; `None` where it is for another service, or does not say the version of its key.
    pub fn of(request: &TicketRequest) -> Option<Self> {
        Self::in_frame(request.ticket()?, request.answered_in()?)
    }

    /// The same of `ticket`, which stands in `frame`.
    pub fn in_frame(ticket: &Ticket, frame: FrameNumber) -> Option<Self> {
        is_of_computer(&ticket.sname).then_some(Self {
            service: ticket.sname.clone(),
            realm: ticket.realm.clone(),
            etype: ticket.etype,
            kvno: ticket.kvno?,
            frame,
        })
    }

    /// How its key is beside that of `ticket`; `None` where that cannot be told.
    pub fn beside(&self, ticket: &Ticket) -> Option<Keys> {
        let version = ticket.kvno?;
        let is_comparable = version.max(self.kvno) < BRANCH;
        if !is_comparable || !self.realm.same_name(ticket.realm.as_str()) {
            return None;
        }
        // A password that has just been changed, or has not come to all domain controllers, leaves versions of one account that follow
        // each other; and a KDC takes the encryption type by what the client offers too.
        let is_near = self.kvno.abs_diff(version) <= 1;
        if is_near && (self.kvno != version || self.etype != ticket.etype) {
            return None;
        }
        Some(if self.kvno != version {
            Keys::Differ
        } else if version > LOW_VERSION {
            Keys::Agree
        } else {
            Keys::AgreeByChance
        })
    }
}

/// Whether a service is held by the computer's account, by its class.
pub fn is_of_computer(service: &PrincipalName) -> bool {
    let class = service.service_class();
    class.is_some_and(|class| OF_COMPUTER.iter().any(|it| it.eq_ignore_ascii_case(class)))
}

/// Such tickets of a capture, each kind once, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Siblings(Vec<SeenTicket>);

impl Siblings {
    /// Adds a ticket, unless one like it was seen before.
    pub fn add(&mut self, seen: SeenTicket) {
        let is_known = self.0.iter().any(|known| {
            (known.kvno, known.etype) == (seen.kvno, seen.etype)
                && known.realm.same_name(seen.realm.as_str())
                && known.service.same_principal(&seen.service)
        });
        if !is_known && self.0.len() < Budget::SIBLINGS {
            self.0.push(seen);
        }
    }

    /// Those for services of `target`.
    pub fn of(&self, target: &Target) -> Vec<SeenTicket> {
        let is_meant = |seen: &&SeenTicket| {
            let host = seen.service.host();
            host.is_some_and(|host| target.is_meant_by(host))
        };
        self.0.iter().filter(is_meant).cloned().collect()
    }
}

impl Attempt {
    /// The first ticket for a service of the server's own account whose key can be told beside that of `ticket`.
    pub fn sibling_of(&self, ticket: &Ticket) -> Option<(&SeenTicket, Keys)> {
        let mut siblings = self.around.siblings.iter();
        siblings.find_map(|seen| Some((seen, seen.beside(ticket)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(kvno: u32, etype: i32) -> SeenTicket {
        SeenTicket {
            service: PrincipalName::default(),
            realm: "ROOT.LAB".into(),
            etype: EncryptionType(etype),
            kvno,
            frame: FrameNumber(9),
        }
    }

    fn beside(own: (u32, i32), realm: &str, other: (u32, i32)) -> Option<Keys> {
        let ticket = Ticket {
            realm: realm.into(),
            sname: PrincipalName::default(),
            etype: EncryptionType(other.1),
            kvno: Some(other.0),
            cipher_bytes: 0,
            cipher_digest: None,
            cipher: None,
        };
        seen(own.0, own.1).beside(&ticket)
    }

    #[test]
    fn keys_are_compared_within_a_realm_by_type_and_version() {
        assert_eq!(beside((31, 18), "root.lab", (2, 18)), Some(Keys::Differ));
        assert_eq!(beside((31, 18), "ROOT.LAB", (2, 23)), Some(Keys::Differ));
        assert_eq!(beside((31, 18), "ROOT.LAB", (31, 18)), Some(Keys::Agree));
        assert_eq!(
            beside((2, 18), "ROOT.LAB", (2, 18)),
            Some(Keys::AgreeByChance)
        );
        assert_eq!(beside((31, 18), "CHILD.ROOT.LAB", (2, 18)), None);
        let of_branch = (1 << 16) | 2;
        assert_eq!(beside((31, 18), "ROOT.LAB", (of_branch, 18)), None);
    }

    #[test]
    fn a_changed_password_or_another_offer_of_types_does_not_make_another_account() {
        assert_eq!(beside((31, 18), "ROOT.LAB", (32, 18)), None);
        assert_eq!(beside((32, 18), "ROOT.LAB", (31, 18)), None);
        assert_eq!(beside((31, 18), "ROOT.LAB", (31, 23)), None);
    }

    #[test]
    fn a_kind_of_ticket_is_kept_once() {
        let mut kept = Siblings::default();
        for kvno in [3, 3, 4] {
            kept.add(seen(kvno, 18));
        }
        assert_eq!(kept.0.len(), 2);
    }
}
