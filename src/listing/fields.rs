//! The fields of each kind of message, as the contract of `list` names them.
//!
//! Never shows a token, a ticket's cipher or a body.

use crate::dissect::message::{HttpRequest, HttpResponse, IcmpError, MessageBody};
use crate::endpoint::Flow;
use crate::frame::Timestamp;
use crate::listing::value::{Fields, Value};
use crate::text::WireText;
use crate::wire::auth_header::AuthToken;
use crate::wire::dns::DnsMessage;
use crate::wire::kerberos::message::{
    KdcRep, KdcReq, KerberosMessage, KerberosTime, KrbError, Ticket,
};
use crate::wire::kerberos::name::PrincipalName;
use crate::wire::ntlm::{AvPairs, NtlmMessage};
use crate::wire::tls::ClientHello;

/// Kind, fields and summary of a message. `realm_asked`: for a KDC's reply, the realm whose ticket-granting ticket was asked
/// for, empty where another service was.
pub(super) fn of(body: &MessageBody, realm_asked: Option<&str>) -> (&'static str, Fields, String) {
    match body {
        MessageBody::HttpRequest(request) => http_request(request),
        MessageBody::HttpResponse(response) => http_response(response),
        MessageBody::Kerberos(kerberos) => kerberos_message(kerberos, realm_asked),
        MessageBody::Dns(dns) => dns_message(dns),
        MessageBody::TlsClientHello(hello) => client_hello(hello),
        MessageBody::IcmpError(error) => icmp_error(error),
    }
}

/// Whether an answer may follow.
pub(super) fn is_request(body: &MessageBody) -> bool {
    match body {
        MessageBody::HttpRequest(_)
        | MessageBody::Kerberos(KerberosMessage::AsReq(_) | KerberosMessage::TgsReq(_)) => true,
        MessageBody::Dns(dns) => !dns.is_response,
        _ => false,
    }
}

/// The field of an answer that names its request's first frame.
pub(super) fn back_link(body: &MessageBody) -> Option<&'static str> {
    match body {
        MessageBody::HttpResponse(_) | MessageBody::Kerberos(_) => Some("request_frame"),
        MessageBody::Dns(dns) if dns.is_response => Some("request_frame"),
        _ => None,
    }
}

/// The field of a request that names the first frame of `answer`.
pub(super) fn forward_link(answer: &MessageBody) -> Option<&'static str> {
    match answer {
        MessageBody::HttpResponse(response) if response.head.status >= 200 => {
            Some("response_frame")
        }
        MessageBody::Kerberos(_) => Some("reply_frame"),
        MessageBody::Dns(dns) if dns.is_response => Some("response_frame"),
        _ => None,
    }
}

fn text(text: &WireText) -> &str {
    text.as_str()
}

fn http_request(request: &HttpRequest) -> (&'static str, Fields, String) {
    let head = &request.head;
    let mut fields = Fields::default();
    fields.push("method", text(&head.method));
    fields.push("uri", text(&head.uri));
    fields.push("version", format!("1.{}", head.minor_version));
    fields.push_some("host", head.host.as_ref().map(text));
    fields.push_some("user_agent", head.user_agent.as_ref().map(text));
    fields.push("body_bytes", request.body_bytes);
    fields.push_some("auth", head.auth.as_ref().map(auth));
    let shown = head
        .auth
        .as_ref()
        .map(|token| format!(", {}", token_words(token)));
    let summary = format!("{} {}{}", head.method, head.uri, shown.unwrap_or_default());
    ("http-request", fields, summary)
}

