//! Steps of logs: what the server's own log says of an exchange, and what components say of the attempt.
//!
//! Never says more than the line does beside what its codes are called.

use crate::frame::Timestamp;
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::model::witness::{CallRecord, CallSource, SeenIn, Source, Tie, ToldRecord, WebRecord};
use crate::story::cast::Cast;
use crate::story::{Actor, Mark, Step, messages};
use crate::text::WireText;
use crate::wire::registration_call::RegistrationCall;
use crate::wire::windows;

/// A web server's log says whole seconds.
const SECOND: i64 = 1_000_000_000;

/// Puts the steps of logs among `steps`, which are in frame order: a line about an exchange behind it, a sentence where its
/// time has it.
pub(super) fn insert(attempt: &Attempt, cast: &Cast, steps: &mut Vec<Step>) {
    for exchange in &attempt.http {
        for record in exchange.recorded.iter().rev() {
            let last = exchange.last_span().first();
            let behind = steps.iter().rposition(|step| step.frames.contains(&last));
            let at = behind.map_or(steps.len(), |at| at + 1);
            steps.insert(at, of_record(exchange, record, cast));
        }
    }
    for line in &attempt.inside {
        let second_is_over = Timestamp::from_nanos(line.time.nanos().saturating_add(SECOND));
        let before = steps.iter().rposition(|step| step.time < second_is_over);
        let at = before.map_or(0, |at| at + 1);
        steps.insert(at, of_inside(attempt, line, cast));
    }
    for stored in &attempt.calls {
        let CallSource::Line(line) = &stored.source else {
            continue;
        };
        let time = stored.time;
        let before = time.and_then(|time| steps.iter().rposition(|step| step.time <= time));
        let at = before.map_or(steps.len(), |at| at + 1);
        steps.insert(at, of_call(attempt, (stored, line), cast));
    }
    for told in &attempt.told {
        let before = steps.iter().rposition(|step| step.time <= told.time);
        let at = before.map_or(0, |at| at + 1);
        steps.insert(at, of_told(attempt, told));
    }
}

fn of_record(exchange: &HttpExchange, record: &WebRecord, cast: &Cast) -> Step {
    let server = cast.server(exchange.server.addr);
    let label = format!("{} log", server.label);
    Step {
        kind: "web-log",
        frames: Vec::new(),
        other_frames: Vec::new(),
        places: Vec::new(),
        time: exchange.last_span().last_time,
        from: server.called(label.clone()),
        to: server.called(label),
        text: record_text(record),
        mark: Mark::Plain,
        source: Some(record.source.to_string()),
        is_dated: true,
    }
}

/// A line about a request that the capture holds in TLS.
fn of_inside(attempt: &Attempt, line: &WebRecord, cast: &Cast) -> Step {
    let address = attempt.target.address.unwrap_or(attempt.client);
    let server = cast.server(address);
    let log = server.called(format!("{} log", server.label));
    Step {
        kind: "web-log",
        frames: Vec::new(),
        other_frames: Vec::new(),
        places: Vec::new(),
        time: Timestamp::from_nanos(line.time.nanos().saturating_add(SECOND - 1)),
        from: log.clone(),
        to: log,
        text: format!(
            "at {}: {}: {} ({})",
            line.time.to_utc().format("%H:%M:%S"),
            line.request,
            record_text(line),
            Tie::Time.text()
        ),
        mark: Mark::Plain,
        source: Some(line.source.to_string()),
        is_dated: false,
    }
}

/// `401 2 2148074254 (Logon failed by configuration, SEC_E_NO_CREDENTIALS), for no account, after 31 ms`.
pub(super) fn record_text(record: &WebRecord) -> String {
    let number = |number: Option<u16>| number.map_or_else(|| "-".to_owned(), |it| it.to_string());
    let mut text = number(record.status);
    if let Some(substatus) = record.substatus {
        text.push_str(&format!(" {substatus}"));
    }
    if let Some(code) = record.win32 {
        text.push_str(&format!(" {code}"));
    }
    let substatus = record.substatus.filter(|substatus| *substatus != 0);
    let of_status = record.status.zip(substatus);
    let of_status =
        of_status.and_then(|(status, substatus)| windows::status_name(status, substatus));
    let of_code = record.win32.filter(|code| *code != 0);
    let of_code = of_code.and_then(|code| windows::name(code).map(|(name, _)| name));
    let names: Vec<&str> = of_status.into_iter().chain(of_code).collect();
    if !names.is_empty() {
        text.push_str(&format!(" ({})", names.join(", ")));
    }
    if let Some(reason) = &record.reason {
        text.push_str(&format!(", refused by the kernel: {reason}"));
    }
    match &record.user {
        Some(user) => text.push_str(&format!(", for {user}")),
        None if record.names_users => text.push_str(", for no account"),
        None => {}
    }
    if let Some(address) = record.logged_as {
        text.push_str(&format!(", logged as {address}"));
    }
    if let Some(address) = record.server {
        text.push_str(&format!(", at {address}"));
    }
    if let Some(taken) = record.time_taken {
        text.push_str(&format!(", after {taken} ms"));
    }
    text
}

