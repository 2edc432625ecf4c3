//! What logs alone say of a sign-on: who asked which server, how it ended, and what came before.
//!
//! Never says whose a 401 is where the log leaves it open.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::model::log_sign_on::{Ending, SignOn};
use crate::model::web_server::WebServer;
use crate::model::witness::WebRecord;
use crate::story::log_story::{Reading, address};
use crate::story::witnesses::record_text;
use crate::text::WireText;

/// What has to be named so that nobody takes two servers, or two programs, for one.
#[derive(Debug, Default)]
pub(super) struct Differences<'a> {
    servers: BTreeSet<&'a WebServer>,
    agents: BTreeMap<(Option<IpAddr>, &'a WireText), BTreeSet<Option<&'a WireText>>>,
}

impl<'a> Differences<'a> {
    /// What differs among `sign_ons`.
    pub(super) fn among(sign_ons: &[&'a SignOn]) -> Self {
        let mut told = Self::default();
        for SignOn { asked, .. } in sign_ons {
            told.servers.insert(&asked.server);
            let of_request = told.agents.entry((asked.client, &asked.request));
            of_request.or_default().insert(asked.agent.as_ref());
        }
        told
    }

    /// ` at MP1 on port 443`, as far as it differs.
    fn server(&self, server: &WebServer) -> String {
        let name = self.differing(server, |it| it.computer.clone());
        let name = name.map(|it| it.to_string());
        let number = || self.differing(server, |it| it.address);
        let name = name.or_else(|| number().map(|it| it.to_string()));
        let port = self.differing(server, |it| it.port);
        let site = self.differing(server, |it| it.site.clone());
        let host = self.differing(server, |it| it.host.clone());
        let parts = [
            name.map(|it| format!(" at {it}")),
            port.map(|it| format!(" on port {it}")),
            site.map(|it| format!(" of site {it}")),
            host.map(|it| format!(" by the name {it}")),
        ];
        parts.into_iter().flatten().collect()
    }

    /// What `server` has there where another server has something else.
    fn differing<T: PartialEq>(
        &self,
        server: &WebServer,
        column: impl Fn(&WebServer) -> Option<T>,
    ) -> Option<T> {
        let own = column(server);
        let differs = self.servers.iter().any(|other| column(other) != own);
        own.filter(|_| differs)
    }

    /// ` (ccmhttp)`, where other programs of the address ask for the same.
    fn agent(&self, sign_on: &SignOn) -> String {
        let asked = &sign_on.asked;
        let known = self.agents.get(&(asked.client, &asked.request));
        let are_several = known.is_some_and(|agents| agents.len() > 1);
        match asked.agent.as_ref().filter(|_| are_several) {
            Some(agent) => format!(" ({agent})"),
            None => String::new(),
        }
    }
}

/// What a sign-on comes to.
pub(super) fn of_sign_on(sign_on: &SignOn, differences: &Differences<'_>) -> Reading {
    let asked = &sign_on.asked;
    let server = differences.server(&asked.server);
    let who = address(asked.client) + &differences.agent(sign_on);
    let times = match sign_on.count {
        1 => String::new(),
        count => format!(" ({count} times; the latest lines are named)"),
    };
    Reading {
        outcome: Some(sign_on.ending.name()),
        approval: None,
        client: asked.client,
        text: format!(
            "{who}, {}{server}: {}{}{times}.",
            asked.request,
            ending(sign_on),
            neighbours(sign_on)
        ),
        sources: sign_on
            .legs
            .iter()
            .map(|leg| leg.source.to_string())
            .collect(),
    }
}

/// What other computers of the address leave open.
fn neighbours(sign_on: &SignOn) -> &'static str {
    match sign_on.ending {
        _ if !sign_on.is_shared => "",
        Ending::Refused | Ending::Challenged => {
            "; several computers sign on from this address, and the log does not tell which one that was"
        }
        _ if sign_on.unproven > 0 || sign_on.is_mixed => {
            "; several computers sign on from this address, and the log does not tell which of its 401s are whose"
        }
        _ => "",
    }
}

/// The 401s before the end.
fn behind(sign_on: &SignOn) -> String {
    match (sign_on.ending, sign_on.unproven) {
        (Ending::Refused | Ending::Challenged, _) => String::new(),
        (_, 0) if sign_on.is_mixed => String::new(),
        (_, 0) => ", without a 401 before it".to_owned(),
        (_, 1) => ", after one 401".to_owned(),
        (_, unproven) => format!(", after {unproven} 401s"),
    }
}

fn ending(sign_on: &SignOn) -> String {
    let last = sign_on.last();
    let answer = last.map(record_text).unwrap_or_default();
    let behind = behind(sign_on);
    let behind = match sign_on.refusal() {
        Some(leg) => format!("{behind}, one of them {}", record_text(leg)),
        None => behind,
    };
    match sign_on.ending {
        Ending::Accepted => format!("accepted with {answer}{behind}{}", whose(last)),
        Ending::Anonymous if sign_on.unproven == 0 && !sign_on.is_mixed => format!(
            "answered {answer}{behind}: the server asked for no proof, so nothing proves the client to the site"
        ),
        Ending::Anonymous => format!(
            "answered {answer}{behind}: this answer needed no proof, so nothing proves the client to the site"
        ),
        Ending::Answered => format!(
            "answered {answer}{behind}: the log has no column for accounts (cs-username), so it does not tell whether one was proven"
        ),
        Ending::Refused => {
            let leg = sign_on.refusal().map(record_text).unwrap_or_default();
            let rest = rest(sign_on);
            format!("refused with {leg}, and no line of {rest} says that it was accepted")
        }
        Ending::Challenged if sign_on.legs.iter().all(|leg| leg.substatus == Some(2)) => format!(
            "only challenged, {}: no line of {} tells of a proof",
            count(sign_on.unproven),
            rest(sign_on)
        ),
        Ending::Challenged => format!(
            "answered 401, {}, without a code that says why, and no line of {} says that it was accepted",
            count(sign_on.unproven),
            rest(sign_on)
        ),
        Ending::Failed if last.and_then(|leg| leg.status) == Some(403) => format!(
            "answered {answer}{behind}: that is about a certificate, an address or a right, and not about a sign-on"
        ),
        Ending::Failed => format!("answered {answer}{behind}: that is not about proof"),
    }
}

/// The lines in which an end was looked for.
fn rest(sign_on: &SignOn) -> String {
    match sign_on.cut_after.map(|nanos| nanos / 1_000_000_000) {
        None => "the next 30 seconds".to_owned(),
        Some(..=0) => "the same second, with which the log ends,".to_owned(),
        Some(1) => "the next second, with which the log ends,".to_owned(),
        Some(seconds) => format!("the next {seconds} seconds, with which the log ends,"),
    }
}

fn count(times: u64) -> String {
    match times {
        1 => "once".to_owned(),
        times => format!("{times} times"),
    }
}

/// Whose account was proven, as its name tells: those of computers end in `$`.
fn whose(last: Option<&WebRecord>) -> &'static str {
    let user = last.and_then(|leg| leg.user.as_ref());
    match user {
        Some(user) if user.as_str().ends_with('$') => {
            ": a computer's account was proven, which is not yet an approval"
        }
        _ => ": the account is no computer's, and the site approves computers",
    }
}
