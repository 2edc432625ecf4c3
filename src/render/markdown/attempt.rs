//! An attempt for a ticket: the verdict, the story as a table, and what was found.
//!
//! Never leaves a step out: what only repeats others is told with its frames.

use crate::finding::{Finding, Severity};
use crate::render::escape::Markdown;
use crate::render::ladder::passages;
use crate::render::markdown::page::Page;
use crate::render::terminal::Times;
use crate::render::wording::attempt as words;
use crate::render::wording::finding as of_finding;
use crate::render::wording::steps::others;
use crate::render::wording::times::moment;
use crate::render::{netmon_filter, opening, wireshark_filter};
use crate::report::AttemptReport;
use crate::story::reasoning::Answer;
use crate::story::{Mark, Step};

/// Who tried what, how it ended, and the one line to keep.
pub(super) fn verdict(attempt: &AttemptReport, page: &mut Page) {
    page.heading(
        2,
        &format!("Attempt {}: {}", attempt.id, attempt.outcome.title()),
    );
    let place = page.names.range(attempt.first_frame, attempt.last_frame);
    let word = if page.names.are_of_files() {
        ""
    } else {
        "frames "
    };
    page.parties(
        &words::client(&attempt.client),
        &words::service(&attempt.service),
        &Markdown(&format!("{word}{place}")).to_string(),
    );
    if let Some(headline) = attempt.headline() {
        let place = headline.evidence.first();
        let place = place.map_or_else(String::new, |it| {
            format!(" ({})", of_finding::place(it, &page.names))
        });
        let sure = headline.confidence.name();
        let lead = match of_finding::lead(headline.severity) {
            "cause" => "Cause",
            _ => "Warning",
        };
        page.strong(&format!("{lead}, {sure}: {}{place}", headline.title));
    }
    if let Some(text) = words::last_words(attempt) {
        page.strong(&text);
    }
}

/// The story.
pub(super) fn story(attempt: &AttemptReport, times: Times, page: &mut Page) {
    page.table(&["frame", "time", "who", "what"]);
    for passage in passages(&attempt.steps) {
        for step in passage.told {
            row(step, attempt, times, page);
        }
        if let (Some(first), Some(last)) = (passage.again.first(), passage.again.last()) {
            let place = page.names.range(first.first_frame(), last.last_frame());
            page.row(&[&place, "", "", &passage.words()]);
        }
    }
    path(attempt, page);
    if let Some(text) = words::repeats(attempt, &page.names) {
        page.paragraph(&format!("The same {text}."));
    }
}

fn row(step: &Step, attempt: &AttemptReport, times: Times, page: &mut Page) {
    let place = match (&step.source, others(step)) {
        (Some(_), _) => "log".to_owned(),
        (None, others) if others.is_empty() => page.names.of_step(step),
        (None, others) => format!("{} ({others})", page.names.of_step(step)),
    };
    let time = if step.is_dated {
        moment(times, step.time, attempt.first_time)
    } else {
        String::new()
    };
    let who = if step.from == step.to {
        step.from.label.clone()
    } else {
        format!("{} → {}", step.from.label, step.to.label)
    };
    let source = step.source.as_ref();
    let source = source.map_or_else(String::new, |source| format!(" ({source})"));
    let mark = match step.mark {
        Mark::Plain => String::new(),
        Mark::Expected => " – expected".to_owned(),
        Mark::Fault => format!(" – {}", words::fault(attempt)),
    };
    page.row(&[&place, &time, &who, &format!("{}{source}{mark}", step.text)]);
}

/// `CHILD.EXAMPLE → EXAMPLE (frame 14) → HTTP/mp.example (frame 16)`.
fn path(attempt: &AttemptReport, page: &mut Page) {
    let Some(first) = attempt.ticket_path.first() else {
        return;
    };
    let hops = attempt.ticket_path.iter().map(|hop| {
        let next = hop.next_realm.as_ref().unwrap_or(&hop.gives);
        let unseen = match hop.shown_in {
            Some(_) => "",
            None => ", shown in no message that can be read",
        };
        format!(" → {next} (frame {}{unseen})", hop.frame)
    });
    let hops: String = hops.collect();
    page.paragraph(&format!("Ticket path: {}{hops}", first.realm));
}

