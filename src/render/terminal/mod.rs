//! The report on a terminal: the verdict first, then the story that it rests on.
//!
//! Never decides what is shown: order and marks are the report's.

mod attempt;
mod finding;
mod style;

use std::io::{self, Write};

use chrono::{DateTime, Local, Utc};

use crate::frame::Timestamp;
use crate::render::InputFile;
use crate::render::escape::{Ascii, Terminal};
use crate::render::layout::wrap;
use crate::report::{Input, Report};
use crate::story::host::Host;
use style::Palette;

/// How the report is to look.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Columns of the terminal.
    pub columns: usize,
    /// Whether colours are wanted.
    pub colour: Colour,
    /// Which signs may be used.
    pub signs: Signs,
    /// How times are written.
    pub times: Times,
}

/// Whether colours are wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colour {
    /// Yes.
    On,
    /// No.
    Off,
}

/// Which signs may be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signs {
    /// Any that a terminal shows.
    Unicode,
    /// ASCII alone.
    Ascii,
}

/// How times are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Times {
    /// Seconds since the beginning of the attempt.
    Relative,
    /// The time of day in UTC.
    Utc,
    /// The time of day where this program runs.
    Local,
}

/// Writes the report about `file`.
pub fn render(
    report: &Report,
    file: &InputFile,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page::new(look);
    page.heading(report, file);
    for told in &report.attempts {
        attempt::render(told, &mut page);
    }
    for told in &report.findings {
        page.blank();
        finding::render(told, &mut page);
    }
    page.hosts(&report.hosts, report.attempts.is_empty());
    page.other_kerberos(report);
    page.limitations(report);
    match look.signs {
        Signs::Unicode => out.write_all(page.text.as_bytes()),
        Signs::Ascii => write!(out, "{}", Ascii(&page.text)),
    }
}

/// The text so far.
struct Page {
    text: String,
    look: Look,
    palette: Palette,
}

impl Page {
    fn new(look: Look) -> Self {
        Self {
            text: String::new(),
            look: Look {
                columns: look.columns.clamp(40, 200),
                ..look
            },
            palette: Palette::new(look.colour),
        }
    }

    /// A line whose parts are safe already.
    fn line(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    /// `text` of the report, wrapped behind `label`, with the following lines as far in as the first.
    fn paragraph(&mut self, label: &str, indent: usize, text: &str) {
        let safe = Terminal(text).to_string();
        let columns = self.look.columns.saturating_sub(indent);
        for (at, line) in wrap(&safe, columns).iter().enumerate() {
            let before = if at == 0 { label } else { "" };
            let before = crate::render::layout::pad(before, indent);
            self.line(&format!("{before}{line}"));
        }
    }

    fn heading(&mut self, report: &Report, file: &InputFile) {
        let name = self.palette.strong(&Terminal(&file.name).to_string());
        let mut text = format!("why401 {}  {name}", env!("CARGO_PKG_VERSION"));
        for input in &report.inputs {
            text.push_str(&format!("  {} frames{}", input.frames, self.period(input)));
        }
        self.line(&text);
        if report.attempts.is_empty() {
            self.blank();
            let verdict = self.palette.strong("NO ATTEMPT FOUND");
            self.line(&verdict);
        }
    }

    fn period(&self, input: &Input) -> String {
        let (Some(first), Some(last)) = (input.first_time, input.last_time) else {
            return String::new();
        };
        let day = "%Y-%m-%d %H:%M:%S%.3f";
        let same_day = first.to_utc().date_naive() == last.to_utc().date_naive();
        let short = if same_day { "%H:%M:%S%.3f" } else { day };
        match self.look.times {
            Times::Local => format!(
                "  {} – {} local time",
                local(first).format(day),
                local(last).format(short)
            ),
            Times::Relative | Times::Utc => format!(
                "  {} – {} UTC",
                first.to_utc().format(day),
                last.to_utc().format(short)
            ),
        }
    }

    /// A time of the story, whose attempt began at `begun`.
    fn time(&self, time: Timestamp, begun: Timestamp) -> String {
        match self.look.times {
            Times::Relative => crate::render::listing::seconds(time.since(begun)),
            Times::Utc => time.to_utc().format("%H:%M:%S%.3f").to_string(),
            Times::Local => local(time).format("%H:%M:%S%.3f").to_string(),
        }
    }

    fn hosts(&mut self, hosts: &[Host], is_bare: bool) {
        if hosts.is_empty() || is_bare {
            return;
        }
        self.blank();
        let title = self.palette.strong("HOSTS");
        self.line(&title);
        let widest = hosts
            .iter()
            .map(|host| host.address.to_string().len())
            .max();
        let indent = 2 + widest.unwrap_or(0) + 2;
        for host in hosts {
            let label = format!("  {}", host.address);
            self.paragraph(&label, indent, &host_text(host));
        }
    }

    fn other_kerberos(&mut self, report: &Report) {
        for other in &report.other_kerberos {
            self.blank();
            let total = other.granted + other.expected + other.refused + other.unanswered;
            let text = format!(
                "{} asked KDCs {total} times for other things: {} granted, {} refused, {} unanswered{}. This is other processes' business.",
                other.client,
                other.granted,
                other.refused,
                other.unanswered,
                match other.expected {
                    0 => String::new(),
                    count => format!(", {count} sent back for the next leg"),
                }
            );
            self.paragraph("OTHER KERBEROS", 16, &text);
            for refusal in &other.refusals {
                self.paragraph(
                    "",
                    16,
                    &format!("frame {}  {}", refusal.frame, refusal.text),
                );
            }
        }
    }

    fn limitations(&mut self, report: &Report) {
        if report.limitations.is_empty() {
            return;
        }
        self.blank();
        let title = self.palette.strong("WHAT THIS CAPTURE DOES NOT SHOW");
        self.line(&title);
        for limitation in &report.limitations {
            let since = limitation
                .since_frame
                .map_or_else(String::new, |frame| format!(" (from frame {frame})"));
            self.paragraph("  -", 4, &format!("{}{since}", limitation.text));
        }
    }
}

fn local(time: Timestamp) -> DateTime<Local> {
    let utc: DateTime<Utc> = time.to_utc();
    utc.with_timezone(&Local)
}

/// Names, parts, and how they are known.
fn host_text(host: &Host) -> String {
    let roles: Vec<&str> = host.roles.iter().map(|role| role.name()).collect();
    let mut text = roles.join(", ");
    if let Some(realm) = &host.realm {
        text.push_str(&format!(" of {realm}"));
    }
    if let Some(name) = host.names.first() {
        text.push_str(&format!("  {name}"));
    }
    if let Some(offset) = host.clock_offset_ms.filter(|offset| offset.abs() >= 60_000) {
        let seconds = offset.unsigned_abs() / 1_000;
        let direction = if offset > 0 { "ahead" } else { "behind" };
        text.push_str(&format!(
            "  clock {} min {} s {direction} of the capture's",
            seconds / 60,
            seconds % 60
        ));
    }
    let because: Vec<String> = host
        .because
        .iter()
        .map(|evidence| {
            let named = host.names.first().and_then(|name| {
                let rest = evidence.text.strip_prefix(name.as_str())?;
                rest.strip_prefix(": ")
            });
            format!(
                "{} (frame {})",
                named.unwrap_or(&evidence.text),
                evidence.frame
            )
        })
        .collect();
    if !because.is_empty() {
        text.push_str(&format!("  – {}", because.join("; ")));
    }
    text
}
