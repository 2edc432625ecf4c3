//! A ticket was shown and refused: the facts that part one cause from another.
//!
//! Never repeats what a cause's own rule goes by: that is in the confidence of its finding.

use crate::finding::Evidence;
use crate::model::attempt::Attempt;
use crate::model::http_exchange::{HttpAnswer, HttpExchange};
use crate::model::sessions::{FileSession, SessionEnd};
use crate::model::siblings::Keys;
use crate::rules::keytabs::Account;
use crate::rules::outputs::{self, Holders};
use crate::rules::rivals::{CONTRADICTED, HINT, Mark, STRONG};
use crate::rules::words;
use crate::text::WireText;
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::message::{KrbError, Ticket};
use crate::wire::ntlm::NtlmMessage;

const OTHER_ACCOUNT: &str = "http-spn-on-user-account";
const STALE_PASSWORD: &str = "ap-modified-stale-password";
const WRONG_HOST: &str = "dns-wrong-host";
const ETYPE_POLICY: &str = "ap-modified-etype-policy";
const KERNEL_MODE: &str = "ap-modified-kernel-mode";
const SKEW: &str = "ap-skew";
const RIGHTS: &str = "ap-pac-validation";

/// The causes that these facts compare.
pub(super) const CAUSES: &[&str] = &[
    OTHER_ACCOUNT,
    STALE_PASSWORD,
    WRONG_HOST,
    ETYPE_POLICY,
    KERNEL_MODE,
    SKEW,
    RIGHTS,
    "ap-no-key",
    "http-401-no-reason",
    "nlb-name-computer-spn",
    "ref-namesake-in-client-realm",
];

/// Those in which the server cannot open the ticket.
const UNOPENED: [&str; 6] = [
    OTHER_ACCOUNT,
    STALE_PASSWORD,
    WRONG_HOST,
    ETYPE_POLICY,
    KERNEL_MODE,
    "ap-no-key",
];

/// What the facts of `attempt` mean for each cause; nothing where no ticket was refused.
pub(super) fn marks(attempt: &Attempt) -> Vec<Mark> {
    let refused = attempt.refused_ticket();
    let Some((refused, answer)) = refused.and_then(|it| Some((it, it.answer.as_ref()?))) else {
        return Vec::new();
    };
    let ticket = refused.ap_req().and_then(|it| it.ticket.as_ref());
    let mut marks = Vec::new();
    if let Some(error) = refused.krb_error() {
        marks.extend(by_code(error, answer));
        marks.extend(by_account(attempt, error, ticket, answer));
    }
    marks.extend(by_name(attempt, refused));
    marks.extend(by_ntlm(attempt, refused));
    marks.extend(by_clock(attempt, refused));
    if let Some(ticket) = ticket {
        marks.extend(by_holder(attempt, refused, ticket));
        marks.extend(by_key(attempt, ticket, refused.krb_error().is_some()));
        marks.extend(by_session(attempt, refused, ticket));
        marks.extend(by_keytab(attempt, refused, ticket));
    }
    marks
}

/// A time can be refused in an opened ticket only, and a right be missing only after that.
fn by_code(error: &KrbError, answer: &HttpAnswer) -> Vec<Mark> {
    let (rules, meaning): (&[&str], _) = match error.code {
        ErrorCode::MODIFIED | ErrorCode::BAD_INTEGRITY => (
            &[SKEW, RIGHTS],
            "the server could not decrypt what it was shown, so it judged neither times nor the account",
        ),
        ErrorCode::SKEW | ErrorCode::TKT_NYV | ErrorCode::TKT_EXPIRED => (
            &UNOPENED,
            "the server opened the ticket, or it would not know its times",
        ),
        _ => return Vec::new(),
    };
    let text = format!("{}: {meaning}", error.code);
    let seen = Evidence::new(answer.span.first(), text);
    Mark::each(rules, CONTRADICTED, &seen)
}

