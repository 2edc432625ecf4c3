//! What is said between a client and its neighbours about names, joined into look-ups.
//!
//! Never holds more than the budget.

use std::collections::VecDeque;
use std::net::IpAddr;

use crate::dissect::message::Message;
use crate::frame::{FrameNumber, Timestamp};
use crate::limits::Budget;
use crate::model::exchange::Span;
use crate::model::gather::Period;
use crate::model::neighbour_lookup::{AnswerCode, NameSystem, NeighbourAnswer, NeighbourLookup};
use crate::model::target::Target;
use crate::text::WireText;
use crate::wire::dns::{RecordData, RecordType};
use crate::wire::llmnr::LlmnrMessage;
use crate::wire::nbns::{NbnsMessage, NbnsType};

/// A message of either system, as far as it is about the address of a machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Spoken {
    /// A question.
    Question {
        /// How it is asked.
        system: NameSystem,
        /// Whether everybody is asked.
        is_of_all: bool,
        /// Its identifier.
        id: u16,
        /// The name.
        name: WireText,
    },
    /// An answer.
    Answer {
        /// The result.
        code: AnswerCode,
        /// The addresses.
        addresses: Vec<IpAddr>,
        /// Whether it states more.
        lacks_records: bool,
    },
}

impl Spoken {
    /// What an NBNS message says; `None` where it is not about a machine's address.
    pub fn of_nbns(message: NbnsMessage) -> Option<Self> {
        if message.is_response {
            return Some(Self::Answer {
                code: AnswerCode::Netbios(message.result),
                addresses: message.addresses.into_iter().map(IpAddr::V4).collect(),
                lacks_records: message.lacks_answers,
            });
        }
        let is_wanted = message.qtype == NbnsType::NB && message.name.is_machine();
        is_wanted.then_some(Self::Question {
            system: NameSystem::Netbios,
            is_of_all: message.is_broadcast,
            id: message.id,
            name: message.name.name,
        })
    }

    /// What an LLMNR message says; `None` where it is not about a machine's address, or a responder is not sure of its name.
    pub fn of_llmnr(message: LlmnrMessage) -> Option<Self> {
        let dns = message.dns;
        if dns.is_response {
            let addresses = dns.answers.iter().filter_map(|answer| match answer.data {
                RecordData::Address(address) => Some(address),
                _ => None,
            });
            return (!message.is_tentative).then(|| Self::Answer {
                code: AnswerCode::Llmnr(dns.rcode),
                addresses: addresses.collect(),
                lacks_records: dns.lacks_answers || dns.truncated,
            });
        }
        let is_wanted = matches!(dns.qtype, RecordType::A | RecordType::AAAA);
        is_wanted.then_some(Self::Question {
            system: NameSystem::Llmnr,
            is_of_all: true,
            id: dns.id,
            name: dns.name,
        })
    }
}

/// The latest such look-ups of one client.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Neighbours(VecDeque<NeighbourLookup>);

impl Neighbours {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a message of the client, or to it. `request` is the first frame of the question that an answer belongs to.
    pub fn add(&mut self, mut message: Message, spoken: Spoken, request: Option<FrameNumber>) {
        match spoken {
            Spoken::Question {
                system,
                is_of_all,
                id,
                name,
            } => {
                let (client, asked_of) = (message.flow.src, message.flow.dst);
                self.ask(NeighbourLookup {
                    system,
                    client,
                    asked_of,
                    is_of_all,
                    id,
                    name,
                    asked: Span::take(&mut message),
                    again: Vec::new(),
                    answers: Vec::new(),
                });
            }
            Spoken::Answer {
                code,
                addresses,
                lacks_records,
            } => {
                let answer = NeighbourAnswer {
                    from: message.flow.src.addr,
                    span: Span::take(&mut message),
                    code,
                    addresses,
                    lacks_records,
                };
                self.answer(request, answer);
            }
        }
    }

    /// Adds a question; one that was sent before, and that nobody answered, is only counted.
    fn ask(&mut self, lookup: NeighbourLookup) {
        let sent_before = |earlier: &&mut NeighbourLookup| {
            earlier.system == lookup.system
                && earlier.client == lookup.client
                && earlier.id == lookup.id
                && earlier.name == lookup.name
                && earlier.answers.is_empty()
        };
        if let Some(earlier) = self.0.iter_mut().rev().find(sent_before) {
            if earlier.again.len() >= Budget::REPEATED_QUESTIONS {
                earlier.again.pop();
            }
            earlier.again.push(lookup.asked);
            return;
        }
        if self.0.len() >= Budget::NEIGHBOUR_LOOKUPS {
            self.0.pop_front();
        }
        self.0.push_back(lookup);
    }

    fn answer(&mut self, request: Option<FrameNumber>, answer: NeighbourAnswer) {
        let is_asked = |lookup: &&mut NeighbourLookup| {
            let mut questions = std::iter::once(&lookup.asked).chain(&lookup.again);
            questions.any(|span| Some(span.first()) == request)
        };
        let Some(lookup) = self.0.iter_mut().rev().find(is_asked) else {
            return;
        };
        let is_known = lookup.answers.iter().any(|known| known.from == answer.from);
        if !is_known && lookup.answers.len() < Budget::NEIGHBOUR_ANSWERS {
            lookup.answers.push(answer);
        }
    }

