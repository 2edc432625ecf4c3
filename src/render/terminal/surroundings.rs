//! What stands around the attempts: the machines, other traffic to KDCs, and what could not be seen.
//!
//! Never says that a machine has a name without saying how it is known.

use crate::limits::Limitation;
use crate::render::layout::width;
use crate::render::terminal::page::{INDENT, Page};
use crate::render::terminal::style::Ink;
use crate::report::OtherKerberos;
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
    let roles: Vec<&str> = host.roles.iter().map(|role| role.name()).collect();
    let mut text = roles.join(", ");
    if let Some(realm) = &host.realm {
        text.push_str(&format!(" of {realm}"));
    }
    if let Some(name) = host.names.first() {
        text.push_str(&format!("  {name}"));
    }
    let because = because(host);
    if !because.is_empty() {
        text.push_str(&format!("  – {because}"));
    }
    text
}

fn because(host: &Host) -> String {
    let known: Vec<String> = host
        .because
        .iter()
        .map(|evidence| {
            let text = without_name(&evidence.text, host.names.first());
            format!("{text} (frame {})", evidence.frame)
        })
        .collect();
    known.join("; ")
}

/// `text` without the name that stands before it already.
fn without_name<'t>(text: &'t str, name: Option<&String>) -> &'t str {
    name.and_then(|name| text.strip_prefix(name.as_str())?.strip_prefix(": "))
        .unwrap_or(text)
}

/// Clients whose other traffic is told one by one; a capture of a server has thousands.
const TOLD_CLIENTS: usize = 20;

pub(super) fn other_kerberos(others: &[OtherKerberos], page: &mut Page) {
    for other in others.iter().take(TOLD_CLIENTS) {
        page.blank();
        let label = ("OTHER KERBEROS", Ink::Strong);
        page.labelled(label, INDENT, (&counts(other), Ink::Plain));
        for refusal in &other.refusals {
            page.paragraph(
                INDENT,
                &format!("frame {}  {}", refusal.frame, refusal.text),
            );
        }
    }
    let untold = others.len().saturating_sub(TOLD_CLIENTS);
    if untold > 0 {
        page.blank();
        let more =
            format!("{untold} more clients asked KDCs for other things: --format json lists them.");
        page.labelled(("OTHER KERBEROS", Ink::Strong), INDENT, (&more, Ink::Plain));
    }
}

fn counts(other: &OtherKerberos) -> String {
    let total = other.granted + other.expected + other.refused + other.unanswered;
    let times = match total {
        1 => "once".to_owned(),
        _ => format!("{total} times"),
    };
    let parts = [
        (other.granted, "granted"),
        (other.expected, "sent back for the next leg"),
        (other.refused, "refused"),
        (other.unanswered, "unanswered"),
    ];
    let said: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    format!(
        "{} asked KDCs {times} for other things: {}. This is other processes' business.",
        other.client,
        said.join(", ")
    )
}

pub(super) fn limitations(limitations: &[Limitation], page: &mut Page) {
    if limitations.is_empty() {
        return;
    }
    page.blank();
    page.title("WHAT THIS CAPTURE DOES NOT SHOW");
    for limitation in limitations {
        let since = limitation.since_frame;
        let since = since.map_or_else(String::new, |frame| format!(" (from frame {frame})"));
        let text = format!("{}{since}", limitation.text);
        page.labelled(("  -", Ink::Plain), 4, (&text, Ink::Plain));
    }
}