fn http_response(response: &HttpResponse) -> (&'static str, Fields, String) {
    let head = &response.head;
    let mut fields = Fields::default();
    fields.push("status", head.status);
    fields.push("reason", text(&head.reason));
    fields.push("version", format!("1.{}", head.minor_version));
    fields.push_some("server", head.server.as_ref().map(text));
    fields.push_some("date", head.date.as_ref().map(text));
    fields.push_list(
        "challenges",
        head.challenges.iter().map(|scheme| text(&scheme.0)),
    );
    fields.push_list(
        "proxy_challenges",
        head.proxy_challenges.iter().map(|scheme| text(&scheme.0)),
    );
    fields.push_some("location", head.location.as_ref().map(text));
    fields.push_some("auth", head.auth.as_ref().map(auth));
    fields.push("body_bytes", response.body_bytes);
    let schemes: Vec<&str> = head
        .challenges
        .iter()
        .map(|scheme| text(&scheme.0))
        .collect();
    let mut summary = format!("{} {}", head.status, head.reason);
    if !schemes.is_empty() {
        summary.push_str(&format!(", {}", schemes.join(", ")));
    }
    if let Some(token) = &head.auth {
        summary.push_str(&format!(", {}", token_words(token)));
    }
    ("http-response", fields, summary)
}

/// A token in a few words.
fn token_words(token: &AuthToken) -> String {
    let inner = match (&token.kerberos, &token.ntlm) {
        (Some(KerberosMessage::ApReq(request)), _) => {
            let service = request
                .ticket
                .as_ref()
                .map(|ticket| ticket.sname.to_string());
            format!(
                "ticket for {}",
                service.unwrap_or_else(|| "a service".to_owned())
            )
        }
        (Some(KerberosMessage::Error(error)), _) => error.code.to_string(),
        (Some(other), _) => kind_of(other).to_owned(),
        (None, Some(ntlm)) => format!("NTLM type {}", ntlm.number()),
        (None, None) => match token.neg_state {
            Some(state) => state.name().to_owned(),
            None => return token.scheme.0.to_string(),
        },
    };
    format!("{} with {inner}", token.scheme.0)
}

fn auth(token: &AuthToken) -> Fields {
    let mut fields = Fields::default();
    fields.push("scheme", text(&token.scheme.0));
    fields.push("form", token.form.name());
    fields.push("token_bytes", token.bytes);
    fields.push_list("mechs", token.mechs.iter().map(|oid| oid.0.as_str()));
    fields.push_some(
        "neg_state",
        token.neg_state.map(crate::wire::spnego::NegState::name),
    );
    fields.push_some("kerberos", token.kerberos.as_ref().map(inner_kerberos));
    fields.push_some("ntlm", token.ntlm.as_ref().map(ntlm));
    fields
}

fn inner_kerberos(message: &KerberosMessage) -> Fields {
    let mut fields = Fields::default();
    let name = match message {
        KerberosMessage::ApReq(_) => "AP-REQ",
        KerberosMessage::ApRep => "AP-REP",
        KerberosMessage::Error(_) => "KRB-ERROR",
        other => kind_of(other),
    };
    fields.push("type", name);
    match message {
        KerberosMessage::ApReq(request) => {
            fields.push_some("ticket", request.ticket.as_ref().map(ticket));
            fields.push("mutual_required", request.mutual_required);
        }
        KerberosMessage::Error(error) => add_error(&mut fields, error),
        _ => {}
    }
    fields
}

fn ntlm(message: &NtlmMessage) -> Fields {
    let mut fields = Fields::default();
    fields.push("type", i64::from(message.number()));
    let (domain, user, workstation, target, av) = match message {
        NtlmMessage::Negotiate(offer) => (&offer.domain, &None, &offer.workstation, &None, None),
        NtlmMessage::Challenge(challenge) => {
            (&None, &None, &None, &challenge.target, Some(&challenge.av))
        }
        NtlmMessage::Authenticate(proof) => (
            &proof.domain,
            &proof.user,
            &proof.workstation,
            &None,
            Some(&proof.av),
        ),
    };
    fields.push_some("domain", domain.as_ref().map(text));
    fields.push_some("user", user.as_ref().map(text));
    fields.push_some("workstation", workstation.as_ref().map(text));
    fields.push_some("target", target.as_ref().map(text));
    let pairs = av.map(av_pairs).filter(|pairs| !pairs.0.is_empty());
    fields.push_some("av", pairs);
    fields
}

