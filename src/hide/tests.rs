//! What is hidden, in small messages.
//!
//! Never reads a recorded capture.

use super::*;

fn hidden(edit: fn(&mut Hider<'_>, &mut [u8]), text: &str) -> String {
    let mut names = Pseudonyms::default();
    let mut bytes = text.as_bytes().to_vec();
    edit(&mut Hider::new(&mut names), &mut bytes);
    assert_eq!(bytes.len(), text.len());
    String::from_utf8(bytes).unwrap()
}

fn edit_name(hider: &mut Hider<'_>, bytes: &mut [u8]) {
    hider.name(bytes);
}

fn edit_field(hider: &mut Hider<'_>, bytes: &mut [u8]) {
    hider.field(bytes);
}

fn edit_xml(hider: &mut Hider<'_>, bytes: &mut [u8]) {
    hider.xml(bytes);
}

#[test]
fn names_keep_their_shape_and_ports_stay() {
    let name = |text: &str| hidden(edit_name, text);
    assert_eq!(
        name("HTTP/Mp01.contoso.com:8080"),
        "HTTP/Aa01.aaaaaac.com:8080"
    );
    assert_eq!(name("10.20.151.5:80"), "99.99.199.9:80");
    assert_eq!(name("[fd00:20::51]:80"), "[aa01:99::99]:80");
    assert_eq!(name("10-1-1-5"), "99-9-9-9");
    assert_eq!(name("mp"), "aa".replace("aa", &name("mp")));
}

#[test]
fn what_a_proxy_is_stays_and_who_it_is_does_not() {
    let via = |text: &str| hidden(edit_field, text);
    let out = via("Via: 1.1 gate.contoso.com (squid/5.7), 1.1 gate2 (ContosoGate/1)");
    assert!(out.contains("(squid/5.7)"), "{out}");
    assert!(!out.to_lowercase().contains("gate"), "{out}");
    assert!(!out.to_lowercase().contains("contoso"), "{out}");
}

#[test]
fn values_of_elements_are_names_and_times_stay() {
    let xml = |text: &str| hidden(edit_xml, text);
    let text = "<Msg V=\"1.1\"><SentTime>2026-11-22T11:06:08Z</SentTime><Host>wk02</Host>";
    assert_eq!(xml(text), text.replace("wk02", "aa01"));
    for secret in [
        "00:15:5D:01:02:03",
        "10.20.51.51,10.20.51.52",
        "<!--wk02-->",
    ] {
        let out = xml(&format!("<P V=\"x\">{secret}"));
        let is_left = ["15:5D", "51", "wk"].iter().any(|it| out.contains(it));
        assert!(!is_left, "{out}");
    }
}

#[test]
fn one_secret_is_the_same_again_and_another_is_not() {
    let mut names = Pseudonyms::default();
    let mut hider = Hider::new(&mut names);
    let mut secret = |text: &str| {
        let mut bytes = text.as_bytes().to_vec();
        hider.secret(&mut bytes);
        bytes
    };
    let first = secret("one cipher");
    assert_ne!(first, secret("two cipher"));
    assert_eq!(first, secret("one cipher"));
    assert!(!first.is_ascii());
}

#[test]
fn a_head_keeps_its_shape_and_loses_its_names() {
    let text = "GET /SMS_MP/x-secret HTTP/1.1\r\nHost: mp01\r\nCookie: a=secret\r\nX-Our: secret\r\n\
        Authorization: Basic c2VjcmV0\r\nContent-Length: 6\r\n\r\nsecretGET / HTTP/1.1\r\n\r\n";
    let mut names = Pseudonyms::default();
    let mut pieces = [Piece {
        offset: 0,
        bytes: text.as_bytes().to_vec(),
    }];
    Hider::new(&mut names).stream(Some(Kind::Http), &mut pieces);
    let out = String::from_utf8(pieces[0].bytes.clone()).unwrap();
    assert_eq!(out.len(), text.len());
    assert!(out.contains("Authorization: Basic xxxxxxxx\r\nContent-Length: 6\r\n\r\n\0"));
    assert!(out.ends_with("GET / HTTP/1.1\r\n\r\n"), "{out}");
    for secret in ["secret", "mp01", "c2VjcmV0", "Our"] {
        assert!(!out.contains(secret), "{out}");
    }
}

#[test]
fn who_passed_a_message_on_is_hidden_and_a_known_product_is_none() {
    let passed_on = |via: &str| {
        let text = format!("HTTP/1.1 403 Forbidden\r\nVia: {via}\r\nContent-Length: 0\r\n\r\n");
        let mut names = Pseudonyms::default();
        let mut pieces = [Piece {
            offset: 0,
            bytes: text.into_bytes(),
        }];
        Hider::new(&mut names).stream(Some(Kind::Http), &mut pieces);
        String::from_utf8(pieces[0].bytes.clone()).unwrap()
    };
    let out = passed_on("1.1 gate.corp (squid/5.7), 1.0 door (house/5.7)");
    assert!(out.contains(" (squid/5.7), "), "{out}");
    for secret in ["gate", "door", "house"] {
        assert!(!out.contains(secret), "{out}");
    }
    assert!(!passed_on("1.1 a (gate").contains("gate"), "cut");
}

#[test]
fn whatever_is_cut_or_changed_keeps_its_length() {
    let seeds: [&[u8]; 7] = [
        b"\x03\x01\0\x20\0\0\x01\0\xff\xff\x0a\0\0\0\0\0\xe7\x40\x1f\0\0\0\0\0\xff\x0f",
        b"\x12\x01\0\x14\0\0\0\0\0\0\x15\0\x06\x01\xff\xff\0\x01\xff",
        b"NTLMSSP\0\x03\0\0\0\x18\0\x18\0\x40\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x30\x84\xff\xff\xff\xff\x60\x82\xff\xff\x06\x01\x01\x01\0\x6e\x82",
        b"\0\x01\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x3f\xc0\xff\0\x21",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n--x\r\n",
        b"\x16\x03\x01\xff\xff\x01\0\0\0\x03\x03",
    ];
    let kinds = [
        Kind::Http,
        Kind::Kerberos,
        Kind::Dns,
        Kind::Nbns,
        Kind::Ldap,
        Kind::Ntp,
        Kind::Dhcp,
        Kind::Smb,
        Kind::Tls,
        Kind::Tds,
    ];
    let mut names = Pseudonyms::default();
    let mut hider = Hider::new(&mut names);
    for (seed, kind) in seeds.iter().flat_map(|seed| kinds.map(|kind| (seed, kind))) {
        for len in 0..=seed.len() {
            let mut pieces = [0, 100].map(|offset| Piece {
                offset,
                bytes: seed[..len].to_vec(),
            });
            hider.stream(Some(kind), &mut pieces);
            assert!(pieces.iter().all(|piece| piece.bytes.len() == len));
            hider.datagram(Some(kind), &mut seed[..len].to_vec());
            hider.token(&mut seed[..len].to_vec());
        }
    }
}