/// All findings but those that the marks of the steps tell.
pub(super) fn findings(attempt: &AttemptReport, page: &mut Page) {
    let told = |finding: &&Finding| finding.severity > Severity::Expected;
    for told in attempt.findings.iter().filter(told) {
        finding(told, page);
    }
}

/// One finding.
pub(super) fn finding(finding: &Finding, page: &mut Page) {
    page.heading(
        3,
        &format!("{}: {}", finding.severity.name(), finding.title),
    );
    page.paragraph(&finding.explanation);
    let sure = of_finding::sureness(finding.confidence);
    page.bullet(&format!("{sure} (rule {})", finding.rule.id));
    for evidence in &finding.evidence {
        page.bullet(&format!(
            "{}: {}",
            of_finding::place(evidence, &page.names),
            evidence.text
        ));
    }
    let (near, behind) = of_finding::rivals(finding);
    let labels = [of_finding::ALSO_POSSIBLE, of_finding::LESS_LIKELY];
    for (label, rivals) in labels.into_iter().zip([near, behind]) {
        for rival in rivals {
            let told = of_finding::rival(rival, &page.names);
            page.bullet(&format!("{label}: {}: {told}", rival.rule));
        }
    }
    let filter = wireshark_filter(finding);
    // What rests on logs alone has no frames.
    if finding.severity > Severity::Note && !filter.is_empty() {
        page.paragraph("Filter for Wireshark:");
        page.fence(&filter);
        if finding.evidence.iter().any(|told| told.other.is_some()) {
            page.paragraph("Filter for Network Monitor:");
            page.fence(&netmon_filter(finding));
        }
        for opening in opening::of(finding, &page.names) {
            page.paragraph(&format!("{}:", opening.label()));
            page.fence(&opening.command);
        }
    }
    for fix in &finding.fix {
        page.paragraph(&format!("To do: {}", fix.text));
        if let Some(command) = &fix.command {
            page.fence(command);
        }
    }
    if !finding.fix.is_empty() {
        page.paragraph(&format!("By whom: {}", of_finding::owner(finding.owner)));
    }
}

/// Why NTLM, whose key, what is missing, and the six steps.
pub(super) fn reasoning(attempt: &AttemptReport, page: &mut Page) {
    answers("Why NTLM", &attempt.why_ntlm, page);
    answers("Whose key", &attempt.whose_key, page);
    if !attempt.missing.is_empty() {
        page.heading(3, "Not seen");
    }
    for missing in &attempt.missing {
        let place = missing.after;
        let place = place.map_or_else(String::new, |frame| format!(" (after frame {frame})"));
        page.bullet(&format!("{}{place}", missing.text));
    }
    if attempt.six_steps.is_empty() {
        return;
    }
    page.heading(3, "The six steps");
    page.table(&["step", "expected", "here", "where"]);
    for (at, step) in attempt.six_steps.iter().enumerate() {
        let told = (!step.text.is_empty()).then(|| step.text.clone());
        let place: Vec<String> = told
            .into_iter()
            .chain(step.places.iter().cloned())
            .collect();
        let number = (at + 1).to_string();
        page.row(&[&number, step.expected, step.seen.name(), &place.join(", ")]);
    }
}

fn answers(title: &str, answers: &[Answer], page: &mut Page) {
    if answers.is_empty() {
        return;
    }
    page.heading(3, title);
    for told in answers {
        let place = told.frame;
        let place = place.map_or_else(String::new, |frame| format!(" (frame {frame})"));
        page.bullet(&format!("{} {}{place}", told.question, told.answer));
    }
}
