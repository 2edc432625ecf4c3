//! Rule `normal-optional-spn`.

use crate::finding::{Evidence, Finding};
use crate::model::capture_facts::CaptureFacts;
use crate::model::other_kerberos::OtherRefusal;
use crate::model::ticket_request::TicketKind;
use crate::rules::rule::{declare_rule, each_once};
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::name::PrincipalName;

declare_rule! {
    /// ## What it means
    ///
    /// Other programs look whether a file server, a directory or a printer can be reached with Kerberos, and go on without
    /// where it cannot.
    ///
    /// ## How it shows
    ///
    /// KRB-ERROR 7 to a request for a service that is no web server's, or for a realm by its flat name, outside of any sign-on.
    ///
    /// ## What else it could be
    ///
    /// For `HTTP/` and the server's own name it is the cause.
    ///
    /// ## What to do
    ///
    /// Nothing.
    pub(in crate::rules) static NORMAL_OPTIONAL_SPN = {
        id: "normal-optional-spn",
        summary: "other programs ask for services that have no name",
        severity: Expected,
        stage: Tgs,
        owner: Client,
        sources: ["https://techcommunity.microsoft.com/t5/ask-the-directory-services-team/kerberos-errors-in-network-captures/ba-p/400066"],
        since: "0.1.0",
        supersedes: [],
        check: Capture(check),
    }
}

/// Service classes that programs try.
const TRIED: [&str; 11] = [
    "cifs",
    "dns",
    "exchangemdb",
    "gc",
    "host",
    "ldap",
    "mssqlsvc",
    "rpcss",
    "termsrv",
    "wsman",
    "exchangerfr",
];

fn check(facts: &CaptureFacts) -> Option<Finding> {
    let evidence = facts.refusals.iter().filter(|it| is_tried(it));
    let evidence = evidence.filter_map(|refusal| {
        let service = refusal.service.as_ref()?;
        Some(Evidence::new(
            refusal.frame,
            format!("{service}: {}", refusal.code),
        ))
    });
    NORMAL_OPTIONAL_SPN.expected(
        "Other programs ask for services that have no name in the directory",
        "Programs try file servers, directories and the like with Kerberos and go on without it. None of these is the server's web service.",
        each_once(evidence),
    )
}

fn is_tried(refusal: &OtherRefusal) -> bool {
    let is_probe = |service: &PrincipalName| {
        let class = service.service_class().unwrap_or_default();
        let is_flat = |realm: &str| !realm.contains('.');
        TRIED.iter().any(|it| it.eq_ignore_ascii_case(class))
            || service.krbtgt_realm().is_some_and(is_flat)
    };
    refusal.kind == TicketKind::Tgs
        && refusal.code == ErrorCode::S_PRINCIPAL_UNKNOWN
        && refusal.service.as_ref().is_some_and(is_probe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::FrameNumber;
    use crate::wire::kerberos::name::NameType;

    fn refused(class: &str, instance: &str, code: ErrorCode) -> CaptureFacts {
        CaptureFacts {
            refusals: vec![OtherRefusal {
                frame: FrameNumber(7),
                kind: TicketKind::Tgs,
                service: Some(PrincipalName {
                    kind: NameType(2),
                    parts: vec![class.into(), instance.into()],
                }),
                account: None,
                code,
            }],
            ..CaptureFacts::default()
        }
    }

    #[test]
    fn a_file_server_and_a_flat_realm_are_only_tried() {
        for (class, instance) in [("cifs", "files.example.com"), ("krbtgt", "CORP")] {
            let facts = refused(class, instance, ErrorCode::S_PRINCIPAL_UNKNOWN);
            let finding = check(&facts).unwrap();
            assert_eq!(finding.evidence[0].frame, FrameNumber(7));
        }
    }

    #[test]
    fn a_web_server_and_a_realm_are_not() {
        let unknown = ErrorCode::S_PRINCIPAL_UNKNOWN;
        assert!(check(&refused("HTTP", "mp.example.com", unknown)).is_none());
        assert!(check(&refused("krbtgt", "CORP.EXAMPLE.COM", unknown)).is_none());
        assert!(check(&refused("cifs", "files", ErrorCode::SKEW)).is_none());
    }
}
