//! Every decoded message as a line of plain data, for people and for other programs.
//!
//! Never judges, and knows no format: names and order of the fields are the contract of `list`.
//!
//! Kinds beside those of requests and answers: `ap-req` and `ap-rep` on a port of Kerberos, `krb-safe`, `krb-priv`, `krb-cred`.

mod fields;
mod value;

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

pub use value::{Fields, Value};

use crate::dissect::message::{Message, MessageBody};
use crate::endpoint::{Flow, Transport};
use crate::frame::{FrameNumber, Timestamp};
use crate::model::pairing::Pairing;
use crate::wire::kerberos::message::KerberosMessage;

/// One message.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// What it is: `http-request`, `tgs-rep`, ….
    pub kind: &'static str,
    /// The frames that brought it, ascending.
    pub frames: Vec<FrameNumber>,
    /// When the first of them was captured.
    pub time: Timestamp,
    /// The sender: address and port, or for ICMP the address alone.
    pub src: String,
    /// The receiver.
    pub dst: String,
    /// `tcp`, `udp`, `icmp`.
    pub transport: &'static str,
    /// Whether all its bytes were captured.
    pub is_complete: bool,
    /// What it says, in the order of the contract.
    pub fields: Fields,
    /// The same in a few words.
    pub summary: String,
}

impl Line {
    /// The first frame.
    pub fn first_frame(&self) -> FrameNumber {
        self.frames.first().copied().unwrap_or_default()
    }

    /// The last frame.
    pub fn last_frame(&self) -> FrameNumber {
        self.frames.last().copied().unwrap_or_default()
    }
}

/// Gathers messages in the order in which they become known, and gives them in frame order.
#[derive(Debug, Default)]
pub struct Listing {
    pairing: Pairing,
    lines: Vec<Line>,
    /// Requests by first frame and flow: where their lines stand, and for which service a ticket was asked.
    requests: HashMap<(FrameNumber, Flow), Request, FxBuildHasher>,
}

#[derive(Debug)]
struct Request {
    line: usize,
    realm_asked: Option<String>,
}

impl Listing {
    /// Adds a message.
    pub fn add(&mut self, message: &Message) {
        let request_frame = self.pairing.pair(message);
        let key = request_frame.map(|frame| (frame, message.flow.reversed()));
        let request = key.and_then(|key| self.requests.get(&key));
        let asked = request.and_then(|request| request.realm_asked.as_deref());
        let mut line = line(message, asked);
        if let Some(frame) = request_frame
            && let Some(name) = fields::back_link(&message.body)
        {
            line.fields.push(name, frame.0);
        }
        if let Some(request) = request
            && let Some(asked) = self.lines.get_mut(request.line)
            && let Some(name) = fields::forward_link(&message.body)
        {
            asked.fields.push_new(name, message.first_frame().0);
        }
        if fields::is_request(&message.body) {
            let key = (message.first_frame(), message.flow);
            let request = Request {
                line: self.lines.len(),
                realm_asked: realm_asked(&message.body),
            };
            self.requests.insert(key, request);
        }
        self.lines.push(line);
    }

    /// All lines, by first frame, then by last frame.
    pub fn into_lines(mut self) -> Vec<Line> {
        self.lines
            .sort_by_key(|line| (line.first_frame(), line.last_frame()));
        self.lines
    }
}

/// The realm whose ticket-granting ticket a request asks for; the empty text where it asks for something else.
fn realm_asked(body: &MessageBody) -> Option<String> {
    match body {
        MessageBody::Kerberos(
            KerberosMessage::AsReq(request) | KerberosMessage::TgsReq(request),
        ) => {
            let realm = request.sname.as_ref()?.krbtgt_realm();
            Some(realm.unwrap_or_default().to_owned())
        }
        _ => None,
    }
}

fn line(message: &Message, realm_asked: Option<&str>) -> Line {
    let (kind, fields, summary) = fields::of(&message.body, realm_asked);
    let flow = message.flow;
    let place = |endpoint: crate::endpoint::Endpoint| match flow.transport {
        Transport::Icmp => endpoint.addr.to_string(),
        Transport::Tcp | Transport::Udp => endpoint.to_string(),
    };
    Line {
        kind,
        frames: message.frames.clone(),
        time: message.time,
        src: place(flow.src),
        dst: place(flow.dst),
        transport: flow.transport.name(),
        is_complete: message.is_complete(),
        fields,
        summary,
    }
}