fn av_pairs(av: &AvPairs) -> Fields {
    let mut fields = Fields::default();
    fields.push_some("netbios_computer", av.netbios_computer.as_ref().map(text));
    fields.push_some("netbios_domain", av.netbios_domain.as_ref().map(text));
    fields.push_some("dns_computer", av.dns_computer.as_ref().map(text));
    fields.push_some("dns_domain", av.dns_domain.as_ref().map(text));
    fields.push_some("dns_tree", av.dns_tree.as_ref().map(text));
    fields.push_some("timestamp", av.timestamp);
    fields.push_some("target_name", av.target_name.as_ref().map(text));
    fields
}

fn kind_of(message: &KerberosMessage) -> &'static str {
    match message {
        KerberosMessage::AsReq(_) => "as-req",
        KerberosMessage::AsRep(_) => "as-rep",
        KerberosMessage::TgsReq(_) => "tgs-req",
        KerberosMessage::TgsRep(_) => "tgs-rep",
        KerberosMessage::ApReq(_) => "ap-req",
        KerberosMessage::ApRep => "ap-rep",
        KerberosMessage::Error(_) => "krb-error",
        KerberosMessage::Other(20) => "krb-safe",
        KerberosMessage::Other(21) => "krb-priv",
        KerberosMessage::Other(22) => "krb-cred",
        KerberosMessage::Other(_) => "kerberos",
    }
}

fn kerberos_message(
    message: &KerberosMessage,
    realm_asked: Option<&str>,
) -> (&'static str, Fields, String) {
    let mut fields = Fields::default();
    let summary = match message {
        KerberosMessage::AsReq(request) | KerberosMessage::TgsReq(request) => {
            kdc_request(&mut fields, request)
        }
        KerberosMessage::AsRep(reply) | KerberosMessage::TgsRep(reply) => {
            kdc_reply(&mut fields, reply, realm_asked)
        }
        KerberosMessage::Error(error) => {
            add_error(&mut fields, error);
            error.code.to_string()
        }
        KerberosMessage::ApReq(request) => {
            fields.push_some("ticket", request.ticket.as_ref().map(ticket));
            let service = request
                .ticket
                .as_ref()
                .map(|ticket| ticket.sname.to_string());
            service.unwrap_or_default()
        }
        KerberosMessage::ApRep | KerberosMessage::Other(_) => String::new(),
    };
    (kind_of(message), fields, summary)
}

fn name(name: &PrincipalName) -> String {
    name.to_string()
}

fn kdc_request(fields: &mut Fields, request: &KdcReq) -> String {
    fields.push_some("realm", request.realm.as_ref().map(text));
    fields.push_some("cname", request.cname.as_ref().map(name));
    fields.push_some("sname", request.sname.as_ref().map(name));
    fields.push_some(
        "sname_type",
        request.sname.as_ref().map(|sname| sname.kind.0),
    );
    fields.push_list("etypes", request.etypes.iter().map(|etype| etype.0));
    fields.push_list("padata", request.padata.iter().map(|kind| kind.0));
    fields.push_some(
        "kdc_options",
        request.kdc_options.map(|options| options.to_string()),
    );
    fields.push_some("tgt", request.tgt.as_ref().map(ticket));
    let wanted = request.sname.as_ref().map(name).unwrap_or_default();
    let realm = request.realm.as_ref().map(text).unwrap_or_default();
    match &request.cname {
        Some(cname) => format!("{cname} asks {realm} for {wanted}"),
        None => format!("asks {realm} for {wanted}"),
    }
}

fn kdc_reply(fields: &mut Fields, reply: &KdcRep, realm_asked: Option<&str>) -> String {
    fields.push_some("crealm", reply.crealm.as_ref().map(text));
    fields.push_some("cname", reply.cname.as_ref().map(name));
    fields.push_some("ticket", reply.ticket.as_ref().map(ticket));
    fields.push_some("enc_part_etype", reply.enc_part_etype.map(|etype| etype.0));
    fields.push_list("padata", reply.padata.iter().map(|kind| kind.0));
    let next = reply
        .ticket
        .as_ref()
        .and_then(|ticket| ticket.sname.krbtgt_realm());
    let referral =
        next.filter(|next| realm_asked.is_some_and(|asked| !asked.eq_ignore_ascii_case(next)));
    fields.push_some("referral", referral);
    let client = reply.cname.as_ref().map(name).unwrap_or_default();
    let service = reply
        .ticket
        .as_ref()
        .map(|ticket| name(&ticket.sname))
        .unwrap_or_default();
    match referral {
        Some(realm) => format!("refers {client} to {realm}"),
        None => format!("ticket for {service} to {client}"),
    }
}

