//! HTTP heads and the tokens in them.
//!
//! Never shows a token or a body: of both remain their lengths.

use crate::dissect::message::{HttpRequest, HttpResponse};
use crate::listing::fields::text;
use crate::listing::kerberos;
use crate::listing::value::Fields;
use crate::wire::auth_header::{AuthToken, Scheme};
use crate::wire::ccm::CcmMessage;
use crate::wire::ccm::certificate::Certificate;
use crate::wire::ccm::points::PointList;
use crate::wire::kerberos::message::KerberosMessage;
use crate::wire::ntlm::{AvPairs, NtlmMessage};
use crate::wire::spnego::NegState;

pub(super) fn request(request: &HttpRequest) -> (Fields, String) {
    let head = &request.head;
    let mut fields = Fields::default();
    fields.push("method", text(&head.method));
    fields.push("uri", text(&head.uri));
    fields.push("version", format!("1.{}", head.minor_version));
    fields.push_some("host", head.host.as_ref().map(text));
    fields.push_some("user_agent", head.user_agent.as_ref().map(text));
    fields.push("body_bytes", request.body_bytes);
    fields.push_some("auth", head.auth.as_deref().map(auth));
    fields.push_some("ccm", request.ccm.as_deref().map(ccm));
    let mut summary = format!("{} {}", head.method, head.uri);
    if let Some(token) = &head.auth {
        summary.push_str(", ");
        summary.push_str(&words(token));
    }
    (fields, summary)
}

pub(super) fn response(response: &HttpResponse) -> (Fields, String) {
    let head = &response.head;
    let schemes = |list: &[Scheme]| -> Vec<String> {
        list.iter().map(|scheme| scheme.0.to_string()).collect()
    };
    let challenges = schemes(&head.challenges);
    let mut fields = Fields::default();
    fields.push("status", head.status);
    fields.push("reason", text(&head.reason));
    fields.push("version", format!("1.{}", head.minor_version));
    fields.push_some("server", head.server.as_ref().map(text));
    fields.push_some("date", head.date.as_ref().map(text));
    fields.push_list("challenges", challenges.iter().map(String::as_str));
    fields.push_list("proxy_challenges", schemes(&head.proxy_challenges));
    fields.push_some("location", head.location.as_ref().map(text));
    fields.push_some("auth", head.auth.as_deref().map(auth));
    fields.push("body_bytes", response.body_bytes);
    fields.push_some("ccm", response.ccm.as_deref().map(ccm));
    fields.push_some("points", response.points.as_deref().map(points));
    let mut said = vec![
        format!("{} {}", head.status, head.reason)
            .trim_end()
            .to_owned(),
    ];
    match &head.auth {
        Some(token) => said.push(words(token)),
        None => said.extend(challenges),
    }
    (fields, said.join(", "))
}

/// What a Configuration Manager client, or its management point, says.
fn ccm(message: &CcmMessage) -> Fields {
    let mut fields = Fields::default();
    let asked = message.registration.as_ref();
    let reply = message.reply.as_ref();
    fields.push_some("endpoint", message.endpoint.as_ref().map(text));
    fields.push_some(
        "request_type",
        asked
            .and_then(|asked| asked.request_type.as_ref())
            .map(text),
    );
    fields.push_some("smsid", message.smsid().map(text));
    fields.push_some(
        "netbios_name",
        asked
            .and_then(|asked| asked.netbios_name.as_ref())
            .map(text),
    );
    fields.push_some(
        "fqdn",
        asked.and_then(|asked| asked.fqdn.as_ref()).map(text),
    );
    fields.push_some(
        "agent_version",
        asked
            .and_then(|asked| asked.agent_version.as_ref())
            .map(text),
    );
    fields.push_some(
        "signing_thumbprint",
        asked.and_then(|asked| asked.signing_thumbprint.clone()),
    );
    let signed_with = asked.and_then(|asked| asked.certificate.as_ref());
    fields.push_some("certificate", signed_with.map(certificate));
    fields.push_some(
        "hardware_id",
        asked.and_then(|asked| asked.hardware_id.as_ref()).map(text),
    );
    fields.push_some("sent_time", message.sent_time.as_ref().map(text));
    fields.push_some("source_host", message.source_host.as_ref().map(text));
    fields.push_some("target_host", message.target_host.as_ref().map(text));
    fields.push_some("message_id", message.id.as_ref().map(text));
    fields.push_some("status", reply.and_then(|reply| reply.status));
    fields.push_some(
        "approval_status",
        reply.and_then(|reply| reply.approval_status),
    );
    fields
}

/// What a certificate says of itself.
fn certificate(certificate: &Certificate) -> Fields {
    let mut fields = Fields::default();
    fields.push("valid_from", certificate.valid_from.to_string());
    fields.push("valid_to", certificate.valid_to.to_string());
    fields.push("subject", text(&certificate.subject));
    fields.push("issuer", text(&certificate.issuer));
    fields
}

