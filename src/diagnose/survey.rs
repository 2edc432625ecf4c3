//! Many captures, each judged by itself, and the identities that they have in common.
//!
//! Never joins attempts of two captures: they need not be of one time.

use crate::capture::CaptureReader;
use crate::diagnose::{Settings, analyse};
use crate::model::identity::Identities;
use crate::model::sighting::User;
use crate::report::survey::{Registration, SharedIdentity, Surveyed, Verdict};

/// A capture that was judged, and who registers in it.
#[derive(Debug)]
pub struct Judged {
    /// What is to be said of it.
    pub told: Surveyed,
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

/// Each machine once, with its first registration.
fn machines(users: &[(&str, &str, &User)]) -> Vec<Registration> {
    let mut machines: Vec<Registration> = Vec::new();
    for (_, file, user) in users {
        let machine = match &user.name {
            Some(name) => match user.address() {
                Some(address) => format!("{name} ({address})"),
                None => name.to_string(),
            },
            None => user.address().unwrap_or_default(),
        };
        match machines.iter_mut().find(|known| known.machine == machine) {
            Some(known) => known.more += 1,
            None => machines.push(Registration {
                file: (*file).to_owned(),
                machine,
                frame: user.frame,
                more: 0,
            }),
        }
    }
    machines
}
