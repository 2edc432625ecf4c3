//! Two readers, one meaning: what `kerberos_asn1` reads and what the fields say must be the same.
//!
//! Never tests what only one of them can: that is told apart here by changing one field of a real message.

use crate::wire::der::{self, SEQUENCE, Tlv};
use crate::wire::kerberos::error_code::ErrorCode;
use crate::wire::kerberos::message::{KdcRep, KdcReq, KerberosMessage, KrbError, Ticket};
use crate::wire::kerberos::{adapter, decode, fields};

macro_rules! fixtures {
    ($($name:literal)+) => {
        [$(($name, include_bytes!(concat!("../fixtures/", $name, ".bin")))),+]
    };
}

/// Messages of real captures; `fixtures/README.md` says of which.
const MESSAGES: [(&str, &[u8]); 15] = fixtures! {
    "03-f45-krb-error" "04-f14-tgs-req" "04-f15-tgs-rep" "04-f17-tgs-rep" "06-f15-krb-error"
    "14c-f1-as-req" "14c-f2-krb-error" "14c-f3-as-req" "14c-f4-krb-error" "16-f10-as-rep"
    "16-f4-krb-error" "34-f32-as-req" "34-f33-krb-error" "50-f60-tgs-req" "50-f65-tgs-rep"
};

fn message(name: &str) -> &'static [u8] {
    MESSAGES.iter().find(|row| row.0 == name).unwrap().1
}

/// `tag` and `value` with the shortest length.
fn encoded(tag: u8, value: &[u8]) -> Vec<u8> {
    let len = value.len().to_be_bytes();
    let octets = len.iter().skip_while(|octet| **octet == 0).count();
    let mut bytes = vec![tag];
    if value.len() > 0x7f {
        bytes.push(0x80 | u8::try_from(octets).unwrap());
    }
    bytes.extend_from_slice(&len[len.len() - octets.max(1)..]);
    bytes.extend_from_slice(value);
    bytes
}

/// The element at the front of `bytes` with each element `old` in it replaced, and with the lengths around it set right.
fn replaced(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let tlv = Tlv::read(bytes).unwrap();
    if bytes.starts_with(old) {
        return new.to_vec();
    }
    if tlv.tag & 0x20 == 0 {
        return bytes[..tlv.total()].to_vec();
    }
    let mut value = Vec::new();
    let mut rest = tlv.value;
    while let Some(child) = Tlv::read(rest) {
        let (bytes, after) = rest.split_at(child.total());
        value.extend(replaced(bytes, old, new));
        rest = after;
    }
    encoded(tlv.tag, &value)
}

fn error_of(bytes: &[u8]) -> KrbError {
    assert_eq!(adapter_reads(bytes), None, "kerberos_asn1 reads it too");
    match decode(bytes).unwrap() {
        KerberosMessage::Error(error) => error,
        other => panic!("{other:?}"),
    }
}

fn adapter_reads(bytes: &[u8]) -> Option<KerberosMessage> {
    der::is_sound(bytes)
        .then(|| adapter::decode(bytes))
        .flatten()
}

#[test]
fn both_readers_agree_on_every_field_of_real_messages() {
    for (name, bytes) in MESSAGES {
        let strict = adapter_reads(bytes);
        assert!(strict.is_some(), "{name}");
        assert_eq!(strict, fields::decode(bytes), "{name}");
        assert_eq!(strict, decode(bytes).ok(), "{name}");
    }
}

#[test]
fn what_a_cut_message_says_is_what_the_whole_one_says() {
    for (name, bytes) in MESSAGES {
        let whole = decode(bytes).unwrap();
        for cut in 0..bytes.len() {
            if let Ok(part) = decode(&bytes[..cut]) {
                assert!(is_part(&part, &whole), "{name} cut at {cut}: {part:?}");
            }
        }
        let last = decode(&bytes[..bytes.len() - 1]);
        assert!(last.is_ok(), "{name}");
    }
}

