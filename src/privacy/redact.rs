//! The report, with pseudonyms in all its texts.
//!
//! Never leaves out a field: each text of the report is either written by this program alone, or goes through here.

use crate::finding::{Evidence, Finding};
use crate::limits::Limitation;
use crate::privacy::Pseudonyms;
use crate::report::{AttemptReport, LogReport, OtherKerberos, Report};
use crate::story::Step;
use crate::story::host::Host;

/// What stands for the text of a log's line: it is free text, in which names cannot be told from words.
const LOG_LINE: &str = "a line of this log; its text is left out";

/// Replaces all names that `names` knows, and those that the report itself names.
pub fn redact(report: &mut Report, names: &mut Pseudonyms) {
    learn(report, names);
    for text in &mut report.vantages {
        *text = names.text(text);
    }
    report.logs.iter_mut().for_each(|it| log(it, names));
    // All of it is free text of logs.
    if let Some(story) = &mut report.log_story {
        story.readings.clear();
        story.lines.clear();
    }
    report.hosts.iter_mut().for_each(|it| host(it, names));
    report.attempts.iter_mut().for_each(|it| attempt(it, names));
    report
        .other_kerberos
        .iter_mut()
        .for_each(|it| other(it, names));
    report.findings.iter_mut().for_each(|it| finding(it, names));
    report
        .limitations
        .iter_mut()
        .for_each(|it| limitation(it, names));
}

/// What the report knows by itself, from logs too.
fn learn(report: &Report, names: &mut Pseudonyms) {
    for host in &report.hosts {
        names.address(host.address);
    }
    report.names().for_each(|name| names.learn(name));
}

fn log(log: &mut LogReport, names: &mut Pseudonyms) {
    log.name = names.text(&log.name);
    for note in &mut log.notes {
        *note = names.text(note);
    }
}

fn host(host: &mut Host, names: &mut Pseudonyms) {
    host.address = names.address(host.address);
    for name in host.names.iter_mut().chain(&mut host.realm) {
        *name = names.value(name);
    }
    host.because.iter_mut().for_each(|it| evidence(it, names));
}

fn attempt(attempt: &mut AttemptReport, names: &mut Pseudonyms) {
    let (client, service) = (&mut attempt.client, &mut attempt.service);
    client.address = names.address(client.address);
    service.address = service.address.map(|address| names.address(address));
    let told = [
        &mut client.name,
        &mut client.principal,
        &mut service.name,
        &mut service.spn,
    ];
    for text in told.into_iter().flatten() {
        *text = names.value(text);
    }
    for hop in &mut attempt.ticket_path {
        hop.realm = names.value(&hop.realm);
        hop.gives = names.text(&hop.gives);
        hop.next_realm = hop.next_realm.as_ref().map(|realm| names.value(realm));
    }
    attempt.steps.iter_mut().for_each(|it| step(it, names));
    attempt
        .findings
        .iter_mut()
        .for_each(|it| finding(it, names));
    let reasons = attempt.approval.because.iter_mut();
    let missing = attempt.missing.iter_mut().map(|it| &mut it.text);
    let why = attempt.why_ntlm.iter_mut().map(|it| &mut it.answer);
    let whose = attempt.whose_key.iter_mut().map(|it| &mut it.answer);
    for text in reasons.chain(missing).chain(why).chain(whose) {
        *text = names.text(text);
    }
    for checkpoint in &mut attempt.six_steps {
        checkpoint.text = names.text(&checkpoint.text);
        for place in &mut checkpoint.places {
            *place = names.text(place);
        }
    }
}

fn step(step: &mut Step, names: &mut Pseudonyms) {
    for actor in [&mut step.from, &mut step.to] {
        actor.address = names.address(actor.address);
        actor.label = label(&actor.label, names);
    }
    step.source = step.source.as_ref().map(|source| names.text(source));
    // A line of a web server's log about what the capture holds encrypted has a path that no message shows.
    let is_free_text = step.kind == "log-line" || (step.kind == "web-log" && !step.is_dated);
    step.text = if is_free_text {
        LOG_LINE.to_owned()
    } else {
        names.text(&step.text)
    };
}

/// What an actor is called: of `KDC CHILD` the last word is the realm's, whatever else it means.
fn label(label: &str, names: &mut Pseudonyms) -> String {
    match label.split_once(' ') {
        Some((role @ "KDC", realm)) => format!("{role} {}", names.part(realm)),
        _ => names.text(label),
    }
}

fn finding(finding: &mut Finding, names: &mut Pseudonyms) {
    finding.title = names.text(&finding.title);
    finding.explanation = names.text(&finding.explanation);
    finding.each_evidence(&mut |it| evidence(it, names));
    for rival in &mut finding.rivals {
        rival.why = names.text(&rival.why);
    }
    for fix in &mut finding.fix {
        fix.text = names.text(&fix.text);
        fix.command = fix.command.as_ref().map(|command| names.text(command));
    }
}

fn evidence(evidence: &mut Evidence, names: &mut Pseudonyms) {
    evidence.text = names.text(&evidence.text);
    let source = evidence.source.as_ref();
    evidence.source = source.map(|source| names.text(source));
}

fn limitation(limitation: &mut Limitation, names: &mut Pseudonyms) {
    limitation.text = names.text(&limitation.text);
}

fn other(other: &mut OtherKerberos, names: &mut Pseudonyms) {
    other.client = names.address(other.client);
    other.refusals.iter_mut().for_each(|it| evidence(it, names));
}