/// The management points that an answer names.
fn points(list: &PointList) -> Fields {
    let mut fields = Fields::default();
    fields.push_some("site_code", list.site_code.as_ref().map(text));
    let each = list.points.iter().map(|point| {
        let mut fields = Fields::default();
        fields.push_some("name", point.name.as_ref().map(text));
        fields.push_some("fqdn", point.fqdn.as_ref().map(text));
        fields.push_some("version", point.version.as_ref().map(text));
        fields.push_some("ssl_state", point.ssl_state);
        fields.push_some("site_code", point.site_code.as_ref().map(text));
        fields
    });
    fields.push_list("list", each);
    fields
}

/// A token in a few words: `Negotiate: ticket for HTTP/mp.example.com`.
pub(super) fn words(token: &AuthToken) -> String {
    let inner = match (&token.kerberos, &token.ntlm) {
        (Some(KerberosMessage::ApReq(request)), _) => match &request.ticket {
            Some(ticket) => format!("ticket for {}", ticket.sname),
            None => "a ticket".to_owned(),
        },
        (Some(KerberosMessage::Error(error)), _) => error.code.to_string(),
        (Some(other), _) => type_of(other).to_owned(),
        (None, Some(ntlm)) => format!("NTLM type {}", ntlm.number()),
        (None, None) => match token.neg_state {
            Some(state) => state.name().to_owned(),
            None => return token.scheme.0.to_string(),
        },
    };
    format!("{}: {inner}", token.scheme.0)
}

pub(super) fn auth(token: &AuthToken) -> Fields {
    let mut fields = Fields::default();
    fields.push("scheme", text(&token.scheme.0));
    fields.push("form", token.form.name());
    fields.push("token_bytes", token.bytes);
    fields.push_list("mechs", token.mechs.iter().map(|oid| oid.0.as_str()));
    fields.push_some("neg_state", token.neg_state.map(NegState::name));
    fields.push_some("kerberos", token.kerberos.as_ref().map(inner_kerberos));
    fields.push_some("ntlm", token.ntlm.as_ref().map(ntlm));
    fields
}

/// The type of a message in a token.
fn type_of(message: &KerberosMessage) -> &'static str {
    match message {
        KerberosMessage::ApReq(_) => "AP-REQ",
        KerberosMessage::ApRep => "AP-REP",
        KerberosMessage::Error(_) => "KRB-ERROR",
        other => kerberos::kind(other),
    }
}

fn inner_kerberos(message: &KerberosMessage) -> Fields {
    let mut fields = Fields::default();
    fields.push("type", type_of(message));
    match message {
        KerberosMessage::ApReq(request) => {
            fields.push_some("ticket", request.ticket.as_ref().map(kerberos::ticket));
            fields.push("mutual_required", request.mutual_required);
        }
        KerberosMessage::Error(error) => kerberos::add_error(&mut fields, error),
        _ => {}
    }
    fields
}

fn ntlm(message: &NtlmMessage) -> Fields {
    let mut fields = Fields::default();
    fields.push("type", i64::from(message.number()));
    match message {
        NtlmMessage::Negotiate(offer) => {
            fields.push_some("domain", offer.domain.as_ref().map(text));
            fields.push_some("workstation", offer.workstation.as_ref().map(text));
        }
        NtlmMessage::Challenge(challenge) => {
            fields.push_some("target", challenge.target.as_ref().map(text));
            fields.push_some("av", av_pairs(&challenge.av));
        }
        NtlmMessage::Authenticate(proof) => {
            fields.push_some("domain", proof.domain.as_ref().map(text));
            fields.push_some("user", proof.user.as_ref().map(text));
            fields.push_some("workstation", proof.workstation.as_ref().map(text));
            fields.push_some("av", av_pairs(&proof.av));
        }
    }
    fields
}

/// The pairs that are there, if any is. `timestamp` is a FILETIME: 100 ns since 1601.
fn av_pairs(av: &AvPairs) -> Option<Fields> {
    let mut fields = Fields::default();
    fields.push_some("netbios_computer", av.netbios_computer.as_ref().map(text));
    fields.push_some("netbios_domain", av.netbios_domain.as_ref().map(text));
    fields.push_some("dns_computer", av.dns_computer.as_ref().map(text));
    fields.push_some("dns_domain", av.dns_domain.as_ref().map(text));
    fields.push_some("dns_tree", av.dns_tree.as_ref().map(text));
    fields.push_some("timestamp", av.timestamp);
    fields.push_some("target_name", av.target_name.as_ref().map(text));
    (!fields.0.is_empty()).then_some(fields)
}
