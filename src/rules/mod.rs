//! The rules: each a fact about an attempt or a capture that explains something to a reader.
//!
//! Never parses, prints or remembers anything, and no rule calls another.
//!
//! A finding of severity [`Severity::Expected`] names in its evidence the frames of messages that look like faults and are
//! none: the story marks these steps.

mod approval;
mod capture;
mod command;
mod dropped;
mod first_ticket;
mod headline;
mod http;
mod kdc;
mod keytabs;
mod listed;
mod name;
#[cfg(test)]
mod near_misses;
mod no_route;
mod ntlm;
mod outputs;
mod referral;
mod refusal;
mod rivals;
pub mod rule;
#[cfg(test)]
mod testing;
mod ticket;
mod token;
mod words;

use crate::finding::{Finding, Severity};
use crate::frame::FrameNumber;
use crate::model::attempt::Attempt;
use crate::model::capture_facts::CaptureFacts;
use crate::rules::rule::{Check, Rule};

/// All rules, by id.
pub static RULES: &[&Rule] = &[
    &ticket::ad_replication_lag::AD_REPLICATION_LAG,
    &token::ap_expired::AP_EXPIRED,
    &token::ap_mechanism_mismatch::AP_MECHANISM_MISMATCH,
    &token::ap_modified_etype_policy::AP_MODIFIED_ETYPE_POLICY,
    &token::ap_modified_kernel_mode::AP_MODIFIED_KERNEL_MODE,
    &token::ap_modified_stale_password::AP_MODIFIED_STALE_PASSWORD,
    &token::ap_no_key::AP_NO_KEY,
    &token::ap_not_yet_valid::AP_NOT_YET_VALID,
    &token::ap_pac_validation::AP_PAC_VALIDATION,
    &token::ap_skew::AP_SKEW,
    &approval::approval_anonymous_path::APPROVAL_ANONYMOUS_PATH,
    &approval::approval_conflicting_record::APPROVAL_CONFLICTING_RECORD,
    &approval::approval_manual_mode::APPROVAL_MANUAL_MODE,
    &approval::approval_ok::APPROVAL_OK,
    &approval::approval_reply_error::APPROVAL_REPLY_ERROR,
    &first_ticket::as_boot_race::AS_BOOT_RACE,
    &first_ticket::as_client_revoked::AS_CLIENT_REVOKED,
    &first_ticket::as_client_unknown::AS_CLIENT_UNKNOWN,
    &first_ticket::as_etype_nosupp::AS_ETYPE_NOSUPP,
    &first_ticket::as_fast_problem::AS_FAST_PROBLEM,
    &first_ticket::as_key_expired::AS_KEY_EXPIRED,
    &first_ticket::as_normal_rc4_rollover::AS_NORMAL_RC4_ROLLOVER,
    &first_ticket::as_pkinit::AS_PKINIT,
    &first_ticket::as_policy::AS_POLICY,
    &first_ticket::as_preauth_abandoned::AS_PREAUTH_ABANDONED,
    &first_ticket::as_preauth_failed::AS_PREAUTH_FAILED,
    &first_ticket::as_skew::AS_SKEW,
    &capture::cap_https::CAP_HTTPS,
    &capture::cap_no_attempt::CAP_NO_ATTEMPT,
    &capture::cap_not_on_client::CAP_NOT_ON_CLIENT,
    &capture::cap_one_sided::CAP_ONE_SIDED,
    &capture::cap_snaplen::CAP_SNAPLEN,
    &first_ticket::client_not_domain_joined::CLIENT_NOT_DOMAIN_JOINED,
    &name::dns_cname_spn::DNS_CNAME_SPN,
    &name::dns_ipv6_blackhole::DNS_IPV6_BLACKHOLE,
    &name::dns_mp_nxdomain::DNS_MP_NXDOMAIN,
    &name::dns_no_answer::DNS_NO_ANSWER,
    &name::dns_servfail_refused::DNS_SERVFAIL_REFUSED,
    &name::dns_srv_missing::DNS_SRV_MISSING,
    &name::dns_wrong_host::DNS_WRONG_HOST,
    &approval::duplicate_guid::DUPLICATE_GUID,
    &kdc::foreign_kdc_unreachable::FOREIGN_KDC_UNREACHABLE,
    &http::http_400_header_too_long::HTTP_400_HEADER_TOO_LONG,
    &token::http_401_krb_error::HTTP_401_KRB_ERROR,
    &token::http_401_log_reason::HTTP_401_LOG_REASON,
    &token::http_401_no_reason::HTTP_401_NO_REASON,
    &http::http_403::HTTP_403,
    &http::http_404::HTTP_404,
    &http::http_4xx::HTTP_4XX,
    &http::http_5xx::HTTP_5XX,
    &http::http_body_twice::HTTP_BODY_TWICE,
    &http::http_client_stays_silent::HTTP_CLIENT_STAYS_SILENT,
    &http::http_no_answer::HTTP_NO_ANSWER,
    &http::http_no_challenge::HTTP_NO_CHALLENGE,
    &http::http_no_negotiate_offered::HTTP_NO_NEGOTIATE_OFFERED,
    &http::http_other_proof::HTTP_OTHER_PROOF,
    &http::http_proxy_in_path::HTTP_PROXY_IN_PATH,
    &http::http_redirected::HTTP_REDIRECTED,
    &token::http_spn_on_user_account::HTTP_SPN_ON_USER_ACCOUNT,
    &http::http_verb_blocked::HTTP_VERB_BLOCKED,
    &kdc::kdc_far_site::KDC_FAR_SITE,
    &ticket::kdc_generic::KDC_GENERIC,
    &kdc::kdc_icmp_block::KDC_ICMP_BLOCK,
    &kdc::kdc_locator_no_reply::KDC_LOCATOR_NO_REPLY,
    &kdc::kdc_no_reply::KDC_NO_REPLY,
    &kdc::kdc_proxy::KDC_PROXY,
    &kdc::kdc_slow::KDC_SLOW,
    &kdc::kdc_svc_unavailable::KDC_SVC_UNAVAILABLE,
    &kdc::kdc_tcp_refused::KDC_TCP_REFUSED,
    &kdc::kdc_tcp_timeout::KDC_TCP_TIMEOUT,
    &kdc::kdc_too_big_no_tcp::KDC_TOO_BIG_NO_TCP,
    &kdc::kdc_udp_fragments_lost::KDC_UDP_FRAGMENTS_LOST,
    &kdc::kdc_wrong_realm::KDC_WRONG_REALM,
    &http::loopback_check::LOOPBACK_CHECK,
    &name::mp_by_ip_literal::MP_BY_IP_LITERAL,
    &kdc::mp_connect_failed::MP_CONNECT_FAILED,
    &http::mp_reset_after_token::MP_RESET_AFTER_TOKEN,
    &name::name_short_or_netbios::NAME_SHORT_OR_NETBIOS,
    &token::nlb_name_computer_spn::NLB_NAME_COMPUTER_SPN,
    &first_ticket::normal_68_upn::NORMAL_68_UPN,
    &first_ticket::normal_91_90::NORMAL_91_90,
    &ticket::normal_badoption::NORMAL_BADOPTION,
    &token::normal_cached_ticket::NORMAL_CACHED_TICKET,
    &name::normal_dns_suffix_noise::NORMAL_DNS_SUFFIX_NOISE,
    &ticket::normal_etype_retry::NORMAL_ETYPE_RETRY,
    &http::normal_first_401::NORMAL_FIRST_401,
    &http::normal_first_request_token_401::NORMAL_FIRST_REQUEST_TOKEN_401,
    &ntlm::normal_ntlm_second_401::NORMAL_NTLM_SECOND_401,
    &kdc::normal_one_dead_dc::NORMAL_ONE_DEAD_DC,
    &ticket::normal_optional_spn::NORMAL_OPTIONAL_SPN,
    &first_ticket::normal_preauth_required::NORMAL_PREAUTH_REQUIRED,
    &ticket::normal_rodc_retry::NORMAL_RODC_RETRY,
    &http::normal_second_401_per_connection::NORMAL_SECOND_401_PER_CONNECTION,
    &name::normal_site_srv::NORMAL_SITE_SRV,
    &first_ticket::normal_skew_heal::NORMAL_SKEW_HEAL,
    &ticket::normal_spn_two_tries::NORMAL_SPN_TWO_TRIES,
    &kdc::normal_too_big::NORMAL_TOO_BIG,
    &first_ticket::normal_user_failures::NORMAL_USER_FAILURES,
    &ntlm::ntlm_accepted::NTLM_ACCEPTED,
    &ntlm::ntlm_after_tgs_error::NTLM_AFTER_TGS_ERROR,
    &ntlm::ntlm_anonymous::NTLM_ANONYMOUS,
    &ntlm::ntlm_blocked::NTLM_BLOCKED,
    &ntlm::ntlm_broken_handshake::NTLM_BROKEN_HANDSHAKE,
    &ntlm::ntlm_no_tgs_attempt::NTLM_NO_TGS_ATTEMPT,
    &ntlm::ntlm_rejected::NTLM_REJECTED,
    &ntlm::ntlm_steered_by_server::NTLM_STEERED_BY_SERVER,
    &token::one_ticket_two_answers::ONE_TICKET_TWO_ANSWERS,
    &referral::ref_dead_end::REF_DEAD_END,
    &referral::ref_etype_nosupp::REF_ETYPE_NOSUPP,
    &referral::ref_flat_name_cross_forest::REF_FLAT_NAME_CROSS_FOREST,
    &referral::ref_loop::REF_LOOP,
    &referral::ref_namesake_in_client_realm::REF_NAMESAKE_IN_CLIENT_REALM,
    &referral::ref_not_chased::REF_NOT_CHASED,
    &referral::ref_shortcut::REF_SHORTCUT,
    &ticket::rodc_no_secrets::RODC_NO_SECRETS,
    &ticket::tgs_badoption::TGS_BADOPTION,
    &approval::tgs_client_user_context::TGS_CLIENT_USER_CONTEXT,
    &ticket::tgs_disjoint_namespace::TGS_DISJOINT_NAMESPACE,
    &ticket::tgs_etype_nosupp::TGS_ETYPE_NOSUPP,
    &ticket::tgs_integrity::TGS_INTEGRITY,
    &ticket::tgs_must_use_u2u::TGS_MUST_USE_U2U,
    &ticket::tgs_policy_other::TGS_POLICY_OTHER,
    &ticket::tgs_policy_selective_auth::TGS_POLICY_SELECTIVE_AUTH,
    &ticket::tgs_replay::TGS_REPLAY,
    &ticket::tgs_service_disabled::TGS_SERVICE_DISABLED,
    &ticket::tgs_spn_duplicate::TGS_SPN_DUPLICATE,
    &ticket::tgs_spn_unknown::TGS_SPN_UNKNOWN,
    &ticket::tgs_spn_with_port::TGS_SPN_WITH_PORT,
    &ticket::tgs_tgt_revoked::TGS_TGT_REVOKED,
    &ticket::tgs_tkt_expired::TGS_TKT_EXPIRED,
    &ticket::tgs_tkt_not_yet_valid::TGS_TKT_NOT_YET_VALID,
    &name::tgs_wrong_name_asked::TGS_WRONG_NAME_ASKED,
    &token::token_over_maxtokensize::TOKEN_OVER_MAXTOKENSIZE,
    &ticket::trust_external::TRUST_EXTERNAL,
    &referral::trust_key_mismatch::TRUST_KEY_MISMATCH,
    &referral::trust_suffix_not_routed::TRUST_SUFFIX_NOT_ROUTED,
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
            Check::Attempt(check) | Check::Both(check, _) => check(attempt),
            Check::Capture(_) => None,
        })
        // What was cut may leave a rule without a frame to point at: then it has nothing to say.
        .filter(|finding| !finding.evidence.is_empty())
        .collect();
    headline::choose(attempt, &mut findings);
    rivals::weigh(attempt, &mut findings);
    sort(&mut findings);
    findings
}

/// What the rules say of the whole capture.
pub fn capture_findings(facts: &CaptureFacts, selection: &Selection) -> Vec<Finding> {
    let mut findings: Vec<Finding> = RULES
        .iter()
        .filter(|rule| selection.has(rule))
        .filter_map(|rule| match rule.check {
            Check::Capture(check) | Check::Both(_, check) => check(facts),
            Check::Attempt(_) => None,
        })
        .collect();
    sort(&mut findings);
    findings
}

/// What the rules say of logs beside which there is no capture: those that speak of frames stay silent.
pub fn log_findings(facts: &CaptureFacts, selection: &Selection) -> Vec<Finding> {
    let rests_on_lines = |finding: &Finding| {
        let mut evidence = finding.evidence.iter();
        evidence.all(|it| it.source.is_some() && it.frame == FrameNumber::default())
    };
    let mut findings = capture_findings(facts, selection);
    findings.retain(rests_on_lines);
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
