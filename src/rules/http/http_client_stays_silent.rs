//! Rule `http-client-stays-silent`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::outcome::Outcome;
use crate::rules::rule::declare_rule;
use crate::rules::words;

declare_rule! {
    /// ## What it means
    ///
    /// The server asked for proof, and the client sent none: it asked no KDC and showed no token. It has no credentials, or
    /// is not allowed to use them for this server.
    ///
    /// ## How it shows
    ///
    /// A 401 that offers Negotiate or NTLM, and then nothing: the client closes the connection, or is silent for long. Or it gets
    /// a ticket for the server and shows it to nobody in half a minute, or asks again without it and gives up.
    ///
    /// ## What else it could be
    ///
    /// A client that is still fetching a ticket, or goes on over another connection, is not silent. A ticket that is never shown
    /// may have been for another program of that computer.
    ///
    /// ## What to do
    ///
    /// See whether the host counts as one to which the computer may log on by itself: proxy settings, and whether the
    /// computer has a ticket.
    pub(in crate::rules) static HTTP_CLIENT_STAYS_SILENT = {
        id: "http-client-stays-silent",
        summary: "the client does not answer the challenge",
        severity: Error,
        stage: Http,
        owner: Client,
        sources: ["https://learn.microsoft.com/windows/win32/winhttp/winhttprequestautologonpolicy"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

/// Of a capture that ends so soon (in nanoseconds) what the client itself did last says more.
const SHORT: i64 = 1_000_000_000;
/// No client takes so long from its ticket to its next request (in nanoseconds).
const UNUSED: i64 = 30_000_000_000;

fn check(attempt: &Attempt) -> Option<Finding> {
    says_nothing(attempt).or_else(|| keeps_ticket(attempt))
}

fn says_nothing(attempt: &Attempt) -> Option<Finding> {
    let challenge = attempt
        .http
        .iter()
        .rev()
        .find(|exchange| exchange.is_challenged())?;
    let answer = challenge
        .answer
        .as_ref()
        .filter(|_| attempt.outcome == Outcome::NoToken)?;
    let watched = attempt.watched_since(answer.span.last_time);
    // Who passes requests on ends connections of its own, and of a request that was cut it is not known what it showed.
    let is_others_end = challenge.request.head.via_proxy && watched < UNUSED;
    if is_others_end || !challenge.shows_no_token() {
        return None;
    }
    let closed = attempt
        .connects
        .iter()
        .filter(|connect| Some(connect.id) == challenge.connection)
        .filter_map(|connect| connect.closed_by_client.or(connect.reset_by_client))
        .find(|closed| closed.time >= answer.span.time)
        .map(|closed| Evidence::new(closed.frame, "the client ends the connection"));
    let until = match &closed {
        Some(_) if watched < SHORT => "before the client ends the connection".to_owned(),
        _ => format!("in the {} after it", words::duration(watched)),
    };
    let asked = Evidence::new(
        answer.span.first(),
        format!("asks for proof; no token and no ticket request {until}"),
    );
    Some(Finding {
        title: "The client was asked for proof and sent none".to_owned(),
        explanation: "The server answered 401 and named what it takes. The client asked no KDC for a ticket, showed no token, and gave up: it had no credentials at hand, or was not allowed to use them for this server.".to_owned(),
        evidence: std::iter::once(asked).chain(closed).collect(),
        rivals: vec![
            Rival::new("client-not-domain-joined", "a computer outside any domain has nothing to show; nltest /sc_query:DOMAIN tells, with the name of its domain"),
            Rival::new("as-preauth-failed", "a KDC may have refused it before the capture began, which the client remembers for a while: a capture from the start of the service shows it"),
        ],
        fix: vec![
            Fix::new("See whether the computer has a first ticket", Some("klist -li 0x3e7 tgt".to_owned())),
            Fix::new("See whether a proxy stands between", Some("netsh winhttp show proxy".to_owned())),
        ],
        ..HTTP_CLIENT_STAYS_SILENT.finding(Confidence::Likely)
    })
}

/// The client gets a ticket after the challenge, and shows nothing though it is watched for long, or asks the server again.
fn keeps_ticket(attempt: &Attempt) -> Option<Finding> {
    let challenge = attempt.first_challenge()?.answer.as_ref()?;
    let granted = attempt.granted_service_ticket()?;
    let at = granted.answer.as_ref()?.span.last_time;
    let frame = granted.answered_in()?;
    let unread = attempt.visibility.unread;
    let may_be_shown = attempt.unheard().is_some()
        || unread.is_some_and(|unread| unread.frame > frame)
        || attempt.tls_aside.is_some()
        || !attempt.http.iter().all(HttpExchange::shows_no_token);
    let bare = attempt
        .http
        .iter()
        .find(|exchange| exchange.asked.first() > frame);
    let watched = attempt.watched_since(at);
    let is_unused =
        attempt.outcome == Outcome::Interrupted && (bare.is_some() || watched >= UNUSED);
    if may_be_shown || !is_unused || challenge.span.first() > frame {
        return None;
    }
    let service = granted.service()?;
    Some(Finding {
        title: format!("The client got a ticket for {service} and did not show it"),
        explanation: format!(
            "The server asked for proof. The client got the ticket for {service}, and {}: the KDCs did their part. What kept the client from showing the ticket is not in these frames.",
            bare.map_or_else(
                || format!("in the {} after it sent no request", words::duration(watched)),
                |_| "then asked the server again without it, and gave up".to_owned()
            )
        ),
        evidence: std::iter::once(Evidence::new(
            frame,
            "issues the ticket; no request shows it afterwards",
        ))
        .chain(bare.map(|bare| Evidence::new(bare.asked.first(), "asks again without a token")))
        .chain([Evidence::new(challenge.span.first(), "asks for proof")])
        .collect(),
        rivals: vec![bare.map_or_else(
            || Rival::new(
                "cap-one-sided",
                "the request with the ticket may have gone another way, which this capture does not hold: the server's log tells whether it came",
            ),
            |_| Rival::new(
                "http-redirected",
                "a client that was sent here from another name may keep its proof from the new one: a redirect before these frames would tell",
            ),
        )],
        fix: vec![Fix::new(
            "Read ClientIDManagerStartup.log and CcmMessaging.log of that time, on the client: whether its service was stopped, or gave up",
            None,
        )],
        ..HTTP_CLIENT_STAYS_SILENT.finding(Confidence::Possible)
    })
}
