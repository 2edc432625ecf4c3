//! The rules: each a fact about an attempt or a capture that explains something to a reader.
//!
//! Never parses, prints or remembers anything, and no rule calls another.
//!
//! A finding of severity [`Severity::Expected`] names in its evidence the frames of messages that look like faults and are
//! none: the story marks these steps.

mod approval;
mod capture;
mod command;
mod first_ticket;
mod headline;
mod http;
mod kdc;
mod name;
mod ntlm;
mod referral;
pub mod rule;
#[cfg(test)]
mod testing;
mod ticket;
mod token;
mod words;

use crate::finding::{Finding, Severity};
use crate::model::attempt::Attempt;
use crate::model::capture_facts::CaptureFacts;
use crate::rules::rule::{Check, Rule};

/// All rules, by id.
pub static RULES: &[&Rule] = &[
    &token::ap_modified_stale_password::AP_MODIFIED_STALE_PASSWORD,
    &token::ap_no_key::AP_NO_KEY,
    &token::ap_skew::AP_SKEW,
    &approval::approval_ok::APPROVAL_OK,
    &first_ticket::as_client_revoked::AS_CLIENT_REVOKED,
    &first_ticket::as_client_unknown::AS_CLIENT_UNKNOWN,
    &first_ticket::as_preauth_failed::AS_PREAUTH_FAILED,
    &first_ticket::as_skew::AS_SKEW,
    &capture::cap_https::CAP_HTTPS,
    &capture::cap_no_attempt::CAP_NO_ATTEMPT,
    &capture::cap_snaplen::CAP_SNAPLEN,
    &name::dns_mp_nxdomain::DNS_MP_NXDOMAIN,
    &name::dns_no_answer::DNS_NO_ANSWER,
    &name::dns_servfail_refused::DNS_SERVFAIL_REFUSED,
    &name::dns_srv_missing::DNS_SRV_MISSING,
    &approval::duplicate_guid::DUPLICATE_GUID,
    &kdc::foreign_kdc_unreachable::FOREIGN_KDC_UNREACHABLE,
    &token::http_401_krb_error::HTTP_401_KRB_ERROR,
    &token::http_401_no_reason::HTTP_401_NO_REASON,
    &http::http_403::HTTP_403,
    &http::http_404::HTTP_404,
    &http::http_5xx::HTTP_5XX,
    &http::http_client_stays_silent::HTTP_CLIENT_STAYS_SILENT,
    &http::http_no_challenge::HTTP_NO_CHALLENGE,
    &http::http_no_negotiate_offered::HTTP_NO_NEGOTIATE_OFFERED,
    &token::http_spn_on_user_account::HTTP_SPN_ON_USER_ACCOUNT,
    &kdc::kdc_no_reply::KDC_NO_REPLY,
    &kdc::kdc_tcp_refused::KDC_TCP_REFUSED,
    &kdc::kdc_tcp_timeout::KDC_TCP_TIMEOUT,
    &kdc::kdc_too_big_no_tcp::KDC_TOO_BIG_NO_TCP,
    &kdc::mp_connect_failed::MP_CONNECT_FAILED,
    &token::normal_cached_ticket::NORMAL_CACHED_TICKET,
    &http::normal_first_401::NORMAL_FIRST_401,
    &first_ticket::normal_preauth_required::NORMAL_PREAUTH_REQUIRED,
    &first_ticket::normal_skew_heal::NORMAL_SKEW_HEAL,
    &kdc::normal_too_big::NORMAL_TOO_BIG,
    &ntlm::ntlm_accepted::NTLM_ACCEPTED,
    &ntlm::ntlm_after_tgs_error::NTLM_AFTER_TGS_ERROR,
    &ntlm::ntlm_no_tgs_attempt::NTLM_NO_TGS_ATTEMPT,
    &ntlm::ntlm_rejected::NTLM_REJECTED,
    &referral::ref_dead_end::REF_DEAD_END,
    &referral::ref_loop::REF_LOOP,
    &ticket::tgs_etype_nosupp::TGS_ETYPE_NOSUPP,
    &ticket::tgs_spn_unknown::TGS_SPN_UNKNOWN,
    &ticket::tgs_tkt_expired::TGS_TKT_EXPIRED,
    &ticket::trust_external::TRUST_EXTERNAL,
];

/// Which rules look.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only these, if there are any.
    pub only: Vec<String>,
    /// Not these.
    pub without: Vec<String>,
}

impl Selection {
    fn has(&self, rule: &Rule) -> bool {
        let named = |list: &[String]| list.iter().any(|id| id == rule.meta.id);
        (self.only.is_empty() || named(&self.only)) && !named(&self.without)
    }
}

/// The rule with this id.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.meta.id == id)
}

/// What the rules say of an attempt: the headline first, then the graver first.
pub fn attempt_findings(attempt: &Attempt, selection: &Selection) -> Vec<Finding> {
    let mut findings: Vec<Finding> = RULES
        .iter()
        .filter(|rule| selection.has(rule))
        .filter_map(|rule| match rule.check {
            Check::Attempt(check) => check(attempt),
            Check::Capture(_) => None,
        })
        .collect();
    headline::choose(attempt, &mut findings);
    sort(&mut findings);
    findings
}

/// What the rules say of the whole capture.
pub fn capture_findings(facts: &CaptureFacts, selection: &Selection) -> Vec<Finding> {
    let mut findings: Vec<Finding> = RULES
        .iter()
        .filter(|rule| selection.has(rule))
        .filter_map(|rule| match rule.check {
            Check::Capture(check) => check(facts),
            Check::Attempt(_) => None,
        })
        .collect();
    sort(&mut findings);
    findings
}

fn sort(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| {
        (
            !finding.headline,
            std::cmp::Reverse(finding.severity),
            finding.rule.stage,
            finding.rule.id,
        )
    });
}

/// The severity that a consequence of another finding keeps at most.
const CONSEQUENCE: Severity = Severity::Note;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_sorted_and_unique() {
        assert!(
            RULES
                .windows(2)
                .all(|pair| pair[0].meta.id < pair[1].meta.id)
        );
    }

    #[test]
    fn every_rule_has_its_four_headings_in_order() {
        let headings = [
            "## What it means",
            "## How it shows",
            "## What else it could be",
            "## What to do",
        ];
        for rule in RULES {
            let places: Vec<Option<usize>> = headings
                .iter()
                .map(|heading| rule.meta.explanation.find(heading))
                .collect();
            assert!(places.iter().all(Option::is_some), "{}", rule.meta.id);
            assert!(places.is_sorted(), "{}", rule.meta.id);
        }
    }

    #[test]
    fn what_a_rule_supersedes_is_another_rule() {
        for rule in RULES {
            for superseded in rule.supersedes {
                assert!(find(superseded).is_some(), "{superseded}");
                assert_ne!(*superseded, rule.meta.id);
            }
        }
    }

    #[test]
    fn every_rule_names_its_source() {
        assert!(RULES.iter().all(|rule| !rule.meta.sources.is_empty()));
    }
}
