//! The report: plain public data for renderers, in the order in which it is to be shown.
//!
//! Never knows how it will look. Its texts may hold bytes of the wire: renderers escape every one of them.

pub mod compare;
pub mod frame_names;
pub mod survey;

use std::net::IpAddr;

use crate::finding::{Evidence, Finding};
use crate::frame::{FrameNumber, LinkType, OtherNumbers, Places, Timestamp, Viewer};
use crate::limits::Limitation;
use crate::outcome::{ApprovalState, Outcome};
use crate::report::frame_names::FrameNames;
use crate::story::Step;
use crate::story::coverage::Missing;
use crate::story::host::{Hop, Host};
use crate::story::log_story::LogStory;
use crate::story::reasoning::Answer;
use crate::story::six_steps::Checkpoint;

/// Everything that is to be said about the evidence.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What was read.
    pub inputs: Vec<Input>,
    /// What the captures beside the first one have in common with it, a sentence each.
    pub vantages: Vec<String>,
    /// Logs that were joined to it.
    pub logs: Vec<LogReport>,
    /// What the logs say by themselves, where there is no capture.
    pub log_story: Option<LogStory>,
    /// Who takes part in the attempts.
    pub hosts: Vec<Host>,
    /// Attempts: those of Configuration Manager first, then by first frame.
    pub attempts: Vec<AttemptReport>,
    /// Attempts that were judged beside those, and of which nothing more is told.
    pub unkept: u64,
    /// Ticket requests that belong to no attempt, summed up per client.
    pub other_kerberos: Vec<OtherKerberos>,
    /// Findings about the whole capture.
    pub findings: Vec<Finding>,
    /// What could not be seen.
    pub limitations: Vec<Limitation>,
    /// What the captures hold that proves accounts.
    pub secrets: Secrets,
    /// Where frames stand in the captures, where several are read as one.
    pub places: Option<Places>,
    /// What frames are called in its sentences.
    pub frame_names: FrameNames,
}

/// What captures hold that proves accounts, and can be attacked by whoever has them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Secrets {
    /// Different tickets.
    pub tickets: u64,
    /// NTLM messages of type 3.
    pub ntlm_responses: u64,
    /// Registrations with the client's certificate in them.
    pub certificates: u64,
}

/// A capture that was read. Its name, size and hash are known where it was opened.
#[derive(Clone, Debug)]
pub struct Input {
    /// `pcap`, `pcapng`, ….
    pub format: &'static str,
    /// Packet records.
    pub frames: u64,
    /// The earliest time of a frame.
    pub first_time: Option<Timestamp>,
    /// The latest.
    pub last_time: Option<Timestamp>,
    /// Link types in the order in which they were first seen.
    pub link_types: Vec<LinkType>,
    /// Who numbers the frames differently, if anyone does.
    pub other_viewer: Option<Viewer>,
    /// Whether the file ends where a file should end.
    pub complete: bool,
}

/// A log that was read, and what came of it.
#[derive(Clone, Debug, Default)]
pub struct LogReport {
    /// Its name, without folders.
    pub name: String,
    /// `iis-log`, `httperr-log`, `configmgr-log`.
    pub kind: &'static str,
    /// Lines with a time.
    pub lines: u64,
    /// The earliest time.
    pub first_time: Option<Timestamp>,
    /// The latest.
    pub last_time: Option<Timestamp>,
    /// Lines that are about an attempt.
    pub joined: u64,
    /// The clock of a web server's log minus the capture's, at least and at most, in milliseconds.
    pub clock_ms: Option<(i64, i64)>,
    /// Whether it could be read to its end.
    pub is_complete: bool,
    /// What else is to be said of it, a sentence each.
    pub notes: Vec<String>,
}

/// One client's try at one service, ready to be shown.
#[derive(Clone, Debug)]
pub struct AttemptReport {
    /// Its number, from 1, in the order in which attempts are shown.
    pub id: u64,
    /// Whether it is a Configuration Manager client's; other sign-ons are shown shorter.
    pub is_ccm: bool,
    /// Who.
    pub client: Client,
    /// At what.
    pub service: Service,
    /// How it ended.
    pub outcome: Outcome,
    /// What is known of the approval.
    pub approval: Approval,
    /// The first frame of its story.
    pub first_frame: FrameNumber,
    /// The last frame of its story.
    pub last_frame: FrameNumber,
    /// When its story begins.
    pub first_time: Timestamp,
    /// How many equal attempts this one stands for, itself included.
    pub repeats: u64,
    /// First and last frame of each of the equal attempts that follow it, as far as they are kept.
    pub repeated_in: Vec<(FrameNumber, FrameNumber)>,
    /// From the client's realm to the service, hop by hop; empty where no ticket was issued.
    pub ticket_path: Vec<Hop>,
    /// The story.
    pub steps: Vec<Step>,
    /// The headline first, then by weight.
    pub findings: Vec<Finding>,
    /// What was looked for in vain, and what the capture cannot tell.
    pub missing: Vec<Missing>,
    /// Why NTLM was used; empty where it was not.
    pub why_ntlm: Vec<Answer>,
    /// The six steps of a Configuration Manager client's sign-on, and what the evidence has of them; empty for others.
    pub six_steps: Vec<Checkpoint>,
    /// What is known of the key of a refused ticket; empty where none was refused.
    pub whose_key: Vec<Answer>,
}

