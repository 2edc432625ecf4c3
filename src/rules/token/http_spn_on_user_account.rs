//! Rule `http-spn-on-user-account`.

use crate::finding::{Confidence, Evidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::model::http_exchange::HttpExchange;
use crate::model::siblings::{Keys, SeenTicket};
use crate::rules::keytabs::Account;
use crate::rules::outputs::{self, Holders};
use crate::rules::rule::declare_rule;
use crate::rules::{command, token};
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::message::{KrbError, Ticket};
use crate::wire::kerberos::name::PrincipalName;

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
    /// `setspn` beside the capture confirms it, or casts doubt on it; a keytab with the key that opens the ticket proves whose it is.
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
    let account = ticket.and_then(|ticket| Account::of(attempt, ticket));
    if account.is_some_and(|account| account.is_servers_own(attempt)) {
        return None;
    }
    let holders = ticket.map(|ticket| Holders::of_exactly(attempt, &ticket.sname));
    let mut evidence = token::evidence(attempt, refused, answer, said.in_answer());
    evidence.extend(said.of_sibling());
    let lines = holders
        .iter()
        .flat_map(|it| it.evidence(refused.asked.first()));
    evidence.extend(lines);
    evidence.extend(account.map(|it| it.evidence(refused.asked.first())));
    let listed = holders.zip(ticket).map(|(holders, ticket)| {
        let realm = ticket.realm.as_str();
        Listed::of(attempt, &holders, realm)
    });
    let listed = listed.unwrap_or(Listed::Nothing);
    let confidence = match (account, &listed) {
        (Some(_), _) => Confidence::Proven,
        (None, Listed::OnServer(_)) => Confidence::Possible,
        (None, _) => Confidence::Likely,
    };
    let reason = account.map_or_else(
        || "The usual reason is that the service name is registered on another account than the one whose key the server uses, a user's for instance.".to_owned(),
        |account| format!("The key of {} opens it: so it is the account that holds the service name, and the server does not use that key.", account.key),
    );
    Some(Finding {
        title: said.title(&service, account),
        explanation: format!(
            "The KDC issued a ticket for {service}, the client showed it, and {} {reason}{}",
            said.text(ticket),
            listed.text()
        ),
        evidence,
        rivals: rivals(account),
        fix: vec![
            Fix::new(
                "See which account holds the name",
                command::with(&service, |service| format!("setspn -Q {service}")),
            ),
            Fix::new(
                match account {
                    Some(_) => {
                        "If the web service is not to run under that account, remove it there"
                    }
                    None => {
                        "If it is another account than the web service's, remove it there (put in its name)"
                    }
                },
                removal(&service, account),
            ),
            Fix::new(
                "Let the computer forget its tickets, and try again",
                Some("klist -li 0x3e7 purge".to_owned()),
            ),
        ],
        ..HTTP_SPN_ON_USER_ACCOUNT.finding(confidence)
    })
}

fn removal(service: &str, account: Option<Account<'_>>) -> Option<String> {
    let name = account.map_or_else(|| r"DOMAIN\account".to_owned(), Account::name);
    let is_safe = account.is_none() || command::argument(&name).is_some();
    let command = |service: &str| format!("setspn -D {service} {name}");
    command::with(service, command).filter(|_| is_safe)
}

