//! Steps of outputs of commands: who holds a service name, which tickets there are, how far clocks are apart.
//!
//! Never dates one: an output does not say when it was made, and it stands behind all that has a time.

use crate::model::attempt::Attempt;
use crate::model::witness::{
    CachedTicket, ClockChart, CommandFact, Controller, OutputRecord, TrustList,
};
use crate::story::{Actor, Mark, Step};
use crate::text::WireText;

/// Trusts of a list that are named.
const NAMED: usize = 12;
const SECOND: u64 = 1_000_000_000;

/// A step for each output.
pub(super) fn steps(attempt: &Attempt) -> Vec<Step> {
    let records = attempt.outputs.iter();
    records.map(|record| step(attempt, record)).collect()
}

fn step(attempt: &Attempt, record: &OutputRecord) -> Step {
    let (command, text) = told(&record.fact);
    let command = Actor {
        address: attempt.client,
        label: command.to_owned(),
    };
    Step {
        kind: "command-output",
        frames: Vec::new(),
        other_frames: Vec::new(),
        places: Vec::new(),
        time: attempt.last_time(),
        from: command.clone(),
        to: command,
        text,
        mark: Mark::Plain,
        source: Some(record.source.to_string()),
        is_dated: false,
    }
}

/// The command and what it says.
pub(super) fn told(fact: &CommandFact) -> (&'static str, String) {
    match fact {
        CommandFact::Holder(held) => ("setspn", format!("{} holds {}", held.account, held.spn)),
        CommandFact::Nobody(spn) => (
            "setspn",
            format!("nobody holds {spn} where it was looked for"),
        ),
        CommandFact::Ticket(ticket) => ("klist", of_ticket(ticket)),
        CommandFact::Controller(found) => ("nltest", of_controller(found)),
        CommandFact::Trusts(list) => ("nltest", of_trusts(list)),
        CommandFact::Clock(chart) => ("w32tm", of_clock(chart)),
    }
}

/// What is known, behind its words.
fn known(words: &str, what: Option<&WireText>) -> String {
    what.map_or_else(String::new, |what| format!("{words}{what}"))
}

fn of_ticket(ticket: &CachedTicket) -> String {
    format!(
        "{} has a ticket for {}{}{}{}{}",
        ticket.client,
        ticket.server,
        known(", ", ticket.etype.as_ref()),
        known(", from ", ticket.kdc.as_ref()),
        known(", until ", ticket.ends.as_ref()),
        known(", in the session ", ticket.session.as_ref()),
    )
}

fn of_controller(found: &Controller) -> String {
    format!(
        "the domain controller{} is {}{}{}",
        known(" of ", found.domain.as_ref()),
        found.name,
        known(", in the site ", found.site.as_ref()),
        known(
            "; the machine that asks is in the site ",
            found.own_site.as_ref()
        ),
    )
}

fn of_trusts(list: &TrustList) -> String {
    let own = list.own().map_or("?", |own| own.name.as_str());
    let others = list.domains.iter().filter(|it| it.name.as_str() != own);
    let mut names: Vec<String> = others
        .clone()
        .take(NAMED)
        .map(|it| {
            let way = if it.is_outbound_only {
                ", outbound only"
            } else {
                ""
            };
            format!("{} ({}{way})", it.name, it.kind.name())
        })
        .collect();
    let more = others.count().saturating_sub(NAMED);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    if names.is_empty() {
        names.push("none".to_owned());
    }
    format!("domains that {own} knows: {}", names.join(", "))
}

fn of_clock(chart: &ClockChart) -> String {
    let apart = chart.offset_nanos.unsigned_abs();
    format!(
        "the clocks of {} and of the machine on which it ran are {}.{:03} s apart, the middle of {} samples",
        chart.peer,
        apart / SECOND,
        apart % SECOND / 1_000_000,
        chart.samples
    )
}