impl AttemptReport {
    fn names(&self) -> impl Iterator<Item = &str> {
        let (client, service) = (&self.client, &self.service);
        let ends = [&client.name, &client.principal, &service.name, &service.spn];
        let hops = self.ticket_path.iter();
        let realms = hops.flat_map(|hop| std::iter::once(&hop.realm).chain(&hop.next_realm));
        ends.into_iter().flatten().chain(realms).map(String::as_str)
    }

    /// The root cause, if one was found.
    pub fn headline(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.headline)
    }
}

impl Report {
    /// What it knows to be names: of hosts, accounts, services and realms, from captures and from logs.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let hosts = self.hosts.iter();
        let of_hosts = hosts.flat_map(|host| host.names.iter().chain(&host.realm));
        let of_attempts = self.attempts.iter().flat_map(AttemptReport::names);
        of_hosts.map(String::as_str).chain(of_attempts)
    }
}

impl Report {
    /// Notes how another viewer numbers the frames.
    pub fn number(&mut self, others: &OtherNumbers) {
        let of_attempts = self
            .attempts
            .iter_mut()
            .flat_map(|attempt| &mut attempt.findings);
        for finding in of_attempts.chain(&mut self.findings) {
            finding.each_evidence(&mut |it| it.number(others));
        }
        for step in self
            .attempts
            .iter_mut()
            .flat_map(|attempt| &mut attempt.steps)
        {
            step.other_frames = others.of_all(&step.frames);
        }
    }
}

/// Steps in which a client asks.
const ASKING: [&str; 5] = [
    "http-request",
    "as-req",
    "tgs-req",
    "dns-query",
    "tcp-connect",
];

impl Report {
    /// Says which process of the client asked, where it is known of the first frame of a step.
    pub fn name_processes(&mut self, of: &dyn Fn(FrameNumber, IpAddr) -> Option<String>) {
        for attempt in &mut self.attempts {
            let client = attempt.client.address;
            let steps = attempt.steps.iter_mut();
            for step in steps.filter(|step| step.from.address == client) {
                let first = step.frames.first().filter(|_| ASKING.contains(&step.kind));
                if let Some(process) = first.and_then(|frame| of(*frame, client)) {
                    step.text.push_str(&format!(" (by {process})"));
                }
            }
        }
    }
}

impl Report {
    /// Notes where the frames stand in the captures that were read as one.
    pub fn place(&mut self, places: &Places) {
        let of_attempts = self
            .attempts
            .iter_mut()
            .flat_map(|attempt| &mut attempt.findings);
        for finding in of_attempts.chain(&mut self.findings) {
            finding.each_evidence(&mut |it| it.place = places.of(it.frame));
        }
        for step in self
            .attempts
            .iter_mut()
            .flat_map(|attempt| &mut attempt.steps)
        {
            step.places = step.frames.iter().filter_map(|it| places.of(*it)).collect();
        }
        self.places = Some(places.clone());
    }
}

/// Who tries.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its address.
    pub address: IpAddr,
    /// Its host name, where the evidence gives one.
    pub name: Option<String>,
    /// Its account, `NAME$@REALM`, where the evidence gives one.
    pub principal: Option<String>,
}

/// What is tried.
#[derive(Clone, Debug)]
pub struct Service {
    /// The name that the client uses for it.
    pub name: Option<String>,
    /// Its address.
    pub address: Option<IpAddr>,
    /// Its port.
    pub port: Option<u16>,
    /// The service name of the ticket, `HTTP/host`, where one was asked for or shown.
    pub spn: Option<String>,
}

/// What is known of the site's decision.
#[derive(Clone, Debug)]
pub struct Approval {
    /// The decision.
    pub state: ApprovalState,
    /// How it is known, or what would tell.
    pub because: Vec<String>,
}

/// Ticket requests of one client that belong to no attempt: other processes' business.
#[derive(Clone, Debug)]
pub struct OtherKerberos {
    /// The client.
    pub client: IpAddr,
    /// Requests that got a ticket.
    pub granted: u64,
    /// Requests that were refused with an error that is part of the protocol (`KDC_ERR_PREAUTH_REQUIRED`, `KRB_ERR_RESPONSE_TOO_BIG`).
    pub expected: u64,
    /// Requests that were refused otherwise.
    pub refused: u64,
    /// Requests without an answer.
    pub unanswered: u64,
    /// The refusals, by service and error, as far as they are kept.
    pub refusals: Vec<Evidence>,
}
