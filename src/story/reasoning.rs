//! Why NTLM was used, and whose key a ticket is under: each a short list of questions with the frame that answers it.
//!
//! Never concludes more than its frames: a question that the capture cannot answer says so, and the list ends with the
//! answer that decides.

use std::net::IpAddr;

use crate::frame::FrameNumber;
use crate::keys::Fit;
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::model::sessions::SessionEnd;
use crate::model::siblings::Keys;
use crate::text::WireText;
use crate::wire::kerberos::etype::EncryptionType;
use crate::wire::kerberos::message::{KrbError, Ticket};
use crate::wire::kerberos::name::PrincipalName;
use crate::wire::ntlm::NtlmMessage;

/// One line of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// What is asked.
    pub question: &'static str,
    /// What the capture says.
    pub answer: String,
    /// The frame that says it, or after which something is missing.
    pub frame: Option<FrameNumber>,
}

impl Answer {
    fn new(question: &'static str, answer: impl Into<String>, frame: Option<FrameNumber>) -> Self {
        Self {
            question,
            answer: answer.into(),
            frame,
        }
    }
}

/// Looks for the answer, and says whether it decides.
type Question = fn(&Attempt, &HttpExchange) -> (Answer, bool);

/// Versions of a key that an account reaches whose password hardly ever changes; computers change theirs every month.
const LOW_VERSION: u32 = 5;

/// Why the client, or the server, took NTLM; empty where it was not used.
pub fn why_ntlm(attempt: &Attempt) -> Vec<Answer> {
    let Some(first) = attempt
        .http
        .iter()
        .find(|exchange| exchange.ntlm_type().is_some())
    else {
        return Vec::new();
    };
    let questions: [Question; 5] = [offer, address, identity, refusal, ticket];
    let mut answers = Vec::new();
    for question in questions {
        let (answer, decides) = question(attempt, first);
        answers.push(answer);
        if decides {
            break;
        }
    }
    answers
}

fn offer(attempt: &Attempt, _: &HttpExchange) -> (Answer, bool) {
    const QUESTION: &str = "did the server offer Negotiate?";
    let challenge = attempt
        .http
        .iter()
        .find(|exchange| exchange.is_challenged());
    let Some(challenge) = challenge else {
        let answer = "no challenge is in the capture before the first token";
        return (Answer::new(QUESTION, answer, None), false);
    };
    let frame = challenge.answer.as_ref().map(|answer| answer.span.first());
    if challenge.offers_kerberos() {
        (Answer::new(QUESTION, "yes", frame), false)
    } else {
        (Answer::new(QUESTION, "no: this is why", frame), true)
    }
}

fn address(_: &Attempt, first: &HttpExchange) -> (Answer, bool) {
    const QUESTION: &str = "is the server addressed by a name?";
    let frame = Some(first.asked.first());
    match first.host() {
        Some(host) if host.parse::<IpAddr>().is_ok() => {
            let answer = format!("no, by {host}: this is why, there are no tickets for addresses");
            (Answer::new(QUESTION, answer, frame), true)
        }
        Some(host) => (Answer::new(QUESTION, format!("yes, {host}"), frame), false),
        None => (
            Answer::new(QUESTION, "the request names no host", frame),
            false,
        ),
    }
}

fn identity(attempt: &Attempt, first: &HttpExchange) -> (Answer, bool) {
    const QUESTION: &str = "does the client have a domain to ask?";
    if let Some(asked) = attempt.tickets.first() {
        let answer = format!("yes, it asks the KDC at {}", asked.kdc.addr);
        return (
            Answer::new(QUESTION, answer, Some(asked.asked.first())),
            false,
        );
    }
    if !attempt.visibility.sees_kdc_side {
        let answer =
            "not visible: the capture holds no traffic of the client to a KDC or a DNS server";
        return (Answer::new(QUESTION, answer, None), true);
    }
    let answer = "no request to a KDC before the token: none was tried, or an earlier failure is still remembered (15 minutes)";
    (
        Answer::new(QUESTION, answer, Some(first.asked.first())),
        true,
    )
}

