//! The decoders of `wire` on messages of real captures, and on what is left of them after blind changes.
//!
//! `src/wire/fixtures/README.md` says which frames of which captures the messages are. What is expected of them is what
//! tshark 4.0 shows for these frames, and what the lab knows that it did.

#[path = "support/random.rs"]
mod random;

use std::cell::Cell;
use std::fs;
use std::panic;
use std::path::PathBuf;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;

use why401::text::WireText;
use why401::wire::auth_header::{self, AuthToken, Scheme, TokenForm};
use why401::wire::kerberos;
use why401::wire::kerberos::error_code::{ErrorCode, NtStatus};
use why401::wire::kerberos::etype::EncryptionType;
use why401::wire::kerberos::message::{KdcReq, KerberosMessage, KrbError, Ticket};
use why401::wire::kerberos::padata::PaDataType;
use why401::wire::ntlm::{self, AvPairs, NtlmMessage};
use why401::wire::spnego::{NegState, Oid};

use random::Random;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/wire/fixtures")
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap()
}

fn kerberos_message(name: &str) -> KerberosMessage {
    kerberos::decode(&fixture(name)).unwrap()
}

fn error(name: &str) -> KrbError {
    match kerberos_message(name) {
        KerberosMessage::Error(error) => error,
        other => panic!("{name}: {other:?}"),
    }
}

fn tgs_req(name: &str) -> KdcReq {
    match kerberos_message(name) {
        KerberosMessage::TgsReq(request) => request,
        other => panic!("{name}: {other:?}"),
    }
}

fn issued(name: &str) -> Ticket {
    match kerberos_message(name) {
        KerberosMessage::AsRep(reply) | KerberosMessage::TgsRep(reply) => reply.ticket.unwrap(),
        other => panic!("{name}: {other:?}"),
    }
}

fn credential(name: &str) -> AuthToken {
    auth_header::credential(&fixture(name))
}

fn challenge(name: &str) -> AuthToken {
    let challenges = auth_header::challenges(&fixture(name));
    assert_eq!(challenges.len(), 1, "{name}");
    challenges[0].token.clone().unwrap()
}

fn text(value: Option<&WireText>) -> Option<&str> {
    value.map(WireText::as_str)
}

#[test]
fn a_request_for_proof_names_the_ways_to_give_it() {
    let error = error("14c-f2-krb-error.bin");
    assert_eq!(error.code, ErrorCode::PREAUTH_REQUIRED);
    assert_eq!(text(error.e_text.as_ref()), Some("NEEDED_PREAUTH"));
    assert_eq!(error.etype_info, [EncryptionType::AES256]);
    let ways = [
        PaDataType::FX_FAST,
        PaDataType::ETYPE_INFO2,
        PaDataType::ENC_TIMESTAMP,
        PaDataType::FX_COOKIE,
    ];
    assert_eq!(error.padata, ways);
    // 2026-11-22 11:11:45.744801
    assert_eq!(error.stime.unwrap().nanos, 1_795_345_905_744_801_000);
    assert_eq!(error.ntstatus, None);
}

#[test]
fn a_first_request_says_who_asks_and_what_he_can_read() {
    let KerberosMessage::AsReq(request) = kerberos_message("14c-f3-as-req.bin") else {
        panic!("tag 10");
    };
    assert_eq!(text(request.realm.as_ref()), Some("CHILD.A2003.VM.LOCAL"));
    assert_eq!(request.cname.unwrap().to_string(), "WK02-020-51W$");
    assert!(request.sname.unwrap().is_krbtgt());
    let etypes: Vec<i32> = request.etypes.iter().map(|etype| etype.0).collect();
    assert_eq!(etypes, [18, 17, 20, 19, 16, 23, 25, 26]);
    let padata: Vec<i32> = request.padata.iter().map(|kind| kind.0).collect();
    assert_eq!(padata, [133, 2, 150, 149]);
    assert_eq!(request.kdc_options.unwrap().to_string(), "40000010");
}

#[test]
fn the_status_of_windows_stands_in_the_place_of_a_salt() {
    let error = error("34-f33-krb-error.bin");
    assert_eq!(error.code, ErrorCode::CLIENT_REVOKED);
    assert_eq!(error.ntstatus, Some(NtStatus::ACCOUNT_DISABLED));
    assert_eq!(error.etype_info, [EncryptionType::AES256]);
}

#[test]
fn a_referral_can_be_followed_by_the_digest_of_its_ticket() {
    let referral = issued("04-f15-tgs-rep.bin");
    assert_eq!(referral.sname.krbtgt_realm(), Some("A2003.VM.LOCAL"));
    assert_eq!(referral.realm.as_str(), "CHILD.A2003.VM.LOCAL");
    assert_eq!(
        (referral.etype.0, referral.kvno, referral.cipher_bytes),
        (18, Some(1), 378)
    );
    let service = issued("04-f17-tgs-rep.bin");
    assert!(service.sname.is_http());
    assert_ne!(service.cipher_digest, referral.cipher_digest);
}

