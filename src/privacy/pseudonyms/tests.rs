//! Names that are learned, and texts in which they stand.
//!
//! Never used outside of tests.

use super::*;

fn knowing(names: &[&str]) -> Pseudonyms {
    let mut pseudonyms = Pseudonyms::default();
    for name in names {
        pseudonyms.learn(name);
    }
    pseudonyms
}

#[test]
fn the_same_name_has_the_same_pseudonym_wherever_it_stands() {
    let mut known = knowing(&["WK02$@CHILD.CONTOSO.COM", "HTTP/Mp01.contoso.com"]);
    let text = known.text("WK02$@CHILD.CONTOSO.COM asks for HTTP/mp01.contoso.com, not for host/wk02.child.contoso.com.");
    for name in ["WK02", "CHILD", "CONTOSO", "mp01"] {
        assert!(
            !text.to_lowercase().contains(&name.to_lowercase()),
            "{text}"
        );
    }
    let account = text.split('$').next().unwrap().to_lowercase();
    assert!(text.contains(&format!("host/{account}.")), "{text}");
}

#[test]
fn words_of_sentences_and_protocols_stay() {
    let mut known = knowing(&["client.ad.example", "mp"]);
    assert_eq!(
        known.text("the client asks the MP"),
        "the client asks the MP"
    );
    let named = known.text("client.ad.example");
    assert!(
        named.ends_with(".example") && !named.starts_with("client"),
        "{named}"
    );
}

#[test]
fn addresses_of_one_subnet_stay_in_one() {
    let mut known = Pseudonyms::default();
    let text = known.text("10.1.2.3:80 and 10.1.2.4, but 10.1.3.3. [fd00::1]:88 and fd00::2");
    assert_eq!(
        text,
        "198.18.0.1:80 and 198.18.0.2, but 198.18.1.1. [2001:db8:0:2::1]:88 and 2001:db8:0:2::2"
    );
    assert_eq!(known.text("10.1.2.3"), "198.18.0.1");
    let command = "w32tm /stripchart /computer:10.1.2.3 10.1.2.3/24 /computer:fd00::1";
    assert_eq!(
        known.text(command),
        "w32tm /stripchart /computer:198.18.0.1 198.18.0.1/24 /computer:2001:db8:0:2::1"
    );
    assert_eq!(
        known.text("127.0.0.1 401.2 1.2.840.113554"),
        "127.0.0.1 401.2 1.2.840.113554"
    );
}

#[test]
fn no_two_addresses_share_a_pseudonym() {
    let mut known = Pseudonyms::default();
    let mut given = BTreeSet::new();
    for number in 0..2_000_u32 {
        let far = Ipv4Addr::from_bits(0x0a00_0000 + number * 256);
        let near = Ipv4Addr::from_bits(0xac10_0000 + number);
        assert!(given.insert(known.address(far.into())), "{far}");
        assert!(given.insert(known.address(near.into())), "{near}");
    }
}

#[test]
fn identities_keep_their_length() {
    let mut known = Pseudonyms::default();
    let text = known.text("GUID:5C1E7F0A-93B1-4D52-8A7E-3F2B6D9C0E11");
    assert_eq!(text, "GUID:00000000-0000-0000-0000-000000000001");
}

#[test]
fn pseudonyms_have_the_shape_of_names() {
    let mut known = knowing(&["WK02-020-51W"]);
    let text = known.text("WK02-020-51W");
    let kinds = |text: &str| -> Vec<(bool, bool)> {
        text.chars()
            .map(|sign| (sign.is_ascii_digit(), sign.is_ascii_uppercase()))
            .collect()
    };
    assert_eq!(kinds(&text), kinds("WK02-020-51W"));
    assert_ne!(text, "WK02-020-51W");
}