/// The account by which the server tried. One that repeats the service's name says nothing.
fn by_account(
    attempt: &Attempt,
    error: &KrbError,
    ticket: Option<&Ticket>,
    answer: &HttpAnswer,
) -> Vec<Mark> {
    let sname = error.sname.as_ref();
    let Some(account) = sname.filter(|sname| sname.parts.len() == 1) else {
        return Vec::new();
    };
    let frame = answer.span.first();
    if !account.is_computer() {
        let seen = Evidence::new(
            frame,
            format!("the server tried as {account}, which is no computer's account"),
        );
        return Mark::each(&[KERNEL_MODE], CONTRADICTED, &seen);
    }
    let host = account.parts.first().map(WireText::as_str);
    let host = host.unwrap_or_default().trim_end_matches('$');
    // An account of that name in another realm may be a namesake's.
    let is_of_realm = ticket
        .zip(error.realm.as_ref())
        .is_some_and(|(ticket, realm)| ticket.realm.same_name(realm.as_str()));
    if !is_of_realm || !attempt.target.is_meant_by(host) {
        return Vec::new();
    }
    let text = format!("the server tried as {account}, the account of the machine that is meant");
    Mark::each(&[WRONG_HOST], CONTRADICTED, &Evidence::new(frame, text))
}

/// How the machine that refused calls itself in an NTLM challenge. What is said on another connection may be said by another node
/// behind the address, and says nothing where such a node is seen.
fn by_name(attempt: &Attempt, refused: &HttpExchange) -> Vec<Mark> {
    let challenges = of_server(attempt, refused).filter_map(|exchange| {
        let NtlmMessage::Challenge(challenge) = exchange.answer_token()?.ntlm.as_ref()? else {
            return None;
        };
        let frame = exchange.answer.as_ref()?.span.first();
        let is_own = exchange.connection.is_some() && exchange.connection == refused.connection;
        Some((is_own, challenge.av.dns_computer.as_ref()?.as_str(), frame))
    });
    let (meant, others): (Vec<_>, Vec<_>) =
        challenges.partition(|(_, name, _)| attempt.target.is_meant_by(name));
    let (points, text, frame) = match meant.iter().max_by_key(|(is_own, ..)| *is_own) {
        Some((true, name, frame)) => (
            CONTRADICTED,
            format!("the machine calls itself {name}, which is the one that is meant"),
            *frame,
        ),
        Some((false, name, frame)) if others.is_empty() => (
            -HINT,
            format!(
                "on another connection the machine at this address calls itself {name}, which is the one that is meant"
            ),
            *frame,
        ),
        _ => return Vec::new(),
    };
    Mark::each(&[WRONG_HOST], points, &Evidence::new(frame, text))
}

/// What the same machine makes of an NTLM proof.
fn by_ntlm(attempt: &Attempt, refused: &HttpExchange) -> Vec<Mark> {
    let proofs = || of_server(attempt, refused).filter(|it| it.ntlm_type() == Some(3));
    let answered = |exchange: &HttpExchange, text: &str| {
        let frame = exchange.answer.as_ref()?.span.first();
        Some(Evidence::new(frame, text))
    };
    let accepted = proofs().filter(|exchange| exchange.is_accepted());
    let mut marks = Vec::new();
    for exchange in accepted.take(1) {
        let text = "the server accepts an NTLM proof, which one whose own password is wrong often cannot have checked";
        let seen = answered(exchange, text);
        marks.extend(
            seen.iter()
                .flat_map(|it| Mark::each(&[STALE_PASSWORD], -HINT, it)),
        );
    }
    let own = proofs().find(|exchange| exchange.is_accepted() && is_of_client(attempt, exchange));
    let own = own.and_then(|it| answered(it, "the server lets the same account in by NTLM"));
    marks.extend(
        own.iter()
            .flat_map(|it| Mark::each(&[RIGHTS], CONTRADICTED, it)),
    );
    if !marks.is_empty() {
        return marks;
    }
    let denied = proofs().find(|exchange| exchange.gives_no_reason());
    let denied = denied.and_then(|it| answered(it, "the server refuses an NTLM proof too"));
    denied.map_or_else(Vec::new, |seen| {
        Mark::each(&[STALE_PASSWORD, RIGHTS], HINT, &seen)
    })
}

