//! Every decoded message as a line of plain data, for people and for other programs.
//!
//! Never judges, and knows no format: names and order of the fields are the contract of `list`.
//!
//! Lines are sorted by first frame, then by last frame. Those of several captures stand by time, each capture's in that order.
//!
//! Kinds of a session with a file server: `smb-session-setup` (`is_answer`, `auth`, and of an answer `ntstatus` and `is_guest`).
//!
//! `dhcp` has its `message` (`discover`, `offer`, `request`, `ack`, …), its `transaction` and the `address` that is given.
//!
//! Kinds of servers that speak of themselves: `smb-negotiate` (`dialect`, `system_time`) and `ldap-root-dse` (`current_time`,
//! `host`, `domain`, `forest`).
//!
//! Kinds of names that neighbours are asked for: `nbns-query` and `nbns-response` (`id`, `name`, `suffix` in two hexadecimal
//! digits, `qtype`, and of an answer `rcode` and `answers`), `llmnr-query` and `llmnr-response` with the fields of DNS and, where
//! they are set, `conflict` and `tentative`.
//!
//! Kinds beside those of requests and answers: `ap-req`, `ap-rep`, `krb-safe`, `krb-priv` and `krb-cred` on a port of Kerberos;
//! `kerberos` for any other of its messages. An `ntstatus` is written `0xC0000072`, its name beside it as `ntstatus_name` where
//! it has one. `tds` is a session with SQL Server: its `message` is `prelogin`, `prelogin-answer` (both with `encryption`: `off`,
//! `on`, `not supported`, `required`), `login`, or `call`, which has the `procedure` and of its parameters `smsid`, `thumbprint`,
//! `netbios_name`, `fqdn`, `hardware_id`, `version`, `approval_method`, `is_integrated_auth`, `valid_from` and `valid_to`; other
//! requests have no line. A `http-response` that names management points has them in `points`: `site_code`, and the `list`, each with
//! `name`, `fqdn`, `version`, `ssl_state` and `site_code`. A request that was answered more than once names the first answer.

mod fields;
mod http;
mod interleave;
mod kerberos;
mod names;
pub mod pasted;
mod sql;
mod surroundings;
mod value;

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

pub use interleave::interleave;
pub use value::{Fields, Value};

use crate::dissect::message::{Message, MessageBody};
use crate::endpoint::{Endpoint, Transport};
use crate::frame::{FrameNumber, OtherNumbers, Timestamp};
use crate::model::pairing::Pairing;
use crate::wire::kerberos::message::KerberosMessage;

/// One message.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// What it is: `http-request`, `tgs-rep`, ….
    pub kind: &'static str,
    /// Which of several captures holds it, from 0, in the order in which they were named.
    pub file: Option<usize>,
    /// The frames that brought it, ascending.
    pub frames: Vec<FrameNumber>,
    /// The same frames as another viewer numbers them; empty where its numbers are the same.
    pub other_frames: Vec<FrameNumber>,
    /// When the first of them was captured.
    pub time: Timestamp,
    /// The sender: address and port, or for ICMP the address alone.
    pub src: String,
    /// The receiver.
    pub dst: String,
    /// `tcp`, `udp`, `icmp`.
    pub transport: &'static str,
    /// Whether all its bytes were captured.
    pub is_complete: bool,
    /// What it says, in the order of the contract.
    pub fields: Fields,
    /// The same in a few words.
    pub summary: String,
}

impl Line {
    /// The first frame.
    pub fn first_frame(&self) -> FrameNumber {
        self.frames.first().copied().unwrap_or_default()
    }

    /// The last frame.
    pub fn last_frame(&self) -> FrameNumber {
        self.frames.last().copied().unwrap_or_default()
    }
}

/// Gathers messages in the order in which they become known, and gives them in frame order.
#[derive(Debug, Default)]
pub struct Listing {
    pairing: Pairing,
    lines: Vec<Line>,
    /// Requests by first frame and who asks: where their lines stand, and for which service a ticket was asked.
    requests: HashMap<(FrameNumber, Endpoint), Request, FxBuildHasher>,
}

#[derive(Debug)]
struct Request {
    line: usize,
    realm_asked: Option<String>,
}

