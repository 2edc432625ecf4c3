//! Rule `kdc-generic`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::ticket_request::{TicketKind, TicketRequest};
use crate::rules::refusal::{Refusal, has_code, is_cut_abroad, referral_shown_by};
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::{ErrorCode, NtStatus};
use crate::wire::kerberos::message::KrbError;
use crate::wire::kerberos::mit_words;
use crate::wire::kerberos::padata::PaDataType;

declare_rule! {
    /// ## What it means
    ///
    /// The KDC refused for a reason of its own: with its general error, or with a code that this program has no other rule for. The
    /// status, where it sends one, is the reason; otherwise only its own log knows it.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 60 as the last word, or any other code that no other rule explains. Such an answer proves that the KDC failed, and not
    /// why: the reason is proven by a status, likely by words of the KDC that name one, and open without them.
    ///
    /// ## What else it could be
    ///
    /// After a referral, the keys of the trust may not agree. Codes that are steps of a dialogue (25, 52, 90, 91), and refusals
    /// that something later heals, are no end.
    ///
    /// ## What to do
    ///
    /// Look the status or the code up (why401 explain), and read the KDC's log.
    pub(in crate::rules) static KDC_GENERIC = {
        id: "kdc-generic",
        summary: "the KDC refuses with an error of its own, or with a code that has no other rule",
        severity: Error,
        stage: Tgs,
        owner: Directory,
        sources: ["RFC 4120 section 7.5.9", "MS-KILE section 2.2.1"],
        since: "0.1.0",
        supersedes: ["http-client-stays-silent", "http-401-no-reason", "ntlm-accepted", "ntlm-after-tgs-error", "ntlm-no-tgs-attempt", "ntlm-rejected"],
        check: Attempt(check),
    }
}

/// Codes that have rules of their own, or are steps of a dialogue, where a first ticket is asked for.
const KNOWN_OF_FIRST: &[ErrorCode] = &[
    ErrorCode::NONE,
    ErrorCode::NAME_EXP,
    ErrorCode::C_PRINCIPAL_UNKNOWN,
    ErrorCode::POLICY,
    ErrorCode::ETYPE_NOSUPP,
    ErrorCode::CLIENT_REVOKED,
    ErrorCode::KEY_EXPIRED,
    ErrorCode::PREAUTH_FAILED,
    ErrorCode::PREAUTH_REQUIRED,
    ErrorCode::SVC_UNAVAILABLE,
    ErrorCode::TKT_EXPIRED,
    ErrorCode::SKEW,
    ErrorCode::RESPONSE_TOO_BIG,
    ErrorCode::GENERIC,
    ErrorCode::WRONG_REALM,
    ErrorCode::PREAUTH_EXPIRED,
    ErrorCode::MORE_PREAUTH_DATA_REQUIRED,
];

/// The same where a ticket for a service is asked for.
const KNOWN_OF_SERVICE: &[ErrorCode] = &[
    ErrorCode::NONE,
    ErrorCode::NAME_EXP,
    ErrorCode::SERVICE_EXP,
    ErrorCode::S_PRINCIPAL_UNKNOWN,
    ErrorCode::PRINCIPAL_NOT_UNIQUE,
    ErrorCode::POLICY,
    ErrorCode::BADOPTION,
    ErrorCode::ETYPE_NOSUPP,
    ErrorCode::CLIENT_REVOKED,
    ErrorCode::SERVICE_REVOKED,
    ErrorCode::TGT_REVOKED,
    ErrorCode::SERVICE_NOTYET,
    ErrorCode::PREAUTH_REQUIRED,
    ErrorCode::MUST_USE_USER2USER,
    ErrorCode::SVC_UNAVAILABLE,
    ErrorCode::BAD_INTEGRITY,
    ErrorCode::TKT_EXPIRED,
    ErrorCode::TKT_NYV,
    ErrorCode::REPEAT,
    ErrorCode::SKEW,
    ErrorCode::MODIFIED,
    ErrorCode::RESPONSE_TOO_BIG,
    ErrorCode::GENERIC,
    ErrorCode::WRONG_REALM,
    ErrorCode::USER_TO_USER_REQUIRED,
    ErrorCode::PREAUTH_EXPIRED,
    ErrorCode::MORE_PREAUTH_DATA_REQUIRED,
];

