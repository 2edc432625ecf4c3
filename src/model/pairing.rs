//! Which answer belongs to which request.
//!
//! Never keeps messages, only the frames of requests that wait for their answers.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::dissect::message::{Message, MessageBody};
use crate::endpoint::{ConnectionId, Flow};
use crate::frame::FrameNumber;
use crate::limits::Budget;
use crate::model::exchange::Moment;
use crate::wire::http;
use crate::wire::kerberos::message::KerberosMessage;

/// The requests that wait for their answers.
///
/// Messages are given in the order in which they became known. Over TCP an answer belongs to the oldest request of its
/// connection and protocol that began before it, over UDP to the newest one between the same ports (with the same identifier,
/// for DNS, LLMNR and NetBIOS names). Behind bytes that the capture lacks nobody knows how many answers there were: the next one belongs to the newest
/// request, since these clients ask one thing at a time.
#[derive(Debug, Default)]
pub struct Pairing {
    waiting: FxHashMap<Key, Queue>,
    ages: VecDeque<Key>,
}

/// Where requests begin, the oldest first. Most often there is one, so that one needs no list.
#[derive(Debug)]
struct Queue {
    oldest: Moment,
    newer: Vec<Moment>,
    /// An answer may be missing.
    has_gap: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Key {
    protocol: Protocol,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Protocol {
    Http,
    Kerberos,
    Dns(u16),
    Llmnr(u16),
    Nbns(u16),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Place {
    Connection(ConnectionId),
    /// As the request went.
    Ports(Flow),
}

enum Part {
    Request,
    Answer,
}

impl Pairing {
    /// Whether a message is one that answers a request.
    pub fn is_answer(body: &MessageBody) -> bool {
        matches!(classify(body), Some((_, Part::Answer)))
    }

    /// Remembers a request; for an answer, gives the first frame of its request.
    pub fn pair(&mut self, message: &Message) -> Option<FrameNumber> {
        let (protocol, part) = classify(&message.body)?;
        let asked = match part {
            Part::Request => message.flow,
            Part::Answer => message.flow.reversed(),
        };
        let flow = protocol.paired_by(asked);
        let place = message
            .connection
            .map_or(Place::Ports(flow), Place::Connection);
        let key = Key { protocol, place };
        let at = Moment {
            frame: message.first_frame(),
            time: message.time,
        };
        match part {
            Part::Request => {
                self.remember(key, at);
                None
            }
            Part::Answer if is_interim(&message.body) => Some(self.waiting.get(&key)?.oldest.frame),
            Part::Answer => self.answer(key, at),
        }
    }

    fn remember(&mut self, key: Key, at: Moment) {
        if let Some(queue) = self.waiting.get_mut(&key) {
            if let Place::Ports(_) = key.place {
                // Only the newest one may be answered.
                queue.oldest = at;
            } else if queue.newer.len() < Budget::REQUESTS_IN_FLIGHT {
                queue.newer.push(at);
            }
            return;
        }
        let queue = Queue {
            oldest: at,
            newer: Vec::new(),
            has_gap: false,
        };
        self.waiting.insert(key, queue);
        self.ages.push_back(key);
        while self.ages.len() > Budget::REQUESTS_WAITING
            && let Some(oldest) = self.ages.pop_front()
        {
            self.waiting.remove(&oldest);
        }
    }

    /// Answers of `connection` may be missing from here on.
    pub fn miss_answers(&mut self, connection: ConnectionId) {
        for protocol in [Protocol::Http, Protocol::Kerberos] {
            let place = Place::Connection(connection);
            if let Some(queue) = self.waiting.get_mut(&Key { protocol, place }) {
                queue.has_gap = true;
            }
        }
    }

    fn answer(&mut self, key: Key, answered: Moment) -> Option<FrameNumber> {
        let queue = self.waiting.get_mut(&key)?;
        if let Place::Ports(_) = key.place {
            return Some(queue.oldest.frame);
        }
        if is_after(queue.oldest, answered) {
            return None;
        }
        if std::mem::take(&mut queue.has_gap) {
            queue.skip_to_newest(answered);
        }
        let frame = queue.oldest.frame;
        if queue.newer.is_empty() {
            self.waiting.remove(&key);
        } else {
            queue.oldest = queue.newer.remove(0);
        }
        Some(frame)
    }
}

impl Queue {
    /// Lets go of all requests before the newest one that began before `answered`.
    fn skip_to_newest(&mut self, answered: Moment) {
        let newest_before = |next: &Moment| !is_after(*next, answered);
        while let Some(next) = self.newer.first().copied().filter(newest_before) {
            self.oldest = next;
            self.newer.remove(0);
        }
    }
}

/// Whether a request came after an answer: two frames that were written in the wrong order keep their times.
fn is_after(request: Moment, answer: Moment) -> bool {
    request.frame > answer.frame && request.time > answer.time
}

impl Protocol {
    /// By what a request that went by `asked` is found again. Where everybody is asked, the answer comes from one machine.
    const fn paired_by(self, asked: Flow) -> Flow {
        match self {
            Self::Llmnr(_) | Self::Nbns(_) => Flow {
                dst: asked.src,
                ..asked
            },
            Self::Http | Self::Kerberos | Self::Dns(_) => asked,
        }
    }
}

fn classify(body: &MessageBody) -> Option<(Protocol, Part)> {
    Some(match body {
        MessageBody::HttpRequest(_) => (Protocol::Http, Part::Request),
        MessageBody::HttpResponse(_) => (Protocol::Http, Part::Answer),
        MessageBody::Kerberos(kerberos) => (Protocol::Kerberos, part_of(kerberos)?),
        MessageBody::Dns(dns) => (Protocol::Dns(dns.id), part_of_two(dns.is_response)),
        MessageBody::Llmnr(llmnr) => (
            Protocol::Llmnr(llmnr.dns.id),
            part_of_two(llmnr.dns.is_response),
        ),
        MessageBody::Nbns(nbns) => (Protocol::Nbns(nbns.id), part_of_two(nbns.is_response)),
        MessageBody::Cldap(_)
        | MessageBody::Dhcp(_)
        | MessageBody::Ntp(_)
        | MessageBody::SmbNegotiate(_)
        | MessageBody::SmbSetup(_)
        | MessageBody::LdapRootDse(_)
        | MessageBody::Tds(_)
        | MessageBody::TlsClientHello(_)
        | MessageBody::IcmpError(_) => return None,
    })
}

const fn part_of_two(is_answer: bool) -> Part {
    if is_answer {
        Part::Answer
    } else {
        Part::Request
    }
}

fn part_of(kerberos: &KerberosMessage) -> Option<Part> {
    match kerberos {
        KerberosMessage::AsReq(_) | KerberosMessage::TgsReq(_) => Some(Part::Request),
        KerberosMessage::AsRep(_) | KerberosMessage::TgsRep(_) | KerberosMessage::Error(_) => {
            Some(Part::Answer)
        }
        KerberosMessage::ApReq(_) | KerberosMessage::ApRep | KerberosMessage::Other(_) => None,
    }
}

/// Whether its request goes on waiting for an answer.
fn is_interim(body: &MessageBody) -> bool {
    matches!(body, MessageBody::HttpResponse(response) if http::is_interim(response.head.status))
}
