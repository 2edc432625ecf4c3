//! The names in the evidence: what messages, and lines of logs that the report tells, say of machines, accounts and places.
//!
//! Never learns a word of a sentence for a name: only fields that hold names are read.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use anyhow::bail;

use crate::capture::CaptureReader;
use crate::cli::evidence::Evidence;
use crate::cli::input::Hash;
use crate::diagnose::{self, LogInput};
use crate::dissect::message::Message;
use crate::frame::Timestamp;
use crate::listing::{Line, Listing, Value};
use crate::logs::command_output::CommandFact;
use crate::logs::{self, Said};
use crate::privacy::Pseudonyms;
use crate::text::WireText;

/// Fields of messages whose texts are names, in whole or in part.
const NAMES: [&str; 50] = [
    "answers",
    "closest",
    "client_site",
    "cname",
    "crealm",
    "dc_site",
    "dns_computer",
    "dns_domain",
    "dns_tree",
    "domain",
    "dst",
    "e_text",
    "forest",
    "fqdn",
    "hardware_id",
    "host",
    "id",
    "location",
    "message_id",
    "name",
    "netbios_computer",
    "netbios_domain",
    "netbios_name",
    "points",
    "realm",
    "referral",
    "server_name",
    "signing_thumbprint",
    "site",
    "site_code",
    "smsid",
    "subject",
    "issuer",
    "sname",
    "sni",
    "source_host",
    "src",
    "suffix",
    "target",
    "target_host",
    "target_name",
    "thumbprint",
    "uri",
    "user",
    "workstation",
    "mp",
    "mps",
    "list",
    "via",
    "computer",
];

/// Lines of clients by other addresses are joined to a capture that is no further from them than this, and not so far.
const NEAR: i64 = 600_000_000_000;

/// Words in names of folders of a directory that name nobody, in lower case.
const FOLDERS: [&str; 20] = [
    "accounts",
    "admin",
    "all",
    "and",
    "builtin",
    "clients",
    "computers",
    "controllers",
    "domain",
    "groups",
    "infrastructure",
    "managed",
    "member",
    "objects",
    "of",
    "servers",
    "service",
    "services",
    "users",
    "workstations",
];

/// Whether the whole value of a field is a name, or what a name stands behind.
pub(in crate::cli) fn is_name(key: &str) -> bool {
    NAMES.contains(&key) && key != "e_text"
}

/// All names that the messages of the captures hold, and those that a report takes from the logs beside them.
pub(in crate::cli) fn learn(
    files: &[PathBuf],
    analysis: &diagnose::Settings,
) -> anyhow::Result<Pseudonyms> {
    learn_with(files, analysis, &mut |_| {})
}

/// The same, and gives each message to `sink`.
pub(in crate::cli) fn learn_with(
    files: &[PathBuf],
    analysis: &diagnose::Settings,
    sink: &mut dyn FnMut(&Message),
) -> anyhow::Result<Pseudonyms> {
    let mut names = Pseudonyms::default();
    let mut evidence = Evidence::open(files, Hash::Unwanted)?;
    for file in files {
        names.file(&file.to_string_lossy());
    }
    for keytab in analysis.keytabs.iter() {
        names.file(&keytab.name);
        keytab.names().for_each(|name| names.learn(name));
    }
    let mut ends = BTreeSet::new();
    let mut period: Option<(Timestamp, Timestamp)> = None;
    for (file, mut reader) in evidence.take_captures().into_iter().enumerate() {
        let analysis = analysis.of_capture(file);
        let mut note = |message: &Message| {
            let (from, to) = period.unwrap_or((message.time, message.last_time));
            period = Some((from.min(message.time), to.max(message.last_time)));
            sink(message);
        };
        ends.extend(learn_capture(&mut reader, &analysis, &mut note, &mut names));
    }
    for log in evidence.logs() {
        learn_log(log, &ends, period, &mut names)?;
    }
    refuse_full(&names)?;
    Ok(names)
}

/// Refuses to go on without a part of the names.
pub(in crate::cli) fn refuse_full(names: &Pseudonyms) -> anyhow::Result<()> {
    if names.is_full() {
        bail!("the evidence holds more names than can be replaced; name fewer files");
    }
    Ok(())
}

/// The names in the messages of one capture. Gives the addresses between which they lie.
pub(in crate::cli) fn learn_capture(
    reader: &mut CaptureReader,
    analysis: &diagnose::Settings,
    sink: &mut dyn FnMut(&Message),
    names: &mut Pseudonyms,
) -> BTreeSet<IpAddr> {
    let mut listing = Listing::default();
    diagnose::messages(reader, analysis, &mut |message| {
        sink(&message);
        listing.add(&message);
    });
    let mut ends = BTreeSet::new();
    for line in listing.into_lines(None, None) {
        learn_line(&line, names);
        let both = [&line.src, &line.dst].into_iter();
        ends.extend(
            both.filter_map(|end| end.parse::<SocketAddr>().ok())
                .map(|end| end.ip()),
        );
    }
    ends
}

