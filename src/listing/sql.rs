//! The fields of what is read of a session with SQL Server.
//!
//! Never shows a login, a statement, a key or a certificate.

use crate::dissect::message::TdsMessage;
use crate::listing::fields::text;
use crate::listing::value::Fields;
use crate::wire::registration_call::{PROCEDURE, RegistrationCall};
use crate::wire::tds::Encryption;

/// Fields and summary.
pub(super) fn message(message: &TdsMessage) -> (Fields, String) {
    let mut fields = Fields::default();
    let summary = match message {
        TdsMessage::Prelogin(wanted) => {
            fields.push("message", "prelogin");
            format!(
                "begins a session, encryption {}",
                encryption(*wanted, &mut fields)
            )
        }
        TdsMessage::PreloginAnswer(said) => {
            fields.push("message", "prelogin-answer");
            format!("answers, encryption {}", encryption(*said, &mut fields))
        }
        TdsMessage::Login => {
            fields.push("message", "login");
            "logs in".to_owned()
        }
        TdsMessage::Call(stored) => {
            fields.push("message", "call");
            call(stored, &mut fields)
        }
    };
    (fields, summary)
}

fn encryption(said: Option<Encryption>, fields: &mut Fields) -> String {
    let Some(said) = said else {
        return "not told".to_owned();
    };
    let name = said
        .name()
        .map_or_else(|| said.0.to_string(), str::to_owned);
    fields.push("encryption", name.as_str());
    name
}

fn call(call: &RegistrationCall, fields: &mut Fields) -> String {
    fields.push("procedure", PROCEDURE);
    fields.push_some("smsid", call.smsid.as_ref().map(text));
    fields.push_some("thumbprint", call.thumbprint.as_deref());
    fields.push_some("netbios_name", call.netbios_name.as_ref().map(text));
    fields.push_some("fqdn", call.fqdn.as_ref().map(text));
    fields.push_some("hardware_id", call.hardware_id.as_ref().map(text));
    fields.push_some("version", call.version.as_ref().map(text));
    fields.push_some("approval_method", call.approval_method);
    fields.push_some("is_integrated_auth", call.is_integrated_auth);
    fields.push_some("valid_from", call.valid_from.as_ref().map(text));
    fields.push_some("valid_to", call.valid_to.as_ref().map(text));
    let name = call.netbios_name.as_ref().or(call.fqdn.as_ref());
    let number = |number: Option<i64>| number.map_or_else(|| "?".to_owned(), |it| it.to_string());
    format!(
        "calls {PROCEDURE} for {}, @ApprovalMethod {}, @IsIntegratedAuth {}",
        name.map_or("a client", text),
        number(call.approval_method),
        number(call.is_integrated_auth)
    )
}
