//! Many captures, each judged by itself, and the identities that they have in common.
//!
//! Never joins attempts of two captures: they need not be of one time.

use std::collections::BTreeSet;

use crate::capture::CaptureReader;
use crate::diagnose::{Settings, analyse};
use crate::model::identity::Identities;
use crate::model::sighting::User;
use crate::report::survey::{Registration, SharedIdentity, Surveyed, Verdict};
use crate::text::WireText;

/// Addresses of a machine that are told.
const ADDRESSES: usize = 4;

/// A capture that was judged, and who registers in it.
#[derive(Debug)]
pub struct Judged {
    /// What is to be said of it.
    pub told: Surveyed,
    /// The names that its report knows.
    pub names: BTreeSet<String>,
    identities: Identities,
}

impl Judged {
    /// A capture that could not be read.
    pub fn broken(file: String, reason: String) -> Self {
        Self {
            told: Surveyed {
                file,
                frames: 0,
                verdicts: Err(reason),
            },
            names: BTreeSet::new(),
            identities: Identities::default(),
        }
    }
}

/// Reads a capture and says of each attempt in it what can be said in a line.
pub fn judge(file: String, reader: CaptureReader, settings: &Settings) -> Judged {
    let (report, identities) = analyse(reader, Vec::new(), settings, &[]);
    Judged {
        told: Surveyed {
            file,
            frames: report.inputs.iter().map(|input| input.frames).sum(),
            verdicts: Ok(Verdict::all_of(&report)),
        },
        names: report.names().map(str::to_owned).collect(),
        identities,
    }
}

/// The identities that two machines use, over all captures.
pub fn shared_identities(judged: &[Judged]) -> Vec<SharedIdentity> {
    let mut all: Vec<(&str, &str, &User)> = judged
        .iter()
        .flat_map(|it| {
            let file = it.told.file.as_str();
            it.identities
                .all()
                .map(move |(smsid, user)| (smsid, file, user))
        })
        .collect();
    all.sort_by_key(|(smsid, ..)| *smsid);
    all.chunk_by(|one, other| one.0 == other.0)
        .filter(|users| are_of_two_machines(users))
        .map(|users| SharedIdentity {
            smsid: users.first().map_or("", |(smsid, ..)| smsid).to_owned(),
            users: machines(users),
        })
        .collect()
}

fn are_of_two_machines(users: &[(&str, &str, &User)]) -> bool {
    users.iter().enumerate().any(|(at, (.., user))| {
        let mut later = users.iter().skip(at + 1);
        later.any(|(.., other)| user.is_other_than(other))
    })
}

/// A machine that registers: its name, if it told one, and where it was.
struct Machine<'u> {
    name: Option<&'u WireText>,
    addresses: Vec<String>,
    first: Registration,
}

impl Machine<'_> {
    /// One of the same name, or one without any at the same address: a machine may have several addresses.
    fn is_of(&self, user: &User) -> bool {
        match (self.name, &user.name) {
            (Some(name), Some(other)) => name.same_name(other.as_str()),
            (None, None) => {
                let known = |address| self.addresses.contains(&address);
                user.address().map_or(self.addresses.is_empty(), known)
            }
            _ => false,
        }
    }

    fn told(self) -> Registration {
        let shown: Vec<&str> = self.addresses.iter().map(String::as_str).collect();
        let shown = match shown.split_at_checked(ADDRESSES) {
            Some((first, more @ [_, ..])) => {
                format!("{} and {} more", first.join(", "), more.len())
            }
            _ => shown.join(", "),
        };
        let machine = match self.name {
            Some(name) if shown.is_empty() => name.to_string(),
            Some(name) => format!("{name} ({shown})"),
            None => shown,
        };
        Registration {
            machine,
            ..self.first
        }
    }
}

/// Each machine once, with its first registration and its addresses.
fn machines(users: &[(&str, &str, &User)]) -> Vec<Registration> {
    let mut machines: Vec<Machine<'_>> = Vec::new();
    for (_, file, user) in users {
        let known = machines.iter().position(|machine| machine.is_of(user));
        match known.and_then(|at| machines.get_mut(at)) {
            Some(known) => {
                known.first.more += 1;
                let is_new = |address: &String| !known.addresses.contains(address);
                let address = user.address().filter(is_new);
                known.addresses.extend(address);
            }
            None => machines.push(Machine {
                name: user.name.as_ref(),
                addresses: user.address().into_iter().collect(),
                first: Registration {
                    file: (*file).to_owned(),
                    machine: String::new(),
                    frame: user.frame,
                    more: 0,
                },
            }),
        }
    }
    machines.into_iter().map(Machine::told).collect()
}