/// What else leaves the same frames. Once the account is known, its key was not refused for its type alone.
fn rivals(account: Option<Account<'_>>) -> Vec<Rival> {
    let wrong_host = Rival::new(
        "dns-wrong-host",
        "the name may lead to another machine: compare the address with the server's own",
    );
    if let Some(account) = account {
        let why = format!(
            "if the web service is meant to run as {}, the password that it was given there may be an old one",
            account.name()
        );
        return vec![Rival::new("ap-modified-stale-password", why), wrong_host];
    }
    vec![
        Rival::new(
            "ap-modified-stale-password",
            "the server's password may differ from the directory's: then tickets for its file service are refused too",
        ),
        wrong_host,
        Rival::new(
            "ap-modified-etype-policy",
            "a policy of the server may forbid the ticket's encryption type",
        ),
    ]
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

    fn title(&self, service: &str, account: Option<Account<'_>>) -> String {
        let whose = |other: &str| {
            account.map_or_else(
                || other.to_owned(),
                |account| format!("the key of {}@{}", account.name(), account.key.realm),
            )
        };
        match self {
            Self::Error(_) => format!(
                "The server cannot open the ticket for {service}: it is under {}",
                whose("another key than the server's")
            ),
            Self::Sibling(_) => format!(
                "The server refuses the ticket for {service}, which is under {}",
                whose("another key than the computer's")
            ),
        }
    }

    fn text(&self, ticket: Option<&Ticket>) -> String {
        match self {
            Self::Error(error) => {
                // An error that repeats the name in the ticket, as acceptors send it that are not of Windows, tells nothing of who tried.
                let asked = ticket.map(|ticket| &ticket.sname);
                let is_echo = |name: &PrincipalName| {
                    name.parts.len() > 1 && asked.is_some_and(|asked| name.same_principal(asked))
                };
                let sname = error.sname.as_ref().filter(|name| !is_echo(name));
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
    /// An account of another domain than the ticket's.
    OtherDomain(String),
}

impl Listed {
    fn of(attempt: &Attempt, holders: &Holders<'_>, realm: &str) -> Self {
        match holders.only() {
            Some(held) if outputs::is_of_other_realm(held, realm) => {
                Self::OtherDomain(held.account.to_string())
            }
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
            Self::OtherDomain(account) => format!(
                " setspn finds it on {account}, which is in another domain than the KDC that issued the ticket: the ticket is not under its key."
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
        NEXT, SERVICE, answers, attempt, error, holds, opened_by, principal, shows_ticket, web,
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
    fn a_name_that_is_only_repeated_does_not_say_who_tried() {
        let told = |name: &str| {
            let mut seen = attempt(60);
            let shown = shows_ticket(web(5, 401), NEXT, SERVICE);
            let said = KrbError {
                sname: Some(principal(name)),
                ..error(ErrorCode::MODIFIED)
            };
            seen.http.push(answers(shown, Some(said), None));
            seen.outcome = Outcome::Rejected;
            let found = check(&seen).expect("a finding");
            found.explanation.contains("It tried as")
        };
        assert!(told("MP$"));
        assert!(!told(SERVICE));
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
            // Neither the server's account nor one whose key the ticket may be under.
            (
                &["CN=MP,OU=Servers,DC=other,DC=lab"],
                "in another domain",
                Confidence::Likely,
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

    #[test]
    fn the_key_that_opens_the_ticket_proves_the_account_unless_it_bears_the_name_of_the_service() {
        let found = |account: &str| {
            let mut attempt = attempt(60);
            let shown = shows_ticket(web(5, 401), NEXT, SERVICE);
            let said = error(ErrorCode::BAD_INTEGRITY);
            attempt.http.push(answers(shown, Some(said), None));
            attempt.outcome = Outcome::Rejected;
            opened_by(&mut attempt, account);
            check(&attempt)
        };
        let other = found("svc-web").expect("a finding");
        assert_eq!(other.confidence, Confidence::Proven);
        let told = "it is under the key of svc-web@ROOT.LAB";
        assert!(other.title.ends_with(told), "{}", other.title);
        let commands: Vec<_> = other
            .fix
            .iter()
            .filter_map(|it| it.command.as_deref())
            .collect();
        assert!(
            commands.contains(&"setspn -D HTTP/mp.root.lab svc-web"),
            "{commands:?}"
        );
        let service = found(SERVICE).expect("a finding");
        assert_eq!(service.confidence, Confidence::Likely);
        assert!(found("MP$").is_none());
        let hostile = found("a b").expect("a finding");
        assert!(
            hostile.fix.iter().any(|it| it.command.is_none()),
            "{hostile:?}"
        );
    }
}