/// Codes by which a realm says that it cannot read a referral.
const OF_REFERRALS: &[ErrorCode] = &[ErrorCode::NOT_US, ErrorCode::BADKEYVER, ErrorCode::NOKEY];

fn check(attempt: &Attempt) -> Option<Finding> {
    general(attempt).or_else(|| without_rule(attempt))
}

fn general(attempt: &Attempt) -> Option<Finding> {
    let is_general = |request: &TicketRequest, error: &KrbError| {
        let is_armored = request.request.padata.contains(&PaDataType::FX_FAST);
        has_code(error, &[ErrorCode::GENERIC]) && !(request.kind == TicketKind::As && is_armored)
    };
    let refusal = Refusal::of_ticket(attempt, is_general)
        .or_else(|| Refusal::of_first_ticket(attempt, is_general))?;
    let (asked, realm) = (asked_for(&refusal, attempt), refusal.realm());
    if refusal.unread_referral().is_some() {
        return None;
    }
    let is_of_trust =
        is_cut_abroad(attempt, refusal.request) || follows_other_kdc(attempt, &refusal);
    let of_trust = is_of_trust.then(|| {
        Rival::new(
            "trust-key-mismatch",
            format!("what the client showed is cut off: a referral that {realm} cannot read is answered so too"),
        )
    });
    let confidence = if is_of_trust {
        Confidence::Possible
    } else {
        sureness(&refusal)
    };
    let (reason, unready) = match confidence {
        Confidence::Possible => (
            " It does not say what went wrong in it: its own log has that.",
            Some(Rival::new(
                "kdc-svc-unavailable",
                "a KDC whose directory does not answer has no better word for it either",
            )),
        ),
        _ => ("", None),
    };
    Some(Finding {
        title: format!("The KDC of {realm} fails: {}", refusal.said()),
        explanation: format!("The client asked for {asked}. The KDC answered with its general error{}{reason}", text(&refusal)),
        rivals: of_trust.into_iter().chain(unready).collect(),
        fix: vec![Fix::new("Let the KDC write more into its log, on the domain controller", Some("reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\Kdc /v KdcExtraLogLevel /t REG_DWORD /d 0x1f /f".to_owned())), ],
        ..refusal.finding(&KDC_GENERIC, confidence)
    })
}

/// How sure the reason is: a status is one, words name one to who knows that KDC's source, and the bare code says only that it failed.
fn sureness(refusal: &Refusal<'_>) -> Confidence {
    let status = refusal.error.ntstatus;
    if status.is_some_and(|status| status.meaning().is_some()) {
        return Confidence::Proven;
    }
    let names_reason = |words: &str| !mit_words::OF_PLACE.contains(&words);
    match refusal.words() {
        Some(words) if mit_words::is_one(words.as_bytes()) && names_reason(words) => {
            Confidence::Likely
        }
        _ => Confidence::Possible,
    }
}

/// Whether another KDC issued the ticket before, and neither the client's realm nor what it shows is left: the two may be of one realm.
fn follows_other_kdc(attempt: &Attempt, refusal: &Refusal<'_>) -> bool {
    let request = refusal.request;
    let mut before = attempt.tickets.iter().filter(|earlier| {
        earlier.kind == TicketKind::Tgs && earlier.asked.first() < request.asked.first()
    });
    attempt.home_realm().is_none()
        && request.asked.loss.is_some()
        && before.any(|earlier| earlier.issued().is_some() && earlier.kdc.addr != request.kdc.addr)
}

