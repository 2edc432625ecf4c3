//! A name that a client asks its neighbours for, or a name server of NetBIOS, and what came back.
//!
//! Never takes an answer for true: anybody on the network may give one.

use std::fmt;
use std::net::IpAddr;

use crate::endpoint::Endpoint;
use crate::frame::Timestamp;
use crate::limits::Budget;
use crate::model::attempt::Attempt;
use crate::model::exchange::Span;
use crate::model::target::is_host_of;
use crate::text::WireText;
use crate::wire::dns::Rcode;
use crate::wire::nbns::NbnsResult;

/// A name of NetBIOS has so many letters: of a longer host name the first ones are taken.
const NETBIOS_NAME: usize = 15;

/// How names are found without DNS.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NameSystem {
    /// RFC 1002: everybody on the network, or a name server, is asked.
    Netbios,
    /// RFC 4795: everybody on the link is asked.
    Llmnr,
}

/// A name of a machine that was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NeighbourLookup {
    /// How.
    pub system: NameSystem,
    /// Who asks.
    pub client: Endpoint,
    /// Where the question goes; where it is not in the capture, who answers.
    pub asked_of: Endpoint,
    /// Who is asked.
    pub whom: Whom,
    /// The identifier of the question.
    pub id: u16,
    /// The name.
    pub name: WireText,
    /// The question; where it is not in the capture, the answer.
    pub asked: Span,
    /// The same question sent again.
    pub again: Vec<Span>,
    /// What came back, of each machine once.
    pub answers: Vec<NeighbourAnswer>,
}

/// Who is asked for a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whom {
    /// Everybody, by an address that stands for all.
    All,
    /// A name server of NetBIOS.
    Server,
    /// Nobody knows: the question is not in the capture.
    Unseen,
}

/// What one machine answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NeighbourAnswer {
    /// Who answers.
    pub from: IpAddr,
    /// Where it stands.
    pub span: Span,
    /// The code.
    pub code: AnswerCode,
    /// The addresses in it.
    pub addresses: Vec<IpAddr>,
    /// Whether there is more in it, which the capture cut off.
    pub lacks_records: bool,
}

/// The result that an answer states.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnswerCode {
    /// As NetBIOS has it.
    Netbios(NbnsResult),
    /// As LLMNR, and so DNS, has it.
    Llmnr(Rcode),
}

impl fmt::Display for AnswerCode {
    /// `NAM_ERR`, `NXDOMAIN`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Netbios(code) => code.fmt(f),
            Self::Llmnr(code) => code.fmt(f),
        }
    }
}

impl NameSystem {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Netbios => "NetBIOS",
            Self::Llmnr => "LLMNR",
        }
    }

    /// What a step of it is called: `nbns`, `llmnr`.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Netbios => "nbns",
            Self::Llmnr => "llmnr",
        }
    }
}

impl NeighbourLookup {
    /// Adds an answer, unless the machine has answered before.
    pub fn hear(&mut self, answer: NeighbourAnswer) {
        let is_known = self.answers.iter().any(|known| known.from == answer.from);
        if !is_known && self.answers.len() < Budget::NEIGHBOUR_ANSWERS {
            self.answers.push(answer);
        }
    }

    /// All addresses that were answered, in order, each once.
    pub fn addresses(&self) -> Vec<IpAddr> {
        let mut found = Vec::new();
        for address in self.answers.iter().flat_map(|answer| &answer.addresses) {
            if !found.contains(address) {
                found.push(*address);
            }
        }
        found
    }

    /// Whether an address came back.
    pub fn is_found(&self) -> bool {
        self.answers
            .iter()
            .any(|answer| !answer.addresses.is_empty())
    }

    /// The first answer that gives `address`.
    pub fn answer_with(&self, address: IpAddr) -> Option<&NeighbourAnswer> {
        self.answers
            .iter()
            .find(|answer| answer.addresses.contains(&address))
    }

    /// Everything of it, in no particular order.
    pub fn spans(&self) -> impl Iterator<Item = &Span> {
        let answers = self.answers.iter().map(|answer| &answer.span);
        std::iter::once(&self.asked)
            .chain(&self.again)
            .chain(answers)
    }

    /// Whether it is a look-up of the host that has all of `names`, or of the first label of one.
    pub fn is_for(&self, names: &[WireText]) -> bool {
        let asked = self.name.as_str();
        let mut labels = names
            .iter()
            .filter_map(|name| name.as_str().split('.').next());
        let is_shortened = self.system == NameSystem::Netbios
            && asked.len() == NETBIOS_NAME
            && labels.any(|label| {
                let begin = label.get(..NETBIOS_NAME);
                begin.is_some_and(|begin| begin.eq_ignore_ascii_case(asked))
            });
        is_host_of(names.iter().map(WireText::as_str), asked) || is_shortened
    }

    /// When the last thing of it ended.
    pub fn last_time(&self) -> Timestamp {
        let ends = self.spans().map(|span| span.last_time);
        ends.max().unwrap_or(self.asked.last_time)
    }
}

impl Attempt {
    /// The first answer without DNS that gives `address` for the server's name.
    pub fn answered_by_neighbour(
        &self,
        address: IpAddr,
    ) -> Option<(&NeighbourLookup, &NeighbourAnswer)> {
        let mut lookups = self.around.neighbours.iter();
        lookups.find_map(|lookup| Some((lookup, lookup.answer_with(address)?)))
    }
}
