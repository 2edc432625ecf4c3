//! Rule `normal-rodc-retry`.

use crate::finding::{Evidence, Finding};
use crate::model::attempt::Attempt;
use crate::rules::rule::declare_rule;
use crate::wire::kerberos::error_code::NtStatus;

declare_rule! {
    /// ## What it means
    ///
    /// A read-only domain controller does not hold the secret and sends the client to a full one, which answers.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 7 or 6 with status 0xC0000371, and a ticket from another domain controller.
    ///
    /// ## What else it could be
    ///
    /// Where no full one answers, it is a fault.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static NORMAL_RODC_RETRY = {
        id: "normal-rodc-retry",
        summary: "a branch controller sends the client on",
        severity: Expected,
        stage: Tgs,
        owner: Client,
        sources: ["MS-KILE section 3.2.5.7"],
        since: "0.1.0",
        supersedes: [],
        check: Attempt(check),
    }
}

fn check(attempt: &Attempt) -> Option<Finding> {
    let evidence = attempt
        .tickets
        .iter()
        .filter(|request| {
            let sent_on = request
                .error()
                .is_some_and(|error| error.ntstatus == Some(NtStatus::NO_SECRETS));
            sent_on && attempt.is_healed(request)
        })
        .filter_map(|request| Some(Evidence::new(request.answered_in()?, "sends the client on")));
    NORMAL_RODC_RETRY.expected(
        "The branch's domain controller sends the client on to a full one",
        "This is how domain controllers of branches work.",
        evidence.collect(),
    )
}