/// Whether an NTLM proof is that of the account whose ticket was refused.
fn is_of_client(attempt: &Attempt, exchange: &HttpExchange) -> bool {
    let token = exchange.windows_token().and_then(|it| it.ntlm.as_ref());
    let Some(NtlmMessage::Authenticate(proof)) = token else {
        return false;
    };
    let Some(client) = attempt.principal.as_ref() else {
        return false;
    };
    let user = proof.user.as_ref().zip(client.name.parts.first());
    let is_name = user.is_some_and(|(user, account)| user.same_name(account.as_str()));
    // An account of that name in another domain is another one.
    let domain = proof.domain.as_ref().filter(|it| !it.as_str().is_empty());
    let domains = domain.zip(client.realm.as_ref());
    is_name
        && domains.is_none_or(|(domain, realm)| {
            attempt.is_domain(domain.as_str(), realm.as_str()) == Some(true)
        })
}

/// Under whose key the ticket is, where a keytab shows that and no rule has gone by it.
fn by_keytab(attempt: &Attempt, refused: &HttpExchange, ticket: &Ticket) -> Vec<Mark> {
    let Some(account) = Account::of(attempt, ticket) else {
        return Vec::new();
    };
    let seen = account.evidence(refused.asked.first());
    let is_own = account.is_servers_own(attempt);
    let is_unopened = refused
        .krb_error()
        .is_some_and(|error| matches!(error.code, ErrorCode::MODIFIED | ErrorCode::BAD_INTEGRITY));
    match (is_own, is_unopened) {
        (true, _) => Mark::each(&[OTHER_ACCOUNT], CONTRADICTED, &seen),
        (false, false) => Mark::each(&[OTHER_ACCOUNT], STRONG, &seen),
        (false, true) => Vec::new(),
    }
}

/// Clocks that agree.
fn by_clock(attempt: &Attempt, refused: &HttpExchange) -> Vec<Mark> {
    let clocks = attempt.clock_beside_kdc(refused.server.addr);
    let Some((own, kdc)) = clocks.filter(|(own, kdc)| !own.is_apart_from(kdc)) else {
        return Vec::new();
    };
    let apart = words::apart(own.ahead_of(&kdc), "the KDC's");
    let text =
        format!("the server's clock is {apart}, less than the five minutes that are allowed");
    Mark::each(&[SKEW], CONTRADICTED, &Evidence::new(own.frame, text))
}

/// The account on which the directory's own list has the name, if the ticket may be under its key.
fn by_holder(attempt: &Attempt, refused: &HttpExchange, ticket: &Ticket) -> Vec<Mark> {
    let holders = Holders::of_exactly(attempt, &ticket.sname);
    let line = holders.evidence(refused.asked.first()).into_iter().next();
    let Some((held, seen)) = holders.only().zip(line) else {
        return Vec::new();
    };
    if outputs::is_of_other_realm(held, ticket.realm.as_str()) {
        return Vec::new();
    }
    if outputs::is_servers_own(attempt, held) {
        let mut marks = Mark::each(&[OTHER_ACCOUNT, KERNEL_MODE], CONTRADICTED, &seen);
        marks.extend(Mark::each(&[STALE_PASSWORD], HINT, &seen));
        return marks;
    }
    Mark::each(&[OTHER_ACCOUNT, KERNEL_MODE], STRONG, &seen)
}