/// Names that the report may take from a log: it may list a whole directory, or the sign-ons of all clients, and the report tells
/// of those only that the captures hold, which lie between `ends`, or that may be one of them by another address: of their `period`.
fn learn_log(
    mut log: LogInput,
    ends: &BTreeSet<IpAddr>,
    period: Option<(Timestamp, Timestamp)>,
    names: &mut Pseudonyms,
) -> io::Result<()> {
    let is_of_period = |time: Timestamp| {
        period.is_some_and(|(from, to)| from.since(time) < NEAR && time.since(to) < NEAR)
    };
    logs::read(log.kind, &mut log.input, &mut |line| match &line.said {
        Said::Web(web)
            if is_of_period(line.time) || web.client.is_some_and(|it| ends.contains(&it)) =>
        {
            web.user.iter().for_each(|user| names.learn(user));
        }
        // The report leaves sentences out.
        Said::Web(_) | Said::Told(_) => {}
        Said::Call(stored) => {
            let call = &stored.call;
            let told = [&call.netbios_name, &call.fqdn, &call.smsid];
            let told = told.into_iter().flatten().map(WireText::as_str);
            told.chain(stored.host.as_deref())
                .for_each(|name| names.learn(name));
        }
        Said::Output(fact) => learn_fact(fact, names),
    })
    .map(|_| ())
}

fn learn_fact(fact: &CommandFact, names: &mut Pseudonyms) {
    let told: Vec<Option<&WireText>> = match fact {
        CommandFact::Holder(held) if may_be_told(held.spn.as_str(), names) => {
            learn_account(held.account.as_str(), names);
            vec![Some(&held.spn)]
        }
        CommandFact::Holder(_) => vec![],
        CommandFact::Nobody(spn) => vec![Some(spn)],
        CommandFact::Ticket(ticket) => {
            vec![
                Some(&ticket.client),
                Some(&ticket.server),
                ticket.kdc.as_ref(),
            ]
        }
        CommandFact::Controller(found) => {
            let sites = [found.site.as_ref(), found.own_site.as_ref()];
            let names = [Some(&found.name), found.domain.as_ref()];
            names.into_iter().chain(sites).collect()
        }
        CommandFact::Trusts(list) => list.domains.iter().map(|it| Some(&it.name)).collect(),
        CommandFact::Clock(chart) => vec![chart.name.as_ref()],
    };
    for name in told.into_iter().flatten() {
        names.learn(name.as_str());
    }
}

/// Whether the host of a service name may be one of the captures: its first label is known, or names nobody.
fn may_be_told(spn: &str, names: &mut Pseudonyms) -> bool {
    let host = spn.split('/').nth(1).unwrap_or(spn);
    let label = host.split(['.', ':']).next().unwrap_or(host);
    let shown = format!("/{label}");
    let mut alone = Pseudonyms::default();
    alone.learn(label);
    names.text(&shown) != shown || alone.map().next().is_none()
}

/// The parts of `CN=svc-web,OU=Service Accounts,DC=example,DC=com` behind their keys.
fn learn_account(account: &str, names: &mut Pseudonyms) {
    let values = account
        .split(',')
        .map(|part| part.split_once('=').map_or(part, |(_, value)| value));
    let is_folder = |word: &str| FOLDERS.contains(&word.to_lowercase().as_str());
    for word in values.flat_map(str::split_whitespace) {
        if !is_folder(word) {
            names.learn(word);
        }
    }
}

fn learn_line(line: &Line, names: &mut Pseudonyms) {
    for end in [&line.src, &line.dst] {
        names.text(end);
    }
    learn_fields(&line.fields.0, names);
}

/// The names in the fields of a message.
pub(in crate::cli) fn learn_fields(fields: &[(&'static str, Value)], names: &mut Pseudonyms) {
    for (key, value) in fields {
        learn_value(NAMES.contains(key), value, names);
    }
}

fn learn_value(is_name: bool, value: &Value, names: &mut Pseudonyms) {
    match value {
        Value::Text(text) if is_name => learn_text(text, names),
        Value::List(values) => values
            .iter()
            .for_each(|value| learn_value(is_name, value, names)),
        Value::Object(fields) => learn_fields(&fields.0, names),
        Value::Text(_) | Value::Number(_) | Value::Bool(_) => {}
    }
}

/// A text of several words has its names where signs of names are: `SRV 0 100 88 dc.example.com`.
fn learn_text(text: &str, names: &mut Pseudonyms) {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_whole = words.len() == 1;
    for word in words {
        names.text(word);
        if is_whole || word.contains(['.', '\\', '@', '$', '/']) {
            names.learn(word);
        }
    }
}
