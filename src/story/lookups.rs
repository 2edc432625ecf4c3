//! Steps of DNS: look-ups that follow one another for one purpose are one step.
//!
//! Never hides a look-up that failed: its frames and its answer are in the step.

use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::lookup::Lookup;
use crate::story::cast::Cast;
use crate::story::messages::{icmp_step, step};
use crate::story::{Step, phrase};

/// All steps of look-ups of `attempt`.
pub(super) fn steps(attempt: &Attempt, cast: &Cast) -> Vec<Step> {
    let mut steps = Vec::new();
    let silence = phrase::no_answer(attempt);
    for group in groups(attempt, &attempt.lookups, |lookup| {
        lookup.name.as_str().to_ascii_lowercase()
    }) {
        steps.extend(group_steps(&group, &host_text(&group, silence), cast));
    }
    for group in groups(attempt, &attempt.kdc_lookups, |lookup| {
        lookup
            .is_for_address()
            .then(String::new)
            .or_else(|| lookup.kdc_realm().map(str::to_ascii_lowercase))
            .unwrap_or_default()
    }) {
        steps.extend(group_steps(&group, &kdc_text(&group, silence), cast));
    }
    without_echoes(steps)
}

/// A client may look a KDC up before each request: what was found before is not told again.
fn without_echoes(steps: Vec<Step>) -> Vec<Step> {
    let mut told: Vec<Step> = Vec::new();
    for step in steps {
        if !told
            .iter()
            .any(|earlier| earlier.kind == step.kind && earlier.text == step.text)
        {
            told.push(step);
        }
    }
    told
}

/// Look-ups in a row, between which nothing but look-ups happens. A new purpose begins a new group; the empty purpose joins any.
fn groups<'l>(
    attempt: &Attempt,
    lookups: &'l [Lookup],
    purpose: impl Fn(&Lookup) -> String,
) -> Vec<Vec<&'l Lookup>> {
    let others: Vec<FrameNumber> = attempt
        .message_spans()
        .map(super::super::model::exchange::Span::first)
        .collect();
    let mut groups: Vec<(String, Vec<&Lookup>)> = Vec::new();
    for lookup in lookups {
        let wanted = purpose(lookup);
        let joins = groups.last().is_some_and(|(known, group)| {
            let last = group.last().map(|last| last.asked.first());
            let apart = others.iter().any(|frame| {
                last.is_some_and(|last| *frame > last) && *frame < lookup.asked.first()
            });
            !apart && (wanted.is_empty() || *known == wanted)
        });
        match groups.last_mut() {
            Some((_, group)) if joins => group.push(lookup),
            _ => groups.push((wanted, vec![lookup])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn group_steps(group: &[&Lookup], text: &str, cast: &Cast) -> Vec<Step> {
    let Some(first) = group.first() else {
        return Vec::new();
    };
    let dns = cast.dns(first.server.addr);
    let mut asked = step("dns", &first.asked, (cast.client(), dns), text.to_owned());
    asked.frames = group.iter().flat_map(|lookup| frames(lookup)).collect();
    asked.frames.sort_unstable();
    asked.frames.dedup();
    let refused = group
        .iter()
        .filter_map(|lookup| lookup.unreachable.as_ref())
        .map(|error| icmp_step(error, cast));
    std::iter::once(asked).chain(refused).collect()
}

fn frames(lookup: &Lookup) -> Vec<FrameNumber> {
    let again = lookup.again.iter();
    let answer = lookup.answer.iter().map(|answer| &answer.span);
    std::iter::once(&lookup.asked)
        .chain(again)
        .chain(answer)
        .flat_map(|span| span.frames.iter().copied())
        .collect()
}

/// `asks for the address of mp.example.com: 10.0.0.1`.
fn host_text(group: &[&Lookup], silence: &str) -> String {
    let name = group
        .first()
        .map(|lookup| lookup.name.to_string())
        .unwrap_or_default();
    format!(
        "asks for the address of {name}: {}",
        found_addresses(group, silence)
    )
}

fn found_addresses(group: &[&Lookup], silence: &str) -> String {
    let found: Vec<String> = group
        .iter()
        .flat_map(|lookup| lookup.addresses())
        .map(|address| address.to_string())
        .collect();
    if found.is_empty() {
        without_answer(group, silence)
    } else {
        found.join(", ")
    }
}

/// `looks for KDCs of EXAMPLE.COM: dc1.example.com`.
fn kdc_text(group: &[&Lookup], silence: &str) -> String {
    let realm = group.iter().find_map(|lookup| lookup.kdc_realm());
    let Some(realm) = realm else {
        return host_text(group, silence);
    };
    let mut hosts: Vec<String> = group
        .iter()
        .flat_map(|lookup| lookup.service_hosts())
        .map(|host| host.as_str().trim_end_matches('.').to_owned())
        .collect();
    hosts.sort();
    hosts.dedup();
    let found = if hosts.is_empty() {
        without_answer(group, silence)
    } else {
        hosts.join(", ")
    };
    format!("looks for KDCs of {realm}: {found}")
}

fn without_answer(group: &[&Lookup], silence: &str) -> String {
    let answer = group.iter().rev().find_map(|lookup| lookup.answer.as_ref());
    let Some(answer) = answer else {
        let last = group.last().and_then(|lookup| lookup.dropped());
        return format!("{silence}{}", phrase::dropped(last, "the question"));
    };
    if answer.lacks_records {
        return "answered; the answer is not whole".to_owned();
    }
    if group
        .iter()
        .any(|lookup| lookup.is_denied() && answer_is_empty(lookup))
    {
        return "the name is there, without such a record".to_owned();
    }
    format!("{}", answer.rcode)
}

fn answer_is_empty(lookup: &Lookup) -> bool {
    lookup
        .answer
        .as_ref()
        .is_some_and(|answer| answer.rcode == crate::wire::dns::Rcode::NO_ERROR)
}
