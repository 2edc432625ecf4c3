//! Rule `ap-modified-kernel-mode`.

use crate::finding::{Confidence, Finding, Fix, Rival};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::rules::token;
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::message::KrbError;

declare_rule! {
    /// ## What it means
    ///
    /// Since version 7 IIS opens tickets in the kernel with the computer's key, also where the site runs as an account
    /// of its own and that account holds the name.
    ///
    /// ## How it shows
    ///
    /// A ticket that does not decrypt, at a server that calls itself IIS 7 or later and does not say that it tried as a
    /// user.
    ///
    /// ## What else it could be
    ///
    /// The name may be on a wrong account, or the computer's password may be out of step.
    ///
    /// ## What to do
    ///
    /// Let IIS use the account of the application pool, or put the name on the computer.
    pub(in crate::rules) static AP_MODIFIED_KERNEL_MODE = {
        id: "ap-modified-kernel-mode",
        summary: "a question: does IIS open tickets with the computer's key?",
        severity: Note,
        stage: Ap,
        owner: Mp,
        sources: ["https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-authentication-authorization/troubleshoot-kerberos-failures-ie"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

/// IIS opens tickets in the kernel since this version.
const FIRST_WITH_KERNEL_MODE: u32 = 7;

fn check(attempt: &Attempt) -> Option<Finding> {
    let refused = attempt.refused_ticket()?;
    let error = refused
        .krb_error()
        .filter(|error| error.code == ErrorCode::MODIFIED && !tried_as_user(error))?;
    let answer = refused.answer.as_ref()?;
    let version = answer
        .iis_version()
        .filter(|version| *version >= FIRST_WITH_KERNEL_MODE)?;
    Some(Finding {
        title: "A question: does the site run as an account of its own that holds the name?".to_owned(),
        explanation: "IIS of this version opens tickets with the computer's key unless it is told to use the pool's account. If the pool's account holds the service name, that is the reason; the capture does not show under which account the pool runs.".to_owned(),
        evidence: token::evidence(attempt, refused, answer, format!("{}, from a server that calls itself IIS {version}", error.code)),
        rivals: vec![Rival::new("http-spn-on-user-account", "if the pool runs as the computer, the name is on a wrong account")],
        fix: vec![
            Fix::new("See what the site is set to, on the server", Some("appcmd list config \"Default Web Site/CCM_System_WindowsAuth\" -section:windowsAuthentication".to_owned())),
            Fix::new("If the pool's account is to hold the name, let IIS use it, on the server", Some("appcmd set config \"Default Web Site/CCM_System_WindowsAuth\" -section:windowsAuthentication /useAppPoolCredentials:true /commit:apphost".to_owned())),
        ],
        ..AP_MODIFIED_KERNEL_MODE.finding(Confidence::Possible)
    })
}

/// Whether the server names, as the account that tried, one that is no computer: then it did use the pool's key.
fn tried_as_user(error: &KrbError) -> bool {
    error
        .sname
        .as_ref()
        .is_some_and(|sname| sname.parts.len() == 1 && !sname.is_computer())
}
