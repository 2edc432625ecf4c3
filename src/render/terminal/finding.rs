//! One finding: what it says, how sure it is, its frames, what to do, who does it, and what else it could be.
//!
//! Never weighs it: a note is told in fewer lines, unless it is a question, and that is all.

use crate::finding::{Confidence, Evidence, Finding, Severity};
use crate::render::terminal::page::{INDENT, Page};
use crate::render::terminal::style::Ink;
use crate::render::wording::finding as words;
use crate::render::{netmon_filter, opening, wireshark_filter};

pub(super) fn render(finding: &Finding, page: &mut Page) {
    let label = format!("  {}", finding.severity.name().to_uppercase());
    let ink = Ink::of_severity(finding.severity);
    page.labelled((&label, ink), INDENT, (&finding.title, Ink::Strong));
    page.paragraph(INDENT, &finding.explanation);
    let sure = format!("{} (rule {})", words::sureness(finding), finding.rule.id);
    if finding.severity > Severity::Note {
        page.blank();
        page.entry("how sure", &sure);
        evidence(finding, page);
        remedy(finding, page);
        rivals(finding, page);
    } else {
        let seen: Vec<String> = finding.evidence.iter().map(place).collect();
        page.paragraph(INDENT, &seen.join("; "));
        page.paragraph(INDENT, &sure);
        if finding.confidence == Confidence::Possible {
            question(finding, page);
        }
    }
}

/// A note that is only possible asks something: what else it could be, and the command that answers it, belong to it.
fn question(finding: &Finding, page: &mut Page) {
    if !finding.fix.is_empty() {
        remedy(finding, page);
    }
    rivals(finding, page);
}

/// What to do and who can do it.
pub(super) fn remedy(finding: &Finding, page: &mut Page) {
    let mut label = "to do";
    for fix in &finding.fix {
        page.entry(label, &fix.text);
        label = "";
        if let Some(told) = &fix.command {
            command(told, page);
        }
    }
    page.entry("by whom", words::owner(finding.owner));
}

/// A command on a line of its own, however long it is.
fn command(command: &str, page: &mut Page) {
    let command = page.paint(Ink::Command, &page.safe(command));
    page.line(&format!("{}    {command}", " ".repeat(INDENT)));
}

fn place(evidence: &Evidence) -> String {
    match &evidence.source {
        Some(source) => format!("{source}: {}", evidence.text),
        None => format!("frame {}: {}", evidence.frame, evidence.text),
    }
}

fn evidence(finding: &Finding, page: &mut Page) {
    let mut label = "see";
    for told in &finding.evidence {
        let place = words::place(told, &page.names);
        page.entry(label, &format!("{place}  {}", told.text));
        label = "";
    }
    if let Some(filter) = wireshark_filter(finding) {
        page.entry("", &format!("Wireshark: {filter}"));
    }
    if finding.evidence.iter().any(|told| told.other.is_some()) {
        page.entry("", &format!("Network Monitor: {}", netmon_filter(finding)));
    }
    for opening in opening::of(finding, &page.names) {
        page.entry("", &format!("{}:", opening.label()));
        command(&opening.command, page);
    }
}

fn rivals(finding: &Finding, page: &mut Page) {
    let (near, behind) = words::rivals(finding);
    for (mut label, rivals) in [(words::ALSO_POSSIBLE, near), (words::LESS_LIKELY, behind)] {
        for rival in rivals {
            page.entry(label, &format!("{}: {}", rival.rule, rival.why));
            for sentence in words::standing(rival, &page.names) {
                page.entry("", &sentence);
            }
            label = "";
        }
    }
}
