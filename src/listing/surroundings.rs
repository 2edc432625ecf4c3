//! Messages around a sign-on: who looks for a domain controller, and what machines say of themselves and of their clocks.
//!
//! Never shows more of a directory than its names and its time.

use crate::frame::Timestamp;
use crate::listing::fields::text;
use crate::listing::http;
use crate::listing::value::Fields;
use crate::text::WireText;
use crate::wire::cldap::Cldap;
use crate::wire::dhcp::DhcpMessage;
use crate::wire::ldap::RootDse;
use crate::wire::ntp::NtpPacket;
use crate::wire::smb::{SmbNegotiate, SmbSetup};

pub(super) fn cldap(message: &Cldap) -> (Fields, String) {
    let mut fields = Fields::default();
    let summary = match message {
        Cldap::Ping { domain } => {
            fields.push("is_answer", false);
            fields.push_some("domain", domain.as_ref().map(text));
            let domain = domain.as_ref().map_or("any domain", WireText::as_str);
            format!("looks for a domain controller of {domain}")
        }
        Cldap::CutAnswer => {
            fields.push("is_answer", true);
            "answers a ping; the answer is cut".to_owned()
        }
        Cldap::Answer(told) => {
            fields.push("is_answer", true);
            fields.push("forest", text(&told.forest));
            fields.push("domain", text(&told.domain));
            fields.push("host", text(&told.host));
            fields.push_some("dc_site", told.dc_site.as_ref().map(text));
            fields.push_some("client_site", told.client_site.as_ref().map(text));
            fields.push("closest", told.is_closest);
            let site = told.dc_site.as_ref();
            let site = site.map_or_else(String::new, |site| format!(", site {site}"));
            format!("{} of {}{site}", told.host, told.domain)
        }
    };
    (fields, summary)
}

pub(super) fn dhcp(message: DhcpMessage) -> (Fields, String) {
    let mut fields = Fields::default();
    fields.push("is_answer", message.is_answer);
    fields.push("message", message.kind.to_string());
    fields.push("transaction", i64::from(message.transaction));
    let given = Some(message.gets).filter(|address| !address.is_unspecified());
    fields.push_some("address", given.map(|address| address.to_string()));
    let address = given.map_or_else(String::new, |address| format!(": {address}"));
    (fields, format!("{}{address}", message.kind))
}

pub(super) fn ntp(packet: &NtpPacket) -> (Fields, String) {
    let mut fields = Fields::default();
    fields.push("is_answer", packet.is_answer);
    fields.push("leap", i64::from(packet.leap));
    fields.push("stratum", i64::from(packet.stratum));
    let sent = packet.transmit.map(Timestamp::from_nanos);
    fields.push_some("transmit_time", sent.map(|time| time.to_string()));
    let summary = match (packet.is_answer, sent) {
        (false, _) => "asks for the time".to_owned(),
        (true, Some(time)) if packet.is_reading() => format!("says that it is {time}"),
        (true, _) => "has no time that it vouches for".to_owned(),
    };
    (fields, summary)
}

pub(super) fn smb_negotiate(answer: SmbNegotiate) -> (Fields, String) {
    let mut fields = Fields::default();
    fields.push("dialect", answer.dialect.to_string());
    let told = answer.system_time.map(Timestamp::from_nanos);
    fields.push_some("system_time", told.map(|time| time.to_string()));
    let says = told.map_or_else(String::new, |time| format!(" and says that it is {time}"));
    (fields, format!("chooses {}{says}", answer.dialect))
}

pub(super) fn smb_setup(setup: &SmbSetup) -> (Fields, String) {
    let mut fields = Fields::default();
    fields.push("is_answer", setup.answer.is_some());
    if let Some(answer) = setup.answer {
        fields.push("ntstatus", format!("0x{:08X}", answer.status.0));
        fields.push_some("ntstatus_name", answer.status.name());
        fields.push("is_guest", answer.is_guest);
    }
    fields.push("auth", http::auth(&setup.token));
    let summary = match setup.answer {
        None => format!("asks for a session, {}", http::words(&setup.token)),
        Some(answer) if answer.status.0 == 0 && answer.is_guest => "lets in a guest".to_owned(),
        Some(answer) if answer.status.0 == 0 => "grants the session".to_owned(),
        Some(answer) => format!("says {}, {}", answer.status, http::words(&setup.token)),
    };
    (fields, summary)
}

pub(super) fn root_dse(entry: &RootDse) -> (Fields, String) {
    let mut fields = Fields::default();
    let told = entry.current_time.map(Timestamp::from_nanos);
    fields.push_some("current_time", told.map(|time| time.to_string()));
    fields.push_some("host", entry.host.as_ref().map(text));
    fields.push_some("domain", entry.domain.as_ref().map(text));
    fields.push_some("forest", entry.forest.as_ref().map(text));
    let of = entry.domain.as_ref().or(entry.host.as_ref());
    let of = of.map_or_else(String::new, |name| format!(" of {name}"));
    let says = told.map_or_else(String::new, |time| format!(" says that it is {time}"));
    (fields, format!("the directory{of}{says}"))
}
