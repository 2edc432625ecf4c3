//! Kerberos messages (RFC 4120 section 5.4) that say nothing but are well formed.

use crate::der::{fields, integer, tagged, text, time};
use crate::random::Random;

const REALM: &str = "EXAMPLE.COM";
const PRINCIPAL: u8 = 1;
const SERVICE: u8 = 2;
const AES256: u8 = 18;
const NONCE: [u8; 4] = [0x12, 0x34, 0x56, 0x78];

/// AS-REQ of a computer, without proof.
pub(crate) fn as_req(host: u64) -> Vec<u8> {
    let etypes: Vec<u8> = [AES256, 17, 23].into_iter().flat_map(integer).collect();
    let body = fields(&[
        (0, tagged(3, &[0, 0x40, 0x81, 0, 0x10])),
        (1, name(PRINCIPAL, &[&computer(host)])),
        (2, text(REALM)),
        (3, name(SERVICE, &["krbtgt", REALM])),
        (5, time("20370913024805Z")),
        (7, tagged(2, &NONCE)),
        (8, tagged(0x30, &etypes)),
    ]);
    let request = fields(&[(1, integer(5)), (2, integer(10)), (4, body)]);
    tagged(0x6a, &request)
}

/// KRB-ERROR 25: the KDC wants proof first.
pub(crate) fn preauth_required() -> Vec<u8> {
    let error = fields(&[
        (0, integer(5)),
        (1, integer(30)),
        (4, time("20090520193512Z")),
        (5, integer(1)),
        (6, integer(25)),
        (9, text(REALM)),
        (10, name(SERVICE, &["krbtgt", REALM])),
    ]);
    tagged(0x7e, &error)
}

/// AS-REP, with a ticket of the usual length.
pub(crate) fn as_rep(host: u64, random: &mut Random) -> Vec<u8> {
    let ticket = fields(&[
        (0, integer(5)),
        (1, text(REALM)),
        (2, name(SERVICE, &["krbtgt", REALM])),
        (3, encrypted(1_050, random)),
    ]);
    let reply = fields(&[
        (0, integer(5)),
        (1, integer(11)),
        (3, text(REALM)),
        (4, name(PRINCIPAL, &[&computer(host)])),
        (5, tagged(0x61, &ticket)),
        (6, encrypted(280, random)),
    ]);
    tagged(0x6b, &reply)
}

/// A message as it goes over TCP (RFC 4120 section 7.2.2).
pub(crate) fn over_tcp(message: &[u8]) -> Vec<u8> {
    let len = u32::try_from(message.len()).unwrap_or(0);
    [&len.to_be_bytes(), message].concat()
}

fn computer(host: u64) -> String {
    format!("WS{:05}$", host % 20_000)
}

fn name(kind: u8, parts: &[&str]) -> Vec<u8> {
    let parts: Vec<u8> = parts.iter().flat_map(|part| text(part)).collect();
    fields(&[(0, integer(kind)), (1, tagged(0x30, &parts))])
}

fn encrypted(len: usize, random: &mut Random) -> Vec<u8> {
    let cipher = tagged(4, &random.bytes(len));
    fields(&[(0, integer(AES256)), (1, integer(2)), (2, cipher)])
}
