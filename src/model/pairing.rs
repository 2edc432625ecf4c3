//! Which answer belongs to which request.
//!
//! Never keeps messages, only the frames of requests that wait for their answers.

use std::hash::BuildHasher;

use hashbrown::HashTable;
use hashbrown::hash_table::OccupiedEntry;
use rustc_hash::FxBuildHasher;

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
    /// Where in `asked` a key stands. Measured: keys here, beside their queues, were a twentieth of all that becomes of messages.
    places: HashTable<usize>,
    /// In the order in which they began to wait; the oldest one makes room for the next when there are too many.
    asked: Vec<(Key, Queue)>,
    oldest: usize,
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
            Part::Answer if is_interim(&message.body) => {
                let (_, queue) = self.asked.get(self.find(key)?)?;
                Some(queue.oldest.frame)
            }
            Part::Answer => self.answer(key, at),
        }
    }

    fn remember(&mut self, key: Key, at: Moment) {
        if let Some((_, queue)) = self.find(key).and_then(|place| self.asked.get_mut(place)) {
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
        let place = self.make_room(key, queue);
        let asked = &self.asked;
        self.places
            .insert_unique(key.hash_number(), place, |&place| {
                asked.get(place).map_or(0, |(key, _)| key.hash_number())
            });
    }

    /// Puts a key behind the others, or where the oldest one is; gives the place.
    fn make_room(&mut self, key: Key, queue: Queue) -> usize {
        if self.asked.len() < Budget::REQUESTS_WAITING {
            self.asked.push((key, queue));
            return self.asked.len() - 1;
        }
        let place = self.oldest;
        self.oldest = (place + 1) % Budget::REQUESTS_WAITING;
        if let Some(oldest) = self.asked.get_mut(place) {
            let (gone, _) = std::mem::replace(oldest, (key, queue));
            let gone = self
                .places
                .find_entry(gone.hash_number(), |&other| other == place);
            // One over TCP that was answered is not there any more.
            let _ = gone.map(OccupiedEntry::remove);
        }
        place
    }

    fn find(&self, key: Key) -> Option<usize> {
        let is_it = |&place: &usize| self.asked.get(place).is_some_and(|(it, _)| *it == key);
        self.places.find(key.hash_number(), is_it).copied()
    }

    /// Answers of `connection` may be missing from here on.
    pub fn miss_answers(&mut self, connection: ConnectionId) {
        for protocol in [Protocol::Http, Protocol::Kerberos] {
            let place = Place::Connection(connection);
            let place = self.find(Key { protocol, place });
            if let Some((_, queue)) = place.and_then(|place| self.asked.get_mut(place)) {
                queue.has_gap = true;
            }
        }
    }

    fn answer(&mut self, key: Key, answered: Moment) -> Option<FrameNumber> {
        let place = self.find(key)?;
        let (_, queue) = self.asked.get_mut(place)?;
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
            let done = self.places.find_entry(key.hash_number(), |&it| it == place);
            let _ = done.map(OccupiedEntry::remove);
        } else {
            queue.oldest = queue.newer.remove(0);
        }
        Some(frame)
    }
}

impl Key {
    fn hash_number(self) -> u64 {
        FxBuildHasher.hash_one(self)
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
