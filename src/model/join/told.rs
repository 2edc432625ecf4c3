//! Sentences of Configuration Manager's logs and the attempts that they are about.
//!
//! Never takes a sentence for an attempt's that names another client, and says of each why it was taken.

use std::net::IpAddr;
use std::sync::Arc;

use crate::frame::Timestamp;
use crate::limits::Budget;
use crate::logs::configmgr::ToldLine;
use crate::logs::{Said, WitnessLine};
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::model::witness::{Source, Tie, ToldRecord};
use crate::text::WireText;

/// A component may write so long before the first frame of an attempt, and after its last one: registrations are processed in
/// the background, and clients ask for the result later.
const BEFORE: i64 = 120_000_000_000;
const AFTER: i64 = 900_000_000_000;
/// Characters of a sentence that are kept.
const LONGEST: usize = 400;
/// Components whose sentences about a registration name nobody.
const OF_REGISTRATION: [&str; 3] = [
    "MP_RegistrationManager",
    "ClientIDManagerStartup",
    "CcmMessaging",
];
/// The one of them that writes about all clients, and not about the one on which it runs.
const OF_ALL_CLIENTS: &str = "MP_RegistrationManager";
/// Components of a client that say which management point it chose.
const OF_LOCATION: [&str; 2] = ["LocationServices", "ClientLocation"];
/// What such a sentence is about, in lower case.
const ABOUT: [&str; 7] = [
    "regist",
    "mp reg:",
    "approv",
    "windowsauth",
    ".rdr",
    "statuscode=401",
    "failed with 0x",
];

/// Takes sentences for the attempts that they are about.
#[derive(Debug)]
pub struct ToldJoin {
    marks: Vec<Marks>,
    joined: usize,
}

/// What a sentence about an attempt names, in lower case, and when it may be written.
#[derive(Debug)]
struct Marks {
    from: Timestamp,
    to: Timestamp,
    messages: Vec<String>,
    identities: Vec<String>,
    thumbprints: Vec<String>,
    names: Vec<String>,
    /// The server's own names.
    servers: Vec<String>,
    /// No other client is in the capture.
    is_alone: bool,
    /// Identities of others, or of clients of which the capture has none, in the management point's log at the same time.
    strangers: Vec<String>,
    records: Vec<ToldRecord>,
}

impl ToldJoin {
    /// Waits for sentences about `attempts`.
    pub fn for_attempts(attempts: &[Attempt]) -> Self {
        let first: Option<IpAddr> = attempts.first().map(|attempt| attempt.client);
        let is_alone = attempts.iter().all(|attempt| Some(attempt.client) == first);
        Self {
            marks: attempts
                .iter()
                .map(|attempt| Marks::of(attempt, is_alone))
                .collect(),
            joined: 0,
        }
    }

    /// Gives `line` of `file` to the first attempt that it is about.
    pub fn take(&mut self, file: &Arc<str>, line: &WitnessLine<'_>) {
        let Said::Told(told) = &line.said else {
            return;
        };
        if !self.marks.iter().any(|marks| marks.may_hold(line.time)) {
            return;
        }
        let text = told.text.to_ascii_lowercase();
        if told.component.eq_ignore_ascii_case(OF_ALL_CLIENTS)
            && let Some(identity) = identity_in(&text)
        {
            self.note_identity(identity, line.time);
        }
        let mut in_time = self
            .marks
            .iter_mut()
            .filter(|marks| marks.may_hold(line.time));
        let found = in_time.find_map(|marks| Some((marks.tie(told, &text)?, marks)));
        let Some((tie, marks)) =
            found.filter(|(_, marks)| marks.records.len() < Budget::TOLD_LINES)
        else {
            return;
        };
        marks.records.push(ToldRecord {
            source: Source {
                file: Arc::clone(file),
                line: line.number,
            },
            time: line.time,
            component: WireText::from(&*told.component),
            text: WireText::from(told.in_a_line(LONGEST)),
            tie,
        });
        self.joined += 1;
    }

    /// Notes that the management point's log names `identity` at `time`.
    fn note_identity(&mut self, identity: &str, time: Timestamp) {
        let in_time = self.marks.iter_mut();
        for marks in in_time.filter(|marks| marks.may_hold(time)) {
            let is_known = |known: &[String]| known.iter().any(|it| it == identity);
            let is_new = !is_known(&marks.identities) && !is_known(&marks.strangers);
            // Two are enough to tell that there are several clients.
            if is_new && marks.strangers.len() < 2 {
                marks.strangers.push(identity.to_owned());
            }
        }
    }

    /// Gives what was taken to `attempts`, the same that were given before, and says how many sentences that are.
    pub fn finish(mut self, attempts: &mut [Attempt]) -> usize {
        for marks in &mut self.marks {
            self.joined -= marks.drop_doubtful();
        }
        for (attempt, marks) in attempts.iter_mut().zip(self.marks) {
            attempt.told.extend(marks.records);
            attempt.told.sort_by_key(|told| told.time);
        }
        self.joined
    }
}

