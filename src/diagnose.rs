//! From captures and logs to the report: each floor in its turn.
//!
//! Never opens a file and never writes: frames come from a reader, the report goes to a renderer.

mod approval;
mod builder;
#[cfg(test)]
mod damaged;
mod logs;
mod order;
mod pipeline;
mod reading;
pub mod survey;
pub mod vantage;
mod without_capture;

pub use logs::LogInput;
pub use without_capture::diagnose_logs;

use std::net::IpAddr;
use std::sync::Arc;

use crate::capture::{CaptureReader, Excerpt};
use crate::diagnose::builder::Builder;
use crate::diagnose::pipeline::side_by_side;
use crate::diagnose::reading::read;
use crate::diagnose::vantage::{Rewritten, Vantage};
use crate::dissect::Ports;
use crate::dissect::decoder::Decoder;
use crate::dissect::message::{Message, MessageBody, Observation};
use crate::dissect::raw::Found;
use crate::finding::Evidence;
use crate::frame::{OtherNumbers, Timestamp};
use crate::keys::Keytab;
use crate::limits::Limitation;
use crate::model::correlate::Correlator;
use crate::model::focus::Focus;
use crate::model::identity::Identities;
use crate::model::other_kerberos::{self, Sums};
use crate::report::{Input, OtherKerberos, Report, Secrets};
use crate::rules::Selection;

/// What the user knows about the capture, and which rules are wanted.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Further ports of HTTP and Kerberos.
    pub ports: Ports,
    /// Only this client counts.
    pub client: Option<IpAddr>,
    /// The management point.
    pub server: Option<IpAddr>,
    /// Only this KDC counts.
    pub kdc: Option<IpAddr>,
    /// Keys that may open tickets.
    pub keytabs: Arc<[Keytab]>,
    /// Only these rules look, if there are any.
    pub only_rules: Vec<String>,
    /// These rules do not look.
    pub without_rules: Vec<String>,
    /// Only this part of the capture is read.
    pub excerpt: Option<Excerpt>,
}

impl Settings {
    /// Which rules look.
    fn selection(&self) -> Selection {
        Selection {
            only: self.only_rules.clone(),
            without: self.without_rules.clone(),
        }
    }

    /// The same for one of several captures, from 0, that is read alone.
    #[must_use]
    pub fn of_capture(&self, file: usize) -> Self {
        Self {
            excerpt: self.excerpt.as_ref().and_then(|it| it.of_file(file)),
            ..self.clone()
        }
    }

    /// Whether a message is to or from the machines that were named: any of the client's, web messages of the management point,
    /// and Kerberos messages of the KDC.
    pub fn counts(&self, message: &Message) -> bool {
        let ends = [message.flow.src.addr, message.flow.dst.addr];
        let is_of = |named: Option<IpAddr>| named.is_none_or(|named| ends.contains(&named));
        let of_kind = match message.body {
            MessageBody::HttpRequest(_) | MessageBody::HttpResponse(_) => is_of(self.server),
            MessageBody::Kerberos(_) => is_of(self.kdc),
            _ => true,
        };
        of_kind && is_of(self.client)
    }
}

/// Reads a capture to its end, or to where it breaks off, and says what is in it.
pub fn diagnose(reader: CaptureReader, settings: &Settings) -> Report {
    diagnose_with(reader, Vec::new(), settings)
}

/// A case: captures, each with what the first has in common with it, and logs beside them. `names` are those of the captures.
pub fn diagnose_case(
    captures: Vec<(CaptureReader, Option<Vantage>)>,
    names: &[String],
    logs: Vec<LogInput>,
    settings: &Settings,
) -> Report {
    let first = names.first().map_or("the first", String::as_str);
    let told = captures.iter().zip(names).skip(1);
    let vantages = told.filter_map(|((_, shared), name)| {
        let shared = shared.as_ref()?;
        Some(vantage::told(first, name, shared))
    });
    let vantages: Vec<String> = vantages.collect();
    let rewritten = vantage::rewritten(captures.iter().map(|(_, shared)| shared.as_ref()));
    let mut parts: Vec<(CaptureReader, i64)> = captures
        .into_iter()
        .map(|(reader, shared)| (reader, shared.map_or(0, |shared| -shared.offset)))
        .collect();
    let reader = match parts.pop() {
        Some((reader, _)) if parts.is_empty() => reader,
        Some(last) => {
            parts.push(last);
            CaptureReader::merged(parts)
        }
        None => return Report::default(),
    };
    let (report, _) = analyse(reader, logs, settings, &rewritten);
    Report { vantages, ..report }
}

