//! One attempt: who tried what, how it ended and why, and the story frame by frame.
//!
//! Never calls an end without a finding a good one: what is good is the outcome's to say.

use crate::finding::{Finding, Severity};
use crate::outcome::{ApprovalState, Outcome};
use crate::render::layout::width;
use crate::render::terminal::page::Page;
use crate::render::terminal::style::Ink;
use crate::render::terminal::{finding, frames, six_steps, steps};
use crate::report::{AttemptReport, Client, Service};
use crate::story::coverage::Missing;
use crate::story::reasoning::Answer;

/// The least space between the left and the right part of a title.
const GAP: usize = 2;

/// The whole story.
pub(super) fn render(attempt: &AttemptReport, captures: &[String], page: &mut Page) {
    page.blank();
    title(attempt, page);
    verdict(attempt, page);
    page.blank();
    steps::render(attempt, captures, page);
    path(attempt, page);
    repeats(attempt, page);
    for told in attempt.findings.iter().filter(|told| is_told(told)) {
        page.blank();
        finding::render(told, page);
    }
    reasoning("why NTLM", &attempt.why_ntlm, page);
    reasoning("whose key", &attempt.whose_key, page);
    missing(&attempt.missing, page);
    last_words(attempt, page);
    six_steps::render(&attempt.six_steps, page);
}

/// The verdict and where to look: for a sign-on beside those of Configuration Manager.
pub(super) fn render_short(attempt: &AttemptReport, page: &mut Page) {
    page.blank();
    title(attempt, page);
    verdict(attempt, page);
    let place = frames(attempt.first_frame, attempt.last_frame);
    let filter = format!(
        "frame.number>={} && frame.number<={}",
        attempt.first_frame, attempt.last_frame
    );
    page.entry("frames", &format!("{place}  Wireshark: {filter}"));
    repeats(attempt, page);
    if let Some(headline) = attempt.headline() {
        finding::remedy(headline, page);
    }
}

/// Expected findings are told by the marks of their steps.
fn is_told(finding: &Finding) -> bool {
    finding.severity > Severity::Expected
}

fn title(attempt: &AttemptReport, page: &mut Page) {
    let left = page.safe(&format!(
        "ATTEMPT {}   {} → {}",
        attempt.id,
        client(&attempt.client),
        service(&attempt.service)
    ));
    let right = attempt.outcome.title().to_uppercase();
    let taken = width(&left) + width(&right);
    let right = page.paint(Ink::of_outcome(attempt.outcome), &right);
    if taken + GAP <= page.look.columns {
        let space = " ".repeat(page.look.columns - taken);
        let left = page.paint(Ink::Strong, &left);
        page.line(&format!("{left}{space}{right}"));
    } else {
        page.labelled(("", Ink::Plain), 0, (&left, Ink::Strong));
        page.line(&format!("  {right}"));
    }
}

fn client(client: &Client) -> String {
    let named = client.principal.as_ref().or(client.name.as_ref());
    named.map_or_else(|| client.address.to_string(), Clone::clone)
}

fn service(service: &Service) -> String {
    if let Some(name) = &service.name {
        return name.clone();
    }
    let address = service.address.map_or_else(
        || "an unknown server".to_owned(),
        |address| address.to_string(),
    );
    match service.port {
        Some(port) => format!("{address} port {port}"),
        None => address,
    }
}

/// The one line to keep.
fn verdict(attempt: &AttemptReport, page: &mut Page) {
    let Some(headline) = attempt.headline() else {
        return;
    };
    let label = format!("  cause, {}: ", headline.confidence.name());
    let place = headline.evidence.first();
    let place = place.map_or_else(String::new, |first| format!(" (frame {})", first.frame));
    let text = format!("{}{place}", headline.title);
    let indent = width(&label);
    page.labelled((&label, Ink::Bad), indent, (&text, Ink::Strong));
}

