//! Attempts whose exchanges are inside TLS, and the lines of a log that may be about them.
//!
//! Never compares clocks: where no exchange can be read, the server's has to be right.

use std::net::IpAddr;

use crate::frame::Timestamp;
use crate::limits::Budget;
use crate::logs::iis::WebLine;
use crate::model::attempt::{Attempt, AttemptKind};
use crate::model::join::web::{SECOND, SLACK};
use crate::model::witness::WebRecord;

/// So long after the last thing that is seen of a connection inside TLS a line may belong to it.
const INSIDE: i64 = 30 * SECOND;

/// An attempt inside TLS: its place, who tries, at which port, from its first connection on.
#[derive(Debug)]
pub(super) struct Encrypted {
    attempt: usize,
    client: IpAddr,
    server: Option<IpAddr>,
    port: Option<u16>,
    /// The account of the computer, where the capture has it.
    computer: Option<String>,
    from: Timestamp,
    to: Timestamp,
    pub(super) lines: Vec<WebRecord>,
}

impl Encrypted {
    pub(super) fn of(number: usize, attempt: &Attempt) -> Option<Self> {
        let first = attempt.tls.first().filter(|_| attempt.http.is_empty())?;
        Some(Self {
            attempt: number,
            client: attempt.client,
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

    /// Whether a line of that time is about the same client, server and port, for no other computer, and about a message to a management point. The server's
    /// clock cannot be compared here: it has to be right.
    pub(super) fn may_hold(&self, web: &WebLine<'_>, time: Timestamp) -> bool {
        let stem = web.stem.to_ascii_lowercase();
        [web.client, web.forwarded_for].contains(&Some(self.client))
            && time.since(self.from) >= -SLACK
            && time.since(self.to) <= INSIDE
            && web.server_port.is_none_or(|port| self.port == Some(port))
            && (self.server.is_none() || web.server.is_none_or(|it| self.server == Some(it)))
            && !web.user.is_some_and(|user| self.is_other_computer(user))
            && (stem.starts_with("/ccm_system") || stem.starts_with("/sms_mp"))
            && self.lines.len() < Budget::TOLD_LINES
    }
}