/// A refusal of which nothing more is known than its code. It counts only as the last word of all KDCs.
fn without_rule(attempt: &Attempt) -> Option<Finding> {
    let is_unknown = |request: &TicketRequest, error: &KrbError| !has_rule(request, error);
    let refusals = [
        Refusal::of_ticket(attempt, is_unknown),
        Refusal::of_first_ticket(attempt, is_unknown),
    ];
    let is_last_word = |refusal: &Refusal<'_>| {
        let answered = refusal.request.answered_in();
        answered.is_some_and(|frame| !attempt.hears_from_kdc_after(frame))
    };
    let refusal = refusals.into_iter().flatten().find(is_last_word)?;
    let code = refusal.error.code;
    let (asked, realm) = (asked_for(&refusal, attempt), refusal.realm());
    let meaning = code
        .meaning()
        .map_or_else(|| "no standard gives it a name".to_owned(), str::to_owned);
    Some(Finding {
        title: format!("The KDC of {realm} refuses {asked} with {code}"),
        explanation: format!(
            "The client asked for {asked}, and the KDC at {} answered {}{} By the standard, that means: {meaning}. What brings the KDC to say so is not in these frames: its own log has it.",
            refusal.request.kdc.addr,
            refusal.said(),
            text(&refusal)
        ),
        fix: vec![
            Fix::new(
                "Read what is known of the code",
                Some(format!("why401 explain {}", code.0)),
            ),
            Fix::new(
                "Read what the KDC has logged, on the domain controller",
                Some(KDC_LOG.to_owned()),
            ),
        ],
        ..refusal.finding(&KDC_GENERIC, Confidence::Possible)
    })
}

/// Where a domain controller writes what its KDC does.
const KDC_LOG: &str = "wevtutil qe System /q:\"*[System[Provider[@Name='Microsoft-Windows-Kerberos-Key-Distribution-Center']]]\" /c:20 /rd:true /f:text";

/// Whether another rule explains that answer to that request, or it is a step of a dialogue.
fn has_rule(request: &TicketRequest, error: &KrbError) -> bool {
    let shows = |kind: PaDataType| request.request.padata.contains(&kind);
    let is_of_certificate = matches!(error.code.0, 62..=66 | 70..=81);
    if error.ntstatus == Some(NtStatus::NO_SECRETS) {
        return true;
    }
    match request.kind {
        TicketKind::As => {
            let is_of_armor = error.code == ErrorCode::UNKNOWN_CRITICAL_FAST_OPTIONS
                || error.code == ErrorCode::PADATA_TYPE_NOSUPP;
            has_code(error, KNOWN_OF_FIRST)
                || is_of_certificate
                || (is_of_armor && shows(PaDataType::FX_FAST))
                || (error.code == ErrorCode::PADATA_TYPE_NOSUPP && shows(PaDataType::PK_AS_REQ))
        }
        TicketKind::Tgs => {
            has_code(error, KNOWN_OF_SERVICE)
                || (referral_shown_by(request).is_some() && has_code(error, OF_REFERRALS))
        }
    }
}

/// What was asked for, in words.
fn asked_for(refusal: &Refusal<'_>, attempt: &Attempt) -> String {
    match refusal.request.kind {
        TicketKind::As => format!("the first ticket of {}", refusal.account(attempt)),
        TicketKind::Tgs => refusal.service(),
    }
}

