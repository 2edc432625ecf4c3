//! How a machine is known, and what else clients asked of KDCs.

use crate::report::{OtherKerberos, Report, Secrets};
use crate::story::host::Host;

/// What the findings are about that are of no attempt.
pub(in crate::render) const fn whole(report: &Report) -> &'static str {
    if report.log_story.is_some() {
        "Findings from the lines"
    } else {
        "About the whole capture"
    }
}

/// Before what is not shown.
pub(in crate::render) const fn unshown(report: &Report) -> &'static str {
    if report.log_story.is_some() {
        "What these files do not show"
    } else {
        "What this capture does not show"
    }
}

/// Parts, and the realm: `kdc of A2003.VM.LOCAL`.
pub(in crate::render) fn roles(host: &Host) -> String {
    let roles: Vec<&str> = host.roles.iter().map(|role| role.name()).collect();
    let mut text = roles.join(", ");
    if let Some(realm) = &host.realm {
        text.push_str(&format!(" of {realm}"));
    }
    text
}

/// How its name and its parts are known, each with a frame.
pub(in crate::render) fn because(host: &Host) -> String {
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
pub(in crate::render) const TOLD_CLIENTS: usize = 20;

/// How often a client asked KDCs for other things, and what came of it.
pub(in crate::render) fn counts(other: &OtherKerberos) -> String {
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

/// What the captures hold that must not be passed on; `None` where there is nothing of the kind.
pub(in crate::render) fn secrets(secrets: Secrets) -> Option<String> {
    let counted = [
        (secrets.tickets, "ticket", "tickets"),
        (secrets.ntlm_responses, "NTLM response", "NTLM responses"),
        (
            secrets.certificates,
            "registration with a certificate",
            "registrations with certificates",
        ),
    ];
    let held: Vec<String> = counted
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }))
        .collect();
    let held = match held.as_slice() {
        [] => return None,
        [only] => only.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    };
    Some(format!(
        "The evidence holds {held}. Tickets and responses can be attacked by whoever has them: pass on the report, not the capture."
    ))
}

/// What is said of clients beyond those; `None` where there are none.
pub(in crate::render) fn untold(others: &[OtherKerberos]) -> Option<String> {
    let untold = others.len().saturating_sub(TOLD_CLIENTS);
    (untold > 0).then(|| {
        format!("{untold} more clients asked KDCs for other things: --format json lists them.")
    })
}