impl Marks {
    fn of(attempt: &Attempt, is_alone: bool) -> Self {
        let messages = || attempt.http.iter().filter_map(asked);
        let registrations = || messages().filter_map(|asked| asked.registration.as_ref());
        let answers = attempt.http.iter().filter_map(answered);
        let lower = |text: &WireText| text.as_str().to_ascii_lowercase();
        let identities = messages().chain(answers).filter_map(|told| told.smsid());
        let names = registrations()
            .flat_map(|asked| [asked.netbios_name.as_ref(), asked.fqdn.as_ref()])
            .chain(messages().map(|asked| asked.source_host.as_ref()))
            .flatten();
        let thumbprints = registrations().filter_map(|asked| asked.signing_thumbprint.as_ref());
        let spread =
            |time: Timestamp, nanos: i64| Timestamp::from_nanos(time.nanos().saturating_add(nanos));
        Self {
            from: spread(attempt.first_time(), -BEFORE),
            to: spread(attempt.last_time(), AFTER),
            messages: worth(messages().filter_map(|asked| asked.id.as_ref()).map(lower)),
            identities: worth(identities.map(lower)),
            thumbprints: worth(thumbprints.map(|hex| hex.to_ascii_lowercase())),
            names: worth(names.map(lower)),
            servers: worth(attempt.target.name().into_iter().map(str::to_lowercase)),
            is_alone,
            strangers: Vec::new(),
            records: Vec::new(),
        }
    }

    /// Whether a sentence of that time may be about the attempt.
    fn may_hold(&self, time: Timestamp) -> bool {
        self.from <= time && time <= self.to
    }

    /// Drops sentences of a log about all clients that only their time ties to the attempt, where that log tells of several
    /// clients at that time, and says how many they are.
    fn drop_doubtful(&mut self) -> usize {
        // One identity may be that of the client, where the capture does not have it.
        let own = usize::from(self.identities.is_empty());
        if self.strangers.len() <= own {
            return 0;
        }
        let all = self.records.len();
        self.records
            .retain(|told| told.tie != Tie::Time || !told.component.same_name(OF_ALL_CLIENTS));
        all - self.records.len()
    }

    /// Why a sentence is about the attempt; `text` is in lower case.
    fn tie(&self, told: &ToldLine<'_>, text: &str) -> Option<Tie> {
        let names = |marks: &[String]| marks.iter().any(|mark| stands_in(text, mark));
        let is_others =
            || !self.thumbprints.is_empty() && names_thumbprint(text) && !names(&self.thumbprints);
        let by_name = [
            (names(&self.messages), Tie::Message),
            (
                names(&self.identities) && is_others(),
                Tie::OtherCertificate,
            ),
            (names(&self.identities), Tie::Identity),
            (names(&self.thumbprints), Tie::Thumbprint),
            (names(&self.names), Tie::Name),
        ];
        let by_time = || {
            let is_of = |component: &&str| component.eq_ignore_ascii_case(&told.component);
            let is_of_registration = OF_REGISTRATION.iter().any(&is_of);
            let is_about = || ABOUT.iter().any(|word| text.contains(word));
            let is_of_location = OF_LOCATION.iter().any(is_of);
            let names_another = text.contains("guid:") && !self.identities.is_empty();
            let is_meant =
                is_of_registration && is_about() || is_of_location && names(&self.servers);
            (self.is_alone && is_meant && !names_another).then_some(Tie::Time)
        };
        by_name
            .into_iter()
            .find_map(|(holds, tie)| holds.then_some(tie))
            .or_else(by_time)
    }
}

/// `guid:…` in `text`, which is in lower case.
fn identity_in(text: &str) -> Option<&str> {
    const LENGTH: usize = "guid:".len() + 36;
    let behind = text.get(text.find("guid:")?..)?;
    behind.get(..LENGTH)
}

/// Whether `text`, which is in lower case, has the thumbprint of a certificate.
fn names_thumbprint(text: &str) -> bool {
    const LENGTH: usize = 40;
    let mut behind = text.split("thumbprint").skip(1);
    behind.any(|behind| {
        let hex = behind.trim_start_matches([' ', '[', ':', '\'', '=']);
        let end = hex.find(|sign: char| !sign.is_ascii_hexdigit());
        end.unwrap_or(hex.len()) == LENGTH
    })
}

/// Whether `mark` stands in `text`, and not as a part of a longer name.
fn stands_in(text: &str, mark: &str) -> bool {
    let is_of_name = |sign: Option<char>| {
        sign.is_some_and(|sign| sign.is_alphanumeric() || matches!(sign, '-' | '_'))
    };
    text.match_indices(mark).any(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + mark.len()..]);
        !is_of_name(before.chars().next_back()) && !is_of_name(behind.chars().next())
    })
}

/// What is long enough to name one client among others.
fn worth(marks: impl Iterator<Item = String>) -> Vec<String> {
    marks.filter(|mark| mark.len() >= 4).collect()
}

fn asked(exchange: &HttpExchange) -> Option<&crate::wire::ccm::CcmMessage> {
    exchange.request.ccm.as_deref()
}

fn answered(exchange: &HttpExchange) -> Option<&crate::wire::ccm::CcmMessage> {
    exchange.answer.as_ref()?.response.ccm.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_not_found_within_a_longer_one() {
        for text in ["pc-1", "pc-1$", "from pc-1.root.lab", "'root\\pc-1'"] {
            assert!(stands_in(text, "pc-1"), "{text}");
        }
        for text in ["pc-10", "xpc-1", "pc-1-2", "my-pc-1", "pc-1_old"] {
            assert!(!stands_in(text, "pc-1"), "{text}");
        }
        assert!(stands_in("pc-10 and pc-1", "pc-1"));
    }
}
