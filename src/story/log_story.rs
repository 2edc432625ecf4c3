//! What logs say without a capture: what they come to, their lines in time order, and what only a capture can tell.
//!
//! Never says more than the lines do: a log does not say by which protocol somebody was proven, nor why somebody shows no proof.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::frame::Timestamp;
use crate::model::log_sign_on::{Ending, SignOn};
use crate::model::testimony::{Heard, Record, Testimony};
use crate::model::witness::{CommandFact, Source, WebRecord, approval_status};
use crate::outcome::ApprovalState;
use crate::story::log_sign_ons::{Differences, of_sign_on};
use crate::story::outputs;
use crate::story::witnesses::{named, record_text, stored_text};
use crate::text::WireText;
use crate::wire::registration_call::RegistrationCall;

/// Readings that are told of sign-ons, and of everything else.
const READINGS: usize = 60;

/// What logs say by themselves.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LogStory {
    /// What the lines come to, a sentence each.
    pub readings: Vec<Reading>,
    /// Readings that are not told.
    pub untold_readings: u64,
    /// Lines about sign-ons that were not followed: they are of addresses and paths beyond the budget.
    pub unfollowed_lines: u64,
    /// Whether only one client's lines were followed.
    pub is_of_one_client: bool,
    /// The lines, by time; those without a time come last.
    pub lines: Vec<LogLine>,
    /// Lines that are not told.
    pub untold_lines: u64,
    /// What they leave open and only a capture can tell.
    pub open: Vec<&'static str>,
    /// How to take one: the machine, and the command for it.
    pub commands: Vec<(&'static str, &'static str)>,
}

/// What some lines come to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// How a sign-on ended: `accepted`, `anonymous`, `answered`, `refused`, `challenged`, `failed`.
    pub outcome: Option<&'static str>,
    /// What the site decided, where it is about that.
    pub approval: Option<ApprovalState>,
    /// Whom it is about.
    pub client: Option<IpAddr>,
    /// The sentence.
    pub text: String,
    /// The lines: `u_ex090520.log:6`.
    pub sources: Vec<String>,
}

/// A line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogLine {
    /// When it was written, by the clock of the machine that wrote it, where it says so.
    pub time: Option<Timestamp>,
    /// `u_ex090520.log:6`.
    pub source: String,
    /// Who says it: a component, a command, a server's log.
    pub speaker: String,
    /// What it says.
    pub text: String,
}

/// How to take a capture that tells the rest.
const COMMANDS: [(&str, &str); 4] = [
    ("client", "ipconfig /flushdns & klist -li 0x3e7 purge"),
    (
        "client",
        "pktmon start --capture --pkt-size 0 --file-name client.etl --file-size 2048",
    ),
    ("client", "net stop ccmexec & net start ccmexec"),
    ("client", "pktmon stop"),
];

impl LogStory {
    /// The story of `testimony`, whose sign-ons have come to their end.
    pub fn of(testimony: &Testimony) -> Self {
        let heard = testimony.heard();
        let sign_ons = testimony.sign_ons.all();
        let differences = Differences::among(&sign_ons);
        let mut told = sign_ons.clone();
        let mut untold = keep_latest(&mut told, |it| it.is_ccm());
        let told = told.into_iter().map(|it| of_sign_on(it, &differences));
        let mut readings: Vec<Reading> = told.collect();
        let mut others: Vec<Reading> = heard.iter().filter_map(|it| decision(it)).collect();
        others.extend(rival_holders(&heard));
        untold += keep_latest(&mut others, |_| true);
        readings.extend(others);
        Self {
            readings,
            untold_readings: untold as u64 + testimony.sign_ons.unkept(),
            unfollowed_lines: testimony.sign_ons.unfollowed(),
            is_of_one_client: testimony.client.is_some(),
            lines: heard.into_iter().map(line).collect(),
            untold_lines: testimony.unkept,
            open: open(&sign_ons),
            commands: COMMANDS.to_vec(),
        }
    }
}

/// Leaves the latest ones, which are those that somebody asks about, and of these first what is about the case. How many go.
fn keep_latest<T>(all: &mut Vec<T>, is_of_case: impl Fn(&T) -> bool) -> usize {
    let excess = all.len().saturating_sub(READINGS);
    let asides = all.iter().filter(|it| !is_of_case(it)).count().min(excess);
    let (mut asides_to_go, mut case_to_go) = (asides, excess - asides);
    all.retain(|it| {
        let to_go = if is_of_case(it) {
            &mut case_to_go
        } else {
            &mut asides_to_go
        };
        let goes = *to_go > 0;
        *to_go -= usize::from(goes);
        !goes
    });
    excess
}

fn line(heard: &Heard) -> LogLine {
    let (speaker, text) = match &heard.record {
        Record::Web(client, record) => ("web server".to_owned(), web_text(*client, record)),
        Record::Told(component, text) => (
            component.to_string(),
            format!("{text}{}", named(text.as_str())),
        ),
        Record::Call(host, call) => (
            host.as_ref().map_or("site", WireText::as_str).to_owned(),
            stored_text(call),
        ),
        Record::Output(fact) => {
            let (command, text) = outputs::told(fact);
            (command.to_owned(), text)
        }
    };
    LogLine {
        time: heard.time,
        source: heard.source.to_string(),
        speaker,
        text,
    }
}