fn add_error(fields: &mut Fields, error: &KrbError) {
    fields.push("error_code", error.code.0);
    fields.push_some("error_name", error.code.name());
    fields.push_some("realm", error.realm.as_ref().map(text));
    fields.push_some("sname", error.sname.as_ref().map(name));
    fields.push_some("crealm", error.crealm.as_ref().map(text));
    fields.push_some("cname", error.cname.as_ref().map(name));
    fields.push_some("stime", error.stime.map(time));
    fields.push_some("ctime", error.ctime.map(time));
    fields.push_some("e_text", error.e_text.as_ref().map(text));
    fields.push_some(
        "ntstatus",
        error.ntstatus.map(|status| format!("0x{:08X}", status.0)),
    );
    fields.push_some(
        "ntstatus_name",
        error
            .ntstatus
            .and_then(crate::wire::kerberos::error_code::NtStatus::name),
    );
    fields.push_list("etype_info", error.etype_info.iter().map(|etype| etype.0));
}

fn time(time: KerberosTime) -> String {
    Timestamp::from_nanos(time.nanos).to_string()
}

fn ticket(ticket: &Ticket) -> Fields {
    let mut fields = Fields::default();
    fields.push("realm", text(&ticket.realm));
    fields.push("sname", name(&ticket.sname));
    fields.push("etype", ticket.etype.0);
    fields.push_some("kvno", ticket.kvno);
    fields.push("cipher_bytes", ticket.cipher_bytes);
    fields.push_some(
        "cipher_sha256",
        ticket.cipher_digest.map(|digest| digest.to_string()),
    );
    fields
}

fn dns_message(dns: &DnsMessage) -> (&'static str, Fields, String) {
    let mut fields = Fields::default();
    fields.push("id", dns.id);
    fields.push("name", text(&dns.name));
    fields.push("qtype", dns.qtype.to_string());
    let asked = format!("{} {}", dns.qtype, dns.name);
    if !dns.is_response {
        return ("dns-query", fields, asked);
    }
    fields.push("rcode", dns.rcode.to_string());
    fields.push(
        "answers",
        Value::List(
            dns.answers
                .iter()
                .map(|answer| Value::Text(answer.to_string()))
                .collect(),
        ),
    );
    let answers: Vec<String> = dns.answers.iter().map(ToString::to_string).collect();
    let summary = format!("{asked}: {} {}", dns.rcode, answers.join(", "));
    ("dns-response", fields, summary.trim_end().to_owned())
}

fn client_hello(hello: &ClientHello) -> (&'static str, Fields, String) {
    let mut fields = Fields::default();
    fields.push_some("sni", hello.sni.as_ref().map(text));
    fields.push_list("alpn", hello.alpn.iter().map(text));
    let name = hello.sni.as_ref().map(ToString::to_string);
    ("tls-client-hello", fields, name.unwrap_or_default())
}

fn icmp_error(error: &IcmpError) -> (&'static str, Fields, String) {
    let mut fields = Fields::default();
    fields.push("icmp_type", i64::from(error.icmp_type));
    fields.push("icmp_code", i64::from(error.icmp_code));
    fields.push_some("about", error.about.map(about));
    let quoted = error.about.map(|flow| {
        format!(
            " about {} {} > {}",
            flow.transport.name(),
            flow.src,
            flow.dst
        )
    });
    let summary = format!(
        "type {}, code {}{}",
        error.icmp_type,
        error.icmp_code,
        quoted.unwrap_or_default()
    );
    ("icmp-error", fields, summary)
}

fn about(flow: Flow) -> Fields {
    let mut fields = Fields::default();
    fields.push("src", flow.src.to_string());
    fields.push("dst", flow.dst.to_string());
    fields.push("transport", flow.transport.name());
    fields
}