#[test]
fn a_request_across_a_trust_shows_the_ticket_of_the_referral() {
    let request = tgs_req("50-f60-tgs-req.bin");
    assert_eq!(text(request.realm.as_ref()), Some("A2003.VM.LOCAL"));
    let shown = request.tgt.unwrap();
    assert_eq!(shown.realm.as_str(), "CHILD.A2003.VM.LOCAL");
    assert_eq!(shown.sname.to_string(), "krbtgt/A2003.VM.LOCAL");
    assert_eq!((shown.kvno, shown.cipher_bytes), (None, 1139));
    assert_eq!(request.kdc_options.unwrap().to_string(), "00010000");
}

#[test]
fn the_ticket_that_the_kdc_issued_is_the_one_in_the_header() {
    let token = credential("50-f78-authorization.txt");
    assert_eq!(token.form, TokenForm::SpnegoInit);
    assert_eq!(token.mechs, [Oid(Oid::KRB5.to_owned())]);
    assert_eq!(token.bytes, 1553);
    let request = token.ap_req().unwrap();
    assert!(request.mutual_required);
    assert_eq!(request.ticket.as_ref(), Some(&issued("50-f65-tgs-rep.bin")));
}

#[test]
fn what_the_last_401_says_is_read_from_its_token() {
    let wrong_key = challenge("04-f23-www-authenticate.txt");
    assert_eq!(wrong_key.neg_state, Some(NegState::Reject));
    let error = wrong_key.krb_error().unwrap();
    assert_eq!(error.code, ErrorCode::BAD_INTEGRITY);
    assert_eq!(text(error.realm.as_ref()), Some("A2003.VM.LOCAL"));
    let skewed = challenge("06c-f23-www-authenticate.txt");
    let error = skewed.krb_error().unwrap();
    assert_eq!(error.code, ErrorCode::SKEW);
    // 2026-11-22 11:24:31.120896 by the clock of the server
    assert_eq!(error.stime.unwrap().nanos, 1_795_346_671_120_896_000);
}

#[test]
fn the_proof_of_the_server_is_found_on_a_200() {
    let token = challenge("16-f57-www-authenticate.txt");
    assert_eq!(token.neg_state, Some(NegState::AcceptCompleted));
    assert_eq!(token.kerberos, Some(KerberosMessage::ApRep));
}

#[test]
fn a_message_without_any_wrapper_is_raw_kerberos() {
    let scheme = Scheme(WireText::from("Kerberos"));
    assert!(scheme.is_kerberos());
    let token = auth_header::token(scheme, &fixture("06-f15-krb-error.bin"));
    assert_eq!(token.form, TokenForm::RawKerberos);
    assert_eq!(token.krb_error().unwrap().code, ErrorCode::SKEW);
}

#[test]
fn user_to_user_and_a_relayed_exchange_are_marked_unknown() {
    let scheme = || Scheme(WireText::from("Negotiate"));
    let user_to_user = b"\x60\x0e\x06\x0a\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x03\x04\x00";
    let relayed = b"\x60\x0a\x06\x06\x2b\x06\x01\x05\x02\x05\x05\x01";
    for bytes in [&user_to_user[..], relayed] {
        let token = auth_header::token(scheme(), bytes);
        assert_eq!(token.form, TokenForm::Unknown);
        assert_eq!((token.kerberos, token.ntlm), (None, None));
    }
}

#[test]
fn the_three_legs_of_ntlm_are_read_inside_spnego() {
    let first = credential("31-f108-authorization.txt");
    assert_eq!(first.form, TokenForm::SpnegoInit);
    assert_eq!(first.mechs, [Oid(Oid::NTLMSSP.to_owned())]);
    assert_eq!(first.ntlm_type(), Some(1));
    let second = challenge("31-f113-www-authenticate.txt");
    assert_eq!(second.form, TokenForm::SpnegoResp);
    assert_eq!(second.neg_state, Some(NegState::RequestMic));
    let Some(NtlmMessage::Challenge(server)) = second.ntlm else {
        panic!("type 2");
    };
    assert_eq!(text(server.target.as_ref()), Some("VM"));
    let third = credential("31-f118-authorization.txt");
    let Some(NtlmMessage::Authenticate(client)) = third.ntlm else {
        panic!("type 3");
    };
    assert_eq!(
        text(client.user.as_ref()),
        Some("WK02-020-51W$@CHILD.A2003.VM.LOCAL")
    );
    assert_eq!(text(client.workstation.as_ref()), Some("WK02-020-51W"));
    assert_eq!(
        text(client.av.target_name.as_ref()),
        Some("HTTP/SCCM-MP.A2003.VM.local")
    );
    // The client gives the pairs of the server back and adds its own.
    let target_name = client.av.target_name.clone();
    assert_eq!(
        client.av,
        AvPairs {
            target_name,
            ..server.av
        }
    );
}

