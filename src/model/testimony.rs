//! What logs say by themselves, where no capture lies beside them: their lines, and the sign-ons in a web server's log.
//!
//! Never holds more than the budget of lines for a file, and never says what a code means.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;

use crate::frame::Timestamp;
use crate::limits::Budget;
use crate::logs::configmgr::ToldLine;
use crate::logs::{Said, WitnessLine};
use crate::model::identity::Identities;
use crate::model::log_sign_on::{About, SignOns};
use crate::model::sighting::User;
use crate::model::witness::{CommandFact, Source, WebRecord};
use crate::text::WireText;
use crate::wire::registration_call::RegistrationCall;

/// Characters of a sentence that are kept.
const LONGEST: usize = 400;
/// What a sentence about a sign-on or a registration has in it.
const ABOUT: [&str; 9] = [
    "regist",
    "approv",
    "windowsauth",
    ".rdr",
    "401",
    "guid:",
    "humbprint",
    "0x8",
    "0xc",
];

/// What logs say.
#[derive(Debug, Default)]
pub struct Testimony {
    /// Only this client's requests count.
    pub client: Option<IpAddr>,
    of_file: OfFile,
    heard: Vec<Heard>,
    /// Lines that are not kept.
    pub unkept: u64,
    /// Sign-ons in logs of web servers.
    pub sign_ons: SignOns,
    /// Who registers under which identity.
    pub identities: Identities,
}

/// Lines of the file that is being read.
#[derive(Debug, Default)]
struct OfFile {
    /// The latest ones about a registration, or a sign-on of Configuration Manager.
    telling: VecDeque<Heard>,
    /// The latest ones about other sign-ons, in the room that these leave.
    asides: VecDeque<Heard>,
    /// All others, as long as all lines of the file can be kept.
    others: Vec<Heard>,
    lines: u64,
}

/// How much a line has to do with the case.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Weight {
    /// It is about a registration, or a sign-on of Configuration Manager.
    Case,
    /// It is about another sign-on.
    Aside,
    /// It is about neither.
    Other,
}

/// A line, a call or a fact of an output.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heard {
    /// Where it stands.
    pub source: Source,
    /// When, by the clock of the machine that wrote it, where the file says so.
    pub time: Option<Timestamp>,
    /// What it says.
    pub record: Record,
}

/// What a line says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Record {
    /// A request and its answer, and who asked.
    Web(Option<IpAddr>, WebRecord),
    /// A component, and its sentence, cut where it is long.
    Told(WireText, WireText),
    /// A call that stores a registration, and the machine that made it.
    Call(Option<WireText>, Box<RegistrationCall>),
    /// What the output of a command says.
    Output(CommandFact),
}

impl Testimony {
    /// Waits for lines; of web servers' logs only those of `client`, if there is one.
    pub fn about(client: Option<IpAddr>) -> Self {
        Self {
            client,
            ..Self::default()
        }
    }

    /// Takes `line` of `file`.
    pub fn take(&mut self, file: &Arc<str>, line: &WitnessLine<'_>) {
        let source = || Source {
            file: Arc::clone(file),
            line: line.number,
        };
        let has_room = self.of_file.has_room();
        match &line.said {
            Said::Web(web) => {
                self.sign_ons.see(web.server, line.time);
                if self.client.is_some() && self.client != web.asker() {
                    return;
                }
                let about = self.sign_ons.take(web, || WebRecord::of(file, line, web));
                let weight = match about {
                    Some(About::Ccm) => Weight::Case,
                    Some(About::Other) => Weight::Aside,
                    None => Weight::Other,
                };
                if about.is_some() || has_room {
                    let mut written = WebRecord::of(file, line, web);
                    written.logged_as = web.forwarded_for.and(web.client);
                    let record = Record::Web(web.asker(), written);
                    self.keep(weight, source(), Some(line.time), record);
                    return;
                }
            }
            Said::Told(told) => {
                let seen = || User::named_by(source(), Some(line.time));
                self.identities.add_sentence(&told.text, seen);
                let is_about = is_about(told);
                if is_about || has_room {
                    let text = told.in_a_line(LONGEST);
                    let record = Record::Told(WireText::from(&*told.component), text.into());
                    let weight = if is_about {
                        Weight::Case
                    } else {
                        Weight::Other
                    };
                    self.keep(weight, source(), Some(line.time), record);
                    return;
                }
            }
            Said::Call(stored) => {
                let seen = User::named_by(source(), stored.time);
                self.identities.add_call(&stored.call, seen);
                let host = stored.host.as_deref().map(WireText::from);
                let record = Record::Call(host, Box::new(stored.call.clone()));
                self.keep(Weight::Case, source(), stored.time, record);
                return;
            }
            Said::Output(fact) => {
                self.keep(
                    Weight::Case,
                    source(),
                    None,
                    Record::Output((*fact).clone()),
                );
                return;
            }
        }
        self.of_file.lines += 1;
        self.of_file.others = Vec::new();
    }

    fn keep(&mut self, weight: Weight, source: Source, time: Option<Timestamp>, record: Record) {
        let heard = Heard {
            source,
            time,
            record,
        };
        self.of_file.keep(weight, heard);
    }

    /// The file is at its end: how many of its lines are kept.
    pub fn end_file(&mut self) -> usize {
        let OfFile {
            telling,
            asides,
            others,
            lines,
        } = std::mem::take(&mut self.of_file);
        let kept = telling.len() + asides.len() + others.len();
        self.unkept += lines.saturating_sub(kept as u64);
        self.heard.extend(telling);
        self.heard.extend(asides);
        self.heard.extend(others);
        kept
    }

    /// What is kept, by time; what has none comes last, as it stands in its file.
    pub fn heard(&self) -> Vec<&Heard> {
        let mut heard: Vec<&Heard> = self.heard.iter().collect();
        heard.sort_by(|a, b| {
            let key = |it: &Heard| (it.time.is_none(), it.time, Arc::clone(&it.source.file));
            (key(a), a.source.line).cmp(&(key(b), b.source.line))
        });
        heard
    }
}

impl OfFile {
    const fn has_room(&self) -> bool {
        self.lines < Budget::WITNESS_LINES as u64
    }

    fn keep(&mut self, weight: Weight, heard: Heard) {
        self.lines += 1;
        match weight {
            Weight::Case => self.telling.push_back(heard),
            Weight::Aside => self.asides.push_back(heard),
            Weight::Other => self.others.push(heard),
        }
        if self.telling.len() + self.asides.len() > Budget::WITNESS_LINES
            && self.asides.pop_front().is_none()
        {
            self.telling.pop_front();
        }
        if self.lines > Budget::WITNESS_LINES as u64 {
            self.others = Vec::new();
        }
    }
}

/// Whether a sentence is about a sign-on or a registration, or has a code in it.
fn is_about(told: &ToldLine<'_>) -> bool {
    let text = told.text.to_ascii_lowercase();
    ABOUT.iter().any(|word| text.contains(word))
}
