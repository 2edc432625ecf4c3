//! One attempt: who tried what, how it ended and why, and the story frame by frame.

use crate::finding::{Finding, Severity};
use crate::outcome::{ApprovalState, Outcome};
use crate::render::escape::Terminal;
use crate::render::layout::{pad, width, wrap};
use crate::render::terminal::{Page, finding};
use crate::report::AttemptReport;
use crate::story::{Mark, Step};

/// Space between columns.
const GAP: usize = 2;
/// The word that stands flush right of a step that looks like a fault and is none.
const EXPECTED: &str = "expected";
/// The words of a step where it went wrong.
const FAULT: &str = "<< here";

pub(super) fn render(attempt: &AttemptReport, page: &mut Page) {
    page.blank();
    title(attempt, page);
    verdict(attempt, page);
    page.blank();
    steps(attempt, page);
    path(attempt, page);
    repeats(attempt, page);
    for told in attempt.findings.iter().filter(|told| is_told(told)) {
        page.blank();
        finding::render(told, page);
    }
    last_words(attempt, page);
}

/// Expected findings are told by the marks of their steps.
fn is_told(finding: &Finding) -> bool {
    finding.severity > Severity::Expected
}

fn title(attempt: &AttemptReport, page: &mut Page) {
    let who = attempt
        .client
        .principal
        .as_deref()
        .or(attempt.client.name.as_deref())
        .map_or_else(
            || attempt.client.address.to_string(),
            |name| Terminal(name).to_string(),
        );
    let what = attempt.service.name.as_deref().map_or_else(
        || {
            let address = attempt.service.address.map(|address| address.to_string());
            let port = attempt.service.port.map(|port| format!(" port {port}"));
            format!(
                "{}{}",
                address.unwrap_or_else(|| "an unknown server".to_owned()),
                port.unwrap_or_default()
            )
        },
        |name| Terminal(name).to_string(),
    );
    let left = format!("ATTEMPT {}   {who} → {what}", attempt.id);
    let right = attempt.outcome.title().to_uppercase();
    let room = page
        .look
        .columns
        .saturating_sub(width(&left) + width(&right));
    let coloured = page.palette.outcome(attempt.outcome, &right);
    if room >= GAP {
        let left = page.palette.strong(&left);
        page.line(&format!("{left}{}{coloured}", " ".repeat(room)));
    } else {
        page.paragraph("", 0, &left);
        page.line(&format!("  {coloured}"));
    }
}

/// The one line to keep.
fn verdict(attempt: &AttemptReport, page: &mut Page) {
    let Some(headline) = attempt.headline() else {
        return;
    };
    let label = format!("  cause, {}: ", headline.confidence.name());
    let indent = width(&label);
    let frame = headline.evidence.first().map(|evidence| evidence.frame);
    let place = frame.map_or_else(String::new, |frame| format!(" (frame {frame})"));
    let text = Terminal(&format!("{}{place}", headline.title)).to_string();
    let lines = wrap(&text, page.look.columns.saturating_sub(indent));
    for (at, line) in lines.iter().enumerate() {
        let before = if at == 0 {
            page.palette.bad(&label)
        } else {
            " ".repeat(indent)
        };
        let line = page.palette.strong(line);
        page.line(&format!("{before}{line}"));
    }
}

/// A row of the table of steps.
struct Row {
    frames: String,
    time: String,
    who: String,
    what: String,
    mark: Mark,
}

fn steps(attempt: &AttemptReport, page: &mut Page) {
    let rows: Vec<Row> = attempt
        .steps
        .iter()
        .map(|step| Row {
            frames: frames(step),
            time: page.time(step.time, attempt.first_time),
            who: Terminal(&format!("{} → {}", step.from.label, step.to.label)).to_string(),
            what: Terminal(&step.text).to_string(),
            mark: step.mark,
        })
        .collect();
    let widest = |cell: fn(&Row) -> &str, title: &str| {
        rows.iter()
            .map(|row| width(cell(row)))
            .max()
            .unwrap_or(0)
            .max(title.len())
            + GAP
    };
    let columns = [
        widest(|row| &row.frames, "frame"),
        widest(|row| &row.time, "time"),
        widest(|row| &row.who, "who"),
    ];
    let before: usize = GAP + columns.iter().sum::<usize>();
    let heading = format!(
        "  {}{}{}what",
        pad("frame", columns[0]),
        pad("time", columns[1]),
        pad("who", columns[2])
    );
    let heading = page.palette.quiet(&heading);
    page.line(&heading);
    for row in &rows {
        self::row(row, columns, before, page);
    }
}

fn frames(step: &Step) -> String {
    let (first, last) = (step.first_frame(), step.last_frame());
    if first == last {
        first.to_string()
    } else {
        format!("{first}–{last}")
    }
}

fn row(row: &Row, columns: [usize; 3], before: usize, page: &mut Page) {
    let mark = match row.mark {
        Mark::Plain => "",
        Mark::Expected => EXPECTED,
        Mark::Fault => FAULT,
    };
    let room = page.look.columns.saturating_sub(before);
    let for_text = room.saturating_sub(if mark.is_empty() {
        0
    } else {
        EXPECTED.len() + GAP
    });
    let lines = wrap(&row.what, for_text.max(20));
    for (at, line) in lines.iter().enumerate() {
        let mut text = if at == 0 {
            format!(
                "  {}{}{}{}",
                pad(&row.frames, columns[0]),
                pad(&row.time, columns[1]),
                pad(&row.who, columns[2]),
                line
            )
        } else {
            format!("{}{line}", " ".repeat(before))
        };
        if at == 0 && !mark.is_empty() {
            let gap = page
                .look
                .columns
                .saturating_sub(width(&text) + mark.len())
                .max(1);
            let coloured = match row.mark {
                Mark::Fault => page.palette.bad(mark),
                _ => page.palette.quiet(mark),
            };
            if row.mark == Mark::Fault {
                text = page.palette.strong(&text);
            }
            text.push_str(&format!("{}{coloured}", " ".repeat(gap)));
        } else if row.mark == Mark::Fault {
            text = page.palette.strong(&text);
        }
        page.line(&text);
    }
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
    page.paragraph("  ticket path", 16, &text);
}

fn repeats(attempt: &AttemptReport, page: &mut Page) {
    if attempt.repeats < 2 {
        return;
    }
    let places: Vec<String> = attempt
        .repeated_in
        .iter()
        .map(|(first, last)| format!("{first}–{last}"))
        .collect();
    let more = attempt.repeats - 1 - attempt.repeated_in.len() as u64;
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    page.blank();
    let text = format!(
        "{} more times, in frames {}{more}",
        attempt.repeats - 1,
        places.join(", ")
    );
    page.paragraph("  the same", 16, &text);
}

fn last_words(attempt: &AttemptReport, page: &mut Page) {
    let is_clean = attempt
        .findings
        .iter()
        .all(|finding| finding.severity <= Severity::Note);
    if !is_clean {
        return;
    }
    page.blank();
    let approval = match (attempt.outcome, attempt.approval.state) {
        (Outcome::KerberosAccepted, ApprovalState::Unknown) => format!(
            " Approval itself is decided after frame {} and is not in this capture: check @ApprovalMethod and @IsIntegratedAuth of spUpdateClientRegistration, or the client's entry in the console.",
            attempt.last_frame
        ),
        _ => String::new(),
    };
    page.paragraph("", 2, &format!("No fault found.{approval}"));
}
