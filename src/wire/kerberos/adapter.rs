//! Where `kerberos_asn1` is used, and nowhere else.
//!
//! Never given bytes that were not proved sound first: it panics on some that are not. A second belt catches what slips through.

use std::panic::{AssertUnwindSafe, catch_unwind};

use kerberos_asn1 as asn1;
use kerberos_asn1::Asn1Object;

use crate::text::WireText;
use crate::wire::der;
use crate::wire::kerberos::e_data;
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::etype::EncryptionType;
use crate::wire::kerberos::message::{
    ApReq, CipherDigest, KdcRep, KdcReq, KerberosMessage, KerberosTime, KrbError, Ticket,
};
use crate::wire::kerberos::name::{NameType, PrincipalName};
use crate::wire::kerberos::options::KdcOptions;
use crate::wire::kerberos::outline::outline;
use crate::wire::kerberos::padata::PaDataType;

/// Decodes a message that is sound; `None` for one that the package refuses.
pub(super) fn decode(bytes: &[u8]) -> Option<KerberosMessage> {
    let tag = outline(bytes)?.tag;
    catch_unwind(AssertUnwindSafe(|| decode_as(tag, bytes)))
        .ok()
        .flatten()
}

fn decode_as(tag: u8, bytes: &[u8]) -> Option<KerberosMessage> {
    Some(match tag {
        10 => {
            let message = parse::<asn1::AsReq>(bytes)?;
            KerberosMessage::AsReq(kdc_req(message.padata, message.req_body))
        }
        11 => {
            let message = parse::<asn1::AsRep>(bytes)?;
            KerberosMessage::AsRep(KdcRep {
                crealm: Some(message.crealm.into()),
                cname: Some(name(message.cname)),
                ticket: Some(ticket(message.ticket)),
                enc_part_etype: Some(EncryptionType(message.enc_part.etype)),
                padata: types(message.padata.as_deref()),
            })
        }
        12 => {
            let message = parse::<asn1::TgsReq>(bytes)?;
            KerberosMessage::TgsReq(kdc_req(message.padata, message.req_body))
        }
        13 => {
            let message = parse::<asn1::TgsRep>(bytes)?;
            KerberosMessage::TgsRep(KdcRep {
                crealm: Some(message.crealm.into()),
                cname: Some(name(message.cname)),
                ticket: Some(ticket(message.ticket)),
                enc_part_etype: Some(EncryptionType(message.enc_part.etype)),
                padata: types(message.padata.as_deref()),
            })
        }
        14 => KerberosMessage::ApReq(ap_req(parse(bytes)?)),
        15 => KerberosMessage::ApRep,
        30 => KerberosMessage::Error(krb_error(parse(bytes)?)?),
        other => KerberosMessage::Other(other),
    })
}

fn parse<T: Asn1Object>(bytes: &[u8]) -> Option<T> {
    T::parse(bytes).ok().map(|(_, message)| message)
}

fn kdc_req(padata: Option<Vec<asn1::PaData>>, body: asn1::KdcReqBody) -> KdcReq {
    KdcReq {
        realm: Some(body.realm.into()),
        cname: body.cname.map(name),
        sname: body.sname.map(name),
        etypes: body.etypes.into_iter().map(EncryptionType).collect(),
        padata: types(padata.as_deref()),
        kdc_options: Some(KdcOptions(body.kdc_options.flags)),
        tgt: padata.and_then(|list| tgt(&list)),
        nonce: Some(body.nonce),
    }
}

fn ap_req(message: asn1::ApReq) -> ApReq {
    ApReq {
        mutual_required: message.ap_options.flags & ApReq::MUTUAL_REQUIRED != 0,
        ticket: Some(ticket(message.ticket)),
    }
}

fn krb_error(message: asn1::KrbError) -> Option<KrbError> {
    let data = message
        .e_data
        .as_deref()
        .map(e_data::read)
        .unwrap_or_default();
    let ctime = match message.ctime {
        Some(time) => time_of(&time, message.cusec),
        None => None,
    };
    Some(KrbError {
        code: ErrorCode(message.error_code),
        ctime,
        stime: Some(time_of(&message.stime, Some(message.susec))?),
        crealm: message.crealm.map(WireText::from),
        cname: message.cname.map(name),
        realm: Some(message.realm.into()),
        sname: Some(name(message.sname)),
        e_text: message.e_text.map(WireText::from),
        ntstatus: data.ntstatus,
        etype_info: data.etype_info,
        padata: data.padata,
    })
}

fn time_of(time: &asn1::KerberosTime, micros: Option<asn1::Microseconds>) -> Option<KerberosTime> {
    let nanos = time.time.timestamp().checked_mul(1_000_000_000)?;
    KerberosTime::new(nanos, micros.map_or(0, i64::from))
}

fn tgt(list: &[asn1::PaData]) -> Option<Ticket> {
    let shown = list
        .iter()
        .find(|element| element.padata_type == PaDataType::TGS_REQ.0)?;
    if !der::is_sound(&shown.padata_value) {
        return None;
    }
    parse::<asn1::ApReq>(&shown.padata_value).map(|message| ticket(message.ticket))
}

fn ticket(ticket: asn1::Ticket) -> Ticket {
    Ticket {
        realm: ticket.realm.into(),
        sname: name(ticket.sname),
        etype: EncryptionType(ticket.enc_part.etype),
        kvno: ticket.enc_part.kvno,
        cipher_bytes: ticket.enc_part.cipher.len(),
        cipher_digest: Some(CipherDigest::of(&ticket.enc_part.cipher)),
        cipher: Some(ticket.enc_part.cipher.into()),
    }
}

fn name(name: asn1::PrincipalName) -> PrincipalName {
    PrincipalName {
        kind: NameType(name.name_type),
        parts: name.name_string.into_iter().map(WireText::from).collect(),
    }
}

fn types(list: Option<&[asn1::PaData]>) -> Vec<PaDataType> {
    list.unwrap_or_default()
        .iter()
        .map(|element| PaDataType(element.padata_type))
        .collect()
}
