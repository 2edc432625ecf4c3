//! Rule `one-ticket-two-answers`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::rules::token;

declare_rule! {
    /// ## What it means
    ///
    /// The server refuses a ticket that it accepted before. A ticket does not change: the server's key, or what it lets in, was
    /// changed in between, or several machines answer at its address.
    ///
    /// ## How it shows
    ///
    /// The same bytes of a ticket are accepted at an address and refused at the same one later, and not because of the time.
    ///
    /// ## What else it could be
    ///
    /// Nothing: whether the server was changed or is several is what is left to find out.
    ///
    /// ## What to do
    ///
    /// See whether a load balancer stands at the address. Try each machine behind it by itself.
    pub(in crate::rules) static ONE_TICKET_TWO_ANSWERS = {
        id: "one-ticket-two-answers",
        summary: "the server refuses a ticket that it accepted before",
        severity: Note,
        stage: Ap,
        owner: Mp,
        sources: ["https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-authentication-authorization/troubleshoot-kerberos-failures-ie"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt.refused_ticket()?;
    let taken = attempt.around.taken?;
    let answer = refused.answer.as_ref();
    let answer = answer.filter(|_| !token::is_of_time(refused))?;
    let server = taken.server;
    Some(Finding {
        title: format!(
            "The server refuses a ticket that it accepted in frame {}",
            taken.frame
        ),
        explanation: format!(
            "The ticket that {server} refuses in frame {} is byte for byte the one that it accepted in frame {}. A ticket does not change. So the server was changed in between, its key for instance, or several machines answer at {server}, as behind a load balancer, and they do not have the same key.",
            answer.span.first(),
            taken.frame
        ),
        evidence: vec![
            Evidence::new(taken.frame, "the ticket is accepted"),
            Evidence::new(answer.span.first(), "the same ticket is refused"),
        ],
        rivals: vec![Rival::new(
            "nlb-name-computer-spn",
            "if several machines stand behind the address, one account is to hold the name, and all of them are to use its key",
        )],
        fix: vec![Fix::new(
            "See whether a load balancer stands at that address, and try each machine behind it by itself",
            None,
        )],
        ..ONE_TICKET_TWO_ANSWERS.finding(Confidence::Proven)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::http_exchange::HttpExchange;
    use crate::model::taken::Taken;
    use crate::rules::testing::{NEXT, SERVICE, answers, attempt, error, shows_ticket, web};
    use crate::rules::{Selection, attempt_findings};
    use crate::wire::kerberos::error_code::ErrorCode;
    use crate::wire::kerberos::message::{CipherDigest, KerberosMessage};

    fn shown(frame: u64, status: u16, ticket: u8, code: Option<ErrorCode>) -> HttpExchange {
        let shown = shows_ticket(web(frame, status), NEXT, SERVICE);
        let mut shown = answers(shown, code.map(error), None);
        let token = shown.request.head.auth.as_mut();
        if let Some(KerberosMessage::ApReq(request)) =
            token.and_then(|token| token.kerberos.as_mut())
            && let Some(sent) = &mut request.ticket
        {
            sent.cipher_digest = Some(CipherDigest::of(&[ticket]));
        }
        shown
    }

    #[test]
    fn a_ticket_that_is_accepted_again_was_refused_by_another_machine() {
        let [mut first, mut second, mut third] = [attempt(60), attempt(60), attempt(60)];
        first.http = vec![shown(3, 200, 1, None)];
        second.http = vec![shown(9, 401, 1, Some(ErrorCode::BADKEYVER))];
        third.http = vec![shown(15, 200, 1, None)];
        let mut taken = Taken::default();
        taken.add(&first);
        let verdict = |second: &mut Attempt, taken: &Taken| {
            second.around.taken = taken.before(second);
            let found = attempt_findings(second, &Selection::default());
            let led = found.into_iter().find(|it| it.headline);
            led.map(|it| it.rule.id)
        };
        let changed = verdict(&mut second, &taken);
        assert_eq!(changed, Some("ap-modified-stale-password"));
        taken.add(&third);
        assert_eq!(verdict(&mut second, &taken), Some("nlb-name-computer-spn"));
        let mut replayed = attempt(60);
        replayed.http = vec![shown(9, 401, 1, Some(ErrorCode::REPEAT))];
        assert_ne!(
            verdict(&mut replayed, &taken),
            Some("nlb-name-computer-spn")
        );
    }

    #[test]
    fn two_machines_that_are_seen_behind_one_address_are_proven() {
        let behind = |shown: HttpExchange, host: u8| {
            let mut passed = shown.clone();
            passed.server.addr = [10, 0, 1, host].into();
            HttpExchange {
                passed_on: Some(Box::new(passed)),
                ..shown
            }
        };
        let verdict = |refuser: u8| {
            let (mut first, mut second) = (attempt(60), attempt(60));
            first.http = vec![behind(shown(3, 200, 1, None), 1)];
            let refused = shown(9, 401, 1, Some(ErrorCode::BADKEYVER));
            second.http = vec![behind(refused, refuser)];
            let mut taken = Taken::default();
            taken.add(&first);
            second.around.taken = taken.before(&second);
            let found = attempt_findings(&second, &Selection::default());
            let led = found.into_iter().find(|it| it.headline);
            led.map(|it| (it.rule.id, it.confidence))
        };
        let two = ("nlb-name-computer-spn", Confidence::Proven);
        assert_eq!(verdict(2), Some(two));
        let one = ("ap-modified-stale-password", Confidence::Likely);
        assert_eq!(verdict(1), Some(one));
    }

    fn found(before: HttpExchange, after: HttpExchange) -> Option<String> {
        let (mut first, mut second) = (attempt(60), attempt(60));
        first.http = vec![before];
        second.http = vec![after];
        let mut taken = Taken::default();
        taken.add(&first);
        second.around.taken = taken.before(&second);
        check(&second).map(|finding| finding.title)
    }

    #[test]
    fn the_same_ticket_is_told_from_another_and_from_one_that_is_out_of_time() {
        let accepted = || shown(3, 200, 1, None);
        let refused = |ticket, code| shown(9, 401, ticket, Some(code));
        let title = found(accepted(), refused(1, ErrorCode::MODIFIED)).expect("a finding");
        assert!(title.contains("frame 4"), "{title}");
        assert_eq!(found(accepted(), refused(2, ErrorCode::MODIFIED)), None);
        assert_eq!(found(accepted(), refused(1, ErrorCode::TKT_EXPIRED)), None);
        assert_eq!(
            found(refused(1, ErrorCode::MODIFIED), accepted()),
            None,
            "mended"
        );
    }
}
