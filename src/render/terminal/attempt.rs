//! One attempt: who tried what, how it ended and why, and the story frame by frame.
//!
//! Never calls an end without a finding a good one: what is good is the outcome's to say.

use crate::finding::{Finding, Severity};
use crate::render::layout::width;
use crate::render::terminal::page::Page;
use crate::render::terminal::style::Ink;
use crate::render::terminal::{Story, finding, ladder, six_steps, steps};
use crate::render::wording::attempt as words;
use crate::render::wording::finding as of_finding;
use crate::report::{AttemptReport, Report};
use crate::story::coverage::Missing;
use crate::story::reasoning::Answer;

/// The least space between the left and the right part of a title.
const GAP: usize = 2;

/// The whole story.
pub(super) fn render(report: &Report, attempt: &AttemptReport, page: &mut Page) {
    page.blank();
    title(attempt, page);
    verdict(attempt, page);
    page.blank();
    match page.look.story {
        Story::Table => steps::render(attempt, page),
        Story::Ladder => ladder::render(report, attempt, page),
    }
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
    let (first, last) = (attempt.first_frame, attempt.last_frame);
    let (place, filter) = (
        page.names.range(first, last),
        page.names.filter(first, last),
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
        words::client(&attempt.client),
        words::service(&attempt.service)
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

/// The one line to keep.
fn verdict(attempt: &AttemptReport, page: &mut Page) {
    let Some(headline) = attempt.headline() else {
        return;
    };
    let lead = of_finding::lead(headline.severity);
    let label = format!("  {lead}, {}: ", headline.confidence.name());
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
        text.push_str(&format!(" ─{}→ {next}", page.names.one(hop.frame)));
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
    if let Some(text) = words::repeats(attempt, &page.names) {
        page.blank();
        page.entry("the same", &text);
    }
}

/// What follows where no finding says it.
fn last_words(attempt: &AttemptReport, page: &mut Page) {
    if let Some(text) = words::last_words(attempt) {
        page.blank();
        page.paragraph(2, &text);
    }
}