/// The KDC's own words, or a full stop.
fn text(refusal: &Refusal<'_>) -> String {
    match refusal.words() {
        Some(text) => format!(" and the words \"{text}\"."),
        None => " and no words of its own.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::model::ticket_request::KdcVerdict;
    use crate::rules::testing::{
        HOME, NEXT, SERVICE, attempt, first_ticket, referral, refused, tgs,
    };
    use crate::rules::{Selection, attempt_findings};

    /// Steps of a dialogue, and refusals of what is no plain request: nobody is blamed for them here.
    const DIALOGUE: &[ErrorCode] = &[
        ErrorCode::NONE,
        ErrorCode::PREAUTH_REQUIRED,
        ErrorCode::RESPONSE_TOO_BIG,
        ErrorCode::PREAUTH_EXPIRED,
        ErrorCode::MORE_PREAUTH_DATA_REQUIRED,
    ];

    fn blamed(requests: Vec<TicketRequest>) -> Vec<&'static str> {
        let mut attempt = attempt(60);
        attempt.tickets = requests;
        let findings = attempt_findings(&attempt, &Selection::default());
        let errors = findings.iter().filter(|it| it.severity == Severity::Error);
        errors.map(|finding| finding.rule.id).collect()
    }

    fn home(code: ErrorCode) -> Vec<TicketRequest> {
        vec![refused(tgs(1, HOME, SERVICE), code)]
    }

    fn first(code: ErrorCode) -> Vec<TicketRequest> {
        vec![refused(first_ticket(1, "WK02$"), code)]
    }

    fn crossed(code: ErrorCode) -> Vec<TicketRequest> {
        let mut chased = tgs(3, NEXT, SERVICE);
        chased.request.tgt = referral(1).ticket().cloned();
        vec![referral(1), refused(chased, code)]
    }

    #[test]
    fn a_general_error_is_of_the_referral_only_where_its_words_allow_that() {
        let headline = |words: Option<&str>| {
            let mut request = refused(tgs(3, NEXT, SERVICE), ErrorCode::GENERIC);
            request.request.tgt = referral(1).ticket().cloned();
            if let Some(answer) = &mut request.answer
                && let KdcVerdict::Refused(error) = &mut answer.verdict
            {
                error.e_text = words.map(Into::into);
            }
            let mut seen = attempt(20);
            seen.tickets = vec![referral(1), request];
            let found = attempt_findings(&seen, &Selection::default());
            let led = found.into_iter().find(|finding| finding.headline);
            led.map(|finding| finding.rule.id)
        };
        assert_eq!(headline(Some("PROCESS_TGS")), Some("trust-key-mismatch"));
        assert_eq!(headline(None), Some("trust-key-mismatch"));
        assert_eq!(headline(Some("NO HW PREAUTH")), Some("kdc-generic"));
    }

    #[test]
    fn a_general_error_is_as_sure_as_the_reason_that_comes_with_it() {
        let sure = |change: fn(&mut KrbError)| {
            let mut request = refused(tgs(1, HOME, SERVICE), ErrorCode::GENERIC);
            if let Some(answer) = &mut request.answer
                && let KdcVerdict::Refused(error) = &mut answer.verdict
            {
                change(error);
            }
            let mut seen = attempt(20);
            seen.tickets = vec![request];
            let found = check(&seen).expect("a finding");
            let open = found
                .rivals
                .iter()
                .any(|it| it.rule == "kdc-svc-unavailable");
            (found.confidence, open)
        };
        let told = |error: &mut KrbError| error.ntstatus = Some(NtStatus::ACCESS_DENIED);
        let named = |error: &mut KrbError| error.e_text = Some("NO HW PREAUTH".into());
        let stopped = |error: &mut KrbError| error.e_text = Some("UNKNOWN_REASON".into());
        assert_eq!(sure(told), (Confidence::Proven, false));
        assert_eq!(sure(named), (Confidence::Likely, false));
        assert_eq!(sure(stopped), (Confidence::Possible, true));
        assert_eq!(sure(|_| ()), (Confidence::Possible, true));
    }

    #[test]
    fn every_code_is_told_and_the_general_rule_never_speaks_beside_another() {
        let known = ErrorCode::TABLE.iter().map(|(number, ..)| *number);
        let mut wrong = Vec::new();
        for code in known.chain([4_711, -1]).map(ErrorCode) {
            let asked = [
                ("home", home(code)),
                ("first", first(code)),
                ("crossed", crossed(code)),
            ];
            for (place, refusal) in asked {
                let blamed = blamed(refusal);
                let is_fallback = blamed.contains(&"kdc-generic");
                let is_step = DIALOGUE.contains(&code);
                let is_beside = is_fallback && blamed.len() > 1;
                if is_beside || (is_step && is_fallback) || (!is_step && blamed.is_empty()) {
                    wrong.push(format!("{place} {code}: {blamed:?}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_code_without_a_rule_counts_as_the_last_word_alone() {
        let odd = ErrorCode::NULL_KEY;
        assert_eq!(blamed(home(odd)), ["kdc-generic"]);
        let mut healed = home(odd);
        healed.push(refused(
            tgs(3, HOME, SERVICE),
            ErrorCode::S_PRINCIPAL_UNKNOWN,
        ));
        assert!(
            !blamed(healed).contains(&"kdc-generic"),
            "another word follows"
        );
    }
}
