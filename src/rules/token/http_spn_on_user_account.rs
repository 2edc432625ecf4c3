//! Rule `http-spn-on-user-account`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::model::siblings::{Keys, SeenTicket};
use crate::rules::outputs::{self, Holders};
use crate::rules::rule::declare_rule;
use crate::rules::{command, token};
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::message::{KrbError, Ticket};

declare_rule! {
    /// ## What it means
    ///
    /// The KDC issued a ticket for the service, and the server cannot open it: it was made with the key of another account
    /// than the one under which the web service runs. The usual reason is that the service name is registered on a user
    /// account, for another service on the same machine.
    ///
    /// ## How it shows
    ///
    /// The request shows the ticket, and the 401 carries KRB-ERROR 41 or 31: the ticket does not decrypt. Or the 401 has no reason,
    /// no clock is off, and a ticket for another service of the same machine is under a key of quite another version. The output of
    /// `setspn` beside the capture confirms it, or casts doubt on it.
    ///
    /// ## What else it could be
    ///
    /// The server's own password may differ from the directory's; the name may lead to another machine; the server may be
    /// forbidden to use the ticket's encryption type. All leave the same error. A name that is shared by several servers
    /// belongs on a user account on purpose.
    ///
    /// ## What to do
    ///
    /// Ask the directory who holds the name. If it is not the account of the web service, move it there, give the other
    /// service a name of its own, and let the client forget its tickets.
    pub(in crate::rules) static HTTP_SPN_ON_USER_ACCOUNT = {
        id: "http-spn-on-user-account",
        summary: "the ticket is under another key than the server's",
        severity: Error,
        stage: Ap,
        owner: Directory,
        sources: ["https://learn.microsoft.com/en-us/archive/technet-wiki/469.how-it-works-automatic-client-approval-in-configuration-manager-2007", "https://techcommunity.microsoft.com/t5/ask-the-directory-services-team/kerberos-authentication-problems-8211-service-principal-name-spn/ba-p/395455", "https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-authentication-authorization/troubleshoot-kerberos-failures-ie"],
        since: "0.1.0",
        supersedes: ["http-401-no-reason", "http-401-krb-error", "ntlm-rejected", "ntlm-accepted"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt.refused_ticket()?;
    let answer = refused.answer.as_ref()?;
    let ticket = refused.ap_req()?.ticket.as_ref();
    let said = Said::of(attempt, refused, ticket)?;
    let service = ticket.map_or_else(
        || "the service".to_owned(),
        |ticket| ticket.sname.to_string(),
    );
    let rivals = [
        Rival::new(
            "ap-modified-stale-password",
            "the server's password may differ from the directory's: then tickets for its file service are refused too",
        ),
        Rival::new(
            "dns-wrong-host",
            "the name may lead to another machine: compare the address with the server's own",
        ),
        Rival::new(
            "ap-modified-etype-policy",
            "a policy of the server may forbid the ticket's encryption type",
        ),
    ];
    let holders = ticket.map(|ticket| Holders::of_exactly(attempt, &ticket.sname));
    let mut evidence = token::evidence(attempt, refused, answer, said.in_answer());
    evidence.extend(said.of_sibling());
    let lines = holders
        .iter()
        .flat_map(|it| it.evidence(refused.asked.first()));
    evidence.extend(lines);
    let listed = holders.map_or(Listed::Nothing, |holders| Listed::of(attempt, &holders));
    let confidence = match listed {
        Listed::OnServer(_) => Confidence::Possible,
        _ => Confidence::Likely,
    };
    Some(Finding {
        title: said.title(&service),
        explanation: format!(
            "The KDC issued a ticket for {service}, the client showed it, and {} The usual reason is that the service name is registered on another account than the one whose key the server uses, a user's for instance.{}",
            said.text(),
            listed.text()
        ),
        evidence,
        rivals: rivals.into(),
        fix: vec![
            Fix::new(
                "See which account holds the name",
                command::with(&service, |service| format!("setspn -Q {service}")),
            ),
            Fix::new(
                "If it is another account than the web service's, remove it there (put in its name)",
                command::with(&service, |service| {
                    format!("setspn -D {service} DOMAIN\\account")
                }),
            ),
            Fix::new(
                "Let the computer forget its tickets, and try again",
                Some("klist -li 0x3e7 purge".to_owned()),
            ),
        ],
        ..HTTP_SPN_ON_USER_ACCOUNT.finding(confidence)
    })
}

/// What says that the key is another one.
enum Said<'a> {
    /// The server, in an error.
    Error(&'a KrbError),
    /// The ticket for another service of the machine, where the server gives no reason.
    Sibling(&'a SeenTicket),
}

impl<'a> Said<'a> {
    fn of(
        attempt: &'a Attempt,
        refused: &'a HttpExchange,
        ticket: Option<&Ticket>,
    ) -> Option<Self> {
        if let Some(error) = refused.krb_error() {
            let is_of_key = matches!(error.code, ErrorCode::MODIFIED | ErrorCode::BAD_INTEGRITY);
            return is_of_key.then_some(Self::Error(error));
        }
        let clocks = attempt.clock_beside_kdc(refused.server.addr);
        let is_of_time = clocks.is_some_and(|(own, kdc)| own.is_apart_from(&kdc));
        if !refused.gives_no_reason() || is_of_time {
            return None;
        }
        let (sibling, keys) = attempt.sibling_of(ticket?)?;
        (keys == Keys::Differ).then_some(Self::Sibling(sibling))
    }

    fn in_answer(&self) -> String {
        match self {
            Self::Error(error) => error.code.to_string(),
            Self::Sibling(_) => "401 without a reason".to_owned(),
        }
    }

    fn of_sibling(&self) -> Option<Evidence> {
        let Self::Sibling(seen) = self else {
            return None;
        };
        let text = format!(
            "the ticket for {}, of the same machine, is under key version {}",
            seen.service, seen.kvno
        );
        Some(Evidence::new(seen.frame, text))
    }

    fn title(&self, service: &str) -> String {
        match self {
            Self::Error(_) => format!(
                "The server cannot open the ticket for {service}: it is under another key than the server's"
            ),
            Self::Sibling(_) => format!(
                "The server refuses the ticket for {service}, which is under another key than the computer's"
            ),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Error(error) => {
                let sname = error.sname.as_ref();
                let tried = sname.map(|sname| format!(" It tried as {sname}."));
                format!(
                    "the server answered that it does not decrypt.{}",
                    tried.unwrap_or_default()
                )
            }
            Self::Sibling(seen) => format!(
                "the server refused it without a reason. A ticket for {}, which the computer opens, has a key of quite another version.",
                seen.service
            ),
        }
    }
}

/// What the directory's own list has of the name.
enum Listed {
    Nothing,
    Several,
    /// An account that bears the server's name.
    OnServer(String),
    /// Another account.
    Elsewhere(String),
}

impl Listed {
    fn of(attempt: &Attempt, holders: &Holders<'_>) -> Self {
        match holders.only() {
            Some(held) if outputs::is_servers_own(attempt, held) => {
                Self::OnServer(held.account.to_string())
            }
            Some(held) => Self::Elsewhere(held.account.to_string()),
            None if holders.are_several() => Self::Several,
            None => Self::Nothing,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Several => {
                " setspn finds it on several accounts: the ticket may be under the key of any of them.".to_owned()
            }
            Self::OnServer(account) => format!(
                " But setspn finds it on {account}, which bears the server's name: then the key differs for another reason, another account holds the name too, or the web service runs under another account."
            ),
            Self::Elsewhere(account) => {
                format!(" setspn finds it on {account}, which does not bear the server's name.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::FrameNumber;
    use crate::outcome::Outcome;
    use crate::rules::testing::{
        NEXT, SERVICE, answers, attempt, error, holds, principal, shows_ticket, web,
    };
    use crate::wire::kerberos::etype::EncryptionType;
    use crate::wire::kerberos::message::KerberosMessage;

    fn found(accounts: &[&str]) -> Finding {
        let mut attempt = attempt(60);
        let shown = shows_ticket(web(5, 401), NEXT, SERVICE);
        let said = error(ErrorCode::MODIFIED);
        attempt.http.push(answers(shown, Some(said), None));
        attempt.outcome = Outcome::Rejected;
        attempt.outputs = accounts.iter().map(|it| holds(it, SERVICE)).collect();
        check(&attempt).expect("a finding")
    }

    /// A bare 401 to a ticket under key version 2, and a ticket for the file service of the machine under `version`.
    fn bare(version: u32) -> Option<Finding> {
        let mut attempt = attempt(60);
        let mut shown = shows_ticket(web(5, 401), NEXT, SERVICE);
        let token = shown.request.head.auth.as_mut().expect("a token");
        if let Some(KerberosMessage::ApReq(shown)) = &mut token.kerberos {
            shown.ticket.as_mut().expect("a ticket").kvno = Some(2);
        }
        attempt.http.push(answers(shown, None, None));
        attempt.outcome = Outcome::Rejected;
        attempt.around.siblings = vec![SeenTicket {
            service: principal("cifs/mp.root.lab"),
            realm: NEXT.into(),
            etype: EncryptionType::default(),
            kvno: version,
            frame: FrameNumber(4),
        }];
        check(&attempt)
    }

    #[test]
    fn a_bare_refusal_is_of_the_key_only_where_that_of_the_computer_is_seen_to_differ() {
        let found = bare(31).expect("a finding");
        assert_eq!(found.confidence, Confidence::Likely);
        assert!(found.evidence.iter().any(|it| it.frame == FrameNumber(4)));
        assert!(
            found.title.starts_with("The server refuses"),
            "{}",
            found.title
        );
        assert!(bare(2).is_none() && bare(3).is_none());
    }

    #[test]
    fn who_holds_the_name_confirms_it_or_casts_doubt() {
        let cases = [
            (&[][..], "for instance.", Confidence::Likely),
            (
                &["CN=svc-reports,DC=root,DC=lab"],
                "does not bear",
                Confidence::Likely,
            ),
            (
                &["CN=MP,OU=Servers,DC=root,DC=lab"],
                "But setspn finds",
                Confidence::Possible,
            ),
            (
                &["CN=MP,DC=root,DC=lab", "CN=svc,DC=root,DC=lab"],
                "several accounts",
                Confidence::Likely,
            ),
        ];
        let mut with_host = attempt(60);
        with_host.outputs = vec![holds("CN=MP,DC=root,DC=lab", "HOST/mp.root.lab")];
        let service = principal(SERVICE);
        assert!(Holders::of_exactly(&with_host, &service).only().is_none());
        assert!(Holders::of(&with_host, &service).only().is_some());
        for (accounts, words, confidence) in cases {
            let found = found(accounts);
            assert!(found.explanation.contains(words), "{}", found.explanation);
            assert_eq!(found.confidence, confidence);
        }
    }
}
