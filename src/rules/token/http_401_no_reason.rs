//! Rule `http-401-no-reason`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::rules::{command, token};
use crate::wire::kerberos::etype::EncryptionType;

declare_rule! {
    /// ## What it means
    ///
    /// The server refuses a request that shows a ticket, and its answer says nothing more. The reason is in the server's
    /// logs alone.
    ///
    /// ## How it shows
    ///
    /// A 401 to a request with a ticket, with bare schemes or a token that holds no error.
    ///
    /// ## What else it could be
    ///
    /// The ticket may be under another account's key; the clocks may differ; a right to log on may be missing; the check of
    /// the ticket's authorization data may fail. The capture shows the same for all.
    ///
    /// ## What to do
    ///
    /// Read `sc-status`, `sc-substatus` and `sc-win32-status` of that request in the IIS log, and the server's security
    /// log.
    pub(in crate::rules) static HTTP_401_NO_REASON = {
        id: "http-401-no-reason",
        summary: "the server refuses the ticket and gives no reason",
        severity: Error,
        stage: Ap,
        owner: Mp,
        sources: ["https://learn.microsoft.com/en-us/archive/technet-wiki/469.how-it-works-automatic-client-approval-in-configuration-manager-2007"],
        since: "0.1.0",
        supersedes: ["ntlm-rejected", "ntlm-accepted"],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt
        .refused_ticket()
        .filter(|refused| refused.gives_no_reason())?;
    let answer = refused.answer.as_ref()?;
    let ticket = refused.ap_req()?.ticket.as_ref();
    let service = ticket.map_or_else(
        || "the service".to_owned(),
        |ticket| ticket.sname.to_string(),
    );
    let weak = ticket
        .filter(|ticket| ticket.etype == EncryptionType::RC4)
        .map(|_| {
            Rival::new(
                "ap-modified-etype-policy",
                "the ticket is rc4-hmac: the server may have no such key, or not be allowed to use it",
            )
        });
    let rivals = [
        Rival::new(
            "http-spn-on-user-account",
            "the ticket may be under another account's key: IIS logs 401.1 with 2148074252 or 2148074254",
        ),
        Rival::new(
            "ap-skew",
            "the server's clock may be off: compare its Date with the KDC's time",
        ),
        Rival::new(
            "ap-modified-stale-password",
            "the server's password may differ from the directory's",
        ),
        Rival::new(
            "ap-pac-validation",
            "the ticket may open and a right to log on be missing: event 4625 on the server tells",
        ),
        Rival::new(
            "ap-no-key",
            "a server that is not Windows may have no key for this name: look into its key table",
        ),
    ];
    Some(Finding {
        title: format!("The server refuses the ticket for {service} and does not say why"),
        explanation: "The client showed a ticket, and the server answered 401 without a reason. Which of the possible causes it is, the capture cannot tell; the server's logs can.".to_owned(),
        evidence: token::evidence(attempt, refused, answer, "401 without a reason".to_owned()),
        rivals: rivals.into_iter().chain(weak).collect(),
        fix: vec![
            Fix::new("See which account holds the name", command::with(&service, |service| format!("setspn -Q {service}"))),
            Fix::new("Read the IIS log of that request: status, substatus and Win32 status", None),
        ],
        ..HTTP_401_NO_REASON.finding(Confidence::Proven)
    })
}