fn web_text(client: Option<IpAddr>, record: &WebRecord) -> String {
    format!(
        "{} asks {}: {}",
        address(client),
        record.request,
        record_text(record)
    )
}

pub(super) fn address(client: Option<IpAddr>) -> String {
    client.map_or_else(
        || "an address that is not logged".to_owned(),
        |it| it.to_string(),
    )
}

/// What a call or a sentence says of the site's decision.
fn decision(heard: &Heard) -> Option<Reading> {
    let (state, text) = match &heard.record {
        Record::Call(_, call) => of_call(call)?,
        Record::Told(component, text) => {
            let status = approval_status(component.as_str(), text.as_str())?;
            let state = ApprovalState::of_status(status).unwrap_or(ApprovalState::Unknown);
            let text = format!("the client's log has approval status {status}");
            (state, text)
        }
        Record::Web(..) | Record::Output(_) => return None,
    };
    Some(Reading {
        outcome: None,
        approval: Some(state),
        client: None,
        text: format!("Approval: {}, for {text}.", state.name()),
        sources: vec![heard.source.to_string()],
    })
}

fn of_call(call: &RegistrationCall) -> Option<(ApprovalState, String)> {
    let pair = call.decision()?;
    let (state, meaning) = ApprovalState::of_call(pair);
    let name = call.netbios_name.as_ref().or(call.fqdn.as_ref());
    let text = format!(
        "the call that stores {} ({}) has @ApprovalMethod {} and @IsIntegratedAuth {}: {meaning}",
        name.map_or("a client", WireText::as_str),
        call.smsid
            .as_ref()
            .map_or("without identity", WireText::as_str),
        pair.0,
        pair.1
    );
    Some((state, text))
}

/// An account that holds a service name, and the line that says so.
type Held<'a> = (&'a WireText, &'a Source);

/// Service names that two accounts hold.
fn rival_holders(heard: &[&Heard]) -> Vec<Reading> {
    let mut holders: BTreeMap<String, Vec<Held<'_>>> = BTreeMap::new();
    for heard in heard {
        if let Record::Output(CommandFact::Holder(held)) = &heard.record {
            let spn = held.spn.as_str().to_ascii_lowercase();
            let known = holders.entry(spn).or_default();
            let is_known = known.iter().any(|(account, source)| {
                account.same_name(held.account.as_str()) && source.is_of_file_of(&heard.source)
            });
            if !is_known {
                known.push((&held.account, &heard.source));
            }
        }
    }
    let told = holders.iter().filter_map(|(spn, known)| rivals(spn, known));
    told.collect()
}

/// That two accounts hold `spn`: two in one output, or else one in this output and one in that.
fn rivals(spn: &str, known: &[Held<'_>]) -> Option<Reading> {
    let of_one_time = known.iter().find_map(|(_, source)| {
        let of_file = known
            .iter()
            .filter(|(_, other)| other.is_of_file_of(source));
        let of_file: Vec<Held<'_>> = of_file.copied().collect();
        (of_file.len() > 1).then_some(of_file)
    });
    let told = of_one_time.as_deref().unwrap_or(known);
    let mut accounts: Vec<&WireText> = Vec::new();
    for (account, _) in told {
        if !accounts.iter().any(|it| it.same_name(account.as_str())) {
            accounts.push(account);
        }
    }
    let (count, outputs) = (accounts.len(), told.len());
    let accounts: Vec<&str> = accounts.into_iter().map(WireText::as_str).collect();
    let accounts = accounts.join("; ");
    let text = if of_one_time.is_some() {
        format!(
            "{spn} is held by {count} accounts: {accounts}. No ticket can be relied on for a name that two accounts hold."
        )
    } else {
        format!(
            "{spn} is on {count} accounts in {outputs} outputs: {accounts}. They do not say when they were made: it may have moved from one to the other, or be on both."
        )
    };
    (count > 1).then(|| Reading {
        outcome: None,
        approval: None,
        client: None,
        text,
        sources: told.iter().map(|(_, source)| source.to_string()).collect(),
    })
}

/// What the sign-ons leave open.
fn open(sign_ons: &[&SignOn]) -> Vec<&'static str> {
    let has = |ending| sign_ons.iter().any(|it| it.ending == ending);
    let mut open = Vec::new();
    if sign_ons.is_empty() {
        open.push(
            "Whether a client reached the management point at all, and what it was answered: no line of these files is about a sign-on at a web server.",
        );
    }
    if has(Ending::Challenged) {
        open.push(
            "Why no proof came after the 401: whether the client found a domain controller, which service name it asked for, and what the KDC answered. Take the capture on the client.",
        );
    }
    if has(Ending::Refused) {
        open.push(
            "What was shown and refused: a ticket or NTLM, for which service name, and with which key and key version it is encrypted.",
        );
    }
    if has(Ending::Accepted) {
        open.push(
            "By which protocol the account was proven: one 401 before it fits Kerberos, two fit NTLM, and neither proves it.",
        );
    }
    open.push(
        "Which lines of different files are about one registration, where they name neither its identity nor its certificate.",
    );
    open
}
