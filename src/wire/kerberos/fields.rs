//! Messages read field by field, by their tags: what is there, and nothing for what is not.
//!
//! Never gives up because of one odd field: it is for messages that were cut, or that a strict decoder refuses.

use crate::text::WireText;
use crate::wire::der::{SEQUENCE, Tlv};
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

/// Reads the message at the front of `bytes`, as far as it goes; `None` for an error that was cut before its code, of which
/// nothing true could be said.
pub(super) fn decode(bytes: &[u8]) -> Option<KerberosMessage> {
    let outline = outline(bytes)?;
    let sequence = inner_sequence(bytes)?;
    Some(match outline.tag {
        10 => KerberosMessage::AsReq(kdc_req(&sequence)),
        11 => KerberosMessage::AsRep(kdc_rep(&sequence)),
        12 => KerberosMessage::TgsReq(kdc_req(&sequence)),
        13 => KerberosMessage::TgsRep(kdc_rep(&sequence)),
        14 => KerberosMessage::ApReq(ap_req(&sequence)),
        15 => KerberosMessage::ApRep,
        30 => KerberosMessage::Error(krb_error(&sequence)?),
        other => KerberosMessage::Other(other),
    })
}

fn inner_sequence(bytes: &[u8]) -> Option<Tlv<'_>> {
    Tlv::read(Tlv::read(bytes)?.value)
}

fn kdc_req(message: &Tlv<'_>) -> KdcReq {
    let padata = message.field(3);
    let mut request = KdcReq {
        padata: padata.map(|list| padata_types(&list)).unwrap_or_default(),
        tgt: padata.and_then(|list| tgt(&list)),
        ..KdcReq::default()
    };
    if let Some(body) = message.field(4) {
        read_body(&mut request, &body);
    }
    request
}

fn read_body(request: &mut KdcReq, body: &Tlv<'_>) {
    request.kdc_options = body.field(0).and_then(|field| field.bits()).map(KdcOptions);
    request.cname = body.field(1).and_then(|field| name(&field));
    request.realm = body.field(2).and_then(|field| field.text());
    request.sname = body.field(3).and_then(|field| name(&field));
    request.nonce = body
        .field(7)
        .and_then(|field| field.integer())
        .map(low_bits);
    request.etypes = body
        .field(8)
        .map(|list| integers(&list).map(EncryptionType).collect())
        .unwrap_or_default();
}

fn kdc_rep(message: &Tlv<'_>) -> KdcRep {
    KdcRep {
        padata: message
            .field(2)
            .map(|list| padata_types(&list))
            .unwrap_or_default(),
        crealm: message.field(3).and_then(|field| field.text()),
        cname: message.field(4).and_then(|field| name(&field)),
        ticket: message.field(5).and_then(|field| ticket(&field)),
        enc_part_etype: message
            .field(6)
            .and_then(|part| part.field(0))
            .and_then(|field| int32(&field))
            .map(EncryptionType),
    }
}

fn ap_req(message: &Tlv<'_>) -> ApReq {
    ApReq {
        mutual_required: message
            .field(2)
            .and_then(|field| field.bits())
            .is_some_and(|bits| bits & ApReq::MUTUAL_REQUIRED != 0),
        ticket: message.field(3).and_then(|field| ticket(&field)),
    }
}

fn krb_error(message: &Tlv<'_>) -> Option<KrbError> {
    let text = |number| message.field(number).and_then(|field| field.text());
    let named = |number| message.field(number).and_then(|field| name(&field));
    let time = |whole, part| {
        let micros = message.field(part).and_then(|field| field.integer());
        let nanos = message.field(whole)?.time()?;
        KerberosTime::new(nanos, micros.unwrap_or(0))
    };
    let data = message
        .field(12)
        .and_then(|field| field.octets())
        .map(e_data::read)
        .unwrap_or_default();
    Some(KrbError {
        code: ErrorCode(message.field(6).and_then(|field| int32(&field))?),
        ctime: time(2, 3),
        stime: time(4, 5),
        crealm: text(7),
        cname: named(8),
        realm: text(9),
        sname: named(10),
        e_text: text(11),
        ntstatus: data.ntstatus,
        etype_info: data.etype_info,
        padata: data.padata,
    })
}

