//! `klist`: the tickets in the cache of a session.

use crate::logs::command_output::{CachedTicket, CommandFact, Reading, Sink, kept, value};
use crate::text::WireText;

/// How the output names its session.
const SESSION: &str = "Current LogonId is ";

pub(super) fn is_of(line: &str) -> bool {
    line.starts_with(SESSION) || ticket(line).is_some_and(|rest| rest.contains(" @ "))
}

/// What stands behind the number and the label of `#0>     Client: MP$ @ EXAMPLE.COM`.
fn ticket(line: &str) -> Option<&str> {
    let (number, rest) = line.trim_start().strip_prefix('#')?.split_once('>')?;
    let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    value(rest, "Client").filter(|_| is_number)
}

#[derive(Debug, Default)]
pub(super) struct Reader {
    session: Option<WireText>,
    open: Option<(u64, CachedTicket)>,
}

impl Reading for Reader {
    fn line(&mut self, number: u64, line: &str, sink: &mut Sink<'_>) {
        if let Some(session) = line.trim_start().strip_prefix(SESSION) {
            self.finish(sink);
            self.session = Some(kept(session));
        } else if let Some(client) = ticket(line) {
            self.finish(sink);
            let ticket = CachedTicket {
                session: self.session.clone(),
                client: name(client),
                ..CachedTicket::default()
            };
            self.open = Some((number, ticket));
        } else if let Some((_, ticket)) = &mut self.open {
            detail(ticket, line);
        }
    }

    fn finish(&mut self, sink: &mut Sink<'_>) {
        let whole = self.open.take();
        if let Some((number, ticket)) = whole.filter(|(_, ticket)| !ticket.server.is_empty()) {
            sink(number, CommandFact::Ticket(ticket));
        }
    }
}

fn detail(ticket: &mut CachedTicket, line: &str) {
    let some = |text: &str| (!text.is_empty()).then(|| kept(text));
    if let Some(server) = value(line, "Server") {
        ticket.server = name(server);
    } else if let Some(etype) = value(line, "KerbTicket Encryption Type") {
        ticket.etype = some(etype);
    } else if let Some(ends) = value(line, "End Time") {
        ticket.ends = some(ends);
    } else if let Some(kdc) = value(line, "Kdc Called") {
        ticket.kdc = some(kdc);
    }
}

/// The name in front of the realm.
fn name(text: &str) -> WireText {
    kept(text.split(" @ ").next().unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::command_output::{Command, facts};

    #[test]
    fn each_ticket_is_read_with_its_session() {
        let text = "\r\nCurrent LogonId is 0:0x3e7\r\n\r\nCached Tickets: (2)\r\n\r\n#0>\tClient: wk1$ @ ROOT.LAB\r\n\tServer: krbtgt/ROOT.LAB @ ROOT.LAB\r\n\tKerbTicket Encryption Type: AES-256-CTS-HMAC-SHA1-96\r\n\tCache Flags: 0x1 -> PRIMARY \r\n\tKdc Called: \r\n\r\n#1>\tClient: wk1$ @ ROOT.LAB\r\n\tServer: HTTP/mp.root.lab @ ROOT.LAB\r\n\tEnd Time:   4/16/2026 19:53:54 (local)\r\n\tKdc Called: dc1.root.lab\r\n";
        let all = facts(Command::Klist, text);
        assert_eq!(all.len(), 2);
        let CommandFact::Ticket(second) = &all[1].1 else {
            panic!("a ticket");
        };
        assert_eq!(all[1].0, 12);
        assert_eq!(second.session, Some("0:0x3e7".into()));
        assert_eq!(
            (second.client.as_str(), second.server.as_str()),
            ("wk1$", "HTTP/mp.root.lab")
        );
        assert_eq!(second.kdc, Some("dc1.root.lab".into()));
        let CommandFact::Ticket(first) = &all[0].1 else {
            panic!("a ticket");
        };
        assert_eq!(first.kdc, None);
        assert!(first.etype.is_some());
    }

    #[test]
    fn a_list_of_another_program_is_none() {
        assert!(!is_of("Ticket cache: FILE:/tmp/krb5cc_0"));
        assert!(!is_of("#1> Client: none"));
        assert!(is_of("#0>     Client: wk1$ @ ROOT.LAB"));
    }
}