#[test]
fn ntlm_without_spnego_is_told_by_its_form() {
    let first = credential("11d-f16-authorization.txt");
    assert_eq!(
        (first.form, first.ntlm_type()),
        (TokenForm::Ntlmssp, Some(1))
    );
    let second = challenge("11d-f19-www-authenticate.txt");
    let Some(NtlmMessage::Challenge(server)) = second.ntlm else {
        panic!("type 2");
    };
    // 2026-11-22 11:10:53.718432 by the clock of the server, in 100 ns since 1601
    assert_eq!(server.av.timestamp, Some(134_398_194_537_184_320));
    assert_eq!(text(server.av.dns_computer.as_ref()), Some("vm"));
    let third = credential("11d-f24-authorization.txt");
    let Some(NtlmMessage::Authenticate(client)) = third.ntlm else {
        panic!("type 3");
    };
    assert_eq!(text(client.domain.as_ref()), Some("CHILD"));
    assert_eq!(text(client.user.as_ref()), Some("svc-push"));
}

#[test]
fn pairs_before_a_cut_are_given() {
    let token = fixture("11d-f19-www-authenticate.txt");
    let token = decoded(&token);
    for cut in 0..token.len() {
        match ntlm::decode(&token[..cut]) {
            Ok(NtlmMessage::Challenge(part)) => {
                assert!(part.av.dns_computer.is_none() || cut > 80, "{cut}");
            }
            Ok(other) => panic!("{other:?}"),
            Err(_) => assert!(cut < 12, "{cut}"),
        }
    }
    let Ok(NtlmMessage::Challenge(part)) = ntlm::decode(&token[..token.len() - 8]) else {
        panic!("type 2");
    };
    assert_eq!(text(part.av.netbios_computer.as_ref()), Some("VM"));
}

/// The bytes of the token in a header's value.
fn decoded(value: &[u8]) -> Vec<u8> {
    let value = value.trim_ascii();
    let text = value.rsplit(|byte| *byte == b' ').next().unwrap();
    let end = text.iter().position(|byte| *byte == b'=');
    BASE64_STANDARD_NO_PAD
        .decode(&text[..end.unwrap_or(text.len())])
        .unwrap()
}

thread_local! {
    /// Panics of this thread, those that were caught too.
    static PANICS: Cell<u32> = const { Cell::new(0) };
}

const SEED: u64 = 0x4b52_4235;
const MUTATIONS: usize = 200_000;

#[test]
fn no_change_of_bytes_makes_a_decoder_panic_not_even_behind_the_second_belt() {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        PANICS.set(PANICS.get() + 1);
        hook(info);
    }));
    let seeds = seeds();
    let mut random = Random::new(SEED);
    let mut read = 0;
    for round in 0..MUTATIONS {
        let bytes = mutated(&seeds[random.below(seeds.len())], &mut random);
        read += usize::from(is_read(&bytes));
        assert_eq!(
            PANICS.get(),
            0,
            "seed {SEED:#x}, round {round}: {bytes:02x?}"
        );
    }
    // Enough must get past the door, or nothing behind it was tried.
    assert!(read > MUTATIONS / 3, "{read}");
}

/// Messages and tokens as bytes, and values of headers as text.
fn seeds() -> Vec<Vec<u8>> {
    let mut names: Vec<PathBuf> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|end| end != "md" && end != "log" && end != "sql")
        })
        .collect();
    names.sort();
    let mut seeds: Vec<Vec<u8>> = names.iter().map(|path| fs::read(path).unwrap()).collect();
    let tokens: Vec<Vec<u8>> = names
        .iter()
        .zip(&seeds)
        .filter(|(path, _)| path.extension().is_some_and(|end| end == "txt"))
        .map(|(_, value)| decoded(value))
        .collect();
    seeds.extend(tokens);
    assert_eq!(seeds.len(), 35);
    seeds
}

/// One to four changes: a bit, a byte that decoders stumble over, a cut, a byte more or less, a piece copied elsewhere.
fn mutated(seed: &[u8], random: &mut Random) -> Vec<u8> {
    const ODD: [u8; 12] = [
        0x00, 0x01, 0x02, 0x18, 0x1f, 0x30, 0x7f, 0x80, 0x81, 0x84, 0xa0, 0xff,
    ];
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len().max(1)).min(bytes.len());
        match random.below(7) {
            0 | 1 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            2 | 3 if at < bytes.len() => bytes[at] = ODD[random.below(ODD.len())],
            4 => bytes.insert(at, ODD[random.below(ODD.len())]),
            5 if at < bytes.len() => {
                bytes.remove(at);
            }
            6 if random.below(4) == 0 => bytes.truncate(at),
            _ => {
                let end = (at + random.below(16)).min(bytes.len());
                bytes.copy_within(at..end, at / 2);
            }
        }
    }
    bytes
}

/// Gives the bytes to every decoder; whether one made something of them.
fn is_read(bytes: &[u8]) -> bool {
    let scheme = Scheme(WireText::from("Negotiate"));
    let token = auth_header::token(scheme, bytes);
    let credential = auth_header::credential(bytes);
    let challenges = auth_header::challenges(bytes);
    [
        kerberos::outline(bytes).is_some(),
        kerberos::decode(bytes).is_ok(),
        ntlm::decode(bytes).is_ok(),
        token.form != TokenForm::Unknown,
        credential.form != TokenForm::Unknown,
        challenges.iter().any(|challenge| challenge.token.is_some()),
    ]
    .contains(&true)
}