/// The ticket in the first PA-TGS-REQ of a list.
///
/// Only an AP-REQ is looked for there: to follow a request inside a request would be recursion without an end.
fn tgt(list: &Tlv<'_>) -> Option<Ticket> {
    let shown = list
        .children()
        .find(|element| padata_type(element) == Some(PaDataType::TGS_REQ))?;
    let message = shown.field(2)?.octets()?;
    outline(message).filter(|outline| outline.tag == 14)?;
    ap_req(&inner_sequence(message)?).ticket
}

/// A ticket, whose application tag 1 is the tag of `tlv`.
fn ticket(tlv: &Tlv<'_>) -> Option<Ticket> {
    let sequence = Tlv::read(tlv.value).filter(|inner| inner.tag == SEQUENCE)?;
    let part = sequence.field(3);
    let cipher = part.and_then(|part| part.field(2));
    let whole = cipher.filter(|cipher| !cipher.is_cut());
    Some(Ticket {
        realm: sequence.field(1)?.text()?,
        sname: sequence.field(2).and_then(|field| name(&field))?,
        etype: part
            .and_then(|part| part.field(0))
            .and_then(|field| int32(&field))
            .map(EncryptionType)
            .unwrap_or_default(),
        kvno: part
            .and_then(|part| part.field(1))
            .and_then(|field| field.integer())
            .map(low_bits),
        cipher_bytes: cipher.map(|cipher| cipher.stated).unwrap_or_default(),
        cipher_digest: whole.map(|cipher| CipherDigest::of(cipher.value)),
        cipher: whole.map(|cipher| cipher.value.to_vec().into()),
    })
}

/// A principal name; one that is cut is none.
fn name(tlv: &Tlv<'_>) -> Option<PrincipalName> {
    if tlv.is_cut() {
        return None;
    }
    let parts = tlv.field(1)?;
    Some(PrincipalName {
        kind: NameType(tlv.field(0).and_then(|field| int32(&field)).unwrap_or(0)),
        parts: parts
            .children()
            .map(|part| part.text().unwrap_or_default())
            .collect::<Vec<WireText>>(),
    })
}

fn padata_types(list: &Tlv<'_>) -> Vec<PaDataType> {
    list.children()
        .filter_map(|element| padata_type(&element))
        .collect()
}

pub(super) fn padata_type(element: &Tlv<'_>) -> Option<PaDataType> {
    element
        .field(1)
        .and_then(|field| int32(&field))
        .map(PaDataType)
}

fn integers<'t>(list: &Tlv<'t>) -> impl Iterator<Item = i32> + use<'t> {
    list.children().filter_map(|element| int32(&element))
}

pub(super) fn int32(tlv: &Tlv<'_>) -> Option<i32> {
    i32::try_from(tlv.integer()?).ok()
}

/// An unsigned number of 32 bits that some write with a sign: the bits count.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the low 32 bits are what is meant"
)]
const fn low_bits(number: i64) -> u32 {
    number as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `tag` with `value` behind a length of four octets.
    fn wrapped(tag: u8, mut value: Vec<u8>) -> Vec<u8> {
        let len = u32::try_from(value.len()).unwrap();
        let mut bytes = vec![tag, 0x84];
        bytes.extend_from_slice(&len.to_be_bytes());
        bytes.append(&mut value);
        bytes
    }

    /// A TGS-REQ whose PA-TGS-REQ holds `inner`.
    fn tgs_req_that_shows(inner: Vec<u8>) -> Vec<u8> {
        let mut element = vec![0xa1, 3, 2, 1, 1];
        element.extend(wrapped(0xa2, wrapped(0x04, inner)));
        let list = wrapped(SEQUENCE, wrapped(SEQUENCE, element));
        let mut message = vec![0xa1, 3, 2, 1, 5, 0xa2, 3, 2, 1, 12];
        message.extend(wrapped(0xa3, list));
        wrapped(0x6c, wrapped(SEQUENCE, message))
    }

    #[test]
    fn a_request_that_shows_a_request_that_shows_a_request_is_not_followed() {
        let mut bytes = Vec::new();
        for _ in 0..2_000 {
            bytes = tgs_req_that_shows(bytes);
        }
        let Some(KerberosMessage::TgsReq(request)) = decode(&bytes) else {
            panic!("it is a TGS-REQ from outside");
        };
        assert_eq!(request.tgt, None);
        assert_eq!(request.padata, [PaDataType::TGS_REQ]);
    }
}
