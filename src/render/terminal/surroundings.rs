//! What stands around the attempts: the machines, other traffic to KDCs, and what could not be seen.
//!
//! Never says that a machine has a name without saying how it is known.

use crate::render::layout::width;
use crate::render::terminal::page::{INDENT, Page};
use crate::render::terminal::style::Ink;
use crate::render::wording::surroundings as words;
use crate::report::{OtherKerberos, Report, Secrets};
use crate::story::host::Host;

pub(super) fn hosts(hosts: &[Host], page: &mut Page) {
    if hosts.is_empty() {
        return;
    }
    page.blank();
    page.title("HOSTS");
    let addresses = hosts.iter().map(|host| width(&host.address.to_string()));
    let indent = 2 + addresses.max().unwrap_or(0) + 2;
    for host in hosts {
        let label = format!("  {}", host.address);
        page.labelled((&label, Ink::Plain), indent, (&describe(host), Ink::Plain));
    }
}

/// Parts, names, and how they are known.
fn describe(host: &Host) -> String {
    let mut text = words::roles(host);
    if let Some(name) = host.names.first() {
        text.push_str(&format!("  {name}"));
    }
    let because = words::because(host);
    if !because.is_empty() {
        text.push_str(&format!("  – {because}"));
    }
    text
}

pub(super) fn other_kerberos(others: &[OtherKerberos], page: &mut Page) {
    let label = ("OTHER KERBEROS", Ink::Strong);
    for other in others.iter().take(words::TOLD_CLIENTS) {
        page.blank();
        page.labelled(label, INDENT, (&words::counts(other), Ink::Plain));
        for refusal in &other.refusals {
            page.paragraph(
                INDENT,
                &format!("frame {}  {}", refusal.frame, refusal.text),
            );
        }
    }
    if let Some(more) = words::untold(others) {
        page.blank();
        page.labelled(label, INDENT, (&more, Ink::Plain));
    }
}

/// What the evidence holds that must not be passed on.
pub(super) fn secrets(secrets: Secrets, page: &mut Page) {
    if let Some(text) = words::secrets(secrets) {
        page.blank();
        page.paragraph(0, &text);
    }
}

pub(super) fn limitations(report: &Report, page: &mut Page) {
    if report.limitations.is_empty() {
        return;
    }
    page.blank();
    page.title(&words::unshown(report).to_uppercase());
    for limitation in &report.limitations {
        let since = limitation.since_frame;
        let since = since.map_or_else(String::new, |frame| format!(" (from frame {frame})"));
        let text = format!("{}{since}", limitation.text);
        page.labelled(("  -", Ink::Plain), 4, (&text, Ink::Plain));
    }
}