/// The key of other services of the host, which is the computer's.
///
/// Where the server gives no reason, a key that differs is what the rule of another account goes by.
fn by_key(attempt: &Attempt, ticket: &Ticket, is_told: bool) -> Vec<Mark> {
    let Some((seen, keys)) = attempt.sibling_of(ticket) else {
        return Vec::new();
    };
    let of = |verb| {
        format!(
            "the ticket for {} is under key version {}, {}: it {verb} the refused one in that",
            seen.service, seen.kvno, seen.etype
        )
    };
    let of_others = [STALE_PASSWORD, WRONG_HOST, ETYPE_POLICY];
    let of_account = [OTHER_ACCOUNT, KERNEL_MODE];
    let (accounts, others, text) = match keys {
        Keys::Differ => (STRONG, CONTRADICTED, of("differs from")),
        Keys::Agree => (CONTRADICTED, HINT, of("agrees with")),
        Keys::AgreeByChance => (-HINT, HINT, of("agrees with")),
    };
    let seen = Evidence::new(seen.frame, text);
    let mut marks = Mark::each(&of_account, accounts, &seen);
    if keys == Keys::Differ && !is_told {
        marks.retain(|mark| mark.rule != OTHER_ACCOUNT);
    }
    marks.extend(Mark::each(&of_others, others, &seen));
    marks
}

/// What the same machine makes of a ticket for its file service, which it opens with the computer's key.
fn by_session(attempt: &Attempt, refused: &HttpExchange, ticket: &Ticket) -> Vec<Mark> {
    let sessions = attempt.sessions_with(refused.server.addr);
    sessions
        .flat_map(|session| match session.end {
            SessionEnd::Accepted => by_accepted(attempt, session, ticket),
            SessionEnd::Refused(code) => by_refused(session, code, refused.krb_error().is_some()),
            SessionEnd::Denied(_) => Vec::new(),
        })
        .collect()
}

fn by_accepted(attempt: &Attempt, session: &FileSession, ticket: &Ticket) -> Vec<Mark> {
    let text = format!(
        "the server accepts the ticket for {}, so it opens what is under the computer's key, and the times of that ticket suit its clock",
        session.service
    );
    let seen = Evidence::new(session.answered, text);
    let mut marks = Mark::each(&[STALE_PASSWORD, SKEW], CONTRADICTED, &seen);
    marks.extend(Mark::each(&[OTHER_ACCOUNT, KERNEL_MODE], HINT, &seen));
    let host = session.service.host();
    if host.is_some_and(|host| attempt.target.is_meant_by(host)) {
        marks.extend(Mark::each(&[WRONG_HOST], CONTRADICTED, &seen));
    }
    if session.etype == ticket.etype {
        marks.extend(Mark::each(&[ETYPE_POLICY], CONTRADICTED, &seen));
    }
    marks
}

fn by_refused(session: &FileSession, code: ErrorCode, is_told: bool) -> Vec<Mark> {
    let text = format!(
        "the server refuses the ticket for {} too: {code}",
        session.service
    );
    let seen = Evidence::new(session.answered, text);
    match code {
        code if code.is_of_key() => {
            let of_account = [OTHER_ACCOUNT, KERNEL_MODE, RIGHTS];
            let mut marks = Mark::each(&of_account, CONTRADICTED, &seen);
            marks.extend(Mark::each(&[WRONG_HOST], HINT, &seen));
            // Where the server tells the same of the ticket for the web, that is what the cause's own rule goes by.
            if !is_told {
                marks.extend(Mark::each(&[STALE_PASSWORD], STRONG, &seen));
            }
            marks
        }
        ErrorCode::SKEW | ErrorCode::TKT_NYV | ErrorCode::TKT_EXPIRED => {
            let mut marks = Mark::each(&UNOPENED, CONTRADICTED, &seen);
            marks.extend(Mark::each(&[SKEW], HINT, &seen));
            marks
        }
        _ => Vec::new(),
    }
}

/// The exchanges with the machine that refused.
fn of_server<'a>(
    attempt: &'a Attempt,
    refused: &'a HttpExchange,
) -> impl Iterator<Item = &'a HttpExchange> {
    let address = refused.server.addr;
    let exchanges = attempt.http.iter();
    exchanges.filter(move |exchange| exchange.server.addr == address)
}