/// The calls that stand in the capture, each with its frames.
pub(super) fn seen_calls(attempt: &Attempt, cast: &Cast) -> Vec<Step> {
    let seen = attempt
        .calls
        .iter()
        .filter_map(|stored| match &stored.source {
            CallSource::Seen(seen) => Some((stored, seen)),
            CallSource::Line(_) => None,
        });
    seen.map(|(stored, seen)| {
        let text = call_text(stored);
        messages::step("sql-call", &seen.span, ends(attempt, seen, cast), text)
    })
    .collect()
}

/// Who calls, and whom. The management point may store by itself.
fn ends(attempt: &Attempt, seen: &SeenIn, cast: &Cast) -> (Actor, Actor) {
    let caller = cast.server(seen.caller);
    let is_server = attempt.target.address == Some(seen.caller);
    let caller = if is_server {
        caller
    } else {
        caller.called(format!("site {}", seen.caller))
    };
    let database = cast
        .server(seen.server)
        .called(format!("SQL {}", seen.server));
    (caller, database)
}

fn of_call(attempt: &Attempt, (stored, line): (&CallRecord, &Source), cast: &Cast) -> Step {
    let address = attempt.target.address.unwrap_or(attempt.client);
    let label = stored.host.as_ref().map_or("site", WireText::as_str);
    let site = cast.server(address).called(label.to_owned());
    Step {
        kind: "sql-call",
        frames: Vec::new(),
        other_frames: Vec::new(),
        places: Vec::new(),
        time: stored.time.unwrap_or_else(|| attempt.last_time()),
        from: site.clone(),
        to: site,
        text: call_text(stored),
        mark: Mark::Plain,
        source: Some(line.to_string()),
        is_dated: stored.time.is_some(),
    }
}

fn call_text(stored: &CallRecord) -> String {
    format!("{} ({})", stored_text(&stored.call), stored.tie.text())
}

/// What a call stores.
pub(super) fn stored_text(call: &RegistrationCall) -> String {
    let number =
        |number: Option<i64>| number.map_or_else(|| "not given".to_owned(), |it| it.to_string());
    let name = call.netbios_name.as_ref().or(call.fqdn.as_ref());
    format!(
        "stores the registration of {} ({}): @ApprovalMethod {}, @IsIntegratedAuth {}",
        name.map_or("a client", WireText::as_str),
        call.smsid
            .as_ref()
            .map_or("without identity", WireText::as_str),
        number(call.approval_method),
        number(call.is_integrated_auth)
    )
}

fn of_told(attempt: &Attempt, told: &ToldRecord) -> Step {
    let speaker = Actor {
        address: attempt.client,
        label: told.component.to_string(),
    };
    Step {
        kind: "log-line",
        frames: Vec::new(),
        other_frames: Vec::new(),
        places: Vec::new(),
        time: told.time,
        from: speaker.clone(),
        to: speaker,
        text: format!(
            "{}{} ({})",
            told.text,
            named(told.text.as_str()),
            told.tie.text()
        ),
        mark: Mark::Plain,
        source: Some(told.source.to_string()),
        is_dated: true,
    }
}

/// What the first code in a sentence is called: ` [CCM_E_…]`.
pub(super) fn named(text: &str) -> String {
    let codes = text.match_indices("0x").filter_map(|(at, _)| {
        let digits = text.get(at + 2..at + 10)?;
        windows::name(u32::from_str_radix(digits, 16).ok()?)
    });
    let mut names = codes.map(|(name, _)| format!(" [{name}]"));
    names.next().unwrap_or_default()
}