fn refusal(attempt: &Attempt, first: &HttpExchange) -> (Answer, bool) {
    const QUESTION: &str = "did the KDC refuse the ticket?";
    if attempt.unheard().is_some() {
        let answer = "not visible: the capture lacks what came to the client";
        return (Answer::new(QUESTION, answer, None), true);
    }
    let refused = attempt.tickets.iter().rev().find(|request| {
        request.asked.first() < first.asked.first()
            && request.error().is_some()
            && !attempt.is_healed(request)
            && !attempt.is_answered_later(request)
    });
    match refused.and_then(|request| Some((request.error()?.code, request.answered_in()?))) {
        Some((code, frame)) => (
            Answer::new(
                QUESTION,
                format!("yes, {code}: without a ticket NTLM is what is left"),
                Some(frame),
            ),
            true,
        ),
        None => (Answer::new(QUESTION, "no", None), false),
    }
}

fn ticket(attempt: &Attempt, _: &HttpExchange) -> (Answer, bool) {
    const QUESTION: &str = "was a ticket had and shown?";
    if let Some(shown) = attempt.shown_tickets().next() {
        let answer = "yes, and the server did not accept it: this is why";
        return (
            Answer::new(QUESTION, answer, Some(shown.asked.first())),
            true,
        );
    }
    match attempt
        .granted_service_ticket()
        .and_then(super::super::model::ticket_request::TicketRequest::answered_in)
    {
        Some(frame) => {
            let answer =
                "a ticket was issued and never shown: another process may have asked for it";
            (Answer::new(QUESTION, answer, Some(frame)), true)
        }
        None => (Answer::new(QUESTION, "no ticket was issued", None), true),
    }
}

/// What is known of the key that a refused ticket is under. Where none was refused, what the user's keys say of the one that was
/// shown, or issued; nothing where there is none of these.
pub fn whose_key(attempt: &Attempt) -> Vec<Answer> {
    let refused = attempt.refused_ticket();
    let refused = refused.and_then(|shown| Some((shown, shown.ap_req()?.ticket.as_ref()?)));
    let Some((shown, ticket)) = refused else {
        let ticket = shown_ticket(attempt).or_else(|| issued_ticket(attempt));
        return ticket.map_or_else(Vec::new, |(ticket, frame)| tried(attempt, ticket, frame));
    };
    let frame = shown.asked.first();
    let seen = [
        Some(acceptor(shown, ticket)),
        Some(encryption(ticket, frame)),
        version(ticket, frame),
        Some(realm(shown, ticket)),
        Some(siblings(attempt, ticket)),
        session(attempt, shown),
    ];
    let tried = tried(attempt, ticket, frame);
    seen.into_iter().flatten().chain(tried).collect()
}

fn shown_ticket(attempt: &Attempt) -> Option<(&Ticket, FrameNumber)> {
    let shown = attempt.shown_tickets().last()?;
    Some((shown.ap_req()?.ticket.as_ref()?, shown.asked.first()))
}

fn issued_ticket(attempt: &Attempt) -> Option<(&Ticket, FrameNumber)> {
    let issued = attempt.granted_service_ticket()?;
    Some((issued.ticket()?, issued.answered_in()?))
}

/// What came of trying the user's keys, a line for each keytab.
fn tried(attempt: &Attempt, ticket: &Ticket, frame: FrameNumber) -> Vec<Answer> {
    const QUESTION: &str = "does a key of the keytab open it?";
    let trials = attempt.trials_of(ticket).iter();
    let told = trials.map(|trial| {
        let answer = format!("{}: {}", trial.keytab, fit(&trial.fit, ticket));
        Answer::new(QUESTION, answer, Some(frame))
    });
    told.collect()
}

fn fit(fit: &Fit, ticket: &Ticket) -> String {
    match fit {
        Fit::Opens(name) => format!("yes, the key of {name}"),
        Fit::Closed { tried, of_name } => {
            let of_type = match tried {
                1 => "its one key of this type does not".to_owned(),
                _ => format!("none of its {tried} keys of this type does"),
            };
            let versions: Vec<String> = of_name.iter().map(ToString::to_string).collect();
            let of_name = match versions.as_slice() {
                [] => "it has none for".to_owned(),
                [one] => format!("it has version {one} of the key for"),
                several => format!("it has versions {} of the key for", several.join(", ")),
            };
            format!("no, {of_type}; {of_name} {}", ticket.sname)
        }
        Fit::NoKeyOfType => "no, it has no key of this type".to_owned(),
        Fit::UnknownType => "not tried: this program cannot open tickets of this type".to_owned(),
    }
}