    /// Those for a name of `target`, in `period`.
    pub fn about<'n>(
        &'n self,
        target: &'n Target,
        period: Period,
    ) -> impl Iterator<Item = &'n NeighbourLookup> {
        self.0.iter().filter(move |lookup| {
            period.holds(lookup.asked.time)
                && target.names.iter().any(|name| lookup.is_for(name.as_str()))
        })
    }

    /// Those that were over before `horizon`.
    pub fn before(&self, horizon: Timestamp) -> impl Iterator<Item = &NeighbourLookup> {
        self.0
            .iter()
            .filter(move |lookup| lookup.last_time() < horizon)
    }

    /// Lets go of what was over before `horizon`.
    pub fn forget_before(&mut self, horizon: Timestamp) {
        self.0.retain(|lookup| lookup.last_time() >= horizon);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::message::MessageBody;
    use crate::endpoint::{Endpoint, Flow, Transport};
    use crate::wire::nbns::NetbiosName;

    const CLIENT: u8 = 51;
    const ALL: u8 = 255;

    fn message(frame: u64, src: u8, dst: u8) -> Message {
        let place = |host: u8| Endpoint::new([10, 0, 0, host].into(), 137);
        let time = Timestamp::from_nanos(i64::try_from(frame).unwrap());
        Message {
            frames: [FrameNumber(frame)].into_iter().collect(),
            time,
            last_time: time,
            flow: Flow {
                src: place(src),
                dst: place(dst),
                transport: Transport::Udp,
            },
            connection: None,
            loss: None,
            body: MessageBody::Nbns(NbnsMessage::default()),
        }
    }

    fn question(name: &str, suffix: u8) -> NbnsMessage {
        NbnsMessage {
            is_broadcast: true,
            name: NetbiosName {
                name: name.into(),
                suffix,
            },
            qtype: NbnsType::NB,
            ..NbnsMessage::default()
        }
    }

    fn answer(host: u8) -> NbnsMessage {
        NbnsMessage {
            is_response: true,
            addresses: vec![[10, 0, 0, host].into()],
            ..NbnsMessage::default()
        }
    }

    fn asked(frames: &[u64]) -> Neighbours {
        let mut seen = Neighbours::default();
        for frame in frames {
            let spoken = Spoken::of_nbns(question("MP", 0)).unwrap();
            seen.add(message(*frame, CLIENT, ALL), spoken, None);
        }
        seen
    }

    fn hear(seen: &mut Neighbours, frame: u64, host: u8, request: u64) {
        let spoken = Spoken::of_nbns(answer(host)).unwrap();
        let request = Some(FrameNumber(request));
        seen.add(message(frame, host, CLIENT), spoken, request);
    }

    #[test]
    fn a_question_that_was_sent_again_is_one_and_each_machine_answers_it_once() {
        let mut seen = asked(&[1, 2, 3]);
        assert_eq!((seen.len(), seen.0[0].again.len()), (1, 2));
        for (frame, host) in [(4, 80), (5, 66), (6, 80)] {
            hear(&mut seen, frame, host, 2);
        }
        let found = seen.0[0].addresses();
        let addresses: [IpAddr; 2] = [[10, 0, 0, 80].into(), [10, 0, 0, 66].into()];
        assert_eq!(found, addresses);
        hear(&mut seen, 7, 99, 9);
        assert_eq!(seen.0[0].answers.len(), 2, "nobody asked in frame 9");
    }

    #[test]
    fn the_latest_questions_are_kept_and_old_ones_let_go() {
        let mut seen = Neighbours::default();
        for frame in 0..100 {
            let spoken = Spoken::of_nbns(question(&format!("PC{frame}"), 0)).unwrap();
            seen.add(message(frame, CLIENT, ALL), spoken, None);
        }
        assert_eq!(seen.len(), Budget::NEIGHBOUR_LOOKUPS);
        seen.forget_before(Timestamp::from_nanos(99));
        assert_eq!(seen.0[0].name.as_str(), "PC99");
        assert_eq!(seen.len(), 1);
    }

    #[test]
    fn only_questions_for_machines_count() {
        assert!(Spoken::of_nbns(question("MP", 0x20)).is_some());
        assert!(Spoken::of_nbns(question("CORP", 0x1c)).is_none());
        let mut status = question("MP", 0);
        status.qtype = NbnsType(0x21);
        assert!(Spoken::of_nbns(status).is_none());
    }

    #[test]
    fn an_answer_of_a_machine_that_is_not_sure_of_its_name_does_not_count() {
        let mut told = LlmnrMessage::default();
        told.dns.is_response = true;
        assert!(Spoken::of_llmnr(told.clone()).is_some());
        told.is_tentative = true;
        assert!(Spoken::of_llmnr(told).is_none());
    }

    #[test]
    fn a_long_host_name_is_asked_for_by_its_first_letters() {
        let lookup = |name: &str| {
            let mut seen = Neighbours::default();
            let spoken = Spoken::of_nbns(question(name, 0)).unwrap();
            seen.add(message(1, CLIENT, ALL), spoken, None);
            seen.0.pop_front().unwrap()
        };
        let long = lookup("MANAGEMENTPOINT");
        assert!(long.is_for("managementpoint01.lab"));
        assert!(!long.is_for("managementserver.lab"));
        assert!(lookup("MP").is_for("mp.lab"));
        assert!(!lookup("MP").is_for("mp2.lab"));
    }
}
