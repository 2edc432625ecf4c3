//! The six steps of a sign-on that ends with approval, each with what the evidence has of it and where (Keith Thornley, "How It
//! Works: Automatic Client Approval in Configuration Manager 2007").
//!
//! Never takes a step for missing that the evidence could not show.

use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::exchange::Span;
use crate::model::http_exchange::HttpExchange;
use crate::model::witness::{ToldRecord, WebRecord};

/// One of the steps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// What is expected.
    pub expected: &'static str,
    /// Whether it is there.
    pub seen: Seen,
    /// What is there, where that is not what is expected, or why nothing is known.
    pub text: String,
    /// Frames and lines that show it: `frames 4–7`, `u_ex090520.log:6`.
    pub places: Vec<String>,
}

/// Whether a step is in the evidence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seen {
    /// As expected.
    Yes,
    /// Something else in its place.
    Otherwise,
    /// It would be seen, and is not there.
    No,
    /// The evidence cannot show it.
    Hidden,
}

impl Seen {
    /// `seen`, `otherwise`, `not seen`, `not shown`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "seen",
            Self::Otherwise => "otherwise",
            Self::No => "not seen",
            Self::Hidden => "not shown",
        }
    }
}

/// The steps of `attempt`, in order.
pub fn checkpoints(attempt: &Attempt) -> Vec<Checkpoint> {
    let steps: [(&'static str, Look); 6] = [
        ("the client posts without proof", asks),
        ("the MP answers 401 and names Negotiate", challenge),
        ("the client gets a ticket for HTTP/<MP>", ticket),
        ("the client posts again with the ticket", proof),
        ("the MP answers 200", acceptance),
        ("the site stores the client as approved", approval),
    ];
    let found = steps.into_iter().map(|(expected, look)| {
        let found = look(attempt);
        Checkpoint {
            expected,
            seen: found.seen,
            text: found.text,
            places: found.places,
        }
    });
    found.collect()
}

/// Looks for a step.
type Look = fn(&Attempt) -> Found;

struct Found {
    seen: Seen,
    text: String,
    places: Vec<String>,
}

impl Found {
    fn new(seen: Seen, text: impl Into<String>, places: Vec<String>) -> Self {
        Self {
            seen,
            text: text.into(),
            places,
        }
    }

    fn yes(places: Vec<String>) -> Self {
        Self::new(Seen::Yes, "", places)
    }

    /// Not there, or not to be seen.
    fn absent(attempt: &Attempt, text: &str) -> Self {
        let visibility = &attempt.visibility;
        let is_hidden = attempt.unheard().is_some()
            || visibility.unread.is_some()
            || visibility.snapped.is_some()
            || !attempt.tls.is_empty();
        let seen = if is_hidden { Seen::Hidden } else { Seen::No };
        Self::new(seen, text, Vec::new())
    }
}

fn asks(attempt: &Attempt) -> Found {
    let begins = |exchange: &&HttpExchange| exchange.is_windowsauth() || exchange.is_challenged();
    let first = attempt.http.iter().find(begins).or(attempt.http.first());
    let Some(first) = first else {
        return Found::absent(attempt, "no request to the server can be read");
    };
    let places = vec![frames(&first.asked)];
    if first.shows_no_token() {
        Found::yes(places)
    } else if first.request.head.is_cut {
        Found::new(Seen::Hidden, "the request is cut before it tells", places)
    } else {
        Found::new(
            Seen::Otherwise,
            "the first request that is seen shows proof",
            places,
        )
    }
}

fn challenge(attempt: &Attempt) -> Found {
    let asked = attempt
        .first_challenge()
        .filter(|asked| asked.offers_kerberos());
    if let Some(asked) = asked {
        return Found::yes(answered(asked));
    }
    match attempt
        .http
        .iter()
        .find(|exchange| exchange.answer.is_some())
    {
        Some(other) => {
            let status = other.status().unwrap_or_default();
            let who = if other.is_answered_by_proxy() {
                "a proxy"
            } else {
                "it"
            };
            Found::new(
                Seen::Otherwise,
                format!("{who} answers {status}, without that offer"),
                answered(other),
            )
        }
        None => inside(attempt, |line| line.status == Some(401)).map_or_else(
            || Found::absent(attempt, "no answer of the server"),
            |line| {
                let text = "the server's log has a 401, and not what it offers";
                Found::new(Seen::Hidden, text, vec![line.source.to_string()])
            },
        ),
    }
}

fn ticket(attempt: &Attempt) -> Found {
    let places = |last: Option<FrameNumber>| {
        let first = attempt
            .tickets
            .iter()
            .map(|request| request.asked.first())
            .min();
        let first = first.unwrap_or_default();
        vec![range(first, last.unwrap_or(first))]
    };
    if let Some(granted) = attempt.granted_service_ticket() {
        return Found::yes(places(granted.answered_in()));
    }
    if let Some(refused) = attempt
        .tickets
        .iter()
        .rev()
        .filter(|request| !attempt.is_healed(request))
        .find_map(|request| Some((request, request.error()?)))
    {
        let (request, error) = refused;
        return Found::new(
            Seen::Otherwise,
            format!("refused: {}", error.code),
            places(request.answered_in()),
        );
    }
    if attempt.shown_tickets().next().is_some() {
        return Found::new(
            Seen::Hidden,
            "it had one from before, or the capture was taken elsewhere",
            Vec::new(),
        );
    }
    if let Some((request, realm)) = attempt.referrals().last() {
        let text = match request.referral() {
            Some(_) => format!("it is referred to {realm} and gets none there"),
            None => format!("it gets one for the KDC of {realm}, and none there"),
        };
        return Found::new(Seen::Otherwise, text, places(request.answered_in()));
    }
    if !attempt.tickets.is_empty() {
        return Found::new(Seen::Otherwise, "it asks and gets none", places(None));
    }
    if !attempt.visibility.sees_kdc_side {
        return Found::new(
            Seen::Hidden,
            "no talk with a KDC is in the capture",
            Vec::new(),
        );
    }
    Found::absent(attempt, "no request for one")
}

fn proof(attempt: &Attempt) -> Found {
    if let Some(shown) = attempt.shown_tickets().last() {
        return Found::yes(vec![frames(&shown.asked)]);
    }
    match attempt.last_token() {
        Some(other) if other.ntlm_type().is_some() => {
            Found::new(Seen::Otherwise, "with NTLM", vec![frames(&other.asked)])
        }
        Some(other) => Found::new(
            Seen::Otherwise,
            "with another token",
            vec![frames(&other.asked)],
        ),
        None => Found::absent(attempt, "no request with proof"),
    }
}

fn acceptance(attempt: &Attempt) -> Found {
    let accepted = attempt
        .shown_tickets()
        .filter(|shown| shown.is_accepted())
        .last();
    if let Some(accepted) = accepted {
        return Found::yes(answered(accepted));
    }
    let decided = attempt
        .deciding_exchange()
        .filter(|decided| decided.windows_token().is_some());
    match decided {
        Some(decided) => {
            let status = decided.status().unwrap_or_default();
            let how = if decided.ntlm_type().is_some() {
                " to NTLM"
            } else {
                ""
            };
            Found::new(
                Seen::Otherwise,
                format!("it answers {status}{how}"),
                answered(decided),
            )
        }
        None => of_log(attempt)
            .unwrap_or_else(|| Found::absent(attempt, "no answer to a request with proof")),
    }
}

/// The last line of the server's log about what the capture holds in TLS that `wanted` picks.
fn inside(attempt: &Attempt, wanted: impl Fn(&WebRecord) -> bool) -> Option<&WebRecord> {
    attempt.inside.iter().rfind(|line| wanted(line))
}

/// How the server's log has the end of a sign-on that the capture holds in TLS.
fn of_log(attempt: &Attempt) -> Option<Found> {
    let asks_for_proof = |line: &WebRecord| line.request.as_str().contains("windowsauth");
    let last = inside(attempt, asks_for_proof)?;
    let status = last.status?;
    let places = vec![last.source.to_string()];
    let is_proven = (200..300).contains(&status) && last.user.is_some();
    let told = if is_proven {
        Found::new(Seen::Yes, "by the server's log, inside TLS", places)
    } else {
        let text = format!("its log has {status} for what is inside TLS");
        Found::new(Seen::Otherwise, text, places)
    };
    // A challenge alone is no answer to a proof.
    let is_challenge = status == 401 && last.substatus != Some(1);
    (!is_challenge).then_some(told)
}

fn approval(attempt: &Attempt) -> Found {
    if let Some(stored) = attempt.stored() {
        let pair = (stored.call.approval_method, stored.call.is_integrated_auth);
        let places = vec![stored.source.to_string()];
        if attempt.stored_as_shown().is_none() {
            let text = "the call may be of an earlier registration of the same computer";
            return Found::new(Seen::Hidden, text, places);
        }
        let is_certain = attempt.stored_of_this().is_some();
        return match pair {
            (Some(1), Some(1)) if !is_certain => {
                Found::new(Seen::Yes, "by the computer's name", places)
            }
            (Some(1), Some(1)) => Found::yes(places),
            (Some(approval), Some(windows)) => Found::new(
                Seen::Otherwise,
                format!("@ApprovalMethod {approval}, @IsIntegratedAuth {windows}"),
                places,
            ),
            _ => Found::new(Seen::Hidden, "the call does not say", places),
        };
    }
    let queued = attempt.told.iter().find(|told| is_queued(told));
    match queued {
        Some(queued) => Found::new(
            Seen::Hidden,
            "the MP passed the registration on; an SQL trace would show what is stored",
            vec![queued.source.to_string()],
        ),
        None => Found::new(Seen::Hidden, without_call(attempt), Vec::new()),
    }
}

/// Where the call would be found that is not there.
fn without_call(attempt: &Attempt) -> String {
    match attempt.around.sealed_sql {
        Some(frame) => format!(
            "the session with SQL Server is encrypted from frame {frame} on; an SQL trace would show it"
        ),
        None => "an SQL trace would show it".to_owned(),
    }
}

/// `MP Reg: DDR file written to …`, which says nothing of the approval.
fn is_queued(told: &ToldRecord) -> bool {
    let text = told.text.as_str();
    text.contains("DDR") && text.contains("written to")
}

/// Where an answer stands: its frames, and the line of the server's log.
fn answered(exchange: &HttpExchange) -> Vec<String> {
    let frames = exchange.answer.iter().map(|answer| frames(&answer.span));
    let line = exchange
        .recorded
        .iter()
        .map(|record| record.source.to_string());
    frames.chain(line).collect()
}

fn frames(span: &Span) -> String {
    span.to_string()
}

fn range(first: FrameNumber, last: FrameNumber) -> String {
    if first == last {
        format!("frame {first}")
    } else {
        format!("frames {first}–{last}")
    }
}
