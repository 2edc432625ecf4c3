//! Attempts whose exchanges are inside TLS, and the lines of a log that may be about them.
//!
//! Never compares clocks: where no exchange can be read, the server's has to be right.

use std::net::{IpAddr, Ipv4Addr};

use crate::endpoint::Endpoint;
use crate::frame::Timestamp;
use crate::limits::Budget;
use crate::logs::iis::WebLine;
use crate::model::attempt::{Attempt, AttemptKind};
use crate::model::join::web::{Elsewhere, SECOND, SLACK};
use crate::model::witness::WebRecord;

/// So long after the last thing that is seen of a connection inside TLS a line may belong to it.
const INSIDE: i64 = 30 * SECOND;

/// An attempt inside TLS: its place, who tries, at which port, from its first connection on.
#[derive(Debug)]
pub(super) struct Encrypted {
    attempt: usize,
    client: IpAddr,
    /// The client's address and the server's at the server, where another capture shows that a device rewrites them.
    rewritten: Option<(IpAddr, IpAddr)>,
    server: Option<IpAddr>,
    port: Option<u16>,
    /// The account of the computer, where the capture has it.
    computer: Option<String>,
    from: Timestamp,
    to: Timestamp,
    pub(super) lines: Vec<WebRecord>,
}

impl Encrypted {
    pub(super) fn of(number: usize, attempt: &Attempt, elsewhere: &Elsewhere) -> Option<Self> {
        let first = attempt.tls.first().filter(|_| attempt.http.is_empty())?;
        Some(Self {
            attempt: number,
            client: attempt.client,
            rewritten: rewritten(attempt.client, first.server, elsewhere),
            server: attempt.target.address,
            port: attempt.target.port,
            computer: attempt
                .principal
                .as_ref()
                .map(|it| it.name.to_string())
                .filter(|name| name.ends_with('$')),
            from: first.span.time,
            to: attempt.last_time(),
            lines: Vec::new(),
        })
    }

    /// Gives the lines to the attempt, which is one at a management point if there are any.
    pub(super) fn give(self, attempts: &mut [Attempt]) {
        let Some(attempt) = attempts.get_mut(self.attempt) else {
            return;
        };
        if !self.lines.is_empty() {
            attempt.kind = AttemptKind::Ccm;
        }
        attempt.inside.extend(self.lines);
        attempt.inside.sort_by_key(|line| line.time);
    }

    /// Whether an account, with its domain, is that of another computer.
    fn is_other_computer(&self, user: &str) -> bool {
        let name = user.rsplit('\\').next().unwrap_or(user);
        let own = self.computer.as_ref().filter(|_| name.ends_with('$'));
        own.is_some_and(|own| !own.eq_ignore_ascii_case(name))
    }

    /// Whether the line is of the client and the server, by their addresses in the log. Behind a device that rewrites them are other
    /// clients too: there the account has to be this one's.
    fn is_between(&self, web: &WebLine<'_>) -> bool {
        // A device that says for whom it asks has an address of its own, and so has the server behind it.
        if web.forwarded_for == Some(self.client) && web.client != Some(self.client) {
            return true;
        }
        let is_at = |server: IpAddr| web.server.is_none_or(|it| it == server);
        let is_direct = web.client == Some(self.client) && self.server.is_none_or(is_at);
        let is_own = |user: &str| {
            self.computer.is_some() && user.ends_with('$') && !self.is_other_computer(user)
        };
        is_direct && web.server_port.is_none_or(|port| self.port == Some(port))
            || self.rewritten.is_some_and(|(client, server)| {
                web.client == Some(client) && is_at(server) && web.user.is_some_and(is_own)
            })
    }

    /// How the log has the client, where that is another address than the capture's.
    pub(super) fn logged_as(&self, web: &WebLine<'_>) -> Option<IpAddr> {
        web.client.filter(|logged| *logged != self.client)
    }

    /// Whether a line of that time is about the same client, server and port, for no other computer, and about a message to a management point. The server's
    /// clock cannot be compared here: it has to be right.
    pub(super) fn may_hold(&self, web: &WebLine<'_>, time: Timestamp) -> bool {
        let stem = web.stem.to_ascii_lowercase();
        self.is_between(web)
            && time.since(self.from) >= -SLACK
            && time.since(self.to) <= INSIDE
            && !web.user.is_some_and(|user| self.is_other_computer(user))
            && (stem.starts_with("/ccm_system") || stem.starts_with("/sms_mp"))
            && self.lines.len() < Budget::TOLD_LINES
    }
}

/// What the addresses of the client and of the server are elsewhere, where all connections between them are the same there.
fn rewritten(client: IpAddr, server: Endpoint, elsewhere: &Elsewhere) -> Option<(IpAddr, IpAddr)> {
    let lowest = |addr| Endpoint { addr, port: 0 };
    let first = (lowest(client), lowest(Ipv4Addr::UNSPECIFIED.into()));
    let of_client = elsewhere
        .range(first..)
        .take_while(|((it, _), _)| it.addr == client);
    let mut ends = of_client
        .filter(|((_, it), _)| *it == server)
        .map(|(_, (client, server))| (client.addr, server.addr));
    let found = ends.next()?;
    ends.all(|it| it == found).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_rewritten_where_all_connections_agree() {
        let end = |addr: &str, port| Endpoint {
            addr: addr.parse().expect("an address"),
            port,
        };
        let server = end("10.0.0.80", 443);
        let at = |port, client: &str| {
            let here = (end("10.0.0.1", port), server);
            (here, (end(client, port), end("10.9.0.80", 443)))
        };
        let client: IpAddr = [10, 0, 0, 1].into();
        let both = Elsewhere::from([at(1, "192.0.2.7"), at(2, "192.0.2.7")]);
        let wanted = ("192.0.2.7".parse().unwrap(), [10, 9, 0, 80].into());
        assert_eq!(rewritten(client, server, &both), Some(wanted));
        let two = Elsewhere::from([at(1, "192.0.2.7"), at(2, "192.0.2.8")]);
        assert_eq!(rewritten(client, server, &two), None);
        assert_eq!(rewritten(client, end("10.0.0.81", 443), &both), None);
        assert_eq!(rewritten([10, 0, 0, 2].into(), server, &both), None);
    }
}
