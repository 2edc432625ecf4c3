//! Rule `approval-anonymous-path`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival, Severity};
use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::capture_facts::CaptureFacts;
use crate::model::http_exchange::HttpExchange;
use crate::model::log_sign_on::{Ending, SignOn};
use crate::model::witness::{CallSource, WebRecord};
use crate::outcome::Outcome;
use crate::rules::approval::replies;
use crate::rules::rule::declare_rule;

declare_rule! {
    /// ## What it means
    ///
    /// The client registered on the path that needs no proof, most often after its sign-on failed. The site gets a record
    /// that automatic approval cannot rest on.
    ///
    /// ## How it shows
    ///
    /// A registration on `/ccm_system/request` is accepted without proof, no sign-on is accepted, and no answer says that
    /// the approval is settled. A message that cannot be read leaves a question after a sign-on that failed, and so does
    /// the line of a log, which does not have what a message says.
    ///
    /// ## What else it could be
    ///
    /// Policies and states travel on that path all the time. A client with a certificate of a PKI may register so on
    /// purpose.
    ///
    /// ## What to do
    ///
    /// Mend the sign-on; then delete the record and restart the agent.
    pub(in crate::rules) static APPROVAL_ANONYMOUS_PATH = {
        id: "approval-anonymous-path",
        summary: "the client registered without proof",
        severity: Error,
        stage: Approval,
        owner: Client,
        sources: ["https://github.com/Mayyhem/SharpSCCM"],
        since: "0.1.0",
        supersedes: [],
        check: Both(check, in_log),
    }
}

const QUESTION: &str = "A question: did the client register on the path without proof?";

fn check(attempt: &Attempt) -> Option<Finding> {
    let mut signs_on = attempt
        .http
        .iter()
        .filter(|exchange| exchange.is_windowsauth());
    let failed = signs_on
        .clone()
        .find(|exchange| exchange.answer.is_some() && !exchange.is_accepted());
    let is_settled =
        replies(attempt).any(|(_, _, reply)| matches!(reply.approval_status, Some(1..=3)));
    let goes_on = attempt.outcome == Outcome::CutShort;
    if goes_on || is_settled || signs_on.any(HttpExchange::is_accepted) {
        return None;
    }
    let bare = || attempt.http.iter().filter(|exchange| is_bare(exchange));
    if let Some(registers) = bare().find(|exchange| is_registration(exchange) == Some(true)) {
        let mut finding = registered(registers, failed)?;
        finding.evidence.extend(stored(attempt, registers));
        return Some(finding);
    }
    let failed = failed?;
    let unread = bare().find(|exchange| {
        is_registration(exchange).is_none() && exchange.asked.first() > failed.asked.first()
    })?;
    let answer = unread.answer.as_ref()?;
    Some(Finding {
        severity: Severity::Note,
        title: QUESTION.to_owned(),
        explanation: "After the sign-on failed, a message on the path that needs no proof was accepted. Whether it was the registration, its bytes in this capture do not tell.".to_owned(),
        evidence: vec![
            Evidence::new(answer.span.first(), "accepted without proof"),
            Evidence::new(failed.asked.first(), "a sign-on before it, of which none is accepted"),
        ],
        rivals: vec![every_day()],
        fix: vec![log()],
        ..APPROVAL_ANONYMOUS_PATH.finding(Confidence::Possible)
    })
}

