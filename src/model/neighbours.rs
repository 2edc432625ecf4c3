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
use crate::model::neighbour_lookup::{
    AnswerCode, NameSystem, NeighbourAnswer, NeighbourLookup, Whom,
};
use crate::model::target::Target;
use crate::text::WireText;
use crate::wire::dns::{RecordData, RecordType};
use crate::wire::llmnr::LlmnrMessage;
use crate::wire::nbns::{NbnsMessage, NbnsType};

/// A message of either system, as far as it is about the address of a machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spoken {
    system: NameSystem,
    id: u16,
    name: WireText,
    part: Part,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Question(Whom),
    Answer {
        code: AnswerCode,
        addresses: Vec<IpAddr>,
        lacks_records: bool,
    },
}

impl Spoken {
    /// What an NBNS message says; `None` where it is not about a machine.
    pub fn of_nbns(message: NbnsMessage) -> Option<Self> {
        // A refusal has a record of type NULL.
        let is_of_address = message.qtype == NbnsType::NB
            || (message.is_response && message.qtype != NbnsType::NBSTAT);
        let is_wanted = is_of_address && message.name.is_machine();
        let part = if message.is_response {
            Part::Answer {
                code: AnswerCode::Netbios(message.result),
                addresses: message.addresses.into_iter().map(IpAddr::V4).collect(),
                lacks_records: message.lacks_answers,
            }
        } else if message.is_broadcast {
            Part::Question(Whom::All)
        } else {
            Part::Question(Whom::Server)
        };
        is_wanted.then_some(Self {
            system: NameSystem::Netbios,
            id: message.id,
            name: message.name.name,
            part,
        })
    }

    /// What an LLMNR message says; `None` where it is not about an address, or a responder is not sure of its name.
    pub fn of_llmnr(message: LlmnrMessage) -> Option<Self> {
        let dns = message.dns;
        let is_wanted = matches!(
            dns.qtype,
            RecordType::A | RecordType::AAAA | RecordType::ANY
        ) && !message.is_tentative;
        let addresses = dns.answers.iter().filter_map(|answer| match answer.data {
            RecordData::Address(address) => Some(address),
            _ => None,
        });
        let part = if dns.is_response {
            Part::Answer {
                code: AnswerCode::Llmnr(dns.rcode),
                addresses: addresses.collect(),
                lacks_records: dns.lacks_answers || dns.truncated,
            }
        } else {
            Part::Question(Whom::All)
        };
        is_wanted.then_some(Self {
            system: NameSystem::Llmnr,
            id: dns.id,
            name: dns.name,
            part,
        })
    }

    /// Whether it is an answer.
    pub const fn is_answer(&self) -> bool {
        matches!(self.part, Part::Answer { .. })
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
    pub fn add(&mut self, message: &mut Message, spoken: Spoken, request: Option<FrameNumber>) {
        let flow = message.flow;
        let span = Span::take(message);
        let lookup = |client, asked_of, whom, asked| NeighbourLookup {
            system: spoken.system,
            client,
            asked_of,
            whom,
            id: spoken.id,
            name: spoken.name,
            asked,
            again: Vec::new(),
            answers: Vec::new(),
        };
        match spoken.part {
            Part::Question(whom) => self.ask(lookup(flow.src, flow.dst, whom, span)),
            Part::Answer {
                code,
                addresses,
                lacks_records,
            } => {
                let answer = NeighbourAnswer {
                    from: flow.src.addr,
                    span: span.clone(),
                    code,
                    addresses,
                    lacks_records,
                };
                if let Some(asked) = self.asked_in(request) {
                    asked.hear(answer);
                } else {
                    let mut unseen = lookup(flow.dst, flow.src, Whom::Unseen, span);
                    unseen.hear(answer);
                    self.push(unseen);
                }
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
        self.push(lookup);
    }

    fn push(&mut self, lookup: NeighbourLookup) {
        if self.0.len() >= Budget::NEIGHBOUR_LOOKUPS {
            self.0.pop_front();
        }
        self.0.push_back(lookup);
    }

    /// The look-up that was asked in frame `request`.
    fn asked_in(&mut self, request: Option<FrameNumber>) -> Option<&mut NeighbourLookup> {
        self.0.iter_mut().rev().find(|lookup| {
            let mut questions = std::iter::once(&lookup.asked).chain(&lookup.again);
            lookup.whom != Whom::Unseen && questions.any(|span| Some(span.first()) == request)
        })
    }

    /// Those for a name of `target`, in `period`.
    pub fn about<'n>(
        &'n self,
        target: &'n Target,
        period: Period,
    ) -> impl Iterator<Item = &'n NeighbourLookup> {
        self.0
            .iter()
            .filter(move |lookup| period.holds(lookup.asked.time) && lookup.is_for(&target.names))
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
            seen.add(&mut message(*frame, CLIENT, ALL), spoken, None);
        }
        seen
    }

    fn hear(seen: &mut Neighbours, frame: u64, host: u8, request: u64) {
        let spoken = Spoken::of_nbns(answer(host)).unwrap();
        let request = Some(FrameNumber(request));
        seen.add(&mut message(frame, host, CLIENT), spoken, request);
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
        assert_eq!(seen.0[0].answers.len(), 2, "another question");
        assert_eq!((seen.len(), seen.0[1].whom), (2, Whom::Unseen));
    }

    #[test]
    fn the_latest_questions_are_kept_and_old_ones_let_go() {
        let mut seen = Neighbours::default();
        for frame in 0..100 {
            let spoken = Spoken::of_nbns(question(&format!("PC{frame}"), 0)).unwrap();
            seen.add(&mut message(frame, CLIENT, ALL), spoken, None);
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
        status.qtype = NbnsType::NBSTAT;
        assert!(Spoken::of_nbns(status.clone()).is_none());
        status.is_response = true;
        assert!(Spoken::of_nbns(status).is_none());
    }

    #[test]
    fn an_answer_of_a_machine_that_is_not_sure_of_its_name_does_not_count() {
        let mut told = LlmnrMessage::default();
        told.dns.is_response = true;
        told.dns.qtype = RecordType::A;
        assert!(Spoken::of_llmnr(told.clone()).is_some());
        told.is_tentative = true;
        assert!(Spoken::of_llmnr(told).is_none());
    }

    #[test]
    fn a_long_host_name_is_asked_for_by_its_first_letters() {
        let lookup = |name: &str| {
            let mut seen = Neighbours::default();
            let spoken = Spoken::of_nbns(question(name, 0)).unwrap();
            seen.add(&mut message(1, CLIENT, ALL), spoken, None);
            seen.0.pop_front().unwrap()
        };
        let long = lookup("MANAGEMENTPOINT");
        assert!(long.is_for(&["managementpoint01.lab".into()]));
        assert!(!long.is_for(&["managementserver.lab".into()]));
        assert!(lookup("MP").is_for(&["mp.lab".into()]));
        assert!(!lookup("MP").is_for(&["mp2.lab".into()]));
        assert!(lookup("mp.other.lab").is_for(&["MP".into()]));
        assert!(!lookup("mp.other.lab").is_for(&["MP".into(), "mp.corp.lab".into()]));
    }
}
