//! Kerberos messages to and from a KDC, and the parts of them that tokens hold too.
//!
//! Never shows a ticket's cipher: of it remain its length and the beginning of its digest.

use crate::frame::Timestamp;
use crate::listing::fields::text;
use crate::listing::value::Fields;
use crate::wire::kerberos::error_code::NtStatus;
use crate::wire::kerberos::message::{
    KdcRep, KdcReq, KerberosMessage, KerberosTime, KrbError, Ticket,
};
use crate::wire::kerberos::name::PrincipalName;

/// The kind of a message of its own.
pub(super) fn kind(message: &KerberosMessage) -> &'static str {
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

pub(super) fn message(message: &KerberosMessage, realm_asked: Option<&str>) -> (Fields, String) {
    let mut fields = Fields::default();
    let summary = match message {
        KerberosMessage::AsReq(request) | KerberosMessage::TgsReq(request) => {
            add_request(&mut fields, request)
        }
        KerberosMessage::AsRep(reply) | KerberosMessage::TgsRep(reply) => {
            add_reply(&mut fields, reply, realm_asked)
        }
        KerberosMessage::Error(error) => {
            add_error(&mut fields, error);
            error_words(error)
        }
        KerberosMessage::ApReq(request) => {
            fields.push_some("ticket", request.ticket.as_ref().map(ticket));
            let service = request.ticket.as_ref().map(|ticket| name(&ticket.sname));
            format!("shows a ticket for {}", or(service, "a service"))
        }
        KerberosMessage::ApRep | KerberosMessage::Other(_) => String::new(),
    };
    (fields, summary)
}

/// What is known, or a word for what was cut off.
fn or(known: Option<String>, word: &str) -> String {
    known
        .filter(|known| !known.is_empty())
        .unwrap_or_else(|| word.to_owned())
}

fn error_words(error: &KrbError) -> String {
    let status = error.ntstatus.map(|status| format!(", {status}"));
    let service = error.sname.as_ref().map(|sname| format!(" for {sname}"));
    format!(
        "{}{}{}",
        error.code,
        service.unwrap_or_default(),
        status.unwrap_or_default()
    )
}

fn add_request(fields: &mut Fields, request: &KdcReq) -> String {
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
    let client = request.cname.as_ref().map(|cname| format!("{cname} "));
    format!(
        "{}asks {} for {}",
        client.unwrap_or_default(),
        or(request.realm.as_ref().map(ToString::to_string), "a KDC"),
        or(request.sname.as_ref().map(name), "a service"),
    )
}

fn add_reply(fields: &mut Fields, reply: &KdcRep, realm_asked: Option<&str>) -> String {
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
    let client = or(reply.cname.as_ref().map(name), "the client");
    match (referral, &reply.ticket) {
        (Some(realm), _) => format!("refers {client} to {realm}"),
        (None, Some(ticket)) => format!("ticket for {} to {client}", ticket.sname),
        (None, None) => format!("a ticket to {client}"),
    }
}

pub(super) fn add_error(fields: &mut Fields, error: &KrbError) {
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
    fields.push_some("ntstatus_name", error.ntstatus.and_then(NtStatus::name));
    fields.push_list("etype_info", error.etype_info.iter().map(|etype| etype.0));
}

pub(super) fn ticket(ticket: &Ticket) -> Fields {
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

fn name(name: &PrincipalName) -> String {
    name.to_string()
}

fn time(time: KerberosTime) -> String {
    Timestamp::from_nanos(time.nanos).to_string()
}