impl Listing {
    /// Adds a message.
    pub fn add(&mut self, message: &Message) {
        let request_frame = self.pairing.pair(message);
        let key = request_frame.map(|frame| (frame, message.flow.dst));
        let request = key.and_then(|key| self.requests.get(&key));
        let asked = request.and_then(|request| request.realm_asked.as_deref());
        let mut line = line(message, asked);
        if let Some(frame) = request_frame
            && let Some(name) = fields::back_link(&message.body)
        {
            line.fields.push(name, frame.0);
        }
        if let Some(request) = request
            && let Some(asked) = self.lines.get_mut(request.line)
            && let Some(name) = fields::forward_link(&message.body)
        {
            asked.fields.push_new(name, message.first_frame().0);
        }
        if fields::is_request(&message.body) {
            let key = (message.first_frame(), message.flow.src);
            let request = Request {
                line: self.lines.len(),
                realm_asked: realm_asked(&message.body),
            };
            self.requests.insert(key, request);
        }
        self.lines.push(line);
    }

    /// All lines, by first frame, then by last frame, with the numbers of another viewer where there are some, and with `file`
    /// where several captures are listed.
    pub fn into_lines(mut self, others: Option<&OtherNumbers>, file: Option<usize>) -> Vec<Line> {
        self.lines
            .sort_by_key(|line| (line.first_frame(), line.last_frame()));
        for line in &mut self.lines {
            line.file = file;
            if let Some(others) = others {
                line.other_frames = others.of_all(&line.frames);
            }
        }
        self.lines
    }
}

/// The realm whose ticket-granting ticket a request asks for; the empty text where it asks for something else.
fn realm_asked(body: &MessageBody) -> Option<String> {
    match body {
        MessageBody::Kerberos(
            KerberosMessage::AsReq(request) | KerberosMessage::TgsReq(request),
        ) => {
            let realm = request.sname.as_ref()?.krbtgt_realm();
            Some(realm.unwrap_or_default().to_owned())
        }
        _ => None,
    }
}

