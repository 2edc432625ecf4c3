//! `--redact`: learns the names in the evidence, and lets nothing out that still holds one.
//!
//! Never writes the original names anywhere but to the map that the user asks for.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::cli::evidence::Evidence;
use crate::cli::input::Hash;
use crate::cli::settings::{Settings, Target};
use crate::cli::write::write;
use crate::diagnose::{self, LogInput};
use crate::dissect::message::Message;
use crate::limits::Limitation;
use crate::listing::{Line, Listing, Value};
use crate::logs::command_output::CommandFact;
use crate::logs::{self, Said};
use crate::privacy::{self, Pseudonyms};
use crate::render::InputFile;
use crate::report::Report;
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

/// Reason phrases of HTTP (RFC 9110 section 15).
const REASONS: [&str; 22] = [
    "Accepted",
    "Bad Gateway",
    "Bad Request",
    "Conflict",
    "Continue",
    "Created",
    "Forbidden",
    "Found",
    "Gateway Timeout",
    "Gone",
    "Internal Server Error",
    "Length Required",
    "Method Not Allowed",
    "Moved Permanently",
    "No Content",
    "Not Found",
    "Not Implemented",
    "Not Modified",
    "OK",
    "Proxy Authentication Required",
    "Service Unavailable",
    "Unauthorized",
];

/// What was replaced, as the report says it.
const TOLD: &str = "Redacted: hosts, accounts, realms, service names, paths, addresses and identities are pseudonyms, the same one for the same name; lines of logs are left out. Times, ports, frame numbers, codes and versions are as they were.";

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

/// All names that the messages of the captures hold, and those that a report takes from the logs beside them.
pub(super) fn learn(settings: &Settings) -> anyhow::Result<Pseudonyms> {
    learn_with(&settings.files, &settings.analysis, &mut |_| {})
}

/// The same, and gives each message to `sink`.
pub(super) fn learn_with(
    files: &[PathBuf],
    analysis: &diagnose::Settings,
    sink: &mut dyn FnMut(&Message),
) -> anyhow::Result<Pseudonyms> {
    let mut names = Pseudonyms::default();
    let mut evidence = Evidence::open(files, Hash::Unwanted)?;
    for file in files {
        let name = file.file_name().unwrap_or(file.as_os_str());
        names.file(&name.to_string_lossy());
    }
    let mut ends = BTreeSet::new();
    for mut reader in evidence.take_captures() {
        let mut listing = Listing::default();
        diagnose::messages(&mut reader, analysis, &mut |message| {
            sink(&message);
            listing.add(&message);
        });
        for line in listing.into_lines(None, None) {
            learn_line(&line, &mut names);
            let both = [&line.src, &line.dst].into_iter();
            ends.extend(
                both.filter_map(|end| end.parse::<SocketAddr>().ok())
                    .map(|end| end.ip()),
            );
        }
    }
    for log in evidence.logs() {
        learn_log(log, &ends, &mut names)?;
    }
    if names.is_full() {
        bail!("the evidence holds more names than can be replaced; name fewer files");
    }
    Ok(names)
}

/// Names that the report may take from a log: it may list a whole directory, or the sign-ons of all clients, and the report tells
/// of those only that the captures hold, which lie between `ends`.
fn learn_log(mut log: LogInput, ends: &BTreeSet<IpAddr>, names: &mut Pseudonyms) -> io::Result<()> {
    logs::read(log.kind, &mut log.input, &mut |line| match &line.said {
        Said::Web(web) if web.client.is_some_and(|client| ends.contains(&client)) => {
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

fn learn_fields(fields: &[(&'static str, Value)], names: &mut Pseudonyms) {
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

/// The report and the names of its files, with pseudonyms.
pub(super) fn report(report: &mut Report, files: &mut [InputFile], names: &mut Pseudonyms) {
    privacy::redact(report, names);
    report
        .limitations
        .push(Limitation::of_capture(TOLD.to_owned()));
    for (place, file) in files.iter_mut().enumerate() {
        let known = names.text(&file.name);
        file.name = if known == file.name {
            format!("file-{}", place + 1)
        } else {
            known
        };
    }
}

/// The lines, with pseudonyms.
pub(super) fn lines(lines: &mut [Line], names: &mut Pseudonyms) {
    for line in lines {
        hide_reason(line);
        line.src = names.text(&line.src);
        line.dst = names.text(&line.dst);
        line.summary = names.text(&line.summary);
        for (_, value) in &mut line.fields.0 {
            replace(value, names);
        }
    }
}

/// A reason phrase is free text: of those that are not the usual ones nothing is told.
fn hide_reason(line: &mut Line) {
    for (key, value) in &mut line.fields.0 {
        if let ("reason", Value::Text(reason)) = (*key, value)
            && !reason.is_empty()
            && !REASONS.contains(&reason.as_str())
        {
            line.summary = line.summary.replace(reason.as_str(), "…");
            "…".clone_into(reason);
        }
    }
}

fn replace(value: &mut Value, names: &mut Pseudonyms) {
    match value {
        Value::Text(text) => *text = names.text(text),
        Value::List(values) => values.iter_mut().for_each(|it| replace(it, names)),
        Value::Object(fields) => fields.0.iter_mut().for_each(|(_, it)| replace(it, names)),
        Value::Number(_) | Value::Bool(_) => {}
    }
}

/// Writes what `content` makes, unless a name is in it.
pub(super) fn write_checked(
    target: &Target,
    names: &Pseudonyms,
    content: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>,
) -> anyhow::Result<()> {
    let mut written = Vec::new();
    content(&mut written)?;
    if let Some(name) = names.leak(&written) {
        bail!("nothing was written: {name:?} would still have been in it");
    }
    write(target, &mut |out| out.write_all(&written))
}

/// Writes the private map: a name and what stands for it, a line each.
pub(super) fn write_map(path: &Path, names: &Pseudonyms) -> anyhow::Result<()> {
    let target = Target::File(PathBuf::from(path));
    write(&target, &mut |out| {
        names
            .map()
            .try_for_each(|(name, pseudonym)| writeln!(out, "{name}\t{pseudonym}"))
    })
}
