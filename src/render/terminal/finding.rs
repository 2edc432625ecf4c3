//! One finding: what it says, how sure it is, its frames, what to do, and what else it could be.

use crate::finding::{Confidence, Finding, Severity};
use crate::render::terminal::Page;
use crate::render::wireshark_filter;

/// Where the text of a finding begins.
const INDENT: usize = 16;

pub(super) fn render(finding: &Finding, page: &mut Page) {
    let label = format!("  {}", finding.severity.name().to_uppercase());
    let title = format!(
        "{}  [{}, {}]",
        finding.title,
        finding.rule.id,
        sureness(finding)
    );
    let start = page.text.len();
    page.paragraph(&label, INDENT, &title);
    let coloured = page.palette.severity(finding.severity, &label);
    page.text
        .replace_range(start..start + label.len(), &coloured);
    page.paragraph("", INDENT, &finding.explanation);
    if finding.severity > Severity::Note {
        details(finding, page);
    } else {
        evidence(finding, page);
    }
}

fn sureness(finding: &Finding) -> &'static str {
    match finding.confidence {
        Confidence::Proven => "proven by these frames",
        Confidence::Likely => "very likely",
        Confidence::Possible => "possible",
    }
}

fn evidence(finding: &Finding, page: &mut Page) {
    for told in &finding.evidence {
        page.paragraph("", INDENT, &format!("frame {}  {}", told.frame, told.text));
    }
}

fn details(finding: &Finding, page: &mut Page) {
    page.blank();
    let mut label = "  see";
    for told in &finding.evidence {
        page.paragraph(
            label,
            INDENT,
            &format!("frame {}  {}", told.frame, told.text),
        );
        label = "";
    }
    page.paragraph(
        "",
        INDENT,
        &format!("Wireshark: {}", wireshark_filter(finding)),
    );
    let mut label = "  to do";
    for fix in &finding.fix {
        page.paragraph(label, INDENT, &fix.text);
        label = "";
        if let Some(command) = &fix.command {
            let command = crate::render::escape::Terminal(command).to_string();
            let coloured = page.palette.command(&command);
            page.line(&format!("{}    {coloured}", " ".repeat(INDENT)));
        }
    }
    let mut label = "  also possible";
    for rival in &finding.rivals {
        page.paragraph(label, INDENT, &format!("{}: {}", rival.rule, rival.why));
        label = "";
    }
}
