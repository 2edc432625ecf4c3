//! Sessions with file servers for which a ticket was shown, whoever showed it, and what the server made of it: it opens such a
//! ticket with the computer's key.
//!
//! Never counts a session that a guest was let into, and never holds more than the budget.

use std::collections::VecDeque;
use std::net::IpAddr;

use crate::dissect::message::Message;
use crate::endpoint::ConnectionId;
use crate::frame::FrameNumber;
use crate::limits::Budget;
use crate::model::attempt::Attempt;
use crate::model::siblings;
use crate::model::ticket_request::KdcVerdict;
use crate::wire::kerberos::error_code::{ErrorCode, NtStatus};
use crate::wire::kerberos::etype::EncryptionType;
use crate::wire::kerberos::message::CipherDigest;
use crate::wire::kerberos::name::PrincipalName;
use crate::wire::smb::{SmbSetup, SmbVerdict};

/// A session for which a ticket was shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileSession {
    /// The file server.
    pub server: IpAddr,
    /// The service of the ticket.
    pub service: PrincipalName,
    /// The encryption type of the ticket.
    pub etype: EncryptionType,
    /// The frame in which the KDC issued this very ticket, where the capture has that.
    pub issued: Option<FrameNumber>,
    /// The first frame that shows it.
    pub shown: FrameNumber,
    /// The first frame of the answer.
    pub answered: FrameNumber,
    /// What the server made of it.
    pub end: SessionEnd,
}

/// What a file server makes of a ticket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SessionEnd {
    /// It was let in.
    Accepted,
    /// The answer holds an error of Kerberos.
    Refused(ErrorCode),
    /// The answer has a status and no more.
    Denied(NtStatus),
}

/// What a session waits for its answer with.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Asked {
    connection: Option<ConnectionId>,
    message_id: u64,
    service: PrincipalName,
    etype: EncryptionType,
    issued: Option<FrameNumber>,
    shown: FrameNumber,
}

/// Such sessions of a capture, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sessions {
    issued: VecDeque<(CipherDigest, FrameNumber)>,
    asked: VecDeque<Asked>,
    seen: Vec<FileSession>,
}

impl Sessions {
    /// Notes the ticket of a KDC's answer that `frame` completes.
    pub fn issue(&mut self, verdict: &KdcVerdict, frame: FrameNumber) {
        let KdcVerdict::Issued(reply) = verdict else {
            return;
        };
        let ticket = reply.ticket.as_ref();
        let ticket = ticket.filter(|it| siblings::is_of_computer(&it.sname));
        if let Some(digest) = ticket.and_then(|it| it.cipher_digest) {
            push(&mut self.issued, (digest, frame), Budget::SIBLINGS);
        }
    }

    /// Takes in a leg of a session's setup.
    pub fn add(&mut self, message: &Message, setup: &SmbSetup) {
        match setup.answer {
            None => self.ask(message, setup),
            Some(verdict) => self.answer(message, setup, verdict),
        }
    }

    fn ask(&mut self, message: &Message, setup: &SmbSetup) {
        let ticket = setup.token.ap_req().and_then(|it| it.ticket.as_ref());
        let Some(ticket) = ticket.filter(|it| siblings::is_of_computer(&it.sname)) else {
            return;
        };
        let is_same =
            |(digest, _): &&(CipherDigest, FrameNumber)| Some(*digest) == ticket.cipher_digest;
        let asked = Asked {
            connection: message.connection,
            message_id: setup.message_id,
            service: ticket.sname.clone(),
            etype: ticket.etype,
            issued: self.issued.iter().rev().find(is_same).map(|it| it.1),
            shown: message.first_frame(),
        };
        push(&mut self.asked, asked, Budget::SESSIONS);
    }

    fn answer(&mut self, message: &Message, setup: &SmbSetup, verdict: SmbVerdict) {
        let asked = self.asked.iter().rposition(|asked| {
            (asked.connection, asked.message_id) == (message.connection, setup.message_id)
        });
        let Some(asked) = asked.and_then(|at| self.asked.remove(at)) else {
            return;
        };
        let end = end(setup, verdict);
        if let Some(end) = end.filter(|_| self.seen.len() < Budget::SESSIONS) {
            self.seen.push(FileSession {
                server: message.flow.src.addr,
                service: asked.service,
                etype: asked.etype,
                issued: asked.issued,
                shown: asked.shown,
                answered: message.first_frame(),
                end,
            });
        }
    }

    /// Those with one of `servers`.
    pub fn with(&self, servers: &[IpAddr]) -> Vec<FileSession> {
        let sessions = self.seen.iter();
        let sessions = sessions.filter(|session| servers.contains(&session.server));
        sessions.cloned().collect()
    }
}

impl Attempt {
    /// The sessions with the file service of the machine at `server`.
    pub fn sessions_with(&self, server: IpAddr) -> impl Iterator<Item = &FileSession> {
        let sessions = self.around.sessions.iter();
        sessions.filter(move |session| session.server == server)
    }
}

/// `None` where the setup goes on.
fn end(setup: &SmbSetup, verdict: SmbVerdict) -> Option<SessionEnd> {
    match (setup.token.krb_error(), verdict.status) {
        // Windows asks for more where it sends an error, so that the client may try again.
        (Some(error), _) => Some(SessionEnd::Refused(error.code)),
        (None, NtStatus(0)) => (!verdict.is_guest).then_some(SessionEnd::Accepted),
        (None, NtStatus::MORE_PROCESSING_REQUIRED) => None,
        (None, status) => Some(SessionEnd::Denied(status)),
    }
}

fn push<T>(list: &mut VecDeque<T>, item: T, most: usize) {
    if list.len() >= most {
        list.pop_front();
    }
    list.push_back(item);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::auth_header::{Scheme, token};

    fn leg(answer: Option<(u32, bool)>) -> SmbSetup {
        let answer = answer.map(|(status, is_guest)| SmbVerdict {
            status: NtStatus(status),
            is_guest,
        });
        SmbSetup {
            message_id: 1,
            answer,
            token: token(Scheme("Negotiate".into()), b""),
        }
    }

    fn ended(status: u32, is_guest: bool) -> Option<SessionEnd> {
        let setup = leg(Some((status, is_guest)));
        end(&setup, setup.answer?)
    }

    #[test]
    fn a_guest_is_not_accepted_and_one_more_leg_is_no_end() {
        assert_eq!(ended(0, false), Some(SessionEnd::Accepted));
        assert_eq!(ended(0, true), None);
        assert_eq!(ended(0xc000_0016, false), None);
        let denied = SessionEnd::Denied(NtStatus::ACCESS_DENIED);
        assert_eq!(ended(0xc000_0022, false), Some(denied));
    }
}
