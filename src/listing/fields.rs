//! The fields of each kind of message, as the contract of `list` names them.
//!
//! Never shows a token, a ticket's cipher or a body.

use crate::dissect::message::{IcmpError, MessageBody};
use crate::endpoint::Flow;
use crate::listing::value::Fields;
use crate::listing::{http, kerberos, names, sql, surroundings};
use crate::text::WireText;
use crate::wire::http::is_interim;
use crate::wire::kerberos::message::KerberosMessage;
use crate::wire::tls::ClientHello;

/// What a message says.
pub(super) struct Content {
    pub(super) kind: &'static str,
    pub(super) fields: Fields,
    pub(super) summary: String,
}

/// The content of `body`. `realm_asked`: for a KDC's reply, the realm whose ticket-granting ticket was asked for, empty where
/// another service was.
pub(super) fn of(body: &MessageBody, realm_asked: Option<&str>) -> Content {
    let (kind, (fields, summary)) = match body {
        MessageBody::HttpRequest(request) => ("http-request", http::request(request)),
        MessageBody::HttpResponse(response) => ("http-response", http::response(response)),
        MessageBody::Kerberos(message) => (
            kerberos::kind(message),
            kerberos::message(message, realm_asked),
        ),
        MessageBody::Dns(dns) => (names::kind_of_dns(dns), names::dns(dns)),
        MessageBody::Llmnr(llmnr) => (names::kind_of_llmnr(llmnr), names::llmnr(llmnr)),
        MessageBody::Nbns(nbns) => (names::kind_of_nbns(nbns), names::nbns(nbns)),
        MessageBody::Cldap(message) => ("cldap", surroundings::cldap(message)),
        MessageBody::Dhcp(message) => ("dhcp", surroundings::dhcp(*message)),
        MessageBody::Ntp(packet) => ("ntp", surroundings::ntp(packet)),
        MessageBody::SmbNegotiate(answer) => {
            ("smb-negotiate", surroundings::smb_negotiate(*answer))
        }
        MessageBody::SmbSetup(setup) => ("smb-session-setup", surroundings::smb_setup(setup)),
        MessageBody::LdapRootDse(entry) => ("ldap-root-dse", surroundings::root_dse(entry)),
        MessageBody::Tds(message) => ("tds", sql::message(message)),
        MessageBody::TlsClientHello(hello) => ("tls-client-hello", client_hello(hello)),
        MessageBody::IcmpError(error) => ("icmp-error", icmp_error(error)),
    };
    Content {
        kind,
        fields,
        summary,
    }
}

/// Whether an answer may follow.
pub(super) fn is_request(body: &MessageBody) -> bool {
    match body {
        MessageBody::HttpRequest(_)
        | MessageBody::Kerberos(KerberosMessage::AsReq(_) | KerberosMessage::TgsReq(_)) => true,
        MessageBody::Dns(dns) => !dns.is_response,
        MessageBody::Llmnr(llmnr) => !llmnr.dns.is_response,
        MessageBody::Nbns(nbns) => !nbns.is_response,
        _ => false,
    }
}

/// The field of an answer that names its request's first frame.
pub(super) fn back_link(body: &MessageBody) -> Option<&'static str> {
    match body {
        MessageBody::HttpResponse(_) | MessageBody::Kerberos(_) => Some("request_frame"),
        body if is_name_answer(body) => Some("request_frame"),
        _ => None,
    }
}

/// The field of a request that names the first frame of `answer`.
pub(super) fn forward_link(answer: &MessageBody) -> Option<&'static str> {
    match answer {
        MessageBody::HttpResponse(response) if !is_interim(response.head.status) => {
            Some("response_frame")
        }
        MessageBody::Kerberos(_) => Some("reply_frame"),
        answer if is_name_answer(answer) => Some("response_frame"),
        _ => None,
    }
}

fn is_name_answer(body: &MessageBody) -> bool {
    match body {
        MessageBody::Dns(dns) => dns.is_response,
        MessageBody::Llmnr(llmnr) => llmnr.dns.is_response,
        MessageBody::Nbns(nbns) => nbns.is_response,
        _ => false,
    }
}

pub(super) fn text(text: &WireText) -> &str {
    text.as_str()
}

fn client_hello(hello: &ClientHello) -> (Fields, String) {
    let mut fields = Fields::default();
    fields.push_some("sni", hello.sni.as_ref().map(text));
    fields.push_list("alpn", hello.alpn.iter().map(text));
    let named = hello.sni.as_ref().map(|name| format!(" to {name}"));
    (fields, format!("begins TLS{}", named.unwrap_or_default()))
}

fn icmp_error(error: &IcmpError) -> (Fields, String) {
    let mut fields = Fields::default();
    fields.push("icmp_type", i64::from(error.icmp_type));
    fields.push("icmp_code", i64::from(error.icmp_code));
    fields.push_some("about", error.about.map(about));
    let quoted = error.about.map(|flow| {
        let transport = flow.transport.name();
        format!(" about {transport} {} → {}", flow.src, flow.dst)
    });
    let (kind, code) = (error.icmp_type, error.icmp_code);
    let quoted = quoted.unwrap_or_default();
    (fields, format!("type {kind}, code {code}{quoted}"))
}

fn about(flow: Flow) -> Fields {
    let mut fields = Fields::default();
    fields.push("src", flow.src.to_string());
    fields.push("dst", flow.dst.to_string());
    fields.push("transport", flow.transport.name());
    fields
}