/// In an answer to a ticket the error names the account that tried to read it, not the name that was asked for.
fn acceptor(shown: &HttpExchange, ticket: &Ticket) -> Answer {
    const QUESTION: &str = "who tried to open the ticket?";
    let frame = shown.answer.as_ref().map(|answer| answer.span.first());
    match shown.krb_error().map(|error| error.sname.as_ref()) {
        Some(Some(name)) if is_echo(name, ticket) => Answer::new(
            QUESTION,
            format!("not known: the error repeats the name in the ticket, {name}"),
            frame,
        ),
        Some(Some(name)) if !name.parts.is_empty() => {
            Answer::new(QUESTION, format!("{name}, as the error says"), frame)
        }
        Some(_) => Answer::new(QUESTION, "the error names nobody", frame),
        None => Answer::new(QUESTION, "the refusal says nothing", frame),
    }
}

/// Whether an error names nobody but the service of the ticket, as acceptors do that are not of Windows: what it says of itself,
/// its realm too, is then taken from the ticket.
fn is_echo(name: &PrincipalName, ticket: &Ticket) -> bool {
    name.parts.len() > 1 && name.same_principal(&ticket.sname)
}

fn encryption(ticket: &Ticket, frame: FrameNumber) -> Answer {
    const QUESTION: &str = "which encryption type has it?";
    let hint = if ticket.etype == EncryptionType::RC4 {
        ": on a newer server a hint at the account of a person or a service, no proof"
    } else {
        ""
    };
    Answer::new(QUESTION, format!("{}{hint}", ticket.etype), Some(frame))
}

fn version(ticket: &Ticket, frame: FrameNumber) -> Option<Answer> {
    let version = ticket.kvno?;
    let hint = if version <= LOW_VERSION {
        ": low, as of an account whose password hardly changes, or of a young one"
    } else {
        ""
    };
    Some(Answer::new(
        "which version has the key?",
        format!("{version}{hint}"),
        Some(frame),
    ))
}

fn realm(shown: &HttpExchange, ticket: &Ticket) -> Answer {
    const QUESTION: &str = "is the realm that issued it the server's?";
    let frame = shown.answer.as_ref().map(|answer| answer.span.first());
    let is_own = |error: &&KrbError| {
        let name = error.sname.as_ref();
        !name.is_some_and(|name| is_echo(name, ticket))
    };
    let of_error = shown
        .krb_error()
        .filter(is_own)
        .and_then(|error| error.realm.as_ref());
    match of_error.or(challenge_domain(shown)) {
        Some(server) if server.same_name(ticket.realm.as_str()) => {
            Answer::new(QUESTION, format!("yes, {server}"), frame)
        }
        Some(server) => Answer::new(
            QUESTION,
            format!("no: {} issued it, the server is of {server}", ticket.realm),
            frame,
        ),
        None => Answer::new(
            QUESTION,
            "the server does not say to which it belongs",
            frame,
        ),
    }
}

/// Tickets for services of the host that are the computer's.
fn siblings(attempt: &Attempt, ticket: &Ticket) -> Answer {
    const QUESTION: &str = "do other services of the host use the same key?";
    let Some((seen, keys)) = attempt.sibling_of(ticket) else {
        let unknown = "not known: up to the end of this attempt no ticket for one of them is seen that can be compared";
        return Answer::new(QUESTION, unknown, None);
    };
    let verdict = match keys {
        Keys::Differ => "no",
        Keys::Agree => "the same type and version",
        Keys::AgreeByChance => "the same type and version, which many accounts have",
    };
    let text = format!(
        "{verdict}: the ticket for {} is {}, version {}",
        seen.service, seen.etype, seen.kvno
    );
    Answer::new(QUESTION, text, Some(seen.frame))
}

/// A session with the file service of the same machine.
fn session(attempt: &Attempt, shown: &HttpExchange) -> Option<Answer> {
    let session = attempt.sessions_with(shown.server.addr).next()?;
    let verdict = match session.end {
        SessionEnd::Accepted => "yes".to_owned(),
        SessionEnd::Refused(code) => format!("no, {code}"),
        SessionEnd::Denied(status) => format!("not known, it says {status}"),
    };
    Some(Answer::new(
        "does the server open a ticket for its file service?",
        format!("{verdict}: the one for {}", session.service),
        Some(session.answered),
    ))
}

fn challenge_domain(shown: &HttpExchange) -> Option<&WireText> {
    match shown.answer_token()?.ntlm.as_ref()? {
        NtlmMessage::Challenge(challenge) => challenge.av.dns_domain.as_ref(),
        _ => None,
    }
}