/// The same question from a log alone: it does not have what a message says.
fn in_log(facts: &CaptureFacts) -> Option<Finding> {
    let sign_ons = &facts.log_sign_ons;
    let is_failed = |it: &&SignOn| {
        let ended = matches!(it.ending, Ending::Refused | Ending::Challenged);
        ended && it.is_windowsauth() && it.is_latest && !it.is_shared
    };
    let mut failed = sign_ons.all().into_iter().rev().filter(is_failed);
    let (failed, bare) = failed.find_map(|it| Some((it, sign_ons.bare_after(it)?)))?;
    let failed = failed.last()?;
    let line = |record: &WebRecord, said: &str| {
        Evidence::of_line(FrameNumber::default(), &record.source, said.to_owned())
    };
    Some(Finding {
        severity: Severity::Note,
        title: QUESTION.to_owned(),
        explanation: "After a sign-on of this address that no line calls accepted, a message of the same address on the path that needs no proof was accepted. Whether it was the registration, the log does not tell.".to_owned(),
        evidence: vec![
            line(bare, "accepted without proof"),
            line(failed, "a sign-on before it, of which none is accepted"),
        ],
        rivals: vec![every_day()],
        fix: vec![log()],
        ..APPROVAL_ANONYMOUS_PATH.finding(Confidence::Possible)
    })
}

fn every_day() -> Rival {
    Rival::new(
        "approval-ok",
        "policies and states travel on this path all the time: ClientIDManagerStartup.log tells when the client registered",
    )
}

/// What it means that the client registered by `registers`, after the sign-on `failed`, if there was one.
fn registered(registers: &HttpExchange, failed: Option<&HttpExchange>) -> Option<Finding> {
    let accepted = Evidence::new(
        registers.answer.as_ref()?.span.first(),
        "accepted without proof",
    );
    let registration = Evidence::new(registers.asked.first(), "the registration, without proof");
    let before = failed.map(|failed| {
        let frame = failed.asked.first();
        Evidence::new(frame, "a sign-on, of which none is accepted")
    });
    let (severity, rivals) = if failed.is_some() {
        (Severity::Error, Vec::new())
    } else {
        let on_purpose = "a client with a certificate of a PKI may register so on purpose: ClientIDManagerStartup.log tells which certificate it chose";
        let rival = Rival::new("approval-ok", on_purpose);
        (Severity::Warning, vec![rival])
    };
    Some(Finding {
        severity,
        rivals,
        title: "The client registered without proving who it is".to_owned(),
        explanation: "Its registration went to the path that needs no proof and was accepted there. Such a registration does not prove that the client is a computer of the domain, so automatic approval cannot rest on it.".to_owned(),
        evidence: [accepted, registration].into_iter().chain(before).collect(),
        fix: vec![
            log(),
            Fix::new("Mend the sign-on; then delete the client's record in the console and restart its agent", None),
        ],
        ..APPROVAL_ANONYMOUS_PATH.finding(Confidence::Proven)
    })
}

/// What the site stored of it, where the evidence holds the call and that says the same.
fn stored(attempt: &Attempt, registers: &HttpExchange) -> Option<Evidence> {
    let stored = attempt.stored_of_this()?;
    let text = "the site stores it with @ApprovalMethod 0 and @IsIntegratedAuth 0";
    let evidence = match &stored.source {
        CallSource::Line(line) => Evidence::of_line(registers.asked.first(), line, text),
        CallSource::Seen(seen) => Evidence::new(seen.span.first(), text),
    };
    (stored.call.decision() == Some((0, 0))).then_some(evidence)
}

/// Whether it is a message of the client on the path that needs no proof, and accepted there.
fn is_bare(exchange: &HttpExchange) -> bool {
    let is_there = exchange.path().eq_ignore_ascii_case("/ccm_system/request");
    is_there && exchange.is_accepted() && exchange.shows_no_token()
}

/// Whether the message is a registration, where the capture holds what it is about.
fn is_registration(exchange: &HttpExchange) -> Option<bool> {
    let message = exchange.request.ccm.as_ref()?;
    let endpoint = message.endpoint.as_ref();
    let is_named = endpoint.map(|endpoint| endpoint.same_name("MP_ClientRegistration"));
    message.registration.as_ref().map(|_| true).or(is_named)
}

fn log() -> Fix {
    Fix::new(
        "See what the client registered, on it",
        Some("findstr /i register C:\\Windows\\CCM\\Logs\\ClientIDManagerStartup.log".to_owned()),
    )
}