/// The same, with logs that lie beside it: what they say of the attempts is joined to them.
pub fn diagnose_with(reader: CaptureReader, logs: Vec<LogInput>, settings: &Settings) -> Report {
    analyse(reader, logs, settings, &[]).0
}

/// The report, and who registers.
fn analyse(
    mut reader: CaptureReader,
    logs: Vec<LogInput>,
    settings: &Settings,
    rewritten: &[Rewritten],
) -> (Report, Identities) {
    let focus = Focus {
        client: settings.client,
        server: settings.server,
        kdc: settings.kdc,
    };
    let mut correlator = Correlator::new(focus).with_keys(Arc::clone(&settings.keytabs));
    let mut builder = Builder::new(settings.selection());
    let mut waiting = logs::Waiting::for_logs(&logs);
    let mut limitations = Vec::new();
    let mut decoder = Decoder::default();
    let mut observe = |observation| match observation {
        Observation::Limitation(limitation) => limitations.push(limitation),
        observation => correlator.observe(observation, &mut |attempt| {
            waiting.add(attempt, &mut builder);
        }),
    };
    let read = side_by_side(
        Found::kept,
        |sink| read(&mut reader, settings, rewritten, sink),
        |found, bytes| decoder.read(found, bytes, &mut observe),
    );
    decoder.finish(&mut observe);
    let mut remains = correlator.finish(read.last_time, &mut |attempt| {
        waiting.add(attempt, &mut builder);
    });
    let elsewhere = rewritten.iter().flat_map(Rewritten::by_ends_there);
    let elsewhere = elsewhere.collect();
    let logs = waiting.join(
        logs,
        &elsewhere,
        &mut remains.facts.identities,
        &mut builder,
    );
    limitations.extend(read.limitations);
    limitations.extend(remains.limitations);
    let inputs = reader.parts().into_iter().enumerate();
    let inputs = inputs.map(|(file, part)| input(part, read.times.get(file).copied().flatten()));
    let mut facts = remains.facts;
    (facts.frames, facts.snapped) = (reader.frames(), read.snapped);
    let other = remains
        .other
        .clients
        .into_iter()
        .map(|(client, sums)| other_kerberos(client, sums));
    let mut report = builder.finish(&facts);
    report.inputs = inputs.collect();
    report.secrets = Secrets {
        tickets: facts.secrets.tickets(),
        ntlm_responses: facts.secrets.ntlm_responses,
        certificates: facts.secrets.certificates,
    };
    report.logs = logs;
    report.other_kerberos = other.collect();
    report.limitations.extend(limitations);
    report.name_processes(&|frame, sender| reader.process_of(frame, sender));
    if let Some(others) = reader.other_numbers() {
        report.number(others);
    }
    if let Some(places) = reader.places() {
        report.place(places);
    }
    (report, facts.identities)
}

fn input(reader: &CaptureReader, times: Option<(Timestamp, Timestamp)>) -> Input {
    Input {
        format: reader.format(),
        frames: reader.frames(),
        first_time: times.map(|(first, _)| first),
        last_time: times.map(|(_, last)| last),
        link_types: reader.link_types().to_vec(),
        other_viewer: reader.other_numbers().map(OtherNumbers::viewer),
        complete: reader.is_complete(),
    }
}

/// Reads a capture and gives each message to `sink`, as soon as it is known. What could not be seen comes back.
pub fn messages(
    reader: &mut CaptureReader,
    settings: &Settings,
    sink: &mut dyn FnMut(Message),
) -> Vec<Limitation> {
    let mut limitations = Vec::new();
    let mut decoder = Decoder::default();
    let mut observe = |observation| match observation {
        Observation::Message(message) => sink(message),
        Observation::Limitation(limitation) => limitations.push(limitation),
        Observation::Tcp(_) | Observation::Unread(_) | Observation::Dropped(_) => {}
    };
    let read = read(reader, settings, &[], &mut |found, bytes| {
        decoder.read(found, bytes, &mut observe);
    });
    decoder.finish(&mut observe);
    limitations.extend(read.limitations);
    limitations
}

fn other_kerberos(client: IpAddr, sums: Sums) -> OtherKerberos {
    let told = |refusal: other_kerberos::Refusal| {
        Evidence::new(
            refusal.frame,
            format!("{}: {}", refusal.wanted, refusal.code),
        )
    };
    OtherKerberos {
        client,
        granted: sums.granted,
        expected: sums.expected,
        refused: sums.refused,
        unanswered: sums.unanswered,
        refusals: sums.refusals.into_iter().map(told).collect(),
    }
}