fn is_part(part: &KerberosMessage, whole: &KerberosMessage) -> bool {
    use KerberosMessage::{AsRep, AsReq, Error, TgsRep, TgsReq};
    match (part, whole) {
        (AsReq(part), AsReq(whole)) | (TgsReq(part), TgsReq(whole)) => {
            is_part_of_request(part, whole)
        }
        (AsRep(part), AsRep(whole)) | (TgsRep(part), TgsRep(whole)) => {
            is_part_of_reply(part, whole)
        }
        (Error(part), Error(whole)) => is_part_of_error(part, whole),
        _ => false,
    }
}

fn is_part_of_request(part: &KdcReq, whole: &KdcReq) -> bool {
    unset_or(&part.realm, &whole.realm)
        && unset_or(&part.cname, &whole.cname)
        && unset_or(&part.sname, &whole.sname)
        && unset_or(&part.kdc_options, &whole.kdc_options)
        && unset_or(&part.nonce, &whole.nonce)
        && whole.etypes.starts_with(&part.etypes)
        && whole.padata.starts_with(&part.padata)
        && is_part_of_ticket(part.tgt.as_ref(), whole.tgt.as_ref())
}

fn is_part_of_reply(part: &KdcRep, whole: &KdcRep) -> bool {
    unset_or(&part.crealm, &whole.crealm)
        && unset_or(&part.cname, &whole.cname)
        && unset_or(&part.enc_part_etype, &whole.enc_part_etype)
        && whole.padata.starts_with(&part.padata)
        && is_part_of_ticket(part.ticket.as_ref(), whole.ticket.as_ref())
}

fn is_part_of_error(part: &KrbError, whole: &KrbError) -> bool {
    part.code == whole.code
        && unset_or(&part.realm, &whole.realm)
        && unset_or(&part.sname, &whole.sname)
        && unset_or(&part.crealm, &whole.crealm)
        && unset_or(&part.cname, &whole.cname)
        && unset_or(&part.stime, &whole.stime)
        && unset_or(&part.e_text, &whole.e_text)
        && unset_or(&part.ntstatus, &whole.ntstatus)
        && whole.etype_info.starts_with(&part.etype_info)
        && whole.padata.starts_with(&part.padata)
}

fn is_part_of_ticket(part: Option<&Ticket>, whole: Option<&Ticket>) -> bool {
    let Some(part) = part else {
        return true;
    };
    whole.is_some_and(|whole| {
        (&part.realm, &part.sname) == (&whole.realm, &whole.sname)
            && unset_or(&part.etype, &whole.etype)
            && unset_or(&part.cipher_bytes, &whole.cipher_bytes)
            && unset_or(&part.kvno, &whole.kvno)
            && unset_or(&part.cipher_digest, &whole.cipher_digest)
            && unset_or(&part.cipher, &whole.cipher)
    })
}

/// Whether the part says nothing, or the same.
fn unset_or<T: PartialEq + Default>(part: &T, whole: &T) -> bool {
    *part == T::default() || part == whole
}

#[test]
fn a_ticket_that_was_cut_in_its_cipher_keeps_its_length_and_has_no_digest() {
    let bytes = message("04-f15-tgs-rep");
    let service = bytes.windows(6).position(|window| window == b"krbtgt");
    let inside = service.unwrap() + 100;
    let KerberosMessage::TgsRep(reply) = decode(&bytes[..inside]).unwrap() else {
        panic!("tag 13");
    };
    let ticket = reply.ticket.unwrap();
    assert_eq!(ticket.sname.krbtgt_realm(), Some("A2003.VM.LOCAL"));
    assert_eq!((ticket.cipher_bytes, ticket.cipher_digest), (378, None));
}

#[test]
fn a_nonce_of_five_octets_is_read() {
    let bytes = message("14c-f1-as-req");
    let KerberosMessage::AsReq(request) = decode(bytes).unwrap() else {
        panic!("tag 10");
    };
    let old = encoded(der::INTEGER, &request.nonce.unwrap().to_be_bytes());
    let odd = replaced(bytes, &old, &[der::INTEGER, 5, 0, 0xff, 0xfe, 0xfd, 0xfc]);
    assert_eq!(adapter_reads(&odd), None);
    let KerberosMessage::AsReq(read) = decode(&odd).unwrap() else {
        panic!("tag 10");
    };
    assert_eq!(read.nonce, Some(0xfffe_fdfc));
    let nonce = request.nonce;
    assert_eq!(KdcReq { nonce, ..read }, request);
}