/// `CHILD.EXAMPLE ─14→ EXAMPLE ─16→ HTTP/mp.example`.
fn path(attempt: &AttemptReport, page: &mut Page) {
    let Some(first) = attempt.ticket_path.first() else {
        return;
    };
    let mut text = first.realm.clone();
    for hop in &attempt.ticket_path {
        let next = hop.next_realm.as_ref().unwrap_or(&hop.gives);
        text.push_str(&format!(" ─{}→ {next}", hop.frame));
    }
    page.blank();
    page.entry("ticket path", &text);
    for hop in attempt
        .ticket_path
        .iter()
        .filter(|hop| hop.shown_in.is_none())
    {
        page.entry(
            "",
            &format!(
                "no message that can be read shows the ticket of frame {}",
                hop.frame
            ),
        );
    }
}

/// What is not there, and after which frame.
fn missing(missing: &[Missing], page: &mut Page) {
    if missing.is_empty() {
        return;
    }
    page.blank();
    for (at, told) in missing.iter().enumerate() {
        let place = told
            .after
            .map_or_else(String::new, |frame| format!(" (after frame {frame})"));
        page.entry(
            if at == 0 { "not seen" } else { "" },
            &format!("{}{place}", told.text),
        );
    }
}

/// A list of questions with their answers, under one label.
fn reasoning(label: &str, answers: &[Answer], page: &mut Page) {
    if answers.is_empty() {
        return;
    }
    page.blank();
    for (at, told) in answers.iter().enumerate() {
        let place = told
            .frame
            .map_or_else(String::new, |frame| format!(" (frame {frame})"));
        let text = format!("{} {}{place}", told.question, told.answer);
        page.entry(if at == 0 { label } else { "" }, &text);
    }
}

/// The equal attempts that this one stands for.
fn repeats(attempt: &AttemptReport, page: &mut Page) {
    let times = attempt.repeats.saturating_sub(1);
    if times == 0 {
        return;
    }
    let told = attempt.repeated_in.iter();
    let places: Vec<String> = told.map(|&(first, last)| frames(first, last)).collect();
    let untold = times.saturating_sub(attempt.repeated_in.len() as u64);
    let mut text = match times {
        1 => "once more".to_owned(),
        _ => format!("{times} more times"),
    };
    if !places.is_empty() {
        text.push_str(&format!(", in frames {}", places.join(", ")));
    }
    if untold > 0 && !places.is_empty() {
        text.push_str(&format!(" and {untold} more"));
    }
    page.blank();
    page.entry("the same", &text);
}

/// What follows for an attempt in which nothing is wrong, or nothing was found.
fn last_words(attempt: &AttemptReport, page: &mut Page) {
    let mut findings = attempt.findings.iter();
    if findings.any(|finding| finding.severity > Severity::Note) {
        return;
    }
    let verdict = match attempt.outcome {
        Outcome::KerberosAccepted | Outcome::NtlmAccepted | Outcome::AnonymousAccepted => {
            "No fault found."
        }
        Outcome::Encrypted => "No fault found outside the encrypted part; how it ended is inside.",
        Outcome::CutShort => "No fault found up to where the capture ends.",
        _ => "No cause found: none of the rules explains this end.",
    };
    page.blank();
    page.paragraph(2, &format!("{verdict}{}", approval(attempt)));
}

fn approval(attempt: &AttemptReport) -> String {
    let is_stored = attempt.steps.iter().any(|step| step.kind == "sql-call");
    match (attempt.approval.state, attempt.outcome) {
        (ApprovalState::Unknown, _) if is_stored => {
            format!(
                " Approval: unknown ({}).",
                attempt.approval.because.join("; ")
            )
        }
        (ApprovalState::Unknown, Outcome::KerberosAccepted) => format!(
            " Approval itself is decided after frame {} and is not in this capture: check @ApprovalMethod and @IsIntegratedAuth of spUpdateClientRegistration, or the client's entry in the console.",
            attempt.last_frame
        ),
        (ApprovalState::Unknown, Outcome::NtlmAccepted | Outcome::AnonymousAccepted) => format!(
            " Approval itself is decided after frame {} and is not in this capture: look at the client's entry in the console.",
            attempt.last_frame
        ),
        (ApprovalState::Unknown | ApprovalState::NotApplicable, _) => String::new(),
        (state, _) => format!(
            " Approval: {} ({}).",
            state.name(),
            attempt.approval.because.join("; ")
        ),
    }
}