fn line(message: &Message, realm_asked: Option<&str>) -> Line {
    let content = fields::of(&message.body, realm_asked);
    let flow = message.flow;
    let place = |endpoint: Endpoint| match flow.transport {
        Transport::Icmp => endpoint.addr.to_string(),
        Transport::Tcp | Transport::Udp => endpoint.to_string(),
    };
    Line {
        kind: content.kind,
        frames: message.frames.to_vec(),
        other_frames: Vec::new(),
        file: None,
        time: message.time,
        src: place(flow.src),
        dst: place(flow.dst),
        transport: flow.transport.name(),
        is_complete: message.is_complete(),
        fields: content.fields,
        summary: content.summary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::message::{HttpRequest, HttpResponse};
    use crate::endpoint::Flow;
    use crate::wire::kerberos::etype::EncryptionType;
    use crate::wire::kerberos::message::{KdcRep, KdcReq, KrbError, Ticket};
    use crate::wire::kerberos::name::PrincipalName;

    const CLIENT: u8 = 1;
    const KDC: u8 = 2;

    fn message(frames: &[u64], src: u8, dst: u8, body: KerberosMessage) -> Message {
        let place = |host: u8| {
            let port = if host == KDC { 88 } else { 49_152 };
            Endpoint::new([10, 0, 0, host].into(), port)
        };
        Message {
            frames: frames.iter().map(|&frame| FrameNumber(frame)).collect(),
            time: Timestamp::from_nanos(0),
            last_time: Timestamp::from_nanos(0),
            flow: Flow {
                src: place(src),
                dst: place(dst),
                transport: Transport::Udp,
            },
            connection: None,
            loss: None,
            body: MessageBody::Kerberos(body),
        }
    }

    fn principal(text: &str) -> PrincipalName {
        PrincipalName {
            parts: text.split('/').map(Into::into).collect(),
            ..PrincipalName::default()
        }
    }

    fn asks(frame: u64, service: &str) -> Message {
        let request = KdcReq {
            sname: Some(principal(service)),
            ..KdcReq::default()
        };
        message(&[frame], CLIENT, KDC, KerberosMessage::TgsReq(request))
    }

    fn gets(frame: u64, service: &str) -> Message {
        let reply = KdcRep {
            ticket: Some(Ticket {
                realm: "A.EXAMPLE".into(),
                sname: principal(service),
                etype: EncryptionType::default(),
                kvno: None,
                cipher_bytes: 0,
                cipher_digest: None,
                cipher: None,
            }),
            ..KdcRep::default()
        };
        message(&[frame], KDC, CLIENT, KerberosMessage::TgsRep(reply))
    }

    fn lines(messages: &[Message]) -> Vec<Line> {
        let mut listing = Listing::default();
        for message in messages {
            listing.add(message);
        }
        listing.into_lines(None, None)
    }

    fn field<'a>(line: &'a Line, name: &str) -> Option<&'a Value> {
        let named = |(known, _): &&(&str, Value)| *known == name;
        line.fields.0.iter().find(named).map(|(_, value)| value)
    }

    #[test]
    fn a_referral_is_a_ticket_for_a_realm_that_was_not_asked_for() {
        let referral = |asked: &str, got: &str| {
            let lines = lines(&[asks(1, asked), gets(2, got)]);
            field(&lines[1], "referral").cloned()
        };
        let next = Some(Value::from("B.EXAMPLE"));
        assert_eq!(referral("HTTP/mp.b.example", "krbtgt/B.EXAMPLE"), next);
        assert_eq!(referral("krbtgt/C.EXAMPLE", "krbtgt/B.EXAMPLE"), next);
        assert_eq!(referral("krbtgt/B.EXAMPLE", "krbtgt/B.EXAMPLE"), None);
        assert_eq!(referral("krbtgt/b.example", "krbtgt/B.EXAMPLE"), None);
        assert_eq!(referral("HTTP/mp.b.example", "HTTP/mp.b.example"), None);
    }

    #[test]
    fn without_its_request_no_ticket_is_called_a_referral() {
        let lines = lines(&[gets(2, "krbtgt/B.EXAMPLE")]);
        assert_eq!(field(&lines[0], "referral"), None);
        assert_eq!(field(&lines[0], "request_frame"), None);
    }

    #[test]
    fn request_and_answer_name_each_other_and_the_first_answer_stays() {
        let refused = KrbError::default();
        let second = message(&[3], KDC, CLIENT, KerberosMessage::Error(refused));
        let lines = lines(&[asks(1, "HTTP/mp"), gets(2, "HTTP/mp"), second]);
        assert_eq!(field(&lines[0], "reply_frame"), Some(&Value::Number(2)));
        assert_eq!(field(&lines[1], "request_frame"), Some(&Value::Number(1)));
        assert_eq!(field(&lines[2], "request_frame"), Some(&Value::Number(1)));
    }

    #[test]
    fn an_interim_answer_is_not_the_answer_and_a_change_of_protocol_is() {
        let with = |message: Message, body: MessageBody| Message { body, ..message };
        let asked = MessageBody::HttpRequest(HttpRequest::default());
        let answered = |frame, status| {
            let mut response = HttpResponse::default();
            response.head.status = status;
            let body = MessageBody::HttpResponse(response);
            with(message(&[frame], KDC, CLIENT, KerberosMessage::ApRep), body)
        };
        let asks = with(message(&[1], CLIENT, KDC, KerberosMessage::ApRep), asked);
        let of_answers = |answers: &[Message]| {
            let lines = lines(&[std::slice::from_ref(&asks), answers].concat());
            field(&lines[0], "response_frame").cloned()
        };
        assert_eq!(of_answers(&[answered(2, 101)]), Some(Value::Number(2)));
        let late = [answered(2, 100), answered(3, 200)];
        assert_eq!(of_answers(&late), Some(Value::Number(3)));
        assert_eq!(of_answers(&late[..1]), None);
    }

    #[test]
    fn lines_stand_by_first_frame_and_then_by_last_frame() {
        let body = || KerberosMessage::ApRep;
        let known = [
            message(&[5, 9], CLIENT, KDC, body()),
            message(&[7], CLIENT, KDC, body()),
            message(&[5, 6], CLIENT, KDC, body()),
        ];
        let order: Vec<(u64, u64)> = lines(&known)
            .iter()
            .map(|line| (line.first_frame().0, line.last_frame().0))
            .collect();
        assert_eq!(order, [(5, 6), (5, 9), (7, 7)]);
    }

    #[test]
    fn what_was_cut_off_leaves_no_hole_in_the_summary() {
        let nothing = KerberosMessage::TgsReq(KdcReq::default());
        let lines = lines(&[message(&[1], CLIENT, KDC, nothing)]);
        assert_eq!(lines[0].summary, "asks a KDC for a service");
        assert_eq!(field(&lines[0], "sname"), None);
    }
}