#[test]
fn names_in_latin_1_and_in_other_string_types_are_read() {
    const REALM: &[u8] = b"\x1b\x14CHILD.A2003.VM.LOCAL";
    let bytes = message("06-f15-krb-error");
    let latin = error_of(&replaced(bytes, REALM, b"\x1b\x14CH\xdcLD.A2003.VM.LOCAL"));
    assert_eq!(latin.crealm.unwrap().as_str(), "CHÜLD.A2003.VM.LOCAL");
    let utf8 = error_of(&replaced(bytes, REALM, b"\x0c\x14CHILD.A2003.VM.LOCAL"));
    assert_eq!(utf8.crealm.unwrap().as_str(), "CHILD.A2003.VM.LOCAL");
}

#[test]
fn a_leap_second_and_a_field_of_no_standard_spoil_nothing_else() {
    let bytes = message("06-f15-krb-error");
    let time = b"\x18\x0f20261122110719Z";
    let leap = error_of(&replaced(bytes, time, b"\x18\x0f20261122110760Z"));
    // 2026-11-22 11:07:59.790105
    assert_eq!(leap.stime.unwrap().nanos, 1_795_345_679_790_105_000);
    let code = b"\xa6\x03\x02\x01\x25";
    let extra = [code, &b"\xae\x03\x02\x01\x00"[..]].concat();
    let more = error_of(&replaced(bytes, code, &extra));
    assert_eq!(more.code, ErrorCode::SKEW);
    assert_eq!(more.e_text.unwrap().as_str(), "PROCESS_TGS");
}

#[test]
fn an_error_that_was_cut_before_its_code_says_nothing() {
    let bytes = message("06-f15-krb-error");
    let code = [0xa6, 3, der::INTEGER, 1, 37];
    let at = bytes.windows(5).position(|window| window == code).unwrap();
    for cut in 0..at + 5 {
        assert!(decode(&bytes[..cut]).is_err(), "{cut}");
    }
    assert!(decode(&bytes[..at + 5]).is_ok());
}

#[test]
fn microseconds_that_are_none_do_not_move_the_clock() {
    let bytes = message("06-f15-krb-error");
    let micros = b"\xa5\x05\x02\x03\x0c\x0e\x59";
    let odd = replaced(bytes, micros, b"\xa5\x06\x02\x04\x7f\xff\xff\xff");
    let KerberosMessage::Error(error) = decode(&odd).unwrap() else {
        panic!("tag 30");
    };
    assert_eq!(error.stime.unwrap().nanos, 1_795_345_639_000_000_000);
    assert_eq!(adapter_reads(&odd), fields::decode(&odd));
}

#[test]
fn the_shape_of_typed_data_is_not_taken_for_method_data() {
    let entry = [&[0xa0, 3, der::INTEGER, 1, 22, 0xa1, 4][..], &[4, 2, 0, 0]].concat();
    let typed = encoded(SEQUENCE, &encoded(SEQUENCE, &entry));
    let bytes = message("34-f33-krb-error");
    let KerberosMessage::Error(whole) = decode(bytes).unwrap() else {
        panic!("tag 30");
    };
    assert_eq!(
        whole.ntstatus.unwrap().name(),
        Some("STATUS_ACCOUNT_DISABLED")
    );
    let outer = Tlv::read(bytes).and_then(|outer| Tlv::read(outer.value));
    let data = outer.and_then(|list| list.field(12)).unwrap();
    let old = encoded(der::OCTET_STRING, data.value);
    let new = encoded(der::OCTET_STRING, &typed);
    let KerberosMessage::Error(read) = decode(&replaced(bytes, &old, &new)).unwrap() else {
        panic!("tag 30");
    };
    assert_eq!(
        (read.ntstatus, read.padata, read.etype_info),
        (None, vec![], vec![])
    );
    assert_eq!(read.code, whole.code);
}
